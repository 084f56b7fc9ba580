//! The one file in a ZIP archive (PKWARE's APPNOTE, sections 4.3.7 and 4.3.12 to 4.3.16). The list of files stands at
//! the end, so [`Archive`] says which bytes it wants to see, and is given them by its host.

use std::ops::Range;

use crate::Form;

/// The most that a list of files may take: archives with many files are refused anyway.
const LIST: u64 = 16 << 20;
const EXPECTED: &str = "a ZIP archive with one text file in it";
const DAMAGED: &str = "was it cut off? unzip -t says more";

/// Why an archive is not read. A hint may speak of `FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub found: String,
    pub expected: &'static str,
    pub hint: String,
}

fn refusal(found: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal {
        found: found.into(),
        expected: EXPECTED,
        hint: hint.into(),
    }
}

fn broken(what: &str) -> Refusal {
    refusal(
        format!("a ZIP archive that cannot be read: {what}"),
        DAMAGED,
    )
}

/// Why an archive that comes as a stream is not read.
pub fn streamed() -> Refusal {
    Refusal {
        found: "an archive as a stream, whose list of files comes last".to_string(),
        expected: "an archive as a file",
        hint: "save it to a file first, or: unzip -p FILE | tidemill ... -".to_string(),
    }
}

/// A file in an archive.
#[derive(Debug)]
struct Entry {
    name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: u64,
    header: u64,
}

#[derive(Debug)]
enum State {
    /// The end of the archive, which says where its list is.
    Tail,
    /// The numbers that do not fit there.
    Wide,
    List,
    /// What stands before the data once more, with a length of its own.
    Local(Entry),
    Found(Form),
}

/// An archive on the way to the data of its one file.
#[derive(Debug)]
pub struct Archive {
    length: u64,
    wants: Range<u64>,
    state: State,
}

impl Archive {
    /// An archive of so many bytes.
    pub fn new(length: u64) -> Archive {
        let tail = length.min(22 + 0xffff + 20);
        Archive {
            length,
            wants: length - tail..length,
            state: State::Tail,
        }
    }

    /// The bytes that are to be given next; those of the data, once they are found.
    pub fn wants(&self) -> Range<u64> {
        self.wants.clone()
    }

    /// How the data are packed, once they are found.
    pub fn form(&self) -> Option<Form> {
        match self.state {
            State::Found(form) => Some(form),
            _ => None,
        }
    }

    /// Takes the bytes that were wanted.
    pub fn give(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if bytes.len() as u64 != self.wants.end - self.wants.start {
            return Err(broken("it is shorter than its list of files says"));
        }
        match std::mem::replace(&mut self.state, State::Tail) {
            State::Tail => self.tail(bytes),
            State::Wide => self.list_at(longer(bytes, 48), longer(bytes, 40)),
            State::List => self.list(bytes),
            State::Local(entry) => self.local(bytes, &entry),
            found @ State::Found(_) => {
                self.state = found;
                Ok(())
            }
        }
    }

    fn want(&mut self, from: u64, length: u64, state: State) -> Result<(), Refusal> {
        let end = from.checked_add(length).filter(|&end| end <= self.length);
        let end = end.ok_or_else(|| broken("it is shorter than its list of files says"))?;
        self.wants = from..end;
        self.state = state;
        Ok(())
    }

    fn tail(&mut self, end: &[u8]) -> Result<(), Refusal> {
        let mark = b"PK\x05\x06";
        let last = end.len().checked_sub(22);
        let at = last.and_then(|last| (0..=last).rev().find(|&at| end[at..].starts_with(mark)));
        let at = at.ok_or_else(|| broken("its end is missing"))?;
        let (size, offset) = (long(end, at + 12), long(end, at + 16));
        if size == u32::MAX || offset == u32::MAX || short(end, at + 10) == u16::MAX {
            let locator = at
                .checked_sub(20)
                .filter(|&at| end[at..].starts_with(b"PK\x06\x07"))
                .ok_or_else(|| broken("the place of its list is missing"))?;
            return self.want(longer(end, locator + 8), 56, State::Wide);
        }
        self.list_at(u64::from(offset), u64::from(size))
    }

    fn list_at(&mut self, offset: u64, size: u64) -> Result<(), Refusal> {
        if size > LIST {
            return Err(broken("its list of files is longer than 16 MiB"));
        }
        self.want(offset, size, State::List)
    }

    fn list(&mut self, list: &[u8]) -> Result<(), Refusal> {
        let entries: Vec<Entry> = entries(list)?
            .into_iter()
            .filter(|entry| !entry.name.ends_with('/') && !entry.name.starts_with("__MACOSX/"))
            .collect();
        let names = || -> Vec<&str> { entries.iter().take(5).map(|e| e.name.as_str()).collect() };
        match entries.len() {
            1 => {}
            0 => {
                return Err(refusal(
                    "an archive without a file",
                    "pack one text file in it",
                ));
            }
            several => {
                return Err(refusal(
                    format!("{several} files: {}", names().join(", ")),
                    format!(
                        "choose one: unzip -p FILE '{}' | tidemill ... -",
                        names()[0]
                    ),
                ));
            }
        }
        for entry in entries {
            if entry.encrypted {
                return Err(refusal(
                    format!("\"{}\" is encrypted", entry.name),
                    "unpack it first: unzip FILE",
                ));
            }
            if entry.method != 0 && entry.method != 8 {
                return Err(refusal(
                    format!("\"{}\" is packed by method {}", entry.name, entry.method),
                    "unpack it first: unzip FILE",
                ));
            }
            self.want(entry.header, 30, State::Local(entry))?;
        }
        Ok(())
    }

    fn local(&mut self, local: &[u8], entry: &Entry) -> Result<(), Refusal> {
        if !local.starts_with(b"PK\x03\x04") {
            return Err(broken("its file is not where its list says"));
        }
        let skip = 30 + u64::from(short(local, 26)) + u64::from(short(local, 28));
        let form = match entry.method {
            0 => Form::Stored(entry.crc),
            _ => Form::Deflated(entry.crc),
        };
        self.want(
            entry.header.saturating_add(skip),
            entry.packed,
            State::Found(form),
        )
    }
}

fn entries(mut rest: &[u8]) -> Result<Vec<Entry>, Refusal> {
    let mut entries = Vec::new();
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= 46 {
        let name_length = usize::from(short(rest, 28));
        let extra_length = usize::from(short(rest, 30));
        let whole = 46 + name_length + extra_length + usize::from(short(rest, 32));
        let (Some(name), Some(extra)) = (
            rest.get(46..46 + name_length),
            rest.get(46 + name_length..46 + name_length + extra_length),
        ) else {
            return Err(broken("its list is cut"));
        };
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: short(rest, 10),
            encrypted: short(rest, 8) & 1 == 1,
            crc: long(rest, 16),
            packed: u64::from(long(rest, 20)),
            header: u64::from(long(rest, 42)),
        };
        widen(&mut entry, long(rest, 24), extra);
        entries.push(entry);
        rest = rest.get(whole..).unwrap_or_default();
    }
    Ok(entries)
}

/// Takes the numbers of an entry that do not fit in 32 bits from its extra data.
fn widen(entry: &mut Entry, unpacked: u32, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (kind, length) = (short(extra, 0), usize::from(short(extra, 2)));
        let data = extra.get(4..4 + length).unwrap_or_default();
        if kind == 1 {
            // Those that are there stand in this order.
            let mut numbers = data.chunks_exact(8).map(|eight| longer(eight, 0));
            if unpacked == u32::MAX {
                numbers.next();
            }
            if entry.packed == u64::from(u32::MAX) {
                entry.packed = numbers.next().unwrap_or(entry.packed);
            }
            if entry.header == u64::from(u32::MAX) {
                entry.header = numbers.next().unwrap_or(entry.header);
            }
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn longer(bytes: &[u8], at: usize) -> u64 {
    u64::from(long(bytes, at)) | u64::from(long(bytes, at + 4)) << 32
}
