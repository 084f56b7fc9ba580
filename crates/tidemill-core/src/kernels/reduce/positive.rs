//! Means that only positive numbers have, shared by `geometric_mean` and `harmonic_mean`: floats of the
//! values (their logarithms, their reciprocals), whose sum is exact.

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
}

impl<const LOGARITHM: bool> Positive<LOGARITHM> {
    pub fn add(&mut self, value: Decimal, times: u64) {
        if value.mantissa == 0 {
            self.zero += times;
            return;
        }
        let term = if LOGARITHM {
            logarithm(value)
        } else {
            1.0 / value.to_f64()
        };
        if value.mantissa < 0 || !term.is_finite() {
            self.outside += times;
            return;
        }
        self.positive += times;
        self.sum.add_times(term, times);
    }

    pub fn merge(&mut self, other: &Self) {
        self.positive += other.positive;
        self.zero += other.zero;
        self.outside += other.outside;
        self.sum.merge(&other.sum);
    }

    /// How many values have a part in the mean; `None` where there is no mean.
    fn count(&self) -> Option<u64> {
        (self.outside == 0 && self.positive + self.zero > 0).then_some(self.positive)
    }
}

impl Logarithms {
    /// The mean of the logarithms; `Some(None)` where a zero makes it that of zero.
    fn mean(&self) -> Option<Option<f64>> {
        let count = self.count()?;
        Some((self.zero == 0).then(|| self.sum.over(count)))
    }

    /// The geometric mean.
    pub fn geometric(&self) -> Option<f64> {
        Some(match self.mean()? {
            Some(mean) => libm::exp(mean),
            None => 0.0,
        })
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

fn logarithm(value: Decimal) -> f64 {
    let float = value.to_f64();
    if float.is_normal() {
        return libm::log(float);
    }
    let mantissa = Decimal {
        exponent: 0,
        ..value
    };
    libm::log(mantissa.to_f64()) + f64::from(value.exponent) * std::f64::consts::LN_10
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
