//! Quantiles of counted values, as exact fractions.
//!
//! The decision that shaped it: a quantile is a value, or a point between two of them in proportion, and what is made
//! of it (a range between quartiles, a fence) is a sum of such points. All stay fractions of integers until a figure is
//! printed, so nothing is rounded twice.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};

use super::decimal::Decimal;
use super::round::{power_of_ten, ratio};

/// `num / den * 10^exponent`.
#[derive(Clone, Debug)]
pub struct Fraction {
    num: BigInt,
    den: BigUint,
    exponent: i32,
}

impl From<Decimal> for Fraction {
    fn from(value: Decimal) -> Fraction {
        Fraction {
            num: value.mantissa.into(),
            den: 1u8.into(),
            exponent: value.exponent.into(),
        }
    }
}

impl Fraction {
    /// The nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        ratio(&self.num, &self.den, self.exponent)
    }

    /// Times `num / den`.
    pub fn times(&self, num: i64, den: u32) -> Fraction {
        Fraction {
            num: &self.num * num,
            den: &self.den * den,
            exponent: self.exponent,
        }
    }

    pub fn plus(&self, other: &Fraction) -> Fraction {
        let (left, right, exponent) = self.level(other);
        Fraction {
            num: left + right,
            den: &self.den * &other.den,
            exponent,
        }
    }

    pub fn minus(&self, other: &Fraction) -> Fraction {
        self.plus(&other.times(-1, 1))
    }

    pub fn magnitude(&self) -> Fraction {
        Fraction {
            num: self.num.magnitude().clone().into(),
            ..self.clone()
        }
    }

    /// Both numerators over the product of the denominators, at one power of ten.
    fn level(&self, other: &Fraction) -> (BigInt, BigInt, i32) {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |this: &Fraction, den: &BigUint| {
            let power = power_of_ten(this.exponent.abs_diff(exponent));
            &this.num * BigInt::from(den * power)
        };
        (scaled(self, &other.den), scaled(other, &self.den), exponent)
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Fraction) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        let (left, right, _) = self.level(other);
        left.cmp(&right)
    }
}

/// Where among `total` sorted values a percentage lies (type 7 of Hyndman and Fan, "Sample quantiles in statistical
/// packages", 1996): at the place (n - 1) p, which is `part / whole` behind the value of `rank`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub rank: u64,
    pub part: u64,
    pub whole: u64,
}

impl Place {
    /// The place of a percentage from 0 to 100 with at most six decimals; `None` without values.
    pub fn of(total: u64, percent: Decimal) -> Option<Place> {
        let places = u32::try_from(-i32::from(percent.exponent.min(0))).ok()?;
        let zeros = u32::try_from(percent.exponent.max(0)).ok()?;
        let share = u128::try_from(percent.mantissa)
            .ok()?
            .checked_mul(10u128.checked_pow(zeros)?)?;
        let whole = u128::from(10u64.checked_pow(places.checked_add(2)?)?);
        if total == 0 || share > whole || places > 6 {
            return None;
        }
        let at = u128::from(total - 1) * share;
        Some(Place {
            rank: (at / whole) as u64,
            part: (at % whole) as u64,
            whole: whole as u64,
        })
    }

    /// The point between two values in proportion.
    pub fn between(&self, low: &Fraction, high: &Fraction) -> Fraction {
        if self.part == 0 {
            return low.clone();
        }
        let weighted = |value: &Fraction, weight: u64| Fraction {
            num: &value.num * weight,
            den: &value.den * self.whole,
            exponent: value.exponent,
        };
        weighted(low, self.whole - self.part).plus(&weighted(high, self.part))
    }
}

/// The value of a rank, from 0, among sorted values with their counts.
pub fn ranked<T: Clone>(sorted: &[(T, u64)], rank: u64) -> Option<T> {
    let mut seen = 0;
    sorted
        .iter()
        .find(|(_, count)| {
            seen += count;
            rank < seen
        })
        .map(|(value, _)| value.clone())
}

/// The quantile at a percentage of sorted values with their counts.
pub fn quantile<T: Clone + Into<Fraction>>(
    sorted: &[(T, u64)],
    percent: Decimal,
) -> Option<Fraction> {
    let total = sorted.iter().map(|(_, count)| count).sum();
    let place = Place::of(total, percent)?;
    let low = ranked(sorted, place.rank)?.into();
    if place.part == 0 {
        return Some(low);
    }
    Some(place.between(&low, &ranked(sorted, place.rank + 1)?.into()))
}

/// The median absolute deviation from the median, both of type 7.
pub fn deviation(sorted: &[(Decimal, u64)]) -> Option<Fraction> {
    let middle = quantile(sorted, HALF)?;
    let mut deviations: Vec<(Fraction, u64)> = sorted
        .iter()
        .map(|(value, count)| (Fraction::from(*value).minus(&middle).magnitude(), *count))
        .collect();
    deviations.sort_by(|a, b| a.0.cmp(&b.0));
    quantile(&deviations, HALF)
}

/// Fifty percent.
pub const HALF: Decimal = percent(50);

pub const fn percent(whole: i128) -> Decimal {
    Decimal {
        mantissa: whole,
        exponent: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(mantissa: i128, exponent: i16) -> Decimal {
        Decimal { mantissa, exponent }
    }

    fn counted(values: &[i128]) -> Vec<(Decimal, u64)> {
        let mut sorted: Vec<_> = values.iter().map(|value| (decimal(*value, 0), 1)).collect();
        sorted.sort();
        sorted
    }

    #[test]
    fn by_hand() {
        let of =
            |values: &[i128], percent| quantile(&counted(values), percent).map(|at| at.to_f64());
        assert_eq!(of(&[], HALF), None);
        assert_eq!(of(&[7], percent(95)), Some(7.0));
        assert_eq!(of(&[1, 2, 3, 4], HALF), Some(2.5));
        // Place 3 * 0.25 = 0.75: from 1 to 2.
        assert_eq!(of(&[4, 3, 2, 1], percent(25)), Some(1.75));
        assert_eq!(of(&[1, 2, 3, 4], percent(0)), Some(1.0));
        assert_eq!(of(&[1, 2, 3, 4], percent(100)), Some(4.0));
        // Place 1 * 0.999.
        assert_eq!(of(&[0, 1000], decimal(999, -1)), Some(999.0));
        assert_eq!(of(&[0, 1000], decimal(1001, -1)), None);
        // The middle of two numbers of 38 digits that differ by one is halved exactly and rounded once.
        let wide = [
            99999999999999999999999999999999999997,
            99999999999999999999999999999999999998,
        ];
        assert_eq!(of(&wide, HALF), Some(1e38));
        // 1 1 2 2 4 6 9: median 2, deviations 1 1 0 0 2 4 7, whose median is 1.
        let mad = deviation(&counted(&[1, 1, 2, 2, 4, 6, 9])).map(|at| at.to_f64());
        assert_eq!(mad, Some(1.0));
        // 1 2: median 1.5, both deviations a half.
        assert_eq!(
            deviation(&counted(&[1, 2])).map(|at| at.to_f64()),
            Some(0.5)
        );
    }

    proptest! {
        /// The definition, value by value, in integers: (n - 1) p of the sorted list.
        #[test]
        fn a_quantile_is_its_definition(values in proptest::collection::vec(-100i128..100, 1..20), thousandths in 0u64..=100_000) {
            let sorted = counted(&values);
            let got = quantile(&sorted, decimal(i128::from(thousandths), -3)).unwrap();
            let at = (values.len() as u64 - 1) * thousandths;
            let (rank, part) = ((at / 100_000) as usize, i128::from(at % 100_000));
            let low = sorted[rank].0.mantissa;
            let high = sorted.get(rank + 1).map_or(low, |(value, _)| value.mantissa);
            prop_assert_eq!(got, Fraction::from(decimal(low * (100_000 - part) + high * part, -5)));
        }

        /// Counting values is the same as listing them.
        #[test]
        fn counts_are_repetitions(values in proptest::collection::vec((-9i128..9, 1u64..4), 1..9), whole in 0i128..=100) {
            let mut sorted: Vec<_> = values.iter().map(|(value, count)| (decimal(*value, 0), *count)).collect();
            sorted.sort();
            let listed: Vec<_> = sorted.iter().flat_map(|(value, count)| (0..*count).map(|_| (*value, 1))).collect();
            prop_assert_eq!(quantile(&sorted, percent(whole)), quantile(&listed, percent(whole)));
            prop_assert_eq!(deviation(&sorted), deviation(&listed));
        }
    }
}
