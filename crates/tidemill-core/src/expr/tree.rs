//! The compiled form: conditions, and the numbers and texts they compare.
//!
//! The decision that shaped it: what a column is compared as has been settled by the binder, so a
//! node holds no types to ask about, and a comparison with a constant is its own node because that
//! is what nearly every filter is.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Truth;
use super::functions::Run;
use super::interval::Interval;
use super::numbers::Cell;
use super::text::{Pattern, Words};
use crate::number::Decimal;
use crate::value::class::Type;

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Op {
    #[inline]
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Op::Equal => order.is_eq(),
            Op::NotEqual => order.is_ne(),
            Op::Less => order.is_lt(),
            Op::LessEqual => order.is_le(),
            Op::Greater => order.is_gt(),
            Op::GreaterEqual => order.is_ge(),
        }
    }

    /// The same comparison with its sides exchanged.
    pub(super) fn turned(self) -> Op {
        match self {
            Op::Less => Op::Greater,
            Op::LessEqual => Op::GreaterEqual,
            Op::Greater => Op::Less,
            Op::GreaterEqual => Op::LessEqual,
            same => same,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::NotEqual => "<>",
            Op::Less => "<",
            Op::LessEqual => "<=",
            Op::Greater => ">",
            Op::GreaterEqual => ">=",
        }
    }
}

/// An operation on two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A number a row. Dates are their days; times and datetimes are their microseconds.
#[derive(Clone, Debug)]
pub(super) enum Num {
    Column(usize),
    Constant(Cell),
    Negate(Arc<Num>),
    Binary(Arithmetic, Arc<Num>, Arc<Num>),
    Call(Arc<Call>),
    Choice(Arc<Choice<Num>>),
    /// Texts read as numbers, dates, times or datetimes.
    Read(Type, Arc<Text>),
}

impl Num {
    pub(super) fn constant(&self) -> Option<Cell> {
        match self {
            Num::Constant(cell) => Some(*cell),
            _ => None,
        }
    }
}

/// A text a row.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Column(usize),
    Constant(Vec<u8>),
    Call(Arc<Call>),
    Choice(Arc<Choice<Text>>),
    /// Numbers, or dates and their like, as they are written.
    Number(Type, Arc<Num>),
    Truth(Arc<Logic>),
}

/// An argument of a function.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Number(Num),
    Text(Text),
}

/// A function and its arguments.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub run: Run,
    /// It is called with what arguments there are.
    pub lenient: bool,
    pub arguments: Vec<Node>,
}

/// The value of the first branch whose condition is true. `None` is NULL.
#[derive(Clone, Debug)]
pub(super) struct Choice<T> {
    pub branches: Vec<(Logic, Option<T>)>,
    pub otherwise: Option<T>,
}

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Logic {
    Constant(Truth),
    /// A boolean column.
    Flag(usize),
    And(Vec<Logic>),
    Or(Vec<Logic>),
    Not(Box<Logic>),
    /// Whether a condition's answer is this one; never unknown itself.
    Is(Box<Logic>, Truth),
    Booleans(Op, Box<Logic>, Box<Logic>),
    /// A number within bounds that are known.
    Within(Num, Interval),
    /// A number that is one of some that are known, in ascending order.
    Among(Num, Arc<[Decimal]>),
    Numbers(Op, Num, Num),
    NoNumber(Num),
    Texts(Op, Text, Text),
    /// A column whose text is one of some that are known.
    Words(usize, Arc<Words>),
    Like(usize, Arc<Pattern>),
    NoText(usize),
    /// The same two of a text that was worked out.
    Matches(Text, Arc<Pattern>),
    NoWorked(Text),
    Call(Arc<Call>),
    /// A column of dates, times, datetimes or booleans without a value.
    NoValue(usize),
}
