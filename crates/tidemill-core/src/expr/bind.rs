//! From what an expression says to what is done: names are looked up, and each operand gets a type.
//!
//! The decision that shaped it: a column that was not cast has no type of its own. It is a number where
//! it meets a number and text where it meets text, and the binder writes down which, because that is
//! what the plan has to decode and to count.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Truth;
use super::ast::{Applied, Expr, Is, Kind, Match, Matcher, Operator, Spot};
use super::numbers::Cell;
use super::parse::Parsed;
use super::text::Pattern;
use super::tree::{Arithmetic, Logic, Num, Text};
use crate::error::RecipeError;
use crate::number::{self, Decimal};
use crate::schema::Schema;
use crate::value::class::Type;

/// The deepest nesting that is bound.
const MAX_LEVELS: usize = 128;
/// The longest chain of arithmetic, which is evaluated as deep as it is long.
pub(super) const MAX_CHAIN: usize = 512;

/// An expression with its names resolved.
pub(super) struct Bound<T> {
    pub root: T,
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
    /// A text that was worked out.
    Worked(Text),
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

/// Binds it by `root`. A null test says nothing of a column's type, so where one stands beside a
/// numeric use of the same column, a second reading takes it as a number there too.
pub(super) fn bind<'a, T>(
    parsed: &'a Parsed<'a>,
    schema: &'a Schema,
    root: impl Fn(&mut Binder<'a>) -> Result<T, RecipeError>,
) -> Result<Bound<T>, RecipeError> {
    let mut binder = Binder::new(parsed, schema, BTreeSet::new());
    let mut bound = root(&mut binder)?;
    let known: BTreeSet<usize> = binder.numbers.difference(&binder.texts).copied().collect();
    if !binder.nulls.is_disjoint(&known) {
        binder = Binder::new(parsed, schema, known);
        bound = root(&mut binder)?;
    }
    binder.texts.append(&mut binder.nulls);
    Ok(Bound {
        root: bound,
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
        RecipeError::new(self.parsed.at(expr.at), found, expected)
    }

    /// Binds what has to be true or false.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<Logic, RecipeError> {
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
        let negate = |logic: Logic, negated: bool| match negated {
            true => Operand::Condition(not(logic)),
            false => Operand::Condition(logic),
        };
        match &expr.kind {
            Kind::Column(name) => self.column(name, expr.at),
            Kind::Null => Ok(Operand::Null),
            Kind::Boolean(value) => Ok(Operand::Condition(Logic::Constant(Truth::of(*value)))),
            Kind::Text(text) => Ok(Operand::Literal(text.clone())),
            Kind::Number(text) => self.number_literal(expr, text),
            Kind::Typed(word, text) => self.typed_literal(expr, word, text),
            Kind::Not(inner) => {
                let inner = self.condition(inner)?;
                Ok(Operand::Condition(not(inner)))
            }
            Kind::Sign { minus, of } => {
                let operand = self.operand(of)?;
                let number = self.number(of, operand)?;
                Ok(Operand::Number(match (minus, number) {
                    (true, Num::Constant(cell)) => Num::Constant(cell.negate()),
                    (true, number) => Num::Negate(Arc::new(number)),
                    (false, number) => number,
                }))
            }
            Kind::All(terms) => {
                let terms = self.conditions(terms)?;
                Ok(Operand::Condition(Logic::And(terms)))
            }
            Kind::Any(terms) => {
                let terms = self.conditions(terms)?;
                Ok(Operand::Condition(Logic::Or(terms)))
            }
            Kind::Fold(first, rest)
                if rest
                    .iter()
                    .all(|applied| applied.operator == Operator::Concat) =>
            {
                self.joined(first, rest)
            }
            Kind::Fold(first, rest) => self.arithmetic(first, rest),
            Kind::Compare(op, sides) => {
                let [left, right] = &**sides;
                let a = self.operand(left)?;
                let b = self.operand(right)?;
                let logic = self.compare(*op, (left, a), (right, b))?;
                Ok(Operand::Condition(logic))
            }
            Kind::Is { of, what, negated } => {
                let logic = match what {
                    Is::Null => self.is_null(of)?,
                    Is::True => Logic::Is(Box::new(self.condition(of)?), Truth::True),
                    Is::False => Logic::Is(Box::new(self.condition(of)?), Truth::False),
                    Is::Unknown => Logic::Is(Box::new(self.condition(of)?), Truth::Unknown),
                };
                Ok(negate(logic, *negated))
            }
            Kind::Between { of, negated } => {
                let [value, low, high] = &**of;
                Ok(negate(self.between(value, low, high)?, *negated))
            }
            Kind::In { of, items, negated } => Ok(negate(self.one_of(of, items)?, *negated)),
            Kind::Match(matching) => self.like(matching),
            Kind::List(items) => Err(self
                .error(
                    expr,
                    format!("several values in parentheses ({})", items.len()),
                    "one value",
                )
                .hint("a list stands only after IN")),
            Kind::Call { name, arguments } => self.call(expr, name, arguments),
            Kind::Extract { part, of } => self.call(expr, part, std::slice::from_ref(of)),
            Kind::Case(case) => self.case(expr, case),
            Kind::Cast { of, to } => self.cast(of, to),
        }
    }

    fn column(&mut self, name: &str, at: Spot) -> Result<Operand, RecipeError> {
        let found = self
            .schema
            .find(name, &self.parsed.at(at))
            .map_err(|error| match error.hint {
                None if self.starts_with_quote(at) => {
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

    fn starts_with_quote(&self, at: Spot) -> bool {
        let rest = self.parsed.sql.get(at..).unwrap_or_default();
        rest.starts_with(['"', '“', '”', '＂'])
    }

    fn conditions(&mut self, terms: &[Expr]) -> Result<Vec<Logic>, RecipeError> {
        terms.iter().map(|term| self.condition(term)).collect()
    }

    fn arithmetic(&mut self, first: &Expr, rest: &[Applied]) -> Result<Operand, RecipeError> {
        if rest.len() > MAX_CHAIN {
            let found = format!("{} operations in a row", rest.len());
            return Err(self.error(first, found, format!("at most {MAX_CHAIN}")));
        }
        let operand = self.operand(first)?;
        let mut sum = self.number(first, operand)?;
        for Applied { operator, at, to } in rest {
            let op = match operator {
                Operator::Add => Arithmetic::Add,
                Operator::Subtract => Arithmetic::Subtract,
                Operator::Multiply => Arithmetic::Multiply,
                Operator::Divide => Arithmetic::Divide,
                Operator::Remainder => Arithmetic::Remainder,
                Operator::Concat => {
                    let found = "\"||\" behind arithmetic";
                    let error = RecipeError::new(self.parsed.at(*at), found, "two texts");
                    return Err(error.hint("CAST((...) AS text) || ..."));
                }
            };
            let operand = self.operand(to)?;
            let number = self.number(to, operand)?;
            sum = match (sum.constant(), number.constant()) {
                (Some(a), Some(b)) => Num::Constant(a.combine(op, b)),
                _ => Num::Binary(op, Arc::new(sum), Arc::new(number)),
            };
        }
        Ok(Operand::Number(sum))
    }

    /// An operand of arithmetic.
    pub(super) fn number(&mut self, expr: &Expr, operand: Operand) -> Result<Num, RecipeError> {
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
                    Operand::Temporal(..) => error.hint(
                        "dates are compared, not calculated with; date_diff(from, to) counts days",
                    ),
                    _ => error,
                })
            }
        }
    }

    fn is_null(&mut self, expr: &Expr) -> Result<Logic, RecipeError> {
        let operand = self.operand(expr)?;
        Ok(self.absent(operand))
    }

    /// Whether it has no value.
    pub(super) fn absent(&mut self, operand: Operand) -> Logic {
        match operand {
            Operand::Null => Logic::Constant(Truth::True),
            Operand::Literal(_) => Logic::Constant(Truth::False),
            Operand::Worked(text) => Logic::NoWorked(text),
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
        }
    }

    fn like(&mut self, matching: &Match) -> Result<Operand, RecipeError> {
        let Match {
            matcher,
            at,
            of: expr,
            pattern,
            escape,
            negated,
        } = matching;
        let operand = self.operand(expr)?;
        if *matcher == Matcher::Regexp {
            let logic = self.regexp(*at, (expr, operand), pattern)?;
            return Ok(Operand::Condition(if *negated {
                not(logic)
            } else {
                logic
            }));
        }
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
        let Some(compiled) = Pattern::new(&text, escape, *matcher == Matcher::AnyCaseLike) else {
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
            Operand::Worked(text) => Logic::Matches(text, Arc::new(compiled)),
            other => {
                return Err(self.error(
                    expr,
                    self.describe(expr, &other),
                    "a text column before LIKE",
                ));
            }
        };
        Ok(Operand::Condition(if *negated {
            not(logic)
        } else {
            logic
        }))
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
            Operand::Worked(_) => "a text".to_string(),
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

    pub(super) fn type_of(&self, slot: usize) -> Option<Type> {
        self.schema
            .columns
            .iter()
            .find(|column| column.slot == slot)?
            .ty
    }
}

/// The name of a column, where the expression is one.
pub(super) fn name_of(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Column(name) => name.clone(),
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
