//! `top(x, 5)`: the most frequent values with their counts.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel, Parameter};
use crate::report::Figure;

pub struct Top;

impl Kernel for Top {
    type Gathered = Frequencies;
    const HELP: &'static str =
        "the most frequent values with their counts; ten, or as many as asked";
    const PARAMETER: Parameter = Parameter::Count(10);

    fn answer(values: &Frequencies, asked: &Asked) -> Figure {
        values.top(asked.count(), asked.ty)
    }
}
