//! The state machine reads what the crate csv reads.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod common;

use common::{cases, dialect, nasty};
use proptest::prelude::*;
use tidemill_csv::{Dialect, Escape, Limits, read_all};

/// The records of the crate csv.
fn by_csv(text: &[u8], dialect: &Dialect) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new();
    reader
        .has_headers(false)
        .flexible(true)
        .delimiter(dialect.delimiter)
        .comment(dialect.comment);
    reader
        .quoting(dialect.quote.is_some())
        .double_quote(dialect.escape == Escape::Double);
    reader.quote(dialect.quote.unwrap_or(b'"'));
    reader.escape((dialect.escape == Escape::Backslash).then_some(b'\\'));
    let reader = reader.from_reader(text);
    let record = |record: Result<csv::ByteRecord, _>| -> Vec<Vec<u8>> {
        record.unwrap().iter().map(<[u8]>::to_vec).collect()
    };
    reader.into_byte_records().map(record).collect()
}

fn check(text: &[u8], dialect: &Dialect) {
    let last = text
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    if dialect
        .comment
        .is_some_and(|comment| text[last..].contains(&comment))
    {
        // Of a comment that the input ends in, csv-core's table makes a record with one empty
        // field, and its own NFA, like this crate, makes nothing.
        return check(&[text, b"\n"].concat(), dialect);
    }
    let records = read_all(text, dialect, &Limits::default(), 0).unwrap();
    if records.iter().any(|record| record.broken.is_some()) {
        return;
    }
    let ours: Vec<_> = records.into_iter().map(|record| record.fields).collect();
    assert_eq!(
        ours,
        by_csv(text, dialect),
        "{:?} in {dialect:?}",
        text.escape_ascii().to_string()
    );
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn reads_as_csv(text in nasty(40), dialect in dialect()) {
        check(&text, &dialect);
    }
}

#[test]
fn a_broken_quote_costs_its_line() {
    let limits = Limits {
        quote_run: 5,
        ..Limits::default()
    };
    let text = b"a,b\r\nc,\"d\r\ne,f\r\n\"x\ny\",z\n1,\"234567\"\ng";
    let records = read_all(text, &Dialect::default(), &limits, 0).unwrap();
    let brief: Vec<_> = records
        .iter()
        .map(|r| (r.start, r.end, r.fields.len(), r.broken))
        .collect();
    let good = |start, end, fields| (start, end, fields, None);
    let want = [
        good(0, 3, 2),
        (5, 9, 1, Some(7)),
        good(11, 14, 2),
        good(16, 23, 2),
        (24, 34, 1, Some(26)),
        good(35, 36, 1),
    ];
    assert_eq!(brief, want);
}

#[test]
fn a_long_record_is_an_error_with_its_place() {
    let limits = Limits {
        record: 4,
        ..Limits::default()
    };
    assert!(read_all(b"abcd\nefgh", &Dialect::default(), &limits, 0).is_ok());
    let error = read_all(b"abcd\nefghi", &Dialect::default(), &limits, 0).unwrap_err();
    assert_eq!((error.offset, error.limit, error.length), (5, 4, 5));
}
