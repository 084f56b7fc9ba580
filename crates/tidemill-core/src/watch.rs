//! Progress and stop. The driver asks once a chunk; kernels never see it.

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes whose records have been worked on.
    pub bytes: u64,
    /// The length of the input, where it is known.
    pub total: Option<u64>,
    /// The pass, from 1, and how many there are.
    pub pass: u32,
    pub passes: u32,
    pub rows: u64,
}

/// Is told how far a run is, and says whether it goes on.
pub trait Watch: Sync {
    /// Returns false to cancel: the run ends within a chunk a worker, with a report marked
    /// partial.
    fn step(&self, progress: &Progress) -> bool;
}

/// Never cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn step(&self, _: &Progress) -> bool {
        true
    }
}
