//! The exact power sums of a column, shared by the kernels that finish them in different ways.

use num_bigint::BigUint;

use crate::column::{Kind, Typed};
use crate::number::moments::Moments;
use crate::number::powers::Powers;
use crate::number::round::ratio;
use crate::number::sum::Sum;
use crate::reduce::{Gather, Limits, Needs, View};

/// A count and an exact sum.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Total {
    pub count: u64,
    pub sum: Sum,
}

impl Total {
    /// The mean, correctly rounded; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        let sum = self.sum.exact();
        let count = BigUint::from(self.count);
        (self.count > 0).then(|| ratio(&sum.mantissa, &count, sum.exponent))
    }
}

impl Gather for Total {
    const NEEDS: Needs = Needs::Numbers;

    fn zero(_: &Limits) -> Total {
        Total::default()
    }

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

    fn zero(_: &Limits) -> Moments {
        Moments::default()
    }

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

impl Gather for Powers {
    const NEEDS: Needs = Needs::Numbers;

    fn zero(_: &Limits) -> Powers {
        Powers::default()
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        if let Some(value) = view.typed().and_then(|typed| typed.value(row)) {
            self.add(value, 1);
        }
    }

    fn chunk(&mut self, view: &View<'_>) {
        if let Some(typed) = view.whole()
            && let (true, Some(scale)) = (typed.wide.is_empty(), typed.scale)
            && let Some((cubes, fourths)) = powers_of(typed)
        {
            let exponent = i16::from(scale);
            self.moments.chunk(view);
            self.s3.add_products(cubes, exponent, 3);
            self.s4.add_products(fourths, exponent, 4);
            return;
        }
        view.chunk.each_row(|row| self.row(view, row));
    }

    fn join(&mut self, other: &Powers) {
        self.merge(other);
    }
}

/// The sums of the third and fourth powers, where they cannot leave an i128.
fn powers_of(typed: &Typed) -> Option<(i128, i128)> {
    let most = i128::from(typed.largest).checked_pow(4)?;
    most.checked_mul(typed.mantissa.len() as i128)?;
    let (mut cubes, mut fourths) = (0i128, 0i128);
    for mantissa in &typed.mantissa {
        let value = i128::from(*mantissa);
        let cube = value * value * value;
        cubes += cube;
        fourths += cube * value;
    }
    Some((cubes, fourths))
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
