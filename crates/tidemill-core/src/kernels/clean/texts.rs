//! What the steps that change texts have in common.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::options::Options;
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};
use crate::value::class::Type;

/// The slots of columns that are texts. A typed column is refused where the step would unmake its values, which `word` does.
pub fn text_slots(
    schema: &Schema,
    patterns: &[String],
    place: &str,
    word: &str,
) -> Result<Vec<usize>, RecipeError> {
    let at = schema.resolve(patterns, place)?;
    at.into_iter()
        .map(|at| text_slot(schema, at, place, word))
        .collect()
}

/// The slot of one column that is a text.
pub fn text_slot(
    schema: &Schema,
    at: usize,
    place: &str,
    word: &str,
) -> Result<usize, RecipeError> {
    let column = &schema.columns[at];
    match column.ty {
        None | Some(Type::Text) => Ok(column.slot),
        Some(ty) => Err(RecipeError::new(
            place,
            format!("column \"{}\", whose type is {ty} by now", column.name),
            "a column of texts",
        )
        .hint(format!("put {word} before the step that gives the type"))),
    }
}

/// A step that works on the texts of these slots.
pub fn compiled(step: impl RowLocal + 'static, slots: Vec<usize>) -> Compiled {
    let mut compiled = Compiled::row_local(step);
    compiled.texts = slots;
    compiled
}

/// Gives the selected cells of a column another text. `text` writes it and answers whether there is one.
pub fn rewrite(
    chunk: &mut Chunk,
    slot: usize,
    outcome: &mut Outcome,
    mut text: impl FnMut(&[u8], &mut Vec<u8>) -> bool,
) {
    let mut bytes = Vec::new();
    let mut places: Vec<(u32, u32, u32)> = Vec::new();
    let cells = chunk.cells(slot);
    chunk.each_row(|row| {
        let (cell, from) = (cells.get(row), bytes.len());
        if text(cell, &mut bytes) && bytes[from..] != *cell {
            places.push((row as u32, from as u32, (bytes.len() - from) as u32));
        } else {
            bytes.truncate(from);
        }
    });
    if places.is_empty() {
        return;
    }
    outcome.tally.changed += places.len() as u64;
    let base = chunk.keep(&bytes).0;
    for (row, from, len) in places {
        chunk.place(slot, row as usize, (base + from, len));
    }
    chunk.forget_typed(slot);
}

/// What a text becomes, by nothing but itself.
#[derive(Clone, Copy)]
pub struct Map {
    /// Whether the bytes surely stay as they are, by a quick look; most cells are such.
    pub stays: fn(&[u8]) -> bool,
    pub text: fn(&str, &mut String),
}

/// A step that gives each text of some columns another one.
pub struct Mapped {
    columns: Vec<(usize, Map)>,
}

impl Mapped {
    pub fn compiled(columns: Vec<(usize, Map)>) -> Compiled {
        let slots = columns.iter().map(|(slot, _)| *slot).collect();
        compiled(Mapped { columns }, slots)
    }

    /// A step whose word has a list of columns behind it.
    pub fn listed(
        options: &Options<'_>,
        schema: &Schema,
        word: &str,
        map: Map,
    ) -> Result<Compiled, RecipeError> {
        let patterns = options.texts(word)?.unwrap_or_default();
        let slots = text_slots(schema, &patterns, &options.place(word), word)?;
        Ok(Mapped::compiled(
            slots.into_iter().map(|slot| (slot, map)).collect(),
        ))
    }
}

impl RowLocal for Mapped {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let mut out = String::new();
        for &(slot, map) in &self.columns {
            rewrite(chunk, slot, outcome, |cell, bytes| {
                if (map.stays)(cell) {
                    return false;
                }
                let Ok(text) = std::str::from_utf8(cell) else {
                    return false;
                };
                out.clear();
                (map.text)(text, &mut out);
                bytes.extend_from_slice(out.as_bytes());
                true
            });
        }
    }
}
