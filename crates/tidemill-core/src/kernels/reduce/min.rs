//! `min(x)`: the least value of a column of numbers, dates, times or booleans.

use crate::kernels::Described;
use crate::kernels::reduce::extreme;
use crate::number::decimal::Decimal;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Min;

fn better(a: &Decimal, b: &Decimal) -> bool {
    a < b
}

impl Described for Min {
    const HELP: &'static str = "the least value";
}

impl Reducer for Min {
    type State = Option<Decimal>;

    fn needs(&self) -> Needs {
        Needs::Ordered
    }

    fn zero(&self) -> Option<Decimal> {
        None
    }

    fn update_row(&self, state: &mut Option<Decimal>, view: &View<'_>, row: usize) {
        extreme::row(state, view, row, better);
    }

    fn update(&self, state: &mut Option<Decimal>, view: &View<'_>) {
        match view.whole().and_then(extreme::both) {
            Some(both) => extreme::put(state, both.0, better),
            None => view
                .chunk
                .each_row(|row| extreme::row(state, view, row, better)),
        }
    }

    fn merge(&self, into: &mut Option<Decimal>, from: &Option<Decimal>) {
        if let Some(value) = from {
            extreme::put(into, *value, better);
        }
    }

    fn finish(&self, state: &Option<Decimal>, ty: Type) -> Figure {
        state.map_or(Figure::Null, |value| Figure::typed(ty, value))
    }
}
