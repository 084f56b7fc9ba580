//! `strip_invisible`: takes out characters that nobody sees and everybody compares: zero-width spaces, byte order marks,
//! soft hyphens, direction marks, control characters. Line breaks and tabs stay, and so do the joiners between two letters
//! that are not ASCII, which Persian, Hindi and emoji are written with.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{Map, Mapped};
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct StripInvisible;

impl Clean for StripInvisible {
    const ABOUT: About = About {
        word: "strip_invisible",
        help: "takes zero-width, direction and control characters out of these columns",
        value: Shape::Columns,
        options: &[],
        example: "strip_invisible = [\"*\"]",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let map = Map {
            stays: |cell| {
                cell.iter()
                    .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
            },
            text: strip,
        };
        Mapped::listed(options, schema, "strip_invisible", map)
    }
}

/// Categories Cc without tab and line breaks, and Cf, of Unicode 16, without the joiners.
pub fn invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn strip(text: &str, out: &mut String) {
    let mut chars = text.chars().filter(|c| !invisible(*c)).peekable();
    while let Some(c) = chars.next() {
        let joiner = matches!(c, '\u{200c}' | '\u{200d}');
        let mut between = || {
            out.chars().next_back().is_some_and(|c| !c.is_ascii())
                && chars.peek().is_some_and(|c| !c.is_ascii())
        };
        if !joiner || between() {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_invisible_goes_and_what_joins_stays() {
        for (text, expect) in [
            ("\u{feff}a\u{200b}b\u{ad}c\u{200e}", "abc"),
            ("a\tb\r\nc", "a\tb\r\nc"),
            ("a\u{0}b\u{1b}\u{85}", "ab"),
            ("\u{200d}a\u{200c}b", "ab"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("北\u{2060}京", "北京"),
        ] {
            let mut out = String::new();
            super::strip(text, &mut out);
            assert_eq!(out, expect, "{text:?}");
        }
    }
}
