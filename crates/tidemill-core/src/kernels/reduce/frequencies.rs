//! Every value of a column with its count, shared by the kernels that look at values and not at sums:
//! the quantiles and what is made of them, the most frequent and the rarest.
//!
//! The decision that shaped it: exact while the different values are within the limit, and past it the
//! sketch of all of them (law 2). Quantiles have such a sketch; which values are frequent has none that
//! does not depend on the order they came in, so past the limit that is not answered.

use serde::{Deserialize, Serialize};

use crate::column::Kind;
use crate::distinct::Counts;
use crate::number::buckets::{Buckets, RELATIVE_ERROR};
use crate::number::decimal::Decimal;
use crate::number::quantile::{Place, deviation, percent, quantile, ranked};
use crate::reduce::{Gather, Limits, Needs, View};
use crate::report::{Figure, Top};
use crate::value::class::Type;
use crate::value::key;

const FREQUENT: &str =
    "more different values than are kept one by one: which of them are frequent is not known";
const MOMENTS: &str = "more different values than are kept one by one: their sketch is of numbers";

const NEAR: &str = "more different values than are kept one by one: those of their sketch are nearer to each other than their errors are";

/// A figure of a sketch with its error, if that has a bound.
fn sketched(figure: Option<(f64, Option<f64>)>) -> Figure {
    match figure {
        None => Figure::Null,
        Some((value, Some(error))) => Figure::Approximate(value, error),
        Some((_, None)) => Figure::Withheld(NEAR),
    }
}

/// What an allocator takes to keep the parts of the counts, about.
const ALLOCATIONS: usize = 3 * 16;

/// Values by count, or what is left of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Frequencies {
    /// By their [`key`] in a typed column, by their text in others.
    counts: Counts,
    /// All values, from the first on, once they are too many.
    past: Option<Box<Buckets>>,
    /// The values are texts.
    text: bool,
}

impl Frequencies {
    fn add(&mut self, key: &[u8], times: u64) {
        if self.past.is_none() && self.counts.add(key, times) {
            return;
        }
        let text = self.text;
        let past = self.sketched();
        if !text {
            past.add(key::value(key), times);
        }
    }

    /// The sketch of everything so far, from here on the state.
    fn sketched(&mut self) -> &mut Buckets {
        let Frequencies { counts, past, text } = self;
        past.get_or_insert_with(|| {
            let mut past = Buckets::default();
            if !*text {
                for (key, times) in counts.iter() {
                    past.add(key::value(key), times);
                }
            }
            *counts = Counts::bounded(counts.limit(), counts.byte_limit());
            Box::new(past)
        })
    }

    /// The values in their order, while they are exact.
    fn sorted(&self) -> Vec<(Decimal, u64)> {
        let mut sorted: Vec<_> = self
            .counts
            .iter()
            .map(|(key, times)| (key::value(key), times))
            .collect();
        sorted.sort_unstable_by_key(|(value, _)| *value);
        sorted
    }

    pub fn quantile(&self, percent: Decimal, ty: Type) -> Figure {
        let numbers = matches!(ty, Type::Integer | Type::Number);
        if let Some(past) = &self.past {
            return match past.quantile(percent) {
                _ if !numbers => Figure::Withheld(MOMENTS),
                Some(value) => Figure::Approximate(value, RELATIVE_ERROR),
                None => Figure::Null,
            };
        }
        let sorted = self.sorted();
        if numbers {
            return Figure::float(quantile(&sorted, percent).map(|at| at.to_f64()));
        }
        // Between two moments there is none that either of them is written like.
        Place::of(sorted.iter().map(|(_, times)| times).sum(), percent)
            .and_then(|place| ranked(&sorted, place.rank))
            .map_or(Figure::Null, |value| Figure::typed(ty, value))
    }

    pub fn between_quartiles(&self) -> Figure {
        if let Some(past) = &self.past {
            return sketched(past.between_quartiles());
        }
        let sorted = self.sorted();
        let at = |whole| quantile(&sorted, percent(whole));
        let range = at(75).zip(at(25)).map(|(high, low)| high.minus(&low));
        Figure::float(range.map(|range| range.to_f64()))
    }

    pub fn deviation(&self) -> Figure {
        match &self.past {
            Some(past) => sketched(past.deviation()),
            None => Figure::float(deviation(&self.sorted()).map(|at| at.to_f64())),
        }
    }

    pub fn most(&self, ty: Type) -> Figure {
        self.chosen(ty, |best, other| other.cmp(&best).is_gt())
    }

    pub fn rarest(&self, ty: Type) -> Figure {
        self.chosen(ty, |best, other| other.cmp(&best).is_lt())
    }

    /// The least of the values whose count no other's is better than.
    fn chosen(&self, ty: Type, better: impl Fn(u64, u64) -> bool) -> Figure {
        if self.past.is_some() {
            return Figure::Withheld(FREQUENT);
        }
        let mut best: Option<(&[u8], u64)> = None;
        for (key, times) in self.counts.iter() {
            let wins = best.is_none_or(|(other, most)| {
                better(most, times) || (times == most && self.before(key, other))
            });
            if wins {
                best = Some((key, times));
            }
        }
        best.map_or(Figure::Null, |(key, _)| self.figure(key, ty))
    }

    pub fn top(&self, most: usize, ty: Type) -> Figure {
        if self.past.is_some() {
            return Figure::Withheld(FREQUENT);
        }
        let mut all: Vec<(&[u8], u64)> = self.counts.iter().collect();
        all.sort_unstable_by(|a, b| {
            b.1.cmp(&a.1).then_with(|| {
                if self.before(a.0, b.0) {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                }
            })
        });
        let figure = |(key, times): &(&[u8], u64)| (self.figure(key, ty), *times);
        Figure::Top(Top(all.iter().take(most).map(figure).collect()))
    }

    fn before(&self, a: &[u8], b: &[u8]) -> bool {
        if self.text {
            a < b
        } else {
            key::value(a) < key::value(b)
        }
    }

    fn figure(&self, key: &[u8], ty: Type) -> Figure {
        if self.text {
            Figure::Text(key.to_vec())
        } else {
            Figure::typed(ty, key::value(key))
        }
    }
}

impl Gather for Frequencies {
    const NEEDS: Needs = Needs::Text;
    const BOUNDED: bool = true;

    fn zero(limits: &Limits) -> Frequencies {
        Frequencies {
            counts: Counts::bounded(limits.exact_values, limits.exact_bytes()),
            past: None,
            text: false,
        }
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        match view.typed() {
            None => {
                let text = view.cells().get(row);
                if !view.missing().text(text) {
                    self.text = true;
                    self.add(text, 1);
                }
            }
            Some(typed) => match typed.kind[row] {
                Kind::Present | Kind::Wide => {
                    if let Some(value) = typed.value(row) {
                        let (bytes, len) = key::of(value);
                        self.add(&bytes[..len], 1);
                    }
                }
                _ => {}
            },
        }
    }

    fn join(&mut self, other: &Frequencies) {
        self.text |= other.text;
        match &other.past {
            Some(past) => self.sketched().merge(past),
            None => {
                if self.past.is_some() || !self.counts.merge(&other.counts) {
                    self.sketched();
                    for (key, times) in other.counts.iter() {
                        self.add(key, times);
                    }
                }
            }
        }
    }

    fn beside(&self) -> usize {
        let past = self.past.as_ref().map_or(0, |past| past.memory());
        ALLOCATIONS + self.counts.memory() + past
    }
}
