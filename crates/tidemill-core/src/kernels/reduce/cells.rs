//! How many cells of a column have a value, or have none; shared by `count` and `missing`.

use serde::{Deserialize, Serialize};

use super::over::Gather;
use crate::reduce::{Needs, View};

/// The number of present cells, or of missing ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cells<const PRESENT: bool>(pub u64);

impl<const PRESENT: bool> Gather for Cells<PRESENT> {
    const NEEDS: Needs = Needs::Text;

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        let counts = if PRESENT {
            view.is_present(row)
        } else {
            view.is_missing(row)
        };
        self.0 += u64::from(counts);
    }

    fn chunk(&mut self, view: &View<'_>) {
        match view.whole() {
            Some(typed) if PRESENT => self.0 += typed.tally.present,
            Some(typed) => self.0 += typed.tally.missing,
            None => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Self) {
        self.0 += other.0;
    }
}
