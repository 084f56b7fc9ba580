//! `first(x)`: the first present value of the file.

use super::outermost::Outermost;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct First;

impl Kernel for First {
    type Gathered = Outermost<false>;
    const HELP: &'static str = "the first present value";

    fn answer(outermost: &Outermost<false>, asked: &Asked) -> Figure {
        outermost.figure(asked.ty)
    }
}
