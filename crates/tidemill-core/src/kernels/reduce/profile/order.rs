//! Whether a column is sorted. That is a matter of neighbours, which no thread sees all of, so it is a
//! summary of each span, and summaries are joined in the order of the file.
//!
//! The decision that shaped it: a run that is out of order stays so, whatever comes, and nothing is kept
//! of it; so most columns cost a few cells and no more.

use serde::{Deserialize, Serialize};

use super::{Profile, RangeOf, Reading, read};
use crate::number::decimal::Decimal;
use crate::reduce::View;
use crate::value::class::Class;

/// The order of a run of cells, as texts and as values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub texts: Run<Vec<u8>>,
    pub values: Run<(u8, Decimal)>,
}

/// The order of a run of anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run<T> {
    /// The first and the last, unless the run is out of order.
    ends: Option<(T, T)>,
    rises: bool,
    falls: bool,
    /// Some neighbours are equal.
    repeats: bool,
}

impl<T> Default for Run<T> {
    fn default() -> Run<T> {
        Run {
            ends: None,
            rises: true,
            falls: true,
            repeats: false,
        }
    }
}

impl<T: PartialOrd + Clone> Run<T> {
    pub fn is_broken(&self) -> bool {
        !self.rises && !self.falls
    }

    /// The run and one of a single value behind it.
    fn push(&mut self, value: T) {
        if self.is_broken() {
            return;
        }
        match &mut self.ends {
            None => self.ends = Some((value.clone(), value)),
            Some((_, last)) => {
                self.rises &= *last <= value;
                self.falls &= *last >= value;
                self.repeats |= *last == value;
                *last = value;
            }
        }
        self.settle();
    }

    fn settle(&mut self) {
        if self.is_broken() {
            self.ends = None;
            self.repeats = false;
        }
    }

    /// The run and the one behind it.
    fn join(&mut self, next: Run<T>) {
        if let (Some((_, last)), Some((first, _))) = (&self.ends, &next.ends) {
            self.rises &= last <= first;
            self.falls &= last >= first;
            self.repeats |= last == first;
        }
        self.rises &= next.rises;
        self.falls &= next.falls;
        self.repeats |= next.repeats;
        match (&mut self.ends, next.ends) {
            (Some((_, last)), Some((_, end))) => *last = end,
            (none, ends) if none.is_none() => *none = ends,
            _ => {}
        }
        self.settle();
    }

    /// The order in words; none for fewer than two values, or for none at all.
    pub fn word(&self) -> Option<&'static str> {
        self.ends.as_ref()?;
        match (self.rises, self.falls, self.repeats) {
            (true, true, true) => Some("constant"),
            (true, true, false) => None,
            (true, false, false) => Some("strictly ascending"),
            (true, false, true) => Some("ascending"),
            (false, true, false) => Some("strictly descending"),
            (false, true, true) => Some("descending"),
            (false, false, _) => None,
        }
    }
}

impl Order {
    pub fn is_broken(&self) -> bool {
        self.texts.is_broken() && self.values.is_broken()
    }

    /// What is known to be broken already.
    pub fn broken() -> Order {
        let mut order = Order::default();
        (order.texts.rises, order.texts.falls) = (false, false);
        (order.values.rises, order.values.falls) = (false, false);
        order
    }

    pub fn join(&mut self, next: Order) {
        self.texts.join(next.texts);
        self.values.join(next.values);
    }

    /// The order of a chunk's cells.
    pub fn of(profile: &Profile, view: &View<'_>) -> Order {
        let mut order = Order::default();
        let cells = view.cells();
        view.chunk.each_row(|row| {
            if order.is_broken() {
                return;
            }
            let text = cells.get(row);
            let class = profile.class(text);
            if class == Class::Missing {
                return;
            }
            if !order.texts.is_broken() {
                order.texts.push(text.to_vec());
            }
            if order.values.is_broken() {
                return;
            }
            if let Reading::Value(range, value) = read(class, text) {
                let range = match range {
                    // A date among moments is its midnight.
                    RangeOf::Date => RangeOf::DateTime,
                    range => range,
                };
                let value = match class {
                    Class::Date => super::figures::midnight(value),
                    _ => value,
                };
                order.values.push((range as u8, value.normalized()));
            }
        });
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[i32]) -> Run<i32> {
        let mut run = Run::default();
        values.iter().for_each(|value| run.push(*value));
        run
    }

    #[test]
    fn words() {
        let word = |values: &[i32]| of(values).word();
        assert_eq!((word(&[]), word(&[1])), (None, None));
        assert_eq!(word(&[1, 1]), Some("constant"));
        assert_eq!(word(&[1, 2, 5]), Some("strictly ascending"));
        assert_eq!(word(&[1, 2, 2]), Some("ascending"));
        assert_eq!(word(&[3, 2, 1]), Some("strictly descending"));
        assert_eq!(word(&[3, 3, 1]), Some("descending"));
        assert_eq!(word(&[1, 2, 1, 2]), None);
    }

    proptest! {
        #[test]
        fn runs_join_into_the_run_of_all(values in prop::collection::vec(0i32..4, 0..8), cuts in (0usize..8, 0usize..8)) {
            let cut = |at: usize| at.min(values.len());
            let (a, b) = (cut(cuts.0.min(cuts.1)), cut(cuts.0.max(cuts.1)));
            let parts = [&values[..a], &values[a..b], &values[b..]].map(of);
            let [mut left, middle, right] = parts.clone();
            left.join(middle);
            left.join(right);
            prop_assert_eq!(&left, &of(&values));
            let [mut first, mut rest, last] = parts;
            rest.join(last);
            first.join(rest);
            prop_assert_eq!(first, left);
            let rises = values.windows(2).all(|pair| pair[0] <= pair[1]);
            let falls = values.windows(2).all(|pair| pair[0] >= pair[1]);
            prop_assert_eq!(of(&values).word().is_some(), values.len() > 1 && (rises || falls));
        }
    }
}
