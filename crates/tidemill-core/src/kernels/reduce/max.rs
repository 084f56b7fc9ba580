//! `max(x)`: the greatest value of a column of numbers, dates, times or booleans; of a column cast to text
//! the last by bytes.

use super::extremes::Extremes;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Max;

impl Kernel for Max {
    type Gathered = Extremes;
    const HELP: &'static str = "the greatest value";

    fn answer(extremes: &Extremes, asked: &Asked) -> Figure {
        extremes.greatest(asked.ty)
    }
}
