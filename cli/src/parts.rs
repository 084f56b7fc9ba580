//! `tidemill part`: a file worked on in parts, by programs that share nothing but files. Each file
//! is written whole or not at all, and writing it again gives the same bytes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tidemill_core::partial::{Partial, Partials, Scan, Scans, mappable, part};
use tidemill_core::plan::{Plan, Target};
use tidemill_core::run::How;
use tidemill_core::sink::{Nowhere, Sink};
use tidemill_core::source::Source;
use tidemill_core::{Fault, FaultKind, RecipeError};
use tidemill_io::{AtomicFile, same_file};

use crate::args::HowArgs;
use crate::commands::{how, verdict};
use crate::end::{Done, End};
use crate::input::{self, Input};
use crate::output::print;
use crate::summary;
use crate::watch::{self, Screen};

/// The largest file of a state that is read.
const MOST: u64 = 16 << 30;

#[derive(Debug, Subcommand)]
pub enum PartCommand {
    /// Prints the parts of a file, as runs of blocks
    Plan(PlanArgs),
    /// Writes the seam of a part, from which the parts behind it know where they begin
    Scan(ScanArgs),
    /// Works on a part, and writes what came of it
    Map(MapArgs),
    /// Writes parts that follow on each other as one; parts that come twice are one
    Merge(MergeArgs),
    /// Makes the report of the whole file out of its parts, that of `run`
    Finish(FinishArgs),
}

/// The recipe and the file, which every part command needs to know the plan.
#[derive(Debug, Args)]
pub struct Of {
    /// The recipe, TOML or JSON
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    of: Of,
    /// How many parts
    #[arg(long, value_name = "N", conflicts_with = "size", value_parser = clap::value_parser!(u64).range(1..))]
    parts: Option<u64>,
    /// How many bytes in a part, about; 256 MiB if neither is given
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    size: Option<u64>,
}

#[derive(Debug, Args)]
pub struct ScanArgs {
    #[command(flatten)]
    of: Of,
    /// The blocks, as `plan` prints them
    #[arg(long, value_name = "FIRST..END", value_parser = blocks)]
    blocks: (u64, u64),
    /// The file for the seam
    #[arg(short, long, value_name = "SEAM")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct MapArgs {
    #[command(flatten)]
    of: Of,
    /// The blocks, as `plan` prints them
    #[arg(long, value_name = "FIRST..END", value_parser = blocks)]
    blocks: (u64, u64),
    /// The seams of all parts; without them, what lies before the part is read to find its first record
    #[arg(long, value_name = "SEAM", num_args = 1..)]
    seams: Vec<PathBuf>,
    /// The file for the state of the part
    #[arg(long, value_name = "PART")]
    part: PathBuf,
    /// A file for the part's rows; those of all parts in their order are the rows of `run`
    #[arg(short, long, value_name = "ROWS")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    #[command(flatten)]
    of: Of,
    /// The parts, in any order
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// The file for the part they make
    #[arg(short, long, value_name = "OUT")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct FinishArgs {
    #[command(flatten)]
    of: Of,
    /// The parts, in any order
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// A file for the report, as JSON; standard output if it is not given
    #[arg(long, value_name = "REPORT")]
    report: Option<PathBuf>,
    /// Exit code 1 if rows were rejected or cells invalid
    #[arg(long)]
    strict: bool,
}

fn blocks(text: &str) -> Result<(u64, u64), String> {
    let run = text
        .split_once("..")
        .and_then(|(first, end)| Some((first.parse().ok()?, end.parse().ok()?)));
    match run {
        Some((first, end)) if first < end => Ok((first, end)),
        _ => Err("a run of blocks, such as 0..12: the first, and the one behind the last".into()),
    }
}

pub fn command(command: &PartCommand, args: &HowArgs) -> Result<Done, End> {
    watch::listen();
    match command {
        PartCommand::Plan(own) => plan_command(own, args),
        PartCommand::Scan(own) => scan_command(own, args),
        PartCommand::Map(own) => map_command(own, args),
        PartCommand::Merge(own) => merge_command(own, args),
        PartCommand::Finish(own) => finish_command(own, args),
    }
}

/// A recipe held against a file that can be read from any place.
struct Ground {
    input: Input,
    plan: Plan,
    how: How,
    len: u64,
}

impl Ground {
    fn new(of: &Of, args: &HowArgs, outputs: &[&Path]) -> Result<Ground, End> {
        for (at, path) in outputs.iter().enumerate() {
            let others = outputs[at + 1..].iter().copied();
            for other in others.chain([of.file.as_path(), of.recipe.as_path()]) {
                if same_file(path, other) || *path == other {
                    return Err(Fault::new(
                        FaultKind::Io,
                        path.display().to_string(),
                        "an output that is an input, or another output",
                        "an output that is nothing else",
                    )
                    .into());
                }
            }
        }
        let recipe = input::recipe(&of.recipe, &of.file)?;
        let placed = |error: RecipeError| input::in_recipe(&of.recipe, error);
        let mut input = Input::open(&of.file)?;
        let detected = input.detect(&recipe.read, &placed)?;
        let stream = !input.source().random() || !detected.decoding.is_none();
        let len = input.source().identity()?.len;
        let (false, Some(len)) = (stream, len) else {
            return Err(Fault::new(
                FaultKind::Input,
                input.shown(),
                "a stream, a packed file, or an encoding or delimiter that must be decoded from the beginning",
                "a file in UTF-8 that can be read from any place",
            )
            .hint("make such a file of it first: tidemill run with a recipe without steps, and -o")
            .into());
        };
        // Every part has the same plan, whoever wants rows of it.
        let target = Target {
            rows: true,
            ..Target::default()
        };
        let plan = Plan::new(&recipe, detected, target).map_err(placed)?;
        mappable(&plan).map_err(placed)?;
        let how = how(args, &plan)?;
        Ok(Ground {
            input,
            plan,
            how,
            len,
        })
    }

    fn source(&self) -> &dyn Source {
        self.input.source()
    }

    fn blocks(&self) -> u64 {
        self.len.div_ceil(self.how.block as u64)
    }

    fn within(&self, (first, end): (u64, u64)) -> Result<(), End> {
        if end <= self.blocks() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::State,
            "--blocks",
            format!("{first}..{end}"),
            format!("blocks of 0..{}, which is all of the file", self.blocks()),
        )
        .into())
    }

    /// Parts that were written, by the blocks they cover.
    fn partials(&self, paths: &[PathBuf]) -> Result<Partials, End> {
        let mut partials = Partials::default();
        for path in paths {
            let named = |fault| of_path(fault, path);
            let partial = Partial::thaw(&self.plan, &read(path)?).map_err(named)?;
            if partial.block() != self.how.block as u64 {
                return Err(Fault::new(
                    FaultKind::State,
                    path.display().to_string(),
                    format!("blocks of {} bytes", partial.block()),
                    format!("blocks of {} bytes", self.how.block),
                )
                .into());
            }
            if partial.file_len().is_some_and(|len| len != self.len) {
                return Err(Fault::new(
                    FaultKind::State,
                    path.display().to_string(),
                    format!(
                        "a part of a file of {} bytes",
                        partial.file_len().unwrap_or_default()
                    ),
                    format!("{} has {} bytes", self.input.shown(), self.len),
                )
                .into());
            }
            partials.add(partial).map_err(named)?;
        }
        Ok(partials)
    }
}

fn of_path(mut fault: Fault, path: &Path) -> End {
    fault.place = format!("{}, {}", path.display(), fault.place);
    fault.into()
}

fn read(path: &Path) -> Result<Vec<u8>, End> {
    let io = |error: &std::io::Error| Fault::io(path.display().to_string(), error);
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST).read_to_end(&mut bytes))
        .map_err(|error| io(&error))?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), End> {
    let mut file = AtomicFile::create(path)?;
    file.write(bytes)?;
    publish(vec![file])
}

/// Gives files their names when all of them are on the disk.
fn publish(mut files: Vec<AtomicFile>) -> Result<(), End> {
    for file in &mut files {
        file.prepare()?;
    }
    if watch::cancelled() {
        return Err(End::Cancelled);
    }
    watch::publishing();
    for file in files {
        file.finish()?;
    }
    Ok(())
}

fn plan_command(own: &PlanArgs, args: &HowArgs) -> Result<Done, End> {
    let ground = Ground::new(&own.of, args, &[])?;
    let (blocks, block) = (ground.blocks(), ground.how.block as u64);
    let parts = match (own.parts, own.size) {
        (Some(parts), _) => parts,
        (None, size) => blocks.div_ceil((size.unwrap_or(256 << 20) / block).max(1)),
    };
    let parts = parts.clamp(1, blocks.max(1));
    let mut runs = Vec::new();
    for at in 0..parts {
        let border = |at: u64| (u128::from(blocks) * u128::from(at) / u128::from(parts)) as u64;
        let (first, end) = (border(at), border(at + 1));
        if first < end {
            let bytes = (end * block).min(ground.len) - first * block;
            runs.push(format!(
                "    {{ \"blocks\": \"{first}..{end}\", \"first\": {first}, \"end\": {end}, \"bytes\": {bytes} }}"
            ));
        }
    }
    let list = match runs.is_empty() {
        true => "[]".to_string(),
        false => format!("[\n{}\n  ]", runs.join(",\n")),
    };
    print(&format!(
        "{{\n  \"plan\": \"{:016x}\",\n  \"bytes\": {},\n  \"block\": {block},\n  \"blocks\": {blocks},\n  \"parts\": {list}\n}}\n",
        ground.plan.fingerprint, ground.len
    ))
    .map(|()| Done::Well)
}

fn scan_command(own: &ScanArgs, args: &HowArgs) -> Result<Done, End> {
    let ground = Ground::new(&own.of, args, &[&own.out])?;
    ground.within(own.blocks)?;
    let scan = Scan::of(&ground.plan, ground.source(), own.blocks, ground.how.block)?;
    write(&own.out, &scan.freeze()?)?;
    Ok(Done::Well)
}

fn map_command(own: &MapArgs, args: &HowArgs) -> Result<Done, End> {
    let mut outputs = vec![own.part.as_path()];
    outputs.extend(own.out.as_deref());
    let mut ground = Ground::new(&own.of, args, &outputs)?;
    ground.within(own.blocks)?;
    let block = ground.how.block;
    let part = if own.seams.is_empty() {
        part(&ground.plan, ground.source(), own.blocks, block)?
    } else {
        let mut scans = Scans::default();
        for path in &own.seams {
            let scan = Scan::thaw(&ground.plan, &read(path)?);
            let scan = scan.map_err(|fault| of_path(fault, path))?;
            scans.add(scan).map_err(|fault| of_path(fault, path))?;
        }
        scans.part(
            &ground.plan,
            ground.source(),
            own.blocks,
            block,
            ground.blocks(),
        )?
    };
    let mut files = Vec::new();
    if let Some(path) = &own.out {
        files.push(AtomicFile::create(path)?);
    }
    ground.plan.target.rows = own.out.is_some();
    let (plan, how) = (&ground.plan, ground.how);
    let screen = Screen::new(!args.no_progress);
    let mut nowhere = Nowhere;
    let rows: &mut dyn Sink = match files.first_mut() {
        Some(file) => file,
        None => &mut nowhere,
    };
    if own.blocks.0 == 0 && plan.target.rows {
        tidemill_core::collect::Collector::headers(plan, rows, None)?;
    }
    let partial = Partial::map(plan, ground.source(), &part, rows, &screen, how);
    screen.clear();
    if watch::cancelled() {
        return Err(End::Cancelled);
    }
    let mut state = AtomicFile::create(&own.part)?;
    state.write(&partial?.freeze()?)?;
    // The part comes last: where it is, its rows are.
    files.push(state);
    publish(files)?;
    Ok(Done::Well)
}

fn merge_command(own: &MergeArgs, args: &HowArgs) -> Result<Done, End> {
    let ground = Ground::new(&own.of, args, &[&own.out])?;
    let mut merged = ground.partials(&own.parts)?.merged(&ground.plan)?;
    let bytes = match (merged.pop(), merged.pop()) {
        (Some(one), None) => one.freeze()?,
        (last, before) => {
            let (from, to) = (
                before.map_or(0, |partial| partial.range().1),
                last.map_or(0, |partial| partial.range().0),
            );
            return Err(Fault::new(
                FaultKind::State,
                "merge",
                format!("blocks {from} to {to} are missing"),
                "parts that follow on each other",
            )
            .into());
        }
    };
    write(&own.out, &bytes)?;
    Ok(Done::Well)
}

fn finish_command(own: &FinishArgs, args: &HowArgs) -> Result<Done, End> {
    let outputs: Vec<&Path> = own.report.iter().map(PathBuf::as_path).collect();
    let ground = Ground::new(&own.of, args, &outputs)?;
    let partials = ground.partials(&own.parts)?;
    let missing = partials.missing(ground.blocks());
    if !missing.is_empty() {
        let runs: Vec<String> = missing
            .iter()
            .map(|(first, end)| format!("{first}..{end}"))
            .collect();
        return Err(Fault::new(
            FaultKind::State,
            "finish",
            format!("blocks {} are missing", runs.join(", ")),
            format!("parts of all {} blocks", ground.blocks()),
        )
        .hint("make them by tidemill part map --blocks")
        .into());
    }
    let identity = ground.source().identity()?;
    let report = partials.finish(&ground.plan, &identity, ground.blocks())?;
    match &own.report {
        Some(path) => write(path, report.json().as_bytes())?,
        None => print(&report.json())?,
    }
    for line in summary::brief(&report) {
        crate::end::say(&line);
    }
    Ok(verdict(&report, own.strict))
}
