//! Standard output as a sink. It is written to by its descriptor, since the standard library's
//! own handle buffers by line and says nothing of an output that is closed.

use std::io::{ErrorKind, Write};

use tidemill_core::sink::Sink;
use tidemill_core::{Fault, FaultKind};

const PLACE: &str = "standard output";
const BROKEN: &str = "a pipe that nobody reads any more";
const BUFFER: usize = 256 << 10;

/// Standard output, buffered. [`StdoutSink::finish`] says whether all of it was taken.
#[derive(Debug)]
pub struct StdoutSink {
    out: std::io::BufWriter<std::fs::File>,
}

impl StdoutSink {
    pub fn new() -> Result<StdoutSink, Fault> {
        #[cfg(unix)]
        let owned = std::os::fd::AsFd::as_fd(&std::io::stdout()).try_clone_to_owned();
        #[cfg(windows)]
        let owned =
            std::os::windows::io::AsHandle::as_handle(&std::io::stdout()).try_clone_to_owned();
        let file = std::fs::File::from(owned.map_err(|error| fault(&error))?);
        Ok(StdoutSink {
            out: std::io::BufWriter::with_capacity(BUFFER, file),
        })
    }

    pub fn finish(mut self) -> Result<(), Fault> {
        self.out.flush().map_err(|error| fault(&error))
    }
}

impl Sink for StdoutSink {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.out.write_all(bytes).map_err(|error| fault(&error))
    }
}

fn fault(error: &std::io::Error) -> Fault {
    if error.kind() == ErrorKind::BrokenPipe {
        return Fault::new(FaultKind::Io, PLACE, BROKEN, "");
    }
    crate::fault(
        std::path::Path::new(PLACE),
        error,
        "an output that takes all of it",
    )
}

/// Whether the run stopped because nobody reads standard output any more, as behind `head`. That
/// is no failure of anybody's.
pub fn is_broken_pipe(fault: &Fault) -> bool {
    fault.place == PLACE && fault.found == BROKEN
}
