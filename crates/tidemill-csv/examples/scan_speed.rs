//! How fast blocks are scanned and indexed on this machine: `cargo run --release -p tidemill-csv
//! --example scan_speed`.

#![allow(clippy::disallowed_methods, reason = "a bench needs the clock")]

use std::hint::black_box;
use std::time::Instant;

use tidemill_csv::{Dialect, Index, Isa, Limits, PADDING, Ragged, Seam};

/// The best of many short runs, which the machine's other work spares.
fn speed(len: usize, mut work: impl FnMut()) -> f64 {
    let seconds = (0..200).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    len as f64 / seconds.fold(f64::INFINITY, f64::min) / 1e9
}

fn main() {
    let dialect = Dialect::default();
    let limits = Limits::default();
    let texts: [(&str, &str, usize); 6] = [
        ("plain, 5-byte fields", "12345,abcde,67890,fghij\n", 4),
        ("the same with CRLF", "12345,abcde,67890,fghij\r\n", 4),
        (
            "every field quoted",
            "\"12345\",\"abcde\",\"67890\",\"fghij\"\n",
            4,
        ),
        (
            "one quoted field with a comma",
            "12345,\"ab, cde\",67890,fghij\n",
            4,
        ),
        (
            "a stray quote in each row",
            "12345,ab\"cde,67890,fghij\n",
            4,
        ),
        (
            "20-byte fields",
            "abcdefghijklmnopqrst,abcdefghijklmnopqrst\n",
            2,
        ),
    ];
    for isa in Isa::available() {
        println!("{isa:?}, GB/s");
        for (name, row, width) in texts {
            let mut text = row.repeat((1 << 20) / row.len()).into_bytes();
            let len = text.len();
            text.resize(len + PADDING, 0);
            let scan = speed(len, || {
                black_box(Seam::scan_with(
                    isa,
                    black_box(&text[..len]),
                    &dialect,
                    &limits,
                ));
            });
            let mut index = Index::new();
            let build = speed(len, || {
                index.build_with(
                    isa,
                    black_box(&text),
                    len,
                    &dialect,
                    width,
                    Ragged::Reject,
                    &[],
                );
            });
            assert!(index.rows > 0);
            println!("  {name:<32} seam {scan:6.2}  index {build:6.2}");
        }
    }
}
