//! A recipe that a profile suggests. Nothing here reads a file: each function takes the reports of runs that the host made and
//! gives the recipe of the next one.
//!
//! 1. The host profiles with all details; [`values`] and [`sample`] are recipes that list the values of the columns worth a
//!    look, whole where they are few, of a hashed part of the rows where they are many.
//! 2. [`draft`] tries on those values what each column could be cast to, by the very readers that `cast` has.
//! 3. The host runs the draft's recipe without an output, so that [`Draft::told`] can say of each step how many cells it
//!    would touch: it was tried on all of them.

mod casts;

use serde_json::{Value, json};

use crate::document::{Node, to_toml};
use crate::variants;

/// Columns with more different values than this are judged by a part of the rows.
const FEW: u64 = 5000;
/// Rows of the part that is judged.
const ROWS: u64 = 20_000;
/// Spellings are compared in columns with no more different values.
const SPELLINGS: usize = 5000;
/// Missing words and examples that are shown.
const SHOWN: usize = 3;

/// A step with the reasons for it.
struct Suggested {
    step: Node,
    why: Vec<String>,
}

/// What is suggested, before it was tried.
pub struct Draft {
    steps: Vec<Suggested>,
    /// Words of text columns that may mean that there is no value, which a person must decide.
    missing: Vec<(String, Vec<String>, u64)>,
}

/// What is known of one column.
struct Column {
    name: String,
    spaced: u64,
    text: bool,
    code: bool,
    missing_words: Vec<(String, u64)>,
    /// Its values with their counts, and whether they are all of them.
    values: Vec<(String, u64)>,
    whole: bool,
}

fn columns(profile: &Value) -> impl Iterator<Item = (usize, &Value)> {
    profile["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
}

/// Whether all values of a column are few enough to be listed.
fn few(column: &Value) -> bool {
    let distinct = &column["distinct"];
    distinct["exact"] == json!(true) && distinct["value"].as_u64().is_some_and(|count| count <= FEW)
}

fn listing(profile: &Value, steps: Value, which: impl Fn(&Value) -> bool) -> Option<String> {
    let reductions: Vec<Value> = columns(profile)
        .filter(|(_, column)| column["count"].as_u64() > Some(0) && which(column))
        .map(|(at, _)| json!({ "name": at.to_string(), "by": [format!("#{}", at + 1)], "values": ["rows"] }))
        .collect();
    (!reductions.is_empty())
        .then(|| json!({ "tidemill": 1, "step": steps, "reduce": reductions }).to_string())
}

/// A recipe that lists the values of the columns that have few; nothing if there are none.
pub fn values(profile: &Value) -> Option<String> {
    listing(profile, json!([]), few)
}

/// A recipe that lists the values that the other columns have in a part of the rows; nothing if there are none.
pub fn sample(profile: &Value) -> Option<String> {
    let rows = profile["rows"]["in"].as_u64().unwrap_or(0);
    let steps = if rows <= ROWS {
        json!([])
    } else {
        // A part in millionths is enough, and has the same digits everywhere.
        json!([{ "sample": (ROWS * 1_000_000).div_ceil(rows) as f64 / 1e6 }])
    };
    listing(profile, steps, |column| !few(column))
}

/// What a report of [`values`] or [`sample`] lists of a column.
fn listed(report: Option<&Value>, at: usize) -> Option<Vec<(String, u64)>> {
    let rows = report?["reductions"][at.to_string()]["rows"].as_array()?;
    let pair = |row: &Value| Some((row[0].as_str()?.to_string(), row[1].as_u64()?));
    Some(rows.iter().filter_map(pair).collect())
}

fn read(profile: &Value, values: Option<&Value>, sample: Option<&Value>) -> Vec<Column> {
    columns(profile)
        .map(|(at, column)| {
            let details = &column["details"];
            let whole = listed(values, at);
            let words = details["missing_words"].as_array().into_iter().flatten();
            let hints = details["hints"].as_array().into_iter().flatten();
            let identifier = hints
                .filter_map(Value::as_str)
                .any(|hint| hint.starts_with("identifier"));
            Column {
                name: column["name"].as_str().unwrap_or_default().to_string(),
                spaced: details["spaced"].as_u64().unwrap_or(0),
                text: column["type"] == json!("text"),
                code: identifier || details["types"]["code"].as_u64() > Some(0),
                missing_words: words
                    .filter_map(|word| Some((word[0].as_str()?.to_string(), word[1].as_u64()?)))
                    .collect(),
                whole: whole.is_some(),
                values: whole.or_else(|| listed(sample, at)).unwrap_or_default(),
            }
        })
        .collect()
}

fn one(word: &str, node: Node) -> Node {
    Node::table(vec![(word.to_string(), node)])
}

fn count(count: u64) -> String {
    // Thousands parted by commas, as the tables have them.
    let digits = count.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|part| std::str::from_utf8(part).ok())
        .collect();
    parts.join(",")
}

/// What to do, judged by the profile with all details and the values that were listed.
pub fn draft(profile: &Value, values: Option<&Value>, sample: Option<&Value>) -> Draft {
    let columns = read(profile, values, sample);
    let mut draft = Draft {
        steps: Vec::new(),
        missing: Vec::new(),
    };
    let casts: Vec<Option<casts::Cast>> = columns
        .iter()
        .map(|column| {
            (!column.code)
                .then(|| casts::best(&column.values))
                .flatten()
        })
        .collect();
    let texts = || {
        columns
            .iter()
            .zip(&casts)
            .filter(|(_, cast)| cast.is_none())
    };

    let spaced: Vec<&Column> = texts()
        .map(|(column, _)| column)
        .filter(|column| column.spaced > 0)
        .collect();
    if !spaced.is_empty() {
        let names = spaced
            .iter()
            .map(|column| Node::text(pattern(&column.name)));
        draft.steps.push(Suggested {
            step: one("trim", Node::list(names.collect())),
            why: spaced
                .iter()
                .map(|column| {
                    format!(
                        "{}: {} values with white space around them",
                        column.name,
                        count(column.spaced)
                    )
                })
                .collect(),
        });
    }
    for (column, cast) in columns.iter().zip(&casts) {
        if let Some(cast) = cast {
            draft.steps.push(cast.suggested(column));
        }
    }
    for (column, _) in texts() {
        if column.whole && !column.code && (2..=SPELLINGS).contains(&column.values.len()) {
            spellings(&mut draft, column);
        }
        if column.text && !column.missing_words.is_empty() {
            let words = column.missing_words.iter();
            draft.missing.push((
                column.name.clone(),
                words.clone().map(|(word, _)| word.clone()).collect(),
                words.map(|(_, count)| count).sum(),
            ));
        }
    }
    draft.steps.push(Suggested {
        step: one("dedupe", Node::list(vec![Node::text("*")])),
        why: vec!["rows that are the same in every column".to_string()],
    });
    draft
}

/// Spellings are compared as `trim` leaves them, since that step stands before.
fn spellings(draft: &mut Draft, column: &Column) {
    let mut trimmed: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for (text, count) in &column.values {
        *trimmed.entry(text.trim().to_string()).or_default() += count;
    }
    trimmed.remove("");
    let values: Vec<(String, u64)> = trimmed.into_iter().collect();
    let clusters = variants::clusters(&values);
    if clusters.is_empty() {
        return;
    }
    let why = clusters
        .iter()
        .map(|cluster| {
            let others: Vec<String> = cluster
                .others
                .iter()
                .map(|other| {
                    format!(
                        "\"{}\" ({}, {})",
                        other.text,
                        count(other.count),
                        other.way.words()
                    )
                })
                .collect();
            format!(
                "{}: \"{}\" ({}) may be {}",
                column.name,
                cluster.into,
                count(cluster.count),
                others.join(", ")
            )
        })
        .collect();
    draft.steps.push(Suggested {
        step: variants::step(&pattern(&column.name), &clusters),
        why,
    });
}

/// A column's name as a pattern that means it alone.
fn pattern(name: &str) -> String {
    let special = name.contains('*') || name.starts_with(['!', '#']) || name.contains('\\');
    if !special {
        return name.to_string();
    }
    let mut out = String::new();
    for c in name.chars() {
        if matches!(c, '*' | '\\' | '!' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl Draft {
    /// The recipe to try: all steps, and no reductions.
    pub fn recipe(&self) -> String {
        to_toml(&Node::table(vec![
            ("tidemill".to_string(), Node::number(1)),
            (
                "step".to_string(),
                Node::list(self.steps.iter().map(|step| step.step.clone()).collect()),
            ),
        ]))
    }

    /// The commented recipe: of each step that touched something, what and why. `report` is of the run of [`Draft::recipe`],
    /// `read` is the recipe's `[read]` as TOML, or empty.
    pub fn told(&self, report: &Value, read: &str) -> String {
        let mut out = String::from("tidemill = 1\n");
        if !read.is_empty() {
            out.push('\n');
            out.push_str(read.trim());
            out.push('\n');
        }
        if !self.missing.is_empty() {
            out.push_str("\n# Words that stand in columns of text and may mean that there is no value. Where they do, list them under [read]:\n");
            for (name, words, cells) in &self.missing {
                let words = words.iter().map(|word| Node::text(word.clone()));
                let mut listed = vec![Node::text("")];
                listed.extend(words);
                let line = to_toml(&one(name, Node::list(listed)));
                out.push_str(&format!(
                    "# missing: {}  # {} cells\n",
                    line.trim(),
                    count(*cells)
                ));
            }
        }
        let mut left_out = 0;
        for (number, step) in self.steps.iter().enumerate() {
            let did = &report["steps"][number];
            let tally = |key: &str| did[key].as_u64().unwrap_or(0);
            let touched = ["changed", "rejected", "deduplicated", "invalid"].map(tally);
            if touched == [0; 4] {
                left_out += 1;
                continue;
            }
            out.push('\n');
            for why in &step.why {
                for line in why.lines() {
                    out.push_str(&format!("# {line}\n"));
                }
            }
            let told: Vec<String> = [
                (touched[0], "cells changed"),
                (touched[1], "rows set aside"),
                (touched[2], "rows dropped as duplicates"),
            ]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(cells, what)| format!("{} {what}", count(*cells)))
            .collect();
            out.push_str(&format!("# Tried: {}.\n", told.join(", ")));
            let toml = to_toml(&Node::table(vec![(
                "step".to_string(),
                Node::list(vec![step.step.clone()]),
            )]));
            out.push_str(toml.trim_start());
        }
        if left_out == self.steps.len() {
            out.push_str("\n# Nothing to clean was found.\n");
        }
        out
    }
}

#[cfg(test)]
mod tests;
