//! `max(x)`: the greatest value of a column of numbers, dates, times or booleans.

use super::extreme::Extreme;
use super::over::Over;
use crate::kernels::Described;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Max;

impl Described for Max {
    const HELP: &'static str = "the greatest value";
}

impl Over for Max {
    type Gathered = Extreme<true>;

    fn answer(&self, extreme: &Self::Gathered, ty: Type) -> Figure {
        extreme
            .0
            .map_or(Figure::Null, |value| Figure::typed(ty, value))
    }
}
