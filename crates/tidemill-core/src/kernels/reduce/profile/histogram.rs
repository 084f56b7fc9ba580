//! Histograms whose edges a person can read: steps of 1, 2 or 5 times a power of ten, and of days, weeks,
//! months, quarters and years for dates.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::figures::midnight;
use crate::number::buckets::Buckets;
use crate::number::decimal::Decimal;
use crate::number::round::power_of_ten;
use crate::report::{Figure, Histogram};
use crate::value::calendar::{civil_from_days, days_from_civil};
use crate::value::class::Type;

/// About so many bins; no more than two and a half times as many.
const BINS: i128 = 10;
const DAY: i128 = 86_400_000_000;

/// The histogram of sorted values with their counts.
pub fn exact(sorted: &[(Decimal, u64)], ty: Type) -> Option<Histogram> {
    let (least, greatest) = (sorted.first()?.0, sorted.last()?.0);
    let edges = edges(least, greatest, ty)?;
    let mut counts = vec![0; edges.len() - 1];
    for (value, times) in sorted {
        let bin = edges.partition_point(|edge| edge <= value);
        *counts.get_mut(bin.checked_sub(1)?)? += times;
    }
    Some(histogram(&edges, counts, ty, true))
}

/// The histogram of a sketch of numbers: the middles of its intervals are what is counted.
pub fn sketched(buckets: &Buckets) -> Option<Histogram> {
    let (least, greatest) = buckets.ends()?;
    let edges = edges(least, greatest, Type::Number)?;
    let bounds: Vec<f64> = edges.iter().map(|edge| edge.to_f64()).collect();
    let mut counts = vec![0; edges.len() - 1];
    for (middle, times) in buckets.iter() {
        let bin = bounds.partition_point(|edge| *edge <= middle);
        *counts.get_mut(bin.max(1) - 1)? += times;
    }
    Some(histogram(&edges, counts, Type::Number, false))
}

fn histogram(edges: &[Decimal], counts: Vec<u64>, ty: Type, exact: bool) -> Histogram {
    Histogram {
        edges: edges.iter().map(|edge| Figure::typed(ty, *edge)).collect(),
        counts,
        exact,
    }
}

/// Edges in ascending order, of which the first is not above the least value and the last is above the greatest.
fn edges(least: Decimal, greatest: Decimal, ty: Type) -> Option<Vec<Decimal>> {
    match ty {
        Type::Integer => steps(least, greatest, 0),
        Type::Number => steps(least, greatest, i32::MIN),
        Type::Date => days(whole(least)?, whole(greatest)?),
        Type::DateTime => {
            let day = |value: Decimal| Some(whole(value)?.div_euclid(DAY));
            let edges = days(day(least)?, day(greatest)?)?;
            Some(edges.into_iter().map(midnight).collect())
        }
        Type::Time | Type::Boolean | Type::Text => None,
    }
}

fn whole(value: Decimal) -> Option<i128> {
    let power = 10i128.checked_pow(u32::try_from(value.exponent).ok()?)?;
    value.mantissa.checked_mul(power)
}

fn decimal(mantissa: i128) -> Decimal {
    Decimal {
        mantissa,
        exponent: 0,
    }
}

/// Edges at multiples of 1, 2 or 5 times a power of ten that is at least `least_power`.
fn steps(least: Decimal, greatest: Decimal, least_power: i32) -> Option<Vec<Decimal>> {
    let exponent = least.exponent.min(greatest.exponent);
    let scaled = |value: Decimal| {
        let power = power_of_ten(u32::from(value.exponent.abs_diff(exponent)));
        BigInt::from(value.mantissa) * BigInt::from(power)
    };
    let (low, high) = (scaled(least), scaled(greatest));
    let range = &high - &low;
    // The step is the least that needs no more than so many bins; its power is near that of the range.
    let mut power =
        i32::from(exponent) + i32::try_from(range.magnitude().to_string().len()).ok()? - 3;
    power = power.max(least_power);
    if range == BigInt::ZERO {
        // One value is one bin, as wide as its last digit.
        power = i32::from(least.normalized().exponent).max(least_power);
    }
    loop {
        for factor in [1, 2, 5] {
            // Both at the lower of the two powers of ten.
            let down = power.min(i32::from(exponent));
            let lift =
                |value: &BigInt, from: i32| value * BigInt::from(power_of_ten(from.abs_diff(down)));
            let step = lift(&BigInt::from(factor), power);
            let first = lift(&low, exponent.into()).div_floor(&step);
            let last = lift(&high, exponent.into()).div_floor(&step);
            let bins = (&last - &first + 1i32).to_i128();
            if let (Some(bins), Some(first)) = (bins, first.to_i128())
                && bins <= BINS * 6 / 5
            {
                let edge = |at: i128| {
                    let mantissa = first.checked_add(at)?.checked_mul(factor)?;
                    Decimal::new(mantissa, i16::try_from(power).ok()?)
                };
                return (0..=bins).map(edge).collect();
            }
        }
        power += 1;
    }
}

/// Edges at days, weeks (from Monday), months, quarters or years.
fn days(first: i128, last: i128) -> Option<Vec<Decimal>> {
    let (first, last) = (i32::try_from(first).ok()?, i32::try_from(last).ok()?);
    let span = i64::from(last) - i64::from(first);
    if span < 2 * BINS as i64 {
        return Some((first..=last + 1).map(|day| decimal(day.into())).collect());
    }
    if span < 7 * 2 * BINS as i64 {
        // Day 0, the first of January 1970, was a Thursday.
        let monday = first - (first + 3).rem_euclid(7);
        let weeks = (0..).map(|week| monday + 7 * week);
        let mut edges: Vec<Decimal> = weeks
            .take_while(|day| *day <= last + 7)
            .map(|day| decimal(day.into()))
            .collect();
        while edges.len() > 2 && edges[edges.len() - 2] > decimal(last.into()) {
            edges.pop();
        }
        return Some(edges);
    }
    let ((from, month, _), (to, ..)) = (civil_from_days(first), civil_from_days(last));
    let months = match span {
        span if span < 31 * 24 => 1,
        span if span < 31 * 75 => 3,
        _ => {
            let years = (to - from) / BINS as i64 + 1;
            let nice = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
            12 * nice.into_iter().find(|nice| *nice >= years)?
        }
    };
    let start = (from * 12 + i64::from(month) - 1).div_euclid(months) * months;
    let mut edges = Vec::new();
    for at in 0.. {
        let month = start + at * months;
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        // Before the first year that there is, the first day is the edge.
        let day = match u32::try_from(year) {
            Ok(year) if year > 0 => days_from_civil(year, month as u32, 1),
            _ => Some(first),
        };
        // Behind the last year that there is, the day behind the last.
        let day = day.unwrap_or(last + 1);
        edges.push(decimal(day.into()));
        if day > last {
            return Some(edges);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(edges: &[Decimal], ty: Type) -> Vec<String> {
        edges
            .iter()
            .map(|edge| Figure::typed(ty, *edge).plain())
            .collect()
    }

    fn check(least: &str, greatest: &str, ty: Type, first: &str, second: &str, bins: usize) {
        let read = |text: &str| match ty {
            Type::Date => match crate::value::date::parse_default(text.as_bytes()) {
                Some(crate::value::Temporal::Date(days)) => decimal(days.into()),
                other => panic!("{text}: {other:?}"),
            },
            _ => match crate::number::parse(text.as_bytes()) {
                crate::number::Parsed::Number(value) => value,
                other => panic!("{text}: {other:?}"),
            },
        };
        let edges = texts(&edges(read(least), read(greatest), ty).unwrap(), ty);
        assert_eq!(
            (edges[0].as_str(), edges[1].as_str(), edges.len() - 1),
            (first, second, bins),
            "{edges:?}"
        );
    }

    #[test]
    fn edges_are_readable() {
        check("0", "99", Type::Integer, "0", "10", 10);
        check("1", "7", Type::Integer, "1", "2", 7);
        check("5", "5", Type::Integer, "5", "6", 1);
        check("-43", "1301", Type::Integer, "-200", "0", 8);
        check("0.17", "0.93", Type::Number, "0.1", "0.2", 9);
        check("-1e300", "1e300", Type::Number, "-1e300", "-8e299", 11);
        check(
            "2024-03-05",
            "2024-03-09",
            Type::Date,
            "2024-03-05",
            "2024-03-06",
            5,
        );
        check(
            "2024-03-05",
            "2024-05-09",
            Type::Date,
            "2024-03-04",
            "2024-03-11",
            10,
        );
        check(
            "2013-01-01",
            "2013-12-31",
            Type::Date,
            "2013-01-01",
            "2013-02-01",
            12,
        );
        check(
            "2010-02-03",
            "2013-12-31",
            Type::Date,
            "2010-01-01",
            "2010-04-01",
            16,
        );
        check(
            "0001-01-01",
            "9999-12-31",
            Type::Date,
            "0001-01-01",
            "1000-01-01",
            10,
        );
    }

    proptest! {
        #[test]
        fn every_value_has_its_bin(
            values in prop::collection::vec((prop_oneof![-1000i128..1000, any::<i64>().prop_map(i128::from)], -6i16..6), 1..20),
            kind in prop::sample::select(vec![Type::Number, Type::Integer, Type::Date, Type::DateTime]),
        ) {
            let values: Vec<Decimal> = values.iter().map(|(mantissa, exponent)| match kind {
                Type::Number => Decimal { mantissa: *mantissa, exponent: *exponent },
                Type::Date => decimal(mantissa.rem_euclid(3_652_059) - 719_162),
                Type::DateTime => decimal((mantissa.rem_euclid(3_652_059) - 719_162) * DAY + 7),
                _ => decimal(*mantissa),
            }).collect();
            let mut sorted: Vec<(Decimal, u64)> = values.iter().map(|value| (*value, 2)).collect();
            sorted.sort();
            let histogram = exact(&sorted, kind).unwrap();
            prop_assert_eq!(histogram.counts.iter().sum::<u64>(), 2 * values.len() as u64);
            prop_assert_eq!(histogram.edges.len(), histogram.counts.len() + 1);
            prop_assert!(histogram.counts.len() <= 25);
            prop_assert!(histogram.counts[0] > 0 && histogram.counts[histogram.counts.len() - 1] > 0);
            let edges = edges(sorted[0].0, sorted[sorted.len() - 1].0, kind).unwrap();
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
