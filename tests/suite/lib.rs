//! What the tests share: plans over bytes in memory, and the files of the corpus.

use std::path::PathBuf;

use tidemill_core::detect::detect;
use tidemill_core::plan::{Form, Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::report::Report;
use tidemill_core::run::BLOCK;
use tidemill_core::{Failure, session};

/// A plan for these bytes that writes rows and rejects.
pub fn plan(recipe: &str, bytes: &[u8]) -> Result<Plan, Failure> {
    plan_for(
        recipe,
        bytes,
        Target {
            rows: true,
            profile: None,
            rejects: true,
            ..Target::default()
        },
    )
}

pub fn plan_for(recipe: &str, bytes: &[u8], target: Target) -> Result<Plan, Failure> {
    let recipe = Recipe::parse(recipe)?;
    let detected = detect(bytes, &recipe.read)?;
    Ok(Plan::new(&recipe, detected, target)?)
}

/// Rows of JSON as a run writes them.
pub fn typed_rows(recipe: &str, bytes: &[u8], fields: Option<&[&str]>) -> Result<String, Failure> {
    let target = Target {
        rows: true,
        form: Form::Json,
        fields: fields.map(|fields| fields.iter().map(|field| field.to_string()).collect()),
        ..Target::default()
    };
    let plan = plan_for(recipe, bytes, target)?;
    let mut rows = Vec::new();
    session::run(&plan, "test.csv", bytes, &mut rows, None, BLOCK)?;
    Ok(String::from_utf8(rows).unwrap_or_else(|error| panic!("{error}")))
}

/// What a run gives: the report, the rows and the rejects.
pub struct Ran {
    pub report: Report,
    pub rows: Vec<u8>,
    pub rejects: Vec<u8>,
}

/// Runs a recipe over bytes with the sequential driver.
pub fn run(recipe: &str, bytes: &[u8]) -> Ran {
    let plan = plan(recipe, bytes).unwrap_or_else(|error| panic!("{error}\n{recipe}"));
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = session::run(
        &plan,
        "test.csv",
        bytes,
        &mut rows,
        Some(&mut rejects),
        BLOCK,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert!(report.rows.balance(), "{:?}", report.rows);
    Ran {
        report,
        rows,
        rejects,
    }
}

/// The profile of bytes as JSON.
pub fn profile(bytes: &[u8]) -> serde_json::Value {
    let target = Target {
        rows: false,
        profile: Some(vec!["*".to_string()]),
        rejects: false,
        ..Target::default()
    };
    let plan = plan_for("tidemill = 1", bytes, target).unwrap_or_else(|error| panic!("{error}"));
    let report = session::run(&plan, "test.csv", bytes, &mut Vec::new(), None, BLOCK)
        .unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&report.json()).unwrap()
}

/// The only row of a recipe's first reduction, as JSON.
pub fn answers(recipe: &str, bytes: &[u8]) -> Vec<serde_json::Value> {
    let report: serde_json::Value =
        serde_json::from_str(&run(recipe, bytes).report.json()).unwrap();
    let reductions = report["reductions"].as_object().unwrap();
    let (_, table) = reductions.iter().next().unwrap();
    table["rows"][0].as_array().unwrap().clone()
}

/// The folder of the corpus.
pub fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The files of a folder of the corpus with one of these endings, by name.
pub fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
        })
        .collect();
    files.sort();
    files
}
