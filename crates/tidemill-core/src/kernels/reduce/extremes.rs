//! The least and the greatest value of a column, shared by `min`, `max` and `range`. Of two writings of
//! one value (1.0 and 1) the state keeps the normal one, so it does not matter which came first.

use serde::{Deserialize, Serialize};

use crate::column::Typed;
use crate::number::decimal::Decimal;
use crate::number::sum::Sum;
use crate::reduce::{Gather, Limits, Needs, View};
use crate::report::Figure;
use crate::value::class::Type;

/// Both ends of what was seen: values of a type, or texts by their bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extremes {
    values: Option<(Decimal, Decimal)>,
    /// Few columns are asked for it as texts, and a group holds one state a column.
    texts: Option<Box<(Vec<u8>, Vec<u8>)>>,
}

impl Extremes {
    pub fn least(&self, ty: Type) -> Figure {
        match (&self.values, &self.texts) {
            (Some((least, _)), _) => Figure::typed(ty, *least),
            (None, Some(texts)) => Figure::Text(texts.0.clone()),
            (None, None) => Figure::Null,
        }
    }

    pub fn greatest(&self, ty: Type) -> Figure {
        match (&self.values, &self.texts) {
            (Some((_, greatest)), _) => Figure::typed(ty, *greatest),
            (None, Some(texts)) => Figure::Text(texts.1.clone()),
            (None, None) => Figure::Null,
        }
    }

    pub fn range(&self, ty: Type) -> Figure {
        match self.values {
            Some((least, greatest)) if ty != Type::Boolean && ty != Type::Text => {
                span(least, greatest, ty)
            }
            _ => Figure::Null,
        }
    }

    fn put(&mut self, low: Decimal, high: Decimal) {
        let (least, greatest) = self
            .values
            .get_or_insert((low.normalized(), high.normalized()));
        if low < *least {
            *least = low.normalized();
        }
        if high > *greatest {
            *greatest = high.normalized();
        }
    }

    fn put_texts(&mut self, low: &[u8], high: &[u8]) {
        let texts = self
            .texts
            .get_or_insert_with(|| Box::new((low.to_vec(), high.to_vec())));
        if *low < *texts.0 {
            texts.0 = low.to_vec();
        }
        if *high > *texts.1 {
            texts.1 = high.to_vec();
        }
    }
}

/// The difference of two values of a type, exactly: numbers, days, or seconds.
pub fn span(least: Decimal, greatest: Decimal, ty: Type) -> Figure {
    let second = |value: Decimal| match ty {
        // Times and moments are kept in microseconds.
        Type::Time | Type::DateTime => Decimal {
            exponent: value.exponent - 6,
            ..value
        },
        _ => value,
    };
    let (least, greatest) = (second(least), second(greatest));
    let mut sum = Sum::new();
    sum.add_times(greatest, 1);
    sum.add_product(
        &[
            least,
            Decimal {
                mantissa: -1,
                exponent: 0,
            },
        ],
        1,
    );
    Figure::Exact(sum.exact())
}

impl Gather for Extremes {
    const NEEDS: Needs = Needs::Ordered;

    fn zero(_: &Limits) -> Extremes {
        Extremes::default()
    }

    #[inline]
    fn row(&mut self, view: &View<'_>, row: usize) {
        match view.typed() {
            Some(typed) => {
                if let Some(value) = typed.value(row) {
                    self.put(value, value);
                }
            }
            None => {
                let text = view.cells().get(row);
                if !view.missing().text(text) {
                    self.put_texts(text, text);
                }
            }
        }
    }

    fn chunk(&mut self, view: &View<'_>) {
        match view.whole().and_then(both) {
            Some((least, greatest)) => self.put(least, greatest),
            None => view.chunk.each_row(|row| self.row(view, row)),
        }
    }

    fn join(&mut self, other: &Extremes) {
        if let Some((least, greatest)) = other.values {
            self.put(least, greatest);
        }
        if let Some(texts) = &other.texts {
            self.put_texts(&texts.0, &texts.1);
        }
    }

    fn beside(&self) -> usize {
        // Two vectors and what they hold.
        let held = |texts: &(Vec<u8>, Vec<u8>)| 48 + texts.0.len() + texts.1.len();
        self.texts.as_ref().map_or(0, |texts| held(texts))
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
