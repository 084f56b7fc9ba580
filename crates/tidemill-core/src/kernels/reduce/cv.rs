//! `cv(x)`: the coefficient of variation, the standard deviation of a sample over the mean.

use crate::number::moments::Moments;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Cv;

impl Kernel for Cv {
    type Gathered = Moments;
    const HELP: &'static str = "the standard deviation over the mean";

    fn answer(moments: &Moments, _: &Asked) -> Figure {
        Figure::float(moments.variation())
    }
}
