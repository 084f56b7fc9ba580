//! `missing(x)`: how many cells of a column have no value. Which words mean that follows from the
//! type: in a text it is the empty field, in numbers also NA and its like.

use crate::kernels::Described;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Missing;

impl Described for Missing {
    const HELP: &'static str = "the number of cells without a value";
}

impl Reducer for Missing {
    type State = u64;

    fn needs(&self) -> Needs {
        Needs::Text
    }

    fn zero(&self) -> u64 {
        0
    }

    fn update_row(&self, state: &mut u64, view: &View<'_>, row: usize) {
        *state += u64::from(view.is_missing(row));
    }

    fn update(&self, state: &mut u64, view: &View<'_>) {
        match view.whole() {
            Some(typed) => *state += typed.tally.missing,
            None => view.chunk.each_row(|row| self.update_row(state, view, row)),
        }
    }

    fn merge(&self, into: &mut u64, from: &u64) {
        *into += from;
    }

    fn finish(&self, state: &u64, _: Type) -> Figure {
        Figure::Count(*state)
    }
}
