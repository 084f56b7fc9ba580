//! Booleans: true/false, yes/no, t/f, y/n in any ASCII case, and 是/否.
//!
//! `1` and `0` are booleans only when a cast asks for them: a column of ones and zeros is a column of
//! integers until someone says otherwise.

use super::trim;

/// The boolean a cell spells, white space around it ignored.
#[must_use]
pub fn parse(cell: &[u8]) -> Option<bool> {
    let word = trim(cell);
    match word.len() {
        1 => match word[0] {
            b't' | b'T' | b'y' | b'Y' => Some(true),
            b'f' | b'F' | b'n' | b'N' => Some(false),
            _ => None,
        },
        2 if word.eq_ignore_ascii_case(b"no") => Some(false),
        3 if word.eq_ignore_ascii_case(b"yes") || word == "是".as_bytes() => Some(true),
        3 if word == "否".as_bytes() => Some(false),
        4 if word.eq_ignore_ascii_case(b"true") => Some(true),
        5 if word.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// As [`parse`], and also `1` and `0`: what a cast to boolean takes.
#[must_use]
pub fn parse_cast(cell: &[u8]) -> Option<bool> {
    match trim(cell) {
        b"1" => Some(true),
        b"0" => Some(false),
        word => parse(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_in_every_case() {
        for (word, expect) in [
            ("true", true),
            ("false", false),
            ("yes", true),
            ("no", false),
            ("t", true),
            ("f", false),
            ("y", true),
            ("n", false),
        ] {
            for spelling in [
                word.to_string(),
                word.to_uppercase(),
                word[..1].to_uppercase() + &word[1..],
            ] {
                assert_eq!(parse(spelling.as_bytes()), Some(expect), "{spelling}");
                assert_eq!(
                    parse_cast(format!(" {spelling}\t").as_bytes()),
                    Some(expect),
                    "{spelling}"
                );
            }
        }
        assert_eq!(parse("是".as_bytes()), Some(true));
        assert_eq!(parse(" 否 ".as_bytes()), Some(false));
    }

    #[test]
    fn one_and_zero_only_when_cast() {
        assert_eq!((parse(b"1"), parse(b"0")), (None, None));
        assert_eq!(
            (parse_cast(b"1"), parse_cast(b" 0 ")),
            (Some(true), Some(false))
        );
    }

    #[test]
    fn nothing_else() {
        for word in [
            "", " ", "tru", "truee", "ye", "nope", "on", "off", "2", "01", "是否", "不", "\u{ff}",
            "t f",
        ] {
            assert_eq!(parse_cast(word.as_bytes()), None, "{word}");
        }
    }
}
