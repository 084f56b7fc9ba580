//! `half_width`: makes full-width letters, digits and signs the ordinary ones (Ａ１％ becomes A1%), and the ideographic
//! space a space. Han, kana and Hangul are wide by nature and stay.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{Map, Mapped};
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct HalfWidth;

impl Clean for HalfWidth {
    const ABOUT: About = About {
        word: "half_width",
        help: "makes full-width letters, digits and signs of these columns the ordinary ones",
        value: Shape::Columns,
        options: &[],
        example: "half_width = [\"city\", \"note\"]",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let map = Map {
            stays: <[u8]>::is_ascii,
            text: |text, out| out.extend(text.chars().map(half)),
        };
        Mapped::listed(options, schema, "half_width", map)
    }
}

/// The block of half-width and full-width forms, U+FF01 to U+FF5E and its signs.
pub fn half(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '￠' => '¢',
        '￡' => '£',
        '￢' => '¬',
        '￣' => '¯',
        '￤' => '¦',
        '￥' => '¥',
        '￦' => '₩',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn each_form_has_its_ordinary_sign() {
        let text: String = "Ａｚ０９％（）～￥，。京カ\u{3000}"
            .chars()
            .map(half)
            .collect();
        assert_eq!(text, "Az09%()~¥,。京カ ");
        for (at, c) in ('！'..='～').enumerate() {
            assert_eq!(half(c), char::from(b'!' + at as u8));
        }
    }
}
