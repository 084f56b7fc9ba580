//! Two columns side by side, shared by `cov` and `corr`.

use crate::number::pairs::Pairs;
use crate::reduce::{Gather, Limits, Needs, View};

impl Gather for Pairs {
    const NEEDS: Needs = Needs::Numbers;
    const COLUMNS: usize = 2;

    fn zero(_: &Limits) -> Pairs {
        Pairs::default()
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        if let (Some(xs), Some(ys)) = (view.typed(), view.second())
            && let (Some(x), Some(y)) = (xs.value(row), ys.value(row))
        {
            self.add(x, y);
        }
    }

    fn join(&mut self, other: &Pairs) {
        self.merge(other);
    }
}
