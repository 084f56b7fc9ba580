//! A recipe tried on the beginning of an input: what the first rows are before and after it, and
//! what it did with all whole records of the window. Nothing else is read, so the answer is there at
//! once; a step that learns does so from the window alone, and the preview says it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;
use tidemill_csv::field::unquote;
use tidemill_csv::read_all;

use crate::chunk::Chunk;
use crate::collect::{Ordered, Segment};
use crate::detect::{self, Stated, WINDOW, lines};
use crate::error::{Failure, Fault, FaultKind};
use crate::finish;
use crate::plan::{Form, Plan, Target};
use crate::push::Cutter;
use crate::recipe::{Header, Read, Recipe};
use crate::report::{DialectReport, Reject, StepReport};
use crate::run::BLOCK;
use crate::sink::Nowhere;
use crate::sniff::Finding;
use crate::source::Identity;
use crate::value::class::Type;
use crate::work::{Pass, Worker};

/// What a preview shows. Its keys are always all there and always in this order.
#[derive(Debug, Serialize)]
pub struct Preview {
    tidemill: &'static str,
    input: Input,
    columns: Vec<Column>,
    before: Before,
    rows: Vec<Box<RawValue>>,
    places: Vec<Place>,
    records: u64,
    added: u64,
    out: u64,
    rejected: u64,
    filtered: u64,
    deduplicated: u64,
    steps: Vec<StepReport>,
    rejects: Vec<Reject>,
    complete: bool,
    fitted: Option<Fitted>,
}

/// What was looked at, and how it is read.
#[derive(Debug, Serialize)]
struct Input {
    name: String,
    /// The bytes that the preview is of, and whether they are all there are.
    bytes: u64,
    complete: bool,
    dialect: DialectReport,
    encoding: String,
    header: Vec<String>,
    skipped: u64,
    /// `[read]` with nothing left to be detected.
    read: Stated,
    from: From,
}

/// Where each property of the input comes from.
#[derive(Debug, Serialize)]
struct From {
    delimiter: Origin,
    quote: Origin,
    escape: Origin,
    comment: Origin,
    encoding: Origin,
    skip_rows: Origin,
    header: Origin,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Origin {
    Stated,
    Detected,
    Default,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    ty: Type,
}

/// Records as they stand in the input: the first, and those that the shown rows came from.
#[derive(Debug, Default, Serialize)]
struct Before {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    places: Vec<Place>,
}

/// Where a row came from, counted as in a reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Place {
    record: u64,
    line: u64,
}

/// Which steps have learnt from the window only.
#[derive(Debug, Serialize)]
struct Fitted {
    /// From 1.
    steps: Vec<u64>,
    records: u64,
    text: String,
}

impl Preview {
    /// The preview as JSON on one line, with a final newline.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The columns of a plan's cleaned rows as JSON: `[{"name": ..., "type": ...}]`.
pub fn columns(plan: &Plan) -> String {
    serde_json::to_string(&columns_of(plan)).unwrap_or_default()
}

fn columns_of(plan: &Plan) -> Vec<Column> {
    let columns = plan.output.iter();
    columns
        .map(|column| Column {
            name: column.name.clone(),
            ty: column.ty.unwrap_or(Type::Text),
        })
        .collect()
}

/// Tries a recipe, TOML or JSON, on the first bytes of an input called `name`; `complete` says that
/// they are all there are. Shows the first `rows` rows of the result.
pub fn preview(
    recipe: &str,
    name: &str,
    window: &[u8],
    complete: bool,
    rows: usize,
) -> Result<Preview, Failure> {
    of_recipe(&Recipe::parse(recipe)?, name, window, complete, rows)
}

/// [`preview`] of a recipe that was read.
pub fn of_recipe(
    recipe: &Recipe,
    name: &str,
    window: &[u8],
    complete: bool,
    rows: usize,
) -> Result<Preview, Failure> {
    // A run decides by the first MiB how the file is read, so a preview does too.
    let detected = detect::named(name, &window[..window.len().min(WINDOW)], &recipe.read)?;
    let target = Target {
        rows: true,
        form: Form::Json,
        ..Target::default()
    };
    let mut plan = Plan::new(recipe, detected, target)?;
    // Reductions were checked with the rest, and are not shown.
    plan.reductions.clear();
    // What is shown is worked on as the stream, which is all here.
    let decoding = std::mem::take(&mut plan.detected.decoding);
    let stream = match (decoding.is_none(), complete) {
        (true, _) => Cow::Borrowed(window),
        (false, true) => Cow::Owned(decoding.all(window)),
        (false, false) => Cow::Owned(decoding.beginning(window)),
    };
    let bytes = if complete {
        &stream
    } else {
        whole(&plan, name, &stream)?
    };
    let mut pass = Pass::first(&plan);
    while pass.learns.is_some() {
        let (worker, _) = go(&plan, &pass, name, bytes, &mut Shown::new(0))?;
        let learnt = worker.pause().learnt;
        pass = pass.next(&plan, &learnt)?;
    }
    let mut shown = Shown::new(rows);
    let (worker, segment) = go(&plan, &pass, name, bytes, &mut shown)?;
    let identity = Identity {
        name: name.to_string(),
        len: None,
        mark: None,
    };
    let size = bytes.len() as u64;
    let report = finish::report(&plan, &identity, size, &worker.totals, segment, !complete)?;
    let counts = report.rows;
    Ok(Preview {
        tidemill: env!("CARGO_PKG_VERSION"),
        input: Input {
            name: name.to_string(),
            bytes: size,
            complete,
            dialect: report.input.dialect,
            encoding: report.input.encoding,
            header: plan.header.clone(),
            skipped: report.input.skipped,
            read: plan.detected.read(),
            from: origins(&recipe.read, &plan.detected.findings),
        },
        columns: columns_of(&plan),
        before: Before {
            columns: plan.header.clone(),
            ..shown.before
        },
        complete: complete && shown.rows.len() as u64 == counts.out,
        rows: shown.rows,
        places: shown.places,
        records: counts.input,
        added: counts.added,
        out: counts.out,
        rejected: counts.rejected,
        filtered: counts.filtered,
        deduplicated: counts.deduplicated,
        steps: report.steps,
        rejects: report.rejects.first,
        fitted: if complete {
            None
        } else {
            fitted(&plan, counts.input)
        },
    })
}

/// The part of a cut window that ends where a whole record ends. What is behind it could become
/// anything: a record that goes on, or a quote that closes later.
fn whole<'a>(plan: &Plan, name: &str, window: &'a [u8]) -> Result<&'a [u8], Fault> {
    let body = plan.detected.body as usize;
    let records =
        read_all(window, &plan.dialect, &plan.detected.limits, body as u64).unwrap_or_default();
    let sure = records
        .iter()
        .take_while(|record| record.broken.is_none() && (record.end as usize) < window.len())
        .last();
    let header = match (plan.detected.has_header, sure) {
        (true, _) => matches!(window[..body].last(), Some(b'\n' | b'\r')),
        (false, None) => plan.detected.named,
        _ => true,
    };
    if !header && window.len() < WINDOW {
        return Err(Fault::new(
            FaultKind::Input,
            name,
            format!("no whole first record in {} bytes", window.len()),
            format!("the first {WINDOW} bytes of the input, or all of it"),
        ));
    }
    let mut end = sure.map_or(body, |record| record.end as usize);
    if sure.is_some() {
        let crlf = window[end..].starts_with(b"\r\n");
        end += 1 + usize::from(crlf);
    }
    Ok(&window[..end])
}

/// Works on bytes in one pass.
fn go<'a>(
    plan: &'a Plan,
    pass: &'a Pass,
    name: &str,
    bytes: &[u8],
    shown: &mut Shown,
) -> Result<(Worker<'a>, Segment), Fault> {
    let mut cutter = Cutter::new(plan, BLOCK);
    cutter.feed(bytes)?;
    cutter.end()?;
    let mut worker = Worker::new(plan, pass);
    let mut ordered = Ordered::new(plan, name.to_string());
    while let Some((order, span)) = cutter.pop() {
        let done = worker.work(order, span, pass)?;
        let before = Place {
            record: ordered.segment.records + 1,
            line: ordered.segment.lines + plan.detected.lines + 1,
        };
        shown.take(worker.chunk(), &done.out, before)?;
        ordered.push(done, &mut Nowhere, None)?;
        ordered.audit.clear();
    }
    Ok((worker, ordered.segment))
}

/// What is to be shown of the chunks, in their order.
struct Shown {
    most: usize,
    rows: Vec<Box<RawValue>>,
    places: Vec<Place>,
    before: Before,
}

impl Shown {
    fn new(most: usize) -> Shown {
        Shown {
            most,
            rows: Vec::new(),
            places: Vec::new(),
            before: Before::default(),
        }
    }

    /// Takes a chunk after the last step, with its rows of JSON; `first` is the place of its first
    /// record.
    fn take(&mut self, chunk: &Chunk, out: &[u8], first: Place) -> Result<(), Fault> {
        let some = self.most - self.rows.len();
        let chosen: BTreeSet<u32> = chunk.selected_rows().into_iter().take(some).collect();
        for line in out.split(|byte| *byte == b'\n').take(chosen.len()) {
            let row = String::from_utf8_lossy(line).into_owned();
            let row = RawValue::from_string(row)
                .map_err(|error| Fault::internal(format!("a row of JSON: {error}")))?;
            self.rows.push(row);
        }
        let (mut at, mut line) = (0, first.line);
        for row in 0..chunk.rows() {
            let record = first.record + u64::from(chunk.index().record(row));
            let chosen = chosen.contains(&(row as u32));
            if !chosen && record > self.most as u64 {
                continue;
            }
            let start = chunk.index().row(row).0 as usize;
            line += lines(&chunk.bytes()[at..start]);
            at = start;
            let place = Place { record, line };
            if chosen {
                self.places.push(place);
            }
            self.before.places.push(place);
            self.before.rows.push(fields(chunk, row));
        }
        Ok(())
    }
}

/// The fields of a row as they came, whatever the steps have made of them.
fn fields(chunk: &Chunk, row: usize) -> Vec<String> {
    let mut scratch = Vec::new();
    let fields = 0..chunk.width();
    fields
        .map(|field| {
            let value = unquote(chunk.raw(row, field), chunk.dialect(), &mut scratch);
            String::from_utf8_lossy(value).into_owned()
        })
        .collect()
}

fn origins(read: &Read, findings: &[Finding]) -> From {
    let origin = |stated: bool, what: &str| {
        // What every file has until something in it speaks for another value.
        let usual = |finding: &&Finding| {
            finding.what == what
                && (finding.sure <= 50 || ["none", "0"].contains(&finding.value.as_str()))
        };
        match findings.iter().find(usual) {
            _ if stated => Origin::Stated,
            Some(_) => Origin::Default,
            None => Origin::Detected,
        }
    };
    From {
        delimiter: origin(read.delimiter.is_some(), ""),
        quote: origin(read.quote.is_some(), "quote"),
        escape: origin(read.escape.is_some(), "escape"),
        comment: origin(read.comment.is_some(), "comment"),
        encoding: origin(read.encoding.is_some(), "encoding"),
        skip_rows: origin(read.skip_rows.is_some(), "skip_rows"),
        header: origin(read.header != Header::Detect, "header"),
    }
}

fn fitted(plan: &Plan, records: u64) -> Option<Fitted> {
    let fitted = plan.stages.iter().filter(|stage| stage.kind.learns());
    let steps: Vec<u64> = fitted.map(|stage| stage.number as u64 + 1).collect();
    let words: Vec<String> = steps
        .iter()
        .map(|step| format!("step {step} ({})", plan.step_words[*step as usize - 1]))
        .collect();
    (!steps.is_empty()).then(|| Fitted {
        text: format!(
            "{} learnt from the first {records} records only; a run learns from all",
            words.join(", ")
        ),
        steps,
        records,
    })
}
