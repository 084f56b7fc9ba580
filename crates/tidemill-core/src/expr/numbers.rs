//! Arithmetic on whole vectors of numbers.
//!
//! The decision that shaped it: a vector stays in the plainest form that is exact. Cells of one scale
//! are `i64`, and the largest magnitude of a column says once, before the loop, that nothing can
//! overflow; what was divided is `f64`; only the rest is worked out cell by cell as decimals.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::interval::power;
use super::tree::Arithmetic;
use crate::chunk::{Chunk, Selection};
use crate::column::{Kind, Typed};
use crate::number::Decimal;

/// One number, or none.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Null,
    Exact(Decimal),
    /// A rounded or an infinite number.
    Float(f64),
}

impl Cell {
    /// A float that is no number is no value.
    pub(super) fn float(value: f64) -> Cell {
        if value.is_nan() {
            Cell::Null
        } else {
            Cell::Float(value)
        }
    }

    /// As a float; NaN for none.
    pub(super) fn to_f64(self) -> f64 {
        match self {
            Cell::Null => f64::NAN,
            Cell::Exact(value) => value.to_f64(),
            Cell::Float(value) => value,
        }
    }

    /// The cell of a reading.
    pub(super) fn read(typed: &Typed, row: usize) -> Cell {
        match typed.kind[row] {
            Kind::PositiveInfinity => Cell::Float(f64::INFINITY),
            Kind::NegativeInfinity => Cell::Float(f64::NEG_INFINITY),
            _ => typed.value(row).map_or(Cell::Null, Cell::Exact),
        }
    }

    pub(super) fn negate(self) -> Cell {
        match self {
            Cell::Null => Cell::Null,
            Cell::Exact(value) => match value.checked_neg() {
                Some(value) => Cell::Exact(value),
                None => Cell::float(-value.to_f64()),
            },
            Cell::Float(value) => Cell::Float(-value),
        }
    }

    /// Exact where both are exact and 38 digits hold the result, else rounded.
    pub(super) fn combine(self, op: Arithmetic, other: Cell) -> Cell {
        if let (Cell::Exact(a), Cell::Exact(b)) = (self, other) {
            let exact = match op {
                Arithmetic::Add => a.checked_add(b),
                Arithmetic::Subtract => a.checked_sub(b),
                Arithmetic::Multiply => a.checked_mul(b),
                Arithmetic::Divide => None,
                Arithmetic::Remainder => remainder(a.normalized(), b.normalized()),
            };
            if let Some(value) = exact {
                return Cell::Exact(value);
            }
        }
        Cell::float(combine_floats(op, self.to_f64(), other.to_f64()))
    }

    /// The order of two numbers. A rounded one is compared as it was rounded, so that one tenth that
    /// was divided equals one tenth that was written.
    pub(super) fn order(self, other: Cell) -> Option<Ordering> {
        match (self, other) {
            (Cell::Null, _) | (_, Cell::Null) => None,
            (Cell::Exact(a), Cell::Exact(b)) => Some(a.cmp(&b)),
            (Cell::Float(a), Cell::Exact(_)) if a.is_infinite() => a.partial_cmp(&0.0),
            (Cell::Exact(_), Cell::Float(b)) if b.is_infinite() => 0.0.partial_cmp(&b),
            (a, b) => a.to_f64().partial_cmp(&b.to_f64()),
        }
    }
}

/// The rest of a division towards zero, with the sign of the dividend. `None` if the divisor is zero
/// or the operands are too far apart.
fn remainder(a: Decimal, b: Decimal) -> Option<Decimal> {
    let exponent = a.exponent.min(b.exponent);
    let scaled = |term: Decimal| {
        let steps = i32::from(term.exponent) - i32::from(exponent);
        term.mantissa.checked_mul(power(steps.unsigned_abs())?)
    };
    Decimal::new(scaled(a)?.checked_rem(scaled(b)?)?, exponent)
}

/// NaN where a divisor is zero: a number divided by nothing is no number, not an infinite one.
#[inline]
fn combine_floats(op: Arithmetic, a: f64, b: f64) -> f64 {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide if b != 0.0 => a / b,
        Arithmetic::Remainder if b != 0.0 => a % b,
        Arithmetic::Divide | Arithmetic::Remainder => f64::NAN,
    }
}

/// Numbers of one scale. A cell that is not `Present` has no value.
#[derive(Clone, Debug)]
pub(super) struct Scaled<'a> {
    pub mantissa: Cow<'a, [i64]>,
    pub kind: Cow<'a, [Kind]>,
    pub exponent: i32,
    /// No mantissa has a larger magnitude.
    pub largest: u64,
}

impl Scaled<'_> {
    /// The factor that brings the mantissas to a lower exponent, if the largest of them stays an `i64`.
    fn factor(&self, exponent: i32) -> Option<i64> {
        let factor = power(u32::try_from(self.exponent - exponent).ok()?)?;
        let largest = i128::from(self.largest).checked_mul(factor)?;
        // A column of zeros takes any factor; one is as good.
        if self.largest == 0 {
            return Some(1);
        }
        (largest <= i128::from(i64::MAX)).then_some(factor as i64)
    }

    fn into_floats(self) -> Vec<f64> {
        let both = self.mantissa.iter().zip(self.kind.iter());
        // Both operands of the division are exact floats, so the result is correctly rounded.
        if self.largest <= 1 << 53 && (-18..=0).contains(&self.exponent) {
            let scale = power(self.exponent.unsigned_abs()).unwrap_or(1) as f64;
            return both
                .map(|(value, kind)| match kind {
                    Kind::Present => *value as f64 / scale,
                    _ => f64::NAN,
                })
                .collect();
        }
        (0..self.mantissa.len())
            .map(|at| self.cell(at).to_f64())
            .collect()
    }

    fn cell(&self, at: usize) -> Cell {
        if self.kind[at] != Kind::Present {
            return Cell::Null;
        }
        let exponent = i16::try_from(self.exponent).unwrap_or(0);
        Cell::Exact(Decimal {
            mantissa: i128::from(self.mantissa[at]),
            exponent,
        })
    }
}

/// The numbers of the selected rows, in order.
#[derive(Clone, Debug)]
pub(super) enum Values<'a> {
    Constant(Cell),
    Scaled(Scaled<'a>),
    /// NaN is no value.
    Floats(Vec<f64>),
    Cells(Vec<Cell>),
}

impl<'a> Values<'a> {
    /// The column's reading, borrowed where the rows and scale allow it.
    pub(super) fn of_column(chunk: &'a Chunk, slot: usize) -> Values<'a> {
        let Some(typed) = chunk.typed(slot) else {
            return Values::Constant(Cell::Null);
        };
        if typed.wide.is_empty() && typed.tally.infinite == 0 {
            if let Some(scale) = typed.scale {
                let (mantissa, kind) = match chunk.selection() {
                    Selection::All => (
                        Cow::Borrowed(&typed.mantissa[..]),
                        Cow::Borrowed(&typed.kind[..]),
                    ),
                    Selection::Rows(rows) => (
                        rows.iter()
                            .map(|row| typed.mantissa[*row as usize])
                            .collect(),
                        rows.iter().map(|row| typed.kind[*row as usize]).collect(),
                    ),
                };
                let exponent = i32::from(scale);
                return Values::Scaled(Scaled {
                    mantissa,
                    kind,
                    exponent,
                    largest: typed.largest,
                });
            }
            if let Some(scaled) = one_scale(chunk, typed) {
                return Values::Scaled(scaled);
            }
        }
        let mut cells = Vec::with_capacity(chunk.selected());
        chunk.each_row(|row| cells.push(Cell::read(typed, row)));
        Values::Cells(cells)
    }

    #[inline]
    pub(super) fn cell(&self, at: usize) -> Cell {
        match self {
            Values::Constant(cell) => *cell,
            Values::Scaled(scaled) => scaled.cell(at),
            Values::Floats(floats) => Cell::float(floats[at]),
            Values::Cells(cells) => cells[at],
        }
    }

    /// As floats; NaN is no value.
    pub(super) fn into_floats(self, rows: usize) -> Vec<f64> {
        match self {
            Values::Constant(cell) => vec![cell.to_f64(); rows],
            Values::Floats(floats) => floats,
            Values::Cells(cells) => cells.iter().map(|cell| cell.to_f64()).collect(),
            Values::Scaled(scaled) => scaled.into_floats(),
        }
    }

    pub(super) fn negate(self) -> Values<'a> {
        match self {
            Values::Constant(cell) => Values::Constant(cell.negate()),
            Values::Floats(mut floats) => {
                floats.iter_mut().for_each(|value| *value = -*value);
                Values::Floats(floats)
            }
            Values::Cells(mut cells) => {
                cells.iter_mut().for_each(|cell| *cell = cell.negate());
                Values::Cells(cells)
            }
            Values::Scaled(mut scaled) => {
                let negated = scaled
                    .mantissa
                    .iter()
                    .map(|value| value.wrapping_neg())
                    .collect();
                scaled.mantissa = negated;
                Values::Scaled(scaled)
            }
        }
    }

    pub(super) fn combine(self, op: Arithmetic, other: Values<'a>, rows: usize) -> Values<'a> {
        if let (Values::Constant(a), Values::Constant(b)) = (&self, &other) {
            return Values::Constant(a.combine(op, *b));
        }
        if op == Arithmetic::Divide
            || matches!(self, Values::Floats(_) | Values::Constant(Cell::Float(_)))
            || matches!(other, Values::Floats(_) | Values::Constant(Cell::Float(_)))
        {
            let mut left = self.into_floats(rows);
            match other {
                Values::Constant(cell) => {
                    let right = cell.to_f64();
                    left.iter_mut()
                        .for_each(|value| *value = combine_floats(op, *value, right));
                }
                other => {
                    let right = other.into_floats(rows);
                    for (value, right) in left.iter_mut().zip(&right) {
                        *value = combine_floats(op, *value, *right);
                    }
                }
            }
            return Values::Floats(left);
        }
        if let (Some(left), Some(right)) = (self.scaled(rows), other.scaled(rows))
            && let Some(scaled) = combine_scaled(op, &left, &right)
        {
            return Values::Scaled(scaled);
        }
        Values::Cells(
            (0..rows)
                .map(|at| self.cell(at).combine(op, other.cell(at)))
                .collect(),
        )
    }

    /// Both at one exponent, as `i64`, where they are exact and fit.
    pub(super) fn align(
        &self,
        other: &Values,
        rows: usize,
    ) -> Option<(Scaled<'static>, Scaled<'static>)> {
        let (left, right) = (self.scaled(rows)?, other.scaled(rows)?);
        let exponent = left.exponent.min(right.exponent);
        let (a, b) = (left.factor(exponent)?, right.factor(exponent)?);
        let scale = |term: &Scaled, factor: i64| Scaled {
            mantissa: term
                .mantissa
                .iter()
                .map(|value| value.wrapping_mul(factor))
                .collect(),
            kind: Cow::Owned(term.kind.to_vec()),
            exponent,
            largest: term.largest.saturating_mul(factor.unsigned_abs()),
        };
        Some((scale(&left, a), scale(&right, b)))
    }

    fn scaled(&self, rows: usize) -> Option<Cow<'_, Scaled<'a>>> {
        match self {
            Values::Scaled(scaled) => Some(Cow::Borrowed(scaled)),
            Values::Constant(Cell::Exact(value)) => {
                let mantissa = i64::try_from(value.mantissa).ok()?;
                Some(Cow::Owned(Scaled {
                    mantissa: vec![mantissa; rows].into(),
                    kind: vec![Kind::Present; rows].into(),
                    exponent: i32::from(value.exponent),
                    largest: mantissa.unsigned_abs(),
                }))
            }
            _ => None,
        }
    }
}

/// Cells of several scales, brought to the lowest of them where they all fit.
fn one_scale<'a>(chunk: &Chunk, typed: &Typed) -> Option<Scaled<'a>> {
    let lowest = *typed.exponent.iter().min()?;
    let highest = *typed.exponent.iter().max()?;
    // By the difference of exponents, up to the most that there is.
    let factors: Option<Vec<i64>> = (0..=u32::from(highest.abs_diff(lowest)))
        .map(|steps| i64::try_from(power(steps)?).ok())
        .collect();
    let factors = factors?;
    let steps = |row: usize| usize::from(typed.exponent[row].abs_diff(lowest));
    let mut largest = 0;
    let mut fits = true;
    let mut mantissa = Vec::with_capacity(chunk.selected());
    let mut kind = Vec::with_capacity(chunk.selected());
    chunk.each_row(|row| {
        let (scaled, overflowed) = typed.mantissa[row].overflowing_mul(factors[steps(row)]);
        fits &= !overflowed & (scaled != i64::MIN);
        largest = largest.max(scaled.unsigned_abs());
        mantissa.push(scaled);
        kind.push(typed.kind[row]);
    });
    fits.then_some(Scaled {
        mantissa: mantissa.into(),
        kind: kind.into(),
        exponent: i32::from(lowest),
        largest,
    })
}

fn combine_scaled<'a>(op: Arithmetic, left: &Scaled, right: &Scaled) -> Option<Scaled<'a>> {
    let mut kind: Vec<Kind> = left
        .kind
        .iter()
        .zip(right.kind.iter())
        .map(|(a, b)| {
            if *a == Kind::Present {
                *b
            } else {
                Kind::Missing
            }
        })
        .collect();
    let both = left.mantissa.iter().zip(right.mantissa.iter());
    let limit = u128::from(i64::MAX.unsigned_abs());
    let (mantissa, exponent, largest): (Vec<i64>, i32, u128) = match op {
        Arithmetic::Multiply => {
            let largest = u128::from(left.largest) * u128::from(right.largest);
            if largest > limit {
                return None;
            }
            let exponent = left.exponent + right.exponent;
            (
                both.map(|(a, b)| a.wrapping_mul(*b)).collect(),
                exponent,
                largest,
            )
        }
        Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Remainder => {
            let exponent = left.exponent.min(right.exponent);
            let (f, g) = (left.factor(exponent)?, right.factor(exponent)?);
            let a = u128::from(left.largest) * u128::from(f.unsigned_abs());
            let b = u128::from(right.largest) * u128::from(g.unsigned_abs());
            if op == Arithmetic::Remainder {
                let rests = both.zip(&mut kind).map(|((a, b), kind)| {
                    match a.wrapping_mul(f).checked_rem(b.wrapping_mul(g)) {
                        Some(rest) => rest,
                        None => {
                            *kind = Kind::Missing;
                            0
                        }
                    }
                });
                (rests.collect(), exponent, a)
            } else {
                if a + b > limit {
                    return None;
                }
                let g = if op == Arithmetic::Subtract { -g } else { g };
                let sums = both.map(|(a, b)| a.wrapping_mul(f).wrapping_add(b.wrapping_mul(g)));
                (sums.collect(), exponent, a + b)
            }
        }
        Arithmetic::Divide => return None,
    };
    i16::try_from(exponent).ok()?;
    Some(Scaled {
        mantissa: mantissa.into(),
        kind: kind.into(),
        exponent,
        largest: u64::try_from(largest).ok()?,
    })
}
