//! `min(x)`: the least value of a column of numbers, dates, times or booleans; of a column cast to text the
//! first by bytes.

use super::extremes::Extremes;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Min;

impl Kernel for Min {
    type Gathered = Extremes;
    const HELP: &'static str = "the least value";

    fn answer(extremes: &Extremes, asked: &Asked) -> Figure {
        extremes.least(asked.ty)
    }
}
