//! `sum(x)`: the exact sum of the present numbers, rounded once where it is not an integer.

use super::moments::Total;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Sum;

impl Kernel for Sum {
    type Gathered = Total;
    const HELP: &'static str = "the exact sum";

    fn answer(total: &Total, _: &Asked) -> Figure {
        Figure::Exact(total.sum.exact())
    }
}
