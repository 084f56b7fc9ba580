//! `suggest` and `variants`: recipes that are made out of a file. The core says what to run next, and what came of it.

use std::path::PathBuf;

use serde_json::Value;
use tidemill_core::detect::Detected;
use tidemill_core::document::{Node, to_toml};
use tidemill_core::plan::{Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::report::Report;
use tidemill_core::variants::{self, Cluster};
use tidemill_core::{Fault, RecipeError, suggest};

use crate::args::{HowArgs, SuggestArgs, VariantsArgs, VariantsFormat};
use crate::commands::work;
use crate::end::{Done, End};
use crate::input::Inputs;
use crate::output::print;
use crate::steps::Typed;
use crate::watch;

/// An input that is run over again and again.
struct Runs<'a> {
    inputs: Inputs,
    files: Vec<(String, Detected)>,
    typed: &'a Typed,
    how: &'a HowArgs,
    begun: bool,
}

impl Runs<'_> {
    fn open<'a>(path: &PathBuf, typed: &'a Typed, how: &'a HowArgs) -> Result<Runs<'a>, End> {
        watch::listen();
        let mut inputs = Inputs::open(std::slice::from_ref(path))?;
        let files = inputs.detect(&typed.recipe.read, &|error| typed.placed(error))?;
        Ok(Runs {
            inputs,
            files,
            typed,
            how,
            begun: false,
        })
    }

    fn run(&mut self, recipe: &str, target: Target) -> Result<Report, End> {
        let mut recipe = Recipe::parse(recipe)?;
        recipe.read = self.typed.recipe.read.clone();
        recipe.limits = self.typed.recipe.limits;
        let plan = Plan::over(&recipe, self.files.clone(), target)
            .map_err(|error| self.typed.placed(error))?;
        // A stream is kept for the passes that come.
        self.inputs.passes(2)?;
        if std::mem::replace(&mut self.begun, true) {
            self.inputs.rewind()?;
        }
        work(&plan, &self.inputs, None, self.how, None)
    }
}

impl Runs<'_> {
    fn detected(&self) -> Result<&Detected, End> {
        let first = self.files.first().map(|(_, detected)| detected);
        first.ok_or_else(|| Fault::internal("no file").into())
    }
}

fn value(report: &Report) -> Result<Value, End> {
    serde_json::from_str(&report.json())
        .map_err(|error| Fault::internal(format!("a report: {error}")).into())
}

pub fn suggest_command(args: &SuggestArgs, how: &HowArgs) -> Result<Done, End> {
    let typed = Typed::read(&args.read)?;
    let mut runs = Runs::open(&args.file, &typed, how)?;
    let target = Target {
        profile: Some(vec!["*".to_string()]),
        all: true,
        ..Target::default()
    };
    let profile = value(&runs.run("tidemill = 1", target)?)?;
    let mut listed = |recipe: Option<String>| -> Result<Option<Value>, End> {
        recipe
            .map(|recipe| value(&runs.run(&recipe, Target::default())?))
            .transpose()
    };
    let values = listed(suggest::values(&profile))?;
    let sample = listed(suggest::sample(&profile))?;
    let draft = suggest::draft(&profile, values.as_ref(), sample.as_ref());
    let tried = value(&runs.run(&draft.recipe(), Target::default())?)?;
    print(&draft.told(&tried, &read_table(&typed, runs.detected()?)))?;
    Ok(Done::Well)
}

/// `[read]` with what was detected in it.
fn read_table(typed: &Typed, detected: &Detected) -> String {
    let toml = typed.toml(detected);
    toml.find("[read]")
        .map_or(String::new(), |at| toml[at..].to_string())
}

pub fn variants_command(args: &VariantsArgs, how: &HowArgs) -> Result<Done, End> {
    let typed = Typed::read(&args.read)?;
    let mut runs = Runs::open(&args.file, &typed, how)?;
    let place = "COLUMN";
    let schema =
        tidemill_core::schema::Schema::new(&runs.detected()?.header, &typed.recipe.read.missing)?;
    let at = schema.find(&args.column, place)?;
    let column = schema.columns[at].name.clone();
    let recipe = Node::table(vec![
        ("tidemill".to_string(), Node::number(1)),
        (
            "reduce".to_string(),
            Node::list(vec![Node::table(vec![
                ("name".to_string(), Node::text("values")),
                (
                    "by".to_string(),
                    Node::list(vec![Node::text(format!("#{}", at + 1))]),
                ),
                ("values".to_string(), Node::list(vec![Node::text("rows")])),
            ])]),
        ),
    ]);
    let report = value(&runs.run(&to_toml(&recipe), Target::default())?)?;
    let rows = report["reductions"]["values"]["rows"].as_array();
    let pairs: Vec<(String, u64)> = rows
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row[0].as_str()?.to_string(), row[1].as_u64()?)))
        .collect();
    if pairs.len() > variants::MOST {
        return Err(RecipeError::new(
            place,
            format!("{} different values in \"{column}\"", pairs.len()),
            format!("up to {}", variants::MOST),
        )
        .hint("spellings are of names and words; a column of texts or identifiers has none")
        .into());
    }
    let clusters = variants::clusters(&pairs);
    match args.format {
        VariantsFormat::Json => {
            let json = serde_json::to_string(&clusters).unwrap_or_default();
            print(&format!("{json}\n"))?;
        }
        VariantsFormat::Recipe => print(&recipe_of(&column, &clusters, pairs.len()))?,
    }
    Ok(Done::Well)
}

fn recipe_of(column: &str, clusters: &[Cluster], values: usize) -> String {
    let touched: u64 = clusters.iter().map(Cluster::touched).sum();
    let mut out = format!("tidemill = 1\n\n# {column}: {values} different values.\n");
    if clusters.is_empty() {
        out.push_str("# None of them seem to mean the same.\n");
        return out;
    }
    out.push_str(&format!(
        "# {} of them may have other spellings; {touched} cells would change. Take out what is wrong.\n",
        clusters.len()
    ));
    for cluster in clusters {
        out.push_str(&format!("# {:?} ({})\n", cluster.into, cluster.count));
        for other in &cluster.others {
            out.push_str(&format!(
                "#   {:?} ({}): {}\n",
                other.text,
                other.count,
                other.way.words()
            ));
        }
    }
    let step = variants::step(column, clusters);
    let root = Node::table(vec![("step".to_string(), Node::list(vec![step]))]);
    out.push_str(&to_toml(&root));
    out
}
