//! What one cell says: missing, a boolean, a date, a time, a number, a code, or plain text.
//!
//! These are readings of bytes and hold no state. The decision that shaped the folder: a reading never
//! guesses. A text that two conventions would read differently (03/04/2024) is read by neither until the
//! recipe names a format, and a digit string that would lose its leading zeros as a number (00501) is not
//! one.

pub mod boolean;
pub mod calendar;
pub mod class;
mod cursor;
pub mod date;
pub mod format;
pub mod key;
pub mod missing;
pub mod ordered;

pub use calendar::Temporal;
pub use class::{Class, ClassCounts, Type, classify, infer};
pub use format::Format;
pub use missing::{MissingWords, is_missing_word};

/// The cell without the white space around it: space, tab, U+00A0 and U+3000, the same four that numbers
/// are read by.
#[inline]
#[must_use]
pub fn trim(cell: &[u8]) -> &[u8] {
    let graphic = |byte: &u8| (b'!'..=b'~').contains(byte);
    if cell.first().is_none_or(graphic) && cell.last().is_none_or(graphic) {
        cell
    } else {
        trim_slow(cell)
    }
}

fn trim_slow(mut cell: &[u8]) -> &[u8] {
    const SPACES: [&[u8]; 4] = [b" ", b"\t", "\u{a0}".as_bytes(), "\u{3000}".as_bytes()];
    while let Some(rest) = SPACES.iter().find_map(|space| cell.strip_prefix(*space)) {
        cell = rest;
    }
    while let Some(rest) = SPACES.iter().find_map(|space| cell.strip_suffix(*space)) {
        cell = rest;
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::trim;

    #[test]
    fn only_white_space_around_the_value_is_trimmed() {
        for (cell, expect) in [
            ("", ""),
            (" ", ""),
            (" \t\u{a0}\u{3000} ", ""),
            ("a", "a"),
            (" a", "a"),
            ("a b ", "a b"),
            ("\u{3000}无\u{a0}", "无"),
            ("a\n", "a\n"),
            ("\u{2003}a", "\u{2003}a"),
        ] {
            assert_eq!(trim(cell.as_bytes()), expect.as_bytes(), "{cell:?}");
        }
    }
}
