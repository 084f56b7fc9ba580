//! From totals and segments to the report.

use crate::collect::Segment;
use crate::error::Fault;
use crate::kernels::reduce::profile::{Look, Mark, with_order};
use crate::plan::Plan;
use crate::recipe::MaxRejects;
use crate::report::{
    ColumnFigures, ColumnReport, DialectReport, Figure, Input, Rejects, Report, Rows, StepReport,
    Warning,
};
use crate::sink::Tables;
use crate::source::Identity;
use crate::totals::Totals;
use crate::value::class::Type;
use tidemill_csv::Escape;

/// Makes the report of a run. The segment's lines count from the first record.
pub fn report(
    plan: &Plan,
    identity: &Identity,
    bytes: u64,
    totals: &Totals,
    mut segment: Segment,
    partial: bool,
) -> Result<Report, Fault> {
    segment.shift(0, plan.detected.lines);
    segment.skipped += plan.detected.skipped;
    whole(
        plan,
        vec![identity.name.clone()],
        bytes,
        totals,
        segment,
        partial,
        None,
    )
}

/// Makes the report of a run over all of its files, whose segments follow each other; their lines and
/// what was skipped count from the beginning of each file. A host that takes the rows of reductions itself has `tables`; they are
/// not in the report then.
pub fn whole(
    plan: &Plan,
    files: Vec<String>,
    bytes: u64,
    totals: &Totals,
    segment: Segment,
    partial: bool,
    mut tables: Option<&mut dyn Tables>,
) -> Result<Report, Fault> {
    let steps: Vec<StepReport> = plan
        .step_words
        .iter()
        .zip(&totals.steps)
        .map(|(word, tally)| StepReport {
            step: word.clone(),
            changed: tally.changed,
            added: tally.added,
            rejected: tally.rejected,
            filtered: tally.filtered,
            deduplicated: tally.deduplicated,
            unknown: tally.unknown,
            invalid: tally.invalid,
        })
        .collect();
    let sum = |of: fn(&StepReport) -> u64| steps.iter().map(of).sum::<u64>();
    let rows = Rows {
        input: totals.rows_in,
        added: sum(|step| step.added),
        out: totals.rows_out,
        rejected: totals.unread + sum(|step| step.rejected),
        filtered: sum(|step| step.filtered),
        deduplicated: sum(|step| step.deduplicated),
    };
    if !rows.balance() || rows.rejected != segment.rejected || rows.input != segment.records {
        return Err(Fault::internal(format!("the rows do not add up: {rows:?}")));
    }
    let mut reductions = Vec::new();
    for (reduction, grouped) in plan.reductions.iter().zip(&totals.reductions) {
        let tables = tables
            .as_mut()
            .map(|tables| &mut **tables as &mut dyn Tables);
        reductions.push((reduction.name.clone(), grouped.finish(reduction, tables)?));
    }
    let mut report = Report {
        input: Input {
            files,
            bytes,
            dialect: dialect(plan),
            encoding: plan.detected.encoding.clone(),
            skipped: segment.skipped,
        },
        rows,
        columns: columns(plan, totals, &segment),
        reductions,
        steps,
        rejects: Rejects {
            count: segment.rejected,
            first: segment.rejects,
        },
        partial,
        faults: Vec::new(),
    };
    if !partial {
        report.faults = faults(plan, &report);
    }
    Ok(report)
}

fn dialect(plan: &Plan) -> DialectReport {
    let text = |byte: u8| String::from_utf8_lossy(&[byte]).into_owned();
    DialectReport {
        delimiter: String::from_utf8_lossy(plan.dialect.delimiter_text()).into_owned(),
        quote: plan.dialect.quote.map(text),
        escape: match plan.dialect.escape {
            Escape::None => "none",
            Escape::Double => "double",
            Escape::Backslash => "backslash",
        }
        .to_string(),
        comment: plan.dialect.comment.map(text),
        header: plan.detected.has_header,
    }
}

fn columns(plan: &Plan, totals: &Totals, segment: &Segment) -> Vec<ColumnReport> {
    let mut columns: Vec<ColumnReport> = plan
        .header
        .iter()
        .enumerate()
        .map(|(slot, name)| ColumnReport {
            name: name.clone(),
            slot,
            figures: ColumnFigures::default(),
        })
        .collect();
    for (call, states) in plan.profile.iter().zip(&totals.profile) {
        let slot = call.slots.first().copied().unwrap_or_default();
        if let (Figure::Column(figures), Some(column)) = (
            states.finish(0, call.answer, &call.asked),
            columns.get_mut(slot),
        ) {
            column.figures = *figures;
        }
    }
    let numbered = |mark: Mark| {
        let span = segment.spans.partition_point(|(base, _)| *base <= mark.0);
        let (_, records) = segment.spans.get(span.checked_sub(1)?)?;
        Some(records + u64::from(mark.1) + 1)
    };
    for figures in columns.iter_mut().map(|column| &mut column.figures) {
        for warning in &mut figures.warnings {
            warning.record = warning.mark.and_then(numbered);
        }
    }
    for (call, order) in plan.profile.iter().zip(&segment.orders) {
        let column = call.slots.first().and_then(|slot| columns.get_mut(*slot));
        if let Some(ColumnReport { figures, .. }) = column
            && let Some(details) = &mut figures.details
        {
            with_order(details, order, figures.ty);
        }
    }
    if plan.target.profile.is_some() {
        // A profile of some columns shows those and no others.
        let chosen: Vec<usize> = plan
            .profile
            .iter()
            .flat_map(|call| call.slots.clone())
            .collect();
        let mut at = 0;
        columns.retain(|_| {
            at += 1;
            chosen.contains(&(at - 1))
        });
        return columns;
    }
    for (slot, column) in columns.iter_mut().enumerate() {
        let Some(tally) = &totals.used[slot] else {
            continue;
        };
        let figures = &mut column.figures;
        figures.ty = Some(Type::Number);
        figures.count = Some(tally.present);
        figures.missing = Some(tally.missing);
        figures.nan = Some(tally.nan);
        figures.infinite = Some(tally.infinite);
        figures.invalid = Some(tally.invalid);
        if let Some(first) = segment.strays.get(&slot) {
            figures.warnings.push(Warning {
                kind: "not-a-number".to_string(),
                count: tally.invalid,
                text: format!(
                    "used as a number, but {} not: the first is \"{}\" (record {}, line {}); {}",
                    match tally.invalid {
                        1 => "1 cell is".to_string(),
                        count => format!("{count} cells are"),
                    },
                    first.raw,
                    first.record,
                    first.line,
                    way_out(&column.name, &first.raw),
                ),
                record: Some(first.record),
                mark: None,
            });
        }
    }
    columns
}

/// The step that would clean a column which has such a value in the way of numbers.
fn way_out(name: &str, raw: &str) -> String {
    let cast = |option: &str| {
        format!("cast = {{ \"{name}\" = {{ type = \"number\", {option} }} }} reads such values")
    };
    let text = raw.trim();
    let (comma, point) = (text.rfind(','), text.rfind('.'));
    let digits = |at: usize| text.len() - at - 1;
    match Look::of(raw.as_bytes()) {
        Some(Look::Currency) => return cast("currency = true"),
        Some(Look::Percent) => return cast("percent = true"),
        _ => {}
    }
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b",. +-".contains(&byte));
    match (comma, point) {
        (Some(comma), None) if plain && digits(comma) != 3 => cast("decimal = \",\""),
        (Some(comma), Some(point)) if plain && point < comma => {
            cast("decimal = \",\", thousands = \".\"")
        }
        (Some(_), _) if plain => cast("thousands = \",\""),
        _ => format!(
            "cast = {{ \"{name}\" = \"number\" }} sets such rows aside, and a word that means a missing value belongs under [read] missing"
        ),
    }
}

/// What `[expect]` finds wanting in a run that is done.
fn faults(plan: &Plan, report: &Report) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(least) = plan.expect.min_rows
        && report.rows.input < least
    {
        faults.push(format!(
            "expect.min_rows: {} rows; expected at least {least}",
            report.rows.input
        ));
    }
    let rejected = report.rows.rejected;
    match plan.expect.max_rejects {
        Some(MaxRejects::Count(most)) if rejected > most => {
            faults.push(format!(
                "expect.max_rejects: {rejected} rows rejected; expected at most {most}"
            ));
        }
        Some(MaxRejects::MilliPercent(most))
            if u128::from(rejected) * 100_000
                > u128::from(most) * u128::from(report.rows.input) =>
        {
            faults.push(format!(
                "expect.max_rejects: {rejected} of {} rows rejected; expected at most {}.{:03} %",
                report.rows.input,
                most / 1000,
                most % 1000
            ));
        }
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_the_way_names_the_step_that_reads_it() {
        for (raw, option) in [
            ("$1,234.50", "currency = true"),
            ("12.5%", "percent = true"),
            ("3,5", "decimal = \",\""),
            ("1,234", "thousands = \",\""),
            ("1.234,5", "decimal = \",\", thousands = \".\""),
            ("1,234,567.5", "thousands = \",\""),
            ("abc", "sets such rows aside"),
            ("", "sets such rows aside"),
        ] {
            let text = way_out("x", raw);
            assert!(text.contains(option), "{raw}: {text}");
        }
    }
}
