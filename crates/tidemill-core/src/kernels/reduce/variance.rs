//! `variance(x)`: the variance of the sample (n - 1), from exact power sums, rounded once.

use crate::kernels::Described;
use crate::kernels::reduce::moments;
use crate::number::moments::Moments;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Variance;

impl Described for Variance {
    const HELP: &'static str = "the sample variance";
}

impl Reducer for Variance {
    type State = Moments;

    fn needs(&self) -> Needs {
        Needs::Numbers
    }

    fn zero(&self) -> Moments {
        Moments::default()
    }

    fn update_row(&self, state: &mut Moments, view: &View<'_>, row: usize) {
        moments::row(state, view, row);
    }

    fn update(&self, state: &mut Moments, view: &View<'_>) {
        moments::chunk(state, view);
    }

    fn merge(&self, into: &mut Moments, from: &Moments) {
        into.merge(from);
    }

    fn finish(&self, state: &Moments, _: Type) -> Figure {
        Figure::float(state.variance())
    }
}
