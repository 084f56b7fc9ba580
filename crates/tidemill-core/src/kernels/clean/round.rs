//! `round`: rounds numbers to so many decimals, exactly: halves go away from zero, and a number that has fewer decimals
//! stays as it was written.

use crate::chunk::Chunk;
use crate::document::Data;
use crate::error::RecipeError;
use crate::expr::functions::{Rounding, rounded};
use crate::kernels::Clean;
use crate::kernels::clean::numbers::{number_slot, renumber};
use crate::number::decimal::Decimal;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

pub struct Round {
    /// Slots, each with the exponent of its last decimal.
    columns: Vec<(usize, i32)>,
}

const MOST: i32 = 38;

impl Clean for Round {
    const ABOUT: About = About {
        word: "round",
        help: "rounds numbers to so many decimals, halves away from zero; -3 rounds to thousands",
        value: Shape::Map(&Shape::Number),
        options: &[],
        example: "round = { score = 0, column3 = 1 }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("round", "a table")?;
        let mut columns: Vec<(usize, i32)> = Vec::new();
        for (pattern, node) in table.entries()? {
            let decimals = match &node.data {
                Data::Number(text) => text.parse().ok(),
                _ => None,
            };
            let decimals: i32 = decimals
                .filter(|decimals| (-MOST..=MOST).contains(decimals))
                .ok_or_else(|| table.wrong(node, pattern, "a whole number from -38 to 38"))?;
            let place = table.place(pattern);
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                let slot = number_slot(schema, at, &place)?;
                columns.retain(|(other, _)| *other != slot);
                columns.push((slot, -decimals));
            }
        }
        let slots = columns.iter().map(|(slot, _)| *slot).collect();
        let mut compiled = Compiled::row_local(Round { columns });
        compiled.numbers = slots;
        Ok(compiled)
    }
}

impl RowLocal for Round {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for &(slot, exponent) in &self.columns {
            renumber(chunk, slot, outcome, |value| {
                let rounded = rounded(value, exponent, Rounding::Nearest)?;
                (rounded.exponent != value.exponent).then(|| whole(rounded))
            });
        }
    }
}

/// 1234 to thousands is 1000, as an integer is held, and not 1e3.
fn whole(value: Decimal) -> Decimal {
    let power = 10i128.checked_pow(u32::try_from(value.exponent).unwrap_or(0));
    let mantissa = power.and_then(|power| value.mantissa.checked_mul(power));
    match mantissa.and_then(|mantissa| Decimal::new(mantissa, 0)) {
        Some(plain) if value.exponent > 0 => plain,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn halves_go_away_from_zero_and_nothing_passes_through_a_float() {
        let data =
            "a,b\n1.005,1499\n-1.005,-1500\n2.5,1500\n1.0049999999999999999999,12\nx,\n,3e3\n";
        let recipe = "tidemill = 1\n[[step]]\nround = { a = 2, b = -3 }\n";
        let (_, rows, _) = same_everywhere(plan(recipe, data.as_bytes()), data.as_bytes());
        assert_eq!(
            rows,
            "a,b\n1.01,1000\n-1.01,-2000\n2.5,2000\n1.00,0\nx,\n,3e3\n"
        );
    }
}
