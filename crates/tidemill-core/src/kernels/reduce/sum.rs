//! `sum(x)`: the exact sum of the present numbers, rounded once where it is not an integer.

use super::moments::Total;
use super::over::Over;
use crate::kernels::Described;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Sum;

impl Described for Sum {
    const HELP: &'static str = "the exact sum";
}

impl Over for Sum {
    type Gathered = Total;

    fn answer(&self, total: &Total, _: Type) -> Figure {
        Figure::Exact(total.sum.exact())
    }
}
