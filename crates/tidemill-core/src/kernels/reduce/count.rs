//! `count(x)`: how many cells of a column have a value.

use super::cells::Cells;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Count;

impl Kernel for Count {
    type Gathered = Cells;
    const HELP: &'static str = "the number of present values";

    fn answer(cells: &Cells, _: &Asked) -> Figure {
        Figure::Count(cells.present)
    }
}
