//! `last(x)`: the last present value of the file.

use super::outermost::Outermost;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct Last;

impl Kernel for Last {
    type Gathered = Outermost<true>;
    const HELP: &'static str = "the last present value";

    fn answer(outermost: &Outermost<true>, asked: &Asked) -> Figure {
        outermost.figure(asked.ty)
    }
}
