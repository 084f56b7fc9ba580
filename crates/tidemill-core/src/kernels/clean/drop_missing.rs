//! `drop_missing`: drops the rows in which one of these columns has no value, or so many of them, or all. What counts as
//! missing follows the column's type: in a text only the empty field (or the recipe's own words),
//! in a column that is cast or used as numbers also NA and its like.

use crate::chunk::Chunk;
use crate::column::Kind;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, Schema};
use crate::step::{Outcome, RowLocal};
use crate::value::class::Type;

pub struct DropMissing {
    /// Slots, each with whether its typed reading decides.
    slots: Vec<(usize, bool)>,
    missing: Vec<Missing>,
    /// A row with so many missing values, or more, goes.
    at_least: usize,
}

const WHEN: &[&str] = &["any", "all"];

impl Clean for DropMissing {
    const ABOUT: About = About {
        word: "drop_missing",
        help: "drops the rows in which one of these columns is missing",
        value: Shape::Columns,
        options: &[
            Opt {
                name: "when",
                help: "whether a row goes when any of the columns is missing, or when all are; any if absent",
                shape: Shape::Word(WHEN),
            },
            Opt {
                name: "at_least",
                help: "a row goes when so many of the columns are missing, or more",
                shape: Shape::Count,
            },
        ],
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
        let at_least = match (options.word("when", WHEN)?, options.count("at_least")?) {
            (Some(_), Some(_)) => {
                return Err(options.error("at_least", "when and at_least", "one of them"));
            }
            (_, Some(0)) => return Err(options.error("at_least", "0", "1 or more")),
            (_, Some(least)) => usize::try_from(least).unwrap_or(usize::MAX),
            (Some("all"), None) => at.len(),
            (_, None) => 1,
        };
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
            at_least,
        });
        compiled.numbers = numbers;
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for DropMissing {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let before = chunk.selected();
        if self.at_least > 1 {
            self.apply_counting(chunk);
        } else {
            self.apply_any(chunk);
        }
        outcome.tally.filtered += (before - chunk.selected()) as u64;
    }
}

impl DropMissing {
    /// Each column takes its rows away.
    fn apply_any(&self, chunk: &mut Chunk) {
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
    }

    /// The columns count together, row by row.
    fn apply_counting(&self, chunk: &mut Chunk) {
        let mut counts = vec![0usize; chunk.rows()];
        for &(slot, typed) in &self.slots {
            match chunk.typed(slot).filter(|_| typed) {
                Some(reading) => chunk.each_row(|row| {
                    let gone = matches!(reading.kind[row], Kind::Missing | Kind::Invalid);
                    counts[row] += usize::from(gone);
                }),
                None => {
                    let (cells, missing) = (chunk.cells(slot), &self.missing[slot]);
                    chunk.each_row(|row| {
                        counts[row] += usize::from(missing.text(cells.get(row)));
                    });
                }
            }
        }
        let mut kept = Vec::with_capacity(chunk.selected());
        chunk.each_row(|row| {
            if counts[row] < self.at_least {
                kept.push(row as u32);
            }
        });
        chunk.select(kept);
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn any_all_or_so_many() {
        let data = "a,b,c\n1,2,x\n,2,x\n,NA,x\n,,\n-,3,\n";
        let rows = |step: &str| {
            let recipe =
                format!("tidemill = 1\n[[step]]\ncast = {{ b = \"integer\" }}\n[[step]]\n{step}\n");
            same_everywhere(plan(&recipe, data.as_bytes()), data.as_bytes()).1
        };
        assert_eq!(rows("drop_missing = [\"*\"]"), "a,b,c\n1,2,x\n");
        assert_eq!(
            rows("drop_missing = [\"*\"]\nwhen = \"all\""),
            "a,b,c\n1,2,x\n,2,x\n,,x\n-,3,\n"
        );
        assert_eq!(
            rows("drop_missing = [\"*\"]\nat_least = 2"),
            "a,b,c\n1,2,x\n,2,x\n-,3,\n"
        );
        assert_eq!(
            rows("drop_missing = [\"a\", \"b\"]\nwhen = \"any\""),
            "a,b,c\n1,2,x\n-,3,\n"
        );
    }
}
