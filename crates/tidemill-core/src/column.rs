//! One column of a chunk. Its text is its truth; a typed reading stands beside the text and is
//! made when a kernel first asks for it. A step that changes a value changes both, so that the
//! writer needs nothing but the text.

use crate::number::decimal::Decimal;
use crate::value::class::Type;
use crate::value::date;

/// What one cell of a typed reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The row was not selected when the reading was made.
    Unread,
    /// `mantissa * 10^exponent` of the arrays.
    Present,
    /// Present, but wider than an `i64`: see `wide`.
    Wide,
    Missing,
    Nan,
    PositiveInfinity,
    NegativeInfinity,
    /// A value that the type does not hold.
    Invalid,
}

impl Kind {
    #[inline]
    pub fn is_present(self) -> bool {
        matches!(self, Kind::Present | Kind::Wide)
    }
}

/// How many cells of a reading are of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    pub present: u64,
    pub missing: u64,
    pub nan: u64,
    pub infinite: u64,
    pub invalid: u64,
}

impl Tally {
    pub fn merge(&mut self, other: &Tally) {
        self.present += other.present;
        self.missing += other.missing;
        self.nan += other.nan;
        self.infinite += other.infinite;
        self.invalid += other.invalid;
    }
}

/// A column read as a type. Numbers are `mantissa * 10^exponent`; dates are days, times
/// microseconds of the day, datetimes microseconds since 1970 (UTC), booleans 0 or 1, all with
/// exponent 0. The arrays have one entry a row of the chunk; a cell that is not `Present` has
/// mantissa 0, so that sums need no branch.
#[derive(Clone, Debug)]
pub struct Typed {
    pub ty: Type,
    pub mantissa: Vec<i64>,
    pub exponent: Vec<i8>,
    pub kind: Vec<Kind>,
    /// Rows of kind `Wide`, in ascending order.
    pub wide: Vec<(u32, Decimal)>,
    pub tally: Tally,
    /// The exponent that all `Present` cells share. Where there are none of them it is 0.
    pub scale: Option<i8>,
    /// The largest magnitude of a mantissa.
    pub largest: u64,
    /// The selection's number when the reading was made: while it is the chunk's, the arrays hold
    /// the selected rows and no others.
    pub epoch: u32,
}

impl Default for Typed {
    fn default() -> Self {
        Typed::new(Type::Number)
    }
}

impl Typed {
    pub fn new(ty: Type) -> Self {
        Typed {
            ty,
            mantissa: Vec::new(),
            exponent: Vec::new(),
            kind: Vec::new(),
            wide: Vec::new(),
            tally: Tally::default(),
            scale: Some(0),
            largest: 0,
            epoch: 0,
        }
    }

    /// Makes room for `rows` unread cells, keeping the allocations.
    pub fn reset(&mut self, ty: Type, rows: usize, epoch: u32) {
        self.ty = ty;
        self.mantissa.clear();
        self.mantissa.resize(rows, 0);
        self.exponent.clear();
        self.exponent.resize(rows, 0);
        self.kind.clear();
        self.kind.resize(rows, Kind::Unread);
        self.wide.clear();
        self.tally = Tally::default();
        self.scale = Some(0);
        self.largest = 0;
        self.epoch = epoch;
    }

    #[inline(always)]
    pub fn put_small(&mut self, row: usize, mantissa: i64, exponent: i8) {
        self.mantissa[row] = mantissa;
        self.exponent[row] = exponent;
        self.kind[row] = Kind::Present;
    }

    #[inline(always)]
    pub fn put(&mut self, row: usize, value: Decimal) {
        match (i64::try_from(value.mantissa), i8::try_from(value.exponent)) {
            // The smallest i64 has no magnitude in i64, which kernels rely on.
            (Ok(mantissa), Ok(exponent)) if mantissa != i64::MIN => {
                self.forget_wide(row);
                self.put_small(row, mantissa, exponent);
            }
            _ => {
                self.kind[row] = Kind::Wide;
                let row = row as u32;
                match self.wide.binary_search_by_key(&row, |(row, _)| *row) {
                    Ok(at) => self.wide[at].1 = value,
                    Err(at) => self.wide.insert(at, (row, value)),
                }
            }
        }
    }

    fn forget_wide(&mut self, row: usize) {
        if self.kind[row] == Kind::Wide
            && let Ok(at) = self
                .wide
                .binary_search_by_key(&(row as u32), |(row, _)| *row)
        {
            self.wide.remove(at);
        }
    }

    /// Takes a cell's value away.
    pub fn clear(&mut self, row: usize, kind: Kind) {
        self.forget_wide(row);
        self.mantissa[row] = 0;
        self.exponent[row] = 0;
        self.kind[row] = kind;
    }

    /// The value of a present cell.
    #[inline(always)]
    pub fn value(&self, row: usize) -> Option<Decimal> {
        match self.kind[row] {
            Kind::Present => Some(Decimal {
                mantissa: i128::from(self.mantissa[row]),
                exponent: i16::from(self.exponent[row]),
            }),
            Kind::Wide => {
                let at = self
                    .wide
                    .binary_search_by_key(&(row as u32), |(row, _)| *row)
                    .ok()?;
                Some(self.wide[at].1)
            }
            _ => None,
        }
    }

    /// Works out the tally, the common scale and the largest mantissa, after cells were put.
    pub fn settle(&mut self) {
        let mut counts = [0u64; 8];
        for kind in &self.kind {
            counts[*kind as usize] += 1;
        }
        self.tally = Tally {
            present: counts[Kind::Present as usize] + counts[Kind::Wide as usize],
            missing: counts[Kind::Missing as usize],
            nan: counts[Kind::Nan as usize],
            infinite: counts[Kind::PositiveInfinity as usize]
                + counts[Kind::NegativeInfinity as usize],
            invalid: counts[Kind::Invalid as usize],
        };
        // Cells without a value have exponent 0: they are told apart from present integers only
        // where not all cells agree.
        let narrow = counts[Kind::Present as usize];
        let first = self
            .kind
            .iter()
            .position(|kind| *kind == Kind::Present)
            .map_or(0, |row| self.exponent[row]);
        let alike = self
            .exponent
            .iter()
            .filter(|exponent| **exponent == first)
            .count() as u64;
        let uniform = if first == 0 {
            self.exponent.iter().all(|exponent| *exponent == 0)
        } else {
            alike == narrow
        };
        self.scale = uniform.then_some(first);
        self.largest = self
            .mantissa
            .iter()
            .fold(0, |most, value| most.max(value.unsigned_abs()));
    }
}

/// Appends what a type writes for a value: numbers with the decimals they came with, dates and
/// times as ISO 8601.
pub fn write_value(ty: Type, value: Decimal, out: &mut Vec<u8>) {
    let whole = i64::try_from(value.mantissa).unwrap_or(0);
    match ty {
        Type::Boolean => out.extend_from_slice(if whole == 0 { b"false" } else { b"true" }),
        Type::Date => date::write_date(i32::try_from(whole).unwrap_or(0), out),
        Type::Time => date::write_time(whole, out),
        Type::DateTime => date::write_datetime(whole, false, out),
        Type::Integer | Type::Number | Type::Text => value.write(out),
    }
}

/// Where each cell of a changed column stands: `start` counts through the chunk's bytes and goes
/// on into its arena.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    pub start: Vec<u32>,
    pub len: Vec<u32>,
}

/// The text of a column.
#[derive(Clone, Debug, Default)]
pub enum Text {
    /// The field of the input, as it came.
    #[default]
    Field,
    Spans(Spans),
}

/// Which rows' text differs from the field it came from.
#[derive(Clone, Debug, Default)]
pub enum Touched {
    #[default]
    None,
    Rows(Vec<u64>),
}

impl Touched {
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        match self {
            Touched::None => false,
            Touched::Rows(bits) => bits[row / 64] >> (row % 64) & 1 == 1,
        }
    }

    #[inline(always)]
    pub fn set(&mut self, row: usize, rows: usize) {
        if let Touched::None = self {
            *self = Touched::Rows(vec![0; rows.div_ceil(64)]);
        }
        if let Touched::Rows(bits) = self {
            bits[row / 64] |= 1 << (row % 64);
        }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Touched::None)
    }
}
