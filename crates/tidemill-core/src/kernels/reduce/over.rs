//! Kernels that gather the same things and finish them in different ways: mean and sum, std and
//! variance, min and max. What is gathered knows how to take rows; a kernel is only its answer.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

/// What several kernels gather of a column.
pub trait Gather: Clone + Default + Send + Sync + Serialize + DeserializeOwned + 'static {
    const NEEDS: Needs;
    /// Takes one selected row.
    fn row(&mut self, view: &View<'_>, row: usize);
    /// Takes all selected rows; what `row` gives row by row.
    fn chunk(&mut self, view: &View<'_>);
    fn join(&mut self, other: &Self);
}

/// A kernel that is an answer from something gathered.
pub trait Over: Send + Sync + 'static {
    type Gathered: Gather;
    fn answer(&self, gathered: &Self::Gathered, ty: Type) -> Figure;
}

impl<K: Over> Reducer for K {
    type State = K::Gathered;

    fn needs(&self) -> Needs {
        K::Gathered::NEEDS
    }

    fn zero(&self) -> K::Gathered {
        K::Gathered::default()
    }

    fn update_row(&self, state: &mut K::Gathered, view: &View<'_>, row: usize) {
        state.row(view, row);
    }

    fn update(&self, state: &mut K::Gathered, view: &View<'_>) {
        state.chunk(view);
    }

    fn merge(&self, into: &mut K::Gathered, from: &K::Gathered) {
        into.join(from);
    }

    fn finish(&self, state: &K::Gathered, ty: Type) -> Figure {
        self.answer(state, ty)
    }
}
