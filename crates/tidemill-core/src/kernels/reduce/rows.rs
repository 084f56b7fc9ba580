//! `rows`: how many rows there are.

use serde::{Deserialize, Serialize};

use crate::reduce::{Asked, Gather, Kernel, Limits, Needs, View};
use crate::report::Figure;

pub struct Rows;

/// The number of rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counted(u64);

impl Gather for Counted {
    const NEEDS: Needs = Needs::Nothing;
    const COLUMNS: usize = 0;

    fn zero(_: &Limits) -> Counted {
        Counted(0)
    }

    fn row(&mut self, _: &View<'_>, _: usize) {
        self.0 += 1;
    }

    fn chunk(&mut self, view: &View<'_>) {
        self.0 += view.chunk.selected() as u64;
    }

    fn join(&mut self, other: &Counted) {
        self.0 += other.0;
    }
}

impl Kernel for Rows {
    type Gathered = Counted;
    const HELP: &'static str = "the number of rows";

    fn answer(counted: &Counted, _: &Asked) -> Figure {
        Figure::Count(counted.0)
    }
}
