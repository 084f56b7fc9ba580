//! `fill`: puts a value where there is none. A constant needs to know nothing; `{ with = "mean" }`
//! and its like are fitted, so the plan reads the file once before to learn them.

use crate::chunk::Chunk;
use crate::column::{Kind, write_value};
use crate::document::{Data, Node};
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::reduce::Call;
use crate::reduction::call;
use crate::report::Figure;
use crate::schema::{Missing, Schema};
use crate::step::{Fitted, Outcome, RowLocal, StepKind};
use crate::value::class::Type;
use crate::value::{Temporal, boolean, date};

/// One column and what is put into it.
#[derive(Clone)]
struct Target {
    slot: usize,
    value: Value,
    missing: Missing,
}

#[derive(Clone)]
enum Value {
    /// For a column that is read as a type; the text and its reading.
    Typed(Vec<u8>, Decimal),
    Text(Vec<u8>),
    /// What the reduction of that word gives.
    Learnt(&'static str),
    /// It was to be learnt, and there was nothing to learn from.
    Nothing,
}

pub struct Fill {
    targets: Vec<Target>,
}

const WITH: &[&str] = &["mean", "min", "max"];

impl Clean for Fill {
    const ABOUT: About = About {
        word: "fill",
        help: "puts a value where there is none",
        value: Shape::Map(&Shape::ScalarOrTable(&[Opt {
            name: "with",
            help: "a figure of the column's present values, learnt in a pass before",
            shape: Shape::Word(WITH),
        }])),
        options: &[],
        example: "fill = { column3 = 0, city = \"unknown\", score = { with = \"mean\" } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options
            .table("fill")?
            .ok_or_else(|| options.error("fill", "nothing", "a table"))?;
        let mut targets: Vec<Target> = Vec::new();
        let mut calls: Vec<Call> = Vec::new();
        for (pattern, node) in table.entries()? {
            for at in schema.resolve(std::slice::from_ref(pattern), &table.place(pattern))? {
                let column = &schema.columns[at];
                let (slot, ty) = (column.slot, column.ty);
                let place = table.place(pattern);
                let value = value(&table, pattern, node, ty)?;
                if let Value::Learnt(word) = value {
                    calls.push(call(word, &column.name, schema, &place)?);
                }
                targets.retain(|target| target.slot != slot);
                targets.push(Target {
                    slot,
                    value,
                    missing: schema.missing[slot].clone(),
                });
            }
        }
        targets.sort_by_key(|target| target.slot);
        let pick = |typed: bool| -> Vec<usize> {
            let is = |target: &&Target| matches!(target.value, Value::Text(_)) != typed;
            targets
                .iter()
                .filter(is)
                .map(|target| target.slot)
                .collect()
        };
        let (numbers, texts) = (pick(true), pick(false));
        let kind = if calls.is_empty() {
            StepKind::RowLocal(Box::new(Fill { targets }))
        } else {
            // The answers come in the order of the targets that ask.
            calls.sort_by_key(|call| call.slots.first().copied());
            StepKind::Fitted(Box::new(Fitting { targets, calls }))
        };
        Ok(Compiled {
            kind,
            numbers,
            texts,
        })
    }
}

fn value(
    table: &Options<'_>,
    column: &str,
    node: &Node,
    ty: Option<Type>,
) -> Result<Value, RecipeError> {
    let text = match &node.data {
        Data::Number(text) => text.clone(),
        Data::Text(text) => text.clone(),
        Data::Boolean(value) => value.to_string(),
        Data::Table(_) => {
            let inner = table.within(column, node);
            inner.only(&["with"])?;
            let word = inner
                .word("with", WITH)?
                .ok_or_else(|| inner.error("with", "nothing", "with = \"...\""))?;
            return Ok(Value::Learnt(word));
        }
        Data::List(_) => return Err(table.wrong(node, column, "one value")),
    };
    let is_number = matches!(node.data, Data::Number(_));
    let ty = match ty {
        Some(ty) => ty,
        None if is_number => Type::Number,
        None => Type::Text,
    };
    let whole = |value: i64| Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    };
    let value = match ty {
        Type::Text => return Ok(Value::Text(text.into_bytes())),
        Type::Integer | Type::Number => match parse(text.as_bytes()) {
            Parsed::Number(value) if ty == Type::Number || value.is_integer() => Some(value),
            _ => None,
        },
        Type::Boolean => boolean::parse_cast(text.as_bytes()).map(|value| whole(i64::from(value))),
        Type::Date | Type::Time | Type::DateTime => {
            match (ty, date::parse_default(text.as_bytes())) {
                (Type::Date, Some(Temporal::Date(days))) => Some(whole(i64::from(days))),
                (Type::Time, Some(Temporal::Time(micros))) => Some(whole(micros)),
                (Type::DateTime, Some(Temporal::DateTime { micros, .. })) => Some(whole(micros)),
                (Type::DateTime, Some(Temporal::Date(days))) => {
                    Some(whole(i64::from(days) * date::MICROS_PER_DAY))
                }
                _ => None,
            }
        }
    };
    match value {
        // A cell that is filled is written as any other of its type.
        Some(value) => {
            let mut out = Vec::new();
            write_value(ty, value, &mut out);
            Ok(Value::Typed(out, value))
        }
        None => Err(table.wrong(node, column, &format!("a value of the column's type, {ty}"))),
    }
}

impl RowLocal for Fill {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for target in &self.targets {
            match &target.value {
                Value::Typed(text, value) => fill_typed(chunk, target.slot, text, *value, outcome),
                Value::Text(text) => fill_text(chunk, target.slot, text, &target.missing, outcome),
                Value::Learnt(_) | Value::Nothing => {}
            }
        }
    }
}

fn fill_typed(chunk: &mut Chunk, slot: usize, text: &[u8], value: Decimal, outcome: &mut Outcome) {
    let Some(mut typed) = chunk.typed_mut(slot).map(std::mem::take) else {
        return;
    };
    let mut rows = Vec::new();
    chunk.each_row(|row| {
        if matches!(typed.kind[row], Kind::Missing | Kind::Invalid) {
            rows.push(row);
        }
    });
    if !rows.is_empty() {
        chunk.decode_text(slot);
        let kept = chunk.keep(text);
        for row in rows {
            typed.put(row, value);
            if chunk.cells(slot).get(row) != text {
                outcome.tally.changed += 1;
                chunk.place(slot, row, kept);
            }
        }
        typed.settle();
    }
    chunk.set_typed(slot, typed);
}

fn fill_text(
    chunk: &mut Chunk,
    slot: usize,
    text: &[u8],
    missing: &Missing,
    outcome: &mut Outcome,
) {
    let cells = chunk.cells(slot);
    let mut rows = Vec::new();
    chunk.each_row(|row| {
        let cell = cells.get(row);
        if missing.text(cell) && cell != text {
            rows.push(row);
        }
    });
    if rows.is_empty() {
        return;
    }
    outcome.tally.changed += rows.len() as u64;
    let kept = chunk.keep(text);
    for row in rows {
        chunk.place(slot, row, kept);
    }
    // A reading as numbers, if there is one, was made from the old text.
    chunk.forget_typed(slot);
}

/// Fill before it has learnt.
struct Fitting {
    targets: Vec<Target>,
    calls: Vec<Call>,
}

impl Fitted for Fitting {
    fn asks(&self) -> Vec<Call> {
        self.calls.clone()
    }

    fn fit(&self, answers: &[Figure]) -> Box<dyn RowLocal> {
        let mut answers = answers.iter();
        let mut targets = self.targets.clone();
        for target in &mut targets {
            if let Value::Learnt(_) = target.value {
                // The reading of what the report would print, so that the cell and the figure agree.
                let text = answers.next().map(Figure::plain).unwrap_or_default();
                target.value = match parse(text.as_bytes()) {
                    Parsed::Number(value) => Value::Typed(text.into_bytes(), value),
                    _ => Value::Nothing,
                };
            }
        }
        Box::new(Fill { targets })
    }
}
