//! `filter`: keeps the rows for which an SQL expression is true. What is false and what is
//! neither are both dropped, as in SQL, but they are counted apart.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::expr::{Predicate, Truth};
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, Schema};
use crate::step::{Outcome, RowLocal};

pub struct Filter {
    predicate: Predicate,
    missing: Vec<Missing>,
}

impl Clean for Filter {
    const ABOUT: About = About {
        word: "filter",
        help: "keeps the rows for which an SQL expression is true",
        value: Shape::Expression,
        options: &[],
        example: "filter = \"dep_delay < 600 and origin in ('JFK', 'LGA')\"",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let sql = options.text("filter")?.unwrap_or_default();
        let predicate = Predicate::compile(sql, schema, &options.place("filter"))?;
        let (numbers, texts) = (predicate.numbers().to_vec(), predicate.texts().to_vec());
        let mut compiled = Compiled::row_local(Filter {
            predicate,
            missing: schema.missing.clone(),
        });
        compiled.numbers = numbers;
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for Filter {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let truths = self.predicate.evaluate(chunk, &self.missing);
        let mut kept = Vec::with_capacity(truths.len());
        let mut at = 0;
        chunk.each_row(|row| {
            match truths[at] {
                Truth::True => kept.push(row as u32),
                Truth::False => {}
                Truth::Unknown => outcome.tally.unknown += 1,
            }
            at += 1;
        });
        outcome.tally.filtered += (chunk.selected() - kept.len()) as u64;
        chunk.select(kept);
    }
}
