//! A stream that is read once, from its first byte on: standard input, a pipe, a device.
//!
//! Detection looks at the first MiB before the run begins, so that much is kept and read again
//! from memory. A plan of several passes has the rest kept too, in a temporary file without a name
//! that goes with the process.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tidemill_core::detect::WINDOW;
use tidemill_core::source::{Identity, Source};
use tidemill_core::{Fault, FaultKind};

use crate::file::read_some;

/// Bytes that come once.
pub struct Stream {
    name: String,
    state: Mutex<State>,
}

struct State {
    reader: Box<dyn Read + Send>,
    /// The first bytes, until reading has passed them.
    head: Vec<u8>,
    /// Where the reader is.
    at: u64,
    ended: bool,
    spool: Option<std::fs::File>,
    /// A later pass reads the spool alone.
    rewound: bool,
}

impl Stream {
    /// A stream of that name, `-` for standard input.
    pub fn new(name: impl Into<String>, reader: impl Read + Send + 'static) -> Stream {
        Stream {
            name: name.into(),
            state: Mutex::new(State {
                reader: Box::new(reader),
                head: Vec::new(),
                at: 0,
                ended: false,
                spool: None,
                rewound: false,
            }),
        }
    }

    /// The same bytes from the first on, as a reader. Nothing may have been read but the head.
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Box::new(std::io::Cursor::new(state.head).chain(state.reader))
    }

    /// Standard input.
    pub fn stdin() -> Stream {
        Stream::new("-", std::io::stdin())
    }

    /// The first [`WINDOW`] bytes, or all. Reading still starts at the first byte.
    pub fn head(&self) -> Result<Vec<u8>, Fault> {
        let mut state = self.lock();
        if state.at == 0 && !state.ended {
            let mut head = vec![0; WINDOW];
            let read = self.fill(&mut state, &mut head)?;
            head.truncate(read);
            state.head = head;
        }
        Ok(state.head.clone())
    }

    /// Keeps what is read, for as many passes as are wanted. It has to be asked for before the
    /// run begins.
    pub fn spool(&self) -> Result<(), Fault> {
        let mut state = self.lock();
        if state.spool.is_some() {
            return Ok(());
        }
        if state.at > state.head.len() as u64 {
            return Err(Fault::internal(
                "a stream was to be spooled after it had been read",
            ));
        }
        let mut file = tempfile::tempfile().map_err(|error| self.no_spool(&error))?;
        file.write_all(&state.head)
            .map_err(|error| self.no_spool(&error))?;
        state.spool = Some(file);
        Ok(())
    }

    fn no_spool(&self, error: &std::io::Error) -> Fault {
        Fault::new(
            FaultKind::Io,
            self.name.clone(),
            format!("a stream that cannot be spooled: {error}"),
            "room in the temporary folder, since the recipe needs several passes",
        )
        .hint("save the stream to a file first, or set TMPDIR to a folder with room")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads on until `into` is full or the stream ends.
    fn fill(&self, state: &mut State, into: &mut [u8]) -> Result<usize, Fault> {
        let mut done = 0;
        while done < into.len() && !state.ended {
            match state.reader.read(&mut into[done..]) {
                Ok(0) => state.ended = true,
                Ok(read) => done += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(Fault::new(
                        FaultKind::Io,
                        self.name.clone(),
                        error.to_string(),
                        "a stream that can be read",
                    ));
                }
            }
        }
        state.at += done as u64;
        if let Some(spool) = &mut state.spool {
            spool
                .write_all(&into[..done])
                .map_err(|error| self.no_spool(&error))?;
        }
        Ok(done)
    }
}

impl Source for Stream {
    fn identity(&self) -> Result<Identity, Fault> {
        Ok(Identity {
            name: self.name.clone(),
            len: None,
            mark: None,
        })
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let mut state = self.lock();
        let state = &mut *state;
        if state.rewound {
            let Some(spool) = &state.spool else {
                return Err(Fault::internal("a stream without a spool was rewound"));
            };
            let mut done = 0;
            while done < into.len() {
                match read_some(spool, offset + done as u64, &mut into[done..]) {
                    Ok(0) => break,
                    Ok(read) => done += read,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.no_spool(&error)),
                }
            }
            return Ok(done);
        }
        let mut done = 0;
        let held = state.head.len() as u64;
        if offset < held {
            let from = offset as usize;
            done = into.len().min(state.head.len() - from);
            into[..done].copy_from_slice(&state.head[from..from + done]);
            if done == into.len() {
                return Ok(done);
            }
        }
        if offset + done as u64 != state.at {
            // Offsets behind the end are asked for by whoever does not know yet where it is.
            if state.ended && offset >= state.at {
                return Ok(done);
            }
            return Err(Fault::internal(format!(
                "a stream was asked for byte {offset} when it was at byte {}",
                state.at
            )));
        }
        let read = self.fill(state, &mut into[done..])?;
        if state.at > held {
            state.head = Vec::new();
        }
        Ok(done + read)
    }

    fn random(&self) -> bool {
        false
    }

    fn rewind(&self) -> Result<(), Fault> {
        let mut state = self.lock();
        let state = &mut *state;
        if state.rewound {
            return Ok(());
        }
        if state.spool.is_none() {
            return Err(Fault::new(
                FaultKind::Input,
                self.name.clone(),
                "a stream, which can be read once",
                "a file, since the recipe needs several passes",
            )
            .hint("save the stream to a file first"));
        }
        let mut rest = vec![0; 1 << 18];
        while !state.ended {
            self.fill(state, &mut rest)?;
        }
        if let Some(spool) = &mut state.spool {
            spool
                .seek(SeekFrom::Start(0))
                .map_err(|error| self.no_spool(&error))?;
        }
        state.head = Vec::new();
        state.rewound = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes a call, as pipes do.
    struct Drip(std::io::Cursor<Vec<u8>>);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let most = into.len().min(7919);
            self.0.read(&mut into[..most])
        }
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 31 % 251) as u8).collect()
    }

    fn all(stream: &Stream, block: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut into = vec![0; block];
        loop {
            let read = stream.read_at(out.len() as u64, &mut into).unwrap();
            out.extend_from_slice(&into[..read]);
            if read < block {
                return out;
            }
        }
    }

    #[test]
    fn every_byte_comes_once_whatever_the_block_and_whether_it_was_looked_at() {
        for length in [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 12_345] {
            for block in [1000, 1 << 18, 3 << 20] {
                for look in [false, true] {
                    let want = bytes(length);
                    let stream = Stream::new("-", Drip(std::io::Cursor::new(want.clone())));
                    if look {
                        assert_eq!(stream.head().unwrap(), want[..length.min(WINDOW)]);
                    }
                    assert!(all(&stream, block) == want, "{length} {block} {look}");
                }
            }
        }
    }

    #[test]
    fn a_spooled_stream_is_read_again_and_another_is_not() {
        let want = bytes(WINDOW + 70_000);
        let stream = Stream::new("-", Drip(std::io::Cursor::new(want.clone())));
        stream.head().unwrap();
        stream.spool().unwrap();
        assert!(all(&stream, 1 << 18) == want);
        for _ in 0..2 {
            stream.rewind().unwrap();
            assert!(all(&stream, 1 << 17) == want);
        }
        let stream = Stream::new("-", std::io::Cursor::new(want));
        assert!(stream.rewind().is_err());
    }
}
