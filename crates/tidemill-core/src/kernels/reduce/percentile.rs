//! `p95(x)`: the value below which so many percent lie; any percentage of up to six decimals.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel, Needs, Parameter};
use crate::report::Figure;

pub struct Percentile;

impl Kernel for Percentile {
    type Gathered = Frequencies;
    const HELP: &'static str = "a percentile (of type 7), exact as far as the median";
    const NEEDS: Needs = Needs::Values;
    const PARAMETER: Parameter = Parameter::Percent;

    fn answer(values: &Frequencies, asked: &Asked) -> Figure {
        values.quantile(asked.parameter, asked.ty)
    }
}
