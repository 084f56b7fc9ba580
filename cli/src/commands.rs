//! What each command does, in the order in which it does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use tidemill_core::correlation;
use tidemill_core::plan::{Plan, Target};
use tidemill_core::reduce::Limits;
use tidemill_core::report::Report;
use tidemill_core::run::{self, Aid, How};
use tidemill_core::scratch::Room;
use tidemill_core::sink::{Nowhere, Sink, Tables};
use tidemill_core::{Fault, RecipeError};
use tidemill_io::Temporary;

use crate::args::{
    CleanArgs, Cli, Command, ExplainArgs, HowArgs, ProfileArgs, ProfileFormat, ReduceArgs,
    ReduceFormat, RunArgs, SniffArgs, SniffFormat,
};
use crate::end::{Done, End};
use crate::input::{self, Input, Inputs};
use crate::output::{Output, Paths, print};
use crate::reductions::Csv;
use crate::steps::Typed;
use crate::table::Look;
use crate::watch::{self, Screen};
use crate::{html, manual, profile, reductions, sniff, steps, summary, text};

pub fn run(cli: &Cli, matches: &ArgMatches) -> Result<Done, End> {
    match &cli.command {
        Command::Profile(args) => profile_command(args, &cli.how),
        Command::Run(args) => run_command(args, &cli.how),
        Command::Clean(args) => {
            let own = matches.subcommand_matches("clean").unwrap_or(matches);
            clean_command(args, own, &cli.how)
        }
        Command::Reduce(args) => reduce_command(args, &cli.how),
        Command::Suggest(args) => crate::suggest::suggest_command(args, &cli.how),
        Command::Variants(args) => crate::suggest::variants_command(args, &cli.how),
        Command::Sniff(args) => sniff_command(args),
        Command::Explain(args) => explain_command(args),
        Command::Part { command } => crate::parts::command(command, &cli.how),
        #[cfg(feature = "page")]
        Command::Open(args) => crate::open::command(args),
        Command::Schema { of } => print(&manual::schema(*of)).map(|()| Done::Well),
        Command::Completions { shell } => print(&manual::completions(*shell)).map(|()| Done::Well),
        Command::Man => print(&manual::page()).map(|()| Done::Well),
    }
}

/// Threads and blocks, with the pool made for them.
pub fn how(args: &HowArgs, plan: &Plan) -> Result<How, End> {
    static POOL: std::sync::Once = std::sync::Once::new();
    let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or_else(all, usize::from);
    if threads > 1 {
        // A command may make several runs, on one pool.
        let mut made = Ok(());
        POOL.call_once(|| {
            made = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build_global();
        });
        made.map_err(|error| {
            Fault::internal(format!("no pool of {threads} threads: {error}")).hint("try -j 1")
        })?;
    }
    Ok(How {
        threads,
        block: args.block.unwrap_or_else(|| plan.block()),
    })
}

/// Runs a plan and shows how far it is.
pub fn work(
    plan: &Plan,
    inputs: &Inputs,
    output: Option<&mut Output>,
    args: &HowArgs,
    tables: Option<&mut dyn Tables>,
) -> Result<Report, End> {
    let how = how(args, plan)?;
    inputs.passes(plan.passes())?;
    let screen = Screen::new(!args.no_progress);
    let mut nowhere = Nowhere;
    let (outputs, audit) = match output {
        Some(output) => output.sinks(),
        None => {
            let outputs = run::Outputs {
                rows: &mut nowhere,
                rejects: None,
            };
            (outputs, None)
        }
    };
    let groups = plan.reductions.iter().any(|of| !of.by.is_empty());
    let users = u64::from(groups) + u64::from(plan.remembers());
    let room = (users > 0).then(|| Room {
        memory: args.memory / users,
        scratch: Arc::new(Temporary::default()),
    });
    let sources = inputs.sources();
    // Borrowed anew, so that all of them live as long as each other.
    let aid = Aid {
        room,
        tables: tables.map(|tables| &mut *tables as &mut dyn Tables),
        audit: audit.map(|audit| &mut *audit as &mut dyn Sink),
    };
    let report = run::run_files(plan, &sources, outputs, &screen, how, aid);
    screen.clear();
    let report = report?;
    if report.partial {
        return Err(End::Cancelled);
    }
    Ok(report)
}

pub fn verdict(report: &Report, strict: bool) -> Done {
    for fault in &report.faults {
        crate::end::say(&format!("fault: {}", text::shown(fault)));
    }
    let (invalid, rejected) = (report.invalid(), report.rejects.count);
    let strict = strict && (invalid > 0 || rejected > 0);
    if strict {
        crate::end::say(&format!(
            "fault: --strict: {} rejected, {} invalid",
            text::count(rejected, "row", "rows"),
            text::count(invalid, "cell", "cells"),
        ));
    }
    if strict || !report.faults.is_empty() {
        Done::Faulty
    } else {
        Done::Well
    }
}

fn profile_command(args: &ProfileArgs, how: &HowArgs) -> Result<Done, End> {
    let mut typed = Typed::read(&args.read)?;
    if args.exact {
        typed.recipe.limits = Limits::EXACT;
    }
    watch::listen();
    let mut inputs = Inputs::open(&args.files)?;
    let files = inputs.detect(&typed.recipe.read, &|error| typed.placed(error))?;
    let columns = args
        .columns
        .as_deref()
        .map_or_else(|| vec!["*".to_string()], steps::split);
    let target = Target {
        profile: Some(columns),
        all: args.all || args.format == ProfileFormat::Html,
        ..Target::default()
    };
    let plan = Plan::over(&typed.recipe, files, target).map_err(|error| typed.placed(error))?;
    if args.corr {
        inputs.passes(2)?;
    }
    let mut report = work(&plan, &inputs, None, how, None)?;
    if args.corr {
        let second = correlation::recipe(&typed.recipe, &report)?;
        if let Some(recipe) = second {
            inputs.rewind()?;
            let files = plan
                .files
                .into_iter()
                .map(|file| (file.name, file.detected));
            let plan = Plan::over(&recipe, files.collect(), Target::default())?;
            let answers = work(&plan, &inputs, None, how, None)?;
            let table = correlation::table(&report, &answers);
            report
                .reductions
                .push((correlation::NAME.to_string(), table));
        }
    }
    match args.format {
        ProfileFormat::Json => print(&report.json())?,
        ProfileFormat::Markdown => print(&profile::markdown(&report))?,
        ProfileFormat::Html => print(&html::page(&report))?,
        ProfileFormat::Table => {
            let width = text::screen().unwrap_or(80);
            let table = profile::table(&report, args.all, width, text::colour());
            let matrix = reductions::tables(&report, Some(width), text::colour());
            let gap = if matrix.is_empty() { "" } else { "\n" };
            print(&format!("{table}{gap}{matrix}"))?;
        }
    }
    Ok(verdict(&report, args.strict))
}

fn run_command(args: &RunArgs, how: &HowArgs) -> Result<Done, End> {
    let recipe = input::recipe(&args.recipe, &args.files[0])?;
    let placed = |error: RecipeError| input::in_recipe(&args.recipe, error);
    let mut read: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    read.push(&args.recipe);
    let paths = Paths::check(&args.out, &read)?;
    watch::listen();
    let mut inputs = Inputs::open(&args.files)?;
    let files = inputs.detect(&recipe.read, &placed)?;
    let target = Target {
        rows: args.out.out.is_some() || recipe.reductions.is_empty(),
        profile: None,
        rejects: paths.rejects(),
        audit: paths.audit(),
        ..Target::default()
    };
    let rows = target.rows;
    let plan = Plan::over(&recipe, files, target).map_err(placed)?;
    let mut output = paths.open(rows.then_some(&plan))?;
    let report = work(&plan, &inputs, Some(&mut output), how, None)?;
    // Rows and tables on one output would be neither, so tables then go to the report alone.
    let shared = rows && args.out.out.as_deref().is_none_or(input::is_dash);
    let printed = if report.reductions.is_empty() || shared {
        Ok(())
    } else {
        print(&reductions::tables(
            &report,
            reductions::width(),
            text::colour(),
        ))
    };
    finish(output, &report, &args.out, rows, printed)
}

fn clean_command(args: &CleanArgs, matches: &ArgMatches, how: &HowArgs) -> Result<Done, End> {
    let typed = Typed::clean(&args.read, matches)?;
    if typed.recipe.steps.is_empty() {
        return Err(RecipeError::new("clean", "no steps", "at least one step, such as --trim '*'")
            .hint("tidemill profile shows what is in the file; tidemill clean --help lists all steps")
            .into());
    }
    let read: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    let paths = Paths::check(&args.out, &read)?;
    watch::listen();
    let mut inputs = Inputs::open(&args.files)?;
    let files = inputs.detect(&typed.recipe.read, &|error| typed.placed(error))?;
    let target = Target {
        rows: true,
        profile: None,
        rejects: paths.rejects(),
        audit: paths.audit(),
        ..Target::default()
    };
    let plan = Plan::over(&typed.recipe, files, target).map_err(|error| typed.placed(error))?;
    if args.print_recipe && plan.several() {
        let found = format!("{} files", plan.files.len());
        return Err(RecipeError::new(
            "--print-recipe",
            found,
            "one file, whose way of writing is printed",
        )
        .into());
    }
    if args.print_recipe {
        return print(&typed.toml(plan.detected_of(0))).map(|()| Done::Well);
    }
    let mut output = paths.open(Some(&plan))?;
    let report = work(&plan, &inputs, Some(&mut output), how, None)?;
    finish(output, &report, &args.out, true, Ok(()))
}

/// Publishes what a run wrote, and says what it did.
fn finish(
    output: Output,
    report: &Report,
    args: &crate::args::OutArgs,
    rows: bool,
    printed: Result<(), End>,
) -> Result<Done, End> {
    // A reader of the tables who has seen enough does not take the files away.
    let printed = match printed {
        Err(End::Unread) => Err(End::Unread),
        other => Ok(other?),
    };
    let diff = output.diff();
    let rejects = output.publish(report.rejects.count, &report.json())?;
    printed?;
    let to_file = rows
        && args
            .out
            .as_deref()
            .is_some_and(|path| !input::is_dash(path));
    if let Some(diff) = diff {
        // Where rows are on standard output, nothing else is.
        match to_file || !rows {
            true => print(&coloured(&diff))?,
            false => diff.lines().for_each(crate::end::say),
        }
    }
    let summary = if to_file {
        summary::whole(report, rejects.as_deref())
    } else {
        summary::brief(report)
    };
    for line in summary {
        crate::end::say(&line);
    }
    Ok(verdict(report, args.strict))
}

/// A text in colours, or without them where standard output has none.
fn coloured(text: &str) -> String {
    match text::colour() {
        true => text.to_string(),
        false => anstream::adapter::strip_str(text).to_string(),
    }
}

fn reduce_command(args: &ReduceArgs, how: &HowArgs) -> Result<Done, End> {
    let mut typed = Typed::reduce(args)?;
    if args.exact {
        typed.recipe.limits = Limits::EXACT;
    }
    watch::listen();
    let files: Vec<PathBuf> = std::iter::once(&args.file)
        .chain(&args.and)
        .cloned()
        .collect();
    let mut inputs = Inputs::open(&files)?;
    let files = inputs.detect(&typed.recipe.read, &|error| typed.placed(error))?;
    let plan =
        Plan::over(&typed.recipe, files, Target::default()).map_err(|error| typed.placed(error))?;
    let report = if args.format == ReduceFormat::Csv {
        // Rows are written as they are finished: there may be more of them than the memory holds.
        let mut csv = Csv::new()?;
        let report = work(&plan, &inputs, None, how, Some(&mut csv))?;
        csv.finish()?;
        report
    } else {
        work(&plan, &inputs, None, how, None)?
    };
    match args.format {
        ReduceFormat::Json => print(&report.json())?,
        ReduceFormat::Csv => {}
        ReduceFormat::Table => print(&reductions::tables(
            &report,
            reductions::width(),
            text::colour(),
        ))?,
    }
    for line in summary::brief(&report) {
        crate::end::say(&line);
    }
    Ok(verdict(&report, args.strict))
}

fn sniff_command(args: &SniffArgs) -> Result<Done, End> {
    let typed = Typed::read(&args.read)?;
    let mut input = Input::open(&args.file)?;
    let detected = input.detect(&typed.recipe.read, &|error| typed.placed(error))?;
    match args.format {
        SniffFormat::Json => print(&format!("{}\n", detected.json()))?,
        SniffFormat::Table => {
            let look = Look {
                width: reductions::width(),
                colour: text::colour(),
            };
            print(&sniff::table(&detected, look))?;
        }
    }
    Ok(Done::Well)
}

fn explain_command(args: &ExplainArgs) -> Result<Done, End> {
    let recipe = input::recipe(&args.recipe, &args.files[0])?;
    let placed = |error: RecipeError| input::in_recipe(&args.recipe, error);
    let mut inputs = Inputs::open(&args.files)?;
    let files = inputs.detect(&recipe.read, &placed)?;
    let target = Target {
        rows: true,
        profile: None,
        rejects: true,
        ..Target::default()
    };
    let plan = Plan::over(&recipe, files, target).map_err(placed)?;
    let mut text = plan.explain();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    print(&text).map(|()| Done::Well)
}
