//! Two columns side by side, shared by `cov` and `corr`.

use crate::column::{Kind, Typed};
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

    fn chunk(&mut self, view: &View<'_>) {
        match (view.whole(), view.second()) {
            (Some(xs), Some(ys)) if xs.epoch == ys.epoch && together(self, xs, ys).is_some() => {}
            _ => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Pairs) {
        self.merge(other);
    }
}

/// Adds a whole chunk where no sum can leave an i64: one loop without a branch.
fn together(pairs: &mut Pairs, xs: &Typed, ys: &Typed) -> Option<()> {
    let (x_scale, y_scale) = (xs.scale?, ys.scale?);
    let most = u128::from(xs.largest.max(ys.largest)).checked_pow(2)?;
    let most = most.checked_mul(xs.mantissa.len() as u128)?;
    if !xs.wide.is_empty() || !ys.wide.is_empty() || most > i64::MAX as u128 {
        return None;
    }
    let (mut count, mut x, mut y, mut xx, mut yy, mut xy) = (0i64, 0i64, 0i64, 0i64, 0i64, 0i64);
    let kinds = xs.kind.iter().zip(&ys.kind);
    let values = xs.mantissa.iter().zip(&ys.mantissa);
    for ((x_kind, y_kind), (x_value, y_value)) in kinds.zip(values) {
        let both = i64::from(*x_kind == Kind::Present && *y_kind == Kind::Present);
        let (a, b) = (x_value * both, y_value * both);
        count += both;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    pairs.add_chunk(
        count.unsigned_abs(),
        (x.into(), xx.unsigned_abs().into(), x_scale),
        (y.into(), yy.unsigned_abs().into(), y_scale),
        xy.into(),
    );
    Some(())
}
