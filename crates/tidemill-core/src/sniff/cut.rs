//! A sample cut into records and cells in one candidate dialect, with what each quote was worth.
//!
//! It is the reader's machine once more, made to answer other questions: it takes delimiters of any
//! length, keeps the cells as they are written, and reads on behind a quote that does not end.

use memchr::{memchr, memchr2};
use tidemill_csv::Escape;

/// A dialect to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub delimiter: &'a [u8],
    pub quote: Option<u8>,
    pub escape: Escape,
}

#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The bytes as written, quotes and all.
    start: u32,
    end: u32,
    pub quoted: bool,
    /// The quote that opened it closed it too, at its very end.
    pub proper: bool,
    /// It holds a line end.
    pub lines: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub start: u32,
    pub end: u32,
    first: u32,
    pub width: u32,
    /// A quote that does not end: the record is its opener's line.
    pub broken: bool,
}

/// The sample in one reading.
pub struct Cut<'a> {
    pub text: &'a [u8],
    pub records: Vec<Record>,
    cells: Vec<Cell>,
}

impl<'a> Cut<'a> {
    /// Cuts up to `most` records. A text that is not `whole` may end within a record, which is left
    /// out.
    pub fn new(text: &'a [u8], candidate: &Candidate<'_>, whole: bool, most: usize) -> Cut<'a> {
        let mut cut = Cut {
            text,
            records: Vec::new(),
            cells: Vec::new(),
        };
        let mut at = 0;
        while at < text.len() && cut.records.len() < most {
            if matches!(text[at], b'\n' | b'\r') {
                at += 1;
                continue;
            }
            match cut.record(at, candidate, whole) {
                Some(next) => at = next,
                None => break,
            }
        }
        cut
    }

    /// Reads one record; where the next may begin, or nothing if this one is cut.
    fn record(&mut self, start: usize, candidate: &Candidate<'_>, whole: bool) -> Option<usize> {
        let text = self.text;
        let first = self.cells.len();
        let mut at = start;
        loop {
            let opened = candidate
                .quote
                .is_some_and(|quote| text.get(at) == Some(&quote));
            let from = at;
            let mut closed = None;
            if opened {
                match closing(text, at, candidate) {
                    Some(end) => {
                        closed = Some(end);
                        at = end;
                    }
                    None => {
                        // Near the end of a sample the closing quote may be just behind it.
                        if !whole && from > text.len() / 4 * 3 {
                            self.cells.truncate(first);
                            return None;
                        }
                        let end = line_end(text, from);
                        self.put(from, end, true, false);
                        self.close(start, end, first, true);
                        return Some(end);
                    }
                }
            }
            // The rest of the field, which is not quoted.
            loop {
                let byte = text.get(at).copied();
                let delimiter = byte == candidate.delimiter.first().copied()
                    && text[at..].starts_with(candidate.delimiter);
                let ends = matches!(byte, None | Some(b'\n' | b'\r'));
                if !delimiter && !ends {
                    at += 1;
                    continue;
                }
                self.put(from, at, opened, closed == Some(at));
                if delimiter {
                    at += candidate.delimiter.len();
                    break;
                }
                if byte.is_none() && !whole {
                    self.cells.truncate(first);
                    return None;
                }
                self.close(start, at, first, false);
                return Some(at);
            }
        }
    }

    fn put(&mut self, start: usize, end: usize, quoted: bool, proper: bool) {
        let lines = quoted && memchr2(b'\n', b'\r', &self.text[start..end]).is_some();
        self.cells.push(Cell {
            start: start as u32,
            end: end as u32,
            quoted,
            proper,
            lines,
        });
    }

    fn close(&mut self, start: usize, end: usize, first: usize, broken: bool) {
        self.records.push(Record {
            start: start as u32,
            end: end as u32,
            first: first as u32,
            width: (self.cells.len() - first) as u32,
            broken,
        });
    }

    pub fn cells(&self, record: &Record) -> &[Cell] {
        &self.cells[record.first as usize..][..record.width as usize]
    }

    /// What a cell holds, without its quotes; an escape inside stays as it is.
    pub fn value(&self, cell: &Cell) -> &'a [u8] {
        let raw = &self.text[cell.start as usize..cell.end as usize];
        if cell.proper && raw.len() >= 2 {
            &raw[1..raw.len() - 1]
        } else {
            raw
        }
    }

    pub fn line(&self, record: &Record) -> &'a [u8] {
        &self.text[record.start as usize..record.end as usize]
    }
}

/// The place behind the quote that closes the field opened at `at`.
fn closing(text: &[u8], at: usize, candidate: &Candidate<'_>) -> Option<usize> {
    let quote = candidate.quote?;
    let mut next = at + 1;
    loop {
        let rest = text.get(next..)?;
        let found = match candidate.escape {
            Escape::Backslash => memchr2(quote, b'\\', rest)?,
            Escape::None | Escape::Double => memchr(quote, rest)?,
        };
        let byte = rest[found];
        next += found + 1;
        let doubled = candidate.escape == Escape::Double && text.get(next) == Some(&quote);
        if byte != quote || doubled {
            next += 1;
        } else {
            return Some(next);
        }
    }
}

fn line_end(text: &[u8], from: usize) -> usize {
    memchr2(b'\n', b'\r', &text[from..]).map_or(text.len(), |end| from + end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidemill_csv::{Dialect, Limits, read_all};

    use super::*;

    proptest! {
        #[test]
        fn a_sample_is_cut_as_the_reader_cuts_it(
            text in "[ab,;\"'\\\\\n\r]{0,40}",
            quote in prop_oneof![Just(Some(b'"')), Just(Some(b'\'')), Just(None)],
            escape in prop_oneof![
                Just(Escape::Double), Just(Escape::Backslash), Just(Escape::None)
            ],
        ) {
            let dialect = Dialect { quote, escape, ..Dialect::default() };
            let candidate = Candidate { delimiter: b",", quote, escape };
            let cut = Cut::new(text.as_bytes(), &candidate, true, usize::MAX);
            let read = read_all(text.as_bytes(), &dialect, &Limits::default(), 0).unwrap();
            prop_assert_eq!(cut.records.len(), read.len());
            for (cut, read) in cut.records.iter().zip(&read) {
                prop_assert_eq!(u64::from(cut.start), read.start);
                prop_assert_eq!(u64::from(cut.end), read.end);
                prop_assert_eq!(cut.broken, read.broken.is_some());
                if !cut.broken {
                    prop_assert_eq!(cut.width as usize, read.fields.len());
                }
            }
        }
    }
}
