//! Room to spill in a temporary folder, which goes when the run ends. Runs get numbered files, so
//! that no name of the core's has to suit a file system.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tidemill_core::Fault;
use tidemill_core::scratch::Scratch;

use crate::fault;
use crate::file::read_some;

/// A temporary folder of named runs of bytes.
#[derive(Debug)]
pub struct TempScratch {
    folder: tempfile::TempDir,
    runs: Mutex<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    open: BTreeMap<String, Arc<(PathBuf, std::fs::File)>>,
    next: u64,
}

impl TempScratch {
    /// In the system's temporary folder.
    pub fn new() -> Result<TempScratch, Fault> {
        TempScratch::within(&std::env::temp_dir())
    }

    pub fn within(folder: &Path) -> Result<TempScratch, Fault> {
        let made = tempfile::Builder::new()
            .prefix("tidemill-")
            .tempdir_in(folder);
        let folder =
            made.map_err(|error| fault(folder, &error, "a folder that can be written to"))?;
        Ok(TempScratch {
            folder,
            runs: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TempScratch {
    /// The file of a run. It is read and written without the lock, so that threads do not wait for each
    /// other's bytes.
    fn run(&self, name: &str) -> Result<Arc<(PathBuf, std::fs::File)>, Fault> {
        match self.lock().open.get(name) {
            Some(run) => Ok(Arc::clone(run)),
            None => Err(Fault::internal(format!("{name} was never spilled"))),
        }
    }

    fn begin(&self, name: &str) -> Result<(), Fault> {
        let mut runs = self.lock();
        if runs.open.contains_key(name) {
            return Ok(());
        }
        let path = self.folder.path().join(runs.next.to_string());
        runs.next += 1;
        let file = std::fs::OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(&path);
        let file = file.map_err(|error| fault(&path, &error, "a folder that can be written to"))?;
        runs.open.insert(name.to_string(), Arc::new((path, file)));
        Ok(())
    }
}

impl Scratch for TempScratch {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.begin(name)?;
        let run = self.run(name)?;
        let (path, mut file) = (&run.0, &run.1);
        file.write_all(bytes)
            .map_err(|error| fault(path, &error, "room to spill"))
    }

    fn read(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let run = self.run(name)?;
        let (path, file) = (&run.0, &run.1);
        let mut done = 0;
        while done < into.len() {
            match read_some(file, offset + done as u64, &mut into[done..]) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(fault(path, &error, "what was spilled")),
            }
        }
        Ok(done)
    }

    fn remove(&self, name: &str) -> Result<(), Fault> {
        let removed = self.lock().open.remove(name);
        match removed {
            None => Ok(()),
            Some(run) => std::fs::remove_file(&run.0)
                .map_err(|error| fault(&run.0, &error, "what was spilled")),
        }
    }
}

/// A [`TempScratch`] in the system's temporary folder that is made when it is first written to.
#[derive(Debug, Default)]
pub struct Temporary(OnceLock<TempScratch>);

impl Temporary {
    fn made(&self) -> Result<&TempScratch, Fault> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        // Of two that are made at once, one goes as it came.
        let made = TempScratch::new()?;
        Ok(self.0.get_or_init(|| made))
    }
}

impl Scratch for Temporary {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.made()?.append(name, bytes)
    }

    fn read(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        self.made()?.read(name, offset, into)
    }

    fn remove(&self, name: &str) -> Result<(), Fault> {
        self.0.get().map_or(Ok(()), |made| made.remove(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_kept_apart_and_go_with_the_folder() {
        let scratch = TempScratch::new().unwrap();
        let folder = scratch.folder.path().to_path_buf();
        scratch.append("a/b", b"one").unwrap();
        scratch.append("c", b"two").unwrap();
        scratch.append("a/b", b"three").unwrap();
        let mut into = [0; 16];
        assert_eq!(scratch.read("a/b", 1, &mut into).unwrap(), 7);
        assert_eq!(&into[..7], b"nethree");
        scratch.remove("a/b").unwrap();
        scratch.remove("never").unwrap();
        assert!(scratch.read("a/b", 0, &mut into).is_err());
        drop(scratch);
        assert!(!folder.exists());
    }
}
