//! xz, stream after stream.

use std::io::ErrorKind;

use lzma_rust2::{Action, Status, XzStream};

use crate::{Decode, MEMORY_KIB, Step, Wrong};

pub struct Xz {
    stream: XzStream,
    ended: bool,
}

impl Xz {
    pub fn new() -> Xz {
        Xz {
            stream: XzStream::new_mem_limit(true, MEMORY_KIB),
            ended: false,
        }
    }
}

impl Decode for Xz {
    fn step(&mut self, packed: &[u8], last: bool, into: &mut [u8]) -> Result<Step, Wrong> {
        if self.ended {
            return Ok(Step::default());
        }
        let action = if last { Action::Finish } else { Action::Run };
        let done =
            self.stream
                .process(packed, into, action)
                .map_err(|error| match error.kind() {
                    ErrorKind::UnexpectedEof => Wrong::Cut,
                    ErrorKind::OutOfMemory => Wrong::Memory,
                    _ => Wrong::Broken,
                })?;
        self.ended = done.status == Status::StreamEnd;
        Ok(Step {
            took: done.bytes_consumed,
            gave: done.bytes_produced,
        })
    }

    fn whole(&self) -> bool {
        self.ended
    }
}
