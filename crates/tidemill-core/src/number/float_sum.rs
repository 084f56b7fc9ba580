//! The exact sum of floats, for figures whose terms are floats to begin with: logarithms and reciprocals.
//!
//! The decision that shaped it: a float is an integer times a power of two, so the sum is integers by power of two, in
//! windows of 32 bits (Kulisch's accumulator with room for carries). Order cannot show, and only the end is rounded.

use std::collections::BTreeMap;

use num_bigint::{BigInt, BigUint};
use num_traits::One;
use serde::{Deserialize, Serialize};

use super::round::ratio;

/// The bits of a window.
const WINDOW: i32 = 32;
/// The least power of two of a window, 32 times -34: that of the least float is -1074.
const LEAST: i32 = -34 * WINDOW;

/// An exact sum of finite floats, by window. A term is below 2^85 there, so 2^42 of them fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloatSum(BTreeMap<i8, i128>);

impl FloatSum {
    /// Adds a finite value once.
    pub fn add(&mut self, value: f64) {
        self.add_times(value, 1);
    }

    /// Adds a finite value as often as `times` says.
    pub fn add_times(&mut self, value: f64, times: u64) {
        let bits = value.to_bits();
        let (field, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        let (mantissa, power) = match field {
            0 => (fraction, -1074),
            _ => (fraction | 1 << 52, field - 1075),
        };
        if mantissa == 0 {
            return;
        }
        let term = (i128::from(mantissa) << power.rem_euclid(WINDOW)).wrapping_mul(times.into());
        let sum = self.0.entry(power.div_euclid(WINDOW) as i8).or_default();
        *sum = sum.wrapping_add(if value < 0.0 { -term } else { term });
    }

    pub fn merge(&mut self, other: &FloatSum) {
        for (window, term) in &other.0 {
            let sum = self.0.entry(*window).or_default();
            *sum = sum.wrapping_add(*term);
        }
    }

    /// The sum over `divisor`, correctly rounded.
    pub fn over(&self, divisor: u64) -> f64 {
        ratio(&self.whole(), &(unit() * divisor), 0)
    }

    /// `dividend` over the sum, correctly rounded.
    pub fn under(&self, dividend: u64) -> f64 {
        let (sign, magnitude) = self.whole().into_parts();
        ratio(
            &BigInt::from_biguint(sign, unit() * dividend),
            &magnitude,
            0,
        )
    }

    /// The sum in units of the least power of two.
    fn whole(&self) -> BigInt {
        self.0
            .iter()
            .map(|(window, term)| {
                let shift = i32::from(*window) * WINDOW - LEAST;
                BigInt::from(*term) << shift.unsigned_abs()
            })
            .sum()
    }
}

fn unit() -> BigUint {
    BigUint::one() << LEAST.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_floats_lose_is_kept() {
        let mut sum = FloatSum::default();
        for value in [1e300, 1.0, f64::from_bits(1), -1e300] {
            sum.add(value);
        }
        assert_eq!(sum.over(1), 1.0);
        sum.add(-1.0);
        assert_eq!(sum.over(1), f64::from_bits(1));
        assert_eq!(FloatSum::default().over(3), 0.0);
        let mut thirds = FloatSum::default();
        (0..3).for_each(|_| thirds.add(0.1));
        // Three times the float next to 0.1, rounded once.
        assert_eq!(thirds.over(1), 0.300_000_000_000_000_04);
        assert_eq!(thirds.over(3), 0.1);
        assert_eq!(thirds.under(3), 10.0);
    }

    proptest! {
        #[test]
        fn a_sum_of_integers_over_powers_of_two_is_exact(
            terms in proptest::collection::vec((-(1i64 << 53)..1 << 53, -300i32..300), 0..20), cut in 0usize..20,
        ) {
            let float = |&(mantissa, power): &(i64, i32)| mantissa as f64 * f64::from_bits(((1023 + power) as u64) << 52);
            let whole: BigInt = terms.iter().map(|&(mantissa, power)| BigInt::from(mantissa) << (300 + power) as u32).sum();
            let mut sum = FloatSum::default();
            terms.iter().for_each(|term| sum.add(float(term)));
            prop_assert_eq!(sum.over(7), ratio(&whole, &((BigUint::one() << 300u32) * 7u32), 0));
            let (front, back) = terms.split_at(cut.min(terms.len()));
            let (mut left, mut right) = (FloatSum::default(), FloatSum::default());
            front.iter().rev().for_each(|term| left.add(float(term)));
            back.iter().for_each(|term| right.add(float(term)));
            right.merge(&left);
            prop_assert_eq!(right, sum);
        }
    }
}
