//! `kurtosis(x)`: the excess kurtosis of a sample, adjusted for its size, from exact power sums.

use crate::number::powers::Powers;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Kurtosis;

impl Kernel for Kurtosis {
    type Gathered = Powers;
    const HELP: &'static str = "the excess kurtosis of a sample, adjusted for its size (G2)";

    fn answer(powers: &Powers, _: &Asked) -> Figure {
        Figure::float(powers.kurtosis())
    }
}
