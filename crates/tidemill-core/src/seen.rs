//! Keys that were seen, told apart byte by byte. A key costs some eleven bytes of memory: a part of its
//! hash, and the place of its bytes in a store, which goes to the host's scratch when it has grown
//! past its budget. A store is read only where a hash says that a key may have come before.

use std::sync::Arc;

use crate::error::Fault;
use crate::scratch::{Room, Scratch};

/// Tables that grow apart, so that none is copied while another of its size is there.
const TABLES: usize = 1 << 10;
/// The bits of a hash that an entry keeps, and those of a place.
const TAG: u32 = 24;
const PLACE: u32 = 40;
/// Bytes that are appended to the scratch at once.
const BLOCK: usize = 1 << 20;

/// The keys that were seen, each with a number that its owner gave it.
pub struct Seen {
    tables: Vec<Table>,
    store: Store,
    /// Whether numbers are kept at all.
    numbered: bool,
}

/// Open addressing with linear probes. An entry is a tag above a place; a place is never 0, so that
/// 0 is a free entry.
#[derive(Default)]
struct Table {
    entries: Vec<u64>,
    used: usize,
}

impl Seen {
    /// `name` is what the scratch and a Fault call the keys.
    pub fn new(name: &str, numbered: bool, room: &Room) -> Seen {
        Seen {
            tables: (0..TABLES).map(|_| Table::default()).collect(),
            store: Store {
                scratch: room.scratch.clone(),
                name: name.to_string(),
                memory: room.memory,
                blocks: Vec::new(),
                spilled: 0,
                end: 1,
                index: 0,
                buffer: Vec::new(),
            },
            numbered,
        }
    }

    /// Takes a key that has the number `number`. Where it was seen before, that gives the number it
    /// had; it has the new one from now on if `renumber` says so.
    pub fn insert(
        &mut self,
        hash: u64,
        key: &[u8],
        number: u64,
        renumber: bool,
    ) -> Result<Option<u64>, Fault> {
        let table = &mut self.tables[(hash >> 54) as usize];
        if (table.used + 1) * 5 > table.entries.len() * 4 {
            self.store.index += table.grow() as u64 * 8;
            self.store.settle()?;
        }
        let tag = (hash >> 30) & ((1 << TAG) - 1);
        let mut at = table.home(tag);
        loop {
            let entry = table.entries[at];
            if entry == 0 {
                break;
            }
            if entry >> PLACE == tag {
                let place = entry & ((1 << PLACE) - 1);
                if let Some(before) = self.store.same(place, key, self.numbered)? {
                    if renumber {
                        let place = self.store.push(key, self.numbered.then_some(number))?;
                        table.entries[at] = tag << PLACE | place;
                    }
                    return Ok(Some(before));
                }
            }
            at += 1;
            if at == table.entries.len() {
                at = 0;
            }
        }
        let place = self.store.push(key, self.numbered.then_some(number))?;
        table.entries[at] = tag << PLACE | place;
        table.used += 1;
        Ok(None)
    }

    /// Forgets all of them.
    pub fn clear(&mut self) -> Result<(), Fault> {
        self.tables
            .iter_mut()
            .for_each(|table| *table = Table::default());
        self.store.blocks = Vec::new();
        self.store.index = 0;
        self.store.end = 1;
        if std::mem::take(&mut self.store.spilled) > 0 {
            self.store.scratch.remove(&self.store.name)?;
        }
        Ok(())
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        // What cannot be removed goes with the host's scratch.
        let _ = self.clear();
    }
}

impl Table {
    fn home(&self, tag: u64) -> usize {
        ((tag * self.entries.len() as u64) >> TAG) as usize
    }

    /// Makes room for a quarter more, and says how many entries that is.
    fn grow(&mut self) -> usize {
        let before = self.entries.len();
        let size = (before + before / 4).max(16);
        let old = std::mem::replace(&mut self.entries, vec![0; size]);
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let mut at = self.home(entry >> PLACE);
            while self.entries[at] != 0 {
                at = if at + 1 == size { 0 } else { at + 1 };
            }
            self.entries[at] = entry;
        }
        size - before
    }
}

/// The keys' bytes, one behind the other: the length, the number if there is one, and the key. A
/// place is an offset plus 1.
struct Store {
    scratch: Arc<dyn Scratch>,
    name: String,
    /// The budget, of which `index` bytes are used by tables.
    memory: u64,
    index: u64,
    /// The bytes from `spilled` on, each block with the place at which it begins.
    blocks: Vec<(u64, Vec<u8>)>,
    /// Bytes that are in the scratch.
    spilled: u64,
    /// The place of what comes next.
    end: u64,
    buffer: Vec<u8>,
}

impl Store {
    fn push(&mut self, key: &[u8], number: Option<u64>) -> Result<u64, Fault> {
        let size = 4 + if number.is_some() { 8 } else { 0 } + key.len();
        let place = self.end;
        if place + size as u64 >= 1 << PLACE {
            return Err(Fault::limit(
                self.name.as_str(),
                "keys",
                place + size as u64,
                1 << PLACE,
            ));
        }
        let fits = self
            .blocks
            .last()
            .is_some_and(|(_, block)| block.len() + size <= block.capacity());
        if !fits {
            self.settle()?;
            self.blocks
                .push((place, Vec::with_capacity(BLOCK.max(size))));
        }
        if let Some((_, block)) = self.blocks.last_mut() {
            block.extend_from_slice(&(key.len() as u32).to_le_bytes());
            if let Some(number) = number {
                block.extend_from_slice(&number.to_le_bytes());
            }
            block.extend_from_slice(key);
        }
        self.end += size as u64;
        Ok(place)
    }

    /// Sends all blocks to the scratch where they are too many, or some are there already.
    fn settle(&mut self) -> Result<(), Fault> {
        let held = self.end - 1 - self.spilled;
        if held < BLOCK as u64 || (self.spilled == 0 && held + self.index <= self.memory) {
            return Ok(());
        }
        for (_, block) in std::mem::take(&mut self.blocks) {
            self.scratch.append(&self.name, &block).map_err(|fault| {
                fault.hint("dedupe by fewer columns, or run it where there is a disk to spill to")
            })?;
            self.spilled += block.len() as u64;
        }
        Ok(())
    }

    /// The number of the key at `place`, if it is this key.
    fn same(&mut self, place: u64, key: &[u8], numbered: bool) -> Result<Option<u64>, Fault> {
        let head = if numbered { 12 } else { 4 };
        let size = head + key.len();
        let offset = place - 1;
        let record = if offset < self.spilled {
            self.buffer.resize(size, 0);
            let read = self.scratch.read(&self.name, offset, &mut self.buffer)?;
            &self.buffer[..read]
        } else {
            let at = self.blocks.partition_point(|(from, _)| *from <= place);
            let Some((from, block)) = at.checked_sub(1).map(|at| &self.blocks[at]) else {
                return Err(Fault::internal("a key that is nowhere"));
            };
            let rest = &block[(place - from) as usize..];
            &rest[..size.min(rest.len())]
        };
        let is = record.len() == size
            && record[..4] == (key.len() as u32).to_le_bytes()
            && record[head..] == *key;
        let number = record.get(4..12).filter(|_| numbered);
        let number = number.and_then(|bytes| bytes.try_into().ok());
        Ok(is.then_some(number.map_or(0, u64::from_le_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scratch::MemoryScratch;

    /// Every key is told apart however few hashes there are, in memory as in the scratch, and has the
    /// number that a map of them says.
    #[test]
    fn keys_are_told_apart_by_their_bytes() {
        for hashes in [1u64, 7, u64::MAX] {
            for memory in [0, 1 << 20, u64::MAX] {
                let kept = Arc::new(MemoryScratch::default());
                let room = Room {
                    scratch: kept.clone(),
                    memory,
                };
                let rows = if hashes < 10 { 800 } else { 60_000u64 };
                for renumber in [false, true] {
                    let mut seen = Seen::new("keys", true, &room);
                    let mut expect = BTreeMap::new();
                    for number in 0..rows {
                        let value = number.wrapping_mul(7919) % (rows * 3 / 4);
                        let key = format!("{value:0width$}", width = (value % 90) as usize);
                        let hash = crate::distinct::sketch_hash(key.as_bytes()) % hashes;
                        let before = expect.get(&key).copied();
                        let found = seen.insert(hash, key.as_bytes(), number, renumber);
                        assert_eq!(found.unwrap(), before, "{key}");
                        if renumber || before.is_none() {
                            expect.insert(key, number);
                        }
                    }
                    let spilled = kept.size();
                    let far = rows > 1000 && memory < u64::MAX;
                    assert_eq!(spilled > 0, far, "{hashes} hashes, {memory} bytes");
                    drop(seen);
                    assert_eq!(kept.size(), 0);
                }
            }
        }
    }

    #[test]
    fn without_a_scratch_the_budget_is_a_limit() {
        let room = Room {
            memory: 3 << 20,
            ..Room::default()
        };
        let mut seen = Seen::new("keys", false, &room);
        let fault = (0..1_000_000u64)
            .find_map(|key| {
                let hash = crate::distinct::sketch_hash(&key.to_le_bytes());
                seen.insert(hash, format!("{key:040}").as_bytes(), key, false)
                    .err()
            })
            .unwrap();
        assert_eq!(fault.kind, crate::error::FaultKind::Limit);
        assert!(fault.hint.is_some());
    }
}
