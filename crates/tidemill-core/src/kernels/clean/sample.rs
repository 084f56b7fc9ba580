//! `sample`: keeps a part of the rows, chosen by a hash and not by chance, so that the same rows are chosen everywhere. By
//! default a row's place in the input is hashed; with `by`, its values in some columns, so that rows that belong together
//! stay or go together, in this file and in the next.

use crate::chunk::Chunk;
use crate::distinct::sketch_hash;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::number::decimal::Decimal;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

pub struct Sample {
    /// Hashes below it stay; none does where it is 0, and all do where it is 2^64.
    below: u128,
    seed: u64,
    by: Vec<usize>,
}

impl Clean for Sample {
    const ABOUT: About = About {
        word: "sample",
        help: "keeps this part of the rows, from 0 to 1, chosen by a hash",
        value: Shape::Number,
        options: &[
            Opt {
                name: "seed",
                help: "another seed chooses other rows; 0 if absent",
                shape: Shape::Count,
            },
            Opt {
                name: "by",
                help: "columns whose values are hashed, so that rows with the same values stay together; a row's place in the input if absent",
                shape: Shape::Columns,
            },
        ],
        example: "sample = 0.5",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let one = Decimal {
            mantissa: 1,
            exponent: 0,
        };
        let part = options
            .number("sample")?
            .filter(|part| (Decimal::ZERO..=one).contains(part))
            .ok_or_else(|| options.error("sample", "no part", "a number from 0 to 1"))?;
        let by = match options.texts("by")? {
            Some(patterns) => schema.in_order(&patterns, &options.place("by"))?,
            None => Vec::new(),
        };
        let by: Vec<usize> = by.into_iter().map(|at| schema.columns[at].slot).collect();
        let mut compiled = Compiled::row_local(Sample {
            below: share(part),
            seed: options.count("seed")?.unwrap_or(0),
            by: by.clone(),
        });
        compiled.texts = by;
        Ok(compiled)
    }
}

/// That part of 2^64, rounded down.
fn share(part: Decimal) -> u128 {
    let part = part.normalized();
    let digits = u32::from(part.exponent.unsigned_abs());
    // 38 digits times 2^64 are more than an i128 holds; what lies beyond 19 digits cannot tell in 64 bits.
    let (mantissa, digits) = match digits.checked_sub(19) {
        Some(more) => (
            part.mantissa / 10i128.checked_pow(more).unwrap_or(i128::MAX),
            19,
        ),
        None => (part.mantissa, digits),
    };
    ((mantissa.unsigned_abs()) << 64) / 10u128.pow(digits)
}

impl RowLocal for Sample {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let mut key = Vec::new();
        let mut kept = Vec::new();
        chunk.each_row(|row| {
            key.clear();
            key.extend_from_slice(&self.seed.to_le_bytes());
            for &slot in &self.by {
                let cell = chunk.cells(slot).get(row);
                key.extend_from_slice(&(cell.len() as u64).to_le_bytes());
                key.extend_from_slice(cell);
            }
            if self.by.is_empty() {
                let place = chunk.base() + u64::from(chunk.index().row_start[row]);
                key.extend_from_slice(&place.to_le_bytes());
            }
            if u128::from(sketch_hash(&key)) < self.below {
                kept.push(row as u32);
            }
        });
        outcome.tally.filtered += (chunk.selected() - kept.len()) as u64;
        chunk.select(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::share;
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;
    use crate::number::decimal::{Decimal, Parsed, parse};

    fn of(text: &str) -> u128 {
        match parse(text.as_bytes()) {
            Parsed::Number(value) => share(value),
            _ => share(Decimal::ZERO),
        }
    }

    #[test]
    fn a_part_is_a_part_of_all_hashes() {
        assert_eq!(of("0"), 0);
        assert_eq!(of("1"), 1 << 64);
        assert_eq!(of("0.5"), 1 << 63);
        assert_eq!(of("1.00"), 1 << 64);
        // 2^64 / 10, rounded down.
        assert_eq!(of("0.1"), 1_844_674_407_370_955_161);
        assert!(of("0.99999999999999999999999999999999999999") < 1 << 64);
    }

    #[test]
    fn about_that_part_stays_and_what_belongs_together_stays_together() {
        let mut data = "id,n\n".to_string();
        for n in 0..4000 {
            data.push_str(&format!("{},{n}\n", n / 4));
        }
        let rows = |step: &str| {
            let recipe = format!("tidemill = 1\n[[step]]\n{step}\n");
            same_everywhere(plan(&recipe, data.as_bytes()), data.as_bytes()).1
        };
        // Four standard deviations of a binomial count: 4 * sqrt(4000 * 0.25 * 0.75) = 110.
        let kept = rows("sample = 0.25").lines().count() - 1;
        assert!((890..=1110).contains(&kept), "{kept}");
        assert_ne!(rows("sample = 0.25"), rows("sample = 0.25\nseed = 1"));
        let groups = rows("sample = 0.25\nby = [\"id\"]");
        for id in 0..1000 {
            let of_id = groups
                .lines()
                .filter(|line| line.starts_with(&format!("{id},")))
                .count();
            assert!(of_id == 0 || of_id == 4, "{id}: {of_id}");
        }
        assert_eq!(rows("sample = 1"), data);
        assert_eq!(rows("sample = 0"), "id,n\n");
    }
}
