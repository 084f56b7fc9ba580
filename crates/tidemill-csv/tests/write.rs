//! What is written is read back as itself, here and by the crate csv.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod common;

use common::{cases, dialect, nasty};
use proptest::collection::vec;
use proptest::prelude::*;
use tidemill_csv::{Dialect, Escape, Limits, field, read_all, write};

fn written(values: &[Vec<u8>], d: &Dialect) -> Vec<u8> {
    let mut out = Vec::new();
    if let [only] = values {
        write::only_field(&mut out, only, d);
    } else {
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                out.push(d.delimiter);
            }
            write::field(&mut out, value, d);
        }
    }
    out.push(b'\n');
    out
}

fn read(text: &[u8], d: &Dialect) -> Vec<Vec<Vec<u8>>> {
    let records = read_all(text, d, &Limits::default(), 0).unwrap();
    assert!(records.iter().all(|record| record.broken.is_none()));
    records.into_iter().map(|record| record.fields).collect()
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn reads_back(rows in vec(vec(nasty(6), 1..4), 1..4), d in dialect()) {
        let d = if write::writable(&d) { d } else { Dialect::delimited(d.delimiter) };
        let text: Vec<u8> = rows.iter().flat_map(|row| written(row, &d)).collect();
        prop_assert_eq!(read(&text, &d), rows.clone(), "{:?}", text.escape_ascii().to_string());
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).flexible(true).delimiter(d.delimiter).comment(d.comment);
        reader.quote(d.quote.unwrap()).double_quote(d.escape == Escape::Double);
        reader.escape((d.escape == Escape::Backslash).then_some(b'\\'));
        // The reader strips a byte order mark from a stream's start; this crate leaves it to others.
        prop_assume!(!text.starts_with(b"\xef\xbb\xbf"));
        let reader = reader.from_reader(&text[..]);
        let records = reader.into_byte_records().map(|record| record.unwrap());
        let by_csv: Vec<Vec<Vec<u8>>> =
            records.map(|record| record.iter().map(<[u8]>::to_vec).collect()).collect();
        prop_assert_eq!(by_csv, rows);
    }

    #[test]
    fn verbatim_means_the_same(raw in nasty(4), from in dialect(), to in dialect()) {
        let mut line = b"x".to_vec();
        line.push(from.delimiter);
        line.extend_from_slice(&raw);
        let Ok(records) = read_all(&line, &from, &Limits::default(), 0) else { return Ok(()) };
        // Only what is one field where it comes from.
        let [record] = &records[..] else { return Ok(()) };
        if record.broken.is_some() || record.fields.len() != 2 || record.end != line.len() as u64 {
            return Ok(());
        }
        let value = &record.fields[1];
        let mut scratch = Vec::new();
        prop_assert_eq!(field::unquote(&raw, &from, &mut scratch), &value[..]);
        if from != to && write::rereads_verbatim(&raw, &from, &to) {
            let mut line = raw.clone();
            line.push(to.delimiter);
            prop_assert_eq!(read(&line, &to), vec![vec![value.clone(), vec![]]]);
        }
    }
}

#[test]
fn quotes_only_where_needed() {
    let d = Dialect::default();
    let check = |value: &[u8], expect: &[u8]| {
        let mut out = Vec::new();
        write::field(&mut out, value, &d);
        assert_eq!(out, expect);
    };
    check(b"", b"");
    check(b"a b", b"a b");
    check(b"a,b", b"\"a,b\"");
    check(b"a\"b", b"\"a\"\"b\"");
    check(b"a\rb", b"\"a\rb\"");
    assert_eq!(written(&[vec![]], &d), b"\"\"\n");
}

#[test]
fn verbatim_between_dialects() {
    let (comma, semicolon) = (Dialect::default(), Dialect::delimited(b';'));
    assert!(write::rereads_verbatim(b"\"a;b\"", &comma, &semicolon));
    assert!(write::rereads_verbatim(b"ab", &comma, &semicolon));
    assert!(!write::rereads_verbatim(b"a;b", &comma, &semicolon));
}
