//! Blocks on a fixed grid in, spans of whole records out.
//!
//! A record belongs to the block its first byte lies in, so a span is a block minus the end of a
//! record that began before it, plus the end of the one that goes on after it. The splitter is the
//! one sequential part of reading; with the seams at hand it looks at no more than the first record
//! of each block. Only a quoted field that never closes, and a limit within reach, make it read
//! bytes again.

use std::collections::VecDeque;

use memchr::memchr2;

use crate::dialect::{Dialect, Limits, TooLong};
use crate::machine::{State, Stop, Table, Trace, line_start, too_long};
use crate::seam::Seam;

/// Zeros that follow a span's bytes in [`Span::padded`], so that loads of whole vectors stay inside.
pub const PADDING: usize = 64;

/// Whole records: all that begin in one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// The number of the block on the grid.
    pub seq: u64,
    /// Where in the stream the span's first byte is, which is a line's first.
    pub base: u64,
    /// Where in the stream the openers of quoted fields that never close are, in order.
    pub broken: Vec<u64>,
    /// No span follows.
    pub last: bool,
    data: Vec<u8>,
    start: usize,
    end: usize,
}

impl Span {
    /// A span of bytes from elsewhere.
    pub fn new(seq: u64, base: u64, mut data: Vec<u8>, broken: Vec<u64>, last: bool) -> Span {
        let end = data.len();
        data.resize(end + PADDING, 0);
        Span {
            seq,
            base,
            broken,
            last,
            data,
            start: 0,
            end,
        }
    }

    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// The bytes and [`PADDING`] zeros.
    #[inline]
    pub fn padded(&self) -> &[u8] {
        &self.data[self.start..]
    }

    /// The memory, to be used for another block.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// [`Span::broken`] as offsets in the span.
    pub fn broken_in_span(&self) -> Vec<u32> {
        self.broken
            .iter()
            .map(|&at| (at - self.base) as u32)
            .collect()
    }
}

struct Block {
    base: u64,
    data: Vec<u8>,
    seam: Seam,
}

impl Block {
    fn end(&self) -> u64 {
        self.base + self.data.len() as u64
    }
}

/// The span whose end is not known yet.
struct Pending {
    seq: u64,
    start: u64,
    broken: Vec<u64>,
}

/// The frontier between what is split and what is not.
pub struct Splitter {
    dialect: Dialect,
    limits: Limits,
    table: Table,
    block_size: u64,
    /// All blocks from the pending span's on.
    held: VecDeque<Block>,
    pending: Option<Pending>,
    done: VecDeque<Span>,
    /// The next byte to be read, and the state it is read in.
    at: u64,
    state: State,
    /// The last quote byte before `at`. Of use only while a quoted field is open.
    quote: u64,
    /// The line of a broken field's opener has not ended yet; `known` is its record's start.
    skipping: bool,
    /// A line start not after the start of the record being read.
    known: u64,
    /// The end of what was pushed.
    end: Option<u64>,
}

impl Splitter {
    /// `body` is where in the stream the first line of data begins.
    ///
    /// # Panics
    /// If `block_size` is 0.
    pub fn new(dialect: Dialect, limits: Limits, body: u64, block_size: u64) -> Splitter {
        assert!(block_size > 0, "blocks of no bytes");
        Splitter {
            dialect,
            limits,
            table: Table::new(&dialect),
            block_size,
            held: VecDeque::new(),
            pending: None,
            done: VecDeque::new(),
            at: body,
            state: State::RecordStart,
            quote: body,
            skipping: false,
            known: body,
            end: None,
        }
    }

    /// Takes the next block and its seam. Blocks come in order and are of the block size, except the
    /// last one. A block with spare capacity, for the rest of its last record and [`PADDING`],
    /// becomes a span without being copied.
    ///
    /// After an error the splitter is of no more use than to pop what is done.
    ///
    /// # Panics
    /// If the block does not follow the one before, or the seam is of another length.
    pub fn push(&mut self, offset: u64, block: Vec<u8>, seam: Seam) -> Result<(), TooLong> {
        assert!(
            self.end.is_none_or(|end| end == offset),
            "a block that does not follow the last"
        );
        assert_eq!(seam.len, block.len() as u64, "a seam of another block");
        let block = Block {
            base: offset,
            data: block,
            seam,
        };
        self.end = Some(block.end());
        if block.end() <= self.at {
            return Ok(());
        }
        self.held.push_back(block);
        self.read()
    }

    /// Tells that the last block was pushed.
    pub fn finish(&mut self) -> Result<(), TooLong> {
        while self.state.open() {
            self.resume()?;
            self.read()?;
        }
        if let Some(end) = self.held.back().map(Block::end) {
            self.close(end, true);
        }
        Ok(())
    }

    /// The next span. None is empty, and a block in which no line begins has none.
    pub fn pop(&mut self) -> Option<Span> {
        self.done.pop_front()
    }

    /// The bytes that wait for the end of a span.
    pub fn waiting(&self) -> u64 {
        self.held.iter().map(|block| block.data.len() as u64).sum()
    }

    fn read(&mut self) -> Result<(), TooLong> {
        loop {
            let after = self
                .held
                .iter()
                .rev()
                .take_while(|block| self.at < block.end())
                .count();
            let Some(block) = self.held.get(self.held.len() - after) else {
                return Ok(());
            };
            let (base, end) = (block.base, block.end());
            let part = &block.data[(self.at - base) as usize..];
            if self.skipping {
                match memchr2(b'\n', b'\r', part) {
                    Some(n) => self.resume_after(self.at + n as u64, part[n])?,
                    None => {
                        self.at = end;
                        if end - self.known > self.limits.record {
                            return Err(too_long(self.known, &self.limits));
                        }
                    }
                }
                continue;
            }
            let scanned;
            let seam = if self.at == base {
                &block.seam
            } else {
                scanned = Seam::scan(part, &self.dialect, &self.limits);
                &scanned
            };
            let run = self
                .at
                .saturating_sub(self.quote + 1)
                .saturating_add(seam.lead);
            if self.state.open() && run > self.limits.quote_run {
                self.resume()?;
                continue;
            }
            let exit = seam.exit(self.state);
            let quote = (seam.tail < seam.len).then(|| end - seam.tail - 1);
            let seq = base / self.block_size;
            if self
                .pending
                .as_ref()
                .is_none_or(|pending| pending.seq != seq)
            {
                // A line start past a broken field's opener is one inside its quotes.
                let start = line_start(&self.table, self.state, part).map(|n| n as u64);
                let real = |&n: &u64| !exit.broken || exit.opener.is_some_and(|at| n <= at);
                if let Some(start) = start.filter(real).map(|n| self.at + n) {
                    self.check_lengths(start)?;
                    self.close(start, false);
                    self.pending = Some(Pending {
                        seq,
                        start,
                        broken: Vec::new(),
                    });
                    self.known = start;
                }
            }
            if exit.broken {
                self.resume()?;
                continue;
            }
            self.state = exit.state;
            self.quote = quote.unwrap_or(self.quote);
            self.at = end;
            self.check_lengths(end)?;
        }
    }

    /// The bytes held in a range of the stream.
    fn bytes(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &[u8])> {
        let inside = move |block: &&Block| from < block.end() && block.base < to;
        self.held.iter().filter(inside).map(move |block| {
            let (start, end) = (from.max(block.base), to.min(block.end()));
            let range = (start - block.base) as usize..(end - block.base) as usize;
            (start, &block.data[range])
        })
    }

    /// Reads on after the line of the opener of a field that is known not to close.
    fn resume(&mut self) -> Result<(), TooLong> {
        let mut trace = Trace::new(&self.table, self.limits, self.known);
        let stop = self
            .bytes(self.known, u64::MAX)
            .find_map(|(_, bytes)| trace.feed(bytes));
        let (start, opener) = match stop.or_else(|| trace.finish()) {
            Some(Stop::Broken { start, opener }) => (start, opener),
            Some(Stop::TooLong(error)) => return Err(error),
            None => {
                // Only a seam of other bytes, dialect or limits can disagree with the machine.
                debug_assert!(false, "a seam that is not its block's");
                (self.at, self.state) = (trace.at, trace.state);
                return Ok(());
            }
        };
        if let Some(pending) = &mut self.pending {
            pending.broken.push(opener);
        }
        self.known = start;
        self.state = State::RecordStart;
        let line = self.bytes(opener, u64::MAX).find_map(|(base, bytes)| {
            memchr2(b'\n', b'\r', bytes).map(|n| (base + n as u64, bytes[n]))
        });
        match line {
            Some((at, byte)) => self.resume_after(at, byte),
            None => {
                // `read` looks for the line's end in the blocks to come, and checks the length.
                self.skipping = true;
                self.at = opener;
                Ok(())
            }
        }
    }

    /// Ends a broken record at its line end.
    fn resume_after(&mut self, at: u64, byte: u8) -> Result<(), TooLong> {
        if at - self.known > self.limits.record {
            return Err(too_long(self.known, &self.limits));
        }
        self.state = if byte == b'\r' {
            State::AfterCr
        } else {
            State::RecordStart
        };
        self.skipping = false;
        self.at = at + 1;
        self.known = at + 1;
        Ok(())
    }

    /// Makes sure that no record before `to` is too long. Records are only looked for when there are
    /// bytes enough for one.
    fn check_lengths(&mut self, to: u64) -> Result<(), TooLong> {
        if to - self.known <= self.limits.record {
            return Ok(());
        }
        let mut trace = Trace::new(&self.table, self.limits, self.known);
        let stop = self
            .bytes(self.known, to)
            .find_map(|(_, bytes)| trace.feed(bytes));
        if let Some(Stop::TooLong(error)) = stop {
            return Err(error);
        }
        self.known = trace.start;
        Ok(())
    }

    /// Ends the pending span at `end`, and lets go of the blocks before.
    fn close(&mut self, end: u64, last: bool) {
        let Some(Pending { seq, start, broken }) = self.pending.take() else {
            return;
        };
        let Some(Block { base, mut data, .. }) = self.held.pop_front() else {
            return;
        };
        let start_in_data = (start - base) as usize;
        let len = (end - base) as usize;
        data.reserve((len + PADDING).saturating_sub(data.len()));
        while let Some(block) = self.held.front() {
            let head = end.saturating_sub(block.base).min(block.data.len() as u64) as usize;
            data.extend_from_slice(&block.data[..head]);
            if block.end() > end || (block.end() == end && !last) {
                break;
            }
            self.held.pop_front();
        }
        data.truncate(len);
        data.resize(len + PADDING, 0);
        self.done.push_back(Span {
            seq,
            base: start,
            broken,
            last,
            data,
            start: start_in_data,
            end: len,
        });
    }
}
