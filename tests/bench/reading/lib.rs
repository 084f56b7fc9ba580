//! What is measured: all records of a text in memory, as blocks of the size that a run reads.

use tidemill_csv::{Dialect, Index, Isa, Limits, Ragged, Seam, Splitter};

#[cfg(target_arch = "wasm32")]
mod host;

/// Bytes of a block.
pub const BLOCK: usize = 256 << 10;

/// The number of spans and their bytes: the boundaries of records alone.
pub fn boundaries(text: &[u8], buffers: &mut Vec<Vec<u8>>) -> (usize, usize) {
    boundaries_with(Isa::best(), text, buffers)
}

/// The same with the instructions of `isa`.
pub fn boundaries_with(isa: Isa, text: &[u8], buffers: &mut Vec<Vec<u8>>) -> (usize, usize) {
    let (dialect, limits) = (Dialect::default(), Limits::default());
    let mut splitter = Splitter::new(dialect, limits, 0, BLOCK as u64);
    let (mut spans, mut bytes) = (0, 0);
    for (at, block) in text.chunks(BLOCK).enumerate() {
        feed(isa, &mut splitter, at, block, buffers);
        while let Some(span) = splitter.pop() {
            spans += 1;
            bytes += span.bytes().len();
            buffers.push(span.into_data());
        }
    }
    let _ = splitter.finish();
    while let Some(span) = splitter.pop() {
        spans += 1;
        bytes += span.bytes().len();
    }
    (spans, bytes)
}

/// The number of rows and of fields: the whole index.
pub fn fields(
    text: &[u8],
    width: usize,
    buffers: &mut Vec<Vec<u8>>,
    index: &mut Index,
) -> (usize, usize) {
    fields_with(Isa::best(), text, width, buffers, index)
}

/// The same with the instructions of `isa`.
pub fn fields_with(
    isa: Isa,
    text: &[u8],
    width: usize,
    buffers: &mut Vec<Vec<u8>>,
    index: &mut Index,
) -> (usize, usize) {
    let (dialect, limits) = (Dialect::default(), Limits::default());
    let mut splitter = Splitter::new(dialect, limits, 0, BLOCK as u64);
    let (mut rows, mut fields) = (0, 0);
    let mut take = |splitter: &mut Splitter, buffers: &mut Vec<Vec<u8>>| {
        while let Some(span) = splitter.pop() {
            let (len, broken) = (span.bytes().len(), span.broken_in_span());
            index.build_with(
                isa,
                span.padded(),
                len,
                &dialect,
                width,
                Ragged::Reject,
                &broken,
            );
            rows += index.rows;
            fields += index.ends.len();
            buffers.push(span.into_data());
        }
    };
    for (at, block) in text.chunks(BLOCK).enumerate() {
        feed(isa, &mut splitter, at, block, buffers);
        take(&mut splitter, buffers);
    }
    let _ = splitter.finish();
    take(&mut splitter, buffers);
    (rows, fields)
}

/// The copy into a buffer is what reading a file costs as well.
fn feed(isa: Isa, splitter: &mut Splitter, at: usize, block: &[u8], buffers: &mut Vec<Vec<u8>>) {
    let (dialect, limits) = (Dialect::default(), Limits::default());
    let mut buffer = buffers.pop().unwrap_or_default();
    buffer.clear();
    buffer.reserve(BLOCK + BLOCK / 8 + 4096);
    buffer.extend_from_slice(block);
    let seam = Seam::scan_with(isa, &buffer, &dialect, &limits);
    let pushed = splitter.push((at * BLOCK) as u64, buffer, seam);
    assert!(pushed.is_ok(), "a record longer than the limit");
}
