//! `range(x)`: the greatest value less the least: of dates in days, of times and moments in seconds.

use super::extremes::Extremes;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Range;

impl Kernel for Range {
    type Gathered = Extremes;
    const HELP: &'static str = "the greatest value less the least; days of dates, seconds of times";

    fn answer(extremes: &Extremes, asked: &Asked) -> Figure {
        extremes.range(asked.ty)
    }
}
