//! From an exact rational to the nearest `f64`, once.
//!
//! The decision that shaped it: every figure that is finished from exact sums (a mean, a variance, a standard
//! deviation) is one integer quotient with a few more bits than a float holds, and a flag for what was cut off.
//! Rounding that to 53 bits, ties to even, is the correctly rounded result; there is no second rounding to worry
//! about, and no floating-point operation whose bits could differ between hosts.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

/// Bits of a quotient before rounding: the 53 of a float, one to round by, and some to spare.
const BITS: i64 = 66;

/// `num / den * 10^exp10` as the nearest `f64`, ties to even, subnormals included; what is too large is an
/// infinity and what is too small a zero, both with the sign of `num`. NaN if `den` is zero.
pub fn ratio(num: &BigInt, den: &BigUint, exp10: i32) -> f64 {
    let magnitude = rounded(num.magnitude(), den, exp10, false);
    if num.sign() == Sign::Minus {
        -magnitude
    } else {
        magnitude
    }
}

/// The square root of `num / den * 10^exp10` as the nearest `f64`, ties to even. NaN if `den` is zero.
pub fn sqrt_ratio(num: &BigUint, den: &BigUint, exp10: i32) -> f64 {
    rounded(num, den, exp10, true)
}

fn rounded(num: &BigUint, den: &BigUint, exp10: i32, root: bool) -> f64 {
    if den.is_zero() {
        return f64::NAN;
    }
    if num.is_zero() {
        return 0.0;
    }
    // Exponents come from outside, too: a value that is certainly beyond a float is settled before its power of
    // ten is built. A power of ten is worth between three and four bits.
    let size = num.bits() as i64 - den.bits() as i64;
    let exponent = i64::from(exp10);
    let low = size - 1 + (exponent * 3).min(exponent * 4);
    let high = size + 1 + (exponent * 3).max(exponent * 4);
    let limit = if root { 2300 } else { 1150 };
    if low > limit {
        return f64::INFINITY;
    }
    if high < -limit {
        return 0.0;
    }
    let power = power_of_ten(exp10.unsigned_abs());
    let (num, den) = if exp10 >= 0 {
        (num * power, den.clone())
    } else {
        (num.clone(), den * power)
    };

    let wanted = if root { 2 * BITS } else { BITS };
    let mut shift = wanted - (num.bits() as i64 - den.bits() as i64);
    if root {
        // The root of 4^k is 2^k, so only an even shift can be undone afterwards.
        shift += shift & 1;
    }
    let (quotient, rest) = if shift >= 0 {
        (num << shift.unsigned_abs()).div_rem(&den)
    } else {
        num.div_rem(&(den << shift.unsigned_abs()))
    };
    let (bits, inexact, exponent) = if root {
        // floor(sqrt(floor(x))) is floor(sqrt(x)), so nothing is lost by rooting the quotient.
        let floor = quotient.sqrt();
        let inexact = !rest.is_zero() || &floor * &floor != quotient;
        (floor, inexact, -(shift / 2))
    } else {
        (quotient, !rest.is_zero(), -shift)
    };
    // By the choice of `shift` these are 66 to 68 bits.
    bits.to_u128()
        .map_or(f64::NAN, |bits| assemble(bits, inexact, exponent))
}

/// `(bits + rest) * 2^exponent`, where `rest` is in (0, 1) if `inexact` and else 0. `bits` is at least 2^63.
fn assemble(bits: u128, inexact: bool, exponent: i64) -> f64 {
    let top = 127 - i64::from(bits.leading_zeros()) + exponent;
    if top > 1023 {
        return f64::INFINITY;
    }
    // The weight of the last bit that is kept: 53 bits, fewer in a subnormal.
    let last = (top - 52).max(-1074);
    let dropped = last - exponent;
    if dropped > 127 {
        return 0.0;
    }
    let kept = (bits >> dropped) as u64;
    let rest = bits & ((1 << dropped) - 1);
    let half = 1u128 << (dropped - 1);
    let up = rest > half || (rest == half && (inexact || kept & 1 == 1));
    // A carry out of the 53 bits runs into the exponent field and is right there, up to and including infinity.
    f64::from_bits((((last + 1074) as u64) << 52) + kept + u64::from(up))
}

/// `10^exponent`, for whoever brings numbers to one scale.
pub(crate) fn power_of_ten(exponent: u32) -> BigUint {
    if exponent == 0 {
        BigUint::one()
    } else {
        BigUint::from(10u8).pow(exponent)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use num_traits::Signed;
    use proptest::prelude::*;

    /// `value * 2^1075`, which is an even integer; the place of infinity is where the next float would be.
    fn scaled(value: f64) -> BigInt {
        let bits = value.abs().to_bits();
        let (field, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        if field == 0 {
            BigInt::from(fraction) << 1
        } else {
            // For infinity this reads as 1.0 * 2^1024.
            BigInt::from(fraction | 1 << 52) << field
        }
    }

    /// Whether `got` is what `(num / den)^(1/root)` rounds to: it lies between the midpoints to both neighbours, or on
    /// one of them and is even. Nothing here divides or takes a root.
    pub(crate) fn is_nearest(num: &BigInt, den: &BigInt, root: u32, got: f64) -> bool {
        let got_abs = got.abs();
        let even = got_abs.to_bits() & 1 == 0;
        let target = num.abs() << (1075 * root);
        let side = |other: f64| {
            let middle: BigInt = (scaled(got_abs) + scaled(other)) / 2;
            target.cmp(&(middle.pow(root) * den))
        };
        let above_low = got_abs == 0.0 || {
            let low = side(got_abs.next_down());
            low.is_gt() || (low.is_eq() && even)
        };
        let below_high = got_abs.is_infinite() || {
            let high = side(got_abs.next_up());
            high.is_lt() || (high.is_eq() && even)
        };
        !got.is_nan() && above_low && below_high && num.is_negative() == got.is_sign_negative()
    }

    fn ten(power: u32) -> BigInt {
        BigInt::from(10).pow(power)
    }

    fn fraction(num: &BigInt, den: &BigUint, exp10: i32) -> (BigInt, BigInt) {
        let den = BigInt::from(den.clone());
        if exp10 >= 0 {
            (num * ten(exp10.unsigned_abs()), den)
        } else {
            (num.clone(), den * ten(exp10.unsigned_abs()))
        }
    }

    fn integer() -> impl Strategy<Value = BigUint> {
        // Long ones, short ones, and such as differ little from a power of two, where ties are.
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..60)
                .prop_map(|bytes| BigUint::from_bytes_le(&bytes)),
            (0u32..1000).prop_map(BigUint::from),
            (0u32..1200, 0u32..4)
                .prop_map(|(shift, more)| (BigUint::one() << shift) + BigUint::from(more)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_ratio_is_the_nearest_float(num in integer(), den in integer(), minus: bool, exp10 in -420i32..420) {
            prop_assume!(!den.is_zero() && !num.is_zero());
            let sign = if minus { Sign::Minus } else { Sign::Plus };
            let num = BigInt::from_biguint(sign, num);
            let got = ratio(&num, &den, exp10);
            let (num, den) = fraction(&num, &den, exp10);
            prop_assert!(is_nearest(&num, &den, 1, got), "{got:e}");
        }

        #[test]
        fn a_root_is_the_nearest_float(num in integer(), den in integer(), exp10 in -820i32..820) {
            prop_assume!(!den.is_zero() && !num.is_zero());
            let got = sqrt_ratio(&num, &den, exp10);
            let (num, den) = fraction(&num.into(), &den, exp10);
            prop_assert!(is_nearest(&num, &den, 2, got), "{got:e}");
        }

        #[test]
        fn a_float_and_the_ties_beside_it_round_by_the_rule(bits: u64) {
            // Every float is an integer over 2^1075; so is the middle of two of them.
            let value = f64::from_bits(bits >> 1);
            prop_assume!(value.is_finite() && value < f64::MAX);
            let den = BigUint::one() << 1075;
            prop_assert_eq!(ratio(&scaled(value), &den, 0), value);
            let middle = (scaled(value) + scaled(value.next_up())) / 2;
            let even = if bits >> 1 & 1 == 0 { value } else { value.next_up() };
            prop_assert_eq!(ratio(&middle, &den, 0), even);
            prop_assert_eq!(ratio(&(&middle + 1), &den, 0), value.next_up());
            prop_assert_eq!(ratio(&(&middle - 1), &den, 0), value);
        }

        #[test]
        fn the_root_of_a_square_is_exact(bits: u64) {
            let value = f64::from_bits(bits >> 1);
            prop_assume!(value.is_finite());
            let whole = scaled(value).magnitude().clone();
            let den = BigUint::one() << 1075;
            prop_assert_eq!(sqrt_ratio(&(&whole * &whole), &(&den * &den), 0), value);
        }

        #[test]
        fn a_ratio_of_one_rounds_as_the_standard_library_reads(num: i128, exp10 in -400i32..400) {
            let text = format!("{num}e{exp10}");
            let got = ratio(&num.into(), &BigUint::one(), exp10);
            prop_assert_eq!(got.to_bits(), text.parse::<f64>().unwrap().to_bits());
        }
    }

    #[test]
    fn the_edges_of_the_range() {
        let one = BigUint::one();
        let check = |num: i64, exp10: i32, expect: f64| {
            let got = ratio(&num.into(), &one, exp10);
            assert_eq!(got.to_bits(), expect.to_bits(), "{num}e{exp10}");
        };
        check(0, 0, 0.0);
        check(0, i32::MAX, 0.0);
        check(1, i32::MAX, f64::INFINITY);
        check(-1, i32::MAX, f64::NEG_INFINITY);
        check(1, i32::MIN, 0.0);
        check(-1, i32::MIN, -0.0);
        check(17976931348623157, 292, f64::MAX);
        check(18, 307, f64::INFINITY);
        // Half of the least subnormal is 2.47e-324: below it is zero.
        check(247, -326, 0.0);
        check(248, -326, f64::from_bits(1));
        check(22250738585072014, -324, f64::MIN_POSITIVE);
        assert!(ratio(&1.into(), &BigUint::zero(), 0).is_nan());
        assert!(sqrt_ratio(&one, &BigUint::zero(), 0).is_nan());
        assert_eq!(sqrt_ratio(&BigUint::zero(), &one, 5), 0.0);
        assert_eq!(sqrt_ratio(&one, &one, 600), 1e300);
        assert_eq!(sqrt_ratio(&one, &one, i32::MAX), f64::INFINITY);
        assert_eq!(sqrt_ratio(&one, &one, i32::MIN), 0.0);
        let two = BigUint::from(2u8);
        assert_eq!(sqrt_ratio(&two, &one, 0), std::f64::consts::SQRT_2);
    }
}
