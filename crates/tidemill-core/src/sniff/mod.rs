//! How a file is delimited, found in a sample of its beginning, with the evidence.
//!
//! Every dialect that is possible is tried, and the one under which the sample looks most like a
//! table wins: its records are alike, and its cells look like values. The measure descends from van
//! den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
//! (2019); instead of all records it asks those of the table, whose beginning and end it finds
//! first, so that titles and totals do not weigh. Only sums and products of small numbers are
//! compared, and in one order, so every host comes to the same answer.

pub mod charset;
mod cut;
pub mod look;
pub mod magic;
mod table;

use memchr::{memchr, memchr_iter, memmem};
use serde::Serialize;
use tidemill_csv::Escape;

use crate::recipe::{Header, Read};
use cut::{Candidate, Cut};
use table::{Stated, Table};

/// How much of the window is tried in every dialect, and how many records.
const SAMPLE: usize = 1 << 16;
const RECORDS: usize = 1000;

/// The delimiters that are tried, in the order in which they win a draw, and how likely each is
/// before anything is known.
const DELIMITERS: &[(&[u8], f64)] = &[
    (b",", 1.0),
    (b"\t", 1.0),
    (b";", 1.0),
    (b"|", 1.0),
    ("，".as_bytes(), 0.8),
    ("；".as_bytes(), 0.8),
    ("｜".as_bytes(), 0.9),
    (b", ", 1.0),
    (b"^", 0.9),
    (b"~", 0.9),
    (b"\x01", 1.0),
    (b"\x1f", 1.0),
    (b":", 0.6),
    (b" ", 0.7),
];

/// The line ends of the sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    #[default]
    Lf,
    CrLf,
    Cr,
    Mixed,
    None,
}

impl LineEnd {
    pub fn word(self) -> &'static str {
        match self {
            LineEnd::Lf => "lf",
            LineEnd::CrLf => "crlf",
            LineEnd::Cr => "cr",
            LineEnd::Mixed => "mixed",
            LineEnd::None => "none",
        }
    }
}

/// Something that was found, what speaks for it, and how sure it is in percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub what: &'static str,
    pub value: String,
    pub sure: u8,
    pub why: String,
}

/// What a sample looks like.
#[derive(Clone, Debug)]
pub struct Sniffed {
    pub delimiter: Vec<u8>,
    pub quote: Option<u8>,
    pub escape: Escape,
    pub comment: Option<u8>,
    pub line_end: LineEnd,
    /// Lines before the table that are no comments.
    pub skip_rows: u64,
    pub header_rows: u64,
    pub row_names: bool,
    pub padded: bool,
    pub findings: Vec<Finding>,
}

/// Looks at the beginning of a text, of which `whole` says whether it is all. What the recipe
/// states is taken as it is.
pub fn sniff(text: &[u8], whole: bool, read: &Read) -> Sniffed {
    let sample = sample(text, SAMPLE);
    let short = sample.len() == text.len();
    let (sniffed, sure) = attempt(sample, whole && short, read);
    if sure < 50 && !short {
        // A long preamble may fill a sample, but hardly all that there is to see.
        return attempt(text, whole, read).0;
    }
    sniffed
}

/// The first bytes, up to a line end where there is one.
fn sample(text: &[u8], size: usize) -> &[u8] {
    if text.len() <= size {
        return text;
    }
    let end = memchr::memrchr(b'\n', &text[..size]).map_or(size, |at| at + 1);
    &text[..end]
}

struct Tried<'a> {
    candidate: Candidate<'a>,
    table: Table,
    score: f64,
}

fn attempt(text: &[u8], whole: bool, read: &Read) -> (Sniffed, u8) {
    let stated = Stated {
        start: read.skip_rows.is_some(),
        header: read.header != Header::Detect,
        comment: read.comment,
    };
    let mut tried: Vec<Tried<'_>> = Vec::new();
    for (delimiter, prior) in delimiters(text, read) {
        for quote in quotes(text, delimiter, read) {
            for escape in escapes(text, quote, read) {
                let candidate = Candidate {
                    delimiter,
                    quote,
                    escape,
                };
                let cut = Cut::new(text, &candidate, whole, RECORDS);
                if let Some(table) = Table::find(&cut, &candidate, stated) {
                    let score = table.score * prior;
                    tried.push(Tried {
                        candidate,
                        table,
                        score,
                    });
                }
            }
        }
    }
    let mut best = 0;
    for at in 1..tried.len() {
        if tried[at].score > tried[best].score * 1.0001 {
            best = at;
        }
    }
    let Some(mut winner) = tried.get(best) else {
        return (nothing(text, read), 100);
    };
    let alone = single(text);
    let column = read.delimiter.is_none() && winner.score < alone;
    if column && let Some(comma) = tried.iter().find(|tried| tried.candidate.delimiter == b",") {
        winner = comma;
    }
    if read.quote.is_none()
        && let Some(free) = quoted(&tried, winner).or_else(|| unquoted(&tried, winner))
    {
        winner = free;
    }
    let mut rival = alone;
    for other in &tried {
        if other.candidate.delimiter != winner.candidate.delimiter && other.score > rival {
            rival = other.score;
        }
    }
    let sure = if column {
        percent(alone, alone + tried[best].score)
    } else {
        percent(winner.score, winner.score + rival)
    };
    let sniffed = told(text, whole, read, winner, column, sure);
    (sniffed, sure)
}

fn percent(part: f64, whole: f64) -> u8 {
    if whole > 0.0 {
        (part / whole * 100.0) as u8
    } else {
        0
    }
}

/// The delimiters to try: those that are there, or the one that is stated.
fn delimiters<'a>(text: &[u8], read: &'a Read) -> Vec<(&'a [u8], f64)> {
    if let Some(delimiter) = &read.delimiter {
        return vec![(delimiter.as_bytes(), 1.0)];
    }
    let mut all: Vec<(&[u8], f64)> = DELIMITERS
        .iter()
        .copied()
        .filter(|(delimiter, _)| memmem::find(text, delimiter).is_some())
        .collect();
    // A single column is read with a comma too.
    if all.first().is_none_or(|(delimiter, _)| *delimiter != b",") {
        all.insert(0, (b",", 1.0));
    }
    // A comma and a space are one delimiter if no comma stands without the space.
    let commas = memchr_iter(b',', text).count();
    let spaced = memmem::find_iter(text, b", ").count();
    for (delimiter, prior) in &mut all {
        if *delimiter == b", " {
            *prior = if commas == spaced { 1.02 } else { 0.8 };
        }
    }
    all
}

/// The quotes to try. Double quotes are taken where nothing speaks for others.
fn quotes(text: &[u8], delimiter: &[u8], read: &Read) -> Vec<Option<u8>> {
    if let Some(quote) = read.quote {
        return vec![quote];
    }
    let mut all = vec![Some(b'"')];
    let single = memchr_iter(b'\'', text).any(|at| {
        at == 0 || matches!(text[at - 1], b'\n' | b'\r') || text[..at].ends_with(delimiter)
    });
    if single && delimiter != b"'" {
        all.push(Some(b'\''));
    }
    if memchr(b'"', text).is_some() {
        all.push(None);
    }
    all
}

fn escapes(text: &[u8], quote: Option<u8>, read: &Read) -> Vec<Escape> {
    if let Some(escape) = read.escape {
        return vec![escape];
    }
    match quote {
        Some(quote) if memmem::find(text, &[b'\\', quote]).is_some() => {
            vec![Escape::Double, Escape::Backslash]
        }
        _ => vec![Escape::Double],
    }
}

/// A reading in which every quote closes where its field ends and every record is alike, where the
/// best reading takes no byte for a quote: prose in a few large cells may look like a table.
fn quoted<'t, 'a>(tried: &'t [Tried<'a>], winner: &Tried<'a>) -> Option<&'t Tried<'a>> {
    if winner.candidate.quote.is_some() {
        return None;
    }
    let mut best: Option<&Tried<'a>> = None;
    for other in tried {
        let (table, quotes) = (&other.table, &other.table.quotes);
        let proper = quotes.opened > 1 && quotes.proper == quotes.opened;
        let alike = table.width > 1 && table.alike == table.reach;
        if proper && alike && best.is_none_or(|best| other.score > best.score * 1.0001) {
            best = Some(other);
        }
    }
    best
}

/// No quotes at all, where those that are there are hardly ever closed and take lines with them.
fn unquoted<'t, 'a>(tried: &'t [Tried<'a>], winner: &Tried<'a>) -> Option<&'t Tried<'a>> {
    let quotes = &winner.table.quotes;
    if winner.candidate.quote.is_none() {
        // The reading without quotes wins by itself only where quotes make no sense.
        let quoted = tried.iter().find(|other| {
            other.candidate.delimiter == winner.candidate.delimiter
                && other.candidate.quote == Some(b'"')
        })?;
        let worth = &quoted.table.quotes;
        return (worth.swallowed < 3 || worth.swallowed <= worth.proper).then_some(quoted);
    }
    if quotes.swallowed < 3 || quotes.swallowed <= quotes.proper {
        return None;
    }
    tried.iter().find(|other| {
        other.candidate.delimiter == winner.candidate.delimiter && other.candidate.quote.is_none()
    })
}

/// How good a single column is: well, if each line is a number or a date as it stands.
fn single(text: &[u8]) -> f64 {
    let (mut typed, mut lines) = (0usize, 0usize);
    for line in text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .take(RECORDS)
    {
        if line.trim_ascii().is_empty() {
            continue;
        }
        lines += 1;
        typed += usize::from(look::look(line).typed());
    }
    if typed > 0 && typed + 1 + lines / 10 >= lines {
        0.45
    } else {
        0.04
    }
}

fn line_end(text: &[u8]) -> LineEnd {
    let crs = memchr_iter(b'\r', text).count();
    let lfs = memchr_iter(b'\n', text).count();
    let pairs = memmem::find_iter(text, b"\r\n").count();
    match (lfs - pairs > 0, pairs > 0, crs - pairs > 0) {
        (true, false, false) => LineEnd::Lf,
        (false, true, false) => LineEnd::CrLf,
        (false, false, true) => LineEnd::Cr,
        (false, false, false) => LineEnd::None,
        _ => LineEnd::Mixed,
    }
}

/// What is said of a text without a record.
fn nothing(text: &[u8], read: &Read) -> Sniffed {
    Sniffed {
        delimiter: read
            .delimiter
            .as_ref()
            .map_or_else(|| vec![b','], |text| text.clone().into_bytes()),
        quote: read.quote.unwrap_or(Some(b'"')),
        escape: read.escape.unwrap_or_default(),
        comment: read.comment.flatten(),
        line_end: line_end(text),
        skip_rows: 0,
        header_rows: u64::from(read.header == Header::Detect || read.header == Header::First),
        row_names: false,
        padded: false,
        findings: Vec::new(),
    }
}

/// Turns the winning reading into words.
fn told(
    text: &[u8],
    whole: bool,
    read: &Read,
    winner: &Tried<'_>,
    column: bool,
    sure: u8,
) -> Sniffed {
    let Tried {
        candidate, table, ..
    } = winner;
    let cut = Cut::new(text, candidate, whole, RECORDS);
    let (rows, why_header) = match &read.header {
        Header::Detect => table.header(&cut),
        Header::First => (1, "stated"),
        Header::Rows(rows) => (*rows as usize, "stated"),
        Header::None | Header::Names(_) => (0, "stated"),
    };
    let skip_rows = match read.skip_rows {
        Some(rows) => rows,
        None if table.before > 0 => crate::detect::lines(&text[..table.start]),
        None => 0,
    };
    let mut findings = Vec::new();
    let mut add = |what, value: String, sure, why: String| {
        findings.push(Finding {
            what,
            value,
            sure,
            why,
        });
    };
    let stated = "stated in the recipe".to_string();
    let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let sign = |byte: Option<u8>| byte.map_or_else(|| "none".to_string(), |byte| text_of(&[byte]));
    let ends = line_end(text);
    if read.delimiter.is_some() {
        add(
            "delimiter",
            text_of(candidate.delimiter),
            100,
            stated.clone(),
        );
    } else if column {
        add(
            "delimiter",
            text_of(candidate.delimiter),
            sure,
            "no delimiter makes a table of it: a single column".to_string(),
        );
    } else {
        add(
            "delimiter",
            text_of(candidate.delimiter),
            sure,
            format!(
                "{} of {} records have {} fields, and {} % of the cells look like values",
                table.alike,
                table.reach,
                table.width,
                (table.cells * 100.0) as u32
            ),
        );
    }
    let quotes = &table.quotes;
    let (quote_sure, why) = match candidate.quote {
        _ if read.quote.is_some() => (100, stated.clone()),
        None => (
            80,
            "double quotes are there, but do not close where fields end".to_string(),
        ),
        Some(_) if quotes.opened == 0 => (50, "no field is quoted; the usual".to_string()),
        Some(_) => (
            percent(quotes.proper as f64, quotes.opened as f64),
            format!(
                "{} of {} quoted fields are closed where they end",
                quotes.proper, quotes.opened
            ),
        ),
    };
    add("quote", sign(candidate.quote), quote_sure, why);
    let word = escape_word(candidate.escape);
    if read.escape.is_some() {
        add("escape", word.to_string(), 100, stated.clone());
    } else if candidate.escape == Escape::Backslash {
        let why = "with it, quotes behind a backslash leave fields whole".to_string();
        add("escape", word.to_string(), 90, why);
    } else {
        let doubled = candidate
            .quote
            .map_or(0, |quote| memmem::find_iter(text, &[quote, quote]).count());
        let (sure, why) = match doubled {
            0 => (50, "no quote stands in quotes; the usual".to_string()),
            count => (90, format!("{count} doubled quotes")),
        };
        add("escape", word.to_string(), sure, why);
    }
    match table.comment {
        _ if read.comment.is_some() => add("comment", sign(table.comment), 100, stated.clone()),
        Some(byte) => add(
            "comment",
            sign(Some(byte)),
            90,
            "no line that begins with it has the cells of a row".to_string(),
        ),
        None => add(
            "comment",
            "none".to_string(),
            90,
            "no such lines".to_string(),
        ),
    }
    add(
        "line_end",
        ends.word().to_string(),
        100,
        "what the sample has; all three are read in any mixture".to_string(),
    );
    match (read.skip_rows, skip_rows) {
        (Some(rows), _) => add("skip_rows", rows.to_string(), 100, stated.clone()),
        (None, 0) => add(
            "skip_rows",
            "0".to_string(),
            90,
            "the first record is of the table".to_string(),
        ),
        (None, rows) => add(
            "skip_rows",
            rows.to_string(),
            80,
            match table.before {
                1 => "the record above the table has other cells than its rows".to_string(),
                count => {
                    format!("the {count} records above the table have other cells than its rows")
                }
            },
        ),
    }
    let header_sure = match why_header {
        "stated" => 100,
        "nothing speaks against it" => 60,
        "words stand above columns of numbers or dates" => 95,
        _ => 80,
    };
    let why = if header_sure == 100 {
        stated
    } else {
        why_header.to_string()
    };
    add("header", rows.to_string(), header_sure, why);
    if table.row_names {
        add(
            "row names",
            "yes".to_string(),
            80,
            "the header lacks one name, and the first cells of all rows differ".to_string(),
        );
    }
    if table.padded {
        add(
            "ragged",
            "pad".to_string(),
            90,
            "every row ends with a delimiter that the header lacks".to_string(),
        );
    }
    if whole && table.behind > 0 && !column {
        add(
            "footer",
            table.behind.to_string(),
            70,
            match table.behind {
                1 => "the record behind the table has other cells; it will be rejected".to_string(),
                count => format!(
                    "the {count} records behind the table have other cells; they will be rejected"
                ),
            },
        );
    }
    Sniffed {
        delimiter: candidate.delimiter.to_vec(),
        quote: candidate.quote,
        escape: candidate.escape,
        comment: table.comment,
        line_end: ends,
        skip_rows,
        header_rows: rows as u64,
        row_names: table.row_names,
        padded: table.padded,
        findings,
    }
}

pub fn escape_word(escape: Escape) -> &'static str {
    match escape {
        Escape::None => "none",
        Escape::Double => "double",
        Escape::Backslash => "backslash",
    }
}
