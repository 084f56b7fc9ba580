//! `missing(x)`: how many cells of a column have no value. Which words mean that follows from the
//! type: in a text it is the empty field, in numbers also NA and its like.

use super::cells::Cells;
use super::over::Over;
use crate::kernels::Described;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Missing;

impl Described for Missing {
    const HELP: &'static str = "the number of cells without a value";
}

impl Over for Missing {
    type Gathered = Cells<false>;

    fn answer(&self, cells: &Self::Gathered, _: Type) -> Figure {
        Figure::Count(cells.0)
    }
}
