//! `median(x)`: the middle value; of numbers the mean of the two middle ones, of dates the earlier of them.

use super::frequencies::Frequencies;
use crate::number::quantile::HALF;
use crate::reduce::{Asked, Kernel, Needs};
use crate::report::Figure;

pub struct Median;

impl Kernel for Median {
    type Gathered = Frequencies;
    const HELP: &'static str =
        "the median, exact up to 131,072 different values, then within 0.4 %";
    const NEEDS: Needs = Needs::Values;

    fn answer(values: &Frequencies, asked: &Asked) -> Figure {
        values.quantile(HALF, asked.ty)
    }
}
