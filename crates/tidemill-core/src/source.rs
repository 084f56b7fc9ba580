//! The doors to the host: bytes in, rows out, progress and stop, room to spill. Traits only; the
//! hosts (files, a browser's File, an object store) implement them.

use crate::error::Fault;

/// What a source is, for reports and for the check that nobody changed it while it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The base name, or `-` for a stream.
    pub name: String,
    /// The length in bytes, where the host knows it.
    pub len: Option<u64>,
    /// A mark that changes when the content does, such as a time of change. It is compared and
    /// never shown.
    pub mark: Option<u64>,
}

/// Bytes from the host.
pub trait Source: Sync {
    /// Asked at the start and at the end of each pass: a difference is a Fault.
    fn identity(&self) -> Result<Identity, Fault>;

    /// Fills `into` from `offset` on and returns how many bytes there were; fewer than asked for
    /// only at the end. A source that is not [`Source::random`] is asked for ascending offsets,
    /// one call at a time.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault>;

    /// Whether `read_at` takes any offset from any thread.
    fn random(&self) -> bool;

    /// Goes back to the first byte, for another pass. A stream that cannot do that is spooled by
    /// its host or refuses.
    fn rewind(&self) -> Result<(), Fault>;
}

/// Bytes in memory.
pub struct Memory {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Memory {
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Memory {
        Memory {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

impl Source for Memory {
    fn identity(&self) -> Result<Identity, Fault> {
        Ok(Identity {
            name: self.name.clone(),
            len: Some(self.bytes.len() as u64),
            mark: None,
        })
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let take = into.len().min(self.bytes.len() - from);
        into[..take].copy_from_slice(&self.bytes[from..from + take]);
        Ok(take)
    }

    fn random(&self) -> bool {
        true
    }

    fn rewind(&self) -> Result<(), Fault> {
        Ok(())
    }
}
