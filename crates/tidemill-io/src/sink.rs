//! A file that appears whole or not at all.
//!
//! Rows go to a temporary file in the target's folder, since a rename is atomic only within one
//! file system. It is locked while it is written: a file without its writer, left by a process
//! that was killed, can so be told from one in use and is cleared away by the next run that has
//! the same target.

use std::ffi::OsString;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::{NamedTempFile, TempPath};
use tidemill_core::sink::Sink;
use tidemill_core::{Fault, FaultKind};

use crate::fault;

const BUFFER: usize = 256 << 10;
const PREFIX: &str = ".tidemill-";
const SUFFIX: &str = ".tmp";
const EXPECTED: &str = "a file that can be written";

/// Temporary files of this process, for [`abandon_all`].
static LIVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the temporary files of all outputs that are not published. It is for a process that
/// has to end without running destructors.
pub fn abandon_all() {
    for path in LIVE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .drain(..)
    {
        // There is nobody left to be told, and the next run tries again.
        let _ = std::fs::remove_file(path);
    }
}

/// A temporary file's entry in [`LIVE`].
#[derive(Debug)]
struct Live(PathBuf);

impl Live {
    fn new(path: &Path) -> Live {
        LIVE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(path.to_path_buf());
        Live(path.to_path_buf())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|live| *live != self.0);
    }
}

/// An output file.
#[derive(Debug)]
pub struct AtomicFile {
    /// As it was typed, for messages.
    path: PathBuf,
    out: Out,
}

#[derive(Debug)]
enum Out {
    /// A device or a pipe, which cannot be replaced and is written straight.
    Straight(BufWriter<std::fs::File>),
    Beside {
        target: PathBuf,
        out: BufWriter<NamedTempFile>,
        live: Live,
    },
    /// Whole and on the disk, and not named yet. It is open no more, so that there may be many.
    Whole {
        target: PathBuf,
        temporary: TempPath,
        live: Live,
    },
}

impl AtomicFile {
    pub fn create(path: impl Into<PathBuf>) -> Result<AtomicFile, Fault> {
        let path = path.into();
        let family = short_name(&resolved(&path));
        AtomicFile::create_of(path, &family)
    }

    /// One of several files that are one output: what an earlier run of the family left behind is
    /// cleared away, whichever of its files it was to become.
    pub fn create_in(path: impl Into<PathBuf>, family: &Path) -> Result<AtomicFile, Fault> {
        AtomicFile::create_of(path.into(), &short_name(family))
    }

    fn create_of(path: PathBuf, name: &str) -> Result<AtomicFile, Fault> {
        if AtomicFile::is_special(&path) {
            let file = std::fs::OpenOptions::new().append(true).open(&path);
            let file = file.map_err(|error| fault(&path, &error, EXPECTED))?;
            return Ok(AtomicFile {
                out: Out::Straight(BufWriter::with_capacity(BUFFER, file)),
                path,
            });
        }
        let target = resolved(&path);
        let existing = std::fs::metadata(&target).ok();
        if let Some(metadata) = &existing {
            if metadata.is_dir() {
                return Err(Fault::new(
                    FaultKind::Io,
                    path.display().to_string(),
                    "a folder",
                    EXPECTED,
                )
                .hint("name a file in it"));
            }
            if metadata.permissions().readonly() {
                return Err(Fault::new(
                    FaultKind::Io,
                    path.display().to_string(),
                    "a file that is read-only",
                    EXPECTED,
                )
                .hint("name another output, or make the file writable"));
            }
        }
        let folder = folder_of(&target);
        if !folder.is_dir() {
            return Err(Fault::new(
                FaultKind::Io,
                path.display().to_string(),
                format!("no folder {}", folder.display()),
                "a folder that exists",
            )
            .hint(format!("make it first: mkdir -p {}", folder.display())));
        }
        clear_stale(folder, name);
        let mut prefix = OsString::from(PREFIX);
        prefix.push(format!("{name}-{}-", std::process::id()));
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX);
        // The mode that any new file gets: the system takes the umask off it.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder)
            .map_err(|error| fault(&path, &error, EXPECTED))?;
        // File systems without locks leave the process number alone to tell.
        #[cfg(unix)]
        let _ = file.as_file().try_lock();
        let live = Live::new(file.path());
        if let Some(metadata) = existing {
            let permissions = metadata.permissions();
            file.as_file()
                .set_permissions(permissions)
                .map_err(|error| fault(&path, &error, EXPECTED))?;
        }
        let out = BufWriter::with_capacity(BUFFER, file);
        Ok(AtomicFile {
            out: Out::Beside { target, out, live },
            path,
        })
    }

    /// Whether the path leads to a device, a pipe or a descriptor, which is written straight.
    pub fn is_special(path: &Path) -> bool {
        // A descriptor of this process is written to, even where it leads to an ordinary file.
        // (/dev/shm is a folder of ordinary files: it was once taken for one of these, and runs
        // were appended to each other.)
        let descriptors = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];
        if descriptors.iter().any(|prefix| path.starts_with(prefix)) {
            return path.exists();
        }
        std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    }

    /// Brings everything to the disk but leaves the target as it is. With several outputs, all
    /// are prepared before the first is published.
    pub fn prepare(&mut self) -> Result<(), Fault> {
        let done = match &mut self.out {
            Out::Straight(out) => out.flush(),
            Out::Beside { out, .. } => out
                .flush()
                .and_then(|()| out.get_ref().as_file().sync_all()),
            Out::Whole { .. } => Ok(()),
        };
        done.map_err(|error| fault(&self.path, &error, EXPECTED))
    }

    /// Closes what is whole, and keeps it until it gets its name.
    pub fn close(mut self) -> Result<AtomicFile, Fault> {
        self.prepare()?;
        let Out::Beside { target, out, live } = self.out else {
            return Ok(self);
        };
        let file = out
            .into_inner()
            .map_err(|error| fault(&self.path, error.error(), EXPECTED))?;
        Ok(AtomicFile {
            out: Out::Whole {
                target,
                temporary: file.into_temp_path(),
                live,
            },
            path: self.path,
        })
    }

    /// Gives it another name in the same folder than it was made for.
    pub fn rename(&mut self, path: PathBuf) {
        if let Out::Beside { target, .. } | Out::Whole { target, .. } = &mut self.out {
            *target = resolved(&path);
            self.path = path;
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the output its name.
    pub fn finish(self) -> Result<(), Fault> {
        let closed = self.close()?;
        let Out::Whole {
            target,
            temporary,
            live,
        } = closed.out
        else {
            return Ok(());
        };
        let persisted = temporary.persist(&target);
        drop(live);
        persisted.map_err(|error| fault(&closed.path, &error.error, EXPECTED))?;
        // The name itself is on the disk only when its folder is. A file system that cannot do
        // that has still done the rename.
        #[cfg(unix)]
        if let Ok(folder) = std::fs::File::open(folder_of(&target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Sink for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let done = match &mut self.out {
            Out::Straight(out) => out.write_all(bytes),
            Out::Beside { out, .. } => out.write_all(bytes),
            Out::Whole { .. } => Err(std::io::Error::other("a file that is closed already")),
        };
        done.map_err(|error| fault(&self.path, &error, EXPECTED))
    }
}

/// Where the last of a chain of links points, so that a link to the output stays a link.
fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match std::fs::read_link(&path) {
            Ok(next) => path = folder_of(&path).join(next),
            Err(_) => break,
        }
    }
    path
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The target's name, cut so that with all that is put around it it stays below the usual limit
/// of 255 bytes.
fn short_name(target: &Path) -> String {
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut end = name.len().min(150);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_string()
}

/// Removes temporary files of the same target whose process is gone.
fn clear_stale(folder: &Path, name: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let prefix = format!("{PREFIX}{name}-");
    for entry in entries.flatten() {
        let file = entry.file_name();
        let Some(rest) = file
            .to_str()
            .and_then(|file| file.strip_prefix(&prefix))
            .and_then(|rest| rest.strip_suffix(SUFFIX))
        else {
            continue;
        };
        let Some((pid, random)) = rest.split_once('-') else {
            continue;
        };
        let Ok(pid) = pid.parse::<i32>() else {
            continue;
        };
        if random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !is_alive(pid)
            && is_unlocked(&entry.path())
        {
            // Another run may have been quicker.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_alive(pid: i32) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(pid) else {
        return true;
    };
    // Any answer but "no such process" means that there is one.
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// Whether nobody writes it. A process of another container has a number that means nothing
/// here, but its lock is seen.
#[cfg(unix)]
fn is_unlocked(path: &Path) -> bool {
    std::fs::File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Windows removes no file that is open.
#[cfg(not(unix))]
fn is_alive(_: i32) -> bool {
    false
}

#[cfg(not(unix))]
fn is_unlocked(_: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_target_changes_only_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        std::fs::write(&path, b"old").unwrap();
        let mut out = AtomicFile::create(&path).unwrap();
        out.write(b"new").unwrap();
        out.prepare().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()).len(), 2);
        out.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["out.csv"]);

        let mut out = AtomicFile::create(&path).unwrap();
        out.write(b"never").unwrap();
        drop(out);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["out.csv"]);
    }

    /// A regression: /dev/shm was taken for a device, so a second run appended to the first.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_in_shared_memory_is_replaced_like_any_other() {
        let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
            return;
        };
        let path = folder.path().join("out.csv");
        for text in [b"first".as_slice(), b"second"] {
            let mut out = AtomicFile::create(&path).unwrap();
            out.write(text).unwrap();
            out.finish().unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), text);
        }
        assert!(AtomicFile::is_special(Path::new("/dev/null")));
        assert!(AtomicFile::is_special(Path::new("/dev/stdout")));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_mode_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("real.csv");
        let link = folder.path().join("link.csv");
        std::fs::write(&path, b"old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.csv", &link).unwrap();
        let mut out = AtomicFile::create(&link).unwrap();
        out.write(b"new").unwrap();
        out.finish().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(crate::same_file(&link, &path));

        // A new file gets what any other new file gets.
        let plain = folder.path().join("plain");
        std::fs::write(&plain, b"").unwrap();
        let fresh = folder.path().join("fresh.csv");
        AtomicFile::create(&fresh).unwrap().finish().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&fresh), mode(&plain));
    }

    #[cfg(unix)]
    #[test]
    fn leftovers_of_dead_processes_are_cleared_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| std::fs::write(folder.path().join(name), b"").unwrap();
        // Beyond the largest process number of any Linux.
        make(".tidemill-out.csv-99999999-abc123.tmp");
        make(".tidemill-other.csv-99999999-abc123.tmp");
        let own = format!(".tidemill-out.csv-{}-abc123.tmp", std::process::id());
        make(&own);
        drop(AtomicFile::create(folder.path().join("out.csv")).unwrap());
        assert_eq!(
            names(folder.path()),
            [".tidemill-other.csv-99999999-abc123.tmp", own.as_str()]
        );
    }

    #[test]
    fn what_cannot_be_written_is_said_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            AtomicFile::create(folder.path()).unwrap_err().found,
            "a folder"
        );
        let error = AtomicFile::create(folder.path().join("none/out.csv")).unwrap_err();
        assert!(error.found.contains("no folder") && error.hint.unwrap().contains("mkdir"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_straight_and_a_full_one_is_a_fault() {
        let mut null = AtomicFile::create("/dev/null").unwrap();
        null.write(b"x").unwrap();
        null.finish().unwrap();
        assert!(Path::new("/dev/null").exists());
        let mut full = AtomicFile::create("/dev/full").unwrap();
        full.write(b"x").unwrap();
        let error = full.finish().unwrap_err();
        assert_eq!(
            (error.place.as_str(), error.found.as_str()),
            ("/dev/full", "no space left on the device")
        );
    }
}
