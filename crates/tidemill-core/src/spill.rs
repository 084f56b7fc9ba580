//! Groups that do not fit the memory: a worker that has too many writes them to the host's scratch, sorted
//! by key, and begins anew. At the end the sorted runs of all workers are read side by side, and the
//! states of one key are merged as they meet. Merging is associative and commutative, so it is invisible
//! in which run a row was, and that there were runs at all.
//!
//! The decision that shaped it: runs are sorted rather than cut into partitions by hash. The answer is
//! sorted by key anyway, so it comes out of the merge row by row and needs no memory of its own, and keys
//! that are many in one partition are no special case.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::error::{Fault, FaultKind};
use crate::keys::{Keys, beginning};
use crate::reduce::States;
use crate::scratch::{Room, Scratch};

/// What each worker may hold of each of its groupings. A quarter of the memory is for blocks, and for
/// what sorting and writing take.
pub fn share(room: &Room, workers: usize, groupings: usize) -> usize {
    let holders = (workers.max(1) * groupings.max(1)) as u64;
    usize::try_from(room.memory / 4 * 3 / holders).unwrap_or(usize::MAX)
}

/// Written at once.
const BATCH: usize = 1 << 20;

/// A sorted run of groups in the scratch.
#[derive(Clone, Debug)]
struct Run {
    name: Arc<str>,
    from: u64,
    to: u64,
}

/// What one worker has written of one grouping.
#[derive(Clone)]
pub struct Spill {
    scratch: Arc<dyn Scratch>,
    name: Arc<str>,
    /// The bytes that may be held.
    pub share: usize,
    written: u64,
    runs: Vec<Run>,
}

impl Spill {
    /// `name` is nobody else's.
    pub fn new(room: &Room, name: &str, share: usize) -> Spill {
        Spill {
            scratch: Arc::clone(&room.scratch),
            name: name.into(),
            share,
            written: 0,
            runs: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Takes over the runs of another worker.
    pub fn join(&mut self, other: &Spill) {
        self.runs.extend_from_slice(&other.runs);
    }

    /// Writes all groups as one more run.
    pub fn write(&mut self, keys: &Keys, states: &[Box<dyn States>]) -> Result<(), Fault> {
        let from = self.written;
        let (mut out, mut record) = (Vec::with_capacity(BATCH + BATCH / 8), Vec::new());
        for key in keys.sorted() {
            let bytes = keys.bytes(key as usize);
            record.clear();
            for states in states {
                states.freeze_into(key as usize, &mut record)?;
            }
            push_len(&mut out, bytes.len());
            push_len(&mut out, record.len());
            out.extend_from_slice(bytes);
            out.extend_from_slice(&record);
            if out.len() >= BATCH {
                self.append(&mut out)?;
            }
        }
        self.append(&mut out)?;
        self.runs.push(Run {
            name: Arc::clone(&self.name),
            from,
            to: self.written,
        });
        Ok(())
    }

    fn append(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        if !out.is_empty() {
            self.scratch.append(&self.name, out)?;
            self.written += out.len() as u64;
            out.clear();
        }
        Ok(())
    }

    /// Merges all runs: `each` gets every key once, in order, with its states as group 0 of `states`.
    pub fn merge(
        &self,
        states: &mut [Box<dyn States>],
        mut each: impl FnMut(&[u8], &[Box<dyn States>]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let room = (self.share / self.runs.len().max(1)).clamp(4 << 10, BATCH);
        let mut readers = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            let mut reader = Reader::new(self.scratch.as_ref(), run, room);
            if reader.advance()? {
                readers.push(reader);
            }
        }
        let mut heap: Vec<Reader<'_>> = readers;
        for at in (0..heap.len() / 2).rev() {
            sift(&mut heap, at);
        }
        let mut key = Vec::new();
        while let Some(first) = heap.first() {
            key.clear();
            key.extend_from_slice(first.key());
            for states in states.iter_mut() {
                states.reset();
            }
            while let Some(first) = heap.first_mut().filter(|first| first.key() == key) {
                let mut record = first.record();
                for states in states.iter_mut() {
                    record = states.thaw_first(record)?;
                }
                if !first.advance()? {
                    heap.swap_remove(0);
                }
                sift(&mut heap, 0);
            }
            each(&key, states)?;
        }
        Ok(())
    }
}

/// Puts what stands at `at` where it belongs: whatever stands below another is not before it.
fn sift(heap: &mut [Reader<'_>], mut at: usize) {
    loop {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let mut least = at;
        for child in [left, right] {
            if child < heap.len() && heap[child].order(&heap[least]).is_lt() {
                least = child;
            }
        }
        if least == at {
            return;
        }
        heap.swap(at, least);
        at = least;
    }
}

fn push_len(out: &mut Vec<u8>, mut len: usize) {
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
}

/// Reads a run, a group at a time.
struct Reader<'a> {
    scratch: &'a dyn Scratch,
    name: Arc<str>,
    /// What is not in the buffer yet.
    from: u64,
    to: u64,
    room: usize,
    buffer: Vec<u8>,
    /// Where in the buffer the group is: its key, its states, and what is behind it.
    key: usize,
    states: usize,
    end: usize,
    beginning: u64,
}

impl<'a> Reader<'a> {
    fn new(scratch: &'a dyn Scratch, run: &Run, room: usize) -> Reader<'a> {
        Reader {
            scratch,
            name: Arc::clone(&run.name),
            from: run.from,
            to: run.to,
            room,
            buffer: Vec::new(),
            key: 0,
            states: 0,
            end: 0,
            beginning: 0,
        }
    }

    fn key(&self) -> &[u8] {
        &self.buffer[self.key..self.states]
    }

    fn record(&self) -> &[u8] {
        &self.buffer[self.states..self.end]
    }

    fn order(&self, other: &Reader<'_>) -> Ordering {
        let whole = || self.key().cmp(other.key());
        self.beginning.cmp(&other.beginning).then_with(whole)
    }

    /// Goes on to the next group. False: there is none.
    fn advance(&mut self) -> Result<bool, Fault> {
        if self.end == self.buffer.len() && self.from == self.to {
            return Ok(false);
        }
        let (size, key, states) = loop {
            let rest = &self.buffer[self.end..];
            let least = match head(rest) {
                Some((key, states, size)) if size + key + states <= rest.len() => {
                    break (size, key, states);
                }
                Some((key, states, size)) => size + key + states,
                None => 0,
            };
            self.fill(least)?;
        };
        self.key = self.end + size;
        self.states = self.key + key;
        self.end = self.states + states;
        self.beginning = beginning(self.key());
        Ok(true)
    }

    /// Drops the group and reads on, so far that there are `least` bytes.
    fn fill(&mut self, least: usize) -> Result<(), Fault> {
        self.buffer.drain(..self.end);
        self.end = 0;
        let kept = self.buffer.len();
        let more = (self.to - self.from).min(self.room.max(least.saturating_sub(kept)) as u64);
        self.buffer.resize(kept + more as usize, 0);
        let read = self
            .scratch
            .read(&self.name, self.from, &mut self.buffer[kept..])?;
        if more == 0 || read as u64 != more {
            return Err(Fault::new(
                FaultKind::State,
                "spilled groups",
                "less than was written",
                "all of it",
            ));
        }
        self.from += more;
        Ok(())
    }
}

/// The lengths of a group's key and states, and how many bytes say so.
fn head(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    let (mut lens, mut at) = ([0usize; 2], 0);
    for len in &mut lens {
        let mut shift = 0;
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            *len |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                break;
            }
            shift += 7;
        }
    }
    Some((lens[0], lens[1], at))
}
