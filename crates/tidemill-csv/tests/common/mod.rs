//! Texts that hold what parsers get wrong, and dialects to read them in.

#![allow(dead_code)]

use proptest::collection::vec;
use proptest::prelude::*;
use tidemill_csv::{Dialect, Escape};

/// A failure is kept as a test with a name, not as a seed in a file.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Bytes with a meaning in some dialect, and few without.
pub fn nasty(most: usize) -> BoxedStrategy<Vec<u8>> {
    let byte = prop_oneof![
        4 => Just(b'"'), 3 => Just(b','), 3 => Just(b'\n'), 2 => Just(b'\r'),
        1 => Just(b'\\'), 1 => Just(b'#'), 1 => Just(b';'), 1 => Just(b'\''),
        4 => Just(b'a'), 1 => any::<u8>(),
    ];
    let piece = prop_oneof![
        6 => vec(byte, 1..6),
        2 => Just(b"\"a\",".to_vec()), 2 => Just(b"\"b\"\"\n\"\r\n".to_vec()),
        1 => Just(b"\r\n".to_vec()), 1 => Just(b"# c\n".to_vec()), 1 => Just(b"xyz,12\n".to_vec()),
    ];
    vec(piece, 0..most.max(2))
        .prop_map(move |pieces| pieces.concat())
        .boxed()
}

/// Texts that mostly are in order, so that fast paths get their share.
pub fn tidy(most: usize) -> BoxedStrategy<Vec<u8>> {
    let field = prop_oneof![
        6 => "[a-z0-9]{0,9}", 2 => "\"[a-z,\n]{0,9}\"", 1 => "\"[a-z]{0,3}\"\"[a-z\r]{0,3}\"",
        1 => "\"\"",
    ];
    let row = (
        vec(field, 3),
        prop_oneof![8 => Just("\n"), 3 => Just("\r\n")],
    );
    let odd = prop_oneof![
        200 => Just(""), 1 => Just("\n"), 1 => Just("\""), 1 => Just("#x\n"), 1 => Just("a,b\n"),
        1 => Just("\r"), 1 => Just("1,2,3,4,5\n"), 1 => Just("1,2,3,\"\",\n"), 1 => Just("a\"b"),
    ];
    let line = (row, odd).prop_map(|((fields, end), odd)| fields.join(",") + end + odd);
    let text = (vec(line, 0..most), any::<bool>()).prop_map(|(lines, whole)| {
        let mut text = lines.concat().into_bytes();
        if !whole {
            text.pop();
        }
        text
    });
    text.boxed()
}

pub fn dialect() -> BoxedStrategy<Dialect> {
    let escape = prop_oneof![
        6 => Just(Escape::Double), 1 => Just(Escape::Backslash), 1 => Just(Escape::None),
    ];
    let quote = prop_oneof![8 => Just(Some(b'"')), 1 => Just(Some(b'\'')), 1 => Just(None)];
    let comment = prop_oneof![4 => Just(None), 1 => Just(Some(b'#'))];
    let delimiter = prop_oneof![6 => Just(b','), 1 => Just(b';'), 1 => Just(b'a')];
    (delimiter, quote, escape, comment)
        .prop_map(|(delimiter, quote, escape, comment)| Dialect {
            delimiter,
            wide: None,
            quote,
            escape,
            comment,
        })
        .boxed()
}
