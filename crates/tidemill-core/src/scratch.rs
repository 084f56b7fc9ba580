//! Room to spill, lent by the host: a temporary folder natively, OPFS in a browser. What goes
//! there is the driver's own and is gone at the end of the run.

use std::sync::Arc;

use crate::error::Fault;

/// A place for named runs of bytes.
pub trait Scratch: Send + Sync {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault>;
    fn read(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<usize, Fault>;
    fn remove(&self, name: &str) -> Result<(), Fault>;
}

/// No room at all: whoever asks for it gets a Fault that says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScratch;

impl Scratch for NoScratch {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        Err(Fault::limit(
            format!("spilling {name}"),
            "scratch",
            bytes.len() as u64,
            0,
        ))
    }

    fn read(&self, name: &str, _: u64, _: &mut [u8]) -> Result<usize, Fault> {
        Err(Fault::internal(format!("{name} was never spilled")))
    }

    fn remove(&self, _: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// What steps may use to remember what they have seen: memory up to a budget, and the host's room
/// beyond it. No result depends on it, but a run may end for want of it.
#[derive(Clone)]
pub struct Room {
    pub scratch: Arc<dyn Scratch>,
    /// Bytes of memory for one step's notes.
    pub memory: u64,
}

/// The memory of a step's notes where nobody has said anything else.
pub const NOTES: u64 = 256 << 20;

impl Default for Room {
    fn default() -> Room {
        Room {
            scratch: Arc::new(NoScratch),
            memory: NOTES,
        }
    }
}
