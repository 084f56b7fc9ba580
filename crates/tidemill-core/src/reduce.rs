//! The reducing side of the house: what a reduction kernel is, and how a driver holds the states
//! of any of them without its author writing a cast.
//!
//! A state is a function of the multiset of (value, position) it has seen. That is what makes
//! every grouping, order and number of threads give the same bytes, and each kernel's law tests
//! come with the line that registers it.

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chunk::{Cells, Chunk};
use crate::column::Typed;
use crate::error::{Fault, FaultKind};
use crate::report::Figure;
use crate::schema::Missing;
use crate::value::class::Type;

/// What a kernel must find decoded before it is asked to update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It takes no column.
    Nothing,
    /// The column as numbers. On a column cast to another type it is refused by the plan.
    Numbers,
    /// A typed reading of any type that has an order.
    Ordered,
    /// The column's text.
    Text,
}

/// One column of one chunk, as a reducer sees it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub chunk: &'a Chunk,
    pub slot: usize,
    pub missing: &'a Missing,
}

impl<'a> View<'a> {
    /// The typed reading. The driver has made it where the kernel needs one.
    #[inline]
    pub fn typed(&self) -> Option<&'a Typed> {
        self.chunk.typed(self.slot)
    }

    pub fn cells(&self) -> Cells<'a> {
        self.chunk.cells(self.slot)
    }

    /// The typed reading, where its arrays hold just the selected rows.
    #[inline]
    pub fn whole(&self) -> Option<&'a Typed> {
        self.typed()
            .filter(|typed| typed.epoch == self.chunk.epoch())
    }

    /// Whether the cell is missing: by its typed reading, or else by its text.
    #[inline]
    pub fn is_missing(&self, row: usize) -> bool {
        match self.typed() {
            Some(typed) => typed.kind[row] == crate::column::Kind::Missing,
            None => self.missing.text(self.cells().get(row)),
        }
    }

    /// Whether the cell has a value: with a typed reading, one that the type holds.
    #[inline]
    pub fn is_present(&self, row: usize) -> bool {
        match self.typed() {
            Some(typed) => typed.kind[row].is_present(),
            None => !self.missing.text(self.cells().get(row)),
        }
    }
}

/// A reduction kernel.
pub trait Reducer: Send + Sync + 'static {
    type State: Clone + Send + Sync + Serialize + DeserializeOwned + 'static;

    fn needs(&self) -> Needs;
    /// The state of no rows.
    fn zero(&self) -> Self::State;
    /// Takes one selected row.
    fn update_row(&self, state: &mut Self::State, view: &View<'_>, row: usize);
    /// Takes all selected rows of a chunk. It must be what `update_row` gives row by row.
    fn update(&self, state: &mut Self::State, view: &View<'_>) {
        view.chunk.each_row(|row| self.update_row(state, view, row));
    }
    /// Takes all selected rows, each into the state of its group; `groups` has one entry a
    /// selected row.
    fn update_groups(&self, states: &mut [Self::State], groups: &[u32], view: &View<'_>) {
        let mut at = 0;
        view.chunk.each_row(|row| {
            self.update_row(&mut states[groups[at] as usize], view, row);
            at += 1;
        });
    }
    /// Associative and commutative, with `zero` as its neutral element.
    fn merge(&self, into: &mut Self::State, from: &Self::State);
    /// The answer. `ty` is the type of the column it was asked of.
    fn finish(&self, state: &Self::State, ty: Type) -> Figure;
}

/// Any reducer.
pub trait DynReducer: Send + Sync {
    fn needs(&self) -> Needs;
    /// A holder of states, with none in it.
    fn states(self: Arc<Self>) -> Box<dyn States>;
}

/// The states of one reducer, one a group.
pub trait States: Send + Sync {
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Adds zero states until there are `groups`.
    fn grow(&mut self, groups: usize);
    /// All selected rows into the first state.
    fn update(&mut self, view: &View<'_>);
    fn update_groups(&mut self, groups: &[u32], view: &View<'_>);
    /// Merges another holder's states; its state `i` belongs to group `map[i]` here.
    fn merge(&mut self, from: &dyn States, map: &[u32]) -> Result<(), Fault>;
    fn finish(&self, group: usize, ty: Type) -> Figure;
    fn freeze(&self, group: usize) -> Vec<u8>;
    /// Adds a state from its frozen bytes.
    fn thaw(&mut self, bytes: &[u8]) -> Result<(), Fault>;
    fn as_any(&self) -> &dyn Any;
}

impl<R: Reducer> DynReducer for R {
    fn needs(&self) -> Needs {
        Reducer::needs(self)
    }

    fn states(self: Arc<Self>) -> Box<dyn States> {
        Box::new(Held {
            reducer: self,
            states: Vec::new(),
        })
    }
}

struct Held<R: Reducer> {
    reducer: Arc<R>,
    states: Vec<R::State>,
}

impl<R: Reducer> States for Held<R> {
    fn len(&self) -> usize {
        self.states.len()
    }

    fn grow(&mut self, groups: usize) {
        if groups > self.states.len() {
            self.states.resize_with(groups, || self.reducer.zero());
        }
    }

    fn update(&mut self, view: &View<'_>) {
        self.grow(1);
        self.reducer.update(&mut self.states[0], view);
    }

    fn update_groups(&mut self, groups: &[u32], view: &View<'_>) {
        self.reducer.update_groups(&mut self.states, groups, view);
    }

    fn merge(&mut self, from: &dyn States, map: &[u32]) -> Result<(), Fault> {
        let from = from.as_any().downcast_ref::<Held<R>>().ok_or_else(|| {
            Fault::new(
                FaultKind::State,
                "merge",
                "the state of another kernel",
                "the same kernel",
            )
        })?;
        for (state, group) in from.states.iter().zip(map) {
            let group = *group as usize;
            self.grow(group + 1);
            self.reducer.merge(&mut self.states[group], state);
        }
        Ok(())
    }

    fn finish(&self, group: usize, ty: Type) -> Figure {
        match self.states.get(group) {
            Some(state) => self.reducer.finish(state, ty),
            None => self.reducer.finish(&self.reducer.zero(), ty),
        }
    }

    fn freeze(&self, group: usize) -> Vec<u8> {
        self.states
            .get(group)
            .and_then(|state| postcard::to_allocvec(state).ok())
            .unwrap_or_default()
    }

    fn thaw(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let state = postcard::from_bytes(bytes).map_err(|error| {
            Fault::new(
                FaultKind::State,
                "thaw",
                error.to_string(),
                "the frozen state of this kernel",
            )
        })?;
        self.states.push(state);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One reducer asked of one column.
#[derive(Clone)]
pub struct Call {
    pub word: &'static str,
    pub reducer: Arc<dyn DynReducer>,
    /// Meaningless where the reducer needs nothing.
    pub slot: usize,
    /// The column's type at that place: its cast, or what its use makes of it.
    pub ty: Type,
}

impl Call {
    pub fn needs(&self) -> Needs {
        self.reducer.needs()
    }

    pub fn states(&self) -> Box<dyn States> {
        Arc::clone(&self.reducer).states()
    }
}
