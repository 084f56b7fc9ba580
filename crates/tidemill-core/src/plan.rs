//! What was asked, held against the header: every name resolved to a slot, every kernel chosen,
//! every mistake found, before any data is read.

use tidemill_csv::{Dialect, Ragged};

use crate::detect::Detected;
use crate::error::RecipeError;
use crate::expr::Predicate;
use crate::kernels;
use crate::options::Options;
use crate::recipe::{Expect, ExpectColumns, Recipe, ReductionSpec, StepSpec};
use crate::reduce::{Call, Needs};
use crate::schema::{Missing, PlanColumn, Schema};
use crate::step::StepKind;
use crate::value::class::Type;

/// What a run is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Cleaned rows are wanted.
    pub rows: bool,
    /// Columns to profile, as patterns; `None` for no profile.
    pub profile: Option<Vec<String>>,
    /// Rejected rows are wanted in full.
    pub rejects: bool,
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

    pub fn carried(step: impl crate::step::DynCarried + 'static) -> Compiled {
        Compiled {
            kind: StepKind::Carried(Box::new(step)),
            numbers: Vec::new(),
            texts: Vec::new(),
        }
    }
}

/// One reduction, ready to run.
pub struct ReductionPlan {
    pub name: String,
    /// Keys: their names and slots.
    pub by: Vec<(String, usize, Type)>,
    pub calls: Vec<Call>,
    /// The answer's column names: keys, then calls.
    pub columns: Vec<String>,
}

/// A recipe held against a header.
pub struct Plan {
    pub detected: Detected,
    pub dialect: Dialect,
    pub out_dialect: Dialect,
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
    pub target: Target,
    /// Whether the output begins with the names: not where the input has none, nor in JSON.
    pub write_header: bool,
    pub expect: Expect,
    /// A number that two plans share only if they do the same.
    pub fingerprint: u64,
}

impl Plan {
    /// Checks a recipe against what was detected.
    pub fn new(recipe: &Recipe, detected: Detected, target: Target) -> Result<Plan, RecipeError> {
        let header = detected.header.clone();
        check_header(&recipe.expect, &header)?;
        let mut schema = Schema::new(&header, &recipe.read.missing)?;

        let profile = match &target.profile {
            None => Vec::new(),
            Some(patterns) => {
                // A profile is of the input, so it stands before any step.
                let limit = crate::distinct::EXACT_VALUES;
                schema
                    .resolve(patterns, "columns")?
                    .into_iter()
                    .map(|at| {
                        kernels::reduce::profile::call(
                            schema.columns[at].slot,
                            &schema.missing[at],
                            limit,
                        )
                    })
                    .collect()
            }
        };

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
        let delimiter = recipe.write.delimiter.unwrap_or(b',');
        let mut plan = Plan {
            dialect,
            out_dialect: Dialect {
                delimiter,
                ..Dialect::default()
            },
            ragged: detected.ragged,
            slots: schema.slots,
            missing: schema.missing.clone(),
            stages,
            step_words: recipe.steps.iter().map(|step| step.word.clone()).collect(),
            output,
            reductions,
            profile,
            target,
            write_header,
            expect: recipe.expect.clone(),
            header,
            detected,
            fingerprint: 0,
        };
        plan.fingerprint = plan.print(recipe);
        Ok(plan)
    }

    /// The number of columns of the input.
    pub fn width(&self) -> usize {
        self.header.len()
    }

    /// How often the input is read: once, and once more for each step that must learn first.
    pub fn passes(&self) -> u32 {
        1 + self
            .stages
            .iter()
            .filter(|stage| matches!(stage.kind, StepKind::Fitted(_)))
            .count() as u32
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
            self.target,
        );
        crate::distinct::sketch_hash(text.as_bytes())
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
        .filter_map(|call| crate::totals::needs_of(&call).0)
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
    let compiled = (kernel.compile)(&options, schema, filter.is_some())?;
    Ok(Some(Stage {
        number,
        kind: compiled.kind,
        filter,
        numbers: compiled.numbers,
        texts: compiled.texts,
    }))
}

fn reduction(
    at: usize,
    spec: &ReductionSpec,
    schema: &Schema,
) -> Result<ReductionPlan, RecipeError> {
    let path = format!("reduce {}", at + 1);
    let place = |key: &str| {
        if spec.line == 0 {
            format!("{path}, {key}")
        } else {
            format!("{path}, {key} (line {})", spec.line)
        }
    };
    let mut by = Vec::new();
    for name in &spec.by {
        let column = &schema.columns[schema.find(name, &place("by"))?];
        by.push((
            column.name.clone(),
            column.slot,
            column.ty.unwrap_or(Type::Text),
        ));
    }
    let mut calls = Vec::new();
    let mut columns: Vec<String> = by.iter().map(|(name, ..)| name.clone()).collect();
    for value in &spec.values {
        let place = place("values");
        let (word, argument, alias) = call_parts(value, &place)?;
        calls.push(call(word, argument, schema, &place)?);
        let name = alias.unwrap_or(value.trim()).to_string();
        if columns.contains(&name) {
            return Err(RecipeError::new(
                place,
                format!("\"{name}\" twice"),
                "columns of different names",
            )
            .hint("give one of them a name: \"sum(x) as total\""));
        }
        columns.push(name);
    }
    Ok(ReductionPlan {
        name: spec.name.clone(),
        by,
        calls,
        columns,
    })
}

/// Takes `mean(dep_delay) as delay` apart.
fn call_parts<'a>(
    value: &'a str,
    place: &str,
) -> Result<(&'a str, Option<&'a str>, Option<&'a str>), RecipeError> {
    let wrong = || {
        RecipeError::new(
            place,
            format!("\"{value}\""),
            "\"rows\", \"mean(column)\" or \"mean(column) as name\"",
        )
    };
    let text = value.trim();
    let (head, alias) = match text.rfind(')') {
        Some(close) => {
            let rest = text[close + 1..].trim();
            match rest.split_once(char::is_whitespace) {
                None if rest.is_empty() => (&text[..=close], None),
                Some((as_word, name))
                    if as_word.eq_ignore_ascii_case("as") && !name.trim().is_empty() =>
                {
                    (&text[..=close], Some(name.trim()))
                }
                _ => return Err(wrong()),
            }
        }
        None => match text.split_once(char::is_whitespace) {
            None => (text, None),
            Some((head, rest)) => match rest.trim().split_once(char::is_whitespace) {
                Some((as_word, name)) if as_word.eq_ignore_ascii_case("as") => {
                    (head, Some(name.trim()))
                }
                _ => return Err(wrong()),
            },
        },
    };
    let Some((word, argument)) = head.split_once('(') else {
        return Ok((head, None, alias));
    };
    let argument = argument.strip_suffix(')').ok_or_else(wrong)?.trim();
    let quoted = |quote: char| {
        argument
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    let argument = quoted('"').or_else(|| quoted('`')).unwrap_or(argument);
    Ok((
        word.trim(),
        (!argument.is_empty()).then_some(argument),
        alias.map(unquoted),
    ))
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(name)
}

/// Chooses the reducer for one value of a reduction.
pub fn call(
    word: &str,
    argument: Option<&str>,
    schema: &Schema,
    place: &str,
) -> Result<Call, RecipeError> {
    let known = || kernels::REDUCE.iter().map(|kernel| kernel.about.word);
    let kernel = kernels::reduce(word).ok_or_else(|| {
        RecipeError::new(
            place,
            format!("unknown reduction \"{word}\""),
            known().collect::<Vec<_>>().join(", "),
        )
        .nearest(word, known())
    })?;
    let reducer = (kernel.make)();
    match (reducer.needs(), argument) {
        (Needs::Nothing, None | Some("*")) => {
            return Ok(Call {
                word: kernel.about.word,
                reducer,
                slot: 0,
                ty: Type::Integer,
            });
        }
        (Needs::Nothing, Some(argument)) => {
            return Err(RecipeError::new(
                place,
                format!("{word}({argument})"),
                format!("{word} without a column"),
            )
            .hint(format!("count({argument}) counts the present values")));
        }
        (_, None) => {
            return Err(RecipeError::new(
                place,
                format!("{word} without a column"),
                format!("{word}(column)"),
            ));
        }
        (_, Some(_)) => {}
    }
    let column = &schema.columns[schema.find(argument.unwrap_or_default(), place)?];
    let ty = match (reducer.needs(), column.ty) {
        (Needs::Text | Needs::Nothing, None) if schema.is_number(column.slot) => Type::Number,
        (Needs::Text | Needs::Nothing, ty) => ty.unwrap_or(Type::Text),
        (Needs::Numbers, Some(ty @ (Type::Integer | Type::Number))) => ty,
        (Needs::Numbers, Some(Type::Boolean)) => Type::Integer,
        (Needs::Numbers, None) => Type::Number,
        (Needs::Ordered, None) => Type::Number,
        (Needs::Ordered, Some(ty)) if ty != Type::Text => ty,
        (_, Some(ty)) => {
            return Err(RecipeError::new(
                place,
                format!("{word}({}) of a column cast to {ty}", column.name),
                "a column of numbers",
            )
            .hint("cast it to a number, or leave the cast out"));
        }
    };
    Ok(Call {
        word: kernel.about.word,
        reducer,
        slot: column.slot,
        ty,
    })
}
