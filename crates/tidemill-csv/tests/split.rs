//! Splitting changes nothing: whatever the block size, the records are those of one pass.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod common;

use common::{cases, dialect, nasty, tidy};
use proptest::prelude::*;
use tidemill_csv::{
    Dialect, FaultKind, Index, Limits, Ragged, Record, Seam, Span, Splitter, TooLong, read_all,
};

fn split(
    text: &[u8],
    dialect: &Dialect,
    limits: &Limits,
    body: u64,
    size: usize,
) -> Result<Vec<Span>, TooLong> {
    let mut splitter = Splitter::new(*dialect, *limits, body, size as u64);
    let mut spans = Vec::new();
    for (n, block) in text.chunks(size).enumerate() {
        let seam = Seam::scan(block, dialect, limits);
        splitter.push((n * size) as u64, block.to_vec(), seam)?;
        spans.extend(std::iter::from_fn(|| splitter.pop()));
    }
    splitter.finish()?;
    spans.extend(std::iter::from_fn(|| splitter.pop()));
    Ok(spans)
}

/// The records of spans, each span read alone, with the places of broken quotes taken from it.
fn records(spans: &[Span], dialect: &Dialect) -> Vec<(u64, u64, Option<u64>)> {
    let mut all = Vec::new();
    for span in spans {
        let mut index = Index::new();
        let broken = span.broken_in_span();
        let len = span.bytes().len();
        // No record has that many fields, so each one is listed as bad with its place.
        index.build(
            span.padded(),
            len,
            dialect,
            1 << 20,
            Ragged::Reject,
            &broken,
        );
        assert_eq!((index.rows, index.bad.len()), (0, index.records as usize));
        for bad in &index.bad {
            let broken =
                (bad.kind == FaultKind::Unterminated).then(|| span.base + bad.opener as u64);
            all.push((
                span.base + bad.start as u64,
                span.base + bad.end as u64,
                broken,
            ));
        }
    }
    all
}

fn check(text: &[u8], dialect: &Dialect, limits: &Limits, body: u64) {
    let want = read_all(text, dialect, limits, body);
    let brief = |r: Record| (r.start, r.end, r.broken);
    let want: Result<Vec<_>, _> = want.map(|all| all.into_iter().map(brief).collect());
    for size in [1, 2, 3, 7, 64, 4096] {
        let spans = split(text, dialect, limits, body, size);
        let shown = text.escape_ascii().to_string();
        match (spans, &want) {
            (Err(found), Err(want)) => assert_eq!(found, *want, "{size}: {shown:?} {dialect:?}"),
            (Ok(spans), Ok(want)) => {
                assert_eq!(
                    records(&spans, dialect),
                    *want,
                    "{size}: {shown:?} {dialect:?}"
                );
                grid(&spans, text, body, size);
                for &(start, ..) in want {
                    let seq = start / size as u64;
                    let span = spans.iter().find(|span| span.seq == seq).unwrap();
                    let end = span.base + span.bytes().len() as u64;
                    assert!(
                        span.base <= start && start < end,
                        "{size}: {shown:?} {dialect:?}"
                    );
                }
            }
            (found, want) => panic!("{size}: {shown:?} {dialect:?}: {found:?}, not {want:?}"),
        }
    }
}

/// The spans are the text, and each begins in its own block.
fn grid(spans: &[Span], text: &[u8], body: u64, size: usize) {
    let mut at = body;
    for (n, span) in spans.iter().enumerate() {
        assert_eq!(span.base, at);
        assert_eq!(span.base / size as u64, span.seq);
        assert!(!span.bytes().is_empty());
        assert_eq!(span.last, n + 1 == spans.len());
        assert!(
            span.padded()[span.bytes().len()..]
                .iter()
                .all(|&byte| byte == 0)
        );
        assert_eq!(
            span.padded().len(),
            span.bytes().len() + tidemill_csv::PADDING
        );
        at += span.bytes().len() as u64;
    }
    assert_eq!(at, (text.len() as u64).max(body));
}

fn limits() -> impl Strategy<Value = Limits> {
    let run = prop_oneof![Just(16 << 20), Just(5), Just(20)];
    let record = prop_oneof![4 => Just(64 << 20), 1 => Just(30), 1 => Just(8)];
    (run, record).prop_map(|(quote_run, record)| Limits { quote_run, record })
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn block_size_changes_nothing(
        text in prop_oneof![nasty(40), tidy(20)], d in dialect(), l in limits(), body in 0u64..3
    ) {
        check(&text, &d, &l, body.min(text.len() as u64));
    }
}

#[test]
fn a_body_that_begins_later_leaves_whole_blocks_out() {
    let text = b"h,h\na,b\nc,d\n";
    check(text, &Dialect::default(), &Limits::default(), 4);
    let spans = split(text, &Dialect::default(), &Limits::default(), 4, 2).unwrap();
    assert_eq!(spans[0].base, 4);
}

#[test]
fn a_roomy_block_is_not_copied() {
    let (dialect, limits) = (Dialect::default(), Limits::default());
    let mut splitter = Splitter::new(dialect, limits, 0, 8);
    let mut block = Vec::with_capacity(256);
    block.extend_from_slice(b"a,b\nccc,");
    let place = block.as_ptr();
    let seam = Seam::scan(&block, &dialect, &limits);
    splitter.push(0, block, seam).unwrap();
    let block = b"d\ne,f\n".to_vec();
    let seam = Seam::scan(&block, &dialect, &limits);
    splitter.push(8, block, seam).unwrap();
    let span = splitter.pop().unwrap();
    assert_eq!(span.bytes(), b"a,b\nccc,d\n");
    assert_eq!(span.bytes().as_ptr(), place);
}

/// At the real limits: a stray quote costs its line even when the run after it spans many blocks,
/// and a long field that does close is left alone.
#[test]
fn long_runs_span_blocks() {
    let (dialect, limits) = (Dialect::default(), Limits::default());
    let filler = "0123456789,abcdef\n".repeat(1 << 20);
    let stray = format!("a,b\nc,\"d\n{filler}e,\"f\"\"\n\"\n");
    let spans = split(stray.as_bytes(), &dialect, &limits, 0, 1 << 20).unwrap();
    let broken: Vec<u64> = spans.iter().flat_map(|span| span.broken.clone()).collect();
    assert_eq!(broken, [6]);
    assert_eq!(spans.len(), stray.len().div_ceil(1 << 20));
    assert_eq!(records(&spans, &dialect).len(), 3 + (1 << 20));

    let long = format!("a,b\nc,\"{}\"\nd,e\n", &filler[..16 << 20]);
    let spans = split(long.as_bytes(), &dialect, &limits, 0, 1 << 20).unwrap();
    assert_eq!(records(&spans, &dialect).len(), 3);
    assert_eq!(
        spans.iter().map(|span| span.seq).collect::<Vec<_>>(),
        [0, 16]
    );

    let record = format!("a,b\nc,{}\n", "x".repeat((64 << 20) - 1));
    let error = split(record.as_bytes(), &dialect, &limits, 0, 1 << 20).unwrap_err();
    assert_eq!(
        (error.offset, error.limit, error.length),
        (4, 64 << 20, (64 << 20) + 1)
    );
}
