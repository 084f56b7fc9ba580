//! `case`: upper, lower or title case, by Unicode's own tables, without a language's own rules (a Turkish i is not asked for).

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{Map, Mapped, text_slot};
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Case;

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
        let table = options.needed("case", "a table")?;
        let mut columns: Vec<(usize, Map)> = Vec::new();
        for (pattern, node) in table.entries()? {
            let map = match table.one_of(node, pattern, CASES)? {
                "upper" => Map {
                    stays: |cell| cell.is_ascii() && !cell.iter().any(u8::is_ascii_lowercase),
                    text: upper,
                },
                "lower" => Map {
                    stays: |cell| cell.is_ascii() && !cell.iter().any(u8::is_ascii_uppercase),
                    text: lower,
                },
                _ => Map {
                    stays: <[u8]>::is_empty,
                    text: title,
                },
            };
            let place = table.place(pattern);
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                let slot = text_slot(schema, at, &place, "case")?;
                columns.retain(|(other, _)| *other != slot);
                columns.push((slot, map));
            }
        }
        Ok(Mapped::compiled(columns))
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
