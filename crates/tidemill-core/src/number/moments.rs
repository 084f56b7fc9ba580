//! Count, sum and sum of squares of a column, and what follows from them: mean, variance, standard deviation.
//!
//! The decision that shaped it: both sums are exact. The textbook formula for the variance, the mean of the squares
//! less the square of the mean, is ruinous in floats and simply true in integers; so merging is addition, and there is
//! no running mean to be updated in an order that shows.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::round::{power_of_ten, ratio, sqrt_ratio};
use super::sum::Sum;

/// The first two power sums, and how many values went into them. Serialised, equal moments are equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub s1: Sum,
    /// The sum of their squares.
    pub s2: Sum,
}

impl Moments {
    pub fn new() -> Moments {
        Moments::default()
    }

    /// Adds `value` as often as `times` says.
    pub fn add(&mut self, value: Decimal, times: u64) {
        self.count = self.count.saturating_add(times);
        self.s1.add_times(value, times);
        self.s2.add_square(value.mantissa, value.exponent, times);
    }

    /// Adds `mantissa * 10^exponent` once.
    #[inline]
    pub fn add_small(&mut self, mantissa: i64, exponent: i16) {
        self.count = self.count.saturating_add(1);
        self.s1.add(mantissa, exponent);
        self.s2.add_square(i128::from(mantissa), exponent, 1);
    }

    /// Adds `count` values that are all integers times `10^exponent`, given the sum of those integers and the sum
    /// of their squares. The caller sees to it that neither overflowed: 340 squares of eighteen digits are enough.
    pub fn add_chunk(&mut self, count: u64, sum: i128, squares: u128, exponent: i16) {
        self.count = self.count.saturating_add(count);
        self.s1.add_wide(sum, exponent);
        self.s2.add_squares(squares, exponent);
    }

    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Moments) {
        self.count = self.count.saturating_add(other.count);
        self.s1.merge(&other.s1);
        self.s2.merge(&other.s2);
    }

    /// The mean, correctly rounded; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let sum = self.s1.exact();
        Some(ratio(
            &sum.mantissa,
            &BigUint::from(self.count),
            sum.exponent,
        ))
    }

    /// The variance of a sample, its divisor `count - 1`, correctly rounded; `None` with fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        let (num, exponent) = self.spread()?;
        Some(ratio(&num.into(), &self.divisor()?, exponent))
    }

    /// The standard deviation of a sample, the square root of [`Moments::variance`] before that is rounded, correctly
    /// rounded itself; `None` with fewer than two values.
    pub fn std(&self) -> Option<f64> {
        let (num, exponent) = self.spread()?;
        Some(sqrt_ratio(&num, &self.divisor()?, exponent))
    }

    /// The variance of a whole population, its divisor `count`, correctly rounded; `None` without values.
    pub fn population_variance(&self) -> Option<f64> {
        let (num, exponent) = self.spread()?;
        let count = BigUint::from(self.count);
        Some(ratio(&num.into(), &(&count * &count), exponent))
    }

    /// `count * (count - 1)`.
    fn divisor(&self) -> Option<BigUint> {
        (self.count >= 2).then(|| BigUint::from(self.count) * (self.count - 1))
    }

    /// `count * s2 - s1^2`, as an integer and its power of ten. It is not negative for any values (Cauchy and
    /// Schwarz), so `None` means no values, or fields that were not made by adding.
    pub(crate) fn spread(&self) -> Option<(BigUint, i32)> {
        if self.count == 0 {
            return None;
        }
        let (difference, exponent) = cross(self.count, &self.s2, &self.s1, &self.s1);
        Some((difference.to_biguint()?, exponent))
    }

    /// The standard deviation over the mean, correctly rounded; `None` with fewer than two values or a mean of zero.
    pub fn variation(&self) -> Option<f64> {
        let (spread, exponent) = self.spread()?;
        let sum = self.s1.exact();
        if self.count < 2 || sum.mantissa.is_zero() {
            return None;
        }
        let square = sum.mantissa.magnitude() * sum.mantissa.magnitude();
        let root = sqrt_ratio(
            &(spread * self.count),
            &(square * (self.count - 1)),
            exponent - 2 * sum.exponent,
        );
        Some(if sum.mantissa.sign() == Sign::Minus {
            -root
        } else {
            root
        })
    }

    /// The standard error of the mean, correctly rounded; `None` with fewer than two values.
    pub fn standard_error(&self) -> Option<f64> {
        let (spread, exponent) = self.spread()?;
        let divisor = self.divisor()? * self.count;
        Some(sqrt_ratio(&spread, &divisor, exponent))
    }
}

/// `count * product - left * right`, as an integer and its power of ten.
pub(crate) fn cross(count: u64, product: &Sum, left: &Sum, right: &Sum) -> (BigInt, i32) {
    let (product, left, right) = (product.exact(), left.exact(), right.exact());
    let minuend = product.mantissa * count;
    let subtrahend = left.mantissa * right.mantissa;
    let (high, low) = (product.exponent, left.exponent + right.exponent);
    let exponent = high.min(low);
    let scaled =
        |value: BigInt, from: i32| value * BigInt::from(power_of_ten(from.abs_diff(exponent)));
    (scaled(minuend, high) - scaled(subtrahend, low), exponent)
}

#[cfg(test)]
mod tests {
    use super::super::decimal::{Parsed, parse};
    use super::super::round::tests::is_nearest;
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Decimal {
        match parse(text.as_bytes()) {
            Parsed::Number(decimal) => decimal,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn of(values: impl IntoIterator<Item = Decimal>) -> Moments {
        let mut moments = Moments::new();
        values.into_iter().for_each(|value| moments.add(value, 1));
        moments
    }

    fn check(values: &[&str], mean: f64, variance: f64, std: f64, population: f64) {
        let moments = of(values.iter().map(|text| read(text)));
        assert_eq!(moments.mean(), Some(mean));
        assert_eq!(moments.variance(), Some(variance));
        assert_eq!(moments.std(), Some(std));
        assert_eq!(moments.population_variance(), Some(population));
    }

    #[test]
    fn by_hand() {
        // Mean 5; the squared deviations 9 1 1 1 0 0 4 16 add up to 32.
        check(
            &["2", "4", "4", "4", "5", "5", "7", "9"],
            5.0,
            32.0 / 7.0,
            2.138_089_935_299_395,
            4.0,
        );
        // Deviations of a tenth about a large mean, the case that floats lose.
        check(
            &["1000000000.1", "1000000000.2", "1000000000.3"],
            1000000000.2,
            0.01,
            0.1,
            0.02 / 3.0,
        );
        check(&["3.5", "3.50"], 3.5, 0.0, 0.0, 0.0);
        // Two chunks and an empty one in front: (1 + 2 + 3 + 10 + 11 + 12) / 6 = 6.5.
        let mut merged = Moments::new();
        merged.merge(&of(["1", "2", "3"].map(read)));
        merged.merge(&of(["10", "11", "12"].map(read)));
        assert_eq!(merged.mean(), Some(6.5));
    }

    #[test]
    fn as_python_has_it() {
        // Python 3.11: f = [Fraction(x) for x in values]; m = sum(f) / n; v = sum((x - m)**2 for x in f) / (n - 1);
        // the figures are float(m), float(v), statistics._float_sqrt_of_frac(v), float(v * (n - 1) / n).
        check(
            &["1.50", "2.25", "-3.125", "1e3", "0.001"],
            200.1252,
            199941.6499377,
            447.1483533881121,
            159953.31995016,
        );
        check(
            &["1e300", "-1e300", "1", "2"],
            0.75,
            f64::INFINITY,
            8.164965809277261e299,
            f64::INFINITY,
        );
        check(
            &["1e-160", "3e-160"],
            2e-160,
            2e-320,
            1.414213562373095e-160,
            1e-320,
        );
        check(&["1e-320", "3e-320"], 2e-320, 0.0, 1.414e-320, 0.0);
        check(
            &["12345678901234567890123456789012345678", "1e-38"],
            6.172839450617284e36,
            7.620789376619418e73,
            8.729713269414648e36,
            3.810394688309709e73,
        );
        check(
            &["1e20", "1", "1e-20"],
            3.333333333333333e19,
            3.333333333333333e39,
            5.773502691896258e19,
            2.2222222222222223e39,
        );
        let many: Vec<String> = (0..1000)
            .map(|i| format!("{}.{:02}", 7 * i * i % 1000, i % 100))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(
            &many,
            480.995,
            78803.14146646646,
            280.71897240205635,
            78724.338325,
        );
    }

    #[test]
    fn too_few_values_have_no_figure() {
        let none = Moments::new();
        assert_eq!(
            (
                none.mean(),
                none.variance(),
                none.std(),
                none.population_variance()
            ),
            (None, None, None, None)
        );
        let one = of([read("7.5")]);
        assert_eq!(
            (one.mean(), one.variance(), one.std()),
            (Some(7.5), None, None)
        );
        assert_eq!(one.population_variance(), Some(0.0));
    }

    #[test]
    fn fields_that_contradict_each_other_do_not_panic() {
        let mut wrong = of([read("7.5"), read("8")]);
        wrong.s2 = Sum::new();
        assert_eq!(
            (wrong.variance(), wrong.std(), wrong.population_variance()),
            (None, None, None)
        );
        wrong.count = u64::MAX;
        wrong.add(read("1"), 2);
        wrong.add_chunk(u64::MAX, i128::MIN, u128::MAX, i16::MIN);
        wrong.merge(&wrong.clone());
        assert_eq!(wrong.count, u64::MAX);
        let _ = (wrong.mean(), wrong.std());
    }

    /// Twenty squares of it fit in a `u128`.
    const POWER: i64 = 10i64.pow(18);

    fn values() -> impl Strategy<Value = Vec<Decimal>> {
        let mantissas = prop_oneof![
            (-10_000i128..10_000),
            any::<i64>().prop_map(i128::from),
            (1 - 10i128.pow(38)..10i128.pow(38)),
        ];
        let exponents = prop_oneof![4 => Just(-2i16), 3 => -4i16..3, 1 => -400i16..=400];
        let value =
            (mantissas, exponents).prop_map(|(mantissa, exponent)| Decimal { mantissa, exponent });
        proptest::collection::vec(value, 1..12)
    }

    /// Whether `got` is the `root`-th root of the sum of squared deviations over `divisor`, correctly rounded. The
    /// deviations are taken one by one from the mean, not by the formula under test; unit `10^-400`.
    fn is_spread(values: &[Decimal], divisor: usize, root: u32, got: f64) -> bool {
        let whole =
            |value: &Decimal| BigInt::from(10).pow((400 + value.exponent) as u32) * value.mantissa;
        let n = values.len();
        let sum: BigInt = values.iter().map(whole).sum();
        // n times each deviation is an integer.
        let squares: BigInt = values
            .iter()
            .map(|value| (whole(value) * n - &sum).pow(2))
            .sum();
        let den = BigInt::from(10).pow(800) * n * n * divisor;
        if squares.is_zero() {
            got == 0.0
        } else {
            is_nearest(&squares, &den, root, got)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn the_figures_are_the_nearest_floats(values in values()) {
            let moments = of(values.iter().copied());
            let n = values.len();
            let unit = BigInt::from(10).pow(400);
            let sum: BigInt = values.iter()
                .map(|value| BigInt::from(10).pow((400 + value.exponent) as u32) * value.mantissa)
                .sum();
            let mean = moments.mean().unwrap();
            let right = if sum.is_zero() { mean == 0.0 } else { is_nearest(&sum, &(unit * n), 1, mean) };
            prop_assert!(right);
            prop_assert!(is_spread(&values, n, 1, moments.population_variance().unwrap()));
            if n >= 2 {
                prop_assert!(is_spread(&values, n - 1, 1, moments.variance().unwrap()));
                prop_assert!(is_spread(&values, n - 1, 2, moments.std().unwrap()));
            }
        }

        #[test]
        fn every_way_of_adding_comes_to_the_same(
            mantissas in proptest::collection::vec(prop_oneof![-1000i64..1000, -POWER..=POWER], 0..20),
            exponent in -400i16..=400, cut in 0usize..20,
        ) {
            let one = |mantissa: i64| Decimal { mantissa: mantissa.into(), exponent };
            let straight = of(mantissas.iter().map(|&mantissa| one(mantissa)));
            let mut small = Moments::new();
            mantissas.iter().for_each(|&mantissa| small.add_small(mantissa, exponent));
            let mut chunk = Moments::new();
            let total: i128 = mantissas.iter().map(|&mantissa| i128::from(mantissa)).sum();
            let squares: u128 = mantissas.iter().map(|&mantissa| u128::from(mantissa.unsigned_abs()).pow(2)).sum();
            chunk.add_chunk(mantissas.len() as u64, total, squares, exponent);
            let (front, back) = mantissas.split_at(cut.min(mantissas.len()));
            let mut merged = of(back.iter().map(|&mantissa| one(mantissa)));
            merged.merge(&of(front.iter().map(|&mantissa| one(mantissa))));
            merged.merge(&Moments::new());
            let frozen = serde_json::to_string(&straight).unwrap();
            let thawed: Moments = serde_json::from_str(&frozen).unwrap();
            for other in [&small, &chunk, &merged, &thawed] {
                prop_assert_eq!(&straight, other);
                prop_assert_eq!(&frozen, &serde_json::to_string(other).unwrap());
            }
        }

        #[test]
        fn times_is_adding_so_often(value in values(), times in 0u64..6) {
            let value = value[0];
            let mut at_once = Moments::new();
            at_once.add(value, times);
            prop_assert_eq!(at_once, of((0..times).map(|_| value)));
        }
    }
}
