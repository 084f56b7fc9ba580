//! What an expression says, before anything is known of columns and types.
//!
//! The decision that shaped it: chains are lists. `a AND b AND c` is one node of three, and so is
//! `a + b - c`, which is read from the left; so a tree is only as deep as somebody nested it, and neither
//! reading, checking nor dropping it can exhaust the stack.

use super::tree::Op;

/// Where something starts: a byte of the expression as it was typed.
pub(super) type Spot = usize;

#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub at: Spot,
    pub kind: Kind,
}

/// The whole scalar language. What the binder has no operation for, it refuses.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Boolean(bool),
    /// A number as it was written, in ASCII digits.
    Number(String),
    Text(String),
    /// `DATE '2024-01-31'` and its like: the word in capitals, and the text.
    Typed(&'static str, String),
    Column(String),
    /// `-x` and `+x`.
    Sign {
        minus: bool,
        of: Box<Expr>,
    },
    Not(Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    /// Operators applied one after the other to what the ones before gave.
    Fold(Box<Expr>, Vec<Applied>),
    Compare(Op, Box<[Expr; 2]>),
    Is {
        of: Box<Expr>,
        what: Is,
        negated: bool,
    },
    In {
        of: Box<Expr>,
        items: Vec<Expr>,
        negated: bool,
    },
    /// The value, the lower and the upper bound.
    Between {
        of: Box<[Expr; 3]>,
        negated: bool,
    },
    Match(Box<Match>),
    Case(Box<Case>),
    Cast {
        of: Box<Expr>,
        to: TypeName,
    },
    Call {
        name: String,
        arguments: Vec<Expr>,
    },
    /// `EXTRACT(part FROM x)`.
    Extract {
        part: String,
        of: Box<Expr>,
    },
    /// Several values in parentheses, which stand nowhere but after IN.
    List(Vec<Expr>),
}

#[derive(Clone, Debug)]
pub(super) struct Applied {
    pub operator: Operator,
    pub at: Spot,
    pub to: Expr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Is {
    Null,
    True,
    False,
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matcher {
    Like,
    AnyCaseLike,
    Regexp,
}

#[derive(Clone, Debug)]
pub(super) struct Match {
    pub matcher: Matcher,
    /// Where the operator stands.
    pub at: Spot,
    pub of: Expr,
    pub pattern: Expr,
    pub escape: Option<Expr>,
    pub negated: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    /// What the branches are compared with, where they are values and not conditions.
    pub of: Option<Expr>,
    pub branches: Vec<(Expr, Expr)>,
    pub otherwise: Option<Expr>,
}

/// A type as it was written: `decimal(10, 2)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TypeName {
    pub name: String,
    pub sizes: Vec<String>,
    /// Where the cast says that it is one: at `CAST` or at `::`.
    pub at: Spot,
}
