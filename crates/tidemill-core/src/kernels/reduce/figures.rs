//! From what a profile gathered of a column to the figures of its report.

use std::collections::BTreeMap;

use super::profile::{Gathered, RangeOf, Reading, read};
use crate::distinct::{Counts, Hll};
use crate::number::decimal::Decimal;
use crate::report::{ColumnFigures, DistinctFigure, Figure, Quantiles, Top, Warning};
use crate::value::class::{Class, Type, infer};

/// How many of the most frequent values are shown.
const TOP: usize = 10;

/// The figures of a column whose texts were kept.
pub fn exact(
    gathered: &Gathered,
    counts: &Counts,
    class: impl Fn(&[u8]) -> Class,
) -> ColumnFigures {
    let mut figures = common(gathered);
    let ty = figures.ty.unwrap_or(Type::Text);
    let mut tops: Vec<(Figure, u64)> = Vec::new();
    let distinct = match ty {
        Type::Text => {
            let mut values: Vec<(&[u8], u64)> = counts
                .iter()
                .filter(|(text, _)| class(text) != Class::Missing)
                .collect();
            values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            tops.extend(
                values
                    .iter()
                    .take(TOP)
                    .map(|(text, count)| (Figure::Text(text.to_vec()), *count)),
            );
            values.len()
        }
        Type::Boolean => {
            let mut values: Vec<(bool, u64)> =
                [(false, gathered.truths[0]), (true, gathered.truths[1])].into();
            values.retain(|(_, count)| *count > 0);
            values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            tops.extend(
                values
                    .iter()
                    .map(|(value, count)| (Figure::Boolean(*value), *count)),
            );
            values.len()
        }
        _ => {
            let mut values: BTreeMap<Decimal, u64> = BTreeMap::new();
            for (text, count) in counts.iter() {
                if let Reading::Value(range, value) = read(class(text), text) {
                    // A date in a column of datetimes is its midnight.
                    let value = match (ty, range) {
                        (Type::DateTime, RangeOf::Date) => midnight(value),
                        _ => value,
                    };
                    *values.entry(value.normalized()).or_default() += count;
                }
            }
            let sorted: Vec<(Decimal, u64)> = values.into_iter().collect();
            if matches!(ty, Type::Integer | Type::Number) {
                figures.quantiles = quantiles(&sorted);
            }
            let mut frequent = sorted.clone();
            frequent.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            tops.extend(
                frequent
                    .iter()
                    .take(TOP)
                    .map(|(value, count)| (Figure::typed(ty, *value), *count)),
            );
            sorted.len()
        }
    };
    figures.distinct = Some(DistinctFigure {
        value: distinct as u64,
        exact: true,
        error: None,
    });
    figures.top = Some(Top(tops));
    figures
}

/// The figures of a column of which only sums and sketches are there.
pub fn sketched(gathered: &Gathered) -> ColumnFigures {
    let mut figures = common(gathered);
    if let Some(sketches) = &gathered.sketches {
        let estimate = match figures.ty {
            Some(Type::Text) | None => sketches.0.estimate(),
            Some(Type::Boolean) => {
                gathered.truths.iter().filter(|count| **count > 0).count() as u64
            }
            _ => sketches.1.estimate(),
        };
        figures.distinct = Some(DistinctFigure {
            value: estimate,
            exact: false,
            error: Some(Hll::relative_error()),
        });
    }
    figures
}

/// What needs no single values.
fn common(gathered: &Gathered) -> ColumnFigures {
    let classes = &gathered.classes;
    let ty = infer(classes);
    let of = |class: Class| classes.get(class);
    let total = classes.total();
    let numbers = of(Class::Integer) + of(Class::Number);
    let numeric = matches!(ty, Type::Integer | Type::Number);
    let missing = of(Class::Missing)
        + if ty == Type::Text {
            0
        } else {
            of(Class::MissingWord)
        };
    let (nan, infinite) = if numeric {
        (of(Class::Nan), of(Class::Infinite))
    } else {
        (0, 0)
    };
    let present = total - missing - nan - infinite;
    let mut figures = ColumnFigures {
        ty: Some(ty),
        count: Some(present),
        missing: Some(missing),
        nan: Some(nan),
        infinite: Some(infinite),
        invalid: Some(0),
        ..ColumnFigures::default()
    };
    let range = match ty {
        Type::Integer | Type::Number => gathered.ranges[RangeOf::Number as usize],
        Type::Date => gathered.ranges[RangeOf::Date as usize],
        Type::Time => gathered.ranges[RangeOf::Time as usize],
        Type::DateTime => moments(gathered),
        Type::Boolean | Type::Text => None,
    };
    if let Some((least, greatest)) = range {
        figures.min = Figure::typed(ty, least);
        figures.max = Figure::typed(ty, greatest);
    }
    if numeric {
        let sum = gathered.moments.s1.exact();
        figures.sum_exact = Some(sum.to_text());
        figures.sum = Figure::Exact(sum);
        figures.mean = Figure::float(gathered.moments.mean());
        figures.std = Figure::float(gathered.moments.std());
    }
    figures.warnings = warnings(gathered, ty, numbers, present);
    figures
}

/// The range of datetimes, in which a date is its midnight.
fn moments(gathered: &Gathered) -> Option<(Decimal, Decimal)> {
    let dates =
        gathered.ranges[RangeOf::Date as usize].map(|(low, high)| (midnight(low), midnight(high)));
    match (gathered.ranges[RangeOf::DateTime as usize], dates) {
        (Some((low, high)), Some((first, last))) => Some((low.min(first), high.max(last))),
        (range, dates) => range.or(dates),
    }
}

fn midnight(days: Decimal) -> Decimal {
    let day = Decimal {
        mantissa: 86_400_000_000,
        exponent: 0,
    };
    days.checked_mul(day).unwrap_or(days)
}

/// Quartiles of type 7 (Hyndman and Fan, 1996): the value at the place (n - 1) p, between two
/// values in proportion. The quarter is exact; it is rounded once.
fn quantiles(sorted: &[(Decimal, u64)]) -> Option<Quantiles> {
    let total: u64 = sorted.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    let at = |rank: u64| {
        let mut seen = 0;
        sorted
            .iter()
            .find(|(_, count)| {
                seen += count;
                rank < seen
            })
            .map(|(value, _)| *value)
    };
    let quarter = |k: u64| -> Option<Figure> {
        let place = u128::from(total - 1) * u128::from(k);
        let (rank, part) = ((place / 4) as u64, (place % 4) as i128);
        let low = at(rank)?;
        if part == 0 {
            return Some(Figure::Float(low.to_f64()));
        }
        let high = at(rank + 1)?;
        // (low (4 - part) + high part) / 4, where a quarter is 25 hundredths.
        let weight = |value: Decimal, by: i128| {
            value.checked_mul(Decimal {
                mantissa: by * 25,
                exponent: -2,
            })
        };
        let exact = weight(low, 4 - part).and_then(|low| low.checked_add(weight(high, part)?));
        let value = match exact {
            Some(value) => value.to_f64(),
            None => low.to_f64() + (high.to_f64() - low.to_f64()) * (part as f64 / 4.0),
        };
        Some(Figure::Float(value))
    };
    Some(Quantiles {
        p25: quarter(1)?,
        p50: quarter(2)?,
        p75: quarter(3)?,
        exact: true,
    })
}

fn warnings(gathered: &Gathered, ty: Type, numbers: u64, present: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, count: u64, text: String| {
        if count > 0 {
            warnings.push(Warning {
                kind: kind.to_string(),
                count,
                text,
            });
        }
    };
    let words: Vec<String> = gathered
        .words
        .iter()
        .map(|(word, count)| format!("\"{word}\" ({count})"))
        .collect();
    let worded: u64 = gathered.words.values().sum();
    if ty == Type::Text {
        warn(
            "missing-words",
            worded,
            format!(
                "{}: read as values, since the column is text; where they mean nothing, list them under [read] missing or cast the column",
                words.join(", ")
            ),
        );
        // Words that mean "missing" say nothing for or against numbers.
        let others = present - worded.min(present) - numbers;
        if numbers > 0 && numbers >= others && others > 0 {
            let example = gathered.text.as_deref().unwrap_or("");
            warn(
                "mostly-numbers",
                others,
                format!("{numbers} values are numbers and {others} are not, such as \"{example}\""),
            );
        }
        warn(
            "leading-zeros",
            gathered.classes.get(Class::Code),
            "digits with leading zeros, or more than 38 of them: identifiers, which a cast to a number would damage"
                .to_string(),
        );
    }
    warn(
        "spaces",
        gathered.spaced,
        "values with white space around them; trim takes it off".to_string(),
    );
    warnings
}
