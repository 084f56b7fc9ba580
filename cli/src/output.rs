//! Where rows, rejects and the report go, and when: everything is checked before the run,
//! prepared behind it, and named last.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use tidemill_core::run::Outputs;
use tidemill_core::sink::{Nowhere, Sink};
use tidemill_core::{Fault, FaultKind};
use tidemill_io::{AtomicFile, StdoutSink, same_file};

use crate::args::OutArgs;
use crate::diff::{Audit, Diff};
use crate::end::End;
use crate::input::is_dash;

/// The outputs of a run.
pub struct Output {
    rows: Destination,
    rejects: Option<(PathBuf, AtomicFile)>,
    /// The rejects' file has the name that it gets when nobody gave it one: it exists only if
    /// there are any.
    implied: bool,
    report: Option<AtomicFile>,
    audit: Option<Audit>,
}

enum Destination {
    Nowhere(Nowhere),
    Stdout(StdoutSink),
    File(AtomicFile),
}

/// The paths that were asked for, and implied.
pub struct Paths {
    rows: Option<PathBuf>,
    rejects: Option<PathBuf>,
    implied: bool,
    report: Option<PathBuf>,
    audit: Option<PathBuf>,
    diff: Option<usize>,
}

impl Paths {
    /// Refuses outputs that are inputs, or each other.
    pub fn check(args: &OutArgs, inputs: &[&Path]) -> Result<Paths, End> {
        let file = args.out.clone().filter(|path| !is_dash(path));
        let implied = args.rejects.is_none();
        let rejects = match (&args.rejects, &file) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(out)) if !AtomicFile::is_special(out) => {
                let mut name = out.clone().into_os_string();
                name.push(".rejects.csv");
                Some(PathBuf::from(name))
            }
            _ => None,
        };
        let mut taken: Vec<(&str, &Path)> = Vec::new();
        let named = [
            ("-o", &file),
            ("--rejects", &rejects),
            ("--report", &args.report),
            ("--audit", &args.audit),
        ];
        for (flag, path) in named {
            let Some(path) = path else { continue };
            for input in inputs {
                if !AtomicFile::is_special(path) && (same_file(path, input) || path == input) {
                    let what = if *input == *path {
                        "an input".to_string()
                    } else {
                        format!("the input {}", input.display())
                    };
                    let hint = match (flag, implied) {
                        ("--rejects", true) => {
                            "name another file for the rejected rows with --rejects"
                        }
                        _ => "write to another file, and rename it when you have looked at it",
                    };
                    return Err(refuse(path, &format!("{flag} that is {what}"), hint));
                }
            }
            for (other, with) in &taken {
                if !AtomicFile::is_special(path) && (same_file(path, with) || path == with) {
                    return Err(refuse(
                        path,
                        &format!("one file for {other} and {flag}"),
                        "give each a file of its own",
                    ));
                }
            }
            taken.push((flag, path));
        }
        Ok(Paths {
            rows: file,
            rejects,
            implied,
            report: args.report.clone(),
            audit: args.audit.clone(),
            diff: args.diff,
        })
    }

    /// Whether rejected rows are wanted in full.
    pub fn rejects(&self) -> bool {
        self.rejects.is_some()
    }

    /// Whether what each step did is wanted.
    pub fn audit(&self) -> bool {
        self.audit.is_some() || self.diff.is_some()
    }

    /// Opens all of them; `rows` says whether there are any to be written.
    pub fn open(self, rows: bool) -> Result<Output, End> {
        let destination = match (rows, self.rows) {
            (false, _) => Destination::Nowhere(Nowhere),
            (true, None) => Destination::Stdout(StdoutSink::new()?),
            (true, Some(path)) => Destination::File(AtomicFile::create(path)?),
        };
        let rejects = match self.rejects {
            None => None,
            Some(path) => Some((path.clone(), AtomicFile::create(path)?)),
        };
        let report = self.report.map(AtomicFile::create).transpose()?;
        let wanted = self.audit.is_some() || self.diff.is_some();
        let file = self.audit.map(AtomicFile::create).transpose()?;
        let audit = wanted.then(|| Audit {
            file,
            diff: self.diff.map(Diff::new),
        });
        Ok(Output {
            rows: destination,
            rejects,
            implied: self.implied,
            report,
            audit,
        })
    }
}

fn refuse(path: &Path, found: &str, hint: &str) -> End {
    Fault::new(
        FaultKind::Io,
        path.display().to_string(),
        found,
        "an output that is nothing else",
    )
    .hint(hint)
    .into()
}

impl Output {
    /// The sinks of a run, and that of its audit.
    pub fn sinks(&mut self) -> (Outputs<'_>, Option<&mut dyn Sink>) {
        let audit = self.audit.as_mut().map(|sink| sink as &mut dyn Sink);
        let outputs = Outputs {
            rows: match &mut self.rows {
                Destination::Nowhere(sink) => sink,
                Destination::Stdout(sink) => sink,
                Destination::File(sink) => sink,
            },
            rejects: self.rejects.as_mut().map(|(_, sink)| sink as &mut dyn Sink),
        };
        (outputs, audit)
    }

    /// The first records that were changed, if they are to be shown.
    pub fn diff(&self) -> Option<String> {
        Some(self.audit.as_ref()?.diff.as_ref()?.show())
    }

    /// Gives every output its name, when all of them are on the disk. Returns the rejects' file,
    /// if there is one.
    pub fn publish(self, rejected: u64, report: &str) -> Result<Option<PathBuf>, End> {
        let Output {
            rows,
            rejects,
            implied,
            report: report_file,
            audit,
        } = self;
        let mut files = Vec::new();
        let mut stale = None;
        let mut written = None;
        if let Some((path, file)) = rejects {
            if rejected > 0 || !implied {
                files.push(file);
                written = Some(path);
            } else {
                stale = Some(path);
            }
        }
        if let Some(mut file) = report_file {
            file.write(report.as_bytes())?;
            files.push(file);
        }
        files.extend(audit.and_then(|audit| audit.file));
        let mut unread = None;
        match rows {
            Destination::Nowhere(_) => {}
            Destination::Stdout(sink) => match sink.finish().map_err(End::from) {
                Err(End::Unread) => unread = Some(End::Unread),
                other => other?,
            },
            Destination::File(file) => files.push(file),
        }
        for file in &mut files {
            file.prepare()?;
        }
        if crate::watch::cancelled() {
            return Err(End::Cancelled);
        }
        crate::watch::publishing();
        for file in files {
            file.finish()?;
        }
        if let Some(path) = stale {
            clear(&path)?;
        }
        unread.map_or(Ok(written), Err)
    }
}

/// Removes the rejects of an earlier run, now that there are none; any other file of that name is
/// left alone.
fn clear(path: &Path) -> Result<(), End> {
    let Ok(file) = std::fs::File::open(path) else {
        return Ok(());
    };
    let mut first = Vec::new();
    let read = std::io::Read::take(BufReader::new(file), 1 << 20).read_until(b'\n', &mut first);
    if read.is_ok() && first.ends_with(b"_record,_line,_byte,_column,_reason\n") {
        std::fs::remove_file(path)
            .map_err(|error| Fault::io(path.display().to_string(), &error))?;
    }
    Ok(())
}

/// Writes a result to standard output.
pub fn print(text: &str) -> Result<(), End> {
    let mut out = StdoutSink::new()?;
    out.write(text.as_bytes())?;
    Ok(out.finish()?)
}
