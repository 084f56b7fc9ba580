//! `sem(x)`: the standard error of the mean, the standard deviation of a sample over the root of the count.

use crate::number::moments::Moments;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Sem;

impl Kernel for Sem {
    type Gathered = Moments;
    const HELP: &'static str = "the standard error of the mean";

    fn answer(moments: &Moments, _: &Asked) -> Figure {
        Figure::float(moments.standard_error())
    }
}
