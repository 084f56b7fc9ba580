//! Bytes to the records of a delimited file, and back.
//!
//! A file is cut into blocks on a fixed grid and the blocks are scanned in parallel, yet every cut
//! is exact: [`Seam`] says what a block does to the reader from whichever state it is entered,
//! [`Splitter`] turns blocks and seams, in order, into [`Span`]s of whole records, and [`Index`]
//! finds the fields of a span. [`State`] is the machine that all of them are held to; it reads what
//! the crate csv reads. Nothing here knows a file, a clock or a thread.

mod dialect;
pub mod field;
mod index;
mod machine;
mod scan;
mod seam;
mod split;
pub mod write;

pub use dialect::{Dialect, DialectError, Escape, Limits, Role, TooLong};
pub use index::{BadRecord, FaultKind, Index, Ragged};
pub use machine::{Event, Record, State, read_all};
pub use scan::Isa;
pub use seam::{Exit, Seam};
pub use split::{PADDING, Span, Splitter};
