//! `variance(x)`: the variance of the sample (n - 1), from exact power sums, rounded once.

use super::over::Over;
use crate::kernels::Described;
use crate::number::moments::Moments;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Variance;

impl Described for Variance {
    const HELP: &'static str = "the sample variance";
}

impl Over for Variance {
    type Gathered = Moments;

    fn answer(&self, moments: &Moments, _: Type) -> Figure {
        Figure::float(moments.variance())
    }
}
