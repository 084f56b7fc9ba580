//! The cleaning side of the house: what a step is. There are three kinds, told apart by what a
//! chunk must know of the rest of the file, because that alone decides how a driver may run it.

use std::sync::Arc;

use crate::chunk::Chunk;
use crate::error::Fault;
use crate::reduce::Call;
use crate::reduction::Key;
use crate::scratch::Room;
use crate::totals::Grouped;

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

/// A step that hears of every chunk in the order of the file. What it must remember from chunk to
/// chunk is in a [`Ledger`], of which a pass has one: workers make summaries of their chunks, the
/// ledger answers them in order, and each worker goes on with its answer.
pub trait Sequential: Send + Sync {
    /// `place` is the step's, in words, and no other ledger's of the run.
    fn ledger(self: Arc<Self>, place: &str, room: &Room) -> Box<dyn Ledger>;
    /// Whether an answer depends on the chunks behind. The ledger then hears all of the file once, in
    /// a pass before, and its answers there are not heard. Behind that, a summary is only the number
    /// of selected rows, as eight bytes with the least first.
    fn looks_ahead(&self) -> bool {
        false
    }
    /// What the ledger must know of a chunk's selected rows.
    fn summarise(&self, chunk: &Chunk) -> Vec<u8>;
    fn apply(&self, chunk: &mut Chunk, answer: &[u8], outcome: &mut Outcome) -> Result<(), Fault>;
}

/// The memory of one [`Sequential`] step. It gets each chunk's summary once a pass, in order.
pub trait Ledger: Send {
    fn turn(&mut self, summary: &[u8]) -> Result<Vec<u8>, Fault>;
    /// A new pass begins. What was noted of the chunks before is gone; what was learnt of the whole
    /// file stays, and `learnt` says that it has all been heard now.
    fn rewind(&mut self, learnt: bool) -> Result<(), Fault>;
}

impl<C: Carried + 'static> Sequential for C {
    fn ledger(self: Arc<Self>, _: &str, _: &Room) -> Box<dyn Ledger> {
        let before = self.start();
        Box::new(Running { step: self, before })
    }

    fn summarise(&self, chunk: &Chunk) -> Vec<u8> {
        freeze(&Carried::summarise(self, chunk))
    }

    fn apply(&self, chunk: &mut Chunk, answer: &[u8], outcome: &mut Outcome) -> Result<(), Fault> {
        Carried::apply(self, chunk, &thaw(answer)?, outcome);
        Ok(())
    }
}

/// The ledger of a [`Carried`] step: the summary of all chunks so far.
struct Running<C: Carried> {
    step: Arc<C>,
    before: C::Summary,
}

impl<C: Carried> Ledger for Running<C> {
    fn turn(&mut self, summary: &[u8]) -> Result<Vec<u8>, Fault> {
        let answer = freeze(&self.before);
        self.before = self.step.compose(&self.before, &thaw(summary)?);
        Ok(answer)
    }

    fn rewind(&mut self, _: bool) -> Result<(), Fault> {
        self.before = self.step.start();
        Ok(())
    }
}

pub(crate) fn freeze<T: serde::Serialize>(value: &T) -> Vec<u8> {
    // Writing to memory fails only for types that serde cannot describe, which no summary is.
    postcard::to_allocvec(value).unwrap_or_default()
}

pub(crate) fn thaw<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    postcard::from_bytes(bytes)
        .map_err(|error| Fault::internal(format!("a carried summary: {error}")))
}

/// A step that first learns from the whole file. The plan makes what it asks for a pass before.
pub trait Fitted: Send + Sync {
    /// The reductions it is fitted from, over the rows as they are when they come to this step.
    fn asks(&self) -> Vec<Call>;
    /// The columns whose groups have answers of their own.
    fn by(&self) -> &[Key] {
        &[]
    }
    /// The step, now that the answers are there: those of the one group, or those of each.
    fn fit(&self, learnt: &Grouped) -> Result<Box<dyn RowLocal>, Fault>;
}

/// A step of one of the three kinds.
pub enum StepKind {
    /// Nothing to do with rows: the plan has done it (select, drop, rename).
    Planned,
    RowLocal(Box<dyn RowLocal>),
    Carried(Arc<dyn Sequential>),
    Fitted(Box<dyn Fitted>),
}

impl StepKind {
    /// Whether the step must know of all of the file before it is applied to any of it.
    pub fn learns(&self) -> bool {
        match self {
            StepKind::Fitted(_) => true,
            StepKind::Carried(step) => step.looks_ahead(),
            StepKind::Planned | StepKind::RowLocal(_) => false,
        }
    }
}
