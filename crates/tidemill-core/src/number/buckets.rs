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
use super::quantile::{HALF, Place, percent, ranked};

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

    /// The values beside the place of a quantile, each within [`RELATIVE_ERROR`], and the share of the
    /// second one.
    fn beside(&self, percent: Decimal) -> Option<(f64, f64, f64)> {
        let place = Place::of(self.total(), percent)?;
        let low = self.ranked(place.rank)?;
        let high = match place.part {
            0 => low,
            _ => self.ranked(place.rank + 1)?,
        };
        Some((low, high, place.part as f64 / place.whole as f64))
    }

    /// The range between the quartiles, and how far it may be from the truth, relative to it; none where
    /// the quartiles are nearer to each other than their errors are.
    pub fn between_quartiles(&self) -> Option<(f64, Option<f64>)> {
        let (first, third) = (self.beside(QUARTER)?, self.beside(THREE_QUARTERS)?);
        let at = |(low, high, share): (f64, f64, f64)| low + (high - low) * share;
        let range = at(third) - at(first);
        // A sketched value is off by so much of itself at most.
        let off = (furthest(first) + furthest(third)) * OFF;
        Some((range, relative(range - off, off)))
    }

    /// The median absolute deviation from the median, and how far it may be from the truth, relative to
    /// it; none where it is no greater than what the error of the median may make of it.
    pub fn deviation(&self) -> Option<(f64, Option<f64>)> {
        let around = self.beside(HALF)?;
        let median = around.0 + (around.1 - around.0) * around.2;
        let mut deviations: Vec<(f64, u64)> = self
            .iter()
            .map(|(middle, times)| ((middle - median).abs(), times))
            .collect();
        deviations.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let place = Place::of(self.total(), HALF)?;
        let low = ranked(&deviations, place.rank)?;
        let deviation = match place.part {
            0 => low,
            part => {
                let high = ranked(&deviations, place.rank + 1)?;
                low + (high - low) * (part as f64 / place.whole as f64)
            }
        };
        // A value is as far from zero as the median and its deviation together, so its deviation is off by
        // a share of both, and by what the median is off. That grows with the deviation, and so the order
        // of deviations bounds their median.
        let off = 2.0 * furthest(around) * OFF;
        let least = (deviation - off) / (1.0 + RELATIVE_ERROR);
        let error = relative(least, off).map(|error| error + RELATIVE_ERROR);
        Some((deviation, error))
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

const QUARTER: Decimal = percent(25);
const THREE_QUARTERS: Decimal = percent(75);

/// [`RELATIVE_ERROR`] of a true value, as a share of what the sketch has in its place.
const OFF: f64 = RELATIVE_ERROR / (1.0 - RELATIVE_ERROR);

/// The magnitude of the larger of two neighbours.
fn furthest((low, high, _): (f64, f64, f64)) -> f64 {
    low.abs().max(high.abs())
}

/// An error relative to a truth that is no less than `least`.
fn relative(least: f64, off: f64) -> Option<f64> {
    if off == 0.0 {
        return Some(0.0);
    }
    (least > 0.0).then(|| off / least)
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

    proptest! {
        #[test]
        fn ranges_and_deviations_are_within_their_errors(
            values in proptest::collection::vec(prop_oneof![
                -1_000_000i64..1_000_000, 900_000i64..1_000_000, -50i64..50,
            ], 1..60),
            shift in prop_oneof![Just(0i64), Just(10_000_000), -2000i64..2000],
        ) {
            let mut sketch = Buckets::default();
            let mut sorted: Vec<(Decimal, u64)> = Vec::new();
            for value in values {
                let value = Decimal { mantissa: (value + shift).into(), exponent: -2 };
                sketch.add(value, 1);
                sorted.push((value, 1));
            }
            sorted.sort_unstable_by_key(|(value, _)| *value);
            let of = |whole| super::super::quantile::quantile(&sorted, percent(whole)).unwrap();
            let truths = [
                (of(75).minus(&of(25)).to_f64(), sketch.between_quartiles().unwrap()),
                (super::super::quantile::deviation(&sorted).unwrap().to_f64(), sketch.deviation().unwrap()),
            ];
            for (truth, (got, error)) in truths {
                if let Some(error) = error {
                    prop_assert!((got - truth).abs() <= truth * error * 1.000001 + 1e-9, "{} for {}, {}", got, truth, error);
                }
            }
        }
    }

    #[test]
    fn a_wide_range_has_a_small_error() {
        let mut sketch = Buckets::default();
        for mantissa in 1..=1000 {
            sketch.add(
                Decimal {
                    mantissa,
                    exponent: 0,
                },
                1,
            );
        }
        let (range, error) = sketch.between_quartiles().unwrap();
        assert!(
            (range - 499.5).abs() < 4.0 && error.unwrap() < 0.01,
            "{range} {error:?}"
        );
        let (deviation, error) = sketch.deviation().unwrap();
        assert!(
            (deviation - 250.0).abs() < 4.0 && error.unwrap() < 0.03,
            "{deviation} {error:?}"
        );
        // All values in one interval but the ends: nothing can be said of their range.
        let mut narrow = Buckets::default();
        for mantissa in 1_000_000..1_000_100 {
            narrow.add(
                Decimal {
                    mantissa,
                    exponent: 0,
                },
                1,
            );
        }
        assert_eq!(narrow.between_quartiles().unwrap().1, None);
        assert_eq!(narrow.deviation().unwrap().1, None);
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
