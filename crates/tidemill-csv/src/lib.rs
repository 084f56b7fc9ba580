//! Bytes to the records of a delimited file, and back.
//!
//! A file is cut into blocks on a fixed grid and the blocks are scanned in parallel, yet every cut
//! is exact: [`Seam`] says what a block does to the reader from whichever state it is entered,
//! [`Splitter`] turns blocks and seams, in order, into [`Span`]s of whole records, and [`Index`]
//! finds the fields of a span. [`State`] is the machine that all of them are held to; it reads what
//! the crate csv reads. Nothing here knows a file, a clock or a thread.
//!
//! ```
//! use tidemill_csv::{Dialect, Index, Limits, Ragged, Seam, Splitter, field};
//!
//! let (dialect, limits) = (Dialect::default(), Limits::default());
//! let text = b"1,\"a\nb\"\n2,\"say \"\"hi\"\"\"\n";
//! let mut splitter = Splitter::new(dialect, limits, 0, 8);
//! let (mut index, mut scratch, mut values) = (Index::new(), Vec::new(), Vec::new());
//! for (n, block) in text.chunks(8).enumerate() {
//!     let seam = Seam::scan(block, &dialect, &limits);
//!     splitter.push(n as u64 * 8, block.to_vec(), seam)?;
//! }
//! splitter.finish()?;
//! while let Some(span) = splitter.pop() {
//!     let (bytes, broken) = (span.bytes(), span.broken_in_span());
//!     index.build(span.padded(), bytes.len(), &dialect, 2, Ragged::Reject, &broken);
//!     for row in 0..index.rows {
//!         let (start, end) = index.field(row, 1);
//!         let raw = &bytes[start as usize..end as usize];
//!         values.push(field::unquote(raw, &dialect, &mut scratch).to_vec());
//!     }
//! }
//! assert_eq!(values, [&b"a\nb"[..], b"say \"hi\""]);
//! # Ok::<(), tidemill_csv::TooLong>(())
//! ```

mod dialect;
pub mod field;
mod index;
mod machine;
mod scan;
mod seam;
mod split;
pub mod write;

pub use dialect::{Dialect, DialectError, Escape, Limits, Role, TooLong, WIDE, Wide};
pub use index::{BadRecord, FaultKind, Index, Ragged};
pub use machine::{Event, Record, State, first_line, read_all};
pub use scan::Isa;
pub use seam::{Exit, SEAM_BYTES, Seam};
pub use split::{PADDING, Span, Splitter};
