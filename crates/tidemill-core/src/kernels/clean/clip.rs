//! `clip`: puts numbers below a least or above a greatest value on that value.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::numbers::{number_slot, renumber};
use crate::number::decimal::Decimal;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};
use crate::value::class::Type;

pub struct Clip {
    columns: Vec<(usize, Option<Decimal>, Option<Decimal>)>,
}

const OPTIONS: &[Opt] = &[
    Opt {
        name: "min",
        help: "the least value",
        shape: Shape::Number,
    },
    Opt {
        name: "max",
        help: "the greatest value",
        shape: Shape::Number,
    },
];

impl Clean for Clip {
    const ABOUT: About = About {
        word: "clip",
        help: "puts numbers below min on min, and those above max on max",
        value: Shape::Map(&Shape::Table(OPTIONS)),
        options: &[],
        example: "clip = { score = { min = 0, max = 3 } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("clip", "a table")?;
        let mut columns: Vec<(usize, Option<Decimal>, Option<Decimal>)> = Vec::new();
        for (pattern, _) in table.entries()? {
            let inner = table.needed(pattern, "{ min = 0, max = 100 }")?;
            inner.only(&["min", "max"])?;
            let (min, max) = (inner.number("min")?, inner.number("max")?);
            match (min, max) {
                (None, None) => return Err(inner.error("min", "no bound", "min, max or both")),
                (Some(min), Some(max)) if min > max => {
                    return Err(inner.error("min", "a min above max", "a min up to max"));
                }
                _ => {}
            }
            let place = table.place(pattern);
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                let slot = number_slot(schema, at, &place)?;
                let fraction =
                    |bound: &Option<Decimal>| bound.is_some_and(|value| !value.is_integer());
                if schema.columns[at].ty == Some(Type::Integer)
                    && (fraction(&min) || fraction(&max))
                {
                    return Err(inner.error(
                        if fraction(&min) { "min" } else { "max" },
                        "a fraction for a column of integers",
                        "a whole number",
                    ));
                }
                columns.retain(|(other, ..)| *other != slot);
                columns.push((slot, min, max));
            }
        }
        let slots = columns.iter().map(|(slot, ..)| *slot).collect();
        let mut compiled = Compiled::row_local(Clip { columns });
        compiled.numbers = slots;
        Ok(compiled)
    }
}

impl RowLocal for Clip {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for &(slot, min, max) in &self.columns {
            renumber(chunk, slot, outcome, |value| match (min, max) {
                (Some(min), _) if value < min => Some(min),
                (_, Some(max)) if value > max => Some(max),
                _ => None,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn what_lies_within_stays_as_it_was_written() {
        let data = "a\n-1\n0.0\n1e1\n10.01\n999999999999999999999999999999\nx\n\n";
        let recipe = "tidemill = 1\n[[step]]\nclip = { a = { min = 0, max = 10.00 } }\n";
        let (_, rows, _) = same_everywhere(plan(recipe, data.as_bytes()), data.as_bytes());
        assert_eq!(rows, "a\n0\n0.0\n1e1\n10.00\n10.00\nx\n");
    }
}
