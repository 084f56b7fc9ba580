//! `corr(x, y)`: Pearson's correlation, over the rows in which both have a value.

use crate::number::pairs::Pairs;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Corr;

impl Kernel for Corr {
    type Gathered = Pairs;
    const HELP: &'static str = "Pearson's correlation of two columns";

    fn answer(pairs: &Pairs, _: &Asked) -> Figure {
        Figure::float(pairs.correlation())
    }
}
