//! What a block of bytes does to the reader, whichever state it is entered in.
//!
//! A seam is computed from its block alone, so blocks are scanned in parallel, and it composes, so
//! the state at every block's entry is known afterwards and no split is guessed. Two hypotheses
//! (entered outside quotes, entered inside) are tried by the parity of the quotes in one pass, and
//! one counts only if every quote stands where the state machine would honour it; the states no
//! hypothesis decides are run through the machine until they meet one that is decided.

use memchr::{memchr, memrchr};

use crate::dialect::{Dialect, Escape, Limits};
use crate::machine::{Event, State, Table};
use crate::scan::{self, Isa, Stops};

/// Where a block entered in some state is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exit {
    pub state: State,
    /// The opener of the quoted field that is still open, or broken, as an offset in the block;
    /// `None` if it opened before the block, or no field is open.
    pub opener: Option<u64>,
    /// A quoted field ran over [`Limits::quote_run`] in the block, and `opener` opened it. Nothing
    /// after that point was read, and `state` says nothing.
    pub broken: bool,
}

/// The length of [`Seam::to_bytes`].
pub const SEAM_BYTES: usize = 3 * 8 + 8 * 9;

impl Exit {
    fn at(state: State) -> Exit {
        Exit {
            state,
            opener: None,
            broken: false,
        }
    }
}

/// The effect of a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seam {
    pub len: u64,
    /// Bytes before the first quote byte; `len` if there is none.
    pub lead: u64,
    /// Bytes after the last quote byte; `len` if there is none.
    pub tail: u64,
    exits: [Exit; 8],
}

impl Seam {
    /// The effect of no bytes.
    pub fn identity() -> Seam {
        Seam {
            len: 0,
            lead: 0,
            tail: 0,
            exits: State::ALL.map(Exit::at),
        }
    }

    pub fn scan(block: &[u8], dialect: &Dialect, limits: &Limits) -> Seam {
        Seam::scan_with(Isa::best(), block, dialect, limits)
    }

    /// [`Seam::scan`] with the instructions of `isa`; all give the same seam.
    pub fn scan_with(isa: Isa, block: &[u8], dialect: &Dialect, limits: &Limits) -> Seam {
        if block.is_empty() {
            return Seam::identity();
        }
        let len = block.len();
        let first = dialect.quote.and_then(|quote| memchr(quote, block));
        let last = match (first, dialect.quote) {
            (Some(_), Some(quote)) => memrchr(quote, block),
            _ => None,
        };
        let mut seam = Seam::identity();
        seam.len = len as u64;
        seam.lead = first.unwrap_or(len) as u64;
        seam.tail = last.map_or(len, |last| len - 1 - last) as u64;
        let comments = dialect
            .comment
            .is_some_and(|comment| memchr(comment, block).is_some());
        seam.exits = match (first, dialect.quote) {
            (None, _) if !comments => quoteless(block, dialect, limits),
            (Some(first), Some(quote))
                if dialect.escape == Escape::Double
                    && dialect.comment.is_none()
                    && seam.len <= limits.quote_run =>
            {
                by_parity(isa, block, dialect, quote, first)
            }
            _ => Lockstep::new(dialect, 0xff).exits(isa, block, limits),
        };
        seam
    }

    pub fn exit(&self, entry: State) -> Exit {
        self.exits[entry as usize]
    }

    /// The seam as bytes that are the same everywhere; equal seams give equal bytes.
    pub fn to_bytes(&self) -> [u8; SEAM_BYTES] {
        let mut out = [0; SEAM_BYTES];
        let numbers = [self.len, self.lead, self.tail];
        for (into, number) in out.chunks_exact_mut(8).zip(numbers) {
            into.copy_from_slice(&number.to_le_bytes());
        }
        for (into, exit) in out[24..].chunks_exact_mut(9).zip(&self.exits) {
            into[0] = exit.state as u8 | u8::from(exit.broken) << 7;
            into[1..].copy_from_slice(&exit.opener.unwrap_or(u64::MAX).to_le_bytes());
        }
        out
    }

    /// Reads [`Seam::to_bytes`] back; `None` if the bytes are those of no seam.
    pub fn from_bytes(bytes: &[u8; SEAM_BYTES]) -> Option<Seam> {
        let number = |at: usize| {
            let mut into = [0; 8];
            into.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(into)
        };
        let mut seam = Seam::identity();
        (seam.len, seam.lead, seam.tail) = (number(0), number(8), number(16));
        if seam.lead > seam.len || seam.tail > seam.len {
            return None;
        }
        for (entry, exit) in seam.exits.iter_mut().enumerate() {
            let at = 24 + entry * 9;
            let opener = number(at + 1);
            *exit = Exit {
                state: *State::ALL.get(usize::from(bytes[at] & 0x7f))?,
                opener: (opener != u64::MAX).then_some(opener),
                broken: bytes[at] & 0x80 != 0,
            };
            if exit.opener.is_some_and(|opener| opener >= seam.len) {
                return None;
            }
        }
        Some(seam)
    }

    /// The effect of this block and then the next.
    pub fn then(&self, next: &Seam, limits: &Limits) -> Seam {
        let mut seam = Seam::identity();
        seam.len = self.len + next.len;
        seam.lead = self.lead + if self.lead == self.len { next.lead } else { 0 };
        seam.tail = next.tail + if next.tail == next.len { self.tail } else { 0 };
        for entry in State::ALL {
            let a = self.exit(entry);
            seam.exits[entry as usize] = if a.broken {
                a
            } else if a.state.open() && self.tail + next.lead > limits.quote_run {
                broken(a.opener)
            } else {
                let mut b = next.exit(a.state);
                b.opener = match b.opener {
                    Some(opener) => Some(self.len + opener),
                    None if b.broken || b.state.in_quoted() => a.opener,
                    None => None,
                };
                b
            };
        }
        seam
    }
}

fn broken(opener: Option<u64>) -> Exit {
    Exit {
        state: State::Quoted,
        opener,
        broken: true,
    }
}

/// Where a block that ends outside quotes is left.
fn outside(last: u8, dialect: &Dialect) -> State {
    match last {
        b'\n' => State::RecordStart,
        b'\r' => State::AfterCr,
        b if b == dialect.delimiter => State::FieldStart,
        b if dialect.quote == Some(b) => State::QuoteInQuoted,
        _ => State::Unquoted,
    }
}

/// A block without a quote and without a comment's first byte: its last bytes decide.
fn quoteless(block: &[u8], dialect: &Dialect, limits: &Limits) -> [Exit; 8] {
    let len = block.len();
    let last = block[len - 1];
    let mut exits = [Exit::at(outside(last, dialect)); 8];
    if dialect.comment.is_some() && memchr(b'\n', block).is_none() {
        exits[State::Comment as usize] = Exit::at(State::Comment);
    }
    for entry in [State::Quoted, State::Escaped] {
        exits[entry as usize] = if len as u64 > limits.quote_run {
            broken(None)
        } else {
            let escapes = dialect.backslash().map_or(0, |backslash| {
                block
                    .iter()
                    .rev()
                    .take_while(|&&byte| byte == backslash)
                    .count()
            });
            let taken = entry == State::Escaped && escapes == len;
            let odd = escapes % 2 == 1;
            Exit::at(if odd != taken {
                State::Escaped
            } else {
                State::Quoted
            })
        };
    }
    exits
}

/// Parity where it holds, and the machine for the rest. Only for dialects of doubled quotes without
/// comments, and blocks too short to hold a run over the limit.
fn by_parity(isa: Isa, block: &[u8], dialect: &Dialect, quote: u8, first: usize) -> [Exit; 8] {
    const INSIDE: u8 = 1 << State::Quoted as u8 | 1 << State::Escaped as u8;
    let parity = scan::parity(isa, block, first, dialect.delimiter, quote);
    let mut exits = [Exit::at(State::RecordStart); 8];
    let mut open = 0;
    // A quote in the first byte is a literal one if the block is entered in an unquoted field.
    let literal = if first == 0 {
        1 << State::Unquoted as u8 | 1 << State::Comment as u8
    } else {
        0
    };
    for (valid, entries, inside) in [
        (parity.outside, !INSIDE & !literal, parity.odd),
        (parity.inside, INSIDE, !parity.odd),
    ] {
        if !valid {
            open |= entries;
            continue;
        }
        let last = block[block.len() - 1];
        let state = if inside {
            State::Quoted
        } else {
            outside(last, dialect)
        };
        let opener = if state.in_quoted() {
            opener(block, quote, inside)
        } else {
            None
        };
        for entry in State::ALL
            .into_iter()
            .filter(|&entry| entries >> entry as u8 & 1 == 1)
        {
            // The first byte opens a field, or goes on with one that an earlier block opened.
            let before = matches!(entry, State::QuoteInQuoted | State::Quoted | State::Escaped);
            let opener = opener
                .filter(|&opener| opener > 0 || !before)
                .map(|at| at as u64);
            exits[entry as usize] = Exit {
                state,
                opener,
                broken: false,
            };
        }
    }
    open |= literal;
    if open != 0 {
        let known = if parity.outside {
            Some(State::RecordStart)
        } else {
            parity.inside.then_some(State::Quoted)
        };
        let mut lockstep = Lockstep::new(dialect, open | known.map_or(0, |s| 1 << s as u8));
        lockstep.run(isa, block, u64::MAX, known.is_some());
        for entry in State::ALL
            .into_iter()
            .filter(|&entry| open >> entry as u8 & 1 == 1)
        {
            exits[entry as usize] = match (known, lockstep.met) {
                (Some(known), true) => exits[known as usize],
                _ => lockstep.exit(entry),
            };
        }
    }
    exits
}

/// The opener of the field that is open, or just closed, at the end of a block in which every quote
/// opens or closes a field or is half of a doubled one. `None` if it is before the block.
fn opener(block: &[u8], quote: u8, inside: bool) -> Option<usize> {
    let mut at = memrchr(quote, block)?;
    let mut opens = inside;
    loop {
        if opens && (at == 0 || block[at - 1] != quote) {
            return Some(at);
        }
        at = memrchr(quote, &block[..at])?;
        opens = !opens;
    }
}

/// Entry states that have met, and go on as one.
#[derive(Clone, Copy)]
struct Group {
    state: State,
    members: u8,
    /// The opener of all members; `None`: each has its own.
    opener: Option<u64>,
}

/// The machine run from several entry states at once.
struct Lockstep {
    table: Table,
    groups: [Group; 8],
    count: usize,
    openers: [Option<u64>; 8],
    broken: u8,
    /// All states met outside quotes before the block's end, and the run stopped there.
    met: bool,
}

impl Lockstep {
    fn new(dialect: &Dialect, entries: u8) -> Lockstep {
        let mut lockstep = Lockstep {
            table: Table::new(dialect),
            groups: [Group {
                state: State::RecordStart,
                members: 0,
                opener: None,
            }; 8],
            count: 0,
            openers: [None; 8],
            broken: 0,
            met: false,
        };
        for state in State::ALL {
            let members = entries & 1 << state as u8;
            if members != 0 {
                lockstep.groups[lockstep.count] = Group {
                    state,
                    members,
                    opener: None,
                };
                lockstep.count += 1;
            }
        }
        lockstep
    }

    fn exits(mut self, isa: Isa, block: &[u8], limits: &Limits) -> [Exit; 8] {
        self.run(isa, block, limits.quote_run, false);
        State::ALL.map(|entry| self.exit(entry))
    }

    /// To the end of the block, or, with `meet`, to the place where all have met outside quotes.
    fn run(&mut self, isa: Isa, block: &[u8], quote_run: u64, meet: bool) {
        let mut stops = Stops::new(isa, block, self.table.stops);
        // Where the bytes not read begin, and where the run of bytes without a quote does.
        let (mut next, mut run) = (0, 0);
        while self.count > 0 {
            let at = stops.next();
            let byte = block.get(at).copied();
            if byte.is_none() || byte == self.table.quote {
                // Who is inside quotes now has been all the run long.
                if (at - run) as u64 > quote_run {
                    self.break_open();
                }
                run = at + 1;
            }
            let gap = at > next;
            next = at + 1;
            let groups = &mut self.groups[..self.count];
            let Some(byte) = byte else {
                for group in groups.iter_mut().filter(|_| gap) {
                    group.state = self.table.plain(group.state);
                }
                return;
            };
            for group in groups {
                let (state, event) = self.table.leap(group.state, gap, byte);
                group.state = state;
                if event == Event::Open {
                    group.opener = Some(at as u64);
                }
            }
            if self.count > 1 {
                self.merge();
            }
            if meet && self.count == 1 && !self.groups[0].state.in_quoted() {
                self.met = true;
                return;
            }
        }
    }

    fn merge(&mut self) {
        let mut n = 0;
        while n < self.count {
            let first = (0..n).find(|&m| self.groups[m].state == self.groups[n].state);
            let Some(m) = first else {
                n += 1;
                continue;
            };
            if self.groups[m].opener != self.groups[n].opener {
                self.settle(m);
                self.settle(n);
            }
            self.groups[m].members |= self.groups[n].members;
            self.count -= 1;
            self.groups[n] = self.groups[self.count];
        }
    }

    /// Gives each member the group's opener for its own.
    fn settle(&mut self, n: usize) {
        let Group {
            members, opener, ..
        } = self.groups[n];
        if opener.is_some() {
            for (entry, own) in self.openers.iter_mut().enumerate() {
                if members >> entry & 1 == 1 {
                    *own = opener;
                }
            }
        }
        self.groups[n].opener = None;
    }

    /// A run over the limit lies ahead: whoever is inside quotes breaks.
    fn break_open(&mut self) {
        for n in (0..self.count).rev() {
            if self.groups[n].state.open() {
                self.settle(n);
                self.broken |= self.groups[n].members;
                self.count -= 1;
                self.groups[n] = self.groups[self.count];
            }
        }
    }

    fn exit(&self, entry: State) -> Exit {
        let own = self.openers[entry as usize];
        if self.broken >> entry as u8 & 1 == 1 {
            return broken(own);
        }
        let groups = &self.groups[..self.count];
        match groups
            .iter()
            .find(|group| group.members >> entry as u8 & 1 == 1)
        {
            Some(group) if group.state.in_quoted() => Exit {
                state: group.state,
                opener: group.opener.or(own),
                broken: false,
            },
            Some(group) => Exit::at(group.state),
            None => Exit::at(entry),
        }
    }
}
