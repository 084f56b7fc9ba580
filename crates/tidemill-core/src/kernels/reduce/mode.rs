//! `mode(x)`: the most frequent value; of several the least.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Mode;

impl Kernel for Mode {
    type Gathered = Frequencies;
    const HELP: &'static str = "the most frequent value; of several the least";

    fn answer(values: &Frequencies, asked: &Asked) -> Figure {
        values.most(asked.ty)
    }
}
