//! `distinct(x)`: how many different values a column has. Numbers are compared by value where
//! the column is cast or used as numbers, texts by their bytes. Exact up to 2^17 values, then a
//! sketch of all of them (law 2).

use crate::column::Kind;
use crate::distinct::{Distinct as State, Hll};
use crate::reduce::{Asked, Gather, Kernel, Limits, Needs, View};
use crate::report::Figure;
use crate::value::key;

pub struct Distinct;

impl Gather for State {
    const NEEDS: Needs = Needs::Text;
    const BOUNDED: bool = true;

    fn zero(limits: &Limits) -> State {
        State::new(limits.exact_values)
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        match view.typed() {
            None => {
                let text = view.cells().get(row);
                if !view.missing().text(text) {
                    self.add(text);
                }
            }
            Some(typed) => {
                if let (Kind::Present | Kind::Wide, Some(value)) =
                    (typed.kind[row], typed.value(row))
                {
                    let (bytes, len) = key::of(value);
                    self.add(&bytes[..len]);
                }
            }
        }
    }

    fn join(&mut self, other: &State) {
        self.merge(other);
    }

    fn beside(&self) -> usize {
        self.memory()
    }
}

impl Kernel for Distinct {
    type Gathered = State;
    const HELP: &'static str =
        "the number of different values: exact up to 131,072, then within 1 %";

    fn answer(state: &State, _: &Asked) -> Figure {
        match state.value() {
            (count, true) => Figure::Count(count),
            (estimate, false) => Figure::Estimate(estimate, Hll::relative_error()),
        }
    }
}
