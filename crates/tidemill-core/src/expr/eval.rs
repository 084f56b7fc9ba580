//! Conditions on the selected rows of a chunk.
//!
//! The decision that shaped it: each node gives a vector of answers, and joining two vectors is a
//! minimum or a maximum of bytes, which compilers turn into one instruction for sixteen rows.

use std::cmp::Ordering;

use super::Truth;
use super::interval::{Interval, mantissas};
use super::numbers::{Cell, Values};
use super::text::{Pattern, Words, head};
use super::tree::{Logic, Num, Op, Text};
use crate::chunk::{Chunk, Selection};
use crate::column::{Kind, Typed};
use crate::number::Decimal;
use crate::schema::Missing;

/// Up to this many constants are looked through in order.
const FEW: usize = 8;

/// What an evaluation reads.
pub(super) struct Frame<'a> {
    pub(super) chunk: &'a Chunk,
    missing: &'a [Missing],
    usual: Missing,
    pub(super) rows: usize,
}

impl<'a> Frame<'a> {
    pub(super) fn new(chunk: &'a Chunk, missing: &'a [Missing]) -> Self {
        Frame {
            chunk,
            missing,
            usual: Missing::default(),
            rows: chunk.selected(),
        }
    }

    /// The column's words for missing.
    pub(super) fn missing(&self, slot: usize) -> &Missing {
        self.missing.get(slot).unwrap_or(&self.usual)
    }

    pub(super) fn logic(&self, logic: &Logic) -> Vec<Truth> {
        match logic {
            Logic::Constant(truth) => vec![*truth; self.rows],
            Logic::Flag(slot) => self.typed(*slot, |typed, row| match typed.kind[row] {
                Kind::Present => Truth::of(typed.mantissa[row] != 0),
                _ => Truth::Unknown,
            }),
            Logic::And(terms) => self.join(terms, Truth::True, Truth::False, Truth::and),
            Logic::Or(terms) => self.join(terms, Truth::False, Truth::True, Truth::or),
            Logic::Not(inner) => {
                let mut answers = self.logic(inner);
                answers.iter_mut().for_each(|answer| *answer = !*answer);
                answers
            }
            Logic::Is(inner, truth) => {
                let mut answers = self.logic(inner);
                answers
                    .iter_mut()
                    .for_each(|answer| *answer = Truth::of(*answer == *truth));
                answers
            }
            Logic::Booleans(op, a, b) => {
                let mut answers = self.logic(a);
                for (a, b) in answers.iter_mut().zip(self.logic(b)) {
                    *a = match (*a, b) {
                        (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
                        (a, b) => Truth::of(op.holds((a as u8).cmp(&(b as u8)))),
                    };
                }
                answers
            }
            Logic::Within(Num::Column(slot), interval) => self.column_within(*slot, interval),
            Logic::Within(number, interval) => self.within(&self.values(number), interval),
            Logic::Among(Num::Column(slot), values) => self.column_among(*slot, values),
            Logic::Among(number, values) => self.among(&self.values(number), values),
            Logic::Numbers(op, a, b) => self.compare(*op, self.values(a), self.values(b)),
            Logic::NoNumber(Num::Column(slot)) => self.no_number(*slot),
            Logic::NoNumber(number) => {
                let values = self.values(number);
                self.each(|at| Truth::of(matches!(values.cell(at), Cell::Null)))
            }
            Logic::NoValue(slot) => {
                self.typed(*slot, |typed, row| Truth::of(!typed.kind[row].is_present()))
            }
            Logic::Texts(op, a, b) => self.texts(*op, a, b),
            Logic::Matches(text, pattern) => self.test_texts(text, Truth::Unknown, |text| {
                Truth::of(pattern.matches(text))
            }),
            Logic::NoWorked(text) => self.test_texts(text, Truth::True, |_| Truth::False),
            Logic::Call(call) => self.called_truth(call),
            Logic::Words(slot, words) => self.words(*slot, words),
            Logic::Like(slot, pattern) => self.like(*slot, pattern),
            Logic::NoText(slot) => {
                let cells = self.chunk.cells(*slot);
                match self.missing(*slot) {
                    missing if !missing.is_listed() => {
                        self.map_rows(|row| Truth::of(cells.at(row).2 == 0))
                    }
                    missing => self.map_rows(|row| Truth::of(missing.text(cells.get(row)))),
                }
            }
        }
    }

    /// All terms joined, stopping where nothing can change the answers any more.
    fn join(
        &self,
        terms: &[Logic],
        neutral: Truth,
        settled: Truth,
        with: fn(Truth, Truth) -> Truth,
    ) -> Vec<Truth> {
        let Some((first, rest)) = terms.split_first() else {
            return vec![neutral; self.rows];
        };
        let mut answers = self.logic(first);
        for term in rest {
            if answers.iter().all(|answer| *answer == settled) {
                break;
            }
            for (answer, other) in answers.iter_mut().zip(self.logic(term)) {
                *answer = with(*answer, other);
            }
        }
        answers
    }

    #[inline]
    fn map_rows(&self, answer: impl Fn(usize) -> Truth) -> Vec<Truth> {
        match self.chunk.selection() {
            Selection::All => (0..self.rows).map(answer).collect(),
            Selection::Rows(rows) => rows.iter().map(|row| answer(*row as usize)).collect(),
        }
    }

    /// By the position among the selected rows.
    #[inline]
    fn each(&self, answer: impl Fn(usize) -> Truth) -> Vec<Truth> {
        (0..self.rows).map(answer).collect()
    }

    #[inline]
    fn typed(&self, slot: usize, answer: impl Fn(&Typed, usize) -> Truth) -> Vec<Truth> {
        match self.chunk.typed(slot) {
            Some(typed) => self.map_rows(|row| answer(typed, row)),
            None => vec![Truth::Unknown; self.rows],
        }
    }

    pub(super) fn values(&self, number: &Num) -> Values<'a> {
        match number {
            Num::Call(call) => self.called_number(call),
            Num::Choice(choice) => self.chosen_number(choice),
            Num::Read(ty, text) => self.read(*ty, text),
            Num::Column(slot) => Values::of_column(self.chunk, *slot),
            Num::Constant(cell) => Values::Constant(*cell),
            Num::Negate(inner) => self.values(inner).negate(),
            Num::Binary(op, a, b) => self.values(a).combine(*op, self.values(b), self.rows),
        }
    }

    /// Cells that are present are tested with `quick`, by their mantissa and exponent, and the few that
    /// no `i64` holds with `slow`.
    #[inline]
    fn cells(
        &self,
        typed: &Typed,
        quick: impl Fn(i64, i8) -> bool,
        slow: impl Fn(Cell) -> Truth,
    ) -> Vec<Truth> {
        let mut answers: Vec<Truth> = match self.chunk.selection() {
            // Slices of one length, so that the loop has no bounds to check.
            Selection::All => typed
                .mantissa
                .iter()
                .zip(&typed.exponent)
                .zip(&typed.kind)
                .map(|((mantissa, exponent), kind)| known(*kind, quick(*mantissa, *exponent)))
                .collect(),
            Selection::Rows(rows) => rows
                .iter()
                .map(|row| {
                    let row = *row as usize;
                    known(
                        typed.kind[row],
                        quick(typed.mantissa[row], typed.exponent[row]),
                    )
                })
                .collect(),
        };
        if !typed.wide.is_empty() || typed.tally.infinite > 0 {
            let mut at = 0;
            self.chunk.each_row(|row| {
                if typed.kind[row] != Kind::Present {
                    answers[at] = slow(Cell::read(typed, row));
                }
                at += 1;
            });
        }
        answers
    }

    fn column_within(&self, slot: usize, interval: &Interval) -> Vec<Truth> {
        let Some(typed) = self.chunk.typed(slot) else {
            return vec![Truth::Unknown; self.rows];
        };
        let outside = interval.outside;
        let slow = |cell| within_cell(interval, cell);
        match typed.scale {
            Some(scale) => {
                let range = interval.range(i32::from(scale));
                self.cells(typed, |value, _| range.holds(value) != outside, slow)
            }
            None => {
                let ranges = by_exponent(|exponent| interval.range(exponent));
                let range = |exponent: i8| &ranges[usize::from(exponent as u8)];
                let quick = |value, exponent| range(exponent).holds(value) != outside;
                self.cells(typed, quick, slow)
            }
        }
    }

    fn within(&self, values: &Values, interval: &Interval) -> Vec<Truth> {
        match values {
            Values::Scaled(scaled) => {
                let range = interval.range(scaled.exponent);
                let outside = interval.outside;
                let both = scaled.mantissa.iter().zip(scaled.kind.iter());
                both.map(|(mantissa, kind)| match kind {
                    Kind::Present => Truth::of(range.holds(*mantissa) != outside),
                    _ => Truth::Unknown,
                })
                .collect()
            }
            Values::Floats(floats) => {
                let low = interval.low.map(|low| (low.value.to_f64(), low.included));
                let high = interval
                    .high
                    .map(|high| (high.value.to_f64(), high.included));
                let held = |value: f64| {
                    if value.is_infinite() {
                        return interval.holds_infinity(value < 0.0);
                    }
                    let above = low.is_none_or(|(low, with)| value > low || with && value == low);
                    let below =
                        high.is_none_or(|(high, with)| value < high || with && value == high);
                    (above && below) != interval.outside
                };
                floats
                    .iter()
                    .map(|value| match value.is_nan() {
                        true => Truth::Unknown,
                        false => Truth::of(held(*value)),
                    })
                    .collect()
            }
            values => self.each(|at| within_cell(interval, values.cell(at))),
        }
    }

    fn column_among(&self, slot: usize, values: &[Decimal]) -> Vec<Truth> {
        let Some(typed) = self.chunk.typed(slot) else {
            return vec![Truth::Unknown; self.rows];
        };
        let slow = |cell| among_cell(values, cell);
        match typed.scale {
            Some(scale) => {
                let set = mantissas(values, i32::from(scale));
                if set.len() <= FEW {
                    self.cells(typed, |value, _| set.contains(&value), slow)
                } else {
                    self.cells(typed, |value, _| set.binary_search(&value).is_ok(), slow)
                }
            }
            None => {
                let sets = by_exponent(|exponent| mantissas(values, exponent));
                let set = |exponent: i8| &sets[usize::from(exponent as u8)];
                let quick = |value, exponent| set(exponent).binary_search(&value).is_ok();
                self.cells(typed, quick, slow)
            }
        }
    }

    fn among(&self, found: &Values, values: &[Decimal]) -> Vec<Truth> {
        self.each(|at| among_cell(values, found.cell(at)))
    }

    fn compare(&self, op: Op, a: Values, b: Values) -> Vec<Truth> {
        if let Some((a, b)) = a.align(&b, self.rows) {
            let kinds = a.kind.iter().zip(b.kind.iter());
            let both = a.mantissa.iter().zip(b.mantissa.iter()).zip(kinds);
            return both
                .map(|((a, b), kinds)| match kinds {
                    (Kind::Present, Kind::Present) => Truth::of(op.holds(a.cmp(b))),
                    _ => Truth::Unknown,
                })
                .collect();
        }
        self.each(|at| ordered(op, a.cell(at).order(b.cell(at))))
    }

    fn no_number(&self, slot: usize) -> Vec<Truth> {
        self.typed(slot, |typed, row| {
            Truth::of(!matches!(
                typed.kind[row],
                Kind::Present | Kind::Wide | Kind::PositiveInfinity | Kind::NegativeInfinity
            ))
        })
    }

    /// Answers of the cells that are not missing, by their place in a buffer.
    #[inline]
    fn present(&self, slot: usize, answer: impl Fn(&[u8], usize, usize) -> bool) -> Vec<Truth> {
        let cells = self.chunk.cells(slot);
        let missing = self.missing(slot);
        if missing.is_listed() {
            return self.map_rows(|row| {
                let (buffer, start, len) = cells.at(row);
                match missing.text(&buffer[start..start + len]) {
                    true => Truth::Unknown,
                    false => Truth::of(answer(buffer, start, len)),
                }
            });
        }
        self.map_rows(|row| match cells.at(row) {
            (_, _, 0) => Truth::Unknown,
            (buffer, start, len) => Truth::of(answer(buffer, start, len)),
        })
    }

    fn words(&self, slot: usize, words: &Words) -> Vec<Truth> {
        match words.only_short() {
            Some((word, size)) => self.present(slot, |buffer, start, len| {
                len == size && head(buffer, start, len) == word
            }),
            None => self.present(slot, |buffer, start, len| words.holds(buffer, start, len)),
        }
    }

    fn like(&self, slot: usize, pattern: &Pattern) -> Vec<Truth> {
        self.present(slot, |buffer, start, len| {
            pattern.matches(&buffer[start..start + len])
        })
    }

    fn texts(&self, op: Op, a: &Text, b: &Text) -> Vec<Truth> {
        match (a, b) {
            (Text::Column(slot), Text::Constant(word)) => self
                .present(*slot, |buffer, start, len| {
                    op.holds(buffer[start..start + len].cmp(word))
                }),
            (Text::Constant(_), Text::Column(_)) => self.texts(op.turned(), b, a),
            (Text::Constant(a), Text::Constant(b)) => {
                vec![Truth::of(op.holds(a.cmp(b))); self.rows]
            }
            (Text::Column(a), Text::Column(b)) => {
                let (cells, others) = (self.chunk.cells(*a), self.chunk.cells(*b));
                let (missing, other_missing) = (self.missing(*a), self.missing(*b));
                self.map_rows(|row| {
                    let (value, other) = (cells.get(row), others.get(row));
                    if missing.text(value) || other_missing.text(other) {
                        Truth::Unknown
                    } else {
                        Truth::of(op.holds(value.cmp(other)))
                    }
                })
            }
            (a, b) => self.compare_texts(op, a, b),
        }
    }
}

/// The answer for a cell of this kind, of which the test says so much.
#[inline]
fn known(kind: Kind, holds: bool) -> Truth {
    if kind != Kind::Present {
        Truth::Unknown
    } else {
        Truth::of(holds)
    }
}

/// One entry for each exponent that a reading can have, indexed by its bits.
fn by_exponent<T>(entry: impl Fn(i32) -> T) -> Vec<T> {
    (0..=u8::MAX)
        .map(|bits| entry(i32::from(bits as i8)))
        .collect()
}

fn ordered(op: Op, order: Option<Ordering>) -> Truth {
    order.map_or(Truth::Unknown, |order| Truth::of(op.holds(order)))
}

fn within_cell(interval: &Interval, cell: Cell) -> Truth {
    match cell {
        Cell::Null => Truth::Unknown,
        Cell::Exact(value) => Truth::of(interval.holds_by(|bound| Some(value.cmp(&bound)))),
        Cell::Float(value) if value.is_infinite() => {
            Truth::of(interval.holds_infinity(value < 0.0))
        }
        Cell::Float(_) => Truth::of(interval.holds_by(|bound| cell.order(Cell::Exact(bound)))),
    }
}

fn among_cell(values: &[Decimal], cell: Cell) -> Truth {
    match cell {
        Cell::Null => Truth::Unknown,
        Cell::Exact(value) => Truth::of(values.binary_search(&value).is_ok()),
        // Rounding keeps the order, so the rounded constants are in order too.
        Cell::Float(float) => Truth::of(
            float.is_finite()
                && values
                    .binary_search_by(|value| {
                        value.to_f64().partial_cmp(&float).unwrap_or(Ordering::Less)
                    })
                    .is_ok(),
        ),
    }
}
