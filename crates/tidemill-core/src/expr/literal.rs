//! Values as they are written in an expression.
//!
//! The decision that shaped it: a literal is read once, here, and exactly; what cannot be read is an error
//! of the recipe and never a value that no row can have.

use super::ast::Expr;
use super::bind::{Binder, Operand, cut, whole};
use super::numbers::Cell;
use super::tree::Num;
use crate::error::RecipeError;
use crate::number;
use crate::value::class::Type;
use crate::value::{Temporal, date};

impl Binder<'_> {
    pub(super) fn number_literal(&self, expr: &Expr, text: &str) -> Result<Operand, RecipeError> {
        match number::parse(text.as_bytes()) {
            number::Parsed::Number(value) => Ok(Operand::Number(Num::Constant(Cell::Exact(value)))),
            _ => Err(self.error(
                expr,
                format!("the number {}", cut(text)),
                "a number of at most 38 digits, within 10^400",
            )),
        }
    }

    /// `DATE '2024-01-31'` and its like.
    pub(super) fn typed_literal(
        &self,
        expr: &Expr,
        word: &str,
        text: &str,
    ) -> Result<Operand, RecipeError> {
        let ty = match word {
            "DATE" => Type::Date,
            "TIME" => Type::Time,
            _ => Type::DateTime,
        };
        match (ty, self.temporal(expr, text, ty)?) {
            (Type::Date, Temporal::DateTime { .. }) => Err(self
                .error(
                    expr,
                    format!("the date '{}' with a time", cut(text)),
                    "a date",
                )
                .hint(format!("write TIMESTAMP '{}'", cut(text)))),
            (Type::DateTime, value) => {
                let micros = value.as_datetime().map_or(0, |(micros, _)| micros);
                Ok(Operand::Temporal(ty, whole(micros)))
            }
            (_, Temporal::Date(days)) => Ok(Operand::Temporal(ty, whole(i64::from(days)))),
            (_, Temporal::Time(micros) | Temporal::DateTime { micros, .. }) => {
                Ok(Operand::Temporal(ty, whole(micros)))
            }
        }
    }

    /// Reads a text that is compared with a column of such a type.
    pub(super) fn temporal(
        &self,
        expr: &Expr,
        text: &str,
        ty: Type,
    ) -> Result<Temporal, RecipeError> {
        let value = date::parse_default(text.as_bytes());
        match (ty, value) {
            (Type::Time, Some(value @ Temporal::Time(_))) => Ok(value),
            (
                Type::Date | Type::DateTime,
                Some(value @ (Temporal::Date(_) | Temporal::DateTime { .. })),
            ) => Ok(value),
            _ => Err(self.error(
                expr,
                format!("the text '{}'", cut(text)),
                match ty {
                    Type::Time => "a time such as '14:30' or '14:30:05'",
                    Type::DateTime => "a moment such as '2024-01-31T14:30:00', or a date",
                    _ => "a date such as '2024-01-31'",
                },
            )),
        }
    }
}
