//! `sniff`: what a file is, with the evidence.

use tidemill_core::detect::Detected;

use crate::table::{self, Column, Look};
use crate::text::shown;

/// The findings as a table, and the columns below it.
pub fn table(detected: &Detected, look: Look) -> String {
    let findings = &detected.findings;
    let cells = |of: &dyn Fn(&tidemill_core::sniff::Finding) -> String| {
        findings.iter().map(of).collect::<Vec<_>>()
    };
    let columns = [
        Column::new("", cells(&|finding| finding.what.to_string())),
        Column::new("found", cells(&|finding| named(&finding.value))).narrow(8, 24),
        Column::new("sure", cells(&|finding| format!("{} %", finding.sure))).right(),
        Column::new("because", cells(&|finding| shown(&finding.why))).narrow(20, 100),
    ];
    let mut out = String::new();
    let lines = match table::grid(&columns, look) {
        Some((lines, _)) => lines,
        None => table::list(
            &findings
                .iter()
                .map(|finding| (finding.what.to_string(), named(&finding.value)))
                .collect::<Vec<_>>(),
            look,
        ),
    };
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    let names: Vec<String> = detected.header.iter().map(|name| shown(name)).collect();
    let most = 20;
    let more = names.len().saturating_sub(most);
    out.push_str(&format!(
        "\n{} {}: {}{}\n",
        names.len(),
        if names.len() == 1 {
            "column"
        } else {
            "columns"
        },
        names[..names.len() - more].join(", "),
        if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        }
    ));
    out
}

/// A sign that is hard to see by its name.
fn named(value: &str) -> String {
    match value {
        "\t" => "tab".to_string(),
        " " => "space".to_string(),
        ", " => "comma and space".to_string(),
        other => shown(other),
    }
}
