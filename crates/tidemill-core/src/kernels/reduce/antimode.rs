//! `antimode(x)`: the rarest value; of several the least.

use super::frequencies::Frequencies;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Antimode;

impl Kernel for Antimode {
    type Gathered = Frequencies;
    const HELP: &'static str = "the rarest value; of several the least";

    fn answer(values: &Frequencies, asked: &Asked) -> Figure {
        values.rarest(asked.ty)
    }
}
