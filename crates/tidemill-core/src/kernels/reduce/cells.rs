//! How many cells of a column have a value, or have none; shared by `count` and `missing`.

use serde::{Deserialize, Serialize};

use crate::reduce::{Gather, Limits, Needs, View};

/// The number of present cells and of missing ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cells {
    pub present: u64,
    pub missing: u64,
}

impl Gather for Cells {
    const NEEDS: Needs = Needs::Text;

    fn zero(_: &Limits) -> Cells {
        Cells {
            present: 0,
            missing: 0,
        }
    }

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        self.present += u64::from(view.is_present(row));
        self.missing += u64::from(view.is_missing(row));
    }

    fn chunk(&mut self, view: &View<'_>) {
        match view.whole() {
            Some(typed) => {
                self.present += typed.tally.present;
                self.missing += typed.tally.missing;
            }
            None => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Cells) {
        self.present += other.present;
        self.missing += other.missing;
    }
}
