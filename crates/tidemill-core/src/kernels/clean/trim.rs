//! `trim`: takes white space off both ends of a text. White space is what Unicode calls so, the
//! no-break and the ideographic space included, since those are what copied tables bring along.
//! Nothing is moved: a trimmed cell is a shorter view of the same bytes.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};
use crate::value::class::Type;

pub struct Trim {
    slots: Vec<usize>,
}

impl Clean for Trim {
    const ABOUT: About = About {
        word: "trim",
        help: "takes white space off both ends of the texts in these columns",
        value: Shape::Columns,
        options: &[],
        example: "trim = [\"*\"]",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let at = schema.resolve(
            &options.texts("trim")?.unwrap_or_default(),
            &options.place("trim"),
        )?;
        // A typed column has no white space left.
        let slots: Vec<usize> = at
            .into_iter()
            .filter(|at| schema.columns[*at].ty.is_none_or(|ty| ty == Type::Text))
            .map(|at| schema.columns[at].slot)
            .collect();
        let mut compiled = Compiled::row_local(Trim {
            slots: slots.clone(),
        });
        compiled.texts = slots;
        Ok(compiled)
    }
}

impl RowLocal for Trim {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let mut found: Vec<(u32, u32, u32)> = Vec::new();
        for &slot in &self.slots {
            found.clear();
            let cells = chunk.cells(slot);
            chunk.each_row(|row| {
                let cell = cells.get(row);
                let (from, to) = trimmed(cell);
                if to - from < cell.len() {
                    found.push((row as u32, from as u32, (to - from) as u32));
                }
            });
            if found.is_empty() {
                continue;
            }
            outcome.tally.changed += found.len() as u64;
            for (row, from, len) in &found {
                chunk.shorten(slot, *row as usize, *from, *len);
            }
            chunk.forget_typed(slot);
        }
    }
}

/// The range of a text without the white space at its ends.
#[inline]
fn trimmed(text: &[u8]) -> (usize, usize) {
    match (text.first(), text.last()) {
        (Some(first), Some(last)) if is_plain(*first) && is_plain(*last) => (0, text.len()),
        (None, _) => (0, 0),
        _ => slow(text),
    }
}

/// Neither ASCII white space nor a part of a longer character.
fn is_plain(byte: u8) -> bool {
    byte > b' ' && byte < 0x7f
}

#[cold]
fn slow(text: &[u8]) -> (usize, usize) {
    let mut from = 0;
    while let Some(len) = space_at(&text[from..]) {
        from += len;
    }
    let mut to = text.len();
    while to > from {
        let Some(len) =
            (1..=3.min(to - from)).find(|len| space_at(&text[to - len..to]) == Some(*len))
        else {
            break;
        };
        to -= len;
    }
    (from, to)
}

/// The length of the white space character that the text begins with.
fn space_at(text: &[u8]) -> Option<usize> {
    let len = match text.first()? {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => return None,
    };
    let c = std::str::from_utf8(text.get(..len)?).ok()?.chars().next()?;
    c.is_whitespace().then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_is_what_str_does_and_leaves_bad_bytes_alone() {
        for text in [
            "",
            " ",
            "a",
            " a",
            "a ",
            " a b ",
            "\u{3000}价格\u{a0}",
            "\t\r\nx",
            "é",
            "\u{2003}",
            "\u{200b}a",
            "  \u{3000} ",
        ] {
            let (from, to) = trimmed(text.as_bytes());
            assert_eq!(&text[from..to], text.trim(), "{text:?}");
        }
        assert_eq!(trimmed(b" \xff "), (1, 2));
        assert_eq!(trimmed(b"\x80 "), (0, 1));
    }
}
