//! How a file is delimited, found in the first MiB of the stream and in nothing else, so that a
//! stream and a file of the same bytes are read the same way.
//!
//! The method is a small one: of the usual delimiters, the one under which most records have the
//! same number of fields, the more fields the better. Whatever the recipe states is taken as it is.

use tidemill_csv::{Dialect, Escape, Limits, Record, read_all};

use crate::error::{Failure, Fault, FaultKind, RecipeError};
use crate::recipe::{Header, Read};

/// How many bytes are looked at.
pub const WINDOW: usize = 1 << 20;
/// How many records are compared for the delimiter.
const SAMPLE: usize = 200;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// What was found, and where the data begin.
#[derive(Clone, Debug, Default)]
pub struct Detected {
    pub dialect: Dialect,
    pub header: Vec<String>,
    /// Whether the names stand in the file.
    pub has_header: bool,
    /// The offset of the first data record.
    pub body: u64,
    /// Lines before the body, and how many of them are neither header nor data.
    pub lines: u64,
    pub skipped: u64,
    pub encoding: String,
    pub limits: Limits,
}

/// [`detect`] for an input that has a name to be shown, and that must have a header.
pub fn named(shown: &str, window: &[u8], read: &Read) -> Result<Detected, Failure> {
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
    let detected = detect(window, read).map_err(|failure| match failure {
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

/// Finds what the recipe does not state. `window` is the first MiB of the stream, or all of it.
pub fn detect(window: &[u8], read: &Read) -> Result<Detected, Failure> {
    refuse_binary(window)?;
    let bom = if window.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let (start, skipped_lines) = skip_lines(window, bom, read.skip_rows);
    let text = &window[start..];
    let escape = read.escape.unwrap_or(Escape::Double);
    let base = Dialect {
        delimiter: read.delimiter.unwrap_or(b','),
        quote: read.quote.unwrap_or(Some(b'"')),
        escape,
        comment: read.comment,
    };
    let dialect = match read.delimiter {
        Some(_) => base,
        None => Dialect {
            delimiter: delimiter(text, &base),
            ..base
        },
    };
    dialect.check().map_err(|error| {
        RecipeError::new("read", error.to_string(), "three different characters")
    })?;
    let limits = Limits::default();
    let mut detected = Detected {
        dialect,
        encoding: "utf-8".to_string(),
        body: start as u64,
        lines: skipped_lines,
        skipped: skipped_lines,
        limits,
        ..Detected::default()
    };
    // One record more than the header tells whether the header is whole.
    let first = first_record(text, &dialect, &limits);
    match &read.header {
        Header::Names(names) => detected.header = names.clone(),
        Header::None => {
            let width = first.as_ref().map_or(0, |(record, ..)| record.fields.len());
            detected.header = (1..=width).map(|at| format!("column{at}")).collect();
        }
        Header::First => {
            detected.has_header = true;
            if let Some((record, end, lines, skipped)) = first {
                if end == text.len() && window.len() >= WINDOW {
                    return Err(Fault::limit(
                        "header",
                        "a first record",
                        text.len() as u64,
                        WINDOW as u64,
                    )
                    .hint("is the file delimited text?")
                    .into());
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
                detected.header = names(&record);
                detected.body = (start + end) as u64;
                detected.lines += lines;
                detected.skipped += skipped;
            }
        }
    }
    Ok(detected)
}

/// Names as they stand in the file. An empty name is given one by its position, and a name that
/// came before gets a number, so that each column can be asked for.
fn names(record: &Record) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(record.fields.len());
    let mut seen = std::collections::BTreeSet::new();
    for (at, field) in record.fields.iter().enumerate() {
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

fn delimiter(text: &[u8], base: &Dialect) -> u8 {
    let sample = &text[..text.len().min(1 << 16)];
    let mut best = (0u64, base.delimiter);
    for delimiter in DELIMITERS {
        let dialect = Dialect { delimiter, ..*base };
        if dialect.check().is_err() {
            continue;
        }
        let records = read_all(sample, &dialect, &Limits::default(), 0).unwrap_or_default();
        // The last record of a cut sample may be cut too.
        let whole = if sample.len() < text.len() {
            records.len().saturating_sub(1).max(1)
        } else {
            records.len()
        };
        let widths: Vec<usize> = records
            .iter()
            .take(whole.min(SAMPLE))
            .filter(|record| record.broken.is_none())
            .map(|record| record.fields.len())
            .collect();
        let Some(&first) = widths.first() else {
            continue;
        };
        if first < 2 {
            continue;
        }
        let alike = widths.iter().filter(|width| **width == first).count() as u64;
        // Consistency first, in thousandths; then the number of fields.
        let score = alike * 1000 / widths.len() as u64 * 1000 + (first as u64).min(999);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// Files that are not delimited text, by their first bytes, with what to do instead.
fn refuse_binary(window: &[u8]) -> Result<(), Fault> {
    const KNOWN: [(&[u8], &str, &str); 12] = [
        (b"\x89PNG", "a PNG picture", ""),
        (
            b"PK\x03\x04",
            "a ZIP archive or an Excel workbook",
            "unpack it, or save the sheet as CSV",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "an old Excel workbook",
            "save the sheet as CSV",
        ),
        (b"PAR1", "a Parquet file", "export it as CSV"),
        (b"%PDF", "a PDF document", ""),
        (
            b"\x1f\x8b",
            "gzip",
            "unpack it first: gzip -dc FILE | tidemill ... -",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "zstd",
            "unpack it first: zstd -dc FILE | tidemill ... -",
        ),
        (
            b"BZh",
            "bzip2",
            "unpack it first: bzip2 -dc FILE | tidemill ... -",
        ),
        (
            b"\xfd7zXZ",
            "xz",
            "unpack it first: xz -dc FILE | tidemill ... -",
        ),
        (
            b"\xff\xfe",
            "UTF-16 text",
            "convert it first: iconv -f UTF-16 -t UTF-8 FILE",
        ),
        (
            b"\xfe\xff",
            "UTF-16 text",
            "convert it first: iconv -f UTF-16 -t UTF-8 FILE",
        ),
        (
            b"SQLite format 3",
            "an SQLite database",
            "export a table as CSV",
        ),
    ];
    let refuse = |found: &str, hint: &str| {
        let fault = Fault::new(FaultKind::Input, "input", found, "delimited text in UTF-8");
        Err(if hint.is_empty() {
            fault
        } else {
            fault.hint(hint)
        })
    };
    for (magic, found, hint) in KNOWN {
        if window.starts_with(magic) {
            return refuse(found, hint);
        }
    }
    // A stray NUL in a text is data; many of them are not text.
    let zeros = memchr::memchr_iter(0, window).count();
    if zeros > 8 && zeros * 50 > window.len() {
        return refuse(
            &format!(
                "binary data ({zeros} NUL bytes in the first {} bytes)",
                window.len()
            ),
            "",
        );
    }
    Ok(())
}
