//! A file on a disk, read by offset from any thread.
//!
//! Reads are `pread`s, so workers share one descriptor and no position. A memory map would be one
//! copy cheaper, but a file that is cut short while it is mapped kills the process.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tidemill_core::source::{Identity, Source};
use tidemill_core::{Fault, FaultKind};

use crate::fault;

/// An open file.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    file: std::fs::File,
}

impl File {
    /// Opens a regular file. Pipes and devices are streams: see [`crate::Stream`].
    pub fn open(path: impl Into<PathBuf>) -> Result<File, Fault> {
        let path = path.into();
        let expected = "a file that can be read";
        let metadata =
            std::fs::metadata(&path).map_err(|error| missing(&path, &error, expected))?;
        if metadata.is_dir() {
            return Err(Fault::new(
                FaultKind::Io,
                path.display().to_string(),
                "a folder",
                "a file of delimited text",
            )
            .hint("name a file in it"));
        }
        let file = std::fs::File::open(&path).map_err(|error| fault(&path, &error, expected))?;
        Ok(File { path, file })
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same file as a reader from its first byte on.
    pub fn reader(&self) -> Result<std::fs::File, Fault> {
        std::fs::File::open(&self.path)
            .map_err(|error| fault(&self.path, &error, "a file that can be read"))
    }

    /// Up to `length` bytes from the start.
    pub fn head(&self, length: usize) -> Result<Vec<u8>, Fault> {
        let known = self
            .file
            .metadata()
            .map_or(length as u64, |metadata| metadata.len());
        let mut head = vec![0; length.min(usize::try_from(known).unwrap_or(length))];
        let read = self.read_at(0, &mut head)?;
        head.truncate(read);
        Ok(head)
    }
}

/// A file that is not there: says whether it is its folder that is lacking, or a neighbour that
/// is probably meant.
fn missing(path: &Path, error: &std::io::Error, expected: &str) -> Fault {
    let fault = fault(path, error, expected);
    if error.kind() != std::io::ErrorKind::NotFound {
        return fault;
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return fault.hint(format!("there is no folder {}", folder.display()));
    };
    let names: Vec<String> = entries
        .flatten()
        .take(10_000)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let wanted = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    match tidemill_core::error::nearest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => fault.hint(format!("did you mean \"{near}\"?")),
        None => fault,
    }
}

impl Source for File {
    fn identity(&self) -> Result<Identity, Fault> {
        let metadata = self
            .file
            .metadata()
            .map_err(|error| fault(&self.path, &error, "a file that can be read"))?;
        let mark = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map(|time| time.as_nanos() as u64);
        let name = self.path.file_name().map_or_else(
            || self.path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        Ok(Identity {
            name,
            len: Some(metadata.len()),
            mark,
        })
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let mut done = 0;
        while done < into.len() {
            match read_some(&self.file, offset + done as u64, &mut into[done..]) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(fault(&self.path, &error, "a file that can be read")),
            }
        }
        Ok(done)
    }

    fn random(&self) -> bool {
        true
    }

    fn rewind(&self) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(unix)]
pub(crate) fn read_some(
    file: &std::fs::File,
    offset: u64,
    into: &mut [u8],
) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
pub(crate) fn read_some(
    file: &std::fs::File,
    offset: u64,
    into: &mut [u8],
) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_at_any_offset_until_full_or_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, b"0123456789").unwrap();
        let file = File::open(&path).unwrap();
        let mut into = [0; 4];
        assert_eq!((file.read_at(3, &mut into).unwrap(), &into), (4, b"3456"));
        assert_eq!(file.read_at(8, &mut into).unwrap(), 2);
        assert_eq!(file.read_at(10, &mut into).unwrap(), 0);
        assert_eq!(file.read_at(99, &mut into).unwrap(), 0);
        assert_eq!(file.head(3).unwrap(), b"012");
        assert_eq!(file.head(99).unwrap(), b"0123456789");
        let identity = file.identity().unwrap();
        assert_eq!((identity.name.as_str(), identity.len), ("a.csv", Some(10)));
        assert!(identity.mark.is_some());
    }

    #[test]
    fn what_is_no_file_is_named_as_it_was_typed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("orders.csv"), b"a\n").unwrap();
        let path = folder.path().join("order.csv");
        let error = File::open(&path).unwrap_err();
        assert_eq!(error.place, path.display().to_string());
        assert_eq!(error.hint.as_deref(), Some("did you mean \"orders.csv\"?"));
        assert_eq!(File::open(folder.path()).unwrap_err().found, "a folder");
        let error = File::open(folder.path().join("none/a.csv")).unwrap_err();
        assert!(error.hint.unwrap().contains("no folder"));
    }
}
