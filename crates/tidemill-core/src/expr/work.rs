//! Functions, casts and choices on the selected rows of a chunk.
//!
//! The decision that shaped it: a function's arguments are worked out as whole columns first. The loop
//! that calls it holds nothing but their values, and what it gives is a column again.

use super::Truth;
use super::eval::Frame;
use super::formula::{Texts, put_number};
use super::functions::{Arg, Run};
use super::numbers::{Cell, Values};
use super::tree::{Call, Choice, Node, Num, Op, Text};
use crate::chunk::Cells;
use crate::number::{self, Decimal};
use crate::schema::Missing;
use crate::value::class::Type;
use crate::value::{Temporal, date};

/// The texts of the selected rows.
enum Column<'a> {
    Cells(Cells<'a>, &'a Missing, Vec<u32>),
    Constant(&'a [u8]),
    Worked(Texts),
    Numbers(Values<'a>),
}

impl Column<'_> {
    /// The text in a position among the selected rows; none if it is missing.
    fn text(&self, at: usize) -> Option<&[u8]> {
        match self {
            Column::Cells(cells, missing, rows) => {
                Some(cells.get(rows[at] as usize)).filter(|text| !missing.text(text))
            }
            Column::Constant(text) => Some(text),
            Column::Worked(texts) => Some(texts.get(at)).filter(|text| !text.is_empty()),
            Column::Numbers(_) => None,
        }
    }

    fn arg(&self, at: usize) -> Arg<'_> {
        match self {
            Column::Numbers(values) => match values.cell(at) {
                Cell::Null => Arg::Nothing,
                cell => Arg::Number(cell),
            },
            texts => texts.text(at).map_or(Arg::Nothing, Arg::Text),
        }
    }
}

impl<'a> Frame<'a> {
    fn column<'b>(&'b self, text: &'b Text) -> Column<'b> {
        match text {
            Text::Column(slot) => Column::Cells(
                self.chunk.cells(*slot),
                self.missing(*slot),
                self.chunk.selected_rows(),
            ),
            Text::Constant(text) => Column::Constant(text),
            worked => Column::Worked(self.worked(worked)),
        }
    }

    /// The texts of the selected rows, one after the other. An empty one is no value.
    pub(super) fn worked(&self, text: &Text) -> Texts {
        let mut out = Texts::default();
        match text {
            Text::Column(_) | Text::Constant(_) => {
                let column = self.column(text);
                for at in 0..self.rows {
                    let text = column.text(at).unwrap_or_default();
                    out.push(|out| out.extend_from_slice(text));
                }
            }
            Text::Number(ty, number) => {
                let values = self.values(number);
                for at in 0..self.rows {
                    out.push(|out| put_number(values.cell(at), *ty, 0, None, out));
                }
            }
            Text::Truth(logic) => {
                for truth in self.logic(logic) {
                    out.push(|out| out.extend_from_slice(truth.word()));
                }
            }
            Text::Call(call) => {
                if let Run::Text(run) = call.run {
                    self.run(call, |args| {
                        out.push(|out| {
                            if let Some(args) = args {
                                run(args, out);
                            }
                        });
                    });
                }
            }
            Text::Choice(choice) => {
                let (picks, columns) = self.picks(choice, |text| self.column(text));
                for (at, pick) in picks.into_iter().enumerate() {
                    let text = columns
                        .get(pick)
                        .and_then(|column| column.as_ref()?.text(at));
                    out.push(|out| out.extend_from_slice(text.unwrap_or_default()));
                }
            }
        }
        out
    }

    /// Calls `each` with each row's arguments, or with nothing where one is missing.
    fn run(&self, call: &Call, mut each: impl FnMut(Option<&[Arg]>)) {
        let columns: Vec<Column> = call
            .arguments
            .iter()
            .map(|argument| match argument {
                Node::Number(number) => Column::Numbers(self.values(number)),
                Node::Text(text) => self.column(text),
            })
            .collect();
        let mut args = Vec::with_capacity(columns.len());
        for at in 0..self.rows {
            args.clear();
            args.extend(columns.iter().map(|column| column.arg(at)));
            let all = call.lenient || !args.iter().any(|arg| matches!(arg, Arg::Nothing));
            each(all.then_some(&args[..]));
        }
    }

    /// For each row the branch that is taken, and the columns of the branches.
    fn picks<'b, T, C>(
        &'b self,
        choice: &'b Choice<T>,
        column: impl Fn(&'b T) -> C,
    ) -> (Vec<usize>, Vec<Option<C>>) {
        let otherwise = choice.branches.len();
        let mut picks = vec![otherwise; self.rows];
        for (branch, (condition, _)) in choice.branches.iter().enumerate() {
            for (pick, truth) in picks.iter_mut().zip(self.logic(condition)) {
                if *pick == otherwise && truth == Truth::True {
                    *pick = branch;
                }
            }
        }
        let values = choice.branches.iter().map(|(_, value)| value);
        let columns = values
            .chain([&choice.otherwise])
            .map(|value| value.as_ref().map(&column))
            .collect();
        (picks, columns)
    }

    pub(super) fn called_number(&self, call: &Call) -> Values<'a> {
        let mut cells = Vec::with_capacity(self.rows);
        if let Run::Number(run) = call.run {
            self.run(call, |args| cells.push(args.map_or(Cell::Null, run)));
        }
        Values::Cells(cells)
    }

    pub(super) fn called_truth(&self, call: &Call) -> Vec<Truth> {
        let mut truths = Vec::with_capacity(self.rows);
        if let Run::Truth(run) = call.run {
            self.run(call, |args| {
                truths.push(args.map_or(Truth::Unknown, |args| Truth::of(run(args))));
            });
        }
        truths
    }

    pub(super) fn chosen_number(&self, choice: &Choice<Num>) -> Values<'a> {
        let (picks, columns) = self.picks(choice, |number| self.values(number));
        let cell = |(at, pick): (usize, usize)| match columns.get(pick) {
            Some(Some(values)) => values.cell(at),
            _ => Cell::Null,
        };
        Values::Cells(picks.into_iter().enumerate().map(cell).collect())
    }

    /// Texts read as a type; what is not of it has no value.
    pub(super) fn read(&self, ty: Type, text: &Text) -> Values<'a> {
        let column = self.column(text);
        let whole = |value: i64| {
            Cell::Exact(Decimal {
                mantissa: i128::from(value),
                exponent: 0,
            })
        };
        let cell = |at: usize| {
            let Some(text) = column.text(at) else {
                return Cell::Null;
            };
            if ty == Type::Number {
                return match number::parse(text) {
                    number::Parsed::Number(value) => Cell::Exact(value),
                    number::Parsed::Infinite { negative } => Cell::Float(match negative {
                        true => f64::NEG_INFINITY,
                        false => f64::INFINITY,
                    }),
                    _ => Cell::Null,
                };
            }
            match (ty, date::parse_default(text)) {
                (Type::Date, Some(Temporal::Date(days))) => whole(i64::from(days)),
                (Type::Time, Some(Temporal::Time(micros))) => whole(micros),
                (Type::DateTime, Some(moment)) => moment
                    .as_datetime()
                    .map_or(Cell::Null, |(micros, _)| whole(micros)),
                _ => Cell::Null,
            }
        };
        Values::Cells((0..self.rows).map(cell).collect())
    }

    pub(super) fn compare_texts(&self, op: Op, a: &Text, b: &Text) -> Vec<Truth> {
        let (a, b) = (self.column(a), self.column(b));
        (0..self.rows)
            .map(|at| match (a.text(at), b.text(at)) {
                (Some(a), Some(b)) => Truth::of(op.holds(a.cmp(b))),
                _ => Truth::Unknown,
            })
            .collect()
    }

    /// What a test says of each text that is there.
    pub(super) fn test_texts(
        &self,
        text: &Text,
        absent: Truth,
        test: impl Fn(&[u8]) -> Truth,
    ) -> Vec<Truth> {
        let column = self.column(text);
        (0..self.rows)
            .map(|at| column.text(at).map_or(absent, &test))
            .collect()
    }
}
