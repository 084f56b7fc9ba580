//! What the steps that change numbers have in common.

use crate::chunk::Chunk;
use crate::column::write_value;
use crate::error::RecipeError;
use crate::number::decimal::Decimal;
use crate::schema::Schema;
use crate::step::Outcome;
use crate::value::class::Type;

/// The slot of a column that holds numbers, or is read as numbers from here on.
pub fn number_slot(schema: &Schema, at: usize, place: &str) -> Result<usize, RecipeError> {
    let column = &schema.columns[at];
    match column.ty {
        None | Some(Type::Integer | Type::Number) => Ok(column.slot),
        Some(ty) => Err(RecipeError::new(
            place,
            format!("column \"{}\", whose type is {ty}", column.name),
            "a column of numbers",
        )),
    }
}

/// Gives present numbers of the selected rows another value. `change` answers with it, or with nothing where the cell stays
/// as it was written.
pub fn renumber(
    chunk: &mut Chunk,
    slot: usize,
    outcome: &mut Outcome,
    mut change: impl FnMut(Decimal) -> Option<Decimal>,
) {
    let Some(mut typed) = chunk.typed_mut(slot).map(std::mem::take) else {
        return;
    };
    let mut changes = Vec::new();
    chunk.each_row(|row| {
        if let Some(value) = typed.value(row)
            && let Some(other) = change(value)
            && (other.mantissa, other.exponent) != (value.mantissa, value.exponent)
        {
            changes.push((row, other));
        }
    });
    if !changes.is_empty() {
        chunk.decode_text(slot);
        let mut text = Vec::new();
        for (row, value) in changes {
            text.clear();
            write_value(Type::Number, value, &mut text);
            chunk.set_text(slot, row, &text, &mut outcome.tally.changed);
            typed.put(row, value);
        }
        typed.settle();
    }
    chunk.set_typed(slot, typed);
}
