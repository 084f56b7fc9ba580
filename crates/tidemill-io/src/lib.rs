//! Native doors of the core: files and streams in, files and standard output out, room to spill.
//!
//! The decision that shaped it: an output file is either the whole result or what was there
//! before. Rows go to a temporary file beside the target, which takes the target's name only when
//! the run is done.

mod encode;
mod file;
mod pack;
mod parts;
mod scratch;
mod sink;
mod stdout;
mod stream;
mod transcode;
mod unpack;

use std::path::Path;

use tidemill_core::{Fault, FaultKind};

pub use encode::Encoded;
pub use file::File;
pub use pack::{Packed, packing};
pub use parts::{Part, Parts, Split, Splitting, part};
pub use scratch::{TempScratch, Temporary};
pub use sink::{AtomicFile, abandon_all};
pub use stdout::{StdoutSink, is_broken_pipe};
pub use stream::Stream;
pub use transcode::Transcoded;
pub use unpack::{unpack, unzip};

/// Whether two paths lead to one file, by links of either kind too. A path that leads nowhere is
/// nothing's equal.
pub fn same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        match (std::fs::metadata(a), std::fs::metadata(b)) {
            (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        }
    }
}

/// An error of the system at a path, in the four parts that every failure has.
fn fault(path: &Path, error: &std::io::Error, expected: &str) -> Fault {
    use std::io::ErrorKind;
    let (found, hint) = match error.kind() {
        ErrorKind::NotFound => ("no such file", None),
        ErrorKind::PermissionDenied => ("no permission", Some("look at its owner and mode: ls -l")),
        ErrorKind::StorageFull => (
            "no space left on the device",
            Some("free some space, or write to another device"),
        ),
        ErrorKind::QuotaExceeded => (
            "the disk quota is used up",
            Some("free some space, or write to another device"),
        ),
        ErrorKind::ReadOnlyFilesystem => ("a file system that is read-only", None),
        ErrorKind::IsADirectory => ("a folder", None),
        ErrorKind::InvalidFilename => ("a name that the file system does not take", None),
        _ => ("", None),
    };
    let found = if found.is_empty() {
        error.to_string()
    } else {
        found.to_string()
    };
    let fault = Fault::new(FaultKind::Io, path.display().to_string(), found, expected);
    match hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}
