//! A decimal number as it was written: an integer and a power of ten.
//!
//! The decision that shaped it: the scale is kept. `1.50` is 150 hundredths and stays so, because what is written
//! back to a cleaned file should look like what was read. Comparison and hashing go by value, so `1.5` and `1.50`
//! are one key in a group and one distinct value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use super::parse::{Parsed, parse};
pub use super::small::{Small, parse_at, parse_small};
use super::text::Digits;

/// The most digits a mantissa has; every such integer fits in an `i128`.
pub const MAX_DIGITS: u32 = 38;

/// The furthest power of ten, either way, that [`parse`] accepts.
pub const MAX_EXPONENT: i16 = 400;

/// Powers of ten that fit in an `i128`: `POWERS[n]` is `10^n`.
pub(crate) const POWERS: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// `10^38`, the first magnitude that is too large for a mantissa.
const LIMIT: u128 = POWERS[38].unsigned_abs();

/// A number of at most this many digits before the end is written without an exponent.
const PLAIN_DIGITS: usize = 21;

/// The number `mantissa * 10^exponent`. Made by this module, the mantissa has at most [`MAX_DIGITS`] digits; a
/// literal with more is compared and written correctly, but the arithmetic below may give `None` for it.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    pub mantissa: i128,
    pub exponent: i16,
}

impl Decimal {
    pub const ZERO: Decimal = Decimal {
        mantissa: 0,
        exponent: 0,
    };

    /// The number, or `None` if the mantissa has more than [`MAX_DIGITS`] digits.
    pub fn new(mantissa: i128, exponent: i16) -> Option<Decimal> {
        (mantissa.unsigned_abs() < LIMIT).then_some(Decimal { mantissa, exponent })
    }

    /// The same value with the largest exponent: no factor of ten is left in the mantissa, and zero is `0 * 10^0`.
    pub fn normalized(self) -> Decimal {
        if self.mantissa == 0 {
            return Decimal::ZERO;
        }
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        // In two steps, because an i64 divides many times faster than an i128.
        while i64::try_from(mantissa).is_err() && mantissa % 10 == 0 && exponent < i16::MAX {
            mantissa /= 10;
            exponent += 1;
        }
        if let Ok(mut small) = i64::try_from(mantissa) {
            while small % 10 == 0 && exponent < i16::MAX {
                small /= 10;
                exponent += 1;
            }
            mantissa = i128::from(small);
        }
        Decimal { mantissa, exponent }
    }

    /// Whether the value is a whole number, however it is written: `2.00` is one.
    pub fn is_integer(self) -> bool {
        if self.exponent >= 0 || self.mantissa == 0 {
            return true;
        }
        match POWERS.get(usize::from(self.exponent.unsigned_abs())) {
            Some(power) => self.mantissa % power == 0,
            // A mantissa has fewer factors of ten than this asks for.
            None => false,
        }
    }

    /// The exact sum, or `None` if it takes more than [`MAX_DIGITS`] digits. It has the decimals of the operand
    /// with more of them (`1.50 + 1` is `2.50`) unless they do not fit.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let written = add_at(self, other);
        if written.is_some() {
            return written;
        }
        if self.mantissa == 0 {
            return Decimal::new(other.mantissa, other.exponent);
        }
        if other.mantissa == 0 {
            return Decimal::new(self.mantissa, self.exponent);
        }
        add_at(self.normalized(), other.normalized())
    }

    /// The exact difference; see [`Decimal::checked_add`].
    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        self.checked_add(other.checked_neg()?)
    }

    /// The exact product, or `None` if it takes more than [`MAX_DIGITS`] digits. It has as many decimals as the
    /// operands together (`1.50 * 2.0` is `3.000`) unless they do not fit.
    pub fn checked_mul(self, other: Decimal) -> Option<Decimal> {
        let mut exponent = i32::from(self.exponent) + i32::from(other.exponent);
        if let Some(mantissa) = self.mantissa.checked_mul(other.mantissa) {
            return fit(mantissa < 0, mantissa.unsigned_abs(), exponent);
        }
        let mut product = BigInt::from(self.mantissa) * other.mantissa;
        loop {
            let (tenth, rest) = product.div_rem(&BigInt::from(10));
            if !rest.is_zero() {
                return None;
            }
            product = tenth;
            exponent += 1;
            if let Some(mantissa) = product.to_i128() {
                return fit(mantissa < 0, mantissa.unsigned_abs(), exponent);
            }
        }
    }

    /// The number with its sign changed. `None` only for a mantissa that no field can have.
    pub fn checked_neg(self) -> Option<Decimal> {
        Some(Decimal {
            mantissa: self.mantissa.checked_neg()?,
            exponent: self.exponent,
        })
    }

    /// The nearest `f64`, ties to even; infinite if too large.
    pub fn to_f64(self) -> f64 {
        // Both the mantissa and the power are exact floats here, so the one operation rounds correctly
        // (Clinger, "How to read floating point numbers accurately", 1990).
        const EXACT: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        ];
        if let Some(power) = EXACT.get(usize::from(self.exponent.unsigned_abs()))
            && self.mantissa.unsigned_abs() <= 1 << 53
        {
            let mantissa = self.mantissa as i64 as f64;
            return if self.exponent < 0 {
                mantissa / power
            } else {
                mantissa * power
            };
        }
        // The standard library reads decimal text correctly rounded, and faster than big integers divide.
        // The longest is a sign, 39 digits and `e-32768`.
        let mut text = [0; 48];
        let mut len = 0;
        let mut put = |bytes: &[u8]| {
            text[len..len + bytes.len()].copy_from_slice(bytes);
            len += bytes.len();
        };
        put(if self.mantissa < 0 { b"-" } else { b"" });
        put(Digits::of(self.mantissa.unsigned_abs()).as_bytes());
        put(if self.exponent < 0 { b"e-" } else { b"e" });
        put(Digits::of(self.exponent.unsigned_abs().into()).as_bytes());
        std::str::from_utf8(&text[..len])
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(f64::NAN)
    }

    /// Appends the number in plain notation with exactly the decimals it was written with. A whole number with a
    /// positive exponent is written out if that takes at most 21 digits, else as `1.5e300`; either way [`parse`]
    /// reads the same value back.
    pub fn write(&self, out: &mut Vec<u8>) {
        let digits = Digits::of(self.mantissa.unsigned_abs());
        let digits = digits.as_bytes();
        if self.mantissa < 0 {
            out.push(b'-');
        }
        let scale = usize::from(self.exponent.unsigned_abs());
        if self.exponent < 0 {
            let whole = digits.len().saturating_sub(scale);
            if whole == 0 {
                out.push(b'0');
            }
            out.extend_from_slice(&digits[..whole]);
            out.push(b'.');
            out.resize(out.len() + scale.saturating_sub(digits.len()), b'0');
            out.extend_from_slice(&digits[whole..]);
        } else if self.mantissa == 0 || digits.len() + scale <= PLAIN_DIGITS || scale == 0 {
            out.extend_from_slice(digits);
            if self.mantissa != 0 {
                out.resize(out.len() + scale, b'0');
            }
        } else {
            out.push(digits[0]);
            if digits.len() > 1 {
                out.push(b'.');
                out.extend_from_slice(&digits[1..]);
            }
            out.push(b'e');
            let exponent = (scale + digits.len() - 1) as u128;
            out.extend_from_slice(Digits::of(exponent).as_bytes());
        }
    }

    /// The place of the leading digit: the value is at least `10^(n-1)` and less than `10^n`. Zero has none.
    fn order(self) -> i32 {
        let magnitude = self.mantissa.unsigned_abs();
        magnitude.checked_ilog10().map_or(0, |log| log as i32 + 1) + i32::from(self.exponent)
    }
}

/// The sum at the smaller of both exponents.
fn add_at(left: Decimal, right: Decimal) -> Option<Decimal> {
    let exponent = left.exponent.min(right.exponent);
    // Sign and magnitude, because a difference may fit where a term, scaled, is just too large for an i128.
    let scaled = |term: Decimal| {
        let steps = i32::from(term.exponent) - i32::from(exponent);
        if term.mantissa == 0 {
            return Some(0);
        }
        let power = POWERS.get(usize::try_from(steps).ok()?)?;
        term.mantissa
            .unsigned_abs()
            .checked_mul(power.unsigned_abs())
    };
    let (a, b) = (scaled(left)?, scaled(right)?);
    let (negative, magnitude) = match (left.mantissa < 0, right.mantissa < 0) {
        (true, true) => (true, a.checked_add(b)?),
        (false, false) => (false, a.checked_add(b)?),
        (true, false) => (a > b, a.abs_diff(b)),
        (false, true) => (b > a, a.abs_diff(b)),
    };
    fit(negative, magnitude, i32::from(exponent))
}

/// The number, after taking out as few factors of ten as make the mantissa fit.
fn fit(negative: bool, mut magnitude: u128, mut exponent: i32) -> Option<Decimal> {
    while magnitude >= LIMIT {
        if !magnitude.is_multiple_of(10) {
            return None;
        }
        magnitude /= 10;
        exponent += 1;
    }
    let mantissa = magnitude as i128;
    Some(Decimal {
        mantissa: if negative { -mantissa } else { mantissa },
        exponent: i16::try_from(exponent).ok()?,
    })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.mantissa.signum().cmp(&other.mantissa.signum());
        if signs.is_ne() || self.mantissa == 0 {
            return signs;
        }
        let (left, right) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        let steps = i32::from(self.exponent) - i32::from(other.exponent);
        let magnitudes = if steps == 0 {
            left.cmp(&right)
        } else {
            // With the leading digits in the same place, the exponents differ by less than 39, and scaling one
            // mantissa gives it as many digits as the other has: if that overflows, it is the larger one.
            let scale = |mantissa: u128| {
                let power = POWERS.get(steps.unsigned_abs() as usize)?;
                mantissa.checked_mul(power.unsigned_abs())
            };
            self.order().cmp(&other.order()).then_with(|| {
                if steps > 0 {
                    scale(left).map_or(Ordering::Greater, |left| left.cmp(&right))
                } else {
                    scale(right).map_or(Ordering::Less, |right| left.cmp(&right))
                }
            })
        };
        if self.mantissa < 0 {
            magnitudes.reverse()
        } else {
            magnitudes
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Decimal { mantissa, exponent } = self.normalized();
        mantissa.hash(state);
        exponent.hash(state);
    }
}

impl From<Small> for Decimal {
    fn from(small: Small) -> Decimal {
        Decimal {
            mantissa: i128::from(small.mantissa),
            exponent: i16::from(small.exponent),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// As written, in halves of 64 bits: not every format has integers of 128.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let high = (self.mantissa >> 64) as i64;
        let low = self.mantissa as u64;
        (high, low, self.exponent).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let (high, low, exponent) = <(i64, u64, i16)>::deserialize(deserializer)?;
        Decimal::new(i128::from(high) << 64 | i128::from(low), exponent).ok_or_else(|| {
            de::Error::custom("a decimal with more than 38 digits; expected at most 38")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::round::tests::is_nearest;
    use super::*;
    use proptest::prelude::*;
    use std::hash::DefaultHasher;

    fn read(text: &str) -> Decimal {
        match parse(text.as_bytes()) {
            Parsed::Number(decimal) => decimal,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn written(decimal: Decimal) -> (i128, i16) {
        (decimal.mantissa, decimal.exponent)
    }

    /// The value as an integer number of `10^-1000`, for exponents from -1000 to 1000.
    fn whole(decimal: Decimal) -> BigInt {
        let power = u32::try_from(1000 + i32::from(decimal.exponent)).unwrap();
        BigInt::from(10).pow(power) * decimal.mantissa
    }

    fn hash(decimal: Decimal) -> u64 {
        let mut hasher = DefaultHasher::new();
        decimal.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether an integer number of `10^-2000` is a `Decimal` at all: 38 digits without its trailing zeros.
    fn representable(value: &BigInt) -> bool {
        let digits = value.magnitude().to_string();
        digits.trim_end_matches('0').len() <= 38
    }

    fn decimals() -> impl Strategy<Value = Decimal> {
        let mantissas = prop_oneof![
            any::<i16>().prop_map(i128::from),
            any::<i64>().prop_map(i128::from),
            (1 - 10i128.pow(38)..10i128.pow(38)),
            (0usize..38, -2i128..=2).prop_map(|(n, more)| POWERS[n] + more),
            (0usize..38, -99i128..=99).prop_map(|(n, lead)| POWERS[n.min(36)] * lead),
            Just(10i128.pow(38) - 1),
        ];
        let exponents = prop_oneof![-6i16..6, -45i16..45, -400i16..=400];
        (mantissas, exponents).prop_map(|(mantissa, exponent)| Decimal { mantissa, exponent })
    }

    /// Numbers whose scales are close enough for their sums to matter.
    fn pairs() -> impl Strategy<Value = (Decimal, Decimal)> {
        let near = (decimals(), decimals(), -40i16..40).prop_map(|(left, mut right, steps)| {
            right.exponent = (left.exponent + steps).clamp(-400, 400);
            (left, right)
        });
        // The same value in two ways, or almost.
        let same = (any::<i64>(), 0usize..19, -300i16..300, -1i128..=1).prop_map(
            |(mantissa, zeros, exponent, more)| {
                let mantissa = i128::from(mantissa);
                let other = mantissa * POWERS[zeros] + more;
                let low = exponent - zeros as i16;
                let left = Decimal { mantissa, exponent };
                (
                    left,
                    Decimal {
                        mantissa: other,
                        exponent: low,
                    },
                )
            },
        );
        prop_oneof![(decimals(), decimals()), near, same]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn order_and_hash_go_by_value((left, right) in pairs()) {
            let (a, b) = (whole(left), whole(right));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            prop_assert_eq!(left == right, a == b);
            if a == b {
                prop_assert_eq!(hash(left), hash(right));
                prop_assert_eq!(written(left.normalized()), written(right.normalized()));
            }
        }

        #[test]
        fn sums_are_exact_and_none_only_if_they_must_be((left, right) in pairs()) {
            for (expect, got) in [
                (whole(left) + whole(right), left.checked_add(right)),
                (whole(left) - whole(right), left.checked_sub(right)),
            ] {
                match got {
                    Some(sum) => {
                        prop_assert!(sum.mantissa.unsigned_abs() < LIMIT);
                        prop_assert_eq!(whole(sum), expect);
                    }
                    None => prop_assert!(!representable(&expect)),
                }
            }
        }

        #[test]
        fn products_are_exact_and_none_only_if_they_must_be((left, right) in pairs()) {
            let expect = whole(left) * whole(right);
            match left.checked_mul(right) {
                Some(product) => {
                    prop_assert!(product.mantissa.unsigned_abs() < LIMIT);
                    prop_assert_eq!(whole(product) * BigInt::from(10).pow(1000), expect);
                }
                None => prop_assert!(!representable(&expect)),
            }
        }

        #[test]
        fn the_float_is_the_nearest(value in decimals()) {
            let num = whole(value);
            prop_assume!(!num.is_zero());
            prop_assert!(is_nearest(&num, &BigInt::from(10).pow(1000), 1, value.to_f64()));
        }

        #[test]
        fn what_is_written_reads_back(value in decimals()) {
            let text = value.to_string();
            let back = read(&text);
            prop_assert_eq!(back, value, "{}", text);
            if value.exponent <= 0 {
                prop_assert_eq!(written(back), written(value), "{}", text);
            }
            prop_assert_eq!(value.to_f64(), text.parse::<f64>().unwrap());
        }

        #[test]
        fn normalizing_keeps_the_value(value in decimals()) {
            let normal = value.normalized();
            prop_assert_eq!(whole(normal), whole(value));
            prop_assert!(normal.mantissa % 10 != 0 || written(normal) == (0, 0));
        }

        #[test]
        fn whole_numbers_are_known(value in decimals()) {
            let one = BigInt::from(10).pow(1000);
            prop_assert_eq!(value.is_integer(), (whole(value) % one).is_zero());
        }

        #[test]
        fn no_literal_makes_it_panic(a: (i128, i16), b: (i128, i16)) {
            let [a, b] = [a, b].map(|(mantissa, exponent)| Decimal { mantissa, exponent });
            let _ = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_neg());
            let _ = (a.cmp(&b), hash(a), a.to_f64(), a.is_integer(), a.to_string());
        }

        #[test]
        fn freezing_keeps_what_was_written(value in decimals()) {
            let frozen = serde_json::to_string(&value).unwrap();
            let thawed: Decimal = serde_json::from_str(&frozen).unwrap();
            prop_assert_eq!(written(thawed), written(value));
        }
    }

    #[test]
    fn text_keeps_the_decimals() {
        for (mantissa, exponent, text) in [
            (150, -2, "1.50"),
            (-5, -2, "-0.05"),
            (0, -2, "0.00"),
            (0, 0, "0"),
            (0, 300, "0"),
            (-1250, -2, "-12.50"),
            (15, 2, "1500"),
            (-7, 0, "-7"),
            (1, 20, "100000000000000000000"),
            (1, 21, "1e21"),
            (15, 299, "1.5e300"),
            (-1, 300, "-1e300"),
            (
                10i128.pow(38) - 1,
                0,
                "99999999999999999999999999999999999999",
            ),
            (
                10i128.pow(37),
                -37,
                "1.0000000000000000000000000000000000000",
            ),
            (10i128.pow(19), 0, "10000000000000000000"),
        ] {
            assert_eq!(Decimal { mantissa, exponent }.to_string(), text);
        }
    }

    #[test]
    fn sums_keep_the_decimals_while_they_fit() {
        for (left, right, sum) in [
            ("1.50", "1", (250, -2)),
            ("1.50", "-1.50", (0, -2)),
            ("1e300", "0.00", (1, 300)),
            ("1e300", "1e300", (2, 300)),
            (
                "99999999999999999999999999999999999999",
                "1",
                (10i128.pow(37), 1),
            ),
            ("1e37", "1.00", (10i128.pow(37) + 1, 0)),
            // A term that has 39 digits at the other's scale, and leaves 38.
            (
                "18e37",
                "-99999999999999999999999999999999999999",
                (80000000000000000000000000000000000001, 0),
            ),
        ] {
            let got = read(left).checked_add(read(right)).map(written);
            assert_eq!(got, Some(sum), "{left} + {right}");
        }
        assert_eq!(read("1e300").checked_add(read("1")), None);
        let product = read("1.50").checked_mul(read("2.0")).map(written);
        assert_eq!(product, Some((3000, -3)));
    }

    #[test]
    fn the_least_integer_does_not_panic() {
        let least = Decimal {
            mantissa: i128::MIN,
            exponent: i16::MIN,
        };
        let most = Decimal {
            mantissa: i128::MAX,
            exponent: i16::MAX,
        };
        assert_eq!(least.checked_neg(), None);
        assert!(least < most);
        for (a, b) in [(least, most), (most, least), (least, least), (most, most)] {
            let _ = (a.checked_add(b), a.checked_sub(b), a.checked_mul(b));
            let _ = (a.to_string(), a.to_f64(), a.normalized(), hash(a));
        }
        let ten = |exponent| Decimal {
            mantissa: 10,
            exponent,
        };
        assert_eq!(ten(i16::MAX).normalized().exponent, i16::MAX);
        assert_eq!(Decimal::new(10i128.pow(38), 0), None);
    }
}
