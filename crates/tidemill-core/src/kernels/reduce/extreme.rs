//! The least and the greatest value of a column, shared by `min` and `max`. Of two writings of
//! one value (1.0 and 1) the state keeps the normal one, so it does not matter which came first.

use crate::column::Typed;
use crate::number::decimal::Decimal;
use crate::reduce::View;

/// Takes a row into the extreme so far; `better` says whether the first is further out.
#[inline]
pub fn row(
    state: &mut Option<Decimal>,
    view: &View<'_>,
    row: usize,
    better: fn(&Decimal, &Decimal) -> bool,
) {
    if let Some(value) = view.typed().and_then(|typed| typed.value(row)) {
        put(state, value, better);
    }
}

pub fn put(state: &mut Option<Decimal>, value: Decimal, better: fn(&Decimal, &Decimal) -> bool) {
    if state.as_ref().is_none_or(|best| better(&value, best)) {
        *state = Some(value.normalized());
    }
}

/// The least and greatest of a chunk whose present cells share one exponent.
pub fn both(typed: &Typed) -> Option<(Decimal, Decimal)> {
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
