//! A plan in words, for people who want to know what will be done before it is done.

use crate::plan::Plan;
use crate::step::StepKind;

/// Says how often the file is read, what is decoded, what the steps do to rows, and what may be
/// approximate.
pub fn explain(plan: &Plan) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let passes = plan.passes();
    line(format!(
        "passes      {passes}{}",
        if passes == 1 {
            ""
        } else {
            " (a step learns from the file first)"
        }
    ));
    if plan.several() {
        let names: Vec<&str> = plan.files.iter().map(|file| file.name.as_str()).collect();
        line(format!("files       {}: {}", names.len(), names.join(", ")));
    }
    let decoded = decoded(plan);
    let names: Vec<&str> = decoded
        .iter()
        .filter_map(|slot| plan.header.get(*slot))
        .map(String::as_str)
        .collect();
    line(format!(
        "columns     {} of {} are decoded{}",
        names.len(),
        plan.width(),
        listed(&names)
    ));
    if plan.expect.columns.is_some() && plan.expect.names.is_none() {
        line(
            "expect      columns have nothing to be compared with; expect.names lists them"
                .to_string(),
        );
    }
    for (number, word) in plan.step_words.iter().enumerate() {
        let stage = plan.stages.iter().find(|stage| stage.number == number);
        let how = match stage.map(|stage| &stage.kind) {
            None => "off",
            Some(StepKind::Planned) => "done in the plan, nothing a row",
            Some(StepKind::RowLocal(_)) => "row by row, in any order",
            Some(StepKind::Carried(step)) if step.looks_ahead() => {
                "hears the whole file in a pass of its own, then row by row"
            }
            Some(StepKind::Carried(_)) => "row by row, with what came before",
            Some(StepKind::Fitted(_)) => "learns in a pass of its own, then row by row",
        };
        let filter = if stage.is_some_and(|stage| stage.filter.is_some()) {
            ", where its expression is true"
        } else {
            ""
        };
        line(format!("step {:<6} {word}: {how}{filter}", number + 1));
    }
    for reduction in &plan.reductions {
        let by = if reduction.by.is_empty() {
            "one row".to_string()
        } else {
            format!(
                "one row for each {}",
                reduction
                    .by
                    .iter()
                    .map(|key| key.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        };
        line(format!(
            "reduce      {}: {} ({by})",
            reduction.name,
            reduction.columns.join(", ")
        ));
    }
    if plan.target.rows {
        let names: Vec<&str> = plan
            .output
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        line(format!(
            "output      {} columns{}",
            names.len(),
            listed(&names)
        ));
    }
    let sketches = plan
        .reductions
        .iter()
        .flat_map(|reduction| &reduction.calls)
        .any(|call| call.bounded)
        || !plan.profile.is_empty();
    line(if sketches {
        format!(
            "approximate past {} different values of a column: their number (standard error {} %) and quantiles (within {} %); which are frequent is then not known; all else is exact",
            plan.limits.exact_values,
            percent(crate::distinct::Hll::relative_error()),
            percent(crate::number::buckets::RELATIVE_ERROR),
        )
    } else {
        "approximate nothing".to_string()
    });
    line(format!(
        "memory      a few blocks of {} KiB a thread; a record may have {} MiB",
        plan.block() >> 10,
        plan.detected.limits.record >> 20
    ));
    out
}

fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return String::new();
    }
    let more = names.len().saturating_sub(SHOWN);
    let shown = names
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if more == 0 {
        format!(": {shown}")
    } else {
        format!(": {shown} and {more} more")
    }
}

/// The input columns whose values somebody looks at.
fn decoded(plan: &Plan) -> Vec<usize> {
    let stages = plan.stages.iter().flat_map(|stage| {
        let filter = stage
            .filter
            .iter()
            .flat_map(|filter| filter.numbers().iter().chain(filter.texts()));
        stage
            .numbers
            .iter()
            .chain(&stage.texts)
            .chain(filter)
            .copied()
            .collect::<Vec<_>>()
    });
    let reductions = plan.reductions.iter().flat_map(|reduction| {
        let keys = reduction.by.iter().map(|key| key.slot);
        let calls = reduction.calls.iter().flat_map(|call| {
            let filters = call.filter.iter().flat_map(|filter| {
                let predicate = &filter.predicate;
                predicate.numbers().iter().chain(predicate.texts()).copied()
            });
            call.slots
                .iter()
                .copied()
                .chain(filters)
                .collect::<Vec<_>>()
        });
        keys.chain(calls).collect::<Vec<_>>()
    });
    let profile = plan.profile.iter().flat_map(|call| call.slots.clone());
    let mut slots: Vec<usize> = stages
        .chain(reductions)
        .chain(profile)
        .filter(|slot| *slot < plan.width())
        .collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// A share as a percentage with two decimals.
fn percent(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}
