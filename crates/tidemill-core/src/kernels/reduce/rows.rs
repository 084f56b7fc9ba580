//! `rows`: how many rows there are.

use crate::kernels::Described;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Rows;

impl Described for Rows {
    const HELP: &'static str = "the number of rows";
}

impl Reducer for Rows {
    type State = u64;

    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn zero(&self) -> u64 {
        0
    }

    fn update_row(&self, state: &mut u64, _: &View<'_>, _: usize) {
        *state += 1;
    }

    fn update(&self, state: &mut u64, view: &View<'_>) {
        *state += view.chunk.selected() as u64;
    }

    fn merge(&self, into: &mut u64, from: &u64) {
        *into += from;
    }

    fn finish(&self, state: &u64, _: Type) -> Figure {
        Figure::Count(*state)
    }
}
