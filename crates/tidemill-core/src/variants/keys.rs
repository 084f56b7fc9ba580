//! What two spellings share: their letters without case, accents, width and signs.

use crate::kernels::clean::half_width::half;
use crate::kernels::clean::strip_invisible::invisible;

/// Letters of Latin alphabets and what they come from.
const PLAIN: [(&str, &str); 30] = [
    ("àáâãäåāăą", "a"),
    ("æ", "ae"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõöøōŏő", "o"),
    ("œ", "oe"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("þ", "th"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("ά", "α"),
    ("έ", "ε"),
    ("ή", "η"),
    ("ίϊΐ", "ι"),
    ("ό", "ο"),
    ("ύϋΰ", "υ"),
    ("ώ", "ω"),
];

/// The words: runs of letters and digits, in small letters, without accents. An apostrophe parts no word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().map(half).flat_map(char::to_lowercase) {
        // Combining accents, joiners, and what is not seen.
        let joins = matches!(
            c,
            '\u{300}'..='\u{36f}' | '\'' | '’' | '\u{200c}' | '\u{200d}'
        );
        if joins || invisible(c) {
            continue;
        }
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let Some(word) = words.last_mut() else {
            continue;
        };
        match PLAIN
            .iter()
            .find(|(accented, _)| !c.is_ascii() && accented.contains(c))
        {
            Some((_, plain)) => word.push_str(plain),
            None => word.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has_digit(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

/// The words in order of the alphabet, each once. Where there are digits the order and the repetitions mean something, and
/// numbers without letters are no spellings.
pub fn fingerprint(text: &str) -> Option<String> {
    let mut words = words(text);
    if !has_digit(text) {
        words.sort_unstable();
        words.dedup();
    } else if !words
        .iter()
        .any(|word| word.chars().any(char::is_alphabetic))
    {
        return None;
    }
    (!words.is_empty()).then(|| words.join(" "))
}

/// Letters and digits only.
pub fn folded(text: &str) -> String {
    words(text).concat()
}

/// The fewest letters that pairs are compared of.
const PAIRED: usize = 5;

/// The pairs of letters that stand together, in order of the alphabet, each once. Short words and words with digits have none.
pub fn ngrams(text: &str) -> Option<String> {
    if has_digit(text) {
        return None;
    }
    let letters: Vec<char> = folded(text).chars().collect();
    if letters.len() < PAIRED {
        return None;
    }
    let mut pairs: Vec<[char; 2]> = letters.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    pairs.sort_unstable();
    pairs.dedup();
    Some(pairs.iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_forgets_case_accents_signs_and_order() {
        for (one, two) in [
            ("São Paulo", "PAULO  sao"),
            ("O’Neil", "oneil"),
            ("Straße", "STRASSE"),
            ("Ａ－Ｂ", "b a"),
            ("cafe\u{301}", "Café"),
            ("北京 市", "市，北京"),
        ] {
            assert_eq!(fingerprint(one), fingerprint(two), "{one} {two}");
        }
        assert_eq!(fingerprint("---"), None);
        assert_ne!(fingerprint("Line 1 2"), fingerprint("Line 2 1"));
        assert_eq!(fingerprint("1-2"), None);
    }

    #[test]
    fn pairs_need_some_letters() {
        assert_eq!(ngrams("abca"), None);
        assert_eq!(ngrams("ab cab").as_deref(), Some("abbcca"));
        assert_eq!(ngrams("abcab1"), None);
    }
}
