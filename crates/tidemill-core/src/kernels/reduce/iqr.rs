//! `iqr(x)`: the range between the quartiles, p75 less p25.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel, Needs};
use crate::report::Figure;

pub struct Iqr;

impl Kernel for Iqr {
    type Gathered = Frequencies;
    const HELP: &'static str = "the range between the quartiles";
    const NEEDS: Needs = Needs::Numbers;

    fn answer(values: &Frequencies, _: &Asked) -> Figure {
        values.between_quartiles()
    }
}
