//! What the steps that make columns have in common.

use crate::document::Node;
use crate::error::RecipeError;
use crate::options::Options;
use crate::schema::{Missing, PlanColumn, Schema};

/// A slot for a column that a step makes. It stands where `after` says, or at the end; a name that is there already is refused.
pub fn column(
    schema: &mut Schema,
    name: &str,
    after: Option<usize>,
    at: &Options<'_>,
    node: &Node,
    key: &str,
) -> Result<usize, RecipeError> {
    if name.is_empty() {
        return Err(at.wrong(node, key, "a name"));
    }
    if schema.columns.iter().any(|column| column.name == name) {
        return Err(at.error(
            key,
            format!("a column called \"{name}\" already"),
            "a new name",
        ));
    }
    let slot = schema.slots;
    let column = PlanColumn {
        name: name.to_string(),
        slot,
        ty: None,
    };
    let place = after.map_or(schema.columns.len(), |after| after + 1);
    schema
        .columns
        .insert(place.min(schema.columns.len()), column);
    schema.missing.push(Missing::default());
    schema.slots += 1;
    Ok(slot)
}

/// The texts of a new column, one a selected row.
#[derive(Default)]
pub struct Made {
    pub bytes: Vec<u8>,
    pub ends: Vec<usize>,
}

impl Made {
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    /// The number of cells that are not empty.
    pub fn filled(&self) -> u64 {
        let mut from = 0;
        let filled = |to: &&usize| std::mem::replace(&mut from, **to) < **to;
        self.ends.iter().filter(filled).count() as u64
    }
}
