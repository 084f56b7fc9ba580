//! A value as few bytes: one form for each value, so that values can be counted and compared as texts are.
//!
//! The decision that shaped it: most values of most columns are an exponent and an integer of up to seven
//! bytes, and dictionaries hold a text of eight bytes as one word.

use crate::number::decimal::Decimal;

/// The bytes of a value and how many they are: an exponent and the lowest bytes of an integer, or 18 bytes
/// where that has no room. All writings of a value (1.0 and 1) have one key.
pub fn of(value: Decimal) -> ([u8; 18], usize) {
    let value = value.normalized();
    let mut bytes = [0; 18];
    match (i64::try_from(value.mantissa), i8::try_from(value.exponent)) {
        (Ok(mantissa), Ok(exponent)) => {
            let magnitude = if mantissa < 0 { !mantissa } else { mantissa };
            // One bit more than the magnitude has, for the sign.
            let len = (64 - magnitude.leading_zeros() as usize) / 8 + 1;
            bytes[0] = exponent as u8;
            bytes[1..9].copy_from_slice(&mantissa.to_le_bytes());
            (bytes, 1 + len)
        }
        _ => {
            bytes[..16].copy_from_slice(&value.mantissa.to_le_bytes());
            bytes[16..].copy_from_slice(&value.exponent.to_le_bytes());
            (bytes, 18)
        }
    }
}

/// The value of a key.
pub fn value(key: &[u8]) -> Decimal {
    if let Ok(bytes) = <[u8; 18]>::try_from(key) {
        let (mantissa, exponent) = bytes.split_at(16);
        let mut whole = [0; 16];
        whole.copy_from_slice(mantissa);
        return Decimal {
            mantissa: i128::from_le_bytes(whole),
            exponent: i16::from_le_bytes([exponent[0], exponent[1]]),
        };
    }
    let Some((exponent, low)) = key.split_first() else {
        return Decimal::ZERO;
    };
    let sign = low
        .last()
        .map_or(0, |last| if last & 0x80 == 0 { 0 } else { 0xff });
    let mut whole = [sign; 8];
    let len = low.len().min(8);
    whole[..len].copy_from_slice(&low[..len]);
    Decimal {
        mantissa: i64::from_le_bytes(whole).into(),
        exponent: i16::from(*exponent as i8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_values_are_a_word() {
        let len = |mantissa, exponent| of(Decimal { mantissa, exponent }).1;
        assert_eq!(
            (len(0, 5), len(127, 0), len(-128, 0), len(128, 0)),
            (2, 2, 2, 3)
        );
        assert_eq!(len((1 << 55) - 1, -2), 8);
        assert_eq!(len(i64::MAX.into(), 0), 9);
        assert_eq!((len(i128::from(i64::MAX) + 1, 0), len(1, 300)), (18, 18));
    }

    proptest! {
        #[test]
        fn a_key_is_its_value_and_no_other(
            mantissa in prop_oneof![-300i128..300, any::<i64>().prop_map(i128::from), any::<i128>()],
            exponent in prop_oneof![-3i16..3, -400i16..=400], zeros in 0u32..3,
        ) {
            prop_assume!(mantissa.unsigned_abs() < 10u128.pow(35));
            let number = Decimal { mantissa, exponent };
            let other = Decimal { mantissa: mantissa * 10i128.pow(zeros), exponent: exponent - zeros as i16 };
            let (bytes, len) = of(number);
            prop_assert_eq!(of(other), (bytes, len));
            prop_assert_eq!(value(&bytes[..len]), number);
            let next = of(Decimal { mantissa: mantissa + 1, exponent });
            prop_assert_ne!(&next.0[..next.1], &bytes[..len]);
        }
    }
}
