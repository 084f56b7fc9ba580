//! Several files as one input. Columns go by their names, so each file may have its own order of
//! them, and its own dialect: what was found in a file says how it is read, and a [`Layout`] says
//! where its fields stand among the columns of all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::detect::Detected;
use crate::error::RecipeError;
use crate::recipe::{Columns, Read};

/// Where a file's fields stand among the columns of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One a column: the field that is it, if the file has one.
    pub fields: Vec<Option<usize>>,
    /// The column that is the file's name, and the name.
    pub name: Option<(usize, String)>,
}

impl Layout {
    /// What a column without a field has in every row, if not nothing.
    pub fn value(&self, slot: usize) -> Option<&str> {
        match &self.name {
            Some((at, name)) if *at == slot => Some(name),
            _ => None,
        }
    }
}

/// One file of an input.
#[derive(Clone, Debug)]
pub struct InputFile {
    pub name: String,
    pub detected: Detected,
    /// `None` where its fields are the columns, one for one.
    pub layout: Option<Arc<Layout>>,
}

impl InputFile {
    /// What two plans share only if they read the file in the same way.
    pub(crate) fn print(&self) -> String {
        let found = &self.detected;
        format!(
            "|{:?}|{:?}|{:?}|{:?}|{:?}",
            self.name, found.dialect, found.body, found.ragged, self.layout
        )
    }
}

/// What the files together are, and where the columns of each stand.
pub(crate) fn together(
    read: &Read,
    files: Vec<(String, Detected)>,
) -> Result<(Detected, Vec<InputFile>), RecipeError> {
    let Some((first, whole)) = files.first() else {
        return Err(RecipeError::new("FILE", "no file", "at least one"));
    };
    let mut whole = whole.clone();
    for (name, detected) in &files[1..] {
        match read.columns {
            Columns::Same => same((first, &whole.header), (name, &detected.header))?,
            Columns::Union => {
                let known: BTreeSet<&str> = names(&whole.header).collect();
                let new: Vec<String> = names(&detected.header)
                    .filter(|name| !known.contains(name))
                    .map(str::to_string)
                    .collect();
                whole.header.extend(new);
            }
        }
        whole.named |= detected.named;
    }
    let columns = whole.header.len();
    if let Some(source) = &read.source {
        if whole.header.contains(source) {
            return Err(RecipeError::new(
                "read.source",
                format!("a column \"{source}\" in the files"),
                "a name that no column has",
            )
            .hint("leave source out, or rename the column in the files"));
        }
        whole.header.push(source.clone());
    }
    let place: BTreeMap<&str, usize> = whole.header[..columns]
        .iter()
        .enumerate()
        .map(|(at, name)| (name.as_str(), at))
        .collect();
    let files = files
        .into_iter()
        .map(|(name, detected)| {
            let mut fields = vec![None; whole.header.len()];
            for (field, column) in detected.header.iter().enumerate() {
                if let Some(at) = place.get(column.as_str()) {
                    fields[*at] = Some(field);
                }
            }
            let as_is = fields
                .iter()
                .enumerate()
                .all(|(at, field)| *field == Some(at));
            let layout = (!as_is).then(|| {
                let name = read.source.as_ref().map(|_| (columns, name.clone()));
                Arc::new(Layout { fields, name })
            });
            InputFile {
                name,
                detected,
                layout,
            }
        })
        .collect();
    Ok((whole, files))
}

fn names(header: &[String]) -> impl Iterator<Item = &str> {
    header.iter().map(String::as_str)
}

/// Holds a file's columns against the first one's.
fn same(first: (&str, &[String]), file: (&str, &[String])) -> Result<(), RecipeError> {
    let lacking = |of: &[String], other: &[String]| -> Vec<String> {
        let there: BTreeSet<&str> = names(other).collect();
        names(of)
            .filter(|name| !there.contains(name))
            .map(str::to_string)
            .collect()
    };
    let missing = lacking(first.1, file.1);
    let extra = lacking(file.1, first.1);
    if missing.is_empty() && extra.is_empty() {
        return Ok(());
    }
    let mut found = Vec::new();
    for (what, columns) in [("missing", missing), ("not expected", extra)] {
        if !columns.is_empty() {
            found.push(format!("columns {what}: {}", columns.join(", ")));
        }
    }
    Err(RecipeError::new(
        format!("read.columns, {}", file.0),
        found.join("; "),
        format!("the columns of {}: {}", first.0, first.1.join(", ")),
    )
    .hint(
        "columns = \"union\" under [read] takes all columns there are, empty where a file has none",
    ))
}
