//! `std(x)`: the standard deviation of a sample, from exact power sums.

use crate::number::moments::Moments;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Std;

impl Kernel for Std {
    type Gathered = Moments;
    const HELP: &'static str = "the standard deviation of a sample (n - 1)";

    fn answer(moments: &Moments, _: &Asked) -> Figure {
        Figure::float(moments.std())
    }
}
