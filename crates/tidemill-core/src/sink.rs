//! Where cleaned rows and rejected rows go. A sink gets bytes in the order of the file and may
//! block: that is the back-pressure.

use crate::error::Fault;
use crate::report::Figure;

/// Bytes to the host, in order.
pub trait Sink: Send {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault>;
}

/// Keeps everything in memory; for tests and small outputs.
impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &[u8]) -> Result<(), Fault> {
        Ok(())
    }
}

/// Takes the rows of reductions as they are finished, so that nobody has to hold all of them.
pub trait Tables {
    /// A reduction begins.
    fn columns(&mut self, name: &str, columns: &[String]) -> Result<(), Fault>;
    fn row(&mut self, row: Vec<Figure>) -> Result<(), Fault>;
}
