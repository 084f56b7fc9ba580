//! From what a profile gathered of a column to the figures of its report.

use super::details::{self, Known, with_counts};
use super::{Concern, Gathered, Profile, RangeOf, Reading, histogram, read};
use crate::distinct::{Counts, Hll};
use crate::number::buckets::{Buckets, RELATIVE_ERROR};
use crate::number::decimal::Decimal;
use crate::number::quantile::{percent, quantile};
use crate::report::{ColumnFigures, DistinctFigure, Figure, Quantiles, Top, Warning};
use crate::value::class::{Class, Type, infer};

/// How many of the most frequent values are shown.
const TOP: usize = 10;

/// The figures of a column whose texts were kept.
pub fn exact(profile: &Profile, gathered: &Gathered, counts: &Counts) -> ColumnFigures {
    let class = |text: &[u8]| profile.class(text);
    match infer(&gathered.classes) {
        Type::Text => {
            let values: Vec<(&[u8], u64)> = counts
                .iter()
                .filter(|(text, _)| class(text) != Class::Missing)
                .collect();
            let figures = common(profile, gathered, &Known::Nothing);
            counted(figures, values, |text| Figure::Text(text.to_vec()))
        }
        Type::Boolean => {
            let values = [(false, gathered.truths[0]), (true, gathered.truths[1])];
            let values: Vec<(bool, u64)> = values.into_iter().filter(|(_, n)| *n > 0).collect();
            let figures = common(profile, gathered, &Known::Nothing);
            counted(figures, values, |value| Figure::Boolean(*value))
        }
        ty => {
            let mut sorted: Vec<(Decimal, u64)> = Vec::new();
            for (text, count) in counts.iter() {
                if let Reading::Value(range, value) = read(class(text), text) {
                    // A date in a column of datetimes is its midnight.
                    let value = match (ty, range) {
                        (Type::DateTime, RangeOf::Date) => midnight(value),
                        _ => value,
                    };
                    sorted.push((value.normalized(), count));
                }
            }
            sorted.sort_unstable_by_key(|(value, _)| *value);
            // Writings of one value are one.
            sorted.dedup_by(|other, kept| {
                let same = other.0 == kept.0;
                if same {
                    kept.1 += other.1;
                }
                same
            });
            let mut figures = common(profile, gathered, &Known::Values(&sorted));
            if matches!(ty, Type::Integer | Type::Number) {
                let at =
                    |whole| quantile(&sorted, percent(whole)).map(|at| Figure::Float(at.to_f64()));
                figures.quantiles = quantiles(at, None);
            }
            figures.histogram = histogram::exact(&sorted, ty);
            counted(figures, sorted, |value| Figure::typed(ty, *value))
        }
    }
}

/// Adds what is known of single values: how many there are, and which are frequent.
fn counted<T: Ord>(
    mut figures: ColumnFigures,
    mut values: Vec<(T, u64)>,
    figure: impl Fn(&T) -> Figure,
) -> ColumnFigures {
    values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let distinct = values.len() as u64;
    let tops: Vec<(Figure, u64)> = values
        .iter()
        .take(TOP)
        .map(|(value, count)| (figure(value), *count))
        .collect();
    if let Some(details) = &mut figures.details {
        let rarest = values
            .iter()
            .min_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        let present = figures.count.unwrap_or(0);
        let rarest = rarest.map(|(value, _)| figure(value));
        with_counts(details, tops.first().cloned(), rarest, distinct, present);
    }
    figures.distinct = Some(DistinctFigure {
        value: distinct,
        exact: true,
        error: None,
    });
    figures.top = Some(Top(tops));
    figures
}

fn quantiles(at: impl Fn(i128) -> Option<Figure>, error: Option<f64>) -> Option<Quantiles> {
    Some(Quantiles {
        p25: at(25)?,
        p50: at(50)?,
        p75: at(75)?,
        exact: error.is_none(),
        error,
    })
}

/// The figures of a column of which only sums and sketches are there.
pub fn sketched(profile: &Profile, gathered: &Gathered) -> ColumnFigures {
    let empty = Buckets::default();
    let numeric = matches!(infer(&gathered.classes), Type::Integer | Type::Number);
    let buckets = match &gathered.sketches {
        Some(sketches) if numeric => &sketches.2,
        _ => &empty,
    };
    let known = if numeric {
        Known::Sketch(buckets)
    } else {
        Known::Nothing
    };
    let mut figures = common(profile, gathered, &known);
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
    if numeric {
        let at = |whole| buckets.quantile(percent(whole)).map(Figure::Float);
        figures.quantiles = quantiles(at, Some(RELATIVE_ERROR));
        figures.histogram = histogram::sketched(buckets);
    }
    figures.warnings.push(Warning {
        kind: "sketched".to_string(),
        count: 0,
        text: format!(
            "more than {} different texts, or {} MiB of them: the number of different values and the quantiles are estimates, and which values are frequent is not known",
            profile.limits.exact_values,
            profile.limits.exact_bytes() >> 20,
        ),
        record: None,
        mark: None,
    });
    figures
}

/// What needs no single values.
fn common(profile: &Profile, gathered: &Gathered, known: &Known<'_>) -> ColumnFigures {
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
    figures.details = gathered.more.as_ref().map(|more| {
        let details = details::figures(profile, gathered, more, ty, range, known);
        Box::new(details)
    });
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

pub fn midnight(days: Decimal) -> Decimal {
    let day = Decimal {
        mantissa: 86_400_000_000,
        exponent: 0,
    };
    days.checked_mul(day).unwrap_or(days)
}

fn warnings(gathered: &Gathered, ty: Type, numbers: u64, present: u64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, count: u64, concern: Concern, text: String| {
        if count > 0 {
            warnings.push(Warning {
                kind: kind.to_string(),
                count,
                text,
                record: None,
                mark: gathered.first[concern as usize],
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
            Concern::Word,
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
                Concern::Odd,
                format!("{numbers} values are numbers and {others} are not, such as \"{example}\""),
            );
        }
        warn(
            "leading-zeros",
            gathered.classes.get(Class::Code),
            Concern::Code,
            "digits with leading zeros, or more than 38 of them: identifiers, which a cast to a number would damage"
                .to_string(),
        );
    }
    warn(
        "spaces",
        gathered.spaced,
        Concern::Space,
        "values with white space around them; trim takes it off".to_string(),
    );
    warnings
}
