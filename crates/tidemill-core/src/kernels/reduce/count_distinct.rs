//! `count_distinct(x)`: SQL's word for `distinct(x)`.

use super::distinct::Distinct;
use crate::reduce::{Asked, Kernel};
use crate::report::Figure;

pub struct CountDistinct;

impl Kernel for CountDistinct {
    type Gathered = <Distinct as Kernel>::Gathered;
    const HELP: &'static str = "another word for distinct";

    fn answer(state: &Self::Gathered, asked: &Asked) -> Figure {
        Distinct::answer(state, asked)
    }
}
