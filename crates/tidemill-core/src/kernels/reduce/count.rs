//! `count(x)`: how many cells of a column have a value. With a typed reading that is a value of
//! the type; NaN, infinities and invalid cells are not among them.

use super::cells::Cells;
use super::over::Over;
use crate::kernels::Described;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Count;

impl Described for Count {
    const HELP: &'static str = "the number of present values";
}

impl Over for Count {
    type Gathered = Cells<true>;

    fn answer(&self, cells: &Self::Gathered, _: Type) -> Figure {
        Figure::Count(cells.0)
    }
}
