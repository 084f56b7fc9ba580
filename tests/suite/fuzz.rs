//! What must hold for any bytes, each as a function that ends the test if it does not. The fuzz
//! targets in `tests/fuzz` look for bytes for which it fails, and `tests/laws/fuzzed.rs` replays
//! those that were kept.

use std::sync::Arc;

use tidemill_core::decode::{Decoded, Decoder, Decoding, Unicode};
use tidemill_core::detect::detect;
use tidemill_core::plan::{Plan, Target};
use tidemill_core::push::{Alone, Finished};
use tidemill_core::recipe::{Read, Recipe};
use tidemill_core::run::{BLOCK, How, Outputs, run};
use tidemill_core::session;
use tidemill_core::source::{Memory, Source as _};
use tidemill_core::watch::Unwatched;
use tidemill_csv::{
    Dialect, Escape, Index, Limits, Ragged, Seam, Splitter, WIDE, Wide, field, read_all, write,
};

/// A property by the name of its target.
pub type Property = (&'static str, fn(&[u8]));

pub const PROPERTIES: &[Property] = &[
    ("blocks_equal_the_machine", blocks_equal_the_machine),
    ("drivers_equal_the_session", drivers_equal_the_session),
    ("pieces_decode_as_one", pieces_decode_as_one),
    (
        "found_and_stated_read_the_same",
        found_and_stated_read_the_same,
    ),
    ("written_is_read_back", written_is_read_back),
];

fn dialect(choice: u8) -> Dialect {
    let (delimiter, wide) = match choice & 3 {
        0 => (b',', None),
        1 => (b';', None),
        2 => (b'\t', None),
        _ => (WIDE, Wide::new("，".as_bytes())),
    };
    Dialect {
        delimiter,
        wide,
        quote: match choice >> 2 & 3 {
            0 | 1 => Some(b'"'),
            2 => Some(b'\''),
            _ => None,
        },
        escape: match choice >> 4 & 3 {
            0 | 1 => Escape::Double,
            2 => Escape::Backslash,
            _ => Escape::None,
        },
        comment: (choice & 0x40 != 0).then_some(b'#'),
    }
}

fn block(choice: u8) -> usize {
    [1, 2, 3, 7, 16, 61, 64, 256][usize::from(choice & 7)]
}

/// Blocks of any size, scanned apart and joined by their seams, give the records that the state
/// machine reads a byte at a time, in every dialect; and a field is what the machine says it is.
pub fn blocks_equal_the_machine(data: &[u8]) {
    let [choice, size, text @ ..] = data else {
        return;
    };
    let (dialect, size) = (dialect(*choice), block(*size));
    // Small limits, so that broken quotes and what follows them are common.
    let limits = Limits {
        quote_run: 1 + u64::from(size as u32 % 50),
        record: 1 << 20,
    };
    let expect = read_all(text, &dialect, &limits, 0).unwrap();
    let width = expect
        .first()
        .map_or(1, |record| record.fields.len().max(1));
    let mut splitter = Splitter::new(dialect, limits, 0, size as u64);
    for (at, block) in text.chunks(size).enumerate() {
        let seam = Seam::scan(block, &dialect, &limits);
        splitter
            .push((at * size) as u64, block.to_vec(), seam)
            .unwrap();
    }
    splitter.finish().unwrap();
    let (mut index, mut scratch) = (Index::new(), Vec::new());
    let mut rows = Vec::new();
    let mut records = 0;
    while let Some(span) = splitter.pop() {
        let (bytes, broken) = (span.bytes(), span.broken_in_span());
        let len = bytes.len();
        index.build(span.padded(), len, &dialect, width, Ragged::Reject, &broken);
        records += index.records as usize;
        for row in 0..index.rows {
            let fields: Vec<Vec<u8>> = (0..width)
                .map(|column| {
                    let (start, end) = index.field(row, column);
                    let raw = &bytes[start as usize..end as usize];
                    field::unquote(raw, &dialect, &mut scratch).to_vec()
                })
                .collect();
            rows.push(fields);
        }
    }
    assert_eq!(records, expect.len());
    let expect: Vec<_> = expect
        .into_iter()
        .filter(|record| record.broken.is_none() && record.fields.len() == width)
        .map(|record| record.fields)
        .collect();
    assert_eq!(rows, expect);
}

/// Two threads, and a host that pushes, give the session's report, rows and rejects, whatever the
/// size of blocks; nothing is stated, so detection is on the way.
pub fn drivers_equal_the_session(data: &[u8]) {
    let [size, text @ ..] = data else { return };
    let block = block(*size);
    let recipe = Recipe::parse("tidemill = 1\n[[step]]\ntrim = [\"*\"]").unwrap();
    let Ok(detected) = detect(text, &recipe.read) else {
        return;
    };
    if detected.header.is_empty() {
        return;
    }
    let target = Target {
        rows: true,
        rejects: true,
        ..Target::default()
    };
    let plan = Arc::new(Plan::new(&recipe, detected, target).unwrap());
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = session::run(&plan, "x", text, &mut rows, Some(&mut rejects), BLOCK).unwrap();
    assert!(report.rows.balance());
    let expect = (report.json(), rows, rejects);
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let outputs = Outputs {
        rows: &mut rows,
        rejects: Some(&mut rejects),
    };
    let source = Memory::new("x", text);
    let report = run(
        &plan,
        &source,
        outputs,
        &Unwatched,
        How { threads: 2, block },
    )
    .unwrap();
    assert_eq!((report.json(), rows, rejects), expect);
    let mut alone = Alone::new(plan, "x", block).unwrap();
    for piece in text.chunks(block * 3 / 2 + 1) {
        alone.feed(piece).unwrap();
    }
    alone.end().unwrap();
    let (rows, rejects) = (alone.rows(), alone.rejects());
    let Finished::Report(report) = alone.finish(false).unwrap() else {
        panic!("a second pass of a plan of one")
    };
    assert_eq!((report.json(), rows, rejects), expect);
}

/// A text decoded in pieces is the text decoded at once, and reading it by offset gives it again.
pub fn pieces_decode_as_one(data: &[u8]) {
    let [choice, size, bytes @ ..] = data else {
        return;
    };
    let decoding = Decoding {
        from: [Unicode::Utf8, Unicode::Utf16Le, Unicode::Utf16Be][usize::from(choice % 3)],
        wide: match choice >> 2 & 3 {
            0 => None,
            1 => Wide::new("，".as_bytes()),
            2 => Wide::new(b"||"),
            _ => Wide::new(b", "),
        },
    };
    let size = block(*size);
    let whole = decoding.all(bytes);
    let mut out = Vec::new();
    let mut decoder = Decoder::new(&decoding);
    for piece in bytes.chunks(size) {
        decoder.push(piece, &mut out);
    }
    decoder.end(&mut out);
    assert_eq!(out, whole);
    let plain = Dialect::delimited_by(decoding.wide.as_ref().map_or(b",", Wide::bytes)).unwrap();
    assert!(std::str::from_utf8(&plain.spelled(&whole)).is_ok());
    let memory = Memory::new("x", bytes);
    let source = Decoded::new(&memory, decoding);
    let mut into = vec![0; size];
    let mut read = Vec::new();
    loop {
        let got = source.read_at(read.len() as u64, &mut into).unwrap();
        read.extend_from_slice(&into[..got]);
        if got < size {
            break;
        }
    }
    assert_eq!(read, whole);
}

/// What is found in a file, stated in a recipe, reads it in the same way.
pub fn found_and_stated_read_the_same(text: &[u8]) {
    let Ok(one) = detect(text, &Read::default()) else {
        return;
    };
    if one.header.is_empty() {
        return;
    }
    let json: serde_json::Value = serde_json::from_str(&one.json()).unwrap();
    let recipe = serde_json::json!({"tidemill": 1, "read": json["read"]}).to_string();
    let two = detect(text, &Recipe::parse(&recipe).unwrap().read).unwrap();
    assert_eq!(
        (
            &one.header,
            one.body,
            one.dialect,
            one.ragged,
            one.lines,
            one.decoding
        ),
        (
            &two.header,
            two.body,
            two.dialect,
            two.ragged,
            two.lines,
            two.decoding
        )
    );
}

/// Values that are written in a dialect are read back as they were.
pub fn written_is_read_back(data: &[u8]) {
    let [choice, text @ ..] = data else { return };
    let mut dialect = dialect(*choice & 0b0101_1101);
    if dialect.wide.is_some() || dialect.quote.is_none() {
        dialect = Dialect::default();
    }
    let rows: Vec<Vec<&[u8]>> = text
        .split(|byte| *byte == 0)
        .map(|row| row.split(|byte| *byte == 1).collect())
        .collect();
    let mut out = Vec::new();
    for row in &rows {
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                out.push(dialect.delimiter);
            }
            match row.len() {
                1 => write::only_field(&mut out, value, &dialect),
                _ => write::field(&mut out, value, &dialect),
            }
        }
        out.push(b'\n');
    }
    let read = read_all(&out, &dialect, &Limits::default(), 0).unwrap();
    let read: Vec<Vec<Vec<u8>>> = read.into_iter().map(|record| record.fields).collect();
    assert_eq!(read, rows);
}
