//! An index has what the state machine reads, by whichever path it was built.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod common;

use common::{cases, dialect, nasty, tidy};
use proptest::prelude::*;
use tidemill_csv::{Dialect, FaultKind, Index, Isa, Limits, PADDING, Ragged, field, read_all};

fn check(text: &[u8], d: &Dialect, width: usize, ragged: Ragged, limits: &Limits) {
    let records = read_all(text, d, limits, 0).unwrap();
    let broken: Vec<u32> = records
        .iter()
        .filter_map(|r| r.broken.map(|at| at as u32))
        .collect();
    let mut padded = text.to_vec();
    padded.resize(text.len() + PADDING, 0);
    let mut index = Index::new();
    index.build_with(Isa::SCALAR, &padded, text.len(), d, width, ragged, &broken);
    for isa in Isa::available() {
        let mut other = Index::new();
        other.build_with(isa, &padded, text.len(), d, width, ragged, &broken);
        assert_eq!(other, index, "{isa:?}");
        // What is left of another span must not show.
        other.build_with(isa, b"p,\"q\n\"r,\n\n\"", 11, d, 2, ragged, &[]);
        other.build_with(isa, &padded, text.len(), d, width, ragged, &broken);
        assert_eq!(other, index, "{isa:?}, again");
    }
    let shown = text.escape_ascii().to_string();
    let (mut row, mut bad) = (0, index.bad.iter());
    let mut scratch = Vec::new();
    for (n, record) in records.iter().enumerate() {
        let fields = &record.fields;
        let excess = fields.len().saturating_sub(width);
        let fine = record.broken.is_none()
            && (fields.len() == width
                || ragged == Ragged::Pad
                    && width > 0
                    && fields[fields.len() - excess..].iter().all(Vec::is_empty));
        if fine {
            assert_eq!(index.record(row) as usize, n, "{shown:?}");
            for column in 0..width {
                let (start, end) = index.field(row, column);
                let raw = &text[start as usize..end as usize];
                let want = fields.get(column).map_or(&b""[..], Vec::as_slice);
                assert_eq!(
                    field::unquote(raw, d, &mut scratch),
                    want,
                    "{shown:?} {d:?}"
                );
                if let Some((start, end)) = field::plain(raw, d) {
                    assert_eq!(&raw[start..end], want);
                }
            }
            assert_eq!(index.row(row).0 as u64, record.start, "{shown:?}");
            if excess == 0 {
                assert_eq!(index.row(row).1 as u64, record.end, "{shown:?}");
            }
            row += 1;
        } else {
            let bad = bad.next().unwrap();
            let kind = match record.broken {
                Some(_) => FaultKind::Unterminated,
                None if fields.len() < width => FaultKind::Short,
                None => FaultKind::Long,
            };
            let found = fields.len() + usize::from(record.broken.is_some());
            let opener = record.broken.unwrap_or(record.start) as u32;
            assert_eq!(
                (bad.kind, bad.found as usize, bad.opener),
                (kind, found, opener),
                "{shown:?}"
            );
            assert_eq!(
                (bad.record as usize, bad.start as u64, bad.end as u64),
                (n, record.start, record.end)
            );
        }
    }
    assert_eq!((index.rows, bad.next()), (row, None), "{shown:?}");
    assert_eq!(
        (index.records as usize, index.width),
        (records.len(), width)
    );
    assert_eq!(
        (index.ends.len(), index.row_start.len()),
        (row * width, row)
    );
    assert_eq!(index.record_of.is_some(), !index.bad.is_empty());
    let mut lines = 0;
    for (at, &byte) in text.iter().enumerate() {
        lines += u64::from(byte == b'\r' || byte == b'\n' && (at == 0 || text[at - 1] != b'\r'));
    }
    lines += u64::from(
        text.last()
            .is_some_and(|byte| !matches!(byte, b'\r' | b'\n')),
    );
    assert_eq!(index.lines, lines, "{shown:?}");
    assert_eq!(
        index.has_quote,
        d.quote.is_some_and(|quote| text.contains(&quote))
    );
    let comments = d.comment.is_some() as u64 * u64::MAX;
    assert!(index.comments <= comments);
}

fn ragged() -> impl Strategy<Value = Ragged> {
    prop_oneof![Just(Ragged::Reject), Just(Ragged::Pad)]
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn nasty_text(text in nasty(30), d in dialect(), width in 0usize..5, r in ragged(), run in prop_oneof![Just(1u64 << 24), Just(5)]) {
        check(&text, &d, width, r, &Limits { quote_run: run, ..Limits::default() });
    }

    #[test]
    fn tidy_text(text in tidy(20), r in ragged()) {
        check(&text, &Dialect::default(), 3, r, &Limits::default());
    }

    #[test]
    fn one_column(text in "([a-c]{0,2}\r?\n){0,40}", r in ragged()) {
        check(text.as_bytes(), &Dialect::default(), 1, r, &Limits::default());
    }
}

#[test]
fn rows_pads_and_rejects() {
    let text = b"a,b\r\n\r\nc\n1,2,\"\",\n1,2,3\n#x\nq,\"r\ns\",\n";
    let d = Dialect {
        comment: Some(b'#'),
        ..Dialect::default()
    };
    check(text, &d, 2, Ragged::Pad, &Limits::default());
    let mut index = Index::new();
    let mut padded = text.to_vec();
    padded.resize(text.len() + PADDING, 0);
    index.build(&padded, text.len(), &d, 2, Ragged::Pad, &[]);
    assert_eq!(
        (index.rows, index.blank, index.comments, index.lines),
        (4, 1, 1, 8)
    );
    assert_eq!(index.bad.len(), 1);
    assert_eq!(index.record_of.as_deref(), Some(&[0, 1, 2, 4][..]));
}
