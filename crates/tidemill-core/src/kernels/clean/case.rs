//! `case`: upper, lower or title case, by Unicode's own tables, without a language's own rules (a Turkish i is not asked for).

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{compiled, rewrite, text_slot};
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

/// Appends a text in another case.
type Map = fn(&str, &mut String);

pub struct Case {
    columns: Vec<(usize, Map)>,
}

const CASES: &[&str] = &["upper", "lower", "title"];

impl Clean for Case {
    const ABOUT: About = About {
        word: "case",
        help: "puts texts into upper, lower or title case",
        value: Shape::Map(&Shape::Word(CASES)),
        options: &[],
        example: "case = { origin = \"lower\", city = \"title\" }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options
            .table("case")?
            .ok_or_else(|| options.error("case", "nothing", "a table"))?;
        let mut columns: Vec<(usize, Map)> = Vec::new();
        for (pattern, node) in table.entries()? {
            let map: Map = match table.one_of(node, pattern, CASES)? {
                "upper" => upper,
                "lower" => lower,
                _ => title,
            };
            let place = table.place(pattern);
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                let slot = text_slot(schema, at, &place, "case")?;
                columns.retain(|(other, _)| *other != slot);
                columns.push((slot, map));
            }
        }
        let slots = columns.iter().map(|(slot, _)| *slot).collect();
        Ok(compiled(Case { columns }, slots))
    }
}

impl RowLocal for Case {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let mut out = String::new();
        for &(slot, map) in &self.columns {
            rewrite(chunk, slot, outcome, |cell, bytes| {
                let Ok(text) = std::str::from_utf8(cell) else {
                    return false;
                };
                out.clear();
                map(text, &mut out);
                bytes.extend_from_slice(out.as_bytes());
                true
            });
        }
    }
}

fn upper(text: &str, out: &mut String) {
    out.extend(text.chars().flat_map(char::to_uppercase));
}

fn lower(text: &str, out: &mut String) {
    out.push_str(&text.to_lowercase());
}

/// A word begins after anything that is neither a letter, a digit nor an apostrophe.
fn title(text: &str, out: &mut String) {
    let mut within = false;
    for c in text.chars() {
        if within {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        within = c.is_alphanumeric() || (within && matches!(c, '\'' | '’'));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cases_are_those_of_unicode() {
        let of = |map: fn(&str, &mut String), text: &str| {
            let mut out = String::new();
            map(text, &mut out);
            out
        };
        assert_eq!(of(super::upper, "straße é 北京"), "STRASSE É 北京");
        assert_eq!(of(super::lower, "ΟΔΟΣ ÀÉ"), "οδος àé");
        assert_eq!(
            of(super::title, "o'neil SÃO paulo-état 3RD"),
            "O'neil São Paulo-État 3rd"
        );
    }
}
