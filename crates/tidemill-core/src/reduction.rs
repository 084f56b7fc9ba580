//! The reductions of a recipe, held against the columns: each value (`p95(dep_delay) where
//! origin = 'JFK' as slow`) taken apart, its kernel chosen, its columns found.

use std::sync::Arc;

use crate::bucket::Bucket;
use crate::error::RecipeError;
use crate::expr::Predicate;
use crate::kernels;
use crate::kernels::ReduceKernel;
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::recipe::ReductionSpec;
use crate::reduce::{Asked, Call, Filter, Needs, Parameter};
use crate::schema::{PlanColumn, Schema};
use crate::shape::Shape;
use crate::value::class::Type;

/// One reduction, ready to run.
pub struct ReductionPlan {
    pub name: String,
    pub by: Vec<Key>,
    pub calls: Vec<Call>,
    /// The answer's column names: keys, then calls.
    pub columns: Vec<String>,
    pub shape: Shape,
}

/// A key of groups: a column, or the spans of time that its moments lie in.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    pub slot: usize,
    pub ty: Type,
    pub bucket: Option<Bucket>,
}

pub fn reduction(
    at: usize,
    spec: &ReductionSpec,
    schema: &Schema,
) -> Result<ReductionPlan, RecipeError> {
    let path = format!("reduce {}", at + 1);
    let place = |key: &str| {
        if spec.line == 0 {
            format!("{path}, {key}")
        } else {
            format!("{path}, {key} (line {})", spec.line)
        }
    };
    let mut by = Vec::new();
    let (by_names, pivot) = match &spec.pivot {
        Some(name) if spec.by.contains(name) => {
            return Err(RecipeError::new(
                place("pivot"),
                format!("\"{name}\", which is in by too"),
                "a column of its own",
            ));
        }
        Some(name) => {
            let all: Vec<&String> = spec.by.iter().chain([name]).collect();
            let pivot = (spec.by.len(), all.len());
            (all, Some(pivot))
        }
        None => (spec.by.iter().collect(), None),
    };
    for name in by_names {
        by.push(key(name, schema, &place("by"))?);
    }
    let mut calls = Vec::new();
    let mut columns: Vec<String> = by.iter().map(|key| key.name.clone()).collect();
    for value in &spec.values {
        let place = place("values");
        let parts = Parts::of(value, &place)?;
        calls.push(parts.call(schema, &place)?);
        let name = parts.name.unwrap_or(value.trim()).to_string();
        if columns.contains(&name) {
            return Err(RecipeError::new(
                place,
                format!("\"{name}\" twice"),
                "columns of different names",
            )
            .hint("give one of them a name: \"sum(x) as total\""));
        }
        columns.push(name);
    }
    let mut sort = Vec::new();
    for name in &spec.sort {
        let (name, down) = match columns.contains(name) {
            true => (name.as_str(), false),
            false => match name.strip_prefix('-') {
                Some(rest) => (rest, true),
                None => (name.as_str(), false),
            },
        };
        let of = pivot.map_or(columns.len(), |(key, _)| key);
        let Some(at) = columns[..of].iter().position(|column| column == name) else {
            return Err(RecipeError::new(
                place("sort"),
                format!("unknown column \"{name}\""),
                columns[..of].join(", "),
            )
            .nearest(name, columns[..of].iter().map(String::as_str)));
        };
        sort.push((at, down));
    }
    let shape = Shape {
        sort,
        limit: spec.limit.map(|limit| limit as usize),
        pivot,
    };
    Ok(ReductionPlan {
        name: spec.name.clone(),
        by,
        calls,
        columns,
        shape,
    })
}

/// A key: a column's name, or a span of time around one.
fn key(text: &str, schema: &Schema, place: &str) -> Result<Key, RecipeError> {
    let span = text.split_once('(').and_then(|(word, rest)| {
        let column = rest.trim_end().strip_suffix(')')?;
        Some((Bucket::of_word(word.trim())?, unquoted(column.trim())))
    });
    // A column whose own name looks like a span is meant by its name.
    let named = schema.columns.iter().any(|column| column.name == text);
    let (bucket, name) = match span {
        Some((bucket, column)) if !named => (Some(bucket), column),
        _ => (None, text),
    };
    let column = &schema.columns[schema.find(name, place)?];
    let ty = column.ty.unwrap_or(Type::Text);
    if let Some(bucket) = bucket
        && !bucket.is_of(ty)
    {
        return Err(RecipeError::new(
            place,
            format!("{text} of a column of {ty}"),
            match bucket {
                Bucket::Hour => "a column that is cast to a datetime",
                _ => "a column that is cast to a date or a datetime",
            },
        )
        .hint(format!("cast = {{ {name} = \"date\" }} in a step before")));
    }
    Ok(Key {
        name: if bucket.is_some() {
            text.to_string()
        } else {
            column.name.clone()
        },
        slot: column.slot,
        ty,
        bucket,
    })
}

/// The kernel of a word asked of one column.
pub fn call(word: &str, column: &str, schema: &Schema, place: &str) -> Result<Call, RecipeError> {
    let parts = Parts {
        word,
        arguments: Some(column),
        filter: None,
        name: None,
    };
    parts.call(schema, place)
}

/// `word(arguments) where filter as name`.
struct Parts<'a> {
    word: &'a str,
    arguments: Option<&'a str>,
    filter: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(value: &'a str, place: &str) -> Result<Parts<'a>, RecipeError> {
        let wrong = || {
            RecipeError::new(
                place,
                format!("\"{value}\""),
                "\"rows\", \"mean(column)\", \"mean(column) as name\" or \"mean(column) where expression as name\"",
            )
        };
        let text = value.trim();
        let end = text
            .find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_' || sign == '.'))
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let (arguments, rest) = match rest.strip_prefix('(') {
            None => (None, rest),
            Some(inside) => {
                let close = closing(inside).ok_or_else(wrong)?;
                let arguments = inside[..close].trim();
                (
                    (!arguments.is_empty()).then_some(arguments),
                    &inside[close + 1..],
                )
            }
        };
        let (rest, name) = match keyword(rest, "as").last() {
            Some(at) => (&rest[..*at], Some(unquoted(rest[at + 2..].trim()))),
            None => (rest, None),
        };
        let rest = rest.trim();
        let filter = match keyword(rest, "where").first() {
            Some(0) => Some(rest["where".len()..].trim()),
            None if rest.is_empty() => None,
            _ => return Err(wrong()),
        };
        if word.is_empty() || name == Some("") || filter == Some("") {
            return Err(wrong());
        }
        Ok(Parts {
            word,
            arguments,
            filter,
            name,
        })
    }

    fn call(&self, schema: &Schema, place: &str) -> Result<Call, RecipeError> {
        let word = self.word;
        let known = || {
            kernels::REDUCE.iter().map(|kernel| {
                let form = kernel.about.form();
                form.split('(').next().unwrap_or_default().to_string()
            })
        };
        let (kernel, digits) = kernels::reduce(word).ok_or_else(|| {
            let words: Vec<String> = known().collect();
            RecipeError::new(
                place,
                format!("unknown reduction \"{word}\""),
                words.join(", "),
            )
            .nearest(word, words.iter().map(String::as_str))
        })?;
        let about = &kernel.about;
        let mut arguments = self.arguments(kernel);
        let parameter = match about.parameter {
            Parameter::None => Some(Decimal::ZERO),
            Parameter::Percent => percentage(digits),
            Parameter::Count(usual) if arguments.len() <= about.columns => Some(Decimal {
                mantissa: usual.into(),
                exponent: 0,
            }),
            Parameter::Count(_) => arguments.pop().and_then(count),
        };
        let Some(parameter) = parameter else {
            return Err(RecipeError::new(
                place,
                format!("{word}({})", self.arguments.unwrap_or_default()),
                match about.parameter {
                    Parameter::Percent => "a percentage from p0 to p100, with at most six decimals",
                    _ => "a count from 1 to 1000 behind the column",
                },
            ));
        };
        if about.columns == 0 && !matches!(arguments.as_slice(), [] | ["*"]) {
            let argument = self.arguments.unwrap_or_default();
            return Err(RecipeError::new(
                place,
                format!("{word}({argument})"),
                format!("{word} without a column"),
            )
            .hint(format!("count({argument}) counts the present values")));
        }
        if about.columns > 0 && arguments.len() != about.columns {
            let found = match self.arguments {
                None => format!("{word} without a column"),
                Some(arguments) => format!("{word}({arguments})"),
            };
            return Err(RecipeError::new(place, found, about.form()));
        }
        let (mut slots, mut types) = (Vec::new(), Vec::new());
        for argument in arguments.iter().take(about.columns) {
            let column = &schema.columns[schema.find(unquoted(argument), place)?];
            slots.push(column.slot);
            types.push(self.ty(about.needs, column, schema, place)?);
        }
        let filter = match self.filter {
            None => None,
            Some(sql) => Some(Filter {
                sql: sql.into(),
                predicate: Arc::new(Predicate::compile(sql, schema, &format!("{place}, where"))?),
            }),
        };
        Ok(Call {
            word: about.word,
            reducer: (kernel.reducer)(&schema.limits),
            needs: about.needs,
            asked: Asked {
                ty: types.first().copied().unwrap_or(Type::Integer),
                parameter,
            },
            answer: kernel.answer,
            bounded: about.bounded,
            slots,
            types,
            filter,
        })
    }

    /// The arguments of a kernel. Of one that takes a column and nothing else they are the column's
    /// name, whatever signs are in it.
    fn arguments(&self, kernel: &ReduceKernel) -> Vec<&'a str> {
        let Some(arguments) = self.arguments else {
            return Vec::new();
        };
        let about = &kernel.about;
        if about.columns <= 1 && !matches!(about.parameter, Parameter::Count(_)) {
            return vec![arguments];
        }
        let mut parts = Vec::new();
        let mut start = 0;
        for at in outside(arguments).filter(|(_, sign, depth)| *sign == ',' && *depth == 0) {
            parts.push(arguments[start..at.0].trim());
            start = at.0 + 1;
        }
        parts.push(arguments[start..].trim());
        parts
    }

    /// What the kernel's use makes of a column.
    fn ty(
        &self,
        needs: Needs,
        column: &PlanColumn,
        schema: &Schema,
        place: &str,
    ) -> Result<Type, RecipeError> {
        let expected = match (needs, column.ty) {
            (Needs::Text | Needs::Nothing, None) if schema.is_number(column.slot) => {
                return Ok(Type::Number);
            }
            (Needs::Text | Needs::Nothing, ty) => return Ok(ty.unwrap_or(Type::Text)),
            (_, None) => return Ok(Type::Number),
            (_, Some(ty @ (Type::Integer | Type::Number))) => return Ok(ty),
            (Needs::Numbers, Some(Type::Boolean)) => return Ok(Type::Integer),
            (Needs::Ordered, Some(ty)) => return Ok(ty),
            (Needs::Values, Some(ty)) if ty != Type::Text => return Ok(ty),
            (Needs::Values, Some(_)) => "a column of numbers, dates or times",
            (Needs::Numbers, Some(_)) => "a column of numbers",
        };
        let ty = column.ty.unwrap_or(Type::Text);
        Err(RecipeError::new(
            place,
            format!("{}({}) of a column cast to {ty}", self.word, column.name),
            expected,
        )
        .hint("cast it to a number, or leave the cast out"))
    }
}

/// A percentage as it stands behind a word: `95`, `99.9`.
fn percentage(digits: &str) -> Option<Decimal> {
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let hundred = Decimal {
        mantissa: 100,
        exponent: 0,
    };
    match parse(digits.as_bytes()) {
        Parsed::Number(value) if plain && value <= hundred && value.exponent >= -6 => Some(value),
        _ => None,
    }
}

fn count(text: &str) -> Option<Decimal> {
    let count: u32 = text.parse().ok()?;
    (1..=1000).contains(&count).then_some(Decimal {
        mantissa: count.into(),
        exponent: 0,
    })
}

/// The signs that stand outside quotes, with their places and the parentheses around them. A quote
/// that does not end is a sign like others.
fn outside(text: &str) -> impl Iterator<Item = (usize, char, u32)> {
    let mut depth = 0u32;
    let mut until: Option<usize> = None;
    text.char_indices().filter_map(move |(at, sign)| {
        if let Some(end) = until {
            if at >= end {
                until = None;
            }
            return None;
        }
        if matches!(sign, '"' | '`' | '\'')
            && let Some(len) = text[at + 1..].find(sign)
        {
            until = Some(at + 1 + len);
            return None;
        }
        match sign {
            '(' => depth += 1,
            ')' => {
                depth = depth.wrapping_sub(1);
            }
            _ => {}
        }
        Some((at, sign, depth))
    })
}

/// Where the parenthesis closes that was opened before the text.
fn closing(inside: &str) -> Option<usize> {
    outside(inside)
        .find(|(_, _, depth)| *depth == u32::MAX)
        .map(|(at, ..)| at)
}

/// Where a word stands alone, in small or capital letters, outside quotes and parentheses.
fn keyword(text: &str, word: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let open = |at: Option<&u8>| at.is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b')');
    outside(text)
        .filter(|(at, _, depth)| {
            let end = at + word.len();
            *depth == 0
                && bytes
                    .get(*at..end)
                    .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
                && open(at.checked_sub(1).and_then(|before| bytes.get(before)))
                && bytes.get(end).is_none_or(u8::is_ascii_whitespace)
        })
        .map(|(at, ..)| at)
        .collect()
}

fn unquoted(name: &str) -> &str {
    let quoted = |quote: char| {
        name.strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    quoted('"').or_else(|| quoted('`')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: &str) -> (&str, Option<&str>, Option<&str>, Option<&str>) {
        let parts = Parts::of(value, "values").unwrap();
        (parts.word, parts.arguments, parts.filter, parts.name)
    }

    #[test]
    fn values_are_taken_apart() {
        assert_eq!(parts("rows"), ("rows", None, None, None));
        assert_eq!(parts(" rows as n "), ("rows", None, None, Some("n")));
        assert_eq!(parts("mean(a b)"), ("mean", Some("a b"), None, None));
        assert_eq!(
            parts("p99.9( x ) AS \"the worst\""),
            ("p99.9", Some("x"), None, Some("the worst"))
        );
        assert_eq!(
            parts("sum(Price (USD)) where y > 0 and n in (1, 2) as total"),
            (
                "sum",
                Some("Price (USD)"),
                Some("y > 0 and n in (1, 2)"),
                Some("total")
            )
        );
        assert_eq!(
            parts("rows WHERE note = 'known as where' as \"x as y\""),
            (
                "rows",
                None,
                Some("note = 'known as where'"),
                Some("x as y")
            )
        );
        assert_eq!(
            parts("cov(\"a, b\", `c)`)"),
            ("cov", Some("\"a, b\", `c)`"), None, None)
        );
        assert_eq!(parts("count(it's)"), ("count", Some("it's"), None, None));
        for wrong in [
            "",
            "(x)",
            "mean(x",
            "mean(x) y",
            "mean(x) as",
            "rows where",
            "rows, x",
        ] {
            assert!(Parts::of(wrong, "values").is_err(), "{wrong}");
        }
    }

    #[test]
    fn percentages() {
        let exact = |text| percentage(text).map(|value| value.to_string());
        assert_eq!(exact("95").as_deref(), Some("95"));
        assert_eq!(exact("99.999999").as_deref(), Some("99.999999"));
        for wrong in ["101", "100.1", "1e1", "0.0000001", "9.9.9", ""] {
            assert_eq!(exact(wrong), None, "{wrong}");
        }
    }
}
