//! `profile`: everything about one column, with its type, in one pass. It stands before all
//! steps and is asked for by the command of that name.
//!
//! The decision that shaped it: cells are counted before they are understood. While a column has
//! at most 2^17 different texts, each is kept once with its count, and only at the end is it read
//! as a number or a date, once instead of a million times. Past that the column is read cell by
//! cell into exact sums and a sketch. Both ways give the same figures of the same multiset.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use details::More;
use marked::{Marked, mark};

mod details;
mod figures;
mod hints;
mod histogram;
mod marked;
mod order;

pub use details::with_order;
pub use hints::Look;
pub use marked::Mark;
pub use order::Order;

use crate::distinct::{Counts, Hll, sketch_hash};
use crate::number::buckets::Buckets;
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::number::moments::Moments;
use crate::reduce::{Asked, Call, Limits, Needs, Reducer, View};
use crate::report::{ColumnFigures, Figure};
use crate::schema::Missing;
use crate::value::class::{Class, ClassCounts, Type, classify};
use crate::value::{Temporal, boolean, date};

/// How one column is profiled.
#[derive(Clone, Default)]
pub struct Profile {
    /// The column's name, which is a hint of what it is.
    pub name: String,
    pub missing: Missing,
    /// How many different texts are kept one by one.
    pub limits: Limits,
    /// All there is to tell.
    pub all: bool,
}

/// The profile of one column of the input.
pub fn call(slot: usize, profile: &Arc<Profile>) -> Call {
    Call {
        word: "profile",
        reducer: profile.clone(),
        needs: Needs::Text,
        slots: vec![slot],
        types: vec![Type::Text],
        filter: None,
        asked: Asked {
            ty: Type::Text,
            parameter: Decimal::ZERO,
        },
        answer,
        bounded: true,
    }
}

/// The figures of a state.
pub fn answer(state: &dyn Any, _: &Asked) -> Figure {
    state.downcast_ref::<State>().map_or(Figure::Null, |state| {
        Figure::Column(Box::new(state.figures()))
    })
}

/// Every text with its count, or else what was gathered of all of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// What it is read by. It is the plan's, and no part of the frozen state.
    #[serde(skip)]
    profile: Arc<Profile>,
    texts: Marked,
    gathered: Option<Box<Gathered>>,
}

/// What is known of cells without keeping them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Gathered {
    pub classes: ClassCounts,
    /// Words that mean "missing" in a typed column, with their counts.
    pub words: BTreeMap<String, u64>,
    /// Values with white space around them.
    pub spaced: u64,
    pub moments: Moments,
    /// The least and greatest of numbers, dates, times and datetimes.
    pub ranges: [Option<(Decimal, Decimal)>; 4],
    pub truths: [u64; 2],
    /// The first, by bytes, of the values that are texts, for a warning.
    pub text: Option<String>,
    /// Where the first cell stands that a warning is about, by [`Concern`].
    pub first: [Option<Mark>; 4],
    /// Sketches of texts, of values, and of numbers; only past the limit.
    pub sketches: Option<Box<(Hll, Hll, Buckets)>>,
    /// Only where all is asked for.
    more: Option<Box<More>>,
}

/// What a warning is about.
#[derive(Clone, Copy)]
pub enum Concern {
    /// A word that means "missing".
    Word = 0,
    /// White space around a value.
    Space = 1,
    /// Digits that are an identifier.
    Code = 2,
    /// A value that is no number.
    Odd = 3,
}

/// What kind of range a value belongs to.
#[derive(Clone, Copy)]
pub enum RangeOf {
    Number = 0,
    Date = 1,
    Time = 2,
    DateTime = 3,
}

/// A cell read as far as its class goes.
pub enum Reading {
    Value(RangeOf, Decimal),
    Boolean(bool),
    None,
}

impl Profile {
    /// The class of a cell under the recipe's own missing words, if it has any.
    fn class(&self, text: &[u8]) -> Class {
        if self.missing.is_listed() {
            if self.missing.text(text) {
                return Class::Missing;
            }
            if self.missing.typed(text) {
                return Class::MissingWord;
            }
            return match classify(text) {
                Class::Missing | Class::MissingWord => Class::Text,
                class => class,
            };
        }
        classify(text)
    }
}

/// Reads a cell of a class.
pub fn read(class: Class, text: &[u8]) -> Reading {
    let whole = |value: i64| Decimal {
        mantissa: i128::from(value),
        exponent: 0,
    };
    match class {
        Class::Integer | Class::Number => match parse(text) {
            Parsed::Number(value) => Reading::Value(RangeOf::Number, value),
            _ => Reading::None,
        },
        Class::Date | Class::Time | Class::DateTime => match date::parse_default(text) {
            Some(Temporal::Date(days)) => Reading::Value(RangeOf::Date, whole(i64::from(days))),
            Some(Temporal::Time(micros)) => Reading::Value(RangeOf::Time, whole(micros)),
            Some(Temporal::DateTime { micros, .. }) => {
                Reading::Value(RangeOf::DateTime, whole(micros))
            }
            None => Reading::None,
        },
        Class::Boolean => boolean::parse(text).map_or(Reading::None, Reading::Boolean),
        _ => Reading::None,
    }
}

impl Gathered {
    /// What is known of no cells.
    fn none(profile: &Profile) -> Gathered {
        Gathered {
            more: profile.all.then(Box::default),
            ..Gathered::default()
        }
    }

    fn concern(&mut self, concern: Concern, mark: Mark) {
        let first = &mut self.first[concern as usize];
        *first = Some(first.map_or(mark, |first| first.min(mark)));
    }

    /// Takes a cell that stands `times` times in the column, at `mark` for the first time.
    pub fn take(&mut self, profile: &Profile, text: &[u8], times: u64, mark: Mark) {
        let class = profile.class(text);
        self.classes.add(class, times);
        if class == Class::Missing {
            return;
        }
        let outer = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ');
        if outer(text.first()) || outer(text.last()) {
            self.spaced += times;
            self.concern(Concern::Space, mark);
        }
        match class {
            Class::MissingWord => self.concern(Concern::Word, mark),
            Class::Integer | Class::Number => {}
            Class::Code => {
                self.concern(Concern::Code, mark);
                self.concern(Concern::Odd, mark);
            }
            _ => self.concern(Concern::Odd, mark),
        }
        let reading = read(class, text);
        match &reading {
            Reading::Value(range, value) => {
                if matches!(range, RangeOf::Number) {
                    self.moments.add(*value, times);
                }
                widen(&mut self.ranges[*range as usize], *value, *value);
            }
            Reading::Boolean(value) => self.truths[usize::from(*value)] += times,
            Reading::None if class == Class::MissingWord => {
                *self
                    .words
                    .entry(String::from_utf8_lossy(text).into_owned())
                    .or_default() += times;
            }
            Reading::None if matches!(class, Class::Text | Class::Code) => {
                let shown = || String::from_utf8_lossy(&text[..text.len().min(200)]).into_owned();
                if self
                    .text
                    .as_ref()
                    .is_none_or(|least| text < least.as_bytes())
                {
                    let shown = shown();
                    if self.text.as_ref().is_none_or(|least| shown < *least) {
                        self.text = Some(shown);
                    }
                }
            }
            Reading::None => {}
        }
        if let Some(more) = &mut self.more {
            more.take(text, class, &reading, times);
        }
        if let Some(sketches) = &mut self.sketches {
            sketches.0.insert_hash(sketch_hash(text));
            if let Reading::Value(range, value) = reading {
                if matches!(range, RangeOf::Number) {
                    sketches.2.add(value, times);
                }
                sketches.1.insert_hash(value_hash(range, value));
            }
        }
    }

    fn merge(&mut self, other: &Gathered) {
        self.classes.merge(&other.classes);
        for (word, count) in &other.words {
            *self.words.entry(word.clone()).or_default() += count;
        }
        self.spaced += other.spaced;
        self.moments.merge(&other.moments);
        for (range, from) in self.ranges.iter_mut().zip(&other.ranges) {
            if let Some((least, greatest)) = from {
                widen(range, *least, *greatest);
            }
        }
        for (count, from) in self.truths.iter_mut().zip(&other.truths) {
            *count += from;
        }
        if let Some(text) = &other.text
            && self.text.as_ref().is_none_or(|least| text < least)
        {
            self.text = Some(text.clone());
        }
        if let (Some(sketches), Some(from)) = (&mut self.sketches, &other.sketches) {
            sketches.0.merge(&from.0);
            sketches.1.merge(&from.1);
            sketches.2.merge(&from.2);
        }
        for (first, from) in self.first.iter_mut().zip(other.first) {
            *first = match (*first, from) {
                (Some(first), Some(from)) => Some(first.min(from)),
                (first, from) => first.or(from),
            };
        }
        if let (Some(more), Some(from)) = (&mut self.more, &other.more) {
            more.merge(from);
        }
    }
}

fn widen(range: &mut Option<(Decimal, Decimal)>, least: Decimal, greatest: Decimal) {
    match range {
        None => *range = Some((least.normalized(), greatest.normalized())),
        Some((low, high)) => {
            if least < *low {
                *low = least.normalized();
            }
            if greatest > *high {
                *high = greatest.normalized();
            }
        }
    }
}

/// The hash of a value, the same for all its writings.
fn value_hash(range: RangeOf, value: Decimal) -> u64 {
    let value = value.normalized();
    let mut key = [0u8; 19];
    key[0] = range as u8;
    key[1..17].copy_from_slice(&value.mantissa.to_le_bytes());
    key[17..].copy_from_slice(&value.exponent.to_le_bytes());
    sketch_hash(&key)
}

impl Profile {
    /// Goes over from keeping texts to gathering, with all that was kept.
    fn spill<'a>(&self, state: &'a mut State) -> &'a mut Gathered {
        let State {
            texts, gathered, ..
        } = state;
        gathered.get_or_insert_with(|| {
            let mut all = Box::new(Gathered {
                sketches: Some(Box::default()),
                ..Gathered::none(self)
            });
            for (text, times, mark) in texts.iter() {
                all.take(self, text, times, mark);
            }
            *texts = self.texts();
            all
        })
    }

    fn texts(&self) -> Marked {
        Marked::new(Counts::bounded(
            self.limits.exact_values,
            self.limits.exact_bytes(),
        ))
    }
}

impl Reducer for Profile {
    type State = State;

    fn zero(&self) -> State {
        State {
            profile: Arc::new(self.clone()),
            texts: self.texts(),
            gathered: None,
        }
    }

    fn update_row(&self, state: &mut State, view: &View<'_>, row: usize) {
        let (text, mark) = (view.cells().get(row), mark(view, row));
        if state.gathered.is_none() && state.texts.add(text, 1, mark) {
            return;
        }
        self.spill(state).take(self, text, 1, mark);
    }

    fn update(&self, state: &mut State, view: &View<'_>) {
        if !state.texts.is_next(view) {
            return view.chunk.each_row(|row| self.update_row(state, view, row));
        }
        let cells = view.cells();
        view.chunk.each_row(|row| {
            if state.gathered.is_some() || !state.texts.add_at(view, &cells, row) {
                let at = mark(view, row);
                self.spill(state).take(self, cells.get(row), 1, at);
            }
        });
    }

    fn merge(&self, into: &mut State, from: &State) {
        match &from.gathered {
            Some(gathered) => self.spill(into).merge(gathered),
            None => {
                if into.gathered.is_some() || !into.texts.merge(&from.texts) {
                    let gathered = self.spill(into);
                    for (text, times, mark) in from.texts.iter() {
                        gathered.take(self, text, times, mark);
                    }
                }
            }
        }
    }
}

impl State {
    fn figures(&self) -> ColumnFigures {
        let profile = &self.profile;
        match &self.gathered {
            Some(gathered) => figures::sketched(profile, gathered),
            None => {
                let mut gathered = Gathered::none(profile);
                for (text, times, mark) in self.texts.iter() {
                    gathered.take(profile, text, times, mark);
                }
                figures::exact(profile, &gathered, self.texts.counts())
            }
        }
    }
}
