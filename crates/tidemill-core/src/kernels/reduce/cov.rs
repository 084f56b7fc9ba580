//! `cov(x, y)`: the covariance of a sample, over the rows in which both have a value.

use crate::number::pairs::Pairs;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Cov;

impl Kernel for Cov {
    type Gathered = Pairs;
    const HELP: &'static str = "the covariance of a sample (n - 1) of two columns";

    fn answer(pairs: &Pairs, _: &Asked) -> Figure {
        Figure::float(pairs.covariance())
    }
}
