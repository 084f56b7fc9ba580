//! Room to spill in a temporary folder, which goes when the run ends. Runs get numbered files, so
//! that no name of the core's has to suit a file system.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    open: BTreeMap<String, (PathBuf, std::fs::File)>,
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

impl Scratch for TempScratch {
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let mut runs = self.lock();
        if !runs.open.contains_key(name) {
            let path = self.folder.path().join(runs.next.to_string());
            runs.next += 1;
            let file = std::fs::OpenOptions::new()
                .read(true)
                .append(true)
                .create_new(true)
                .open(&path);
            let file =
                file.map_err(|error| fault(&path, &error, "a folder that can be written to"))?;
            runs.open.insert(name.to_string(), (path, file));
        }
        let Some((path, file)) = runs.open.get_mut(name) else {
            return Err(Fault::internal(format!("{name} vanished from the scratch")));
        };
        file.write_all(bytes)
            .map_err(|error| fault(path, &error, "room to spill"))
    }

    fn read(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let runs = self.lock();
        let Some((path, file)) = runs.open.get(name) else {
            return Err(Fault::internal(format!("{name} was never spilled")));
        };
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
        match self.lock().open.remove(name) {
            None => Ok(()),
            Some((path, _)) => std::fs::remove_file(&path)
                .map_err(|error| fault(&path, &error, "what was spilled")),
        }
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
