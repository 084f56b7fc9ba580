//! Means that only positive numbers have, shared by `geometric_mean` and `harmonic_mean`: floats of the
//! values (their logarithms, their reciprocals), whose sum is exact.
//!
//! A logarithm is that of a number near one, and a power of two beside it: so what its float lacks is
//! small, and the mean of one value again and again is that value to the last digit or the one before.

use serde::{Deserialize, Serialize};

use crate::number::decimal::Decimal;
use crate::number::float_sum::FloatSum;
use crate::reduce::{Gather, Limits, Needs, View};

/// The sum of logarithms.
pub type Logarithms = Positive<true>;
/// The sum of reciprocals.
pub type Reciprocals = Positive<false>;

/// How many values were positive, zero and negative, and the sum over the positive ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Positive<const LOGARITHM: bool> {
    positive: u64,
    zero: u64,
    /// Negative values, and those whose term is no float.
    outside: u64,
    sum: FloatSum,
    /// Powers of two that the logarithms are without.
    powers: i128,
}

impl<const LOGARITHM: bool> Positive<LOGARITHM> {
    pub fn add(&mut self, value: Decimal, times: u64) {
        if value.mantissa == 0 {
            self.zero += times;
            return;
        }
        let (term, power) = if LOGARITHM {
            logarithm(value)
        } else {
            (1.0 / value.to_f64(), 0)
        };
        if value.mantissa < 0 || !term.is_finite() {
            self.outside += times;
            return;
        }
        self.positive += times;
        self.sum.add_times(term, times);
        self.powers += i128::from(power) * i128::from(times);
    }

    pub fn merge(&mut self, other: &Self) {
        self.positive += other.positive;
        self.zero += other.zero;
        self.outside += other.outside;
        self.sum.merge(&other.sum);
        self.powers += other.powers;
    }

    /// How many values have a part in the mean; `None` where there is no mean.
    fn count(&self) -> Option<u64> {
        (self.outside == 0 && self.positive + self.zero > 0).then_some(self.positive)
    }
}

impl Logarithms {
    /// The geometric mean.
    pub fn geometric(&self) -> Option<f64> {
        let count = self.count()?;
        if self.zero > 0 {
            return Some(0.0);
        }
        let whole = self.powers.div_euclid(i128::from(count));
        let rest = self.powers.rem_euclid(i128::from(count)) as f64 / count as f64;
        let near_one = libm::exp(rest * std::f64::consts::LN_2 + self.sum.over(count));
        Some(libm::scalbn(near_one, whole as i32))
    }
}

impl Reciprocals {
    /// The count over the sum.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count()?;
        Some(if self.zero > 0 {
            0.0
        } else {
            self.sum.under(count)
        })
    }
}

/// The logarithm of a value over a power of two, and that power.
fn logarithm(value: Decimal) -> (f64, i32) {
    let float = value.to_f64();
    if float.is_normal() {
        return split(float);
    }
    // Beyond floats the power of ten goes by its logarithm.
    let mantissa = Decimal {
        exponent: 0,
        ..value
    };
    let (near_one, power) = split(mantissa.to_f64());
    let tens = f64::from(value.exponent) * std::f64::consts::LN_10;
    (near_one + tens, power)
}

/// The logarithm of a number from the root of one half to the root of two, and the power of two that
/// it was brought there by.
fn split(float: f64) -> (f64, i32) {
    let (mut fraction, mut power) = libm::frexp(float);
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        (fraction, power) = (fraction * 2.0, power - 1);
    }
    (libm::log(fraction), power)
}

impl<const LOGARITHM: bool> Gather for Positive<LOGARITHM> {
    const NEEDS: Needs = Needs::Numbers;

    fn zero(_: &Limits) -> Self {
        Positive::default()
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        if let Some(value) = view.typed().and_then(|typed| typed.value(row)) {
            self.add(value, 1);
        }
    }

    fn join(&mut self, other: &Self) {
        self.merge(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::decimal::{Parsed, parse};
    use proptest::prelude::*;

    fn of(values: &[&str]) -> (Logarithms, Reciprocals) {
        let mut both = (Logarithms::default(), Reciprocals::default());
        for text in values {
            if let Parsed::Number(value) = parse(text.as_bytes()) {
                both.0.add(value, 1);
                both.1.add(value, 1);
            }
        }
        both
    }

    fn check(values: &[&str], geometric: Option<f64>, harmonic: Option<f64>) {
        let (logarithms, reciprocals) = of(values);
        let near = |got: Option<f64>, want: Option<f64>| match (got, want) {
            (Some(got), Some(want)) => (got - want).abs() <= want.abs() * 4e-16,
            (got, want) => got == want,
        };
        assert!(
            near(logarithms.geometric(), geometric),
            "{values:?}: {:?}",
            logarithms.geometric()
        );
        assert!(
            near(reciprocals.mean(), harmonic),
            "{values:?}: {:?}",
            reciprocals.mean()
        );
    }

    #[test]
    fn by_hand() {
        check(&["2", "8"], Some(4.0), Some(3.2));
        check(&["1", "10", "100"], Some(10.0), Some(100.0 / 37.0));
        check(&["2013"; 7], Some(2013.0), Some(2013.0));
        // The fourth root of 1 * 1e300 * 1e-300 * 16.
        check(&["1", "1e300", "1e-300", "16"], Some(2.0), Some(4e-300));
        check(&["3", "0"], Some(0.0), Some(0.0));
        check(&["3", "-1"], None, None);
        check(&[], None, None);
        // Beyond floats: the root of 1e400 and 1e-390 is 1e5; a reciprocal of the first is no normal float.
        assert!((of(&["1e400", "1e-390"]).0.geometric().unwrap() - 1e5).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn one_value_again_and_again_is_that_value(mantissa in 1i64..1_000_000_000, exponent in -9i16..9, times in 1u64..1000) {
            let value = Decimal { mantissa: mantissa.into(), exponent };
            let mut logarithms = Logarithms::default();
            logarithms.add(value, times);
            let (got, want) = (logarithms.geometric().unwrap(), value.to_f64());
            prop_assert!((got - want).abs() <= want * 3e-16, "{} for {}", got, want);
        }
    }
}
