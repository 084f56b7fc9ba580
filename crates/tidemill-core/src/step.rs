//! The cleaning side of the house: what a step is. There are three kinds, told apart by what a
//! chunk must know of the rest of the file, because that alone decides how a driver may run it.

use crate::chunk::Chunk;
use crate::error::Fault;
use crate::reduce::Call;
use crate::report::Figure;

/// What a step did, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepTally {
    /// Cells whose bytes differ now.
    pub changed: u64,
    pub added: u64,
    pub rejected: u64,
    pub filtered: u64,
    pub deduplicated: u64,
    /// Rows that a filter dropped because its answer was neither true nor false. They are among
    /// `filtered`.
    pub unknown: u64,
    /// Cells that could not be read as the type asked for and became missing, or were kept.
    pub invalid: u64,
}

impl StepTally {
    pub fn merge(&mut self, other: &StepTally) {
        self.changed += other.changed;
        self.added += other.added;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.deduplicated += other.deduplicated;
        self.unknown += other.unknown;
        self.invalid += other.invalid;
    }
}

/// A row that a step sets aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowReject {
    pub row: u32,
    pub slot: u32,
    pub reason: String,
    pub raw: Vec<u8>,
    /// The step was told to stop at the first fault: this row ends the run.
    pub fatal: bool,
}

/// Where a step writes what it did with one chunk.
#[derive(Debug, Default)]
pub struct Outcome {
    pub tally: StepTally,
    /// In the order of rows within one column; columns in header order.
    pub rejects: Vec<RowReject>,
}

/// A step that needs to know nothing but the row.
pub trait RowLocal: Send + Sync {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome);
}

/// A step that needs to know what came before: each chunk is summarised, summaries are composed
/// in the order of the file, and a chunk is worked on with the summary of all before it.
pub trait Carried: Send + Sync {
    type Summary: Clone + Send + serde::Serialize + serde::de::DeserializeOwned + 'static;
    /// The summary of nothing.
    fn start(&self) -> Self::Summary;
    /// The summary of one chunk's selected rows.
    fn summarise(&self, chunk: &Chunk) -> Self::Summary;
    /// The summary of `before` followed by `after`. It is associative.
    fn compose(&self, before: &Self::Summary, after: &Self::Summary) -> Self::Summary;
    fn apply(&self, chunk: &mut Chunk, before: &Self::Summary, outcome: &mut Outcome);
}

/// A [`Carried`] step with its summary as bytes, so that a driver can hold any of them.
pub trait DynCarried: Send + Sync {
    fn start(&self) -> Vec<u8>;
    fn summarise(&self, chunk: &Chunk) -> Vec<u8>;
    fn compose(&self, before: &[u8], after: &[u8]) -> Result<Vec<u8>, Fault>;
    fn apply(&self, chunk: &mut Chunk, before: &[u8], outcome: &mut Outcome) -> Result<(), Fault>;
}

impl<C: Carried> DynCarried for C {
    fn start(&self) -> Vec<u8> {
        freeze(&Carried::start(self))
    }

    fn summarise(&self, chunk: &Chunk) -> Vec<u8> {
        freeze(&Carried::summarise(self, chunk))
    }

    fn compose(&self, before: &[u8], after: &[u8]) -> Result<Vec<u8>, Fault> {
        let composed = Carried::compose(self, &thaw(before)?, &thaw(after)?);
        Ok(freeze(&composed))
    }

    fn apply(&self, chunk: &mut Chunk, before: &[u8], outcome: &mut Outcome) -> Result<(), Fault> {
        Carried::apply(self, chunk, &thaw(before)?, outcome);
        Ok(())
    }
}

fn freeze<T: serde::Serialize>(value: &T) -> Vec<u8> {
    // Writing to memory fails only for types that serde cannot describe, which no summary is.
    postcard::to_allocvec(value).unwrap_or_default()
}

fn thaw<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    postcard::from_bytes(bytes)
        .map_err(|error| Fault::internal(format!("a carried summary: {error}")))
}

/// A step that first learns from the whole file. The plan makes what it asks for a pass before.
pub trait Fitted: Send + Sync {
    /// The reductions it is fitted from, over the rows as they are when they come to this step.
    fn asks(&self) -> Vec<Call>;
    /// The step, now that the answers are there, in the order of the asking.
    fn fit(&self, answers: &[Figure]) -> Box<dyn RowLocal>;
}

/// A step of one of the three kinds.
pub enum StepKind {
    /// Nothing to do with rows: the plan has done it (select, drop, rename).
    Planned,
    RowLocal(Box<dyn RowLocal>),
    Carried(Box<dyn DynCarried>),
    Fitted(Box<dyn Fitted>),
}
