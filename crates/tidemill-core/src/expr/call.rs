//! Functions, casts and choices: from what was written to nodes that work on whole columns.

use std::sync::Arc;

use super::ast::{Applied, Case, Expr, Spot, TypeName};
use super::bind::{Binder, Operand, not, whole};
use super::compare::Side;
use super::functions::{self, FUNCTIONS, Function, Run, Takes, find_function};
use super::numbers::Cell;
use super::regexp;
use super::tree::{Arithmetic, Call, Choice, Logic, Node, Num, Op, Text};
use crate::error::RecipeError;
use crate::value::calendar::MICROS_PER_DAY;
use crate::value::class::Type;

/// The most arguments of one call.
const MAX_ARGUMENTS: usize = 256;

/// Values of which one is chosen.
enum Values {
    Numbers(Option<Type>, Vec<Option<Num>>),
    Texts(Vec<Option<Text>>),
}

impl Binder<'_> {
    pub(super) fn call(
        &mut self,
        expr: &Expr,
        name: &str,
        arguments: &[Expr],
    ) -> Result<Operand, RecipeError> {
        let lower = name.to_ascii_lowercase();
        match (&lower[..], arguments) {
            ("coalesce" | "ifnull", [_, _, ..]) => return self.coalesce(expr, arguments),
            ("nullif", [value, other]) => return self.null_if(expr, value, other),
            ("coalesce" | "ifnull" | "nullif", _) => {
                let found = format!("{} arguments of {lower}()", arguments.len());
                return Err(self.error(expr, found, "two values of one type"));
            }
            _ => {}
        }
        let Some(function) = find_function(name) else {
            let names = FUNCTIONS.iter().map(|function| function.name);
            return Err(self
                .error(
                    expr,
                    format!("the function {name}()"),
                    "a function of the guide's table",
                )
                .nearest(&lower, names));
        };
        let most = match function.more {
            true => MAX_ARGUMENTS,
            false => function.takes.len(),
        };
        if arguments.len() < function.least || arguments.len() > most {
            let found = format!("{} arguments of {}()", arguments.len(), function.name);
            return Err(self.error(expr, found, function.call));
        }
        let mut nodes = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let takes = function.takes[at.min(function.takes.len() - 1)];
            nodes.push(self.argument(argument, takes, function)?);
        }
        if let (Some(Node::Text(Text::Constant(pattern))), true) =
            (nodes.get(1), function.name.starts_with("regexp_"))
        {
            self.pattern(&arguments[1], pattern)?;
        }
        Ok(called(function, nodes))
    }

    /// Refuses what is no regular expression.
    fn pattern(&self, expr: &Expr, pattern: &[u8]) -> Result<(), RecipeError> {
        regexp::check(pattern).map_err(|why| {
            let found = format!("the pattern '{}': {why}", String::from_utf8_lossy(pattern));
            self.error(expr, found, "a regular expression")
                .hint("signs like . ( [ + have a backslash before them where they mean themselves")
        })
    }

    /// `text REGEXP pattern`: whether a part of the text fits.
    pub(super) fn regexp(
        &mut self,
        at: Spot,
        (of, operand): (&Expr, Operand),
        pattern: &Expr,
    ) -> Result<Logic, RecipeError> {
        let found = self.describe(of, &operand);
        let text = match (self.text(&operand), operand) {
            (Some(text), _) => text,
            (None, Operand::Null) => nothing(),
            _ => {
                return Err(
                    RecipeError::new(self.parsed.at(at), found, "a text before REGEXP")
                        .hint("CAST(... AS text)"),
                );
            }
        };
        let shape = self.operand(pattern)?;
        let found = self.describe(pattern, &shape);
        let Some(shape) = self.text(&shape) else {
            return Err(self.error(pattern, found, "a pattern in quotes, such as '^A[0-9]+$'"));
        };
        if let Text::Constant(shape) = &shape {
            self.pattern(pattern, shape)?;
        }
        Ok(Logic::Call(Arc::new(Call {
            run: Run::Truth(regexp::like),
            lenient: false,
            arguments: vec![Node::Text(text), Node::Text(shape)],
        })))
    }

    fn argument(
        &mut self,
        expr: &Expr,
        takes: Takes,
        function: &Function,
    ) -> Result<Node, RecipeError> {
        let operand = self.operand(expr)?;
        let found = format!("{} in {}()", self.describe(expr, &operand), function.name);
        let wrong = |this: &Self, expected: &str, ty: &str| {
            this.error(expr, found.clone(), expected)
                .hint(format!("CAST(... AS {ty}), or the step cast"))
        };
        match (takes, operand) {
            (Takes::Text, Operand::Null) => Ok(Node::Text(nothing())),
            (Takes::Text, operand) => match self.text(&operand) {
                Some(text) => Ok(Node::Text(text)),
                None => Err(wrong(self, "a text", "text")),
            },
            (_, Operand::Null) => Ok(Node::Number(Num::Constant(Cell::Null))),
            (Takes::Number, operand @ (Operand::Number(_) | Operand::Free(_))) => {
                Ok(Node::Number(self.number(expr, operand)?))
            }
            (Takes::Number, _) => Err(wrong(self, "a number", "number")),
            (Takes::Moment, Operand::Temporal(Type::Date, days)) => {
                Ok(Node::Number(midnight(days)))
            }
            (Takes::Moment, Operand::Temporal(Type::DateTime, micros))
            | (Takes::Clock, Operand::Temporal(Type::DateTime | Type::Time, micros)) => {
                Ok(Node::Number(micros))
            }
            (Takes::Moment, _) => Err(wrong(self, "a date or a datetime", "date")),
            (Takes::Clock, _) => Err(wrong(self, "a time or a datetime", "datetime")),
        }
    }

    /// `a || b || c`: no value where one of them has none.
    pub(super) fn joined(
        &mut self,
        first: &Expr,
        rest: &[Applied],
    ) -> Result<Operand, RecipeError> {
        let mut nodes = Vec::new();
        for (expr, at) in std::iter::once((first, first.at))
            .chain(rest.iter().map(|applied| (&applied.to, applied.at)))
        {
            let operand = self.operand(expr)?;
            match self.text(&operand) {
                Some(text) => nodes.push(Node::Text(text)),
                None if matches!(operand, Operand::Null) => {
                    nodes.push(Node::Text(nothing()));
                }
                None => {
                    let found = format!("{} beside \"||\"", self.describe(expr, &operand));
                    let hint = match operand {
                        Operand::Condition(_) => "for conditions, write OR",
                        _ => "CAST(... AS text)",
                    };
                    let place = match operand {
                        Operand::Condition(_) => self.parsed.at(at),
                        _ => self.parsed.at(expr.at),
                    };
                    return Err(RecipeError::new(place, found, "a text").hint(hint));
                }
            }
        }
        let strict = find_function("concat").map(|concat| Function {
            lenient: false,
            ..*concat
        });
        match strict {
            Some(function) => Ok(called(&function, nodes)),
            None => Ok(Operand::Null),
        }
    }

    /// The same type for values of which one is chosen. NULL is of any type.
    fn alike(&mut self, expr: &Expr, sides: Vec<Side>) -> Result<Values, RecipeError> {
        let wanted = super::compare::use_of(sides.iter().map(|(_, operand)| operand));
        let mut numbers = Vec::new();
        let mut texts = Vec::new();
        let mut ty: Option<Option<Type>> = None;
        for (side, operand) in sides {
            let operand = self.settle(operand, wanted);
            let found = self.describe(side, &operand);
            let of = match &operand {
                Operand::Number(_) => Some(None),
                Operand::Temporal(ty, _) => Some(Some(*ty)),
                _ => None,
            };
            match operand {
                Operand::Null => {
                    numbers.push(None);
                    texts.push(None);
                }
                Operand::Number(number) | Operand::Temporal(_, number)
                    if texts.iter().all(Option::is_none) && (ty.is_none() || ty == of) =>
                {
                    ty = of;
                    numbers.push(Some(number));
                    texts.push(None);
                }
                operand => match self.text(&operand) {
                    Some(text) if numbers.iter().all(Option::is_none) => {
                        numbers.push(None);
                        texts.push(Some(text));
                    }
                    _ => {
                        return Err(self
                            .error(side, found, "values of one type: numbers, texts, or dates")
                            .hint("CAST(... AS number) or CAST(... AS text)"));
                    }
                },
            }
        }
        if texts.iter().any(Option::is_some) {
            return Ok(Values::Texts(texts));
        }
        match ty {
            Some(ty) => Ok(Values::Numbers(ty, numbers)),
            None => Err(self.error(expr, "nothing but NULL", "a value with a type")),
        }
    }

    fn chosen(
        &mut self,
        expr: &Expr,
        conditions: Vec<Logic>,
        sides: Vec<Side>,
    ) -> Result<Operand, RecipeError> {
        fn choice<T>(conditions: Vec<Logic>, mut values: Vec<Option<T>>) -> Arc<Choice<T>> {
            let otherwise = (values.len() > conditions.len())
                .then(|| values.pop())
                .flatten();
            Arc::new(Choice {
                branches: conditions.into_iter().zip(values).collect(),
                otherwise: otherwise.flatten(),
            })
        }
        Ok(match self.alike(expr, sides)? {
            Values::Texts(values) => Operand::Worked(Text::Choice(choice(conditions, values))),
            Values::Numbers(ty, values) => {
                let number = Num::Choice(choice(conditions, values));
                match ty {
                    None => Operand::Number(number),
                    Some(ty) => Operand::Temporal(ty, number),
                }
            }
        })
    }

    fn coalesce(&mut self, expr: &Expr, arguments: &[Expr]) -> Result<Operand, RecipeError> {
        let mut sides = Vec::new();
        for argument in arguments {
            sides.push((argument, self.operand(argument)?));
        }
        let wanted = super::compare::use_of(sides.iter().map(|(_, operand)| operand));
        let mut conditions = Vec::new();
        let last = sides.len() - 1;
        for (_, operand) in &sides[..last] {
            let operand = self.settle(operand.clone(), wanted);
            conditions.push(not(self.absent(operand)));
        }
        self.chosen(expr, conditions, sides)
    }

    fn null_if(&mut self, expr: &Expr, value: &Expr, other: &Expr) -> Result<Operand, RecipeError> {
        let (a, b) = (self.operand(value)?, self.operand(other)?);
        let wanted = super::compare::use_of([&a, &b]);
        let a = self.settle(a, wanted);
        let same = self.compare(Op::Equal, (value, a.clone()), (other, b))?;
        self.chosen(expr, vec![same], vec![(value, Operand::Null), (value, a)])
    }

    pub(super) fn case(&mut self, expr: &Expr, case: &Case) -> Result<Operand, RecipeError> {
        let mut conditions = Vec::new();
        let mut sides = Vec::new();
        for (when, then) in &case.branches {
            conditions.push(match &case.of {
                None => self.condition(when)?,
                Some(of) => {
                    let (a, b) = (self.operand(of)?, self.operand(when)?);
                    self.compare(Op::Equal, (of, a), (when, b))?
                }
            });
            sides.push((then, self.operand(then)?));
        }
        match &case.otherwise {
            Some(otherwise) => sides.push((otherwise, self.operand(otherwise)?)),
            None => sides.push((expr, Operand::Null)),
        }
        self.chosen(expr, conditions, sides)
    }

    pub(super) fn cast(&mut self, of: &Expr, to: &TypeName) -> Result<Operand, RecipeError> {
        let lower = to.name.to_ascii_lowercase();
        let ty = match &lower[..] {
            "text" | "varchar" | "string" | "char" => Type::Text,
            "number" | "numeric" | "decimal" | "double" | "real" | "float" => Type::Number,
            "integer" | "int" | "bigint" | "smallint" => Type::Integer,
            "boolean" | "bool" => Type::Boolean,
            "date" => Type::Date,
            "datetime" | "timestamp" => Type::DateTime,
            "time" => Type::Time,
            _ => {
                let found = format!("the type {}", to.name);
                let expected = "text, number, integer, boolean, date, time or datetime";
                let error = RecipeError::new(self.parsed.at(to.at), found, expected);
                let known = Type::ALL.into_iter().map(Type::as_str);
                return Err(error.nearest(&lower, known));
            }
        };
        if !to.sizes.is_empty() {
            let found = format!("{} with a size", to.name);
            let error = RecipeError::new(self.parsed.at(to.at), found, "a type without one");
            return Err(error.hint("round(x, digits), or left(text, count)"));
        }
        let operand = self.operand(of)?;
        let found = format!("{} as {ty}", self.describe(of, &operand));
        Ok(match (ty, operand) {
            (Type::Boolean, Operand::Condition(logic)) => Operand::Condition(logic),
            (Type::Boolean, Operand::Null) => {
                Operand::Condition(Logic::Constant(super::Truth::Unknown))
            }
            (Type::Boolean, operand) => {
                let node = match (self.text(&operand), operand) {
                    (Some(text), _) => Node::Text(text),
                    (None, Operand::Number(number)) => Node::Number(number),
                    _ => return Err(self.error(of, found, "a value that can be a boolean")),
                };
                let flag = number_of(functions::flag, node);
                Operand::Condition(Logic::Numbers(Op::NotEqual, flag, whole(0)))
            }
            (Type::Integer, operand @ (Operand::Number(_) | Operand::Free(_) | Operand::Null)) => {
                let number = self.number(of, operand)?;
                Operand::Number(number_of(functions::integer_only, Node::Number(number)))
            }
            (Type::Integer, operand) => match self.text(&operand) {
                Some(text) => {
                    let number = Num::Read(Type::Number, Arc::new(text));
                    Operand::Number(number_of(functions::integer_only, Node::Number(number)))
                }
                None => return Err(self.error(of, found, "a value that can be an integer")),
            },
            (Type::Text, Operand::Number(number)) => {
                Operand::Worked(Text::Number(Type::Number, Arc::new(number)))
            }
            (Type::Text, Operand::Temporal(ty, number)) => {
                Operand::Worked(Text::Number(ty, Arc::new(number)))
            }
            (Type::Text, Operand::Condition(logic)) => {
                Operand::Worked(Text::Truth(Arc::new(logic)))
            }
            (Type::Number, operand @ (Operand::Number(_) | Operand::Free(_) | Operand::Null)) => {
                Operand::Number(self.number(of, operand)?)
            }
            (ty, Operand::Temporal(from, number)) if ty == from => Operand::Temporal(ty, number),
            (Type::DateTime, Operand::Temporal(Type::Date, days)) => {
                Operand::Temporal(ty, midnight(days))
            }
            (ty, operand) => match self.text(&operand) {
                Some(text) if ty == Type::Text => Operand::Worked(text),
                Some(text) if ty == Type::Number => Operand::Number(Num::Read(ty, Arc::new(text))),
                Some(text) => Operand::Temporal(ty, Num::Read(ty, Arc::new(text))),
                None => {
                    return Err(self.error(of, found, format!("a value that can be a {ty}")));
                }
            },
        })
    }
}

/// A number made of one value.
fn number_of(run: fn(&[functions::Arg]) -> Cell, of: Node) -> Num {
    Num::Call(Arc::new(Call {
        run: Run::Number(run),
        lenient: false,
        arguments: vec![of],
    }))
}

/// A text that is missing in every row.
fn nothing() -> Text {
    Text::Choice(Arc::new(Choice {
        branches: Vec::new(),
        otherwise: None,
    }))
}

fn called(function: &Function, arguments: Vec<Node>) -> Operand {
    let call = Arc::new(Call {
        run: function.run,
        lenient: function.lenient,
        arguments,
    });
    match function.run {
        Run::Number(_) => Operand::Number(Num::Call(call)),
        Run::Text(_) => Operand::Worked(Text::Call(call)),
        Run::Truth(_) => Operand::Condition(Logic::Call(call)),
    }
}

/// The first microsecond of a day.
pub(super) fn midnight(days: Num) -> Num {
    let length = whole(MICROS_PER_DAY);
    match (days.constant(), length.constant()) {
        (Some(days), Some(length)) => Num::Constant(days.combine(Arithmetic::Multiply, length)),
        _ => Num::Binary(Arithmetic::Multiply, Arc::new(days), Arc::new(length)),
    }
}
