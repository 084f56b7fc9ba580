//! The first or the last present value of a file, shared by `first` and `last`. Which is first goes by
//! the place of its record in the stream, so it does not matter who saw it first.

use serde::{Deserialize, Serialize};

use crate::number::decimal::Decimal;
use crate::reduce::{Gather, Limits, Needs, View};
use crate::report::Figure;
use crate::value::class::Type;

/// The value that stands furthest towards one end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outermost<const LAST: bool>(Option<(u64, Cell)>);

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Cell {
    Value(Decimal),
    Text(Vec<u8>),
}

impl<const LAST: bool> Outermost<LAST> {
    pub fn figure(&self, ty: Type) -> Figure {
        match &self.0 {
            None => Figure::Null,
            Some((_, Cell::Value(value))) => Figure::typed(ty, *value),
            Some((_, Cell::Text(text))) => Figure::Text(text.clone()),
        }
    }

    fn is_further(&self, position: u64) -> bool {
        self.0
            .as_ref()
            .is_none_or(|(at, _)| if LAST { position > *at } else { position < *at })
    }

    /// Takes the row if it has a value; whether it has one.
    fn take(&mut self, view: &View<'_>, row: usize) -> bool {
        let position = view.position(row);
        if !view.is_present(row) {
            return false;
        }
        if self.is_further(position) {
            let value = view.typed().and_then(|typed| typed.value(row));
            self.0 = Some((
                position,
                match value {
                    Some(value) => Cell::Value(value),
                    None => Cell::Text(view.cells().get(row).to_vec()),
                },
            ));
        }
        true
    }
}

impl<const LAST: bool> Gather for Outermost<LAST> {
    const NEEDS: Needs = Needs::Text;

    fn zero(_: &Limits) -> Self {
        Outermost(None)
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        self.take(view, row);
    }

    fn chunk(&mut self, view: &View<'_>) {
        let rows = view.chunk.selected_rows();
        let mut rows = rows.iter().map(|row| *row as usize);
        if LAST {
            rows.rev().any(|row| self.take(view, row));
        } else {
            rows.any(|row| self.take(view, row));
        }
    }

    fn join(&mut self, other: &Self) {
        if let Some((position, _)) = &other.0
            && self.is_further(*position)
        {
            self.0.clone_from(&other.0);
        }
    }

    fn beside(&self) -> usize {
        match &self.0 {
            Some((_, Cell::Text(text))) => text.capacity(),
            _ => 0,
        }
    }
}
