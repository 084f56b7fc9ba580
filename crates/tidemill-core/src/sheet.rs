//! Cells that a spreadsheet would take for something else when it opens a file: formulas, and
//! numbers of more digits than it keeps.

use std::borrow::Cow;

use crate::number::decimal::{Parsed, parse};

/// The most digits of a number that a sheet keeps.
const DIGITS: usize = 15;

/// The value as a sheet shows what it is: an apostrophe before what would be run as a formula,
/// and a formula that gives its text for an identifier whose last digits would become zeros.
pub fn guarded(value: &[u8]) -> Cow<'_, [u8]> {
    if is_formula(value) {
        return Cow::Owned([b"'", value].concat());
    }
    if is_long(value) {
        return Cow::Owned([b"=\"", value, b"\""].concat());
    }
    Cow::Borrowed(value)
}

/// Whether [`guarded`] changes the value.
pub fn is_taken_wrong(value: &[u8]) -> bool {
    is_formula(value) || is_long(value)
}

/// Whether it begins as a formula does, and is no number. Sheets skip a tab or a line end in front.
fn is_formula(value: &[u8]) -> bool {
    match value.first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !matches!(parse(value), Parsed::Number(_)),
        _ => false,
    }
}

fn is_long(value: &[u8]) -> bool {
    value.len() > DIGITS && value.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_long_identifiers_are_guarded_and_numbers_are_not() {
        for (value, expect) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-x", "'-x"),
            ("-", "'-"),
            ("\t=1", "'\t=1"),
            ("-12.5", "-12.5"),
            ("+3", "+3"),
            ("-1e5", "-1e5"),
            ("110101199003078515", "=\"110101199003078515\""),
            ("1234567890123456", "=\"1234567890123456\""),
            ("123456789012345", "123456789012345"),
            ("0.4405145565667521", "0.4405145565667521"),
            ("Oslo", "Oslo"),
            ("", ""),
        ] {
            assert_eq!(guarded(value.as_bytes()), expect.as_bytes(), "{value}");
            assert_eq!(is_taken_wrong(value.as_bytes()), value != expect, "{value}");
        }
    }
}
