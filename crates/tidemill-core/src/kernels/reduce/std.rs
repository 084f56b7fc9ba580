//! `std(x)`: the standard deviation of the sample (n - 1), from exact power sums, rounded once.

use super::over::Over;
use crate::kernels::Described;
use crate::number::moments::Moments;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Std;

impl Described for Std {
    const HELP: &'static str = "the sample standard deviation";
}

impl Over for Std {
    type Gathered = Moments;

    fn answer(&self, moments: &Moments, _: Type) -> Figure {
        Figure::float(moments.std())
    }
}
