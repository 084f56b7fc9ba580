//! The keys of a group-by: each distinct combination of values gets the next number. Numbers are
//! for the thread that gave them; what a report shows is sorted by the keys themselves.

use std::cmp::Ordering;

use hashbrown::HashTable;

use crate::chunk::Chunk;
use crate::column::Kind;
use crate::distinct::sketch_hash;
use crate::error::{Fault, FaultKind};
use crate::number::decimal::Decimal;
use crate::reduction::Key;
use crate::report::Figure;
use crate::schema::Missing;
use crate::value::class::Type;

/// One value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(Vec<u8>),
    Value(Decimal),
    Nan,
    Infinite(bool),
    Missing,
}

impl Part {
    pub fn figure(&self, key: &Key) -> Figure {
        let ty = key.ty;
        match self {
            Part::Value(value) if key.bucket.is_some() => {
                let power = u32::try_from(value.exponent).ok();
                let whole = power
                    .and_then(|exponent| value.mantissa.checked_mul(10i128.checked_pow(exponent)?));
                let number = whole
                    .and_then(|whole| i64::try_from(whole).ok())
                    .unwrap_or(0);
                key.bucket.map_or(Figure::Null, |bucket| {
                    Figure::Text(bucket.text(number).into_bytes())
                })
            }
            Part::Text(text) => Figure::Text(text.clone()),
            Part::Value(value) => Figure::typed(ty, *value),
            Part::Nan => Figure::Text(b"NaN".to_vec()),
            Part::Infinite(false) => Figure::Text(b"inf".to_vec()),
            Part::Infinite(true) => Figure::Text(b"-inf".to_vec()),
            Part::Missing => Figure::Null,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Part::Infinite(true) => 0,
            Part::Text(_) | Part::Value(_) => 1,
            Part::Infinite(false) => 2,
            Part::Nan => 3,
            Part::Missing => 4,
        }
    }

    /// Numbers by value, texts by bytes, missing last.
    pub fn order(&self, other: &Part) -> Ordering {
        match (self, other) {
            (Part::Text(a), Part::Text(b)) => a.cmp(b),
            (Part::Value(a), Part::Value(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

const TEXT: u8 = 1;
const VALUE: u8 = 2;
const NAN: u8 = 3;
const INFINITE: u8 = 4;
const MINUS_INFINITE: u8 = 5;
const MISSING: u8 = 0;

/// Keys by number and numbers by key.
#[derive(Clone, Default)]
pub struct Keys {
    table: HashTable<u32>,
    /// Where each key's bytes end.
    ends: Vec<usize>,
    bytes: Vec<u8>,
    scratch: Vec<u8>,
}

impl Keys {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn bytes(&self, key: usize) -> &[u8] {
        bytes_of(&self.bytes, &self.ends, key)
    }

    /// The number of a key, given now if it is new.
    pub fn number(&mut self, key: &[u8]) -> u32 {
        let Keys {
            table, ends, bytes, ..
        } = self;
        let hash = sketch_hash(key);
        let same = |number: &u32| bytes_of(bytes, ends, *number as usize) == key;
        if let Some(number) = table.find(hash, same) {
            return *number;
        }
        let number = ends.len() as u32;
        bytes.extend_from_slice(key);
        ends.push(bytes.len());
        let rehash = |number: &u32| sketch_hash(bytes_of(bytes, ends, *number as usize));
        table.insert_unique(hash, number, rehash);
        number
    }

    /// The number of a key that was given one.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        let same = |number: &u32| self.bytes(*number as usize) == key;
        self.table.find(sketch_hash(key), same).copied()
    }

    /// The numbers of the selected rows' keys over the columns `by`.
    pub fn assign(
        &mut self,
        chunk: &Chunk,
        by: &[Key],
        missing: &[Missing],
        groups: &mut Vec<u32>,
    ) {
        groups.clear();
        let mut key = std::mem::take(&mut self.scratch);
        let mut last: Option<(Vec<u8>, u32)> = None;
        chunk.each_row(|row| {
            key.clear();
            push_key(&mut key, chunk, by, missing, row);
            // Neighbouring rows often share their key.
            let number = match &last {
                Some((bytes, number)) if *bytes == key => *number,
                _ => {
                    let number = self.number(&key);
                    let mut bytes = last.take().map_or_else(Vec::new, |(bytes, _)| bytes);
                    bytes.clear();
                    bytes.extend_from_slice(&key);
                    last = Some((bytes, number));
                    number
                }
            };
            groups.push(number);
        });
        self.scratch = key;
    }

    /// A key taken apart again.
    pub fn parts(&self, key: usize) -> Result<Vec<Part>, Fault> {
        let mut rest = self.bytes(key);
        let mut parts = Vec::new();
        let damaged = || {
            Fault::new(
                FaultKind::State,
                "group keys",
                "a damaged key",
                "a frozen key",
            )
        };
        while let Some((tag, behind)) = rest.split_first() {
            rest = behind;
            parts.push(match *tag {
                TEXT => {
                    let (len, behind) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
                    let len = u32::from_le_bytes(*len) as usize;
                    let text = behind.get(..len).ok_or_else(damaged)?;
                    rest = &behind[len..];
                    Part::Text(text.to_vec())
                }
                VALUE => {
                    let (mantissa, behind) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
                    let (exponent, behind) = behind.split_first_chunk::<2>().ok_or_else(damaged)?;
                    rest = behind;
                    Part::Value(Decimal {
                        mantissa: i128::from_le_bytes(*mantissa),
                        exponent: i16::from_le_bytes(*exponent),
                    })
                }
                NAN => Part::Nan,
                INFINITE => Part::Infinite(false),
                MINUS_INFINITE => Part::Infinite(true),
                MISSING => Part::Missing,
                _ => return Err(damaged()),
            });
        }
        Ok(parts)
    }
}

fn bytes_of<'a>(bytes: &'a [u8], ends: &[usize], key: usize) -> &'a [u8] {
    let start = if key == 0 { 0 } else { ends[key - 1] };
    &bytes[start..ends[key]]
}

/// Appends the key of a row.
pub fn push_key(key: &mut Vec<u8>, chunk: &Chunk, by: &[Key], missing: &[Missing], row: usize) {
    for part in by {
        push_part(key, chunk, part, &missing[part.slot], row);
    }
}

fn push_part(key: &mut Vec<u8>, chunk: &Chunk, part: &Key, missing: &Missing, row: usize) {
    let Key {
        slot, ty, bucket, ..
    } = *part;
    if ty != Type::Text
        && let Some(typed) = chunk.typed(slot)
    {
        match typed.kind[row] {
            Kind::Present | Kind::Wide => {
                if let Some(value) = typed.value(row) {
                    let value = match bucket {
                        // A moment is a whole number of days or microseconds.
                        Some(bucket) => Decimal {
                            mantissa: bucket.number(typed.mantissa[row], ty).into(),
                            exponent: 0,
                        },
                        None => value,
                    };
                    let value = value.normalized();
                    key.push(VALUE);
                    key.extend_from_slice(&value.mantissa.to_le_bytes());
                    key.extend_from_slice(&value.exponent.to_le_bytes());
                }
            }
            Kind::Nan => key.push(NAN),
            Kind::PositiveInfinity => key.push(INFINITE),
            Kind::NegativeInfinity => key.push(MINUS_INFINITE),
            Kind::Missing | Kind::Invalid | Kind::Unread => key.push(MISSING),
        }
        return;
    }
    let text = chunk.cells(slot).get(row);
    if missing.text(text) {
        key.push(MISSING);
    } else {
        key.push(TEXT);
        key.extend_from_slice(&(text.len() as u32).to_le_bytes());
        key.extend_from_slice(text);
    }
}
