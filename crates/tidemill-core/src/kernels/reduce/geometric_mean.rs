//! `geometric_mean(x)`: the root of the product, from the exact sum of the logarithms.

use super::positive::Logarithms;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct GeometricMean;

impl Kernel for GeometricMean {
    type Gathered = Logarithms;
    const HELP: &'static str = "the geometric mean: 0 with a zero, nothing with a negative value";

    fn answer(logarithms: &Logarithms, _: &Asked) -> Figure {
        Figure::float(logarithms.geometric())
    }
}
