//! The fields of a span: where each one of each record ends.
//!
//! The index is row-major and holds ends only, since a field begins one byte after the one before
//! it. Text in which every record has the right number of fields is indexed by vectors, and checked
//! to be so; any other text goes through the state machine, which tells what is wrong with it.

use memchr::{memchr, memchr_iter, memchr2};

use crate::dialect::{Dialect, Escape};
use crate::machine::{Event, State, Table};
use crate::scan::{self, Isa, Marks, Stops};

/// What becomes of a record with too few or too many fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum Ragged {
    #[default]
    Reject,
    /// Missing fields are empty; excess ones are dropped if all are empty, and a record with
    /// another excess is rejected.
    Pad,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// Too few fields.
    Short,
    /// Too many fields.
    Long,
    /// A quoted field that never closes.
    Unterminated,
}

/// A record that is no row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadRecord {
    /// Its place among all records of the span.
    pub record: u32,
    pub start: u32,
    /// The end of its bytes, without the line end.
    pub end: u32,
    /// Its number of fields; an unterminated one counts.
    pub found: u32,
    pub kind: FaultKind,
    /// The quote that opened the unterminated field; otherwise `start`.
    pub opener: u32,
}

/// Where the fields of a span's rows are. Built again for the next span, it keeps its memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Index {
    /// Fields of a row.
    pub width: usize,
    pub rows: usize,
    pub row_start: Vec<u32>,
    /// `rows * width` ends, row by row, without the CR of a CRLF.
    pub ends: Vec<u32>,
    /// The place of each row among all records; `None` if no record is bad.
    pub record_of: Option<Vec<u32>>,
    pub bad: Vec<BadRecord>,
    /// All records, bad ones too.
    pub records: u32,
    /// Line ends, those in quotes too, CRLF being one; and one more for a last line without.
    pub lines: u64,
    pub blank: u64,
    pub comments: u64,
    pub has_quote: bool,
}

impl Index {
    pub fn new() -> Index {
        Index::default()
    }

    /// Indexes the first `len` bytes of `padded`, which begin at a record's start. `broken` are the
    /// openers of unterminated fields among them, in order.
    ///
    /// # Panics
    /// If `padded` is shorter than `len`, or `len` is not below 4 GiB.
    pub fn build(
        &mut self,
        padded: &[u8],
        len: usize,
        dialect: &Dialect,
        width: usize,
        ragged: Ragged,
        broken: &[u32],
    ) {
        self.build_with(Isa::best(), padded, len, dialect, width, ragged, broken);
    }

    /// [`Index::build`] with the instructions of `isa`; all give the same index.
    #[allow(clippy::too_many_arguments)]
    pub fn build_with(
        &mut self,
        isa: Isa,
        padded: &[u8],
        len: usize,
        dialect: &Dialect,
        width: usize,
        ragged: Ragged,
        broken: &[u32],
    ) {
        let text = &padded[..len];
        assert!(
            u32::try_from(len).is_ok(),
            "a span of {len} bytes; the most is 4 GiB"
        );
        self.clear(width);
        self.has_quote = dialect
            .quote
            .is_some_and(|quote| memchr(quote, text).is_some());
        if !broken.is_empty() || !self.build_uniform(isa, text, dialect) {
            let has_quote = self.has_quote;
            self.clear(width);
            self.has_quote = has_quote;
            self.lines = lines(text);
            self.build_any(isa, text, dialect, ragged, broken);
        }
    }

    fn clear(&mut self, width: usize) {
        self.width = width;
        self.rows = 0;
        self.row_start.clear();
        self.ends.clear();
        self.record_of = None;
        self.bad.clear();
        self.records = 0;
        self.lines = 0;
        self.blank = 0;
        self.comments = 0;
        self.has_quote = false;
    }

    /// The raw bytes of a field, quotes and all, as a range of the span; a padded field is empty.
    ///
    /// # Panics
    /// If there is no such row or column.
    #[inline(always)]
    pub fn field(&self, row: usize, column: usize) -> (u32, u32) {
        assert!(column < self.width);
        let at = row * self.width + column;
        let end = self.ends[at];
        let start = if column == 0 {
            self.row_start[row]
        } else {
            self.ends[at - 1] + 1
        };
        (start.min(end), end)
    }

    /// The bytes of a row up to the end of its last column, without the line end.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (u32, u32) {
        let start = self.row_start[row];
        let end = (row + 1) * self.width;
        (
            start,
            if self.width == 0 {
                start
            } else {
                self.ends[end - 1]
            },
        )
    }

    /// The place of a row among all records of the span.
    #[inline]
    pub fn record(&self, row: usize) -> u32 {
        self.record_of
            .as_ref()
            .map_or(row as u32, |record_of| record_of[row])
    }

    /// Whether the text is uniform: each record has `width` fields, each quote opens, closes or is
    /// half of a doubled one, and there is no blank line, comment or lone CR. Only then is the index
    /// of use.
    fn build_uniform(&mut self, isa: Isa, text: &[u8], dialect: &Dialect) -> bool {
        let width = self.width;
        if width == 0 || (self.has_quote && dialect.escape != Escape::Double) {
            return false;
        }
        let Some(&last) = text.last() else {
            return true;
        };
        let marks = Marks {
            delimiter: dialect.delimiter,
            quote: dialect.quote.unwrap_or(b'\n'),
        };
        let crs = memchr(b'\r', text).is_some();
        if self.ends.capacity() == 0 {
            self.ends.reserve(text.len() / 4 + 64);
        }
        let found = scan::separators(isa, text, marks, self.has_quote, crs, &mut self.ends);
        let Some(mut found) = found else { return false };
        // The quotes are closed, so an LF at the end is one that ends a record.
        if last != b'\n' {
            self.ends.push(text.len() as u32);
            found.rows += 1;
            found.lines += 1;
        }
        if found.rows.checked_mul(width) != Some(self.ends.len()) {
            return false;
        }
        self.row_start.resize(found.rows, 0);
        let mut start = 0;
        let mut fine = true;
        // The CR of a CRLF, which is the only place where the scan lets one be, is no field's byte.
        for (row, row_start) in self.ends.chunks_exact_mut(width).zip(&mut self.row_start) {
            let end = &mut row[width - 1];
            let at = *end;
            // There are as many LFs as rows, so if each row ends in one, none is anywhere else.
            fine &= text.get(at as usize).is_none_or(|&byte| byte == b'\n');
            if crs && at > start && text[at as usize - 1] == b'\r' {
                *end -= 1;
            }
            // A blank line is no row.
            fine &= width > 1 || *end > start;
            *row_start = start;
            start = at + 1;
        }
        if let Some(comment) = dialect.comment {
            let starts = &mut self.row_start.iter();
            fine &= starts.all(|&start| text.get(start as usize) != Some(&comment));
        }
        if !fine {
            return false;
        }
        self.rows = found.rows;
        self.records = found.rows as u32;
        self.lines = found.lines;
        true
    }

    /// Any text, by the state machine.
    fn build_any(
        &mut self,
        isa: Isa,
        text: &[u8],
        dialect: &Dialect,
        ragged: Ragged,
        broken: &[u32],
    ) {
        let table = Table::new(dialect);
        let mut rows = Rows {
            index: self,
            text,
            dialect,
            ragged,
            start: 0,
            first: 0,
            found: 0,
        };
        let mut broken = broken.iter().copied().peekable();
        let mut state = State::RecordStart;
        let mut opener = 0;
        let mut stops = Stops::new(isa, text, table.stops);
        // Where the bytes not read begin.
        let mut next = 0;
        loop {
            // The field that is open breaks if the list says so, or the text ends in it.
            if state.open() && (next == text.len() || broken.next_if_eq(&opener).is_some()) {
                let line = memchr2(b'\n', b'\r', &text[opener as usize..]);
                let at = line.map_or(text.len(), |n| opener as usize + n);
                rows.unterminated(at as u32, opener);
                let Some(&byte) = text.get(at) else { break };
                state = if byte == b'\r' {
                    State::AfterCr
                } else {
                    State::RecordStart
                };
                next = at + 1;
                stops.seek(next);
                continue;
            }
            let at = stops.next();
            if state.between() {
                rows.begin(next as u32);
            }
            let Some(&byte) = text.get(at) else {
                if at > next {
                    state = table.plain(state);
                }
                if state.open() {
                    next = at;
                    continue;
                }
                break;
            };
            let (to, event) = table.leap(state, at > next, byte);
            // In the order of how often they come; a jump table would be mispredicted.
            if event == Event::FieldEnd {
                rows.field(at as u32);
            } else if event == Event::RecordEnd {
                rows.record(at as u32);
            } else if event == Event::Open {
                opener = at as u32;
            } else if event == Event::Blank {
                rows.index.blank += 1;
            } else if event == Event::CommentEnd {
                rows.index.comments += 1;
            }
            state = to;
            next = at + 1;
        }
        if state == State::Comment && dialect.comment.is_some() {
            rows.index.comments += 1;
        } else if !state.between() && !state.open() {
            rows.record(text.len() as u32);
        }
    }
}

/// The row being read, on its way into the index.
struct Rows<'a> {
    index: &'a mut Index,
    text: &'a [u8],
    dialect: &'a Dialect,
    ragged: Ragged,
    start: u32,
    /// Where its ends begin in the index.
    first: usize,
    found: u32,
}

impl Rows<'_> {
    fn begin(&mut self, at: u32) {
        self.start = at;
        self.first = self.index.ends.len();
        self.found = 0;
    }

    fn field(&mut self, end: u32) {
        self.index.ends.push(end);
        self.found += 1;
    }

    fn record(&mut self, end: u32) {
        self.field(end);
        let (found, width) = (self.found as usize, self.index.width);
        let pad = self.ragged == Ragged::Pad;
        if found > width && !(pad && width > 0 && self.excess_is_empty()) {
            self.bad(end, FaultKind::Long, self.start);
        } else if found < width && !pad {
            self.bad(end, FaultKind::Short, self.start);
        } else {
            self.index.ends.resize(self.first + width, end);
            self.index.row_start.push(self.start);
            self.index.rows += 1;
            let record = self.index.records;
            if let Some(record_of) = &mut self.index.record_of {
                record_of.push(record);
            }
            self.index.records += 1;
        }
    }

    fn excess_is_empty(&self) -> bool {
        let ends = &self.index.ends[self.first + self.index.width - 1..];
        ends.windows(2).all(|pair| {
            let raw = &self.text[pair[0] as usize + 1..pair[1] as usize];
            match (raw, self.dialect.quote) {
                ([], _) => true,
                ([a, b], Some(quote)) => *a == quote && *b == quote,
                _ => false,
            }
        })
    }

    fn unterminated(&mut self, end: u32, opener: u32) {
        self.found += 1;
        self.bad(end, FaultKind::Unterminated, opener);
    }

    fn bad(&mut self, end: u32, kind: FaultKind, opener: u32) {
        let index = &mut *self.index;
        index.ends.truncate(self.first);
        index
            .record_of
            .get_or_insert_with(|| (0..index.rows as u32).collect());
        let (record, start, found) = (index.records, self.start, self.found);
        index.bad.push(BadRecord {
            record,
            start,
            end,
            found,
            kind,
            opener,
        });
        index.records += 1;
    }
}

fn lines(text: &[u8]) -> u64 {
    // Counting one byte is vectorised; CRs are few, or each one has to be looked at.
    let lfs = memchr_iter(b'\n', text).count() as u64;
    let lone = |&at: &usize| text.get(at + 1) != Some(&b'\n');
    let ends = lfs + memchr_iter(b'\r', text).filter(lone).count() as u64;
    ends + u64::from(!matches!(text.last(), None | Some(b'\n' | b'\r')))
}
