//! The exact sums of two columns side by side, and what follows from them: covariance and correlation.
//!
//! The decision that shaped it: only rows in which both columns have a value count, for all of the sums; so each figure
//! is about one set of rows, and a correlation cannot leave -1 to 1.

use num_bigint::Sign;
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::moments::{Moments, cross};
use super::round::{ratio, sqrt_ratio};
use super::sum::Sum;

/// The sums, squares and products of pairs. Serialised, equal pairs are equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairs {
    pub x: Moments,
    pub y: Moments,
    pub xy: Sum,
}

impl Pairs {
    pub fn add(&mut self, x: Decimal, y: Decimal) {
        self.x.add(x, 1);
        self.y.add(y, 1);
        self.xy.add_product(&[x, y], 1);
    }

    /// Adds `count` pairs of integers times powers of ten, given their sums, squares and products.
    pub fn add_chunk(&mut self, count: u64, x: (i128, u128, i8), y: (i128, u128, i8), xy: i128) {
        self.x.add_chunk(count, x.0, x.1, x.2.into());
        self.y.add_chunk(count, y.0, y.1, y.2.into());
        self.xy.add_wide(xy, i16::from(x.2) + i16::from(y.2));
    }

    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Pairs) {
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.xy.merge(&other.xy);
    }

    /// The covariance of a sample, its divisor `count - 1`, correctly rounded; `None` with fewer than two pairs.
    pub fn covariance(&self) -> Option<f64> {
        let count = self.x.count;
        if count < 2 {
            return None;
        }
        let (num, exponent) = cross(count, &self.xy, &self.x.s1, &self.y.s1);
        let den = num_bigint::BigUint::from(count) * (count - 1);
        Some(ratio(&num, &den, exponent))
    }

    /// Pearson's correlation, correctly rounded; `None` where one of the columns has no spread.
    pub fn correlation(&self) -> Option<f64> {
        let ((of_x, low), (of_y, high)) = (self.x.spread()?, self.y.spread()?);
        let den = of_x * of_y;
        if self.x.count < 2 || den.is_zero() {
            return None;
        }
        let (num, exponent) = cross(self.x.count, &self.xy, &self.x.s1, &self.y.s1);
        let square = num.magnitude() * num.magnitude();
        let root = sqrt_ratio(&square, &den, 2 * exponent - low - high);
        Some(if num.sign() == Sign::Minus {
            -root
        } else {
            root
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::round::tests::is_nearest;
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn whole(mantissa: i128) -> Decimal {
        Decimal {
            mantissa,
            exponent: 0,
        }
    }

    fn of(pairs: impl IntoIterator<Item = (Decimal, Decimal)>) -> Pairs {
        let mut sums = Pairs::default();
        pairs.into_iter().for_each(|(x, y)| sums.add(x, y));
        sums
    }

    #[test]
    fn by_hand() {
        // Means 2 and 4; deviations -1 0 1 and -2 -2 4: products 2 0 4, squares 2 and 24.
        let pairs = of([(1, 2), (2, 2), (3, 8)].map(|(x, y)| (whole(x), whole(y))));
        assert_eq!(pairs.covariance(), Some(3.0));
        assert_eq!(pairs.correlation(), Some(0.8660254037844386)); // 6 / sqrt(48)
        // y = 7 - 3 x, far from zero: a line is -1 exactly.
        let line = of((0..9i128).map(|x| (whole(10i128.pow(20) + x), whole(7 - 3 * x))));
        assert_eq!(line.correlation(), Some(-1.0));
        assert_eq!(of([(whole(1), whole(2))]).covariance(), None);
        let flat = of([(1, 2), (2, 2)].map(|(x, y)| (whole(x), whole(y))));
        assert_eq!((flat.covariance(), flat.correlation()), (Some(0.0), None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_figures_are_the_nearest_floats(
            cells in proptest::collection::vec((-100_000i128..100_000, -100_000i128..100_000, 0i16..3), 2..12),
        ) {
            let unit = |mantissa: i128, places: i16| BigInt::from(mantissa) * BigInt::from(10).pow((2 - places) as u32);
            let n = BigInt::from(cells.len());
            let (sx, sy) = cells.iter().fold((BigInt::zero(), BigInt::zero()), |(x, y), (a, b, places)| (x + unit(*a, *places), y + unit(*b, 0)));
            let deviations: Vec<(BigInt, BigInt)> = cells.iter().map(|(a, b, places)| (unit(*a, *places) * &n - &sx, unit(*b, 0) * &n - &sy)).collect();
            let product: BigInt = deviations.iter().map(|(x, y)| x * y).sum();
            let (xx, yy): (BigInt, BigInt) = (deviations.iter().map(|(x, _)| x * x).sum(), deviations.iter().map(|(_, y)| y * y).sum());
            let pairs = of(cells.iter().map(|(a, b, places)| (Decimal { mantissa: *a, exponent: -places }, whole(*b))));
            let got = pairs.covariance().unwrap();
            let den = &n * &n * (&n - 1) * 10_000;
            let right = if product.is_zero() { got == 0.0 } else { is_nearest(&product, &den, 1, got) };
            prop_assert!(right);
            match pairs.correlation() {
                None => prop_assert!(xx.is_zero() || yy.is_zero()),
                Some(got) => {
                    prop_assert!((-1.0..=1.0).contains(&got));
                    let square = &product * &product;
                    let right = if product.is_zero() { got == 0.0 } else { is_nearest(&square, &(xx * yy), 2, got.abs()) };
                    prop_assert!(right);
                }
            }
        }
    }
}
