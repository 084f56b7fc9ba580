//! Conditions and formulas in SQL: read once, checked against the columns, and run a chunk at a time.
//!
//! The decision that shaped it: there is no interpreter of rows. An expression becomes a tree whose
//! nodes each turn the selected rows of a chunk into one vector, so the choice of what to do is made
//! once a chunk and node, and the loops under it know nothing but numbers or bytes. Logic has three
//! values, as in SQL: what is said of a value that is not there is unknown.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::schema::{Missing, Schema};

mod ast;
mod bind;
mod call;
mod compare;
mod eval;
mod formula;
pub(crate) mod functions;
mod interval;
mod lex;
mod literal;
mod numbers;
mod parse;
mod regexp;
mod text;
mod tree;
mod work;

#[cfg(test)]
mod tests;

pub use formula::{Formula, Texts, Values};
pub use functions::{FUNCTIONS, Function, functions_table};
use tree::Logic;

/// What a condition says of a row. The order of the values makes AND the smaller of two and OR the
/// larger (Kleene's strong logic).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    False = 0,
    Unknown = 1,
    True = 2,
}

impl Truth {
    #[inline]
    pub(crate) fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }

    /// As a boolean column is written.
    pub(crate) fn word(self) -> &'static [u8] {
        match self {
            Truth::True => b"true",
            Truth::False => b"false",
            Truth::Unknown => b"",
        }
    }

    #[inline]
    pub(crate) fn and(self, other: Truth) -> Truth {
        if (self as u8) < other as u8 {
            self
        } else {
            other
        }
    }

    #[inline]
    pub(crate) fn or(self, other: Truth) -> Truth {
        if (self as u8) > other as u8 {
            self
        } else {
            other
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    #[inline]
    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

/// A condition on rows, compiled for the columns of one place of a recipe.
#[derive(Clone, Debug)]
pub struct Predicate {
    logic: Logic,
    numbers: Vec<usize>,
    texts: Vec<usize>,
}

impl Predicate {
    /// Reads an expression and checks its names and types. `place` says where in the recipe it
    /// stands; errors add the position within the expression.
    pub fn compile(sql: &str, schema: &Schema, place: &str) -> Result<Predicate, RecipeError> {
        let parsed = parse::parse(sql, place)?;
        let bound = bind::bind(&parsed, schema, |binder| binder.condition(&parsed.expr))?;
        Ok(Predicate {
            logic: bound.root,
            numbers: bound.numbers,
            texts: bound.texts,
        })
    }

    /// The slots of the columns that are used as numbers, in ascending order. The driver calls
    /// [`Chunk::decode_numbers`] for each before [`Predicate::evaluate`].
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The slots whose text is used, in ascending order. The driver calls [`Chunk::decode_text`] for
    /// each before [`Predicate::evaluate`].
    pub fn texts(&self) -> &[usize] {
        &self.texts
    }

    /// The answer for each selected row, in order.
    pub fn evaluate(&self, chunk: &Chunk, missing: &[Missing]) -> Vec<Truth> {
        eval::Frame::new(chunk, missing).logic(&self.logic)
    }
}
