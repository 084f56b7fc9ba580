//! What can be typed. Each flag is defined once, here or by its kernel; help, man page and
//! completions are made from that.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use tidemill_core::kernels;
use tidemill_core::options::Shape;

/// Cleans and reduces large delimited files.
#[derive(Debug, Parser)]
#[command(
    name = "tidemill",
    version,
    max_term_width = 100,
    propagate_version = true
)]
#[command(
    after_help = "FILE may be -, standard input. Exit codes: 0 done, 1 done but --strict or [expect] found faults, 2 could not."
)]
pub struct Cli {
    #[command(flatten)]
    pub how: HowArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// How a command is carried out, which changes no result.
#[derive(Debug, Args)]
pub struct HowArgs {
    /// Threads to work with; all cores if it is not given
    #[arg(short = 'j', long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,
    /// Memory for groups and for what dedupe has seen, such as 512MB; the rest goes to a temporary folder
    #[arg(long, global = true, value_name = "SIZE", default_value = "1GB", value_parser = memory)]
    pub memory: u64,
    /// Shows no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Bytes that are read at once; for tests
    #[arg(long, global = true, value_name = "BYTES", hide = true, value_parser = block)]
    pub block: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows what is in a file: each column's type, missing values, range, mean and top value
    Profile(ProfileArgs),
    /// Runs a recipe over a file
    #[command(
        after_help = "Without -o, reductions are printed and rows are not; without reductions, rows go to standard output."
    )]
    Run(RunArgs),
    /// Cleans a file by steps that are typed, in the order in which they are typed
    Clean(CleanArgs),
    /// Reduces a file to a few figures, by groups or as a whole
    Reduce(ReduceArgs),
    /// Makes a commented recipe for a file: what it would clean, how many cells, and why
    Suggest(SuggestArgs),
    /// Finds spellings in a column that seem to mean the same, as a replace step
    Variants(VariantsArgs),
    /// Shows how a file is written: encoding, delimiter, quotes, header, and why it looks so
    Sniff(SniffArgs),
    /// Shows what a recipe would do with a file: passes, columns read, what is approximate
    Explain(ExplainArgs),
    /// Works on a file in parts, on any number of machines: plan, scan, map, merge, finish
    Part {
        #[command(subcommand)]
        command: crate::parts::PartCommand,
    },
    /// Opens the page in the browser: drop a file, see it, clean it
    #[cfg(feature = "page")]
    Open(OpenArgs),
    /// Prints the JSON Schema of a recipe, a report or a preview
    Schema {
        /// What it describes
        #[arg(long, value_enum, default_value = "recipe")]
        of: SchemaOf,
    },
    /// Prints the completions for a shell
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the manual page
    Man,
}

#[cfg(feature = "page")]
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// A file to begin with
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Prints the address, and starts no browser
    #[arg(long)]
    pub no_browser: bool,
}

/// How a file is read. What is not given is detected.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How the file is read (detected if not given)")]
pub struct ReadArgs {
    /// What stands between fields; "tab" or "\t" is a tab
    #[arg(short, long, value_name = "CHAR")]
    pub delimiter: Option<String>,
    /// The character around fields, or "none"
    #[arg(long, value_name = "CHAR")]
    pub quote: Option<String>,
    /// How a quote is written inside quotes
    #[arg(long, value_name = "WAY", value_parser = ["double", "backslash", "none"])]
    pub escape: Option<String>,
    /// Lines that begin with it are skipped; "none" skips no line
    #[arg(long, value_name = "CHAR")]
    pub comment: Option<String>,
    /// The encoding, by its name in the WHATWG's standard
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Lines to skip before the header
    #[arg(long, value_name = "N")]
    pub skip_rows: Option<u64>,
    /// The first line is data; columns are called column1, column2 and so on
    #[arg(long)]
    pub no_header: bool,
    /// The first line is data, and these are the names, with commas between them
    #[arg(long, value_name = "NAMES", conflicts_with = "no_header")]
    pub header: Option<String>,
    /// The names stand in so many lines, and are joined by a space
    #[arg(long, value_name = "N", conflicts_with_all = ["no_header", "header"])]
    pub header_rows: Option<u64>,
    /// The words that mean a missing value, with commas between them
    #[arg(long, value_name = "WORDS")]
    pub missing: Option<String>,
    /// What becomes of a row of another length
    #[arg(long, value_name = "WAY", value_parser = ["reject", "pad"])]
    pub ragged: Option<String>,
    /// Of several files: takes the columns of all, empty where a file has none
    #[arg(long)]
    pub union: bool,
    /// Adds the column "file" with the name of each row's file
    #[arg(long, value_name = "COLUMN", value_parser = ["file"])]
    pub source: Option<String>,
}

#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// The files, which are one input, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The columns to show: names and globs, with commas between them
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true)]
    pub columns: Option<String>,
    /// Tells all there is to tell of each column
    #[arg(long)]
    pub all: bool,
    /// The correlations of all number columns too, in a second pass
    #[arg(long)]
    pub corr: bool,
    /// Everything exact, whatever memory that takes: no estimates past many different values
    #[arg(long)]
    pub exact: bool,
    #[arg(long, value_enum, default_value = "table")]
    pub format: ProfileFormat,
    /// Exit code 1 if rows were rejected or cells invalid
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub read: ReadArgs,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    Recipe,
    Report,
    Preview,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileFormat {
    Table,
    Json,
    Markdown,
    /// One page that needs nothing else, with histograms; it has every figure
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReduceFormat {
    Table,
    Csv,
    Json,
}

/// Where results go.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where results go")]
pub struct OutArgs {
    /// The file for the rows; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// A file for the report, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// A file for the rejected rows; OUT.rejects.csv if it is not given and there are any
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// A file for what each step did: cells changed, rows rejected, filtered and deduplicated
    #[arg(long, value_name = "FILE")]
    pub audit: Option<PathBuf>,
    /// Shows the first N records that a step changed or dropped
    #[arg(long, value_name = "N")]
    pub diff: Option<usize>,
    /// Exit code 1 if rows were rejected or cells invalid
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The recipe, TOML or JSON
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    /// The files, which are one input, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub out: OutArgs,
}

#[derive(Debug, Args)]
pub struct CleanArgs {
    /// The files, which are one input, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Prints the steps as a recipe, with what was detected, and does nothing else
    #[arg(long)]
    pub print_recipe: bool,
    #[command(flatten)]
    pub out: OutArgs,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Debug, Args)]
pub struct ReduceArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to compute, such as rows, mean(x) or "sum(x) as total"
    #[arg(value_name = "VALUE")]
    pub values: Vec<String>,
    /// One more file of the same input; may be given again
    #[arg(long, value_name = "FILE")]
    pub and: Vec<PathBuf>,
    /// The columns to group by, with commas between them
    #[arg(long, value_name = "COLUMNS")]
    pub by: Option<String>,
    /// One more column to group by, whose values become columns
    #[arg(long, value_name = "COLUMN")]
    pub pivot: Option<String>,
    /// Columns of the answer to sort by; a minus in front for the greatest first
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// The most groups to show
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Reads a column as a type first, as clean's --cast does; may be given several times
    #[arg(long, value_name = "COLUMN:TYPE")]
    pub cast: Vec<String>,
    /// Only rows for which this SQL expression is true
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub r#where: Option<String>,
    /// Everything exact, whatever memory that takes: no estimates past many different values
    #[arg(long)]
    pub exact: bool,
    #[arg(long, value_enum, default_value = "table")]
    pub format: ReduceFormat,
    /// Exit code 1 if rows were rejected or cells invalid
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Debug, Args)]
pub struct VariantsArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The column, by its name or its position (#3)
    #[arg(value_name = "COLUMN")]
    pub column: String,
    #[arg(long, value_enum, default_value = "recipe")]
    pub format: VariantsFormat,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VariantsFormat {
    Recipe,
    Json,
}

#[derive(Debug, Args)]
pub struct SniffArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "table")]
    pub format: SniffFormat,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SniffFormat {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The recipe, TOML or JSON
    #[arg(value_name = "RECIPE")]
    pub recipe: PathBuf,
    /// The files, which are one input, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

fn block(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("a number of bytes from 1 on".to_string()),
    }
}

/// A size of memory: bytes, or so many of a unit, whose steps are of 1024.
fn memory(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = text[digits..].trim().to_ascii_lowercase();
    let shift = match unit.trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => 64,
    };
    let size = text[..digits].parse::<u64>().ok();
    size.and_then(|size| size.checked_mul(1u64.checked_shl(shift)?))
        .filter(|size| *size >= 1 << 20)
        .ok_or_else(|| "a size from 1MB on, such as 512MB or 2GB".to_string())
}

/// All commands, with the flags and lists that the kernels give.
pub fn command() -> clap::Command {
    Cli::command()
        .mut_subcommand("clean", |clean| steps(clean).after_help(CLEAN_HELP))
        .mut_subcommand("reduce", |reduce| reduce.after_help(reducers()))
        .mut_subcommand("run", |run| {
            let brief = run
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            run.after_long_help(format!("{brief}\n\n{}\n{}", step_words(), reducers()))
        })
}

const CLEAN_HELP: &str = "\
Columns are names, globs (*_date), * for all, !name for all but it, #3 by position. A comma that
belongs to a name or a value is written \\, .

An option of a step goes with the step typed before it; typed before all steps, it goes with each
that takes it. Casts typed in a row are one step, and so are fills.

  tidemill clean in.csv -o out.csv --trim '*' --cast qty:integer --on-error missing
  tidemill clean in.csv -o out.csv --cast 'day:date:%d/%m/%Y,price:number:currency'
  tidemill clean in.csv -o out.csv --fill column3=0,score=@median --filter 'qty > 0'";

/// The identifier of a step's flag, and of an option's.
pub fn step_id(word: &str) -> String {
    format!("step.{word}")
}

pub fn option_id(word: &str) -> String {
    format!("option.{word}")
}

/// The options of steps, each once however many steps take it.
pub fn step_options() -> Vec<(&'static str, &'static str, Shape)> {
    let mut options: Vec<(&str, &str, Shape)> = Vec::new();
    for kernel in kernels::CLEAN {
        for option in kernel.about.options {
            if !options.iter().any(|(name, ..)| *name == option.name) {
                options.push((option.name, option.help, option.shape));
            }
        }
    }
    options.push((
        "where",
        "the rows that the step before it applies to",
        Shape::Expression,
    ));
    options
}

/// The name of a flag; one that the command has already is told apart.
pub fn long(command: &clap::Command, word: &str) -> String {
    let long = word.replace('_', "-");
    let taken = command
        .get_arguments()
        .any(|arg| arg.get_long() == Some(long.as_str()));
    if taken { format!("step-{long}") } else { long }
}

fn steps(mut command: clap::Command) -> clap::Command {
    for kernel in kernels::CLEAN {
        let about = &kernel.about;
        let arg = flag(
            step_id(about.word),
            long(&command, about.word),
            about.help,
            &about.value,
        );
        command = command.arg(arg.help_heading("Steps, in the order typed"));
    }
    for (name, help, shape) in step_options() {
        let arg = flag(option_id(name), long(&command, name), help, &shape);
        command = command.arg(arg.help_heading("Options of the step typed before them"));
    }
    command
}

fn flag(id: String, long: String, help: &'static str, shape: &Shape) -> Arg {
    let arg = Arg::new(id)
        .long(long)
        .help(help)
        .action(ArgAction::Append)
        .allow_hyphen_values(true);
    let (value, words): (&str, &[&'static str]) = match shape {
        Shape::Boolean => ("BOOL", &["true", "false"]),
        Shape::Count => ("N", &[]),
        Shape::Number => ("NUMBER", &[]),
        Shape::Columns => ("COLUMNS", &[]),
        Shape::Texts => ("WORDS", &[]),
        Shape::Word(words) => ("WORD", words),
        Shape::Expression => ("EXPRESSION", &[]),
        Shape::Map(Shape::WordOrTable(..)) => ("COLUMN:TYPE", &[]),
        Shape::Map(Shape::Text) => ("OLD=NEW", &[]),
        Shape::Map(Shape::Map(_)) => ("COLUMN:OLD=NEW", &[]),
        Shape::Map(Shape::Table(_)) => ("COLUMN:KEY=VALUE:...", &[]),
        Shape::Map(Shape::Expression) => ("NAME=EXPRESSION", &[]),
        Shape::Map(_) => ("COLUMN=VALUE", &[]),
        _ => ("VALUE", &[]),
    };
    let arg = arg.value_name(value);
    let arg = if words.is_empty() {
        arg
    } else {
        arg.value_parser(words.to_vec())
    };
    match shape {
        Shape::Boolean => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        _ => arg,
    }
}

fn list(title: &str, words: impl Iterator<Item = (String, &'static str)>) -> String {
    let words: Vec<_> = words.collect();
    let wide = words.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
    let mut out = format!("{title}\n");
    for (word, help) in words {
        out.push_str(&format!("  {word:wide$}  {help}\n"));
    }
    out
}

fn reducers() -> String {
    list(
        "Values:",
        kernels::REDUCE
            .iter()
            .map(|kernel| (kernel.about.form(), kernel.about.help)),
    )
}

fn step_words() -> String {
    list(
        "Steps:",
        kernels::CLEAN
            .iter()
            .map(|kernel| (kernel.about.word.to_string(), kernel.about.help)),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_have_units() {
        for (text, size) in [
            ("1048576", 1 << 20),
            ("512MB", 512 << 20),
            ("2g", 2 << 30),
            ("1 GiB", 1 << 30),
            ("2048k", 2 << 20),
        ] {
            assert_eq!(super::memory(text), Ok(size), "{text}");
        }
        for text in ["", "MB", "12", "1XB", "-1GB", "99999999999TB", "1.5GB"] {
            assert!(super::memory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_commands_hold_together() {
        super::command().debug_assert();
    }
}
