//! Room to spill, lent by the host: a temporary folder natively, OPFS in a browser. What goes
//! there is the driver's own and is gone at the end of the run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// What steps may use to remember what they have seen, and reductions for their groups: memory up to a
/// budget, and the host's room beyond it. No result depends on it, but a run may end for want of it.
#[derive(Clone)]
pub struct Room {
    pub scratch: Arc<dyn Scratch>,
    /// Bytes of memory for one step's notes, and as many for all groups.
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

/// Runs of bytes in memory; for tests.
#[derive(Debug, Default)]
pub struct MemoryScratch(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryScratch {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes there are.
    pub fn size(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }
}

impl Scratch for MemoryScratch {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let mut runs = self.lock();
        runs.entry(name.to_string())
            .or_default()
            .extend_from_slice(bytes);
        Ok(())
    }

    fn read(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let runs = self.lock();
        let Some(run) = runs.get(name) else {
            return Err(Fault::internal(format!("{name} was never spilled")));
        };
        let rest = usize::try_from(offset).ok().and_then(|at| run.get(at..));
        let rest = rest.unwrap_or_default();
        let read = rest.len().min(into.len());
        into[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn remove(&self, name: &str) -> Result<(), Fault> {
        self.lock().remove(name);
        Ok(())
    }
}
