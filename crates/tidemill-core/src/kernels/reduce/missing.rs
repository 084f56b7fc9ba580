//! `missing(x)`: how many cells of a column have no value.

use super::cells::Cells;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Missing;

impl Kernel for Missing {
    type Gathered = Cells;
    const HELP: &'static str = "the number of cells without a value";

    fn answer(cells: &Cells, _: &Asked) -> Figure {
        Figure::Count(cells.missing)
    }
}
