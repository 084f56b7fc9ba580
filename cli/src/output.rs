//! Where rows, rejects and the report go, and when: everything is checked before the run,
//! prepared behind it, and named last.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use tidemill_core::plan::Plan;
use tidemill_core::run::Outputs;
use tidemill_core::sink::{Nowhere, Sink};
use tidemill_core::writing::{self, Packing, SHEET};
use tidemill_core::{Fault, FaultKind};
use tidemill_io::{
    AtomicFile, Packed, Part, Parts, Split, Splitting, StdoutSink, packing, part, same_file,
};

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
    Stdout(Part<StdoutSink>),
    File(Part<AtomicFile>),
    Parts(Box<Splitting>, PathBuf),
}

/// The paths that were asked for, and implied.
pub struct Paths {
    rows: Option<PathBuf>,
    rejects: Option<PathBuf>,
    implied: bool,
    report: Option<PathBuf>,
    inputs: Vec<PathBuf>,
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
            inputs: inputs.iter().map(|path| path.to_path_buf()).collect(),
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

    /// Opens all of them; without a plan there are no rows to be written.
    pub fn open(self, plan: Option<&Plan>) -> Result<Output, End> {
        let destination = match plan {
            None => Destination::Nowhere(Nowhere),
            Some(plan) => rows(plan, self.rows.as_deref(), self.inputs)?,
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

/// Where the rows go.
fn rows(plan: &Plan, out: Option<&Path>, inputs: Vec<PathBuf>) -> Result<Destination, End> {
    let write = &plan.write;
    let file = out.filter(|path| !AtomicFile::is_special(path));
    let split = match &write.parts {
        writing::Parts::One => None,
        writing::Parts::Rows(most) => Some(Split::Rows {
            most: *most,
            single: false,
        }),
        // What is no file has one stream of rows, however many there are.
        writing::Parts::Sheets => file.map(|_| Split::Rows {
            most: SHEET,
            single: true,
        }),
        writing::Parts::By(column) => plan
            .output
            .iter()
            .position(|other| other.name == *column)
            .map(|column| Split::Key { column }),
    };
    let Some(out) = out else {
        if split.is_some() {
            return Err(unsplit("standard output"));
        }
        let packing = write.packing.unwrap_or(Packing::Plain);
        let sink = part(StdoutSink::new()?, write.encoding, packing)?;
        return Ok(Destination::Stdout(sink));
    };
    let packing = packing(write.packing, out);
    let Some(split) = split else {
        let file = AtomicFile::create(out)?;
        return Ok(Destination::File(part(file, write.encoding, packing)?));
    };
    if file.is_none() {
        return Err(unsplit(&out.display().to_string()));
    }
    let parts = Parts {
        out: out.to_path_buf(),
        inputs,
        split,
        dialect: plan.out_dialect,
        width: plan.output.len(),
        opening: plan.write.bom || plan.write_header,
        encoding: write.encoding,
        packing,
    };
    Ok(Destination::Parts(
        Box::new(parts.sink()),
        out.to_path_buf(),
    ))
}

fn unsplit(place: &str) -> End {
    Fault::new(
        FaultKind::Io,
        place,
        "one output for rows that [write] splits",
        "a file that the parts are named after",
    )
    .hint("-o out.csv gives out-0001.csv and so on")
    .into()
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
                Destination::Parts(sink, _) => &mut **sink,
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
        let mut strangers = Vec::new();
        match rows {
            Destination::Nowhere(_) => {}
            Destination::Stdout(sink) => {
                let done = sink.finish().and_then(Packed::finish);
                match done.and_then(StdoutSink::finish).map_err(End::from) {
                    Err(End::Unread) => unread = Some(End::Unread),
                    other => other?,
                }
            }
            Destination::File(file) => files.push(file.finish()?.finish()?),
            Destination::Parts(sink, out) => {
                let parts = sink.finish()?;
                let own: Vec<PathBuf> =
                    parts.iter().map(|part| part.path().to_path_buf()).collect();
                strangers = Parts::strangers(&out, &own);
                files.extend(parts);
            }
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
        if let Some(first) = strangers.first() {
            let count = strangers.len() as u64;
            crate::end::say(&format!(
                "{} of an earlier run beside the parts of this one: {}{}",
                crate::text::count(count, "file", "files"),
                first.display(),
                if count > 1 { " and more" } else { "" }
            ));
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
