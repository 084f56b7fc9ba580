//! `dedupe`: drops the rows whose key has come before (or comes again). Keys are compared byte by
//! byte as they stand at the step. The first of a key is known when it comes; which is the last, or
//! the only one, takes a pass before.

use std::sync::Arc;

use crate::chunk::Chunk;
use crate::distinct::sketch_hash;
use crate::error::{Fault, RecipeError};
use crate::kernels::Clean;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::scratch::Room;
use crate::seen::Seen;
use crate::step::{Ledger, Outcome, Sequential};

const KEEP: &[&str] = &["first", "last", "none"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    First,
    Last,
    None,
}

pub struct Dedupe {
    slots: Vec<usize>,
    keep: Keep,
}

impl Clean for Dedupe {
    const ABOUT: About = About {
        word: "dedupe",
        help: "drops rows that have the same values in these columns as another",
        value: Shape::Columns,
        options: &[Opt {
            name: "keep",
            help: "which of the rows with one key stays: \"first\" (as a rule), \"last\" or \"none\"",
            shape: Shape::Word(KEEP),
        }],
        example: "dedupe = [\"origin\", \"dep_time\"]\nkeep = \"last\"",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let at = schema.resolve(
            &options.texts("dedupe")?.unwrap_or_default(),
            &options.place("dedupe"),
        )?;
        if at.is_empty() {
            return Err(options.error("dedupe", "no column", "a column at least, or \"*\""));
        }
        let keep = match options.word("keep", KEEP)? {
            Some("last") => Keep::Last,
            Some("none") => Keep::None,
            _ => Keep::First,
        };
        let slots: Vec<usize> = at.into_iter().map(|at| schema.columns[at].slot).collect();
        let mut compiled = Compiled::carried(Dedupe {
            slots: slots.clone(),
            keep,
        });
        compiled.texts = slots;
        Ok(compiled)
    }
}

impl Sequential for Dedupe {
    fn ledger(self: Arc<Self>, place: &str, room: &Room) -> Box<dyn Ledger> {
        let numbered = self.keep != Keep::First;
        Box::new(Keys {
            keep: self.keep,
            seen: Seen::new(place, numbered, room),
            rows: 0,
            dropped: Vec::new(),
            heard: false,
        })
    }

    fn looks_ahead(&self) -> bool {
        self.keep != Keep::First
    }

    /// Each key with its hash and length.
    fn summarise(&self, chunk: &Chunk) -> Vec<u8> {
        let cells: Vec<_> = self.slots.iter().map(|slot| chunk.cells(*slot)).collect();
        let mut out = Vec::with_capacity(chunk.selected() * (HEAD + 12 * cells.len()));
        chunk.each_row(|row| {
            let start = out.len();
            out.extend_from_slice(&[0; HEAD]);
            match cells.as_slice() {
                [only] => out.extend_from_slice(only.get(row)),
                all => {
                    for cells in all {
                        let text = cells.get(row);
                        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                        out.extend_from_slice(text);
                    }
                }
            }
            let key = start + HEAD;
            let hash = sketch_hash(&out[key..]);
            let len = (out.len() - key) as u32;
            out[start..start + 8].copy_from_slice(&hash.to_le_bytes());
            out[start + 8..key].copy_from_slice(&len.to_le_bytes());
        });
        out
    }

    fn apply(&self, chunk: &mut Chunk, answer: &[u8], outcome: &mut Outcome) -> Result<(), Fault> {
        let rows = chunk.selected_rows();
        if answer.is_empty() {
            return Ok(());
        }
        let kept: Vec<u32> = rows
            .iter()
            .enumerate()
            .filter(|(at, _)| !bit(answer, *at))
            .map(|(_, row)| *row)
            .collect();
        outcome.tally.deduplicated += (rows.len() - kept.len()) as u64;
        chunk.select(kept);
        Ok(())
    }
}

/// What stands before a key in a summary.
const HEAD: usize = 12;

fn bit(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8)
        .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

fn set(bits: &mut Vec<u8>, at: u64) {
    let byte = (at / 8) as usize;
    if bits.len() <= byte {
        bits.resize(byte + 1, 0);
    }
    bits[byte] |= 1 << (at % 8);
}

/// The keys so far. Where the step looks ahead, the rows to be dropped, a bit each.
struct Keys {
    keep: Keep,
    seen: Seen,
    /// Rows in this pass so far.
    rows: u64,
    dropped: Vec<u8>,
    heard: bool,
}

impl Keys {
    fn take(&mut self, mut summary: &[u8], answer: &mut Vec<u8>) -> Result<(), Fault> {
        let damaged = || Fault::internal("a damaged summary of keys");
        let first = self.rows;
        while !summary.is_empty() {
            let (hash, rest) = summary.split_first_chunk::<8>().ok_or_else(damaged)?;
            let (len, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
            let (key, rest) = rest
                .split_at_checked(u32::from_le_bytes(*len) as usize)
                .ok_or_else(damaged)?;
            let last = self.keep == Keep::Last;
            let hash = u64::from_le_bytes(*hash);
            let before = self.seen.insert(hash, key, self.rows, last)?;
            match (self.keep, before) {
                (_, None) => {}
                (Keep::First, _) => set(answer, self.rows - first),
                (Keep::Last, Some(before)) => set(&mut self.dropped, before),
                (Keep::None, Some(before)) => {
                    set(&mut self.dropped, before);
                    set(&mut self.dropped, self.rows);
                }
            }
            self.rows += 1;
            summary = rest;
        }
        Ok(())
    }
}

impl Ledger for Keys {
    /// The rows of the chunk that are to be dropped, a bit each.
    fn turn(&mut self, summary: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut answer = Vec::new();
        if !self.heard {
            self.take(summary, &mut answer)?;
            return Ok(answer);
        }
        let rows = summary
            .first_chunk::<8>()
            .map_or(0, |rows| u64::from_le_bytes(*rows));
        for row in 0..rows {
            if bit(&self.dropped, (self.rows + row) as usize) {
                set(&mut answer, row);
            }
        }
        self.rows += rows;
        Ok(answer)
    }

    fn rewind(&mut self, learnt: bool) -> Result<(), Fault> {
        self.rows = 0;
        self.heard = learnt;
        self.seen.clear()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    /// The rows that stay by the plain meaning of the words.
    fn expected(rows: &[(u8, u8)], whole: bool, keep: &str, only: Option<u8>) -> Vec<usize> {
        let inside = |at: &usize| only.is_none_or(|value| rows[*at].1 == value);
        let key = |at: usize| {
            if whole {
                (rows[at].0, rows[at].1)
            } else {
                (rows[at].0, 0)
            }
        };
        let mut of: BTreeMap<(u8, u8), Vec<usize>> = BTreeMap::new();
        for at in (0..rows.len()).filter(inside) {
            of.entry(key(at)).or_default().push(at);
        }
        let stays = |at: &usize| {
            let Some(group) = of.get(&key(*at)).filter(|_| inside(at)) else {
                return true;
            };
            match keep {
                "first" => group.first() == Some(at),
                "last" => group.last() == Some(at),
                _ => group.len() == 1,
            }
        };
        (0..rows.len()).filter(stays).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// What stays is what a table of all rows says, in the order of the file and on every driver.
        #[test]
        fn the_rows_that_stay(
            rows in prop::collection::vec((0u8..12, 0u8..3), 0..60),
            whole: bool,
            keep in prop::sample::select(vec!["first", "last", "none"]),
            only in prop::option::of(0u8..3),
            earlier: bool,
        ) {
            let mut bytes = String::from("a,b,c\n");
            // Quotes, a line break and an empty cell make the cells awkward; a limit makes a carried step
            // before, which must begin anew in each pass.
            let cell = |value: u8| match value {
                0 => String::new(),
                1 => "\"one\nline\"".to_string(),
                2 => "\"said \"\"2\"\"\"".to_string(),
                value => format!("v{value}"),
            };
            for (a, b) in &rows {
                bytes += &format!("{},{b},{}\n", cell(*a), "same");
            }
            let columns = if whole { "\"*\"" } else { "[\"a\"]" };
            let filter = only.map_or_else(String::new, |only| format!("where = \"b = '{only}'\"\n"));
            let before = if earlier { "[[step]]\nlimit = 40\n" } else { "" };
            let recipe = format!(
                "tidemill = 1\n{before}[[step]]\ndedupe = {columns}\nkeep = \"{keep}\"\n{filter}[read]\nquote = \"\\\"\"\ndelimiter = \",\"\nheader = true\n"
            );
            let seen = if earlier { &rows[..rows.len().min(40)] } else { &rows[..] };
            let stays = expected(seen, whole, keep, only);
            let (report, out, _) = same_everywhere(plan(&recipe, bytes.as_bytes()), bytes.as_bytes());
            let expect: String = std::iter::once("a,b,c\n".to_string())
                .chain(stays.iter().map(|at| {
                    let (a, b) = rows[*at];
                    format!("{},{b},same\n", cell(a))
                }))
                .collect();
            prop_assert_eq!(out, expect);
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            prop_assert_eq!(
                report["rows"]["deduplicated"].as_u64().unwrap(),
                (seen.len() - stays.len()) as u64
            );
        }
    }

    #[test]
    fn keys_of_several_columns_do_not_run_together() {
        let bytes = b"a,b\nx,yz\nxy,z\nx,yz\n";
        let (_, rows, _) = same_everywhere(
            plan("tidemill = 1\n[[step]]\ndedupe = \"*\"\n", bytes),
            bytes,
        );
        assert_eq!(rows, "a,b\nx,yz\nxy,z\n");
    }
}
