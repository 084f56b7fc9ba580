//! A sketch of numbers for quantiles: how many lie in each of fixed intervals.
//!
//! The decision that shaped it: an interval is read off the bits of the nearest float (its sign, its power of two and
//! the first seven bits behind the point), so it needs no logarithm, is the same on every host, and depends on the
//! value alone. So a merge is an addition of counts, and the sketch of a union does not tell how it came about. An
//! interval is 1/128 of its lower end at most, so its middle is within 1/256 of any value in it. (The idea of
//! relative intervals is that of Masson, Rim and Lee, "DDSketch", 2019.)

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::quantile::Place;

/// How far a value of the sketch may be from the true one, relative to it.
pub const RELATIVE_ERROR: f64 = 0.00390625;

/// No interval is further from that of zero.
const MOST: i32 = 2048 << 7;

/// The bits of a float that do not choose its interval.
const DROPPED: u32 = 45;

/// Counts by interval, and the ends, which are exact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Frozen", into = "Frozen")]
pub struct Buckets {
    /// The interval of the first count, and the counts from there on: neighbours are near in memory,
    /// and the least and the greatest number are seldom far apart in powers of two.
    first: i32,
    counts: Vec<u64>,
    ends: Option<(Decimal, Decimal)>,
}

/// The intervals with something in them.
#[derive(Serialize, Deserialize)]
struct Frozen {
    counts: BTreeMap<i32, u64>,
    ends: Option<(Decimal, Decimal)>,
}

impl From<Buckets> for Frozen {
    fn from(buckets: Buckets) -> Frozen {
        Frozen {
            counts: buckets.intervals().collect(),
            ends: buckets.ends,
        }
    }
}

impl From<Frozen> for Buckets {
    fn from(frozen: Frozen) -> Buckets {
        let mut buckets = Buckets {
            ends: frozen.ends,
            ..Buckets::default()
        };
        for (interval, times) in frozen.counts {
            // What lies outside the range of floats was not made by adding.
            if (-MOST..=MOST).contains(&interval) {
                *buckets.count(interval) += times;
            }
        }
        buckets
    }
}

impl Buckets {
    /// The bytes it takes in memory.
    pub fn memory(&self) -> usize {
        size_of::<Buckets>() + self.counts.capacity() * size_of::<u64>()
    }

    #[inline]
    pub fn add(&mut self, value: Decimal, times: u64) {
        let interval = bucket(value.to_f64());
        let at = usize::try_from(interval.wrapping_sub(self.first)).ok();
        match at.and_then(|at| self.counts.get_mut(at)) {
            Some(count) => *count += times,
            None => *self.count(interval) += times,
        }
        match &self.ends {
            Some((least, greatest)) if *least <= value && value <= *greatest => {}
            _ => self.widen(value, value),
        }
    }

    pub fn merge(&mut self, other: &Buckets) {
        for (interval, times) in other.intervals() {
            *self.count(interval) += times;
        }
        if let Some((least, greatest)) = other.ends {
            self.widen(least, greatest);
        }
    }

    /// The least and the greatest value.
    pub fn ends(&self) -> Option<(Decimal, Decimal)> {
        self.ends
    }

    /// The intervals with something in them, in order.
    fn intervals(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        (self.first..)
            .zip(&self.counts)
            .filter(|(_, times)| **times > 0)
            .map(|(interval, times)| (interval, *times))
    }

    /// The count of an interval, made room for.
    fn count(&mut self, interval: i32) -> &mut u64 {
        if self.counts.is_empty() {
            self.first = interval;
        }
        if interval < self.first {
            let more = self.first.abs_diff(interval) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = interval;
        }
        let at = interval.abs_diff(self.first) as usize;
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        &mut self.counts[at]
    }

    fn widen(&mut self, least: Decimal, greatest: Decimal) {
        let (low, high) = self.ends.unwrap_or((least, greatest));
        self.ends = Some((low.min(least).normalized(), high.max(greatest).normalized()));
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The quantile at a percentage: the values beside its place are within [`RELATIVE_ERROR`].
    pub fn quantile(&self, percent: Decimal) -> Option<f64> {
        let place = Place::of(self.total(), percent)?;
        let low = self.ranked(place.rank)?;
        if place.part == 0 {
            return Some(low);
        }
        let high = self.ranked(place.rank + 1)?;
        let share = place.part as f64 / place.whole as f64;
        Some(low + (high - low) * share)
    }

    /// How many values lie below a bound, and how many above another, by the middles of their intervals.
    pub fn beyond(&self, low: f64, high: f64) -> u64 {
        self.iter()
            .filter(|(middle, _)| *middle < low || *middle > high)
            .map(|(_, times)| times)
            .sum()
    }

    /// The intervals' middles with their counts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.intervals()
            .map(|(interval, times)| (self.within(middle(interval)), times))
    }

    fn ranked(&self, rank: u64) -> Option<f64> {
        let (least, greatest) = self.ends?;
        if rank == 0 {
            return Some(least.to_f64());
        }
        if rank + 1 == self.total() {
            return Some(greatest.to_f64());
        }
        let mut seen = 0;
        let interval = self.intervals().find(|(_, times)| {
            seen += times;
            rank < seen
        });
        Some(self.within(middle(interval?.0)))
    }

    /// No value lies outside the ends, so no middle does.
    fn within(&self, value: f64) -> f64 {
        match self.ends {
            Some((low, high)) => value.max(low.to_f64()).min(high.to_f64()),
            None => value,
        }
    }
}

/// The interval of a float, in the order of the values.
fn bucket(value: f64) -> i32 {
    let magnitude = (value.abs().to_bits() >> DROPPED) as i32;
    if value < 0.0 {
        -1 - magnitude
    } else {
        magnitude
    }
}

fn middle(bucket: i32) -> f64 {
    let (negative, magnitude) = if bucket < 0 {
        (true, -1 - bucket)
    } else {
        (false, bucket)
    };
    let magnitude = match magnitude {
        0 => 0.0,
        magnitude => {
            let low = u64::from(magnitude.unsigned_abs()) << DROPPED;
            let middle = f64::from_bits(low | 1 << (DROPPED - 1));
            if middle.is_nan() {
                f64::INFINITY
            } else {
                middle
            }
        }
    };
    if negative { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::super::quantile::percent;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn intervals_keep_the_order_and_the_bound(a: f64, b: f64) {
            prop_assume!(a.is_finite() && b.is_finite());
            prop_assert!(a > b || bucket(a) <= bucket(b));
            if a.is_normal() && bucket(a).unsigned_abs() > 1 {
                let middle = middle(bucket(a));
                prop_assert!((middle - a).abs() <= RELATIVE_ERROR * a.abs(), "{} for {}", middle, a);
            }
        }

        #[test]
        fn a_quantile_is_near_the_true_one(values in proptest::collection::vec(1i64..1_000_000_000, 1..60), whole in 0i128..=100) {
            let mut sketch = Buckets::default();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            for value in &values {
                sketch.add(Decimal { mantissa: (*value).into(), exponent: -3 }, 1);
            }
            let place = Place::of(values.len() as u64, percent(whole)).unwrap();
            let at = |rank: u64| sorted[(rank as usize).min(sorted.len() - 1)] as f64 / 1000.0;
            let (low, high) = (at(place.rank), at(place.rank + 1));
            let share = place.part as f64 / place.whole as f64;
            let truth = low + (high - low) * share;
            let got = sketch.quantile(percent(whole)).unwrap();
            prop_assert!((got - truth).abs() <= RELATIVE_ERROR * truth * 1.000001, "{} for {}", got, truth);
        }
    }

    #[test]
    fn the_ends_are_exact() {
        let mut sketch = Buckets::default();
        assert_eq!(sketch.quantile(percent(50)), None);
        for mantissa in [-1001, 0, 1003] {
            sketch.add(
                Decimal {
                    mantissa,
                    exponent: 0,
                },
                1,
            );
        }
        let of = |whole| sketch.quantile(percent(whole));
        assert_eq!(
            (of(0), of(50), of(100)),
            (Some(-1001.0), Some(0.0), Some(1003.0))
        );
    }
}
