//! The third and fourth power sums of a column beside its moments, and what follows from them: skewness and kurtosis.
//!
//! The decision that shaped it: like the first two they are exact integers, so that the central moments, differences of
//! large and nearly equal terms, lose nothing, and each figure is one quotient that is rounded once.

use num_bigint::{BigInt, Sign};
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::moments::Moments;
use super::round::{power_of_ten, ratio, sqrt_ratio};
use super::sum::Sum;

/// The first four power sums. Serialised, equal powers are equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Powers {
    pub moments: Moments,
    pub s3: Sum,
    pub s4: Sum,
}

impl Powers {
    /// Adds `value` as often as `times` says.
    pub fn add(&mut self, value: Decimal, times: u64) {
        self.moments.add(value, times);
        self.s3.add_product(&[value; 3], times);
        self.s4.add_product(&[value; 4], times);
    }

    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Powers) {
        self.moments.merge(&other.moments);
        self.s3.merge(&other.s3);
        self.s4.merge(&other.s4);
    }

    /// The skewness of a sample, adjusted for its size (the G1 of Joanes and Gill, "Comparing measures of sample
    /// skewness and kurtosis", 1998), correctly rounded; `None` with fewer than three values or no spread.
    pub fn skewness(&self) -> Option<f64> {
        let count = self.moments.count;
        let [second, third, _] = self.central()?;
        if count < 3 || second.is_zero() {
            return None;
        }
        // G1 squared is n (n - 1) / (n - 2)^2 times the square of the third over the cube of the second.
        let second = second.magnitude();
        let num = third.magnitude() * third.magnitude() * count * (count - 1);
        let den = second * second * second * (count - 2) * (count - 2);
        let root = sqrt_ratio(&num, &den, 0);
        Some(if third.sign() == Sign::Minus {
            -root
        } else {
            root
        })
    }

    /// The excess kurtosis of a sample, adjusted for its size (the G2 of Joanes and Gill), correctly rounded; `None`
    /// with fewer than four values or no spread.
    pub fn kurtosis(&self) -> Option<f64> {
        let count = self.moments.count;
        let [second, _, fourth] = self.central()?;
        if count < 4 || second.is_zero() {
            return None;
        }
        let square = &second * &second;
        let num = (fourth * (count + 1) - &square * 3 * (count - 1)) * (count - 1);
        let den = square.magnitude() * (count - 2) * (count - 3);
        Some(ratio(&num, &den, 0))
    }

    /// The central moments of order 2, 3 and 4 times the count to that power, all as integers of one unit to that
    /// power, which the quotients above are free of.
    fn central(&self) -> Option<[BigInt; 3]> {
        if self.moments.count == 0 {
            return None;
        }
        let sums = [&self.moments.s1, &self.moments.s2, &self.s3, &self.s4].map(Sum::exact);
        let unit = (1..)
            .zip(&sums)
            .map(|(power, sum)| sum.exponent.div_euclid(power))
            .min()?;
        let mut whole = (1..).zip(sums).map(|(power, sum)| {
            let zeros = sum.exponent - power * unit;
            sum.mantissa * BigInt::from(power_of_ten(zeros.unsigned_abs()))
        });
        let (s1, s2) = (whole.next()?, whole.next()?);
        let (s3, s4) = (whole.next()?, whole.next()?);
        let n = BigInt::from(self.moments.count);
        let (square, n2) = (&s1 * &s1, &n * &n);
        let second = &n * &s2 - &square;
        let third = &n2 * &s3 - &n * &s1 * &s2 * 3 + &square * &s1 * 2;
        let fourth =
            &n2 * &n * s4 - &n2 * &s1 * s3 * 4 + &n * &square * s2 * 6 - &square * &square * 3;
        // Squares are not negative; what says otherwise was not made by adding.
        (second.sign() != Sign::Minus).then_some([second, third, fourth])
    }
}

#[cfg(test)]
mod tests {
    use super::super::decimal::{Parsed, parse};
    use super::super::round::tests::is_nearest;
    use super::*;
    use proptest::prelude::*;

    fn of(values: impl IntoIterator<Item = Decimal>) -> Powers {
        let mut powers = Powers::default();
        values.into_iter().for_each(|value| powers.add(value, 1));
        powers
    }

    fn read(text: &str) -> Decimal {
        match parse(text.as_bytes()) {
            Parsed::Number(decimal) => decimal,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn by_hand() {
        // 0 0 0 4: mean 1, deviations -1 -1 -1 3, so m2 = 3, m3 = 6, m4 = 21, g1 = 6 / 3^1.5, g2 = 21/9 - 3.
        // G1 = g1 sqrt(12) / 2 = 2, and G2 = 3 / (2 * 1) * (5 * -2/3 + 6) = 4.
        let powers = of(["0", "0", "0", "4"].map(read));
        assert_eq!(powers.skewness(), Some(2.0));
        assert_eq!(powers.kurtosis(), Some(4.0));
        let turned = of(["1e-9", "1e-9", "1e-9", "-3.999999999"].map(read));
        assert_eq!(turned.skewness(), Some(-2.0));
        // 1 to 4: symmetric, m2 = 5/4, m4 = 41/16, g2 = 41/25 - 3; G2 = 3/2 * (5 * -34/25 + 6) = -1.2.
        let even = of(["1", "2", "3", "4"].map(read));
        assert_eq!(even.skewness(), Some(0.0));
        assert_eq!(even.kurtosis(), Some(-1.2));
        // A large mean, at which floats have nothing left of the deviations.
        let far = of([
            "1e30",
            "1000000000000000000000000000001",
            "1000000000000000000000000000002",
            "1000000000000000000000000000003",
        ]
        .map(read));
        assert_eq!((far.skewness(), far.kurtosis()), (Some(0.0), Some(-1.2)));
    }

    #[test]
    fn too_few_values_or_no_spread_have_no_figure() {
        assert_eq!(Powers::default().skewness(), None);
        let two = of(["1", "2"].map(read));
        assert_eq!((two.skewness(), two.kurtosis()), (None, None));
        let three = of(["1", "2", "4"].map(read));
        assert!(three.skewness().is_some() && three.kurtosis().is_none());
        let alike = of(["5", "5.0", "5", "5", "5"].map(read));
        assert_eq!((alike.skewness(), alike.kurtosis()), (None, None));
        let mut wrong = of(["7", "8", "11", "12"].map(read));
        wrong.moments.s2 = Sum::new();
        assert_eq!((wrong.skewness(), wrong.kurtosis()), (None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Deviations are taken one by one from the mean, not by the formulas under test.
        #[test]
        fn the_figures_are_the_nearest_floats(
            mantissas in proptest::collection::vec((prop_oneof![-1000i128..1000, any::<i64>().prop_map(i128::from)], -3i16..3), 4..10),
        ) {
            let values: Vec<Decimal> = mantissas.iter().map(|&(mantissa, exponent)| Decimal { mantissa, exponent }).collect();
            let n = BigInt::from(values.len());
            let whole = |value: &Decimal| BigInt::from(10).pow((3 + value.exponent) as u32) * value.mantissa;
            let sum: BigInt = values.iter().map(whole).sum();
            let power = |k: u32| values.iter().map(|value| (whole(value) * &n - &sum).pow(k)).sum::<BigInt>();
            // Of n times the deviations: m_k is power(k) / n, and the quotients are free of the unit.
            let (p2, p3, p4) = (power(2), power(3), power(4));
            prop_assume!(!p2.is_zero());
            let powers = of(values);
            let one = BigInt::from(1);
            // g1^2 = (p3 / n)^2 / (p2 / n)^3 = n p3^2 / p2^3.
            let num = &n * &p3 * &p3 * &n * (&n - &one);
            let den = p2.pow(3) * (&n - 2) * (&n - 2);
            let got = powers.skewness().unwrap();
            let right = if p3.is_zero() { got == 0.0 } else { is_nearest(&num, &den, 2, got.abs()) && (got < 0.0) == (p3.sign() == Sign::Minus) };
            prop_assert!(right);
            // g2 = n p4 / p2^2 - 3.
            let num: BigInt = (&n - &one) * ((&n + &one) * (&n * &p4 - 3 * &p2 * &p2) + 6 * &p2 * &p2);
            let den = (&n - 2) * (&n - 3) * &p2 * &p2;
            let got = powers.kurtosis().unwrap();
            let right = if num.is_zero() { got == 0.0 } else { is_nearest(&num, &den, 1, got) };
            prop_assert!(right);
        }
    }
}
