//! `mean(x)`: the exact sum of the present numbers divided by their count, rounded once.

use super::moments::Total;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Mean;

impl Kernel for Mean {
    type Gathered = Total;
    const HELP: &'static str = "the mean: the exact sum divided by the count";

    fn answer(total: &Total, _: &Asked) -> Figure {
        Figure::float(total.mean())
    }
}
