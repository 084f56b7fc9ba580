//! The answer of a run, in the shape that every surface prints. Its keys are always all there and
//! always in this order; a number is written as text once, here, so that no surface can round it
//! in its own way.

use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::kernels::reduce::profile::Mark;
use crate::number::decimal::Decimal;
use crate::number::sum::Exact;
use crate::number::text::f64_text;
use crate::value::class::Type;
use crate::value::date;

/// One figure of a report.
#[derive(Clone, Debug, Default)]
pub enum Figure {
    /// It does not apply.
    #[default]
    Null,
    Count(u64),
    /// An exact result: integers print exactly, others as the nearest f64.
    Exact(Exact),
    /// A value of the column itself: prints exactly.
    Value(Decimal),
    Float(f64),
    Text(Vec<u8>),
    Boolean(bool),
    /// An estimate, and its relative standard error.
    Estimate(u64, f64),
    /// Of a sketch, and how far it may be from the truth, relative to it.
    Approximate(f64, f64),
    /// It applies and is not known, for this reason.
    Withheld(&'static str),
    /// The most frequent values.
    Top(Top),
    /// Days, microseconds of the day, or microseconds since 1970, by the type.
    Moment(Type, i64),
    /// All figures of one column.
    Column(Box<ColumnFigures>),
}

impl Figure {
    pub fn float(value: Option<f64>) -> Figure {
        value.map_or(Figure::Null, Figure::Float)
    }

    /// A present value of a typed column.
    pub fn typed(ty: Type, value: Decimal) -> Figure {
        // A moment may have come with its zeros taken off.
        let whole = || {
            let power = 10i128.checked_pow(u32::try_from(value.exponent).ok()?)?;
            i64::try_from(value.mantissa.checked_mul(power)?).ok()
        };
        match ty {
            Type::Date | Type::Time | Type::DateTime => {
                whole().map_or(Figure::Null, |value| Figure::Moment(ty, value))
            }
            Type::Boolean => Figure::Boolean(value.mantissa != 0),
            _ => Figure::Value(value),
        }
    }

    /// The figure as JSON text.
    pub fn json(&self) -> String {
        match self {
            Figure::Null => "null".to_string(),
            Figure::Count(count) => count.to_string(),
            Figure::Exact(exact) if exact.exponent >= 0 && exact.exponent < 400 => exact.to_text(),
            Figure::Exact(exact) => f64_text(exact.to_f64()),
            Figure::Value(value) => value_text(*value),
            Figure::Float(value) => f64_text(*value),
            Figure::Boolean(value) => value.to_string(),
            Figure::Estimate(value, error) => {
                format!(
                    "{{\"value\":{value},\"exact\":false,\"error\":{}}}",
                    f64_text(*error)
                )
            }
            Figure::Approximate(value, error) => {
                format!(
                    "{{\"value\":{},\"exact\":false,\"error\":{}}}",
                    f64_text(*value),
                    f64_text(*error)
                )
            }
            Figure::Withheld(reason) => {
                format!(
                    "{{\"value\":null,\"exact\":false,\"reason\":{}}}",
                    json_text(reason)
                )
            }
            Figure::Top(top) => serde_json::to_string(top).unwrap_or_else(|_| "null".to_string()),
            Figure::Text(_) | Figure::Moment(..) => json_text(&self.plain()),
            Figure::Column(column) => {
                serde_json::to_string(column).unwrap_or_else(|_| "null".to_string())
            }
        }
    }

    /// The figure as a person reads it in a table or a CSV file. What does not apply is empty.
    pub fn plain(&self) -> String {
        match self {
            Figure::Null | Figure::Withheld(_) | Figure::Column(_) => String::new(),
            Figure::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Figure::Estimate(value, _) => format!("≈{value}"),
            Figure::Approximate(value, _) if value.is_finite() => {
                format!("≈{}", f64_text(*value))
            }
            Figure::Approximate(..) => String::new(),
            Figure::Top(top) => {
                let shown = |(value, times): &(Figure, u64)| format!("{} ×{times}", value.plain());
                top.0.iter().map(shown).collect::<Vec<_>>().join(", ")
            }
            Figure::Moment(ty, value) => {
                let mut out = Vec::new();
                match ty {
                    Type::Date => date::write_date(i32::try_from(*value).unwrap_or(0), &mut out),
                    Type::Time => date::write_time(*value, &mut out),
                    _ => date::write_datetime(*value, false, &mut out),
                }
                String::from_utf8_lossy(&out).into_owned()
            }
            other => {
                let text = other.json();
                if text == "null" { String::new() } else { text }
            }
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Figure::Null) || matches!(self, Figure::Float(value) if !value.is_finite())
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw(&self.json(), serializer)
    }
}

fn raw<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(json.to_string())
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}

fn json_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "null".to_string())
}

/// A value without the zeros that its writer may have put behind the point.
pub fn value_text(value: Decimal) -> String {
    let mut out = Vec::new();
    let normal = value.normalized();
    normal.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Input {
    pub files: Vec<String>,
    pub bytes: u64,
    pub dialect: DialectReport,
    pub encoding: String,
    /// Blank, comment and preamble lines.
    pub skipped: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct DialectReport {
    pub delimiter: String,
    pub quote: Option<String>,
    pub escape: String,
    pub comment: Option<String>,
    pub header: bool,
}

/// Where every row went: in + added = out + rejected + filtered + deduplicated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    #[serde(rename = "in")]
    pub input: u64,
    pub added: u64,
    pub out: u64,
    pub rejected: u64,
    pub filtered: u64,
    pub deduplicated: u64,
}

impl Rows {
    /// The equation.
    pub fn balance(&self) -> bool {
        self.input + self.added == self.out + self.rejected + self.filtered + self.deduplicated
    }
}

/// Something about a column that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    pub kind: String,
    pub count: u64,
    pub text: String,
    /// The number of the first record that it is about.
    pub record: Option<u64>,
    /// The same, before records are numbered.
    #[serde(skip)]
    pub mark: Option<Mark>,
}

/// A number of distinct values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DistinctFigure {
    pub value: u64,
    pub exact: bool,
    /// The sketch's relative standard error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

/// Quartiles, type 7.
#[derive(Clone, Debug, Serialize)]
pub struct Quantiles {
    pub p25: Figure,
    pub p50: Figure,
    pub p75: Figure,
    pub exact: bool,
    /// How far they may be from the truth, relative to it, where they are a sketch's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

/// How many values lie between edges: each bin begins with its first edge and ends before the next.
#[derive(Clone, Debug, Serialize)]
pub struct Histogram {
    pub edges: Vec<Figure>,
    pub counts: Vec<u64>,
    pub exact: bool,
}

/// Everything about one column. What was not asked for, or does not apply, is null.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ColumnFigures {
    #[serde(rename = "type")]
    pub ty: Option<Type>,
    pub count: Option<u64>,
    pub missing: Option<u64>,
    pub nan: Option<u64>,
    pub infinite: Option<u64>,
    pub invalid: Option<u64>,
    pub distinct: Option<DistinctFigure>,
    pub min: Figure,
    pub max: Figure,
    pub sum: Figure,
    pub sum_exact: Option<String>,
    pub mean: Figure,
    pub std: Figure,
    pub quantiles: Option<Quantiles>,
    pub top: Option<Top>,
    pub histogram: Option<Histogram>,
    pub warnings: Vec<Warning>,
    /// The rest, where all is asked for.
    pub details: Option<Box<Details>>,
}

/// What a profile tells of a column only when all is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Details {
    /// The share of the values that are of the column's type.
    pub confidence: Figure,
    pub types: Types,
    /// The words that mean "missing" in a typed column, with their counts.
    pub missing_words: Vec<(String, u64)>,
    pub zero: Option<u64>,
    pub negative: Option<u64>,
    pub range: Figure,
    pub variance: Figure,
    pub cv: Figure,
    pub sem: Figure,
    pub geometric_mean: Figure,
    pub harmonic_mean: Figure,
    pub skewness: Figure,
    pub kurtosis: Figure,
    pub mad: Figure,
    /// How far it may be from the truth, relative to it, where it is a sketch's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mad_error: Option<f64>,
    pub p1: Figure,
    pub p5: Figure,
    pub p95: Figure,
    pub p99: Figure,
    pub iqr: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iqr_error: Option<f64>,
    pub fences: Option<Fences>,
    pub mode: Figure,
    pub antimode: Figure,
    pub lengths: Option<Lengths>,
    pub non_ascii: Option<u64>,
    pub spaced: Option<u64>,
    pub order: Option<String>,
    /// Whether no value comes twice; null where that is not known.
    pub unique: Option<bool>,
    pub gaps: Option<Gaps>,
    pub hints: Vec<String>,
}

/// Cells by what they look like.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Types {
    pub integer: u64,
    pub number: u64,
    pub boolean: u64,
    pub date: u64,
    pub time: u64,
    pub datetime: u64,
    /// Digits with leading zeros, or too many for a number.
    pub code: u64,
    pub text: u64,
    pub nan: u64,
    pub infinite: u64,
    pub missing_word: u64,
    pub empty: u64,
}

/// Tukey's fences, and how many values lie outside.
#[derive(Clone, Debug, Serialize)]
pub struct Fences {
    pub low: Figure,
    pub high: Figure,
    pub outside: u64,
    pub exact: bool,
}

/// Lengths of texts, in characters.
#[derive(Clone, Debug, Serialize)]
pub struct Lengths {
    pub min: u64,
    pub max: u64,
    pub mean: Figure,
}

/// Days between the first and the last that no value falls on.
#[derive(Clone, Debug, Serialize)]
pub struct Gaps {
    pub days: u64,
    /// The days of the longest gap, and the days with values on either side of it.
    pub longest: u64,
    pub after: Figure,
    pub before: Figure,
}

/// The most frequent values with their counts.
#[derive(Clone, Debug)]
pub struct Top(pub Vec<(Figure, u64)>);

impl Serialize for Top {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (value, count) in &self.0 {
            list.serialize_element(&(value, count))?;
        }
        list.end()
    }
}

/// A column with its name.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnReport {
    pub name: String,
    /// Its position in the input, from 0.
    #[serde(skip)]
    pub slot: usize,
    #[serde(flatten)]
    pub figures: ColumnFigures,
}

/// A table of results.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Figure>>,
    /// Groups behind the limit that was asked for; without one, or where none were, not in the JSON.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What one step did.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    pub step: String,
    pub changed: u64,
    pub added: u64,
    pub rejected: u64,
    pub filtered: u64,
    pub deduplicated: u64,
    /// Of the filtered, those for which the expression was neither true nor false.
    pub unknown: u64,
    /// Cells that became missing or were kept because they are not of the type asked for.
    pub invalid: u64,
}

/// One record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    pub file: String,
    /// From 1, among the records behind the header.
    pub record: u64,
    /// From 1, in the stream: the line on which the record begins.
    pub line: u64,
    /// The offset of the value, or of the record where it is the record that is wrong.
    pub byte: u64,
    pub column: Option<String>,
    pub reason: String,
    pub raw: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Rejects {
    pub count: u64,
    pub first: Vec<Reject>,
}

/// A whole report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub input: Input,
    pub rows: Rows,
    pub columns: Vec<ColumnReport>,
    pub reductions: Vec<(String, Table)>,
    pub steps: Vec<StepReport>,
    pub rejects: Rejects,
    pub partial: bool,
    /// What `[expect]` found wanting. It is not part of the JSON's fixed keys unless there is any.
    pub faults: Vec<String>,
}

struct Reductions<'a>(&'a [(String, Table)]);

impl Serialize for Reductions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, table) in self.0 {
            map.serialize_entry(name, table)?;
        }
        map.end()
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tidemill", env!("CARGO_PKG_VERSION"))?;
        map.serialize_entry("input", &self.input)?;
        map.serialize_entry("rows", &self.rows)?;
        map.serialize_entry("columns", &self.columns)?;
        map.serialize_entry("reductions", &Reductions(&self.reductions))?;
        map.serialize_entry("steps", &self.steps)?;
        map.serialize_entry("rejects", &self.rejects)?;
        map.serialize_entry("partial", &self.partial)?;
        if !self.faults.is_empty() {
            map.serialize_entry("faults", &self.faults)?;
        }
        map.end()
    }
}

impl Report {
    /// The report as JSON, indented by two, with a final newline.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The number of cells that were not what their use asked for, which `--strict` refuses.
    pub fn invalid(&self) -> u64 {
        let columns: u64 = self
            .columns
            .iter()
            .filter_map(|column| column.figures.invalid)
            .sum();
        columns + self.steps.iter().map(|step| step.invalid).sum::<u64>()
    }
}
