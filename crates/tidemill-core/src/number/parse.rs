//! Reading a field as a decimal number.
//!
//! The decision that shaped it: two readers with one meaning. This one knows the whole grammar and is called for the
//! odd field; [`parse_small`](super::parse_small) is called for every field and knows only what most of them are.

use super::decimal::{Decimal, MAX_DIGITS, MAX_EXPONENT};

/// What a field is, read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    Number(Decimal),
    Nan,
    Infinite { negative: bool },
    Invalid,
}

/// Reads a field. Spaces around it (space, tab, U+00A0, U+3000) are ignored. A number is a sign (`+`, `-` or
/// U+2212), digits with at most one point among, before or after them, and an optional exponent `e` with its own
/// sign. `nan`, and `inf` or `infinity` with an optional sign, are known in any case.
///
/// `Invalid` is all else, and what an exact sum has no room for: more than 38 digits, not counting leading zeros
/// and counting trailing zeros of the fraction only as far as they fit, or a power of ten beyond `10^±400`.
pub fn parse(text: &[u8]) -> Parsed {
    let text = trim(text);
    let (negative, body) = sign(text);
    let signed = body.len() != text.len();
    if body.first().is_none_or(u8::is_ascii_alphabetic) {
        return if !signed && body.eq_ignore_ascii_case(b"nan") {
            Parsed::Nan
        } else if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
            Parsed::Infinite { negative }
        } else {
            Parsed::Invalid
        };
    }
    decimal(negative, body).map_or(Parsed::Invalid, Parsed::Number)
}

fn trim(mut text: &[u8]) -> &[u8] {
    const SPACES: [&[u8]; 4] = [b" ", b"\t", "\u{a0}".as_bytes(), "\u{3000}".as_bytes()];
    while let Some(rest) = SPACES.iter().find_map(|space| text.strip_prefix(*space)) {
        text = rest;
    }
    while let Some(rest) = SPACES.iter().find_map(|space| text.strip_suffix(*space)) {
        text = rest;
    }
    text
}

/// Whether a minus is in front, and what follows the sign.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    if let Some(rest) = text.strip_prefix(b"+") {
        return (false, rest);
    }
    match text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix("\u{2212}".as_bytes()))
    {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

fn decimal(negative: bool, body: &[u8]) -> Option<Decimal> {
    let mut mantissa: u128 = 0;
    let mut digits = 0;
    let mut seen_digit = false;
    let mut point = false;
    // Digits after the point that are in `mantissa`, and zeros after those that are not in it (yet): they join
    // when a digit follows, or at the end as far as there is room.
    let mut decimals: i64 = 0;
    let mut pending: i64 = 0;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        match byte {
            b'0' if point => {
                seen_digit = true;
                pending += 1;
            }
            b'0'..=b'9' => {
                seen_digit = true;
                if mantissa != 0 {
                    digits += pending + 1;
                } else if byte != b'0' {
                    digits = 1;
                }
                if digits > i64::from(MAX_DIGITS) {
                    return None;
                }
                mantissa = shifted(mantissa, pending);
                mantissa = mantissa * 10 + u128::from(byte - b'0');
                if point {
                    decimals += pending + 1;
                    pending = 0;
                }
            }
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    if !seen_digit {
        return None;
    }
    let power = exponent(body.get(at..)?)?;
    let mut exponent = power - decimals;
    // The zeros at the end of the fraction were written, so they are kept where both limits allow it.
    let room = if mantissa == 0 {
        pending
    } else {
        pending.min(i64::from(MAX_DIGITS) - digits)
    };
    let kept = room.min(exponent + i64::from(MAX_EXPONENT)).max(0);
    mantissa = shifted(mantissa, kept);
    exponent -= kept;
    let exponent = i16::try_from(exponent).ok()?;
    if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
        return None;
    }
    let mantissa = i128::try_from(mantissa).ok()?;
    Some(Decimal {
        mantissa: if negative { -mantissa } else { mantissa },
        exponent,
    })
}

/// `mantissa` with `zeros` more zeros at its end, which the caller knows to fit. Zero stays zero however many.
fn shifted(mantissa: u128, zeros: i64) -> u128 {
    if mantissa == 0 {
        return 0;
    }
    (0..zeros).fold(mantissa, |mantissa, _| mantissa * 10)
}

/// The power of ten of `e5`, or 0 for nothing at all. `None` if it is neither.
fn exponent(text: &[u8]) -> Option<i64> {
    let Some((&mark, rest)) = text.split_first() else {
        return Some(0);
    };
    let (negative, digits) = sign(rest);
    if !mark.eq_ignore_ascii_case(&b'e') || digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        // Far beyond the limit, and far from overflow when the decimals of a long field are taken off.
        value = (value * 10 + i64::from(byte - b'0')).min(1 << 56);
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn written(text: &str) -> Option<(i128, i16)> {
        match parse(text.as_bytes()) {
            Parsed::Number(Decimal { mantissa, exponent }) => Some((mantissa, exponent)),
            _ => None,
        }
    }

    #[test]
    fn numbers_keep_what_was_written() {
        for (text, expect) in [
            ("0", (0, 0)),
            ("-0", (0, 0)),
            ("0.00", (0, -2)),
            ("7", (7, 0)),
            ("+7", (7, 0)),
            ("-7", (-7, 0)),
            ("\u{2212}7.5", (-75, -1)),
            ("007", (7, 0)),
            ("1.50", (150, -2)),
            ("5.", (5, 0)),
            (".5", (5, -1)),
            ("-.05", (-5, -2)),
            ("1.5e3", (15, 2)),
            ("1.50E+1", (150, -1)),
            ("100e-2", (100, -2)),
            ("1e0000005", (1, 5)),
            ("1e\u{2212}5", (1, -5)),
            ("1e400", (1, 400)),
            ("1.5e401", (15, 400)),
            ("1e-400", (1, -400)),
            ("  1 \t", (1, 0)),
            ("\u{a0}\u{3000}1\u{3000}\u{a0}", (1, 0)),
            (
                "99999999999999999999999999999999999999",
                (10i128.pow(38) - 1, 0),
            ),
            (
                "-0.00000000000000000000000000000000000000000000000001",
                (-1, -50),
            ),
            // 39 digits, but the last is a zero of the fraction.
            (
                "1234567890123456789012345678901234567.80",
                (12345678901234567890123456789012345678, -1),
            ),
            // The zeros that fit are kept, all 37 of them.
            (
                "1.00000000000000000000000000000000000000000000000000",
                (10i128.pow(37), -37),
            ),
        ] {
            assert_eq!(written(text), Some(expect), "{text}");
        }
        let long = format!("0.{}", "0".repeat(500));
        assert_eq!(written(&long), Some((0, -400)));
        let long = format!("{}1.5", "0".repeat(500));
        assert_eq!(written(&long), Some((15, -1)));
        let long = format!("0.{}10", "0".repeat(399));
        assert_eq!(written(&long), Some((1, -400)));
        let long = format!("0.{}1e500", "0".repeat(499));
        assert_eq!(written(&long), Some((1, 0)));
    }

    #[test]
    fn what_is_not_a_number() {
        for text in [
            "",
            " ",
            "-",
            "+",
            ".",
            "-.",
            "e5",
            "1e",
            "1e+",
            "1e5.0",
            "1.2.3",
            "1,5",
            "--1",
            "+-1",
            "1-",
            "0x10",
            "1 2",
            "1_000",
            "infin",
            "nane",
            "+nan",
            "e",
            "1e401",
            "1e-401",
            "1e99999999999999999999",
            "0e401",
            "1\n",
            "\u{2003}1",
            "123456789012345678901234567890123456789",
            "100000000000000000000000000000000000000",
            "1234567890123456789012345678901234567.81",
        ] {
            assert_eq!(parse(text.as_bytes()), Parsed::Invalid, "{text:?}");
        }
        assert_eq!(parse(b"1\xff"), Parsed::Invalid);
        assert_eq!(parse(b"\xc2"), Parsed::Invalid);
    }

    #[test]
    fn nan_and_infinity_in_any_case() {
        for text in ["nan", "NaN", "NAN", " nan "] {
            assert_eq!(parse(text.as_bytes()), Parsed::Nan);
        }
        for text in [
            "inf",
            "+inf",
            "Inf",
            "Infinity",
            "+INFINITY",
            "-inf",
            "-Infinity",
            "\u{2212}inf",
        ] {
            let negative = !text.starts_with(['i', 'I', '+']);
            assert_eq!(
                parse(text.as_bytes()),
                Parsed::Infinite { negative },
                "{text}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>) {
            parse(&text);
        }

        #[test]
        fn near_numbers_do_not_make_it_panic(text in "[-+.0-9eE]{0,60}") {
            parse(text.as_bytes());
        }

        /// The value is that of the digits as one integer, shifted: from the grammar, without `Decimal`.
        #[test]
        fn the_value_is_that_of_the_text(
            minus: bool, whole in "[0-9]{0,20}", fraction in "[0-9]{0,18}", power in -420i32..420
        ) {
            prop_assume!(!whole.is_empty() || !fraction.is_empty());
            let sign = if minus { "-" } else { "" };
            let text = format!("{sign}{whole}.{fraction}e{power}");
            let digits: BigInt = format!("{sign}{whole}{fraction}").parse().unwrap();
            let exponent = power - fraction.len() as i32;
            match written(&text) {
                Some((mantissa, found)) => {
                    // Zeros of the fraction may have gone to keep within the limit.
                    let gone = i32::from(found) - exponent;
                    prop_assert!(gone == 0 || (gone > 0 && found == -MAX_EXPONENT));
                    prop_assert_eq!(BigInt::from(mantissa) * BigInt::from(10).pow(gone as u32), digits);
                }
                None => {
                    let zeros = fraction.len() - fraction.trim_end_matches('0').len();
                    prop_assert!(exponent > 400 || exponent + (zeros as i32) < -400);
                }
            }
        }
    }
}
