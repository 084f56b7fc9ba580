//! `limit`: keeps the first so many rows. It is a carried step: which rows are the first depends
//! on how many rows came through in all chunks before.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Carried, Outcome};

pub struct Limit {
    rows: u64,
}

impl Clean for Limit {
    const ABOUT: About = About {
        word: "limit",
        help: "keeps the first so many rows",
        value: Shape::Count,
        options: &[],
        example: "limit = 1000",
        rows: true,
    };

    fn compile(options: &Options<'_>, _: &mut Schema, _: bool) -> Result<Compiled, RecipeError> {
        Ok(Compiled::carried(Limit {
            rows: options.count("limit")?.unwrap_or(0),
        }))
    }
}

impl Carried for Limit {
    /// The rows that came before.
    type Summary = u64;

    fn start(&self) -> u64 {
        0
    }

    fn summarise(&self, chunk: &Chunk) -> u64 {
        chunk.selected() as u64
    }

    fn compose(&self, before: &u64, after: &u64) -> u64 {
        before + after
    }

    fn apply(&self, chunk: &mut Chunk, before: &u64, outcome: &mut Outcome) {
        let room = usize::try_from(self.rows.saturating_sub(*before)).unwrap_or(usize::MAX);
        if chunk.selected() > room {
            let mut rows = chunk.selected_rows();
            outcome.tally.filtered += (rows.len() - room) as u64;
            rows.truncate(room);
            chunk.select(rows);
        }
    }
}
