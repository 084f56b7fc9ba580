//! `sum(x)`: the exact sum of the present numbers, rounded once where it is not an integer.

use crate::kernels::Described;
use crate::kernels::reduce::moments::Total;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Sum;

impl Described for Sum {
    const HELP: &'static str = "the exact sum";
}

impl Reducer for Sum {
    type State = Total;

    fn needs(&self) -> Needs {
        Needs::Numbers
    }

    fn zero(&self) -> Total {
        Total::default()
    }

    fn update_row(&self, state: &mut Total, view: &View<'_>, row: usize) {
        state.row(view, row);
    }

    fn update(&self, state: &mut Total, view: &View<'_>) {
        state.chunk(view);
    }

    fn merge(&self, into: &mut Total, from: &Total) {
        into.merge(from);
    }

    fn finish(&self, state: &Total, _: Type) -> Figure {
        Figure::Exact(state.sum.exact())
    }
}
