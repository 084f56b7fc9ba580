//! Expressions whose value becomes a column.
//!
//! The decision that shaped it: a column's text is its truth here too. A value is written as its type
//! is written, and its reading is what that text says, so a later step sees the same number as the
//! next program that reads the file.

use super::ast::Expr;
use super::bind::{self, Binder, Operand};
use super::eval::Frame;
use super::numbers::Cell;
use super::tree::{Logic, Num, Text};
use super::{Truth, parse};
use crate::chunk::Chunk;
use crate::column::{Kind, Typed, write_value};
use crate::error::RecipeError;
use crate::number;
use crate::schema::{Missing, Schema};
use crate::value::class::Type;

/// What is worked out for each row.
#[derive(Clone, Debug)]
enum Value {
    /// The column in this slot as it is.
    Copy(usize),
    Text(Text),
    /// Numbers; of dates, times and datetimes the days or microseconds.
    Number(Num),
    Logic(Logic),
}

/// An expression of any type, compiled for the columns of one place of a recipe.
#[derive(Clone, Debug)]
pub struct Formula {
    value: Value,
    ty: Option<Type>,
    numbers: Vec<usize>,
    texts: Vec<usize>,
    missing: Missing,
}

impl Formula {
    /// Reads an expression and checks its names and types, as [`super::Predicate::compile`] does.
    pub fn compile(sql: &str, schema: &Schema, place: &str) -> Result<Formula, RecipeError> {
        let parsed = parse::parse(sql, place)?;
        let bound = bind::bind(&parsed, schema, |binder| binder.formula(&parsed.expr))?;
        let (value, ty) = bound.root;
        let missing = match &value {
            Value::Copy(slot) => schema.missing.get(*slot).cloned().unwrap_or_default(),
            _ => Missing::default(),
        };
        Ok(Formula {
            value,
            ty,
            numbers: bound.numbers,
            texts: bound.texts,
            missing,
        })
    }

    /// The type of its values; none for those of a column that was not cast.
    pub fn ty(&self) -> Option<Type> {
        self.ty
    }

    /// The words for missing of what it makes.
    pub fn missing(&self) -> &Missing {
        &self.missing
    }

    /// As [`super::Predicate::numbers`].
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// As [`super::Predicate::texts`].
    pub fn texts(&self) -> &[usize] {
        &self.texts
    }

    /// The values of the selected rows: their texts, and their reading where they have a type. It is
    /// empty for no value.
    pub fn evaluate(&self, chunk: &mut Chunk, missing: &[Missing]) -> Values {
        let ty = self.ty.filter(|ty| *ty != Type::Text);
        let mut texts = Texts::default();
        if let Value::Copy(slot) = &self.value {
            let cells = chunk.cells(*slot);
            chunk.each_row(|row| texts.push(|out| out.extend_from_slice(cells.get(row))));
            let typed = ty.and_then(|_| chunk.typed(*slot).cloned());
            return Values { texts, typed };
        }
        let mut typed = ty.map(|ty| chunk.blank(ty));
        let chunk = &*chunk;
        let frame = Frame::new(chunk, missing);
        match &self.value {
            Value::Copy(_) => {}
            Value::Text(text) => texts = frame.worked(text),
            Value::Number(number) => {
                let values = frame.values(number);
                let ty = self.ty.unwrap_or(Type::Number);
                let mut at = 0;
                chunk.each_row(|row| {
                    let cell = values.cell(at);
                    at += 1;
                    texts.push(|out| put_number(cell, ty, row, typed.as_mut(), out));
                });
            }
            Value::Logic(logic) => {
                let truths = frame.logic(logic);
                let mut at = 0;
                chunk.each_row(|row| {
                    let truth = truths[at];
                    at += 1;
                    texts.push(|out| out.extend_from_slice(truth.word()));
                    if let Some(typed) = &mut typed {
                        match truth {
                            Truth::Unknown => typed.kind[row] = Kind::Missing,
                            truth => typed.put_small(row, i64::from(truth == Truth::True), 0),
                        }
                    }
                });
            }
        }
        if let Some(typed) = &mut typed {
            typed.settle();
        }
        Values { texts, typed }
    }
}

/// What a formula gave.
pub struct Values {
    pub texts: Texts,
    pub typed: Option<Typed>,
}

/// Texts one after the other.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    pub bytes: Vec<u8>,
    /// Where each ends.
    pub ends: Vec<usize>,
}

impl Texts {
    pub(super) fn get(&self, at: usize) -> &[u8] {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[from..self.ends[at]]
    }

    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }
}

/// Writes a number, and reads what was written. How many zeros stand behind its decimals could depend
/// on its neighbours in the chunk, so there are none.
pub(super) fn put_number(
    cell: Cell,
    ty: Type,
    row: usize,
    typed: Option<&mut Typed>,
    out: &mut Vec<u8>,
) {
    let value = match cell {
        Cell::Null => Err(Kind::Missing),
        Cell::Exact(value) => {
            let value = match ty {
                Type::Number => value.normalized(),
                _ => value,
            };
            write_value(ty, value, out);
            Ok(value)
        }
        Cell::Float(value) if value.is_infinite() => {
            out.extend_from_slice(if value < 0.0 { b"-inf" } else { b"inf" });
            Err(match value < 0.0 {
                true => Kind::NegativeInfinity,
                false => Kind::PositiveInfinity,
            })
        }
        Cell::Float(value) => {
            let text = number::f64_text(value);
            out.extend_from_slice(text.as_bytes());
            match number::parse(text.as_bytes()) {
                number::Parsed::Number(value) => Ok(value),
                _ => Err(Kind::Invalid),
            }
        }
    };
    let Some(typed) = typed else { return };
    match value {
        Ok(value) => typed.put(row, value),
        Err(kind) => typed.kind[row] = kind,
    }
}

impl Binder<'_> {
    /// Binds what has a value of any type.
    fn formula(&mut self, expr: &Expr) -> Result<(Value, Option<Type>), RecipeError> {
        let operand = self.operand(expr)?;
        Ok(match operand {
            Operand::Null => {
                return Err(self
                    .error(expr, "NULL", "a value with a type")
                    .hint("an empty text is ''"));
            }
            Operand::Literal(text) => (
                Value::Text(Text::Constant(text.into_bytes())),
                Some(Type::Text),
            ),
            Operand::Worked(text) => (Value::Text(text), Some(Type::Text)),
            Operand::Free(slot) => (self.copy(slot), None),
            Operand::Text(slot) => (self.copy(slot), Some(Type::Text)),
            // A column that was not cast may hold what is no number.
            Operand::Number(Num::Column(slot)) if self.type_of(slot).is_some() => {
                (self.copy(slot), self.type_of(slot))
            }
            Operand::Number(number) => (Value::Number(number), Some(Type::Number)),
            Operand::Temporal(ty, Num::Column(slot)) => (self.copy(slot), Some(ty)),
            Operand::Temporal(ty, number) => (Value::Number(number), Some(ty)),
            Operand::Condition(Logic::Flag(slot)) => (self.copy(slot), Some(Type::Boolean)),
            Operand::Condition(logic) => (Value::Logic(logic), Some(Type::Boolean)),
        })
    }

    fn copy(&mut self, slot: usize) -> Value {
        self.texts.insert(slot);
        Value::Copy(slot)
    }
}
