//! `min(x)`: the least value of a column of numbers, dates, times or booleans.

use super::extreme::Extreme;
use super::over::Over;
use crate::kernels::Described;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Min;

impl Described for Min {
    const HELP: &'static str = "the least value";
}

impl Over for Min {
    type Gathered = Extreme<false>;

    fn answer(&self, extreme: &Self::Gathered, ty: Type) -> Figure {
        extreme
            .0
            .map_or(Figure::Null, |value| Figure::typed(ty, value))
    }
}
