//! The exact power sums of a column, shared by the kernels that finish them in different ways.

use super::over::Gather;
use crate::column::Kind;
use crate::number::moments::Moments;
use crate::number::sum::Sum;
use crate::reduce::{Needs, View};

/// A count and an exact sum.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Total {
    pub count: u64,
    pub sum: Sum,
}

impl Gather for Total {
    const NEEDS: Needs = Needs::Numbers;

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        let Some(typed) = view.typed() else { return };
        match typed.kind[row] {
            Kind::Present => {
                self.count += 1;
                self.sum
                    .add(typed.mantissa[row], i16::from(typed.exponent[row]));
            }
            Kind::Wide => {
                if let Some(value) = typed.value(row) {
                    self.count += 1;
                    self.sum.add_wide(value.mantissa, value.exponent);
                }
            }
            _ => {}
        }
    }

    fn chunk(&mut self, view: &View<'_>) {
        match view.whole() {
            Some(typed) if typed.wide.is_empty() => match typed.scale {
                Some(scale) => {
                    self.count += typed.tally.present;
                    self.sum
                        .add_wide(sum_of(&typed.mantissa, typed.largest), i16::from(scale));
                }
                None => view.chunk.each_row(|row| self.row(view, row)),
            },
            _ => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Total) {
        self.count += other.count;
        self.sum.merge(&other.sum);
    }
}

/// The sum of mantissas. Cells without a value are 0.
pub fn sum_of(mantissas: &[i64], largest: u64) -> i128 {
    // Where no sum of them can leave an i64, the loop is one that vectors do.
    if u128::from(largest) * (mantissas.len() as u128) < i64::MAX as u128 {
        i128::from(mantissas.iter().sum::<i64>())
    } else {
        mantissas.iter().map(|mantissa| i128::from(*mantissa)).sum()
    }
}

impl Gather for Moments {
    const NEEDS: Needs = Needs::Numbers;

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        let Some(typed) = view.typed() else { return };
        match typed.kind[row] {
            Kind::Present => self.add_small(typed.mantissa[row], i16::from(typed.exponent[row])),
            Kind::Wide => {
                if let Some(value) = typed.value(row) {
                    self.add(value, 1);
                }
            }
            _ => {}
        }
    }

    fn chunk(&mut self, view: &View<'_>) {
        if let Some(typed) = view.whole()
            && let (true, Some(scale)) = (typed.wide.is_empty(), typed.scale)
            && let Some(squares) = squares_of(&typed.mantissa, typed.largest)
        {
            let sum = sum_of(&typed.mantissa, typed.largest);
            self.add_chunk(typed.tally.present, sum, squares, i16::from(scale));
            return;
        }
        view.chunk.each_row(|row| self.row(view, row));
    }

    fn join(&mut self, other: &Moments) {
        self.merge(other);
    }
}

/// The sum of the squares, where it cannot leave a u128.
pub fn squares_of(mantissas: &[i64], largest: u64) -> Option<u128> {
    let square = u128::from(largest) * u128::from(largest);
    let rows = mantissas.len() as u128;
    if square.checked_mul(rows.max(1))? <= u128::from(u64::MAX) {
        return Some(u128::from(
            mantissas
                .iter()
                .map(|mantissa| mantissa.unsigned_abs().pow(2))
                .sum::<u64>(),
        ));
    }
    Some(
        mantissas
            .iter()
            .map(|mantissa| u128::from(mantissa.unsigned_abs()).pow(2))
            .sum(),
    )
}
