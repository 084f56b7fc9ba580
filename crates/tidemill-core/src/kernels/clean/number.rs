//! Numbers as people write them: with a decimal comma, thousands signs, currencies, percent. The
//! text is brought to the plain form, and the plain parser does the rest.

use crate::error::RecipeError;
use crate::number::decimal::{Parsed, parse};
use crate::options::{Opt, Options, Shape};
use crate::value::trim;

/// The options of a number, for kernels that take them.
pub const OPTIONS: [Opt; 6] = [
    Opt {
        name: "decimal",
        help: "the sign before the decimals: \".\" or \",\"",
        shape: Shape::Word(&[".", ","]),
    },
    Opt {
        name: "thousands",
        help: "the sign between groups of three digits, such as \",\" or \" \"",
        shape: Shape::Text,
    },
    Opt {
        name: "currency",
        help: "a currency sign before or behind is taken off",
        shape: Shape::Boolean,
    },
    Opt {
        name: "percent",
        help: "a percent sign is taken off, and the number divided by 100",
        shape: Shape::Boolean,
    },
    Opt {
        name: "accounting",
        help: "a number in parentheses is negative: (1.5) is -1.5",
        shape: Shape::Boolean,
    },
    Opt {
        name: "units",
        help: "a Chinese unit behind is multiplied in: 3万 is 30000, 1.5亿 is 150000000",
        shape: Shape::Boolean,
    },
];

/// Units of ten thousands, and their powers of ten; the longer ones first.
const UNITS: [(&str, i16); 10] = [
    ("万亿", 12),
    ("萬億", 12),
    ("千万", 7),
    ("百万", 6),
    ("十万", 5),
    ("亿", 8),
    ("億", 8),
    ("万", 4),
    ("萬", 4),
    ("千", 3),
];

const CURRENCIES: [&str; 11] = [
    "$", "€", "£", "¥", "￥", "元", "USD", "EUR", "GBP", "CNY", "RMB",
];

/// How numbers are written in one column.
#[derive(Clone, Debug)]
pub struct NumberFormat {
    decimal: u8,
    thousands: Option<String>,
    currency: bool,
    percent: bool,
    accounting: bool,
    units: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        NumberFormat {
            decimal: b'.',
            thousands: None,
            currency: false,
            percent: false,
            accounting: false,
            units: false,
        }
    }
}

impl NumberFormat {
    pub fn read(options: &Options<'_>) -> Result<NumberFormat, RecipeError> {
        let decimal = match options.word("decimal", &[".", ","])? {
            Some(",") => b',',
            _ => b'.',
        };
        let currency = options.boolean("currency")?.unwrap_or(false);
        let thousands = match options.text("thousands")? {
            Some("") => return Err(options.error("thousands", "an empty text", "one character")),
            Some(sign) if sign.as_bytes() == [decimal] => {
                return Err(options.error(
                    "thousands",
                    format!("\"{sign}\""),
                    "another sign than the decimal one",
                ));
            }
            Some(sign) => Some(sign.to_string()),
            // Amounts of money are written with the usual signs unless the recipe says otherwise.
            None if currency => Some(if decimal == b',' { "." } else { "," }.to_string()),
            None => None,
        };
        Ok(NumberFormat {
            decimal,
            thousands,
            currency,
            percent: options.boolean("percent")?.unwrap_or(false),
            accounting: options.boolean("accounting")?.unwrap_or(false),
            units: options.boolean("units")?.unwrap_or(false),
        })
    }

    /// Whether there is nothing to bring to the plain form.
    pub fn is_plain(&self) -> bool {
        self.decimal == b'.'
            && self.thousands.is_none()
            && !(self.currency || self.percent || self.accounting || self.units)
    }

    /// Reads a number. The signs of a Chinese or Japanese keyboard are their ASCII twins.
    pub fn parse(&self, text: &[u8], scratch: &mut Vec<u8>) -> Parsed {
        match self.parse_narrow(text, scratch) {
            // All of them begin with one of these bytes.
            Parsed::Invalid if memchr::memchr2(0xef, 0xe3, text).is_some() => match narrow(text) {
                Some(text) => self.parse_narrow(text.as_bytes(), scratch),
                None => Parsed::Invalid,
            },
            other => other,
        }
    }

    fn parse_narrow(&self, text: &[u8], scratch: &mut Vec<u8>) -> Parsed {
        if self.is_plain() {
            return parse(text);
        }
        let mut text = trim(text);
        let mut negative = self.take_parentheses(&mut text);
        let (mut sign, rest) = split_sign(text);
        text = rest;
        if self.currency {
            text = trim(without_currency(text));
            // The sign may stand on either side of the currency: -$5 and $-5, ($5) and $(5).
            let (inner, rest) = split_sign(text);
            if sign.is_empty() {
                (sign, text) = (inner, rest);
            }
            negative = negative || self.take_parentheses(&mut text);
        }
        if negative {
            if !sign.is_empty() || split_sign(text).0 != b"" {
                return Parsed::Invalid;
            }
            sign = b"-";
        }
        let mut power = 0;
        if self.percent
            && let Some(rest) = text
                .strip_suffix(b"%")
                .or_else(|| text.strip_suffix("％".as_bytes()))
        {
            (text, power) = (trim(rest), -2);
        }
        if self.units
            && let Some((rest, ten)) = UNITS
                .iter()
                .find_map(|(unit, ten)| Some((text.strip_suffix(unit.as_bytes())?, *ten)))
        {
            (text, power) = (trim(rest), power + ten);
        }
        scratch.clear();
        scratch.extend_from_slice(sign);
        if !self.plain_digits(text, scratch) {
            return Parsed::Invalid;
        }
        match parse(scratch) {
            Parsed::Number(mut value) => {
                value.exponent += power;
                Parsed::Number(value)
            }
            other => other,
        }
    }

    /// Takes parentheses off, where they mean a minus.
    fn take_parentheses(&self, text: &mut &[u8]) -> bool {
        if !self.accounting {
            return false;
        }
        match text
            .strip_prefix(b"(")
            .and_then(|rest| rest.strip_suffix(b")"))
        {
            Some(inner) => {
                *text = trim(inner);
                true
            }
            None => false,
        }
    }

    /// Takes the thousands signs out, where they stand between groups of three digits, and puts a
    /// point for the decimal sign.
    fn plain_digits(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let at = text.iter().position(|byte| *byte == self.decimal);
        let (whole, rest) = at.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
        match &self.thousands {
            Some(sign) if contains(whole, sign.as_bytes()) => {
                let mut first = true;
                let mut left = whole;
                loop {
                    let end = find(left, sign.as_bytes());
                    let group = &left[..end.unwrap_or(left.len())];
                    let fits = if first {
                        (1..=3).contains(&group.len())
                    } else {
                        group.len() == 3
                    };
                    if !fits || !group.iter().all(u8::is_ascii_digit) {
                        return false;
                    }
                    out.extend_from_slice(group);
                    first = false;
                    match end {
                        Some(end) => left = &left[end + sign.len()..],
                        None => break,
                    }
                }
            }
            _ => {
                if self.decimal != b'.' && whole.contains(&b'.') {
                    return false;
                }
                out.extend_from_slice(whole);
            }
        }
        if let Some(rest) = rest {
            if rest.contains(&b'.') {
                return false;
            }
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        true
    }
}

/// A text with the full-width forms of ASCII as ASCII; nothing if it has none, or is no text.
fn narrow(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let folded: String = text
        .chars()
        .map(|char| match char {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
            '\u{3000}' => ' ',
            other => other,
        })
        .collect();
    (folded != text).then_some(folded)
}

fn split_sign(text: &[u8]) -> (&[u8], &[u8]) {
    match text.first() {
        Some(b'-' | b'+') => (&text[..1], &text[1..]),
        _ => (&[], text),
    }
}

fn without_currency(text: &[u8]) -> &[u8] {
    for sign in CURRENCIES {
        let sign = sign.as_bytes();
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return rest;
        }
    }
    text
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    find(text, part).is_some()
}

/// Whether a text that the quick parser took is what a number writes: no plus, no leading zeros,
/// digits on both sides of a point, and no minus before zero.
#[inline]
pub fn is_canonical(text: &[u8]) -> bool {
    let digits = match text {
        [b'-', rest @ ..] => {
            if rest.iter().all(|byte| matches!(byte, b'0' | b'.')) {
                return false;
            }
            rest
        }
        other => other,
    };
    match digits {
        [b'1'..=b'9', rest @ ..] => rest.last() != Some(&b'.'),
        [b'0'] => true,
        [b'0', b'.', _, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse as document;
    use crate::report::value_text;

    fn check(options: &str, text: &str, expect: Option<&str>) {
        let node = document(options).unwrap();
        let format = NumberFormat::read(&Options::new(&node, "cast.x")).unwrap();
        let found = match format.parse(text.as_bytes(), &mut Vec::new()) {
            Parsed::Number(value) => Some(value_text(value)),
            _ => None,
        };
        assert_eq!(found.as_deref(), expect, "{options} {text}");
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let money = "currency = true";
        check(money, "$1,234.50", Some("1234.5"));
        check(money, "1234", Some("1234"));
        check(money, "-€5", Some("-5"));
        check(money, "€-5", Some("-5"));
        check(money, "12 元", Some("12"));
        check(money, "$1,23.50", None);
        check(money, "$12,345,6", None);
        check(money, "$", None);
        check(money, "5 apples", None);
        check("decimal = \",\"", "3,5", Some("3.5"));
        check("decimal = \",\"", "3.5", None);
        check(
            "decimal = \",\"\ncurrency = true",
            "1.234,50 €",
            Some("1234.5"),
        );
        check("percent = true", "12.5%", Some("0.125"));
        check("percent = true", "0.25", Some("0.25"));
        check("thousands = \"'\"", "1'000'000", Some("1000000"));
        check("thousands = \",\"", ",123", None);
        let books = "accounting = true\ncurrency = true";
        check(books, "(1,234.50)", Some("-1234.5"));
        check(books, "($5)", Some("-5"));
        check(books, "$(5)", Some("-5"));
        check(books, "（５）", Some("-5"));
        check(books, "7", Some("7"));
        check(books, "(-5)", None);
        check(books, "-(5)", None);
        check(books, "(5", None);
        check("currency = true", "(5)", None);
        check("units = true", "3万", Some("30000"));
        check("units = true", "1.5亿", Some("150000000"));
        check("units = true", "-2千万", Some("-20000000"));
        check("units = true", "0.3 万亿", Some("300000000000"));
        check("units = true", "12", Some("12"));
        check("units = true", "万", None);
        check("units = true\ncurrency = true", "¥3.5万元", None);
        check("units = true\ncurrency = true", "3.5万元", Some("35000"));
        check("", "１２．５", Some("12.5"));
        check("", "－３", Some("-3"));
        check("", "三", None);
        check("percent = true", "１２％", Some("0.12"));
    }

    #[test]
    fn what_a_number_would_write_is_left_alone() {
        for text in ["0", "7", "-7", "10", "0.5", "-0.5", "1.50", "0.00"] {
            assert!(is_canonical(text.as_bytes()), "{text}");
        }
        for text in ["", "+7", "07", "-0", "-0.0", ".5", "5.", "-.5", "00", "0."] {
            assert!(!is_canonical(text.as_bytes()), "{text}");
        }
    }
}
