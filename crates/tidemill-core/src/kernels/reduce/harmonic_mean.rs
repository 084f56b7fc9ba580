//! `harmonic_mean(x)`: the count over the exact sum of the reciprocals.

use super::positive::Reciprocals;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct HarmonicMean;

impl Kernel for HarmonicMean {
    type Gathered = Reciprocals;
    const HELP: &'static str = "the harmonic mean: 0 with a zero, nothing with a negative value";

    fn answer(reciprocals: &Reciprocals, _: &Asked) -> Figure {
        Figure::float(reciprocals.mean())
    }
}
