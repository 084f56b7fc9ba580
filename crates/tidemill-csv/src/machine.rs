//! The reader's state machine: what each byte does to a record. Every fast path of this crate is
//! held to it.
//!
//! It is the machine of the crate csv-core (`reader.rs`, `transition_nfa`), so that a file means
//! here what it means to most of Rust, with one departure: a quoted field that never closes costs
//! one line, not the rest of the file. Its record is rejected and reading resumes at the line after
//! the one its opening quote is in.

use memchr::{memchr, memchr2};

use crate::dialect::{Dialect, Escape, Limits, TooLong, WIDE};

/// Where the reader is between two bytes.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum State {
    /// At the first byte of a line.
    RecordStart = 0,
    /// As `RecordStart`, but an LF still belongs to the line before.
    AfterCr = 1,
    /// After a delimiter.
    FieldStart = 2,
    Unquoted = 3,
    Quoted = 4,
    /// After a quote inside a quoted field: it closed the field, unless another one follows.
    QuoteInQuoted = 5,
    /// After a backslash inside a quoted field. In a dialect without them it stands for `Quoted`.
    Escaped = 6,
    /// In a comment line. In a dialect without them it stands for `Unquoted`.
    Comment = 7,
}

/// What a byte was.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A byte of the field's value.
    Text = 0,
    /// A byte that is in no value and ends nothing: a closing quote, an escape, the LF of a CRLF,
    /// a comment's text.
    Mark = 1,
    /// The quote that opens a field.
    Open = 2,
    /// The delimiter.
    FieldEnd = 3,
    /// The first byte of a line end; it ends the field too.
    RecordEnd = 4,
    /// A line without a byte.
    Blank = 5,
    CommentEnd = 6,
}

impl State {
    pub const ALL: [State; 8] = [
        State::RecordStart,
        State::AfterCr,
        State::FieldStart,
        State::Unquoted,
        State::Quoted,
        State::QuoteInQuoted,
        State::Escaped,
        State::Comment,
    ];

    /// Inside quotes: the field is broken if the input ends here.
    #[inline]
    pub fn open(self) -> bool {
        matches!(self, State::Quoted | State::Escaped)
    }

    /// Open, or open again if a quote follows.
    #[inline]
    pub fn in_quoted(self) -> bool {
        matches!(self, State::Quoted | State::Escaped | State::QuoteInQuoted)
    }

    /// Between two lines.
    #[inline]
    pub fn between(self) -> bool {
        matches!(self, State::RecordStart | State::AfterCr)
    }

    /// Reads one byte.
    pub fn step(self, byte: u8, dialect: &Dialect) -> (State, Event) {
        let text = |unquoted| match byte {
            b if b == dialect.delimiter => (State::FieldStart, Event::FieldEnd),
            b'\n' => (State::RecordStart, Event::RecordEnd),
            b'\r' => (State::AfterCr, Event::RecordEnd),
            _ => (unquoted, Event::Text),
        };
        let quote = dialect.quote == Some(byte);
        match self {
            State::AfterCr if byte == b'\n' => (State::RecordStart, Event::Mark),
            State::RecordStart | State::AfterCr => match byte {
                b'\n' => (State::RecordStart, Event::Blank),
                b'\r' => (State::AfterCr, Event::Blank),
                _ if dialect.comment == Some(byte) => (State::Comment, Event::Mark),
                _ => State::FieldStart.step(byte, dialect),
            },
            State::FieldStart if quote => (State::Quoted, Event::Open),
            State::FieldStart | State::Unquoted => text(State::Unquoted),
            State::Escaped if dialect.backslash().is_some() => (State::Quoted, Event::Text),
            State::Quoted | State::Escaped if quote => (State::QuoteInQuoted, Event::Mark),
            State::Quoted | State::Escaped if dialect.backslash() == Some(byte) => {
                (State::Escaped, Event::Mark)
            }
            State::Quoted | State::Escaped => (State::Quoted, Event::Text),
            State::QuoteInQuoted if quote && dialect.escape == Escape::Double => {
                (State::Quoted, Event::Text)
            }
            State::QuoteInQuoted => text(State::Unquoted),
            State::Comment if dialect.comment.is_none() => text(State::Unquoted),
            State::Comment if byte == b'\n' => (State::RecordStart, Event::CommentEnd),
            State::Comment => (State::Comment, Event::Mark),
        }
    }
}

/// A state and an event as the table holds them. The matches below are identities that the compiler
/// sees through, where an array of states would be one more load on the path from byte to byte.
fn pack((state, event): (State, Event)) -> u8 {
    state as u8 | (event as u8) << 3
}

#[inline(always)]
fn unpack(packed: u8) -> (State, Event) {
    let state = match packed & 7 {
        0 => State::RecordStart,
        1 => State::AfterCr,
        2 => State::FieldStart,
        3 => State::Unquoted,
        4 => State::Quoted,
        5 => State::QuoteInQuoted,
        6 => State::Escaped,
        _ => State::Comment,
    };
    let event = match packed >> 3 & 7 {
        0 => Event::Text,
        1 => Event::Mark,
        2 => Event::Open,
        3 => Event::FieldEnd,
        4 => Event::RecordEnd,
        5 => Event::Blank,
        _ => Event::CommentEnd,
    };
    (state, event)
}

/// The machine of one dialect as a table over seven classes of bytes.
pub(crate) struct Table {
    class: [u8; 256],
    /// By state and class; the upper half is for a byte after some without a meaning.
    next: [u8; 128],
    /// The bytes of all classes but the one without a meaning; some may be there twice.
    pub(crate) stops: [u8; 6],
    pub(crate) quote: Option<u8>,
    backslash: Option<u8>,
}

impl Table {
    pub(crate) fn new(dialect: &Dialect) -> Table {
        let mut class = [0; 256];
        let mut next = [0; 128];
        let members = [
            Some(dialect.delimiter),
            Some(b'\n'),
            Some(b'\r'),
            dialect.quote,
            dialect.backslash(),
            dialect.comment,
        ];
        for (n, byte) in members.into_iter().enumerate() {
            if let Some(byte) = byte {
                class[byte as usize] = n as u8 + 1;
            }
        }
        for n in 0..7 {
            let Some(byte) = (0..=255).find(|&b: &u8| class[b as usize] as usize == n) else {
                continue;
            };
            // Of the bytes without a meaning it makes no difference how many there are.
            let Some(plain) = (0..=255).find(|&b: &u8| class[b as usize] == 0) else {
                continue;
            };
            for state in State::ALL {
                let after = state.step(plain, dialect).0;
                next[n * 8 + state as usize] = pack(state.step(byte, dialect));
                next[64 + n * 8 + state as usize] = pack(after.step(byte, dialect));
            }
        }
        let stops = members.map(|byte| byte.unwrap_or(dialect.delimiter));
        Table {
            class,
            next,
            stops,
            quote: dialect.quote,
            backslash: dialect.backslash(),
        }
    }

    /// Reads any number of bytes without a meaning, at least one.
    #[inline(always)]
    pub(crate) fn plain(&self, state: State) -> State {
        unpack(self.next[state as usize]).0
    }

    #[inline(always)]
    pub(crate) fn step(&self, state: State, byte: u8) -> (State, Event) {
        self.leap(state, false, byte)
    }

    /// Reads a byte, after bytes without a meaning if there is a `gap` before it.
    #[inline(always)]
    pub(crate) fn leap(&self, state: State, gap: bool, byte: u8) -> (State, Event) {
        let row = (gap as u8) << 6 | (self.class[byte as usize] & 7) << 3;
        unpack(self.next[(row | state as u8) as usize & 127])
    }

    /// How many of the bytes ahead leave an open quoted field, or a comment, as it is.
    #[inline(always)]
    pub(crate) fn run(&self, state: State, bytes: &[u8]) -> usize {
        let found = match (state, self.quote, self.backslash) {
            (State::Quoted, Some(quote), None) => memchr(quote, bytes),
            (State::Quoted, Some(quote), Some(backslash)) => memchr2(quote, backslash, bytes),
            (State::Quoted, None, _) => None,
            _ => return 0,
        };
        found.unwrap_or(bytes.len())
    }
}

/// The first line start in `bytes`, entered in `state`: a place where a record, a blank line or a
/// comment begins, with a byte there.
pub(crate) fn line_start(table: &Table, mut state: State, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        if state == State::RecordStart || (state == State::AfterCr && bytes[at] != b'\n') {
            return Some(at);
        }
        let run = table.run(state, &bytes[at..]);
        if run > 0 {
            at += run;
            continue;
        }
        state = table.step(state, bytes[at]).0;
        at += 1;
    }
    None
}

/// Where in bytes that are entered in `state` the first line of a record begins.
pub fn first_line(dialect: &Dialect, state: State, bytes: &[u8]) -> Option<usize> {
    line_start(&Table::new(dialect), state, bytes)
}

/// Why a [`Trace`] stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The quoted field opened at `opener`, in the record at `start`, never closes.
    Broken {
        start: u64,
        opener: u64,
    },
    TooLong(TooLong),
}

/// The machine with its places and its limits, fed from a line start on.
pub(crate) struct Trace<'a> {
    table: &'a Table,
    limits: Limits,
    pub(crate) state: State,
    pub(crate) at: u64,
    /// The first byte of the line being read, or of the last one.
    pub(crate) start: u64,
    opener: u64,
    run: u64,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(table: &'a Table, limits: Limits, at: u64) -> Trace<'a> {
        let state = State::RecordStart;
        Trace {
            table,
            limits,
            state,
            at,
            start: at,
            opener: at,
            run: 0,
        }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<Stop> {
        for &byte in bytes {
            if self.state.open() {
                self.run += 1;
                if self.table.quote == Some(byte) {
                    self.run = 0;
                } else if self.run > self.limits.quote_run {
                    return Some(Stop::Broken {
                        start: self.start,
                        opener: self.opener,
                    });
                }
            } else if self.state.between() && !(self.state == State::AfterCr && byte == b'\n') {
                self.start = self.at;
            }
            let (state, event) = self.table.step(self.state, byte);
            self.state = state;
            if event == Event::Open {
                self.opener = self.at;
                self.run = 0;
            } else if self.table.quote == Some(byte) {
                self.run = 0;
            }
            self.at += 1;
            if !state.between() && self.at - self.start > self.limits.record {
                return Some(Stop::TooLong(too_long(self.start, &self.limits)));
            }
        }
        None
    }

    pub(crate) fn finish(&self) -> Option<Stop> {
        let broken = Stop::Broken {
            start: self.start,
            opener: self.opener,
        };
        self.state.open().then_some(broken)
    }
}

pub(crate) fn too_long(offset: u64, limits: &Limits) -> TooLong {
    TooLong {
        offset,
        limit: limits.record,
        length: limits.record.saturating_add(1),
    }
}

/// One record as [`read_all`] reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub start: u64,
    /// The end of its bytes, without the line end.
    pub end: u64,
    /// The values, quotes taken off. Of a broken record, those that closed before the opener.
    pub fields: Vec<Vec<u8>>,
    /// The quote that opened a field which never closes.
    pub broken: Option<u64>,
}

/// Reads everything, a byte at a time: the oracle of the tests, and fit for a preview.
pub fn read_all(
    bytes: &[u8],
    dialect: &Dialect,
    limits: &Limits,
    body: u64,
) -> Result<Vec<Record>, TooLong> {
    let mut records = Vec::new();
    let mut fields: Vec<Vec<u8>> = Vec::new();
    let mut value = Vec::new();
    let mut state = State::RecordStart;
    let (mut start, mut opener, mut run) = (0, 0, 0);
    let mut at = body as usize;
    loop {
        let byte = bytes.get(at).copied();
        if state.open() {
            run = if byte == dialect.quote { 0 } else { run + 1 };
            if byte.is_none() || run > limits.quote_run {
                let line = memchr2(b'\n', b'\r', &bytes[opener..]);
                let end = line.map_or(bytes.len(), |n| opener + n);
                if (end - start) as u64 > limits.record {
                    return Err(too_long(start as u64, limits));
                }
                let fields = std::mem::take(&mut fields);
                let broken = Some(opener as u64);
                records.push(Record {
                    start: start as u64,
                    end: end as u64,
                    fields,
                    broken,
                });
                value.clear();
                at = end;
                let Some(&byte) = bytes.get(at) else {
                    return Ok(records);
                };
                state = if byte == b'\r' {
                    State::AfterCr
                } else {
                    State::RecordStart
                };
                at += 1;
                continue;
            }
        }
        let Some(byte) = byte else { break };
        if state.between() && !(state == State::AfterCr && byte == b'\n') {
            start = at;
        }
        let (next, event) = state.step(byte, dialect);
        match event {
            Event::Text => match &dialect.wide {
                Some(wide) if byte == WIDE => value.extend_from_slice(wide.bytes()),
                _ => value.push(byte),
            },
            Event::Open => (opener, run) = (at, 0),
            Event::FieldEnd => fields.push(std::mem::take(&mut value)),
            Event::RecordEnd => {
                fields.push(std::mem::take(&mut value));
                let fields = std::mem::take(&mut fields);
                let (start, end) = (start as u64, at as u64);
                records.push(Record {
                    start,
                    end,
                    fields,
                    broken: None,
                });
            }
            Event::Mark | Event::Blank | Event::CommentEnd => {}
        }
        if dialect.quote == Some(byte) {
            run = 0;
        }
        state = next;
        at += 1;
        if !state.between() && (at - start) as u64 > limits.record {
            return Err(too_long(start as u64, limits));
        }
    }
    if !state.between() && state != State::Comment {
        fields.push(value);
        records.push(Record {
            start: start as u64,
            end: at as u64,
            fields,
            broken: None,
        });
    }
    Ok(records)
}
