//! What was asked, held against the header: every name resolved to a slot, every kernel chosen,
//! every mistake found, before any data is read.

use std::sync::Arc;

use tidemill_csv::{Dialect, Ragged};

use crate::audit::{Watched, watched};
use crate::detect::Detected;
use crate::error::{Fault, RecipeError};
use crate::expr::Predicate;
use crate::files::{self, InputFile, Layout};
use crate::kernels;
use crate::kernels::reduce::profile::{self, Profile};
use crate::options::Options;
use crate::recipe::{Expect, ExpectColumns, Recipe, StepSpec};
use crate::reduce::{Call, Limits};
use crate::reduction::{ReductionPlan, reduction};
use crate::schema::{Missing, PlanColumn, Schema};
use crate::step::StepKind;
use crate::writing::{Parts, Write};

/// What a run is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Cleaned rows are wanted.
    pub rows: bool,
    /// Columns to profile, as patterns; `None` for no profile.
    pub profile: Option<Vec<String>>,
    /// A profile is to tell all there is to tell.
    pub all: bool,
    /// Rejected rows are wanted in full.
    pub rejects: bool,
    /// What each step did to each record is wanted.
    pub audit: bool,
    /// How cleaned rows are written.
    pub form: Form,
    /// The columns of cleaned rows, as patterns, in this order; `None` for all as they come.
    pub fields: Option<Vec<String>>,
}

/// How cleaned rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Delimited text, with a header.
    #[default]
    Delimited,
    /// A JSON array a line, cells as their columns' types have them, without a header.
    Json,
}

/// One step, ready to run.
pub struct Stage {
    /// Its position in the recipe, from 0: steps that are off keep theirs.
    pub number: usize,
    pub kind: StepKind,
    /// `where`: the rows it applies to.
    pub filter: Option<Predicate>,
    /// Slots that it reads as numbers, and as text.
    pub numbers: Vec<usize>,
    pub texts: Vec<usize>,
    /// What becomes of the columns.
    pub columns: Vec<Watched>,
}

/// What a cleaning kernel makes of its options.
pub struct Compiled {
    pub kind: StepKind,
    pub numbers: Vec<usize>,
    pub texts: Vec<usize>,
}

impl Compiled {
    pub fn planned() -> Compiled {
        Compiled {
            kind: StepKind::Planned,
            numbers: Vec::new(),
            texts: Vec::new(),
        }
    }

    pub fn row_local(step: impl crate::step::RowLocal + 'static) -> Compiled {
        Compiled {
            kind: StepKind::RowLocal(Box::new(step)),
            numbers: Vec::new(),
            texts: Vec::new(),
        }
    }

    pub fn carried(step: impl crate::step::Sequential + 'static) -> Compiled {
        Compiled {
            kind: StepKind::Carried(Arc::new(step)),
            numbers: Vec::new(),
            texts: Vec::new(),
        }
    }
}

/// A recipe held against a header.
pub struct Plan {
    /// Of several files, what all of them together are: the dialect of the first, the columns of all.
    pub detected: Detected,
    /// The files that are one input, if it was made of files with names.
    pub files: Vec<InputFile>,
    pub dialect: Dialect,
    pub out_dialect: Dialect,
    /// How rows are written besides.
    pub write: Write,
    pub ragged: Ragged,
    pub header: Vec<String>,
    pub slots: usize,
    /// One a slot.
    pub missing: Vec<Missing>,
    pub stages: Vec<Stage>,
    /// The words of all steps of the recipe, for the report.
    pub step_words: Vec<String>,
    /// The columns of cleaned rows.
    pub output: Vec<PlanColumn>,
    pub reductions: Vec<ReductionPlan>,
    /// One a profiled column of the input.
    pub profile: Vec<Call>,
    /// What each of them is made by.
    pub profiles: Vec<Arc<Profile>>,
    pub target: Target,
    pub limits: Limits,
    /// Whether the output begins with the names: not where the input has none, nor in JSON.
    pub write_header: bool,
    pub expect: Expect,
    /// A number that two plans share only if they do the same.
    pub fingerprint: u64,
}

impl Plan {
    /// Checks a recipe against what was detected.
    pub fn new(recipe: &Recipe, detected: Detected, target: Target) -> Result<Plan, RecipeError> {
        if recipe.read.source.is_some() {
            return Err(RecipeError::new(
                "read.source",
                "a file whose name is not known when the plan is made",
                "files with names",
            )
            .hint("the command line knows them; elsewhere, leave source out"));
        }
        Plan::made(recipe, detected, Vec::new(), target)
    }

    /// Checks a recipe against the files that are to be one input.
    pub fn over(
        recipe: &Recipe,
        files: Vec<(String, Detected)>,
        target: Target,
    ) -> Result<Plan, RecipeError> {
        let (detected, files) = files::together(&recipe.read, files)?;
        Plan::made(recipe, detected, files, target)
    }

    fn made(
        recipe: &Recipe,
        detected: Detected,
        files: Vec<InputFile>,
        target: Target,
    ) -> Result<Plan, RecipeError> {
        let header = detected.header.clone();
        check_header(&recipe.expect, &header)?;
        let mut schema = Schema::new(&header, &recipe.read.missing)?;
        schema.limits = recipe.limits;

        let profiled: Vec<usize> = match &target.profile {
            None => Vec::new(),
            // A profile is of the input, so it stands before any step.
            Some(patterns) => schema.resolve(patterns, "columns")?,
        };
        let profiles: Vec<Arc<Profile>> = profiled
            .iter()
            .map(|at| {
                Arc::new(Profile {
                    name: schema.columns[*at].name.clone(),
                    missing: schema.missing[*at].clone(),
                    limits: schema.limits,
                    all: target.all,
                })
            })
            .collect();
        let profile = profiled
            .iter()
            .zip(&profiles)
            .map(|(at, made)| profile::call(schema.columns[*at].slot, made))
            .collect();

        // What the recipe uses as numbers anywhere decides what is missing everywhere, so it is
        // looked through once before it is compiled.
        let mut look = schema.clone();
        let (stages, reductions) = compile(recipe, &mut look)?;
        schema.numbers = numbers(&stages, &reductions, &look);
        let (stages, reductions) = compile(recipe, &mut schema)?;
        let output = match &target.fields {
            None => schema.columns.clone(),
            Some(patterns) => schema
                .in_order(patterns, "fields")?
                .into_iter()
                .map(|at| schema.columns[at].clone())
                .collect(),
        };
        let write_header = detected.named && target.form == Form::Delimited;
        let dialect = detected.dialect;
        if let Parts::By(column) = &recipe.write.parts
            && !output.iter().any(|other| other.name == *column)
        {
            let names = || output.iter().map(|column| column.name.as_str());
            return Err(RecipeError::new(
                "write.by",
                format!("no column \"{column}\""),
                names().collect::<Vec<_>>().join(", "),
            )
            .nearest(column, names()));
        }
        let mut plan = Plan {
            dialect,
            out_dialect: recipe.write.dialect(),
            write: recipe.write.clone(),
            ragged: detected.ragged,
            slots: schema.slots,
            missing: schema.missing.clone(),
            stages,
            step_words: recipe.steps.iter().map(|step| step.word.clone()).collect(),
            output,
            reductions,
            profile,
            profiles,
            target,
            limits: recipe.limits,
            write_header,
            expect: recipe.expect.clone(),
            header,
            detected,
            files,
            fingerprint: 0,
        };
        plan.fingerprint = plan.print(recipe);
        Ok(plan)
    }

    /// The number of columns of the input.
    pub fn width(&self) -> usize {
        self.header.len()
    }

    /// What was found in one of the files, or in the only input.
    pub fn detected_of(&self, file: usize) -> &Detected {
        self.files
            .get(file)
            .map_or(&self.detected, |file| &file.detected)
    }

    /// Where the fields of one of the files stand, if not as the columns do.
    pub fn layout_of(&self, file: usize) -> Option<Arc<Layout>> {
        self.files.get(file).and_then(|file| file.layout.clone())
    }

    /// Whether there is more than one file.
    pub fn several(&self) -> bool {
        self.files.len() > 1
    }

    /// For drivers that read one file only.
    pub(crate) fn one_file(&self) -> Result<(), Fault> {
        if self.several() {
            return Err(Fault::internal("several files for a driver of one"));
        }
        Ok(())
    }

    /// The size of a block that suits the plan. A wide table gets larger ones: what is gathered of a column is fetched into
    /// the cache once a block, and that is worth it only for many rows. No result depends on it.
    pub fn block(&self) -> usize {
        const A_COLUMN: usize = 8 << 10;
        const MOST: usize = 4 << 20;
        let wanted = self.width().saturating_mul(A_COLUMN).min(MOST);
        wanted.next_power_of_two().max(crate::run::BLOCK)
    }

    /// How often the input is read: once, and once more for each step that must learn first.
    pub fn passes(&self) -> u32 {
        1 + self
            .stages
            .iter()
            .filter(|stage| stage.kind.learns())
            .count() as u32
    }

    /// Whether a step remembers what it has seen, for which it may need room.
    pub fn remembers(&self) -> bool {
        self.stages
            .iter()
            .any(|stage| matches!(stage.kind, StepKind::Carried(_)))
    }

    fn print(&self, recipe: &Recipe) -> u64 {
        let text = format!(
            "{}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}",
            env!("CARGO_PKG_VERSION"),
            self.dialect,
            self.header,
            self.detected.body,
            recipe.read,
            recipe.steps,
            recipe.reductions,
            (recipe.limits, &self.target, &self.write),
        );
        let files: String = self.files.iter().map(InputFile::print).collect();
        crate::distinct::sketch_hash(format!("{text}{files}").as_bytes())
    }

    /// The plan in words, for `explain`.
    pub fn explain(&self) -> String {
        crate::explain::explain(self)
    }
}

fn compile(
    recipe: &Recipe,
    schema: &mut Schema,
) -> Result<(Vec<Stage>, Vec<ReductionPlan>), RecipeError> {
    let mut stages = Vec::new();
    for (number, spec) in recipe.steps.iter().enumerate() {
        stages.extend(stage(number, spec, schema)?);
    }
    let reductions = recipe
        .reductions
        .iter()
        .enumerate()
        .map(|(at, spec)| reduction(at, spec, schema));
    Ok((stages, reductions.collect::<Result<_, _>>()?))
}

/// The slots that are read as numbers without a cast.
fn numbers(stages: &[Stage], reductions: &[ReductionPlan], schema: &Schema) -> Vec<usize> {
    let asks = stages.iter().flat_map(|stage| match &stage.kind {
        StepKind::Fitted(step) => step.asks(),
        _ => Vec::new(),
    });
    let calls = reductions
        .iter()
        .flat_map(|reduction| reduction.calls.iter().cloned())
        .chain(asks);
    let mut slots: Vec<usize> = calls
        .flat_map(|call| {
            let filter = call.filter.iter();
            let filters = filter.flat_map(|filter| filter.predicate.numbers().to_vec());
            call.numbers()
                .into_iter()
                .chain(filters)
                .collect::<Vec<_>>()
        })
        .chain(
            stages
                .iter()
                .flat_map(|stage| stage.numbers.iter().copied()),
        )
        .chain(
            stages
                .iter()
                .filter_map(|stage| stage.filter.as_ref())
                .flat_map(|filter| filter.numbers().to_vec()),
        )
        .filter(|slot| !schema.cast.contains(slot))
        .collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

fn check_header(expect: &Expect, header: &[String]) -> Result<(), RecipeError> {
    let (Some(rule), Some(names)) = (expect.columns, &expect.names) else {
        return Ok(());
    };
    let lacking: Vec<&str> = names
        .iter()
        .filter(|name| !header.contains(name))
        .map(String::as_str)
        .collect();
    let more: Vec<&str> = header
        .iter()
        .filter(|name| !names.contains(name))
        .map(String::as_str)
        .collect();
    let same_order = header == names;
    let wrong = match rule {
        ExpectColumns::Superset => !lacking.is_empty(),
        ExpectColumns::Same => !same_order,
    };
    if !wrong {
        return Ok(());
    }
    let mut found = Vec::new();
    if !lacking.is_empty() {
        found.push(format!("columns missing: {}", lacking.join(", ")));
    }
    if !more.is_empty() && rule == ExpectColumns::Same {
        found.push(format!("columns not expected: {}", more.join(", ")));
    }
    if found.is_empty() {
        found.push("the columns in another order".to_string());
    }
    Err(RecipeError::new(
        "expect.columns",
        found.join("; "),
        names.join(", "),
    ))
}

fn stage(
    number: usize,
    spec: &StepSpec,
    schema: &mut Schema,
) -> Result<Option<Stage>, RecipeError> {
    let path = format!("step {}", number + 1);
    let kernel = kernels::clean(&spec.word).ok_or_else(|| {
        RecipeError::new(
            path.as_str(),
            format!("unknown step \"{}\"", spec.word),
            "a step",
        )
    })?;
    let options = Options::new(&spec.node, path.clone());
    let known: Vec<&str> = std::iter::once(kernel.about.word)
        .chain(kernel.about.options.iter().map(|option| option.name))
        .chain(crate::recipe::COMMON.iter().copied())
        .collect();
    options.only(&known)?;
    if spec.filter.is_some() && !kernel.about.rows {
        return Err(options.error(
            "where",
            format!("where with {}", spec.word),
            "a step that works on rows",
        ));
    }
    if spec.off {
        return Ok(None);
    }
    let filter = match &spec.filter {
        None => None,
        Some(sql) => Some(Predicate::compile(sql, schema, &format!("{path}, where"))?),
    };
    let before = schema.columns.clone();
    let compiled = (kernel.compile)(&options, schema, filter.is_some())?;
    Ok(Some(Stage {
        number,
        kind: compiled.kind,
        filter,
        numbers: compiled.numbers,
        texts: compiled.texts,
        columns: watched(&before, &schema.columns),
    }))
}
