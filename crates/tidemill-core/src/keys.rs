//! The keys of a group-by: each distinct combination of values gets the next number. Numbers are
//! for the thread that gave them; what a report shows is sorted by the keys themselves.

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
use crate::value::ordered;

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
}

// The tags sort as the parts do: values and texts between the infinities, missing last. Keys are
// compared as bytes, and a report shows them in that order.
const MINUS_INFINITE: u8 = ordered::LEAST - 1;
const TEXT: u8 = ordered::LEAST;
const INFINITE: u8 = ordered::GREATEST;
const NAN: u8 = ordered::GREATEST + 1;
const MISSING: u8 = ordered::GREATEST + 2;

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

    /// Forgets all keys; their numbers are given anew.
    pub fn clear(&mut self) {
        self.table.clear();
        self.ends.clear();
        self.bytes.clear();
    }

    /// The bytes that the keys take, about.
    pub fn weight(&self) -> usize {
        // A slot of the table has its number and a byte, and an eighth of them is free at least.
        self.bytes.len() + self.ends.len() * size_of::<usize>() + self.table.capacity() * 6
    }

    /// The keys' numbers, in the order of the keys.
    pub fn sorted(&self) -> Vec<u32> {
        // Most keys differ within eight bytes, and those lie here side by side.
        let mut order: Vec<(u64, u32)> = (0..self.len())
            .map(|key| (beginning(self.bytes(key)), key as u32))
            .collect();
        order.sort_unstable_by(|a, b| {
            let whole = || self.bytes(a.1 as usize).cmp(self.bytes(b.1 as usize));
            a.0.cmp(&b.0).then_with(whole)
        });
        order.into_iter().map(|(_, key)| key).collect()
    }
}

/// The first eight bytes of a key as a number that sorts as they do.
pub fn beginning(key: &[u8]) -> u64 {
    match key.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let mut bytes = [0; 8];
            bytes[..key.len()].copy_from_slice(key);
            u64::from_be_bytes(bytes)
        }
    }
}

/// A key taken apart again.
pub fn parts(key: &[u8]) -> Result<Vec<Part>, Fault> {
    let mut rest = key;
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
        let tag = *tag;
        if tag > TEXT && tag < INFINITE {
            let (value, behind) = ordered::take(rest).ok_or_else(damaged)?;
            rest = behind;
            parts.push(Part::Value(value));
            continue;
        }
        rest = behind;
        parts.push(match tag {
            TEXT => {
                let (text, behind) = ordered::take_text(rest).ok_or_else(damaged)?;
                rest = behind;
                Part::Text(text)
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
                    ordered::push(key, value);
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
        ordered::push_text(key, text);
    }
}
