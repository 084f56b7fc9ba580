//! Reads a file's first bytes with SSE2, the set that is nearest to WebAssembly's, and prints what was
//! found and the CPU seconds of each time: `sse2 FILE BYTES WIDTH TIMES`, a WIDTH of 0 for boundaries.

use std::hint::black_box;

use reading_bench::{boundaries_with, fields_with};
use tidemill_csv::{Index, Isa};

fn seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |at: usize| args[at].parse::<usize>().unwrap();
    let (bytes, width, times) = (number(2), number(3), number(4));
    let mut text = std::fs::read(&args[1]).unwrap();
    text.truncate(bytes);
    let isa = Isa::available()
        .into_iter()
        .find(|isa| format!("{isa:?}").contains("Sse2"))
        .unwrap();
    let (mut buffers, mut index) = (Vec::new(), Index::new());
    let mut once = || match width {
        0 => boundaries_with(isa, black_box(&text), &mut buffers).0,
        _ => fields_with(isa, black_box(&text), width, &mut buffers, &mut index).1,
    };
    println!("{}", once());
    for _ in 0..times {
        let from = seconds();
        black_box(once());
        println!("{}", seconds() - from);
    }
}
