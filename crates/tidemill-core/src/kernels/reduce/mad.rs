//! `mad(x)`: the median of the absolute deviations from the median, without a factor.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel, Needs};
use crate::report::Figure;

pub struct Mad;

impl Kernel for Mad {
    type Gathered = Frequencies;
    const HELP: &'static str = "the median absolute deviation from the median";
    const NEEDS: Needs = Needs::Numbers;

    fn answer(values: &Frequencies, _: &Asked) -> Figure {
        values.deviation()
    }
}
