//! What a profile tells only when all is asked for (`--all`): what is gathered for it, and the figures.

use serde::{Deserialize, Serialize};

use super::hints::Look;
use super::order::Order;
use super::{Gathered, Profile, RangeOf, Reading};
use crate::kernels::reduce::extremes::span;
use crate::kernels::reduce::positive::{Logarithms, Reciprocals};
use crate::number::buckets::Buckets;
use crate::number::decimal::Decimal;
use crate::number::powers::Powers;
use crate::number::quantile::{Fraction, deviation, percent, quantile};
use crate::number::sum::Sum;
use crate::report::{Details, Fences, Figure, Gaps, Lengths, Types};
use crate::value::class::{Class, Type};

/// A column is said to look like something where so many percent of its values do.
const LIKE: u64 = 95;
/// A column is nearly constant where so many percent of its values are one.
const NEARLY: u64 = 99;

/// What is gathered of cells besides what every profile gathers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct More {
    cubes: Sum,
    fourths: Sum,
    logarithms: Logarithms,
    reciprocals: Reciprocals,
    zero: u64,
    negative: u64,
    shortest: Option<u64>,
    longest: u64,
    /// Characters in all.
    characters: u128,
    ascii: u64,
    looks: [u64; Look::ALL.len()],
}

impl More {
    /// Takes a cell that is not missing and stands `times` times in the column.
    pub fn take(&mut self, text: &[u8], class: Class, reading: &Reading, times: u64) {
        let length = characters(text);
        self.shortest = Some(self.shortest.map_or(length, |least| least.min(length)));
        self.longest = self.longest.max(length);
        self.characters += u128::from(length) * u128::from(times);
        if text.is_ascii() {
            self.ascii += times;
        }
        if let Reading::Value(RangeOf::Number, value) = reading {
            self.cubes.add_product(&[*value; 3], times);
            self.fourths.add_product(&[*value; 4], times);
            self.logarithms.add(*value, times);
            self.reciprocals.add(*value, times);
            self.zero += if value.mantissa == 0 { times } else { 0 };
            self.negative += if value.mantissa < 0 { times } else { 0 };
        }
        if class == Class::Text
            && let Some(look) = Look::of(text)
        {
            self.looks[look as usize] += times;
        }
    }

    pub fn merge(&mut self, other: &More) {
        self.cubes.merge(&other.cubes);
        self.fourths.merge(&other.fourths);
        self.logarithms.merge(&other.logarithms);
        self.reciprocals.merge(&other.reciprocals);
        self.zero += other.zero;
        self.negative += other.negative;
        self.shortest = match (self.shortest, other.shortest) {
            (Some(least), Some(other)) => Some(least.min(other)),
            (least, other) => least.or(other),
        };
        self.longest = self.longest.max(other.longest);
        self.characters += other.characters;
        self.ascii += other.ascii;
        for (count, from) in self.looks.iter_mut().zip(&other.looks) {
            *count += from;
        }
    }
}

/// The characters of a text; bytes that are none count as one each, up to where one begins.
fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

/// What there is of the values, besides what was gathered.
pub enum Known<'a> {
    /// All values of a typed column in their order.
    Values(&'a [(Decimal, u64)]),
    /// A sketch of a column of numbers.
    Sketch(&'a Buckets),
    Nothing,
}

pub fn figures(
    profile: &Profile,
    gathered: &Gathered,
    more: &More,
    ty: Type,
    range: Option<(Decimal, Decimal)>,
    known: &Known<'_>,
) -> Details {
    let of = |class: Class| gathered.classes.get(class);
    let numeric = matches!(ty, Type::Integer | Type::Number);
    let powers = numeric.then(|| Powers {
        moments: gathered.moments.clone(),
        s3: more.cubes.clone(),
        s4: more.fourths.clone(),
    });
    let float =
        |figure: &dyn Fn(&Powers) -> Option<f64>| Figure::float(powers.as_ref().and_then(figure));
    let at = |whole: i128| match known {
        Known::Values(sorted) if numeric => {
            Figure::float(quantile(sorted, percent(whole)).map(|at| at.to_f64()))
        }
        Known::Sketch(buckets) => Figure::float(buckets.quantile(percent(whole))),
        _ => Figure::Null,
    };
    let (sketched_mad, sketched_iqr) = match known {
        Known::Sketch(buckets) => {
            let bound = |(value, error): (f64, Option<f64>)| error.map(|error| (value, error));
            (
                buckets.deviation().and_then(bound),
                buckets.between_quartiles().and_then(bound),
            )
        }
        _ => (None, None),
    };
    let cells = [
        Class::Missing,
        Class::MissingWord,
        Class::Nan,
        Class::Infinite,
    ];
    let some: u64 = gathered.classes.total() - cells.into_iter().map(of).sum::<u64>();
    let agree = match ty {
        Type::Integer => of(Class::Integer),
        Type::Number => of(Class::Integer) + of(Class::Number),
        Type::Boolean => of(Class::Boolean),
        Type::Date => of(Class::Date),
        Type::Time => of(Class::Time),
        Type::DateTime => of(Class::Date) + of(Class::DateTime),
        Type::Text => of(Class::Text) + of(Class::Code),
    };
    let long = more.shortest.map(|shortest| Lengths {
        min: shortest,
        max: more.longest,
        mean: Figure::float(mean_length(gathered, more)),
    });
    Details {
        confidence: Figure::float((some > 0).then(|| agree as f64 / some as f64)),
        types: Types {
            integer: of(Class::Integer),
            number: of(Class::Number),
            boolean: of(Class::Boolean),
            date: of(Class::Date),
            time: of(Class::Time),
            datetime: of(Class::DateTime),
            code: of(Class::Code),
            text: of(Class::Text),
            nan: of(Class::Nan),
            infinite: of(Class::Infinite),
            missing_word: of(Class::MissingWord),
            empty: of(Class::Missing),
        },
        missing_words: gathered.words.clone().into_iter().collect(),
        zero: numeric.then_some(more.zero),
        negative: numeric.then_some(more.negative),
        range: match (ty, range) {
            (Type::Boolean | Type::Text, _) | (_, None) => Figure::Null,
            (_, Some((least, greatest))) => span(least, greatest, ty),
        },
        variance: float(&|powers| powers.moments.variance()),
        cv: float(&|powers| powers.moments.variation()),
        sem: float(&|powers| powers.moments.standard_error()),
        geometric_mean: if numeric {
            Figure::float(more.logarithms.geometric())
        } else {
            Figure::Null
        },
        harmonic_mean: if numeric {
            Figure::float(more.reciprocals.mean())
        } else {
            Figure::Null
        },
        skewness: float(&Powers::skewness),
        kurtosis: float(&Powers::kurtosis),
        mad: match known {
            Known::Values(sorted) if numeric => {
                Figure::float(deviation(sorted).map(|at| at.to_f64()))
            }
            _ => Figure::float(sketched_mad.map(|(value, _)| value)),
        },
        mad_error: sketched_mad.map(|(_, error)| error),
        p1: at(1),
        p5: at(5),
        p95: at(95),
        p99: at(99),
        iqr: match known {
            Known::Values(sorted) if numeric => {
                Figure::float(quartiles(sorted).map(|(low, high)| high.minus(&low).to_f64()))
            }
            _ => Figure::float(sketched_iqr.map(|(value, _)| value)),
        },
        iqr_error: sketched_iqr.map(|(_, error)| error),
        fences: match known {
            Known::Values(sorted) if numeric => fences(sorted),
            Known::Sketch(buckets) => sketched_fences(buckets),
            _ => None,
        },
        mode: Figure::Null,
        antimode: Figure::Null,
        lengths: long,
        non_ascii: Some(text_cells(gathered) - more.ascii),
        spaced: Some(gathered.spaced),
        order: None,
        unique: None,
        gaps: match known {
            Known::Values(sorted) => gaps(sorted, ty),
            _ => None,
        },
        hints: hints(profile, gathered, more, ty, range),
    }
}

/// Cells that are not empty, words that mean "missing" among them.
fn text_cells(gathered: &Gathered) -> u64 {
    gathered.classes.total() - gathered.classes.get(Class::Missing)
}

fn mean_length(gathered: &Gathered, more: &More) -> Option<f64> {
    let cells = text_cells(gathered);
    (cells > 0).then(|| crate::number::round::ratio(&more.characters.into(), &cells.into(), 0))
}

fn quartiles(sorted: &[(Decimal, u64)]) -> Option<(Fraction, Fraction)> {
    quantile(sorted, percent(25)).zip(quantile(sorted, percent(75)))
}

/// Tukey's fences, one and a half ranges beyond the quartiles, and how many values lie outside.
fn fences(sorted: &[(Decimal, u64)]) -> Option<Fences> {
    let (low, high) = quartiles(sorted)?;
    let reach = high.minus(&low).times(3, 2);
    let (low, high) = (low.minus(&reach), high.plus(&reach));
    let below = sorted.partition_point(|(value, _)| Fraction::from(*value) < low);
    let inside = sorted.partition_point(|(value, _)| Fraction::from(*value) <= high);
    let outside = sorted[..below].iter().chain(&sorted[inside.max(below)..]);
    Some(Fences {
        low: Figure::Float(low.to_f64()),
        high: Figure::Float(high.to_f64()),
        outside: outside.map(|(_, times)| times).sum(),
        exact: true,
    })
}

fn sketched_fences(buckets: &Buckets) -> Option<Fences> {
    let (low, high) = buckets
        .quantile(percent(25))
        .zip(buckets.quantile(percent(75)))?;
    let reach = (high - low) * 1.5;
    let (low, high) = (low - reach, high + reach);
    Some(Fences {
        low: Figure::Float(low),
        high: Figure::Float(high),
        outside: buckets.beyond(low, high),
        exact: false,
    })
}

/// The days that no value falls on, between the first and the last.
fn gaps(sorted: &[(Decimal, u64)], ty: Type) -> Option<Gaps> {
    let unit = match ty {
        Type::Date => 1,
        Type::DateTime => 86_400_000_000,
        _ => return None,
    };
    let mut days: Vec<i64> = sorted
        .iter()
        .filter_map(|(value, _)| {
            let power = 10i128.checked_pow(u32::try_from(value.exponent).ok()?)?;
            i64::try_from(value.mantissa.checked_mul(power)?.div_euclid(unit)).ok()
        })
        .collect();
    days.dedup();
    let absent = |pair: &[i64]| (pair[1] - pair[0] - 1).unsigned_abs();
    // Of several the first.
    let longest = days
        .windows(2)
        .max_by(|a, b| absent(a).cmp(&absent(b)).then(b[0].cmp(&a[0])))
        .filter(|pair| absent(pair) > 0);
    Some(Gaps {
        days: days.windows(2).map(absent).sum(),
        longest: longest.map_or(0, absent),
        after: longest.map_or(Figure::Null, |pair| Figure::Moment(Type::Date, pair[0])),
        before: longest.map_or(Figure::Null, |pair| Figure::Moment(Type::Date, pair[1])),
    })
}

fn hints(
    profile: &Profile,
    gathered: &Gathered,
    more: &More,
    ty: Type,
    range: Option<(Decimal, Decimal)>,
) -> Vec<String> {
    let of = |class: Class| gathered.classes.get(class);
    let mut hints = Vec::new();
    let texts: u64 = text_cells(gathered) - gathered.words.values().sum::<u64>();
    let like =
        |count: u64| count > 0 && u128::from(count) * 100 >= u128::from(texts) * u128::from(LIKE);
    if ty == Type::Text {
        for look in Look::ALL {
            if like(more.looks[look as usize]) {
                hints.push(look.word().to_string());
            }
        }
        if like(of(Class::Code) + of(Class::Integer)) && of(Class::Code) > 0 {
            hints.push("identifier with leading zeros".to_string());
        }
    }
    if matches!(ty, Type::Integer | Type::Number)
        && let Some((least, greatest)) = range
    {
        let name = profile.name.to_lowercase();
        let within = |most: i128| {
            let bound = |mantissa| Decimal {
                mantissa,
                exponent: 0,
            };
            least >= bound(-most) && greatest <= bound(most)
        };
        let named = |words: &[&str]| {
            name.split(|sign: char| !sign.is_alphanumeric())
                .any(|part| words.contains(&part))
        };
        if named(&["lat", "latitude"]) && within(90) {
            hints.push("latitude".to_string());
        }
        if named(&["lon", "lng", "long", "longitude"]) && within(180) {
            hints.push("longitude".to_string());
        }
    }
    hints
}

/// Adds what needs the counts of single values: of the most frequent one, of the rarest, and of all.
pub fn with_counts(
    details: &mut Details,
    most: Option<(Figure, u64)>,
    rarest: Option<Figure>,
    distinct: u64,
    present: u64,
) {
    details.unique = Some(present > 0 && distinct == present);
    if let Some((mode, times)) = most {
        details.mode = mode;
        if distinct == 1 && present > 1 {
            details.hints.push("constant".to_string());
        } else if distinct > 1
            && u128::from(times) * 100 >= u128::from(present) * u128::from(NEARLY)
        {
            details.hints.push("nearly constant".to_string());
        }
    }
    details.antimode = rarest.unwrap_or_default();
}

/// Adds the order of the cells, which the end of a run knows.
pub fn with_order(details: &mut Details, order: &Order, ty: Option<Type>) {
    let word = match ty {
        Some(Type::Text) => order.texts.word(),
        Some(Type::Boolean) | None => None,
        Some(_) => order.values.word(),
    };
    details.order = word.map(str::to_string);
    // Too many values to know them apart are known to be different where they rise or fall strictly.
    if details.unique.is_none() && word.is_some_and(|word| word.starts_with("strictly")) {
        details.unique = Some(true);
    }
}
