//! What a run did, in a few lines on standard error.

use std::path::Path;

use tidemill_core::report::{Report, Rows, StepReport};

use crate::text::{count, pad, shown, width};

/// The equation of rows.
fn accounting(rows: &Rows) -> String {
    let added = if rows.added > 0 {
        format!(" + {} added", rows.added)
    } else {
        String::new()
    };
    format!(
        "{} in{added} = {} out + {} rejected + {} filtered + {} deduplicated",
        count(rows.input, "row", "rows"),
        rows.out,
        rows.rejected,
        rows.filtered,
        rows.deduplicated
    )
}

/// The equation, and the lines that are no records.
pub fn accounts(report: &Report) -> Vec<String> {
    let mut lines = vec![accounting(&report.rows)];
    if report.input.skipped > 0 {
        lines.push(format!(
            "  {} skipped: blank, comment or preamble",
            count(report.input.skipped, "line", "lines")
        ));
    }
    lines
}

/// The whole summary, for a run that wrote a file.
pub fn whole(report: &Report, rejects: Option<&Path>) -> Vec<String> {
    let mut lines = accounts(report);
    let wide = report
        .steps
        .iter()
        .map(|step| width(&step.step))
        .max()
        .unwrap_or(0);
    for (at, step) in report.steps.iter().enumerate() {
        lines.push(format!(
            "  {:>2} {}  {}",
            at + 1,
            pad(&step.step, wide, false),
            did(step)
        ));
    }
    lines.extend(rejected(report));
    lines.extend(left_out(report));
    if let Some(path) = rejects
        && report.rejects.count > 0
    {
        lines.push(format!(
            "  rejected rows are in {}",
            shown(&path.display().to_string())
        ));
    }
    lines.extend(warnings(report));
    lines
}

/// The accounts and what is worth a look: for a run whose results stand on standard output.
pub fn brief(report: &Report) -> Vec<String> {
    accounts(report)
        .into_iter()
        .chain(rejected(report))
        .chain(left_out(report))
        .chain(warnings(report))
        .collect()
}

fn did(step: &StepReport) -> String {
    let mut parts = Vec::new();
    let mut put = |number: u64, one: &str, many: &str| {
        if number > 0 {
            parts.push(count(number, one, many));
        }
    };
    put(step.changed, "cell changed", "cells changed");
    put(step.added, "row added", "rows added");
    put(step.rejected, "row rejected", "rows rejected");
    put(step.filtered, "row filtered", "rows filtered");
    put(step.deduplicated, "row deduplicated", "rows deduplicated");
    put(step.invalid, "cell invalid", "cells invalid");
    let columns =
        tidemill_core::kernels::clean(&step.step).is_some_and(|kernel| !kernel.about.rows);
    let mut text = match parts.is_empty() {
        false => parts.join(", "),
        true if columns => "columns only".to_string(),
        true => "nothing changed".to_string(),
    };
    if step.unknown > 0 {
        text.push_str(&format!(
            " ({} of them neither true nor false)",
            step.unknown
        ));
    }
    text
}

/// How many rows were rejected, and the first of them.
/// Groups that a limit leaves out of a table.
fn left_out(report: &Report) -> Vec<String> {
    let cut = report
        .reductions
        .iter()
        .filter(|(_, table)| table.left_out > 0);
    cut.map(|(name, table)| {
        let groups = count(table.left_out, "group", "groups");
        format!("{}: {groups} left out by its limit", shown(name))
    })
    .collect()
}

pub fn rejected(report: &Report) -> Option<String> {
    let first = report.rejects.first.first()?;
    let column = first
        .column
        .as_deref()
        .map(|name| format!(", column {}", shown(name)))
        .unwrap_or_default();
    Some(format!(
        "{} rejected; the first: line {}{column}: {} \"{}\"",
        count(report.rejects.count, "row", "rows"),
        first.line,
        shown(&first.reason),
        crate::text::fit(&shown(&first.raw), 60),
    ))
}

/// The warnings of all columns.
pub fn warnings(report: &Report) -> Vec<String> {
    report
        .columns
        .iter()
        .flat_map(|column| {
            let warn = |warning: &tidemill_core::report::Warning| {
                format!("warning: {}: {}", shown(&column.name), shown(&warning.text))
            };
            column.figures.warnings.iter().map(warn)
        })
        .collect()
}
