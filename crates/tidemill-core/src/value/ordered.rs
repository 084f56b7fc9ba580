//! Values as bytes that sort as the values do, one behind the other: of two keys made of several values
//! the lesser bytes are the lesser key. No value's bytes begin with those of another one, so a key
//! can be taken apart again.

use crate::number::decimal::{Decimal, POWERS};

/// A value is written as a tag, a whole part and a fraction. Tags from here on are of values that are
/// not negative: so many bytes of whole part more than the tag says.
const POSITIVE: u8 = 0x28;
/// The whole part has more than eight bytes.
const LARGE: u8 = 9;
/// What is in front of every negative value, and behind every other one.
pub const LEAST: u8 = 0x10;
pub const GREATEST: u8 = 0x40;

/// The exponent of the first digit is kept as a number that is not negative.
const BIAS: i32 = 0x4000;
/// A mantissa is shifted to this many digits.
const DIGITS: u32 = 38;

/// Writes a value. Equal values are equal bytes, however they were written.
pub fn push(out: &mut Vec<u8>, value: Decimal) {
    let value = value.normalized();
    let from = out.len();
    let (magnitude, exponent) = (value.mantissa.unsigned_abs(), i32::from(value.exponent));
    match split(magnitude, exponent) {
        Some((whole, rest)) => {
            let bytes = whole.to_be_bytes();
            let skip = (whole.leading_zeros() / 8) as usize;
            out.push(POSITIVE + (8 - skip) as u8);
            out.extend_from_slice(&bytes[skip..]);
            if rest == 0 {
                out.push(0);
            } else {
                out.push(1);
                push_digits(out, rest, exponent);
            }
        }
        None => {
            out.push(POSITIVE + LARGE);
            push_digits(out, magnitude, exponent);
        }
    }
    if value.mantissa < 0 {
        // Complements sort the other way round; the tag goes below those that are not negative.
        out[from] = 2 * POSITIVE - 1 - out[from];
        for byte in &mut out[from + 1..] {
            *byte = !*byte;
        }
    }
}

/// The whole part, and the mantissa of the fraction; `None` where the whole part is too large.
fn split(magnitude: u128, exponent: i32) -> Option<(u64, u128)> {
    if exponent >= 0 {
        let power = u128::try_from(*POWERS.get(exponent as usize)?).ok()?;
        return Some((u64::try_from(magnitude.checked_mul(power)?).ok()?, 0));
    }
    // A number of 38 digits has no whole part behind so many decimals.
    match POWERS.get(exponent.unsigned_abs() as usize) {
        Some(power) => {
            let power = power.unsigned_abs();
            Some((u64::try_from(magnitude / power).ok()?, magnitude % power))
        }
        None => Some((0, magnitude)),
    }
}

/// `mantissa * 10^exponent`, not zero: the place of its first digit, and its digits behind that.
fn push_digits(out: &mut Vec<u8>, mantissa: u128, exponent: i32) {
    let digits = mantissa.ilog10() + 1;
    let shift = 10u128.pow(DIGITS.saturating_sub(digits));
    let first = BIAS + exponent + digits as i32;
    out.extend_from_slice(&(first as u16).to_be_bytes());
    out.extend_from_slice(&(mantissa * shift).to_be_bytes());
}

/// A value from the beginning of a key, and what is behind it.
pub fn take(bytes: &[u8]) -> Option<(Decimal, &[u8])> {
    let (tag, mut rest) = bytes.split_first()?;
    let negative = *tag < POSITIVE;
    let mask = if negative { 0xff } else { 0 };
    let tag = if negative {
        2 * POSITIVE - 1 - tag
    } else {
        *tag
    };
    let size = tag.checked_sub(POSITIVE).filter(|size| *size <= LARGE)?;
    let mut next = |count: usize| -> Option<u128> {
        let taken = rest.get(..count)?;
        rest = &rest[count..];
        let number = taken
            .iter()
            .fold(0, |number, byte| number << 8 | u128::from(byte ^ mask));
        Some(number)
    };
    let digits = |first: u128, mantissa: u128| Decimal {
        mantissa: mantissa as i128,
        exponent: (first as i32 - BIAS - DIGITS as i32) as i16,
    };
    let magnitude = if size == LARGE {
        let first = next(2)?;
        digits(first, next(16)?).normalized()
    } else {
        let whole = next(usize::from(size))?;
        match next(1)? {
            0 => Decimal {
                mantissa: whole as i128,
                exponent: 0,
            },
            _ => {
                let first = next(2)?;
                let fraction = digits(first, next(16)?).normalized();
                let whole = match POWERS.get(usize::from(fraction.exponent.unsigned_abs())) {
                    Some(power) => (whole as i128).checked_mul(*power)?,
                    None => 0,
                };
                Decimal {
                    mantissa: whole.checked_add(fraction.mantissa)?,
                    exponent: fraction.exponent,
                }
            }
        }
        .normalized()
    };
    let sign = if negative { -1 } else { 1 };
    Some((
        Decimal {
            mantissa: magnitude.mantissa.checked_mul(sign)?,
            ..magnitude
        },
        rest,
    ))
}

/// Writes a text and its end. The end sorts before anything that a text may go on with.
pub fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(0, rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[0, 1]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(&[0, 0]);
}

/// A text from the beginning of a key, and what is behind it.
pub fn take_text(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut text, mut rest) = (Vec::new(), bytes);
    loop {
        let at = memchr::memchr(0, rest)?;
        text.extend_from_slice(&rest[..at]);
        let (more, behind) = (*rest.get(at + 1)?, &rest[at + 2..]);
        if more == 0 {
            return Some((text, behind));
        }
        text.push(0);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        let most = 10i128.pow(DIGITS) - 1;
        let mantissa = prop_oneof![
            -20i128..20,
            -most..=most,
            (0u32..38, -9i128..=9).prop_map(|(power, digit)| digit * 10i128.pow(power)),
            prop::sample::select(vec![i64::MAX, i64::MIN, i64::MAX - 1]).prop_map(i128::from),
            Just(i128::from(u64::MAX)),
            Just(i128::from(u64::MAX) + 1),
        ];
        let exponent = prop_oneof![-3i16..4, -40i16..40, -400i16..=400];
        (mantissa, exponent).prop_map(|(mantissa, exponent)| Decimal { mantissa, exponent })
    }

    fn key(value: Decimal) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, value);
        out
    }

    proptest! {
        #[test]
        fn bytes_sort_as_values_do((a, b) in (decimal(), decimal())) {
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
        }

        #[test]
        fn values_come_back(values in prop::collection::vec(decimal(), 1..4)) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| key(*value)).collect();
            let mut rest = bytes.as_slice();
            for value in values {
                let (taken, behind) = take(rest).unwrap();
                prop_assert_eq!(
                    (taken.mantissa, taken.exponent),
                    (value.normalized().mantissa, value.normalized().exponent)
                );
                rest = behind;
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn texts_sort_and_come_back(
            a in prop::collection::vec(0u8..3, 0..6),
            b in prop::collection::vec(0u8..3, 0..6),
            behind in prop::collection::vec(any::<u8>(), 0..4),
        ) {
            let of = |text: &[u8]| {
                let mut out = Vec::new();
                push_text(&mut out, text);
                out
            };
            let (mut left, right) = (of(&a), of(&b));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            if a != b {
                prop_assert!(!right.starts_with(&left));
            }
            left.extend_from_slice(&behind);
            prop_assert_eq!(take_text(&left), Some((a, behind.as_slice())));
        }

        #[test]
        fn damaged_bytes_are_no_value(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            // Whatever it is, it is no panic.
            let _ = take(&bytes);
            let _ = take_text(&bytes);
        }
    }
}
