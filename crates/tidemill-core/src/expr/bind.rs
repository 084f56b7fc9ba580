//! From sqlparser's tree to ours: names are looked up, and each operand gets a type.
//!
//! The decision that shaped it: a column that was not cast has no type of its own. It is a number where
//! it meets a number and text where it meets text, and the binder writes down which, because that is
//! what the plan has to decode and to count.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlparser::ast::{BinaryOperator, Expr, InTarget, UnaryOperator};
use sqlparser::tokenizer::Location;

use super::Truth;
use super::numbers::Cell;
use super::parse::{Parsed, SUPPORTED, start};
use super::text::Pattern;
use super::tree::{Arithmetic, Logic, Num, Op};
use crate::error::RecipeError;
use crate::number::{self, Decimal};
use crate::schema::Schema;
use crate::value::class::Type;

/// The deepest nesting that is bound. The parser's own limit leaves only chains of comparisons deeper.
const MAX_LEVELS: usize = 128;
/// The longest chain of arithmetic, which is evaluated as deep as it is long.
pub(super) const MAX_CHAIN: usize = 512;

/// An expression with its names resolved.
pub(super) struct Bound {
    pub logic: Logic,
    pub numbers: Vec<usize>,
    pub texts: Vec<usize>,
}

/// One side of a comparison, before the other side has been seen.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Null,
    Number(Num),
    /// A text in quotes.
    Literal(String),
    /// A column cast to text.
    Text(usize),
    /// A column that was not cast.
    Free(usize),
    /// A column or a literal of a date, time or datetime, with its days or microseconds.
    Temporal(Type, Num),
    Condition(Logic),
}

pub(super) struct Binder<'a> {
    pub parsed: &'a Parsed<'a>,
    schema: &'a Schema,
    pub numbers: BTreeSet<usize>,
    pub texts: BTreeSet<usize>,
    /// Uncast columns of which only a null test was met.
    nulls: BTreeSet<usize>,
    /// The columns that a reading before this one found to be numbers and not text.
    known_numbers: BTreeSet<usize>,
    depth: usize,
}

/// Binds it. A null test says nothing of a column's type, so where one stands beside a numeric use of
/// the same column, a second reading takes it as a number there too.
pub(super) fn bind(parsed: &Parsed, schema: &Schema) -> Result<Bound, RecipeError> {
    let mut binder = Binder::new(parsed, schema, BTreeSet::new());
    let mut logic = binder.condition(&parsed.expr)?;
    let known: BTreeSet<usize> = binder.numbers.difference(&binder.texts).copied().collect();
    if !binder.nulls.is_disjoint(&known) {
        binder = Binder::new(parsed, schema, known);
        logic = binder.condition(&parsed.expr)?;
    }
    binder.texts.append(&mut binder.nulls);
    Ok(Bound {
        logic,
        numbers: binder.numbers.into_iter().collect(),
        texts: binder.texts.into_iter().collect(),
    })
}

impl<'a> Binder<'a> {
    fn new(parsed: &'a Parsed<'a>, schema: &'a Schema, known_numbers: BTreeSet<usize>) -> Self {
        Binder {
            parsed,
            schema,
            numbers: BTreeSet::new(),
            texts: BTreeSet::new(),
            nulls: BTreeSet::new(),
            known_numbers,
            depth: 0,
        }
    }

    pub(super) fn error(
        &self,
        expr: &Expr,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> RecipeError {
        RecipeError::new(self.parsed.at(start(expr)), found, expected)
    }

    /// Binds what has to be true or false.
    fn condition(&mut self, expr: &Expr) -> Result<Logic, RecipeError> {
        let operand = self.operand(expr)?;
        match operand {
            Operand::Condition(logic) => Ok(logic),
            Operand::Null => Ok(Logic::Constant(Truth::Unknown)),
            Operand::Free(_) | Operand::Text(_) => {
                let name = name_of(expr);
                Err(self.error(expr, self.describe(expr, &operand), "a condition").hint(format!(
                    "compare it with a value, or cast it first: cast = {{ \"{name}\" = \"boolean\" }}"
                )))
            }
            _ => Err(self
                .error(expr, self.describe(expr, &operand), "a condition")
                .hint("compare it with a value")),
        }
    }

    /// Binds one side of an operator. The depth is that of this function's own recursion.
    pub(super) fn operand(&mut self, expr: &Expr) -> Result<Operand, RecipeError> {
        self.depth += 1;
        if self.depth > MAX_LEVELS {
            return Err(self
                .error(
                    expr,
                    "an expression nested too deep",
                    format!("at most {MAX_LEVELS} levels"),
                )
                .hint("split it into several steps"));
        }
        let operand = self.operand_here(expr);
        self.depth -= 1;
        operand
    }

    fn operand_here(&mut self, expr: &Expr) -> Result<Operand, RecipeError> {
        match expr {
            Expr::Identifier(ident) => self.column(&ident.value, ident.span.start),
            Expr::CompoundIdentifier(parts) => {
                let name: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
                self.column(&name.join("."), start(expr))
            }
            Expr::Nested(inner) => self.operand(inner),
            Expr::Value(value) => self.literal(expr, &value.value),
            Expr::TypedString(typed) => {
                self.typed_literal(expr, &typed.data_type.to_string(), &typed.value.value)
            }
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => {
                let inner = self.condition(expr)?;
                Ok(Operand::Condition(not(inner)))
            }
            Expr::UnaryOp {
                op: op @ (UnaryOperator::Minus | UnaryOperator::Plus),
                expr,
            } => {
                let operand = self.operand(expr)?;
                let number = self.number(expr, operand)?;
                Ok(Operand::Number(match (op, number) {
                    (UnaryOperator::Minus, Num::Constant(cell)) => Num::Constant(cell.negate()),
                    (UnaryOperator::Minus, number) => Num::Negate(Arc::new(number)),
                    (_, number) => number,
                }))
            }
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::IsNull(inner) => Ok(Operand::Condition(self.is_null(inner)?)),
            Expr::IsNotNull(inner) => Ok(Operand::Condition(not(self.is_null(inner)?))),
            Expr::IsTrue(inner) => self.is(inner, Truth::True, false),
            Expr::IsNotTrue(inner) => self.is(inner, Truth::True, true),
            Expr::IsFalse(inner) => self.is(inner, Truth::False, false),
            Expr::IsNotFalse(inner) => self.is(inner, Truth::False, true),
            Expr::IsUnknown(inner) => self.is(inner, Truth::Unknown, false),
            Expr::IsNotUnknown(inner) => self.is(inner, Truth::Unknown, true),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => {
                let logic = self.between(expr, low, high)?;
                Ok(Operand::Condition(if *negated {
                    not(logic)
                } else {
                    logic
                }))
            }
            Expr::In {
                expr,
                target: InTarget::List(items),
                negated,
                ..
            } => {
                let logic = self.one_of(expr, items)?;
                Ok(Operand::Condition(if *negated {
                    not(logic)
                } else {
                    logic
                }))
            }
            Expr::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => self.like(expr, pattern, escape_char.as_deref(), false, *negated),
            Expr::ILike {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => self.like(expr, pattern, escape_char.as_deref(), true, *negated),
            Expr::Tuple(_) => Err(self
                .error(expr, "several values in parentheses", "one value")
                .hint("a list stands only after IN")),
            _ => Err(self.error(expr, "an operation that filters do not have", SUPPORTED)),
        }
    }

    fn column(&mut self, name: &str, at: Location) -> Result<Operand, RecipeError> {
        let found = self
            .schema
            .find(name, &self.parsed.at(at))
            .map_err(|error| match error.hint {
                None if self.parsed.normal.at(at) == Some('"') => {
                    error.hint(format!("a text is written in single quotes: '{name}'"))
                }
                _ => error,
            })?;
        let column = &self.schema.columns[found];
        let slot = column.slot;
        Ok(match column.ty {
            None => Operand::Free(slot),
            Some(Type::Text) => Operand::Text(slot),
            Some(Type::Integer | Type::Number) => {
                self.numbers.insert(slot);
                Operand::Number(Num::Column(slot))
            }
            Some(Type::Boolean) => Operand::Condition(Logic::Flag(slot)),
            Some(ty @ (Type::Date | Type::Time | Type::DateTime)) => {
                Operand::Temporal(ty, Num::Column(slot))
            }
        })
    }

    fn binary(
        &mut self,
        expr: &Expr,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Result<Operand, RecipeError> {
        let compare = match op {
            BinaryOperator::And | BinaryOperator::Or => return self.chain(expr, op),
            BinaryOperator::Eq => Op::Equal,
            BinaryOperator::NotEq => Op::NotEqual,
            BinaryOperator::Lt => Op::Less,
            BinaryOperator::LtEq => Op::LessEqual,
            BinaryOperator::Gt => Op::Greater,
            BinaryOperator::GtEq => Op::GreaterEqual,
            _ => return self.arithmetic(expr),
        };
        let a = self.operand(left)?;
        let b = self.operand(right)?;
        Ok(Operand::Condition(self.compare(
            compare,
            (left, a),
            (right, b),
        )?))
    }

    /// A chain of one of AND and OR, which the parser nests to the left, as one node.
    fn chain(&mut self, expr: &Expr, op: &BinaryOperator) -> Result<Operand, RecipeError> {
        let mut terms = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp {
            left,
            op: this,
            right,
        } = rest
            && this == op
        {
            terms.push(&**right);
            rest = left;
        }
        terms.push(rest);
        let conditions: Result<Vec<Logic>, RecipeError> = terms
            .into_iter()
            .rev()
            .map(|term| self.condition(term))
            .collect();
        Ok(Operand::Condition(match op {
            BinaryOperator::And => Logic::And(conditions?),
            _ => Logic::Or(conditions?),
        }))
    }

    /// A chain of arithmetic, which the parser nests to the left, from its first operand on.
    fn arithmetic(&mut self, expr: &Expr) -> Result<Operand, RecipeError> {
        let mut steps = Vec::new();
        let mut first = expr;
        while let Expr::BinaryOp { left, op, right } = first {
            let op = match op {
                BinaryOperator::Plus => Arithmetic::Add,
                BinaryOperator::Minus => Arithmetic::Subtract,
                BinaryOperator::Multiply => Arithmetic::Multiply,
                BinaryOperator::Divide => Arithmetic::Divide,
                BinaryOperator::Modulo => Arithmetic::Remainder,
                other if steps.is_empty() => {
                    return Err(self.error(expr, format!("the operator {other}"), SUPPORTED));
                }
                _ => break,
            };
            steps.push((op, &**right));
            first = left;
        }
        if steps.len() > MAX_CHAIN {
            let found = format!("{} operations in a row", steps.len());
            return Err(self.error(expr, found, format!("at most {MAX_CHAIN}")));
        }
        let operand = self.operand(first)?;
        let mut sum = self.number(first, operand)?;
        for (op, right) in steps.into_iter().rev() {
            let operand = self.operand(right)?;
            let number = self.number(right, operand)?;
            sum = match (sum.constant(), number.constant()) {
                (Some(a), Some(b)) => Num::Constant(a.combine(op, b)),
                _ => Num::Binary(op, Arc::new(sum), Arc::new(number)),
            };
        }
        Ok(Operand::Number(sum))
    }

    /// An operand of arithmetic.
    fn number(&mut self, expr: &Expr, operand: Operand) -> Result<Num, RecipeError> {
        match operand {
            Operand::Number(number) => Ok(number),
            Operand::Null => Ok(Num::Constant(Cell::Null)),
            Operand::Free(slot) => {
                self.numbers.insert(slot);
                Ok(Num::Column(slot))
            }
            other => {
                let error = self.error(expr, self.describe(expr, &other), "a number");
                Err(match &other {
                    Operand::Literal(text) if is_number(text) => {
                        error.hint(format!("write {} without quotes", cut(text)))
                    }
                    Operand::Temporal(..) => {
                        error.hint("filters compare dates; they do not calculate with them")
                    }
                    _ => error,
                })
            }
        }
    }

    fn is(&mut self, expr: &Expr, truth: Truth, negated: bool) -> Result<Operand, RecipeError> {
        let logic = Logic::Is(Box::new(self.condition(expr)?), truth);
        Ok(Operand::Condition(if negated { not(logic) } else { logic }))
    }

    fn is_null(&mut self, expr: &Expr) -> Result<Logic, RecipeError> {
        Ok(match self.operand(expr)? {
            Operand::Null => Logic::Constant(Truth::True),
            Operand::Literal(_) => Logic::Constant(Truth::False),
            Operand::Number(number) => Logic::NoNumber(number),
            Operand::Temporal(_, Num::Column(slot)) => Logic::NoValue(slot),
            Operand::Temporal(_, number) => Logic::NoNumber(number),
            Operand::Text(slot) => {
                self.texts.insert(slot);
                Logic::NoText(slot)
            }
            Operand::Free(slot) if self.known_numbers.contains(&slot) => {
                self.numbers.insert(slot);
                Logic::NoNumber(Num::Column(slot))
            }
            Operand::Free(slot) => {
                self.nulls.insert(slot);
                Logic::NoText(slot)
            }
            Operand::Condition(Logic::Flag(slot)) => Logic::NoValue(slot),
            Operand::Condition(logic) => Logic::Is(Box::new(logic), Truth::Unknown),
        })
    }

    fn like(
        &mut self,
        expr: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
        any_case: bool,
        negated: bool,
    ) -> Result<Operand, RecipeError> {
        let operand = self.operand(expr)?;
        let text = match self.operand(pattern)? {
            Operand::Literal(text) => text,
            Operand::Null => return Ok(Operand::Condition(Logic::Constant(Truth::Unknown))),
            other => {
                return Err(self.error(
                    pattern,
                    self.describe(pattern, &other),
                    "a pattern in quotes, such as 'A%'",
                ));
            }
        };
        let escape = match escape {
            None => None,
            Some(expr) => match self.operand(expr)? {
                Operand::Literal(text) if text.chars().count() == 1 => text.chars().next(),
                other => {
                    return Err(self.error(
                        expr,
                        self.describe(expr, &other),
                        "one character in quotes after ESCAPE",
                    ));
                }
            },
        };
        let Some(compiled) = Pattern::new(&text, escape, any_case) else {
            return Err(self.error(
                pattern,
                format!(
                    "the pattern '{}' that ends in its escape character",
                    cut(&text)
                ),
                "a character after it",
            ));
        };
        let logic = match operand {
            Operand::Free(slot) | Operand::Text(slot) => {
                self.texts.insert(slot);
                Logic::Like(slot, Arc::new(compiled))
            }
            Operand::Literal(value) => {
                Logic::Constant(Truth::of(compiled.matches(value.as_bytes())))
            }
            Operand::Null => Logic::Constant(Truth::Unknown),
            other => {
                return Err(self.error(
                    expr,
                    self.describe(expr, &other),
                    "a text column before LIKE",
                ));
            }
        };
        Ok(Operand::Condition(if negated { not(logic) } else { logic }))
    }

    /// What an operand is, in words.
    pub(super) fn describe(&self, expr: &Expr, operand: &Operand) -> String {
        let column = |ty: &str| format!("column \"{}\" ({ty})", name_of(expr));
        match operand {
            Operand::Null => "NULL".to_string(),
            Operand::Number(Num::Constant(Cell::Exact(value))) => format!("the number {value}"),
            Operand::Number(Num::Column(slot)) => match self.type_of(*slot) {
                Some(ty) => column(ty.as_str()),
                None => column("used as a number"),
            },
            Operand::Number(_) => "a number".to_string(),
            Operand::Literal(text) => format!("the text '{}'", cut(text)),
            Operand::Text(_) => column("text"),
            Operand::Free(_) => column("text, for it was not cast"),
            Operand::Temporal(ty, Num::Column(_)) => column(ty.as_str()),
            Operand::Temporal(ty, _) => format!("a {ty}"),
            Operand::Condition(Logic::Flag(_)) => column("boolean"),
            Operand::Condition(Logic::Constant(truth)) => match truth {
                Truth::True => "TRUE".to_string(),
                Truth::False => "FALSE".to_string(),
                Truth::Unknown => "a condition".to_string(),
            },
            Operand::Condition(_) => "a condition".to_string(),
        }
    }

    fn type_of(&self, slot: usize) -> Option<Type> {
        self.schema
            .columns
            .iter()
            .find(|column| column.slot == slot)?
            .ty
    }
}

/// The name of a column, where the expression is one.
pub(super) fn name_of(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => ident.value.clone(),
        Expr::CompoundIdentifier(parts) => {
            let parts: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
            parts.join(".")
        }
        Expr::Nested(inner) => name_of(inner),
        _ => String::new(),
    }
}

/// A comparison that is not so is its opposite; the rest keeps its NOT.
pub(super) fn not(logic: Logic) -> Logic {
    match logic {
        Logic::Constant(truth) => Logic::Constant(!truth),
        Logic::Within(number, mut interval) => {
            interval.outside = !interval.outside;
            Logic::Within(number, interval)
        }
        Logic::Not(inner) => *inner,
        other => Logic::Not(Box::new(other)),
    }
}

pub(super) fn whole(value: i64) -> Num {
    Num::Constant(Cell::Exact(Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    }))
}

pub(super) fn is_number(text: &str) -> bool {
    matches!(number::parse(text.as_bytes()), number::Parsed::Number(_))
}

/// A text as an error shows it.
pub(super) fn cut(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        format!("{short}...")
    } else {
        short
    }
}
