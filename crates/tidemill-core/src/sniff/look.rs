//! What a cell looks like, roughly: enough to tell a reading under which cells are numbers, dates
//! and words from one under which they are halves of something.

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    Empty,
    Number,
    /// A date, a time, or both.
    Moment,
    Words,
    /// It holds what separates or quotes elsewhere: perhaps it is several cells.
    Odd,
}

impl Look {
    /// How well a reading is supported by such a cell.
    pub fn weight(self) -> f64 {
        match self {
            Look::Number | Look::Moment => 1.0,
            Look::Words => 0.9,
            Look::Empty => 0.8,
            Look::Odd => 0.1,
        }
    }

    /// A value that words over such cells, in the first row, are not.
    pub fn typed(self) -> bool {
        matches!(self, Look::Number | Look::Moment)
    }
}

pub fn look(cell: &[u8]) -> Look {
    let text = cell.trim_ascii();
    if text.is_empty() {
        return Look::Empty;
    }
    if moment(text) {
        Look::Moment
    } else if number(text) {
        Look::Number
    } else if words(text) {
        Look::Words
    } else {
        Look::Odd
    }
}

fn number(text: &[u8]) -> bool {
    let mut rest = text;
    let mut bare = false;
    // Signs, currencies, percent and accountants' parentheses, before and behind.
    while let Some((&first, after)) = rest.split_first() {
        match first {
            b'+' | b'-' | b'$' | b'(' | b' ' => rest = after,
            _ => match sign(rest) {
                Some(len) => rest = &rest[len..],
                None => break,
            },
        }
    }
    while let Some((&last, before)) = rest.split_last() {
        match last {
            b'%' | b')' | b'$' | b' ' => rest = before,
            _ => {
                let len = (2..=3)
                    .find(|&len| rest.len() > len && sign(&rest[rest.len() - len..]) == Some(len));
                match len {
                    Some(len) => rest = &rest[..rest.len() - len],
                    None => break,
                }
            }
        }
    }
    if rest.is_empty() || rest.len() > 60 {
        return false;
    }
    let mut exponent = false;
    let mut run = 0;
    for (at, &byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                bare = true;
                run += 1;
            }
            b'.' | b',' if !exponent => run = 0,
            // A space or apostrophe is a sign of thousands only before three digits.
            b' ' | b'\'' if run > 0 && run <= 3 && thousand(&rest[at + 1..]) => run = 0,
            b'e' | b'E' if bare && !exponent && at + 1 < rest.len() => exponent = true,
            b'+' | b'-' if exponent && matches!(rest[at - 1], b'e' | b'E') => {}
            _ => return false,
        }
    }
    bare
}

fn thousand(rest: &[u8]) -> bool {
    rest.len() >= 3
        && rest[..3].iter().all(u8::is_ascii_digit)
        && rest.get(3).is_none_or(|byte| !byte.is_ascii_digit())
}

/// The length of a currency's sign at the start.
fn sign(text: &[u8]) -> Option<usize> {
    ["€", "£", "¥", "￥", "元", "−"]
        .into_iter()
        .find(|sign| text.starts_with(sign.as_bytes()))
        .map(str::len)
}

fn moment(text: &[u8]) -> bool {
    if text.len() < 4 || text.len() > 40 || !text[0].is_ascii_digit() {
        return false;
    }
    let (mut digits, mut groups, mut dates, mut times) = (0, 0, 0, 0);
    let mut before = b' ';
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        let mut len = 1;
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                groups += usize::from(!before.is_ascii_digit());
                if digits > 20 {
                    return false;
                }
            }
            b'-' | b'/' => dates += 1,
            b':' => times += 1,
            b'.' if dates == 0 && times == 0 => dates += 1,
            b'.' | b' ' | b'T' | b'Z' | b'+' | b'A' | b'P' | b'M' | b'a' | b'p' | b'm' => {}
            _ => match ["年", "月", "日", "时", "分", "秒", "上午", "下午"]
                .into_iter()
                .find(|sign| text[at..].starts_with(sign.as_bytes()))
            {
                Some(sign) => {
                    len = sign.len();
                    dates += 1;
                }
                None => return false,
            },
        }
        before = byte;
        at += len;
    }
    (dates >= 2 && groups >= 3) || (times >= 1 && groups >= 2) || (dates >= 1 && times >= 1)
}

fn words(text: &[u8]) -> bool {
    let first = text[0];
    let last = text[text.len() - 1];
    if matches!(first, b'"' | b'\'') || (matches!(last, b'"' | b'\'') && text.len() > 1) {
        return false;
    }
    text.iter().enumerate().all(|(at, &byte)| {
        let next = text.get(at + 1).copied().unwrap_or(b' ');
        match byte {
            b'|' | b'\t' | b'^' | b'~' | b'"' | 0xff => false,
            b';' => next == b' ' || text[..at].iter().rev().take(8).any(|&byte| byte == b'&'),
            b',' => next == b' ' || next.is_ascii_digit() || next >= 0x80,
            0..0x20 => matches!(byte, b'\n' | b'\r'),
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_look_like_what_they_are() {
        let check = |text: &str, expect: Look| assert_eq!(look(text.as_bytes()), expect, "{text}");
        for text in [
            "1",
            "-1.5",
            "1,5",
            "1 000 000",
            "1e-5",
            "$1,234.50",
            "(3)",
            "12%",
            "12 元",
        ] {
            check(text, Look::Number);
        }
        for text in [
            "2024-01-05",
            "5/1/2024",
            "12:30",
            "2024-01-05T10:00:00Z",
            "2024年3月5日",
        ] {
            check(text, Look::Moment);
        }
        for text in [
            "abc",
            "New York",
            "a-b",
            "Hello, world",
            "http://x.y/z?a=b",
            "北京，上海",
            "O'Brien",
        ] {
            check(text, Look::Words);
        }
        for text in ["1;2", "a;b", "a,b", "a|b", "\"a", "a\"", "'x'", "a\tb"] {
            check(text, Look::Odd);
        }
        check("  ", Look::Empty);
        check("1 2 3", Look::Words);
    }
}
