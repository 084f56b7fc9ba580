//! `count(x)`: how many cells of a column have a value. With a typed reading that is a value of
//! the type; NaN, infinities and invalid cells are not among them.

use crate::kernels::Described;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Count;

impl Described for Count {
    const HELP: &'static str = "the number of present values";
}

impl Reducer for Count {
    type State = u64;

    fn needs(&self) -> Needs {
        Needs::Text
    }

    fn zero(&self) -> u64 {
        0
    }

    fn update_row(&self, state: &mut u64, view: &View<'_>, row: usize) {
        *state += u64::from(view.is_present(row));
    }

    fn update(&self, state: &mut u64, view: &View<'_>) {
        match view.whole() {
            Some(typed) => *state += typed.tally.present,
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
