//! `variance(x)`: the variance of a sample, from exact power sums.

use crate::number::moments::Moments;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Variance;

impl Kernel for Variance {
    type Gathered = Moments;
    const HELP: &'static str = "the variance of a sample (n - 1)";

    fn answer(moments: &Moments, _: &Asked) -> Figure {
        Figure::float(moments.variance())
    }
}
