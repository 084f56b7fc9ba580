//! `mean(x)`: the exact sum divided by the count, rounded once.

use crate::kernels::Described;
use crate::kernels::reduce::moments::Total;
use crate::number::moments::Moments;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Mean;

impl Described for Mean {
    const HELP: &'static str = "the mean of the present numbers";
}

impl Reducer for Mean {
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
        let mean = Moments {
            count: state.count,
            s1: state.sum.clone(),
            ..Moments::default()
        }
        .mean();
        Figure::float(mean)
    }
}
