//! `collapse`: makes every run of white space inside a text one space. The ends are `trim`'s.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{Map, Mapped};
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Collapse;

impl Clean for Collapse {
    const ABOUT: About = About {
        word: "collapse",
        help: "makes every run of white space in these columns one space, line breaks included",
        value: Shape::Columns,
        options: &[],
        example: "collapse = [\"city\", \"note\"]",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let map = Map {
            stays: |cell| {
                let other = |byte: &u8| byte.is_ascii_control() || !byte.is_ascii();
                !cell.iter().any(other) && !cell.windows(2).any(|pair| pair == b"  ")
            },
            text: collapse,
        };
        Mapped::listed(options, schema, "collapse", map)
    }
}

fn collapse(text: &str, out: &mut String) {
    let mut spaced = false;
    for c in text.chars() {
        let space = c.is_whitespace();
        if !space {
            out.push(c);
        } else if !spaced {
            out.push(' ');
        }
        spaced = space;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_run_is_one_space_whatever_it_is_made_of() {
        for (text, expect) in [
            ("", ""),
            ("a  b", "a b"),
            ("a\r\n\tb", "a b"),
            (" a\u{a0}\u{3000}b ", " a b "),
            ("北京\u{3000}市", "北京 市"),
        ] {
            let mut out = String::new();
            super::collapse(text, &mut out);
            assert_eq!(out, expect, "{text:?}");
        }
    }
}
