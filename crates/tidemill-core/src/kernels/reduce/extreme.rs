//! The least and the greatest value of a column, shared by `min` and `max`. Of two writings of
//! one value (1.0 and 1) the state keeps the normal one, so it does not matter which came first.

use serde::{Deserialize, Serialize};

use super::over::Gather;
use crate::column::Typed;
use crate::number::decimal::Decimal;
use crate::reduce::{Needs, View};

/// The greatest value so far, or the least.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extreme<const GREATEST: bool>(pub Option<Decimal>);

impl<const GREATEST: bool> Extreme<GREATEST> {
    fn put(&mut self, value: Decimal) {
        let better = |best: &Decimal| {
            if GREATEST {
                value > *best
            } else {
                value < *best
            }
        };
        if self.0.as_ref().is_none_or(better) {
            self.0 = Some(value.normalized());
        }
    }
}

impl<const GREATEST: bool> Gather for Extreme<GREATEST> {
    const NEEDS: Needs = Needs::Ordered;

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        if let Some(value) = view.typed().and_then(|typed| typed.value(row)) {
            self.put(value);
        }
    }

    fn chunk(&mut self, view: &View<'_>) {
        match view.whole().and_then(both) {
            Some((least, greatest)) => self.put(if GREATEST { greatest } else { least }),
            None => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Self) {
        if let Some(value) = other.0 {
            self.put(value);
        }
    }
}

/// The least and greatest of a chunk whose present cells share one exponent.
fn both(typed: &Typed) -> Option<(Decimal, Decimal)> {
    let scale = typed.scale?;
    if !typed.wide.is_empty() || typed.tally.present == 0 {
        return None;
    }
    let all = typed.tally.present == typed.kind.len() as u64;
    let (least, greatest) = if all {
        (
            typed.mantissa.iter().copied().min()?,
            typed.mantissa.iter().copied().max()?,
        )
    } else {
        let present = |row: &usize| typed.kind[*row].is_present();
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        for row in (0..typed.kind.len()).filter(present) {
            least = least.min(typed.mantissa[row]);
            greatest = greatest.max(typed.mantissa[row]);
        }
        (least, greatest)
    };
    let value = |mantissa: i64| Decimal {
        mantissa: i128::from(mantissa),
        exponent: i16::from(scale),
    };
    Some((value(least), value(greatest)))
}
