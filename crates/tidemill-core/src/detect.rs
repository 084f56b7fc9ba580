//! What a file is and where its data begin, found in the first MiB of it and in nothing else, so
//! that a stream and a file of the same bytes are read the same way.
//!
//! What is likely is said by [`crate::sniff`]; here it is held against the reader itself, and what
//! the recipe states is taken as it is.

use std::borrow::Cow;

use serde::Serialize;
use tidemill_csv::{Dialect, Limits, Ragged, Record, WIDE, Wide, read_all};

use crate::decode::{Decoded, Decoder, Decoding};
use crate::error::{Failure, Fault, FaultKind, RecipeError};
use crate::recipe::{Header, RaggedWord, Read};
use crate::sniff::charset::{Charset, charset};
use crate::sniff::{Finding, LineEnd, Sniffed, escape_word, magic, sniff};
use crate::source::Source;

/// How many bytes are looked at.
pub const WINDOW: usize = 1 << 20;

/// What was found, and where the data begin.
#[derive(Clone, Debug, Default)]
pub struct Detected {
    pub dialect: Dialect,
    pub header: Vec<String>,
    /// Whether the names stand in the file, and in how many rows.
    pub has_header: bool,
    pub header_rows: u64,
    /// Whether the columns have names at all: those of the file, or given ones.
    pub named: bool,
    /// The first column had no name, since it holds the names of the rows.
    pub row_names: bool,
    pub ragged: Ragged,
    /// Lines before the table that are no comments.
    pub skip_rows: u64,
    /// The offset of the first data record.
    pub body: u64,
    /// Lines before the body, and how many of them are neither header nor data.
    pub lines: u64,
    pub skipped: u64,
    pub encoding: String,
    pub decoding: Decoding,
    pub line_end: LineEnd,
    pub findings: Vec<Finding>,
    pub limits: Limits,
}

impl Detected {
    /// What makes the stream of the host's bytes, where they are not the stream.
    pub fn decoder(&self) -> Option<Decoder> {
        (!self.decoding.is_none()).then(|| Decoder::new(&self.decoding))
    }

    /// A source of the stream, where the host's is not one.
    pub fn decoded<'a>(&self, source: &'a dyn Source) -> Option<Decoded<'a>> {
        (!self.decoding.is_none()).then(|| Decoded::new(source, self.decoding))
    }

    /// What `header` in `[read]` would say.
    pub fn stated_header(&self) -> Header {
        match (self.row_names, self.header_rows) {
            // The name that the file lacks has to be said, and so all of them.
            (true, _) => Header::Names(self.header.clone()),
            (false, 0) if self.named => Header::Names(self.header.clone()),
            (false, 0) => Header::None,
            (false, 1) => Header::First,
            (false, rows) => Header::Rows(rows as u32),
        }
    }

    /// What `skip_rows` in `[read]` would say: names that are said are not read.
    pub fn stated_skip(&self) -> u64 {
        if self.row_names {
            self.lines
        } else {
            self.skip_rows
        }
    }

    /// `[read]` with nothing left to be detected.
    pub fn read(&self) -> Stated {
        let text = |byte: u8| String::from_utf8_lossy(&[byte]).into_owned();
        Stated {
            encoding: self.encoding.clone(),
            delimiter: String::from_utf8_lossy(self.dialect.delimiter_text()).into_owned(),
            quote: self.dialect.quote.map_or("none".to_string(), text),
            escape: escape_word(self.dialect.escape),
            comment: self.dialect.comment.map_or("none".to_string(), text),
            skip_rows: self.stated_skip(),
            header: match self.stated_header() {
                Header::Names(names) => StatedHeader::Names(names),
                _ => StatedHeader::Rows(self.header_rows),
            },
            ragged: match self.ragged {
                Ragged::Pad => "pad",
                Ragged::Reject => "reject",
            },
        }
    }

    /// Everything as JSON: the dialect as `[read]` has it, the columns, and the evidence.
    pub fn json(&self) -> String {
        let told = Told {
            tidemill: env!("CARGO_PKG_VERSION"),
            read: self.read(),
            line_end: self.line_end.word(),
            columns: &self.header,
            evidence: &self.findings,
        };
        serde_json::to_string(&told).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Told<'a> {
    tidemill: &'static str,
    read: Stated,
    line_end: &'static str,
    columns: &'a [String],
    evidence: &'a [Finding],
}

/// How an input is read, as a recipe says it.
#[derive(Clone, Debug, Serialize)]
pub struct Stated {
    encoding: String,
    delimiter: String,
    quote: String,
    escape: &'static str,
    comment: String,
    skip_rows: u64,
    header: StatedHeader,
    ragged: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum StatedHeader {
    Rows(u64),
    Names(Vec<String>),
}

/// [`detect`] for an input that has a name to be shown, and that must have a header.
pub fn named(shown: &str, window: &[u8], read: &Read) -> Result<Detected, Failure> {
    checked(shown, window, || detect(window, read))
}

/// [`detect_as`] for such an input.
pub fn named_as(
    shown: &str,
    window: &[u8],
    read: &Read,
    charset: &Charset,
) -> Result<Detected, Failure> {
    checked(shown, window, || detect_as(window, read, charset))
}

fn checked(
    shown: &str,
    window: &[u8],
    detect: impl FnOnce() -> Result<Detected, Failure>,
) -> Result<Detected, Failure> {
    if window.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            shown,
            "an empty file",
            "delimited text with a header",
        )
        .hint("whatever was to write it has written nothing")
        .into());
    }
    let detected = detect().map_err(|failure| match failure {
        Failure::Fault(mut fault) => {
            fault.place = match fault.place.as_str() {
                "input" => shown.to_string(),
                place => format!("{shown}, {place}"),
            };
            Failure::Fault(fault)
        }
        other => other,
    })?;
    if detected.header.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            shown,
            "no header",
            "a first line with the names of the columns",
        )
        .hint("the file holds only blank lines or comments")
        .into());
    }
    Ok(detected)
}

/// Finds what the recipe does not state. `window` is the first MiB of the file, or all of it.
pub fn detect(window: &[u8], read: &Read) -> Result<Detected, Failure> {
    if let Some(name) = read.decoded {
        return detect_as(window, read, &Charset::decoded(name));
    }
    magic::refuse(window)?;
    let charset = charset(window, read.encoding);
    if charset.unicode.is_none() {
        return Err(Fault::new(
            FaultKind::Input,
            "input",
            format!("text in {}", charset.name),
            "UTF-8 or UTF-16",
        )
        .hint(format!(
            "decode it first: iconv -f {} -t UTF-8 FILE",
            charset.name
        ))
        .into());
    }
    detect_as(window, read, &charset)
}

/// [`detect`] for a file whose encoding is known. If the core does not decode it, the host has: then
/// `window` is the first MiB of what came out.
pub fn detect_as(window: &[u8], read: &Read, charset: &Charset) -> Result<Detected, Failure> {
    magic::refuse(window)?;
    let mut decoding = Decoding {
        from: charset.unicode.unwrap_or_default(),
        wide: None,
    };
    let whole = window.len() < WINDOW;
    let decode = |decoding: &Decoding| match (decoding.is_none(), whole) {
        (true, _) => Cow::Borrowed(window),
        (false, true) => Cow::Owned(decoding.all(window)),
        (false, false) => Cow::Owned(decoding.beginning(window)),
    };
    let text = decode(&decoding);
    magic::refuse_text(&text)?;
    let marked = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let unmarked = &text[marked..];
    let given = read
        .skip_rows
        .map_or(0, |rows| skip_lines(unmarked, 0, rows).0);
    let sniffed = sniff(&unmarked[given..], whole, read);
    decoding.wide = Wide::new(&sniffed.delimiter);
    let dialect = dialect(&sniffed)?;
    let stream = decode(&decoding);
    let (start, skipped_lines) = skip_lines(&stream, marked, sniffed.skip_rows);
    let mut detected = Detected {
        dialect,
        encoding: charset.name.to_string(),
        decoding,
        body: start as u64,
        lines: skipped_lines,
        skipped: skipped_lines,
        skip_rows: sniffed.skip_rows,
        row_names: sniffed.row_names,
        line_end: sniffed.line_end,
        ragged: match read.ragged {
            Some(RaggedWord::Pad) => Ragged::Pad,
            None if sniffed.padded => Ragged::Pad,
            _ => Ragged::Reject,
        },
        findings: std::iter::once(charset.finding.clone())
            .chain(sniffed.findings)
            .collect(),
        limits: Limits::default(),
        ..Detected::default()
    };
    match &read.header {
        Header::Names(names) => {
            detected.header = names.clone();
            detected.named = true;
        }
        _ if sniffed.header_rows == 0 => {
            let first = first_record(&stream[start..], &dialect, &detected.limits);
            let width = first.as_ref().map_or(0, |(record, ..)| record.fields.len());
            detected.header = (1..=width).map(|at| format!("column{at}")).collect();
        }
        _ => header(&mut detected, &stream, sniffed.header_rows, whole)?,
    }
    Ok(detected)
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn dialect(sniffed: &Sniffed) -> Result<Dialect, Failure> {
    let (delimiter, wide) = match sniffed.delimiter.as_slice() {
        [byte] => (*byte, None),
        text => (WIDE, Wide::new(text)),
    };
    let dialect = Dialect {
        delimiter,
        wide,
        quote: sniffed.quote,
        escape: sniffed.escape,
        comment: sniffed.comment,
    };
    dialect.check().map_err(|error| {
        RecipeError::new("read", error.to_string(), "three different characters")
    })?;
    Ok(dialect)
}

/// Reads the names from the first records of the body.
fn header(detected: &mut Detected, stream: &[u8], rows: u64, whole: bool) -> Result<(), Failure> {
    detected.has_header = true;
    detected.named = true;
    let mut joined: Vec<Vec<u8>> = Vec::new();
    for row in 0..rows {
        let start = detected.body as usize;
        let text = &stream[start..];
        // One record more than the header tells whether the header is whole.
        let Some((record, end, lines, skipped)) =
            first_record(text, &detected.dialect, &detected.limits)
        else {
            break;
        };
        if end == text.len() && !whole {
            return Err(
                Fault::limit("header", "a first record", text.len() as u64, WINDOW as u64)
                    .hint("is the file delimited text?")
                    .into(),
            );
        }
        if let Some(opener) = record.broken {
            return Err(Fault::new(
                FaultKind::Input,
                format!("header (byte {})", start as u64 + opener),
                "a quote that does not end",
                "a closing quote",
            )
            .hint("with quote = \"none\" in [read], quotes are ordinary characters")
            .into());
        }
        detected.header_rows = row + 1;
        detected.body = (start + end) as u64;
        detected.lines += lines;
        detected.skipped += skipped;
        if joined.len() < record.fields.len() {
            joined.resize(record.fields.len(), Vec::new());
        }
        for (name, field) in joined.iter_mut().zip(record.fields) {
            let part = if rows > 1 { field.trim_ascii() } else { &field };
            if !name.is_empty() && !part.is_empty() {
                name.push(b' ');
            }
            name.extend_from_slice(part);
        }
    }
    if detected.row_names {
        joined.insert(0, Vec::new());
    }
    detected.header = names(&joined);
    Ok(())
}

/// Names as they stand in the file. An empty name is given one by its position, and a name that
/// came before gets a number, so that each column can be asked for.
fn names(fields: &[Vec<u8>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(fields.len());
    let mut seen = std::collections::BTreeSet::new();
    for (at, field) in fields.iter().enumerate() {
        let text = String::from_utf8_lossy(field).into_owned();
        let wanted = if text.is_empty() {
            format!("column{}", at + 1)
        } else {
            text
        };
        let mut name = wanted.clone();
        let mut number = 2;
        while !seen.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The first record, where the next begins, the lines up to there, and those of them that are
/// blank or comments.
fn first_record(
    text: &[u8],
    dialect: &Dialect,
    limits: &Limits,
) -> Option<(Record, usize, u64, u64)> {
    // Reading on costs little and a header is short: the window grows until a second record begins.
    let mut size = 4096;
    loop {
        let part = &text[..size.min(text.len())];
        let records = read_all(part, dialect, limits, 0).unwrap_or_default();
        let whole = part.len() == text.len();
        let mut records = records.into_iter();
        match (records.next(), records.next()) {
            (Some(first), Some(second)) if first.broken.is_none() || whole => {
                let end = second.start as usize;
                return Some(count(first, part, end));
            }
            (Some(first), _) if whole => {
                let end = part.len();
                return Some(count(first, part, end));
            }
            (None, _) if whole => return None,
            _ => size *= 8,
        }
    }
}

/// The body begins right behind the header's line end: blank and comment lines that follow are
/// the body's, where they are counted.
fn count(first: Record, text: &[u8], end: usize) -> (Record, usize, u64, u64) {
    // The end of the header's own line.
    let mut body = first.end as usize;
    if body < end && text.get(body) == Some(&b'\r') {
        body += 1;
    }
    if body < end && text.get(body) == Some(&b'\n') {
        body += 1;
    }
    let before = lines(&text[..first.start as usize]);
    let within = lines(&text[first.start as usize..body]).max(1);
    (first, body, before + within, before)
}

/// Line ends: LF, CR, or both together.
pub fn lines(text: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', text).count();
    let lone = memchr::memchr_iter(b'\r', text)
        .filter(|at| text.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + lone) as u64
}

fn skip_lines(window: &[u8], from: usize, count: u64) -> (usize, u64) {
    let mut at = from;
    let mut skipped = 0;
    while skipped < count && at < window.len() {
        match memchr::memchr2(b'\n', b'\r', &window[at..]) {
            None => at = window.len(),
            Some(end) => {
                let crlf = window[at + end] == b'\r' && window.get(at + end + 1) == Some(&b'\n');
                at += end + 1 + usize::from(crlf);
            }
        }
        skipped += 1;
    }
    (at, skipped)
}
