//! `skewness(x)`: the skewness of a sample, adjusted for its size, from exact power sums.

use crate::number::powers::Powers;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Skewness;

impl Kernel for Skewness {
    type Gathered = Powers;
    const HELP: &'static str = "the skewness of a sample, adjusted for its size (G1)";

    fn answer(powers: &Powers, _: &Asked) -> Figure {
        Figure::float(powers.skewness())
    }
}
