//! `drop_missing`: drops the rows in which one of these columns has no value. What counts as
//! missing follows the column's type: in a text only the empty field (or the recipe's own words),
//! in a column that is cast or used as numbers also NA and its like.

use crate::chunk::Chunk;
use crate::column::Kind;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, Schema};
use crate::step::{Outcome, RowLocal};
use crate::value::class::Type;

pub struct DropMissing {
    /// Slots, each with whether its typed reading decides.
    slots: Vec<(usize, bool)>,
    missing: Vec<Missing>,
}

impl Clean for DropMissing {
    const ABOUT: About = About {
        word: "drop_missing",
        help: "drops the rows in which one of these columns is missing",
        value: Shape::Columns,
        options: &[],
        example: "drop_missing = [\"dep_time\"]",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let at = schema.resolve(
            &options.texts("drop_missing")?.unwrap_or_default(),
            &options.place("drop_missing"),
        )?;
        let slots: Vec<(usize, bool)> = at
            .into_iter()
            .map(|at| {
                let column = &schema.columns[at];
                let typed = match column.ty {
                    None => schema.is_number(column.slot),
                    Some(ty) => ty != Type::Text,
                };
                (column.slot, typed)
            })
            .collect();
        let pick = |typed: bool| {
            slots
                .iter()
                .filter(|(_, is)| *is == typed)
                .map(|(slot, _)| *slot)
                .collect()
        };
        let (numbers, texts) = (pick(true), pick(false));
        let mut compiled = Compiled::row_local(DropMissing {
            slots,
            missing: schema.missing.clone(),
        });
        compiled.numbers = numbers;
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for DropMissing {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let before = chunk.selected();
        for &(slot, typed) in &self.slots {
            let mut kept = Vec::with_capacity(chunk.selected());
            match chunk.typed(slot).filter(|_| typed) {
                Some(reading) => {
                    if reading.epoch == chunk.epoch()
                        && reading.tally.missing + reading.tally.invalid == 0
                    {
                        continue;
                    }
                    chunk.each_row(|row| {
                        if !matches!(reading.kind[row], Kind::Missing | Kind::Invalid) {
                            kept.push(row as u32);
                        }
                    });
                }
                None => {
                    let (cells, missing) = (chunk.cells(slot), &self.missing[slot]);
                    chunk.each_row(|row| {
                        if !missing.text(cells.get(row)) {
                            kept.push(row as u32);
                        }
                    });
                }
            }
            chunk.select(kept);
        }
        outcome.tally.filtered += (before - chunk.selected()) as u64;
    }
}
