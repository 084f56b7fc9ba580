//! Comparisons: which kind both sides are compared as, and the node that does it.
//!
//! The decision that shaped it: nothing is converted silently. A number is not equal to a text that
//! spells it; the error says which of both to rewrite.

use super::Truth;
use super::ast::Expr;
use super::bind::{Binder, Operand, cut, is_number, name_of, whole};
use super::call::midnight;
use super::interval::Interval;
use super::numbers::Cell;
use super::text::Words;
use super::tree::{Logic, Num, Op, Text};
use crate::error::RecipeError;
use crate::number::Decimal;
use crate::value::Temporal;
use crate::value::calendar::MICROS_PER_DAY;
use crate::value::class::Type;
use std::sync::Arc;

pub(super) type Side<'e> = (&'e Expr, Operand);

/// What the uncast columns among some operands are compared as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Number,
    Text,
    Open,
}

pub(super) fn use_of<'o>(operands: impl IntoIterator<Item = &'o Operand>) -> Use {
    let mut found = Use::Open;
    for operand in operands {
        match operand {
            Operand::Number(_) => return Use::Number,
            Operand::Literal(_) | Operand::Text(_) | Operand::Worked(_) => found = Use::Text,
            _ => {}
        }
    }
    found
}

impl Binder<'_> {
    /// Gives an uncast column the use that the others ask for.
    pub(super) fn settle(&mut self, operand: Operand, wanted: Use) -> Operand {
        match (operand, wanted) {
            (Operand::Free(slot), Use::Number) => {
                self.numbers.insert(slot);
                Operand::Number(Num::Column(slot))
            }
            (other, _) => other,
        }
    }

    pub(super) fn compare(
        &mut self,
        op: Op,
        (left, a): Side,
        (right, b): Side,
    ) -> Result<Logic, RecipeError> {
        let wanted = use_of([&a, &b]);
        let (a, b) = (self.settle(a, wanted), self.settle(b, wanted));
        match (a, b) {
            (Operand::Null, _) | (_, Operand::Null) => Ok(Logic::Constant(Truth::Unknown)),
            (Operand::Number(a), Operand::Number(b)) => Ok(numbers(op, a, b)),
            (Operand::Condition(a), Operand::Condition(b)) => Ok(booleans(op, a, b)),
            (Operand::Temporal(s, a), Operand::Temporal(t, b)) => {
                self.temporals(op, (left, s, a), (right, t, b))
            }
            (Operand::Temporal(ty, a), Operand::Literal(text)) => {
                self.moment(op, ty, a, right, &text)
            }
            (Operand::Literal(text), Operand::Temporal(ty, b)) => {
                self.moment(op.turned(), ty, b, left, &text)
            }
            (a, b) => match (self.text(&a), self.text(&b)) {
                (Some(a), Some(b)) => Ok(texts(op, a, b)),
                _ => Err(self.mismatch(op.sign(), (left, a), (right, b))),
            },
        }
    }

    pub(super) fn text(&mut self, operand: &Operand) -> Option<Text> {
        match operand {
            Operand::Free(slot) | Operand::Text(slot) => {
                self.texts.insert(*slot);
                Some(Text::Column(*slot))
            }
            Operand::Literal(text) => Some(Text::Constant(text.as_bytes().to_vec())),
            Operand::Worked(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// A column of days or microseconds against a text that says when.
    fn moment(
        &self,
        op: Op,
        ty: Type,
        column: Num,
        literal: &Expr,
        text: &str,
    ) -> Result<Logic, RecipeError> {
        let value = self.temporal(literal, text, ty)?;
        Ok(match (ty, value) {
            (Type::Date, Temporal::DateTime { micros, .. }) => days(op, column, micros),
            (Type::Date, Temporal::Date(day)) => numbers(op, column, whole(i64::from(day))),
            (_, Temporal::Time(micros)) => numbers(op, column, whole(micros)),
            (_, value) => {
                let micros = value.as_datetime().map_or(0, |(micros, _)| micros);
                numbers(op, column, whole(micros))
            }
        })
    }

    fn temporals(
        &self,
        op: Op,
        (left, s, a): (&Expr, Type, Num),
        (right, t, b): (&Expr, Type, Num),
    ) -> Result<Logic, RecipeError> {
        Ok(match (s, t) {
            (Type::Date, Type::DateTime) => numbers(op, midnight(a), b),
            (Type::DateTime, Type::Date) => numbers(op, a, midnight(b)),
            (s, t) if s == t => numbers(op, a, b),
            _ => {
                let (a, b) = (Operand::Temporal(s, a), Operand::Temporal(t, b));
                return Err(self.mismatch(op.sign(), (left, a), (right, b)));
            }
        })
    }

    /// `low <= value AND value <= high`.
    pub(super) fn between(
        &mut self,
        value: &Expr,
        low: &Expr,
        high: &Expr,
    ) -> Result<Logic, RecipeError> {
        let operands = [
            self.value(value, "BETWEEN")?,
            self.operand(low)?,
            self.operand(high)?,
        ];
        let wanted = use_of(&operands);
        let [a, b, c] = operands.map(|operand| self.settle(operand, wanted));
        let above = self.compare(Op::GreaterEqual, (value, a.clone()), (low, b))?;
        let below = self.compare(Op::LessEqual, (value, a), (high, c))?;
        Ok(match (above, below) {
            (Logic::Within(Num::Column(slot), from), Logic::Within(Num::Column(_), to)) => {
                let interval = Interval {
                    low: from.low,
                    high: to.high,
                    outside: false,
                };
                Logic::Within(Num::Column(slot), interval)
            }
            (above, below) => Logic::And(vec![above, below]),
        })
    }

    pub(super) fn one_of(&mut self, value: &Expr, items: &[Expr]) -> Result<Logic, RecipeError> {
        let operand = self.value(value, "IN")?;
        let listed: Result<Vec<Operand>, RecipeError> =
            items.iter().map(|item| self.operand(item)).collect();
        let listed = listed?;
        let wanted = use_of(listed.iter().chain([&operand]));
        let operand = self.settle(operand, wanted);
        let mut numbers: Vec<Decimal> = Vec::new();
        let mut words = Vec::new();
        let mut terms = Vec::new();
        for (item, listed) in items.iter().zip(listed) {
            match (&operand, self.settle(listed, wanted)) {
                (Operand::Number(_), Operand::Number(Num::Constant(Cell::Exact(value)))) => {
                    numbers.push(value);
                }
                (Operand::Free(_) | Operand::Text(_), Operand::Literal(text)) => {
                    words.push(text.into_bytes());
                }
                (_, listed) => {
                    terms.push(self.compare(
                        Op::Equal,
                        (value, operand.clone()),
                        (item, listed),
                    )?);
                }
            }
        }
        match operand {
            Operand::Number(number) if !numbers.is_empty() => {
                numbers.sort_unstable();
                numbers.dedup();
                terms.push(match (&numbers[..], number) {
                    ([only], number) => {
                        self::numbers(Op::Equal, number, Num::Constant(Cell::Exact(*only)))
                    }
                    (_, number) => Logic::Among(number, numbers.into()),
                });
            }
            Operand::Free(slot) | Operand::Text(slot) if !words.is_empty() => {
                self.texts.insert(slot);
                terms.push(Logic::Words(slot, Arc::new(Words::new(words))));
            }
            _ => {}
        }
        Ok(match terms.len() {
            1 => terms.remove(0),
            _ => Logic::Or(terms),
        })
    }

    /// The value before IN or BETWEEN. It is compared several times, so it may not be a condition: a
    /// chain of those would double with each.
    fn value(&mut self, expr: &Expr, word: &str) -> Result<Operand, RecipeError> {
        match self.operand(expr)? {
            operand @ Operand::Condition(_) => Err(self
                .error(
                    expr,
                    format!("{} before {word}", self.describe(expr, &operand)),
                    "a number, text or date",
                )
                .hint("write IS TRUE or IS FALSE")),
            operand => Ok(operand),
        }
    }

    fn mismatch(&self, sign: &str, (left, a): Side, (right, b): Side) -> RecipeError {
        let found = format!(
            "{} {sign} {}",
            self.describe(left, &a),
            self.describe(right, &b)
        );
        let error = |at: &Expr, expected: &str| self.error(at, found.clone(), expected);
        // Said from the side that is more likely right: a column rather than a value.
        match ((left, &a), (right, &b)) {
            ((_, Operand::Number(_)), (at, Operand::Literal(text)))
            | ((at, Operand::Literal(text)), (_, Operand::Number(_))) => {
                let error = error(at, "two numbers, or two texts");
                match is_number(text) {
                    true => error.hint(format!("write {} without quotes", cut(text))),
                    false => error,
                }
            }
            ((column, Operand::Text(_)), (at, Operand::Number(number)))
            | ((at, Operand::Number(number)), (column, Operand::Text(_))) => {
                let error = error(at, "two numbers, or two texts");
                match number {
                    Num::Constant(Cell::Exact(value)) => {
                        error.hint(format!("write '{value}' in quotes"))
                    }
                    _ => error.hint(format!(
                        "cast it: cast = {{ \"{}\" = \"number\" }}",
                        name_of(column)
                    )),
                }
            }
            ((column, Operand::Free(_) | Operand::Text(_)), (_, Operand::Temporal(ty, _)))
            | ((_, Operand::Temporal(ty, _)), (column, Operand::Free(_) | Operand::Text(_))) => {
                error(column, "two dates or times").hint(format!(
                    "cast it first: cast = {{ \"{}\" = \"{ty}\" }}",
                    name_of(column)
                ))
            }
            ((column, Operand::Free(_) | Operand::Text(_)), (_, Operand::Condition(_)))
            | ((_, Operand::Condition(_)), (column, Operand::Free(_) | Operand::Text(_))) => {
                error(column, "two conditions").hint(format!(
                    "cast it first: cast = {{ \"{}\" = \"boolean\" }}",
                    name_of(column)
                ))
            }
            ((_, Operand::Condition(Logic::Flag(_))), (at, _))
            | ((at, _), (_, Operand::Condition(Logic::Flag(_)))) => {
                error(at, "TRUE or FALSE").hint("write TRUE or FALSE without quotes")
            }
            ((_, Operand::Condition(_)), (at, _)) | ((at, _), (_, Operand::Condition(_))) => {
                error(at, "two conditions").hint("a < x AND x < b, or x BETWEEN a AND b")
            }
            _ => error(left, "two values of one type"),
        }
    }
}

/// Days against a moment that need not be a midnight.
fn days(op: Op, column: Num, micros: i64) -> Logic {
    let day = micros.div_euclid(MICROS_PER_DAY);
    let exact = micros.rem_euclid(MICROS_PER_DAY) == 0;
    let op = match op {
        _ if exact => op,
        // Within the day: its midnight lies before the moment, and the next one after it.
        Op::Less => Op::LessEqual,
        Op::GreaterEqual => Op::Greater,
        Op::Equal | Op::NotEqual => {
            let none = Interval {
                low: Interval::compared(Op::Greater, integer(day)).low,
                high: Interval::compared(Op::Less, integer(day)).high,
                outside: op == Op::NotEqual,
            };
            return Logic::Within(column, none);
        }
        op => op,
    };
    numbers(op, column, whole(day))
}

fn numbers(op: Op, a: Num, b: Num) -> Logic {
    match (a.constant(), b.constant()) {
        (Some(a), Some(b)) => Logic::Constant(
            a.order(b)
                .map_or(Truth::Unknown, |order| Truth::of(op.holds(order))),
        ),
        (_, Some(Cell::Exact(value))) => Logic::Within(a, Interval::compared(op, value)),
        (Some(Cell::Exact(value)), _) => Logic::Within(b, Interval::compared(op.turned(), value)),
        _ => Logic::Numbers(op, a, b),
    }
}

fn booleans(op: Op, a: Logic, b: Logic) -> Logic {
    match (op, a, b) {
        // What anyone means who writes it.
        (Op::Equal, logic, Logic::Constant(Truth::True))
        | (Op::Equal, Logic::Constant(Truth::True), logic) => logic,
        (op, a, b) => Logic::Booleans(op, Box::new(a), Box::new(b)),
    }
}

fn texts(op: Op, a: Text, b: Text) -> Logic {
    match (op, a, b) {
        (Op::Equal | Op::NotEqual, Text::Column(slot), Text::Constant(word))
        | (Op::Equal | Op::NotEqual, Text::Constant(word), Text::Column(slot)) => {
            let equal = Logic::Words(slot, Arc::new(Words::new(vec![word])));
            if op == Op::Equal {
                equal
            } else {
                Logic::Not(Box::new(equal))
            }
        }
        (op, Text::Constant(a), Text::Constant(b)) => {
            Logic::Constant(Truth::of(op.holds(a.cmp(&b))))
        }
        (op, a, b) => Logic::Texts(op, a, b),
    }
}

fn integer(value: i64) -> Decimal {
    Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    }
}
