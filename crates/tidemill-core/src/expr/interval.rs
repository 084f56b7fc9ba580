//! Bounds on a number, and the same bounds on the integers that stand for it at one power of ten.
//!
//! The decision that shaped it: every comparison with a constant is a range. A column of one scale is
//! then tested against two `i64` bounds with one unsigned comparison a cell, however the constant
//! was written: `x < 0.125` on cells of two decimals is `mantissa <= 12`.

use std::cmp::Ordering;

use super::tree::Op;
use crate::number::Decimal;

/// Powers of ten that fit in an `i128`.
const POWERS: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// `10^steps`, where an `i128` holds it.
pub(super) fn power(steps: u32) -> Option<i128> {
    POWERS.get(steps as usize).copied()
}

/// One end of an interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub value: Decimal,
    pub included: bool,
}

/// The numbers between two bounds, or all but those. Without a bound it reaches to infinity and
/// holds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub low: Option<Bound>,
    pub high: Option<Bound>,
    pub outside: bool,
}

/// The integers from `low` to `low + width`, or none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    low: i64,
    width: u64,
    empty: bool,
}

impl Range {
    #[inline]
    pub(super) fn holds(&self, value: i64) -> bool {
        // Below `low` the difference wraps to more than any width.
        !self.empty & ((value.wrapping_sub(self.low) as u64) <= self.width)
    }
}

impl Interval {
    /// The numbers that compare so with a constant.
    pub(super) fn compared(op: Op, value: Decimal) -> Interval {
        let at = |included| Some(Bound { value, included });
        let (low, high) = match op {
            Op::Equal | Op::NotEqual => (at(true), at(true)),
            Op::Less => (None, at(false)),
            Op::LessEqual => (None, at(true)),
            Op::Greater => (at(false), None),
            Op::GreaterEqual => (at(true), None),
        };
        Interval {
            low,
            high,
            outside: op == Op::NotEqual,
        }
    }

    /// Whether a value is held, by how it compares with a bound.
    #[inline]
    pub(super) fn holds_by(&self, order: impl Fn(Decimal) -> Option<Ordering>) -> bool {
        let above = self.low.is_none_or(|bound| match order(bound.value) {
            Some(Ordering::Equal) => bound.included,
            order => order == Some(Ordering::Greater),
        });
        let below = self.high.is_none_or(|bound| match order(bound.value) {
            Some(Ordering::Equal) => bound.included,
            order => order == Some(Ordering::Less),
        });
        (above && below) != self.outside
    }

    /// Whether an infinite value is held.
    pub(super) fn holds_infinity(&self, negative: bool) -> bool {
        let open = if negative {
            self.low.is_none()
        } else {
            self.high.is_none()
        };
        open != self.outside
    }

    /// The integers `m` for which `m * 10^exponent` lies between the bounds. [`Interval::outside`]
    /// is not applied.
    pub(super) fn range(&self, exponent: i32) -> Range {
        let low = self.low.map_or(i128::from(i64::MIN), |bound| {
            let (floor, exact) = floor_at(bound.value, exponent);
            if exact && bound.included {
                floor
            } else {
                floor.saturating_add(1)
            }
        });
        let high = self.high.map_or(i128::from(i64::MAX), |bound| {
            let (floor, exact) = floor_at(bound.value, exponent);
            if exact && !bound.included {
                floor.saturating_sub(1)
            } else {
                floor
            }
        });
        let empty = low > high || low > i128::from(i64::MAX) || high < i128::from(i64::MIN);
        let low = low.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let high = high.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        Range {
            low,
            width: (high as u64).wrapping_sub(low as u64),
            empty,
        }
    }
}

/// The largest integer `m` with `m * 10^exponent` not above the value, and whether they are equal. Far
/// beyond `i64` it is only on the right side of it.
fn floor_at(value: Decimal, exponent: i32) -> (i128, bool) {
    let steps = i32::from(value.exponent) - exponent;
    let negative = value.mantissa < 0;
    if value.mantissa == 0 {
        return (0, true);
    }
    match (power(steps.unsigned_abs()), steps >= 0) {
        (Some(power), true) => match value.mantissa.checked_mul(power) {
            Some(scaled) => (scaled, true),
            None => (if negative { i128::MIN } else { i128::MAX }, true),
        },
        (None, true) => (if negative { i128::MIN } else { i128::MAX }, true),
        (Some(power), false) => (
            value.mantissa.div_euclid(power),
            value.mantissa.rem_euclid(power) == 0,
        ),
        // A mantissa has fewer digits than this takes off.
        (None, false) => (if negative { -1 } else { 0 }, false),
    }
}

/// The constants that some integer stands for at the exponent, as those integers in ascending order.
pub(super) fn mantissas(values: &[Decimal], exponent: i32) -> Vec<i64> {
    let mut found: Vec<i64> = values
        .iter()
        .filter_map(|value| match floor_at(*value, exponent) {
            (floor, true) => i64::try_from(floor).ok(),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
