//! The exact sum of decimal numbers.
//!
//! The decision that shaped it: a column's numbers nearly always share one scale, or differ by a few places, so a sum
//! is one `i128` at one power of ten, as small as a float sum with its compensation. What that has no room for goes
//! into big integers, one for each power of ten, in the manner of a superaccumulator (Kulisch, "Computer Arithmetic and
//! Validity", 2008). Nothing is ever rounded, so how the state came about is invisible: equality and the serialised
//! bytes go by the value alone.

use std::collections::BTreeMap;
use std::fmt;

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::decimal::{Decimal, POWERS};
use super::round::{power_of_ten, ratio};

/// The furthest exponent a frozen sum may have. Any number that can be added stays within, so a larger one comes from
/// damaged bytes, and would ask for memory without bound.
const MAX_EXPONENT: i32 = 70_000;

/// An exact sum; zero to begin with.
#[derive(Clone, Default)]
pub struct Sum {
    sum: i128,
    exponent: i32,
    /// What was too far from `sum * 10^exponent` to be kept with it, by exponent. The value is the total of both.
    #[expect(
        clippy::box_collection,
        reason = "a group by holds a sum for each group, and the map is rarely there: 8 bytes, not 24"
    )]
    wide: Option<Box<BTreeMap<i32, BigInt>>>,
}

impl Sum {
    pub fn new() -> Sum {
        Sum::default()
    }

    /// Adds `mantissa * 10^exponent`.
    #[inline]
    pub fn add(&mut self, mantissa: i64, exponent: i16) {
        self.add_wide(i128::from(mantissa), exponent);
    }

    /// Adds `mantissa * 10^exponent`.
    #[inline]
    pub fn add_wide(&mut self, mantissa: i128, exponent: i16) {
        let exponent = i32::from(exponent);
        match self.sum.checked_add(mantissa) {
            Some(sum) if exponent == self.exponent => self.sum = sum,
            _ => self.add_scaled(mantissa, exponent),
        }
    }

    /// Adds `value` as often as `times` says.
    pub fn add_times(&mut self, value: Decimal, times: u64) {
        match value.mantissa.checked_mul(i128::from(times)) {
            Some(mantissa) => self.add_wide(mantissa, value.exponent),
            None => self.add_big(
                BigInt::from(value.mantissa) * times,
                i32::from(value.exponent),
            ),
        }
    }

    /// Adds the square of `mantissa * 10^exponent` as often as `times` says.
    #[inline]
    pub fn add_square(&mut self, mantissa: i128, exponent: i16, times: u64) {
        let exponent = 2 * i32::from(exponent);
        let square = mantissa
            .checked_mul(mantissa)
            .and_then(|square| square.checked_mul(i128::from(times)));
        match square {
            Some(square) => match self.sum.checked_add(square) {
                Some(sum) if exponent == self.exponent => self.sum = sum,
                _ => self.add_scaled(square, exponent),
            },
            None => {
                let mantissa = BigInt::from(mantissa);
                self.add_big(&mantissa * &mantissa * times, exponent);
            }
        }
    }

    /// Adds the product of the factors as often as `times` says.
    pub fn add_product(&mut self, factors: &[Decimal], times: u64) {
        let exponent = factors
            .iter()
            .map(|factor| i32::from(factor.exponent))
            .sum::<i32>();
        let product = factors
            .iter()
            .try_fold(i128::from(times), |product, factor| {
                product.checked_mul(factor.mantissa)
            });
        match product {
            Some(product) => match self.sum.checked_add(product) {
                Some(sum) if exponent == self.exponent => self.sum = sum,
                _ => self.add_scaled(product, exponent),
            },
            None => {
                let product = factors.iter().fold(BigInt::from(times), |product, factor| {
                    product * factor.mantissa
                });
                self.add_big(product, exponent);
            }
        }
    }

    /// Adds `product * 10^(powers * exponent)`: products that were added up elsewhere.
    pub(crate) fn add_products(&mut self, product: i128, exponent: i16, powers: i32) {
        self.add_scaled(product, powers * i32::from(exponent));
    }

    /// Adds `squares * 10^(2 * exponent)`: squares of mantissas that were added up elsewhere.
    pub(crate) fn add_squares(&mut self, squares: u128, exponent: i16) {
        let exponent = 2 * i32::from(exponent);
        match i128::try_from(squares) {
            Ok(squares) => self.add_scaled(squares, exponent),
            Err(_) => self.add_big(BigInt::from(squares), exponent),
        }
    }

    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Sum) {
        self.add_scaled(other.sum, other.exponent);
        for (&exponent, mantissa) in other.wide.iter().flat_map(|wide| wide.iter()) {
            self.add_big(mantissa.clone(), exponent);
        }
    }

    /// Whether the sum is zero, be it that nothing was added or that it cancelled out.
    pub fn is_zero(&self) -> bool {
        match &self.wide {
            None => self.sum == 0,
            Some(_) => self.exact().mantissa.is_zero(),
        }
    }

    /// The value.
    pub fn exact(&self) -> Exact {
        let Some(wide) = &self.wide else {
            return Exact::new(BigInt::from(self.sum), self.exponent);
        };
        let mut parts: BTreeMap<i32, BigInt> = BTreeMap::clone(wide);
        *parts.entry(self.exponent).or_default() += self.sum;
        // From the largest power down, so that each step multiplies only by what lies between two of them.
        let mut total = BigInt::zero();
        let mut scale = 0;
        for (exponent, part) in parts.into_iter().rev() {
            if !total.is_zero() {
                total *= BigInt::from(power_of_ten(exponent.abs_diff(scale)));
            }
            total += part;
            scale = exponent;
        }
        Exact::new(total, scale)
    }

    /// The slow half of adding: brings both to one scale or, failing that, puts the old sum aside.
    #[inline(never)]
    fn add_scaled(&mut self, mantissa: i128, exponent: i32) {
        if mantissa == 0 {
            return;
        }
        if self.sum == 0 {
            self.sum = mantissa;
            self.exponent = exponent;
            return;
        }
        let power = POWERS.get(exponent.abs_diff(self.exponent) as usize);
        let together = power.and_then(|power| {
            if exponent >= self.exponent {
                self.sum.checked_add(mantissa.checked_mul(*power)?)
            } else {
                self.sum.checked_mul(*power)?.checked_add(mantissa)
            }
        });
        if let Some(together) = together {
            self.sum = together;
            self.exponent = self.exponent.min(exponent);
            return;
        }
        // The newcomer becomes the small sum: the numbers after it are more likely to be of its kind than of the
        // kind before it, and one odd value costs two of these moves.
        self.add_big(BigInt::from(self.sum), self.exponent);
        self.sum = mantissa;
        self.exponent = exponent;
    }

    fn add_big(&mut self, mantissa: BigInt, exponent: i32) {
        if mantissa.is_zero() {
            return;
        }
        let wide = self.wide.get_or_insert_default();
        *wide.entry(exponent).or_default() += mantissa;
    }
}

impl PartialEq for Sum {
    fn eq(&self, other: &Sum) -> bool {
        self.exact() == other.exact()
    }
}

impl Eq for Sum {}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sum({})", self.exact().to_text())
    }
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.wide.is_some() {
            return self.exact().serialize(serializer);
        }
        // The same bytes without a big integer: spilled groups have millions of sums.
        let (magnitude, zeros) = lowest(self.sum.unsigned_abs());
        let exponent = if magnitude == 0 {
            0
        } else {
            self.exponent + zeros
        };
        let bytes = magnitude.to_le_bytes();
        let len = bytes.len() - (magnitude.leading_zeros() / 8) as usize;
        let sign = self.sum.signum() as i8;
        (sign, &bytes[..len], exponent).serialize(serializer)
    }
}

/// A magnitude without its trailing zeros, and how many they were.
fn lowest(mut magnitude: u128) -> (u128, i32) {
    let mut zeros = 0;
    while u64::try_from(magnitude).is_err() && magnitude.is_multiple_of(10) {
        magnitude /= 10;
        zeros += 1;
    }
    // An u64 divides many times faster.
    if let Ok(mut small) = u64::try_from(magnitude) {
        while small != 0 && small % 10 == 0 {
            small /= 10;
            zeros += 1;
        }
        magnitude = u128::from(small);
    }
    (magnitude, zeros)
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sum, D::Error> {
        let (sign, magnitude, exponent) = <(i8, Vec<u8>, i32)>::deserialize(deserializer)?;
        if let Some(small) = small(sign, &magnitude, exponent) {
            return Ok(Sum {
                sum: small,
                exponent,
                wide: None,
            });
        }
        let exact = Exact::read(sign, &magnitude, exponent)?;
        let mut sum = Sum::new();
        match exact.mantissa.to_i128() {
            Some(mantissa) => sum.add_scaled(mantissa, exact.exponent),
            None => sum.add_big(exact.mantissa, exact.exponent),
        }
        Ok(sum)
    }
}

/// The number `mantissa * 10^exponent` without a bound on its digits. There is one for each value: the mantissa has
/// no factor of ten, and zero is `0 * 10^0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    pub mantissa: BigInt,
    pub exponent: i32,
}

impl Exact {
    fn new(mantissa: BigInt, exponent: i32) -> Exact {
        if mantissa.is_zero() {
            return Exact {
                mantissa,
                exponent: 0,
            };
        }
        let (mantissa, zeros) = strip(mantissa);
        Exact {
            mantissa,
            exponent: exponent + zeros,
        }
    }

    /// The nearest `f64`, ties to even; infinite if too large.
    pub fn to_f64(&self) -> f64 {
        match self.to_decimal() {
            Some(decimal) => decimal.to_f64(),
            None => ratio(&self.mantissa, &BigUint::one(), self.exponent),
        }
    }

    /// The number as a [`Decimal`] without trailing zeros, if it has at most 38 digits.
    pub fn to_decimal(&self) -> Option<Decimal> {
        Decimal::new(self.mantissa.to_i128()?, i16::try_from(self.exponent).ok()?)
    }

    /// The number in full, in plain notation: `100000`, `0.1`, `-12.5`.
    pub fn to_text(&self) -> String {
        let digits = self.mantissa.magnitude().to_string();
        let mut text = String::new();
        if self.mantissa.sign() == Sign::Minus {
            text.push('-');
        }
        let scale = self.exponent.unsigned_abs() as usize;
        let zeros = |count: usize| std::iter::repeat_n('0', count);
        if self.exponent >= 0 {
            text.push_str(&digits);
            text.extend(zeros(scale));
        } else {
            let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
            text.push_str(if whole.is_empty() { "0" } else { whole });
            text.push('.');
            text.extend(zeros(scale.saturating_sub(digits.len())));
            text.push_str(fraction);
        }
        text
    }
}

/// Takes out the factors of ten, and counts them. The mantissa is not zero.
fn strip(mut mantissa: BigInt) -> (BigInt, i32) {
    let mut zeros = 0;
    // A factor of ten is a factor of two as well, and those are seen at once: they bound the search.
    let mut bound = mantissa.trailing_zeros().unwrap_or(0);
    if bound == 0 {
        return (mantissa, 0);
    }
    // Halving the power that is tried finds the count bit by bit, instead of one division for each zero.
    let mut step = 1u32 << bound.ilog2().min(30);
    while step > 0 && bound > 0 {
        if u64::from(step) <= bound {
            let (quotient, rest) = mantissa.div_rem(&BigInt::from(power_of_ten(step)));
            if rest.is_zero() {
                mantissa = quotient;
                zeros += step as i32;
                bound -= u64::from(step);
            }
        }
        step /= 2;
    }
    (mantissa, zeros)
}

/// Sign, magnitude from the lowest byte up, exponent. Equal values are equal bytes.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sign, magnitude) = if self.mantissa.is_zero() {
            (Sign::NoSign, Vec::new())
        } else {
            self.mantissa.to_bytes_le()
        };
        let sign: i8 = match sign {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        };
        (sign, magnitude, self.exponent).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let (sign, magnitude, exponent) = <(i8, Vec<u8>, i32)>::deserialize(deserializer)?;
        Exact::read(sign, &magnitude, exponent)
    }
}

/// What a frozen sum says, where that is an integer of up to fifteen bytes in lowest form.
fn small(sign: i8, magnitude: &[u8], exponent: i32) -> Option<i128> {
    let mut bytes = [0; 16];
    bytes
        .get_mut(..magnitude.len().min(15))?
        .copy_from_slice(magnitude.get(..magnitude.len().min(15))?);
    let small = i128::from_le_bytes(bytes);
    let whole = magnitude.len() <= 15 && magnitude.last().is_some_and(|last| *last != 0);
    let near = exponent.unsigned_abs() <= MAX_EXPONENT.unsigned_abs();
    let ten = small % 10 == 0;
    (whole && near && !ten && (sign == 1 || sign == -1)).then(|| i128::from(sign) * small)
}

impl Exact {
    /// An exact number from its frozen parts.
    fn read<E: de::Error>(sign: i8, magnitude: &[u8], exponent: i32) -> Result<Exact, E> {
        if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
            return Err(E::custom(format_args!(
                "exponent {exponent} in a sum; expected at most {MAX_EXPONENT} either way"
            )));
        }
        let bytes = magnitude.len();
        let magnitude = BigUint::from_bytes_le(magnitude);
        let canonical = match sign {
            0 => bytes == 0 && exponent == 0,
            // The last byte, the highest, is not zero, nor is the last decimal digit.
            1 | -1 => {
                magnitude.bits().div_ceil(8) == bytes as u64
                    && !magnitude.is_zero()
                    && !(&magnitude % 10u8).is_zero()
            }
            _ => false,
        };
        if !canonical {
            return Err(E::custom(
                "a sum that is not in lowest form; expected a sign, the bytes of an integer without \
                 trailing zeros, and an exponent",
            ));
        }
        let sign = if sign < 0 { Sign::Minus } else { Sign::Plus };
        Ok(Exact {
            mantissa: BigInt::from_biguint(sign, magnitude),
            exponent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::round::tests::is_nearest;
    use super::*;
    use proptest::prelude::*;

    /// What went in, as an integer number of `10^-1000`.
    fn whole(mantissa: &BigInt, exponent: i32) -> BigInt {
        mantissa * BigInt::from(10).pow(u32::try_from(1000 + exponent).unwrap())
    }

    fn value(sum: &Sum) -> BigInt {
        let exact = sum.exact();
        whole(&exact.mantissa, exact.exponent)
    }

    fn frozen(sum: &Sum) -> String {
        serde_json::to_string(sum).unwrap()
    }

    /// One call on a sum, and what it must add, by `whole`.
    #[derive(Clone, Debug)]
    enum Term {
        Small(i64, i16),
        Wide(i128, i16),
        Times(Decimal, u64),
        Square(i128, i16, u64),
        Squares(u128, i16),
    }

    impl Term {
        fn add_to(&self, sum: &mut Sum) {
            match *self {
                Term::Small(mantissa, exponent) => sum.add(mantissa, exponent),
                Term::Wide(mantissa, exponent) => sum.add_wide(mantissa, exponent),
                Term::Times(value, times) => sum.add_times(value, times),
                Term::Square(mantissa, exponent, times) => {
                    sum.add_square(mantissa, exponent, times)
                }
                Term::Squares(squares, exponent) => sum.add_squares(squares, exponent),
            }
        }

        fn whole(&self) -> BigInt {
            let (mantissa, exponent) = match *self {
                Term::Small(mantissa, exponent) => (mantissa.into(), i32::from(exponent)),
                Term::Wide(mantissa, exponent) => (mantissa.into(), i32::from(exponent)),
                Term::Times(value, times) => (
                    BigInt::from(value.mantissa) * times,
                    i32::from(value.exponent),
                ),
                Term::Square(mantissa, exponent, times) => (
                    BigInt::from(mantissa).pow(2) * times,
                    2 * i32::from(exponent),
                ),
                Term::Squares(squares, exponent) => (squares.into(), 2 * i32::from(exponent)),
            };
            whole(&mantissa, exponent)
        }
    }

    fn terms() -> impl Strategy<Value = Vec<Term>> {
        let mantissas = || {
            prop_oneof![
                3 => -1000i128..1000,
                1 => any::<i64>().prop_map(i128::from),
                1 => any::<i128>(),
                1 => prop_oneof![Just(i128::MIN), Just(i128::MAX), Just(10i128.pow(38))],
            ]
        };
        let exponents = || prop_oneof![4 => Just(-2i16), 4 => -4i16..3, 1 => -400i16..=400];
        let times = || prop_oneof![0u64..5, any::<u64>()];
        let small = prop_oneof![-1000i64..1000, any::<i64>()];
        let term = prop_oneof![
            4 => (small, exponents()).prop_map(|(m, e)| Term::Small(m, e)),
            2 => (mantissas(), exponents()).prop_map(|(m, e)| Term::Wide(m, e)),
            1 => (mantissas(), exponents(), times())
                .prop_map(|(mantissa, exponent, n)| Term::Times(Decimal { mantissa, exponent }, n)),
            2 => (mantissas(), exponents(), times()).prop_map(|(m, e, n)| Term::Square(m, e, n)),
            1 => (any::<u128>(), exponents()).prop_map(|(m, e)| Term::Squares(m, e)),
        ];
        proptest::collection::vec(term, 0..30)
    }

    fn total(terms: &[Term]) -> Sum {
        let mut sum = Sum::new();
        terms.iter().for_each(|term| term.add_to(&mut sum));
        sum
    }

    fn merged(mut left: Sum, right: &Sum) -> Sum {
        left.merge(right);
        left
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn the_sum_is_that_of_big_integers(terms in terms()) {
            let sum = total(&terms);
            let expect: BigInt = terms.iter().map(Term::whole).sum();
            prop_assert_eq!(value(&sum), expect.clone());
            prop_assert_eq!(sum.is_zero(), expect.is_zero());
            if !expect.is_zero() {
                let den = BigInt::from(10).pow(1000);
                prop_assert!(is_nearest(&expect, &den, 1, sum.exact().to_f64()));
            }
        }

        #[test]
        fn neither_order_nor_grouping_shows(
            (terms, shuffled) in terms().prop_flat_map(|terms| (Just(terms.clone()), Just(terms).prop_shuffle())),
            cuts in (0usize..30, 0usize..30),
        ) {
            let straight = total(&terms);
            let cut = |at: usize| at.min(shuffled.len());
            let (a, b) = (cut(cuts.0.min(cuts.1)), cut(cuts.0.max(cuts.1)));
            let parts = [&shuffled[..a], &shuffled[a..b], &shuffled[b..]].map(total);
            let left = merged(merged(parts[0].clone(), &parts[1]), &parts[2]);
            let right = merged(parts[0].clone(), &merged(parts[1].clone(), &parts[2]));
            let turned = merged(merged(parts[2].clone(), &parts[1]), &parts[0]);
            for other in [&left, &right, &turned] {
                prop_assert_eq!(&straight, other);
                prop_assert_eq!(frozen(&straight), frozen(other));
                // The short way and the long one write the same.
                prop_assert_eq!(frozen(&straight), serde_json::to_string(&straight.exact()).unwrap());
            }
            prop_assert_eq!(&merged(Sum::new(), &straight), &straight);
            prop_assert_eq!(&merged(straight.clone(), &Sum::new()), &straight);
        }

        #[test]
        fn thawed_sums_go_on_as_before(terms in terms(), more in terms()) {
            let mut sum = total(&terms);
            let mut thawed: Sum = serde_json::from_str(&frozen(&sum)).unwrap();
            prop_assert_eq!(frozen(&thawed), frozen(&sum));
            more.iter().for_each(|term| { term.add_to(&mut sum); term.add_to(&mut thawed) });
            prop_assert_eq!(&thawed, &sum);
        }

        #[test]
        fn what_is_taken_away_again_leaves_nothing(terms in terms()) {
            let sum = total(&terms);
            let Exact { mantissa, exponent } = sum.exact();
            let mut rest = sum.clone();
            rest.add_big(-mantissa, exponent);
            prop_assert!(rest.is_zero());
            prop_assert_eq!(frozen(&rest), frozen(&Sum::new()));
        }

        #[test]
        fn an_exact_sum_is_in_lowest_form_and_its_text_reads_back(terms in terms()) {
            let exact = total(&terms).exact();
            prop_assert!(exact.mantissa.is_zero() || !(&exact.mantissa % 10u8).is_zero());
            let text = exact.to_text();
            let decimals = text.find('.').map_or(0, |point| text.len() - point - 1);
            let digits: BigInt = text.replace('.', "").parse().unwrap();
            prop_assert_eq!(whole(&digits, -(decimals as i32)), whole(&exact.mantissa, exact.exponent));
            prop_assert!(!text.contains('.') || !text.ends_with('0'));
        }

        #[test]
        fn any_exponent_is_taken(terms in proptest::collection::vec((any::<i128>(), any::<i16>()), 0..4)) {
            let mut sum = Sum::new();
            for (mantissa, exponent) in terms {
                sum.add_wide(mantissa, exponent);
                sum.add_square(mantissa, exponent, 3);
            }
            let thawed: Sum = serde_json::from_str(&frozen(&sum)).unwrap();
            prop_assert_eq!(thawed, sum);
        }
    }

    #[test]
    fn a_million_tenths_are_a_hundred_thousand() {
        let mut sum = Sum::new();
        for _ in 0..1_000_000 {
            sum.add(1, -1);
        }
        assert_eq!(sum.exact().to_text(), "100000");
        assert_eq!(sum.exact().to_f64(), 100_000.0);
        assert!(sum.wide.is_none());
    }

    #[test]
    fn a_huge_number_hides_nothing() {
        let mut sum = Sum::new();
        sum.add(1, 300);
        sum.add(1, 0);
        sum.add(-1, 300);
        assert_eq!(
            sum.exact(),
            Exact {
                mantissa: BigInt::one(),
                exponent: 0
            }
        );
        sum.add(-1, 0);
        assert!(sum.is_zero());
        assert_eq!(sum, Sum::new());
    }

    #[test]
    fn text_is_plain() {
        let check = |mantissa: i64, exponent: i16, text: &str| {
            let mut sum = Sum::new();
            sum.add(mantissa, exponent);
            assert_eq!(sum.exact().to_text(), text);
        };
        check(0, -2, "0");
        check(1, 5, "100000");
        check(1, -1, "0.1");
        check(-1250, -2, "-12.5");
        check(5, -4, "0.0005");
        check(1200, -2, "12");
        check(1, 500, &format!("1{}", "0".repeat(500)));
        check(-1, -500, &format!("-0.{}1", "0".repeat(499)));
    }

    #[test]
    fn the_state_is_small() {
        assert!(size_of::<Sum>() <= 48);
    }

    #[test]
    fn frozen_bytes_have_one_form() {
        let mut sum = Sum::new();
        sum.add(-25_600, -2);
        // -256 is the bytes 0, 1 from the lowest up.
        assert_eq!(frozen(&sum), "[-1,[0,1],0]");
        assert_eq!(frozen(&Sum::new()), "[0,[],0]");
        for damaged in [
            "[1,[10],0]",    // a factor of ten
            "[1,[1,0],0]",   // a leading zero byte
            "[0,[1],0]",     // zero with digits
            "[0,[],3]",      // zero with an exponent
            "[1,[],0]",      // a sign without digits
            "[2,[1],0]",     // no sign
            "[1,[1],70001]", // out of reach
            "[1,[1],-2147483648]",
            "[1,[1]]",
        ] {
            assert!(serde_json::from_str::<Sum>(damaged).is_err(), "{damaged}");
        }
    }
}
