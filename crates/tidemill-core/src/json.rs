//! Cleaned rows as JSON: a line a row, an array of its cells as their columns' types have them.
//! The text of a cell is its truth here too, so that these rows and the CSV of the same run say
//! the same thing.
//!
//! | column | cell |
//! | --- | --- |
//! | any | `null` where the value is missing |
//! | integer | a number up to 2^53 - 1 either way, and the digits in a string past that |
//! | number | a number; `"NaN"`, `"Infinity"` and `"-Infinity"`, also for what no f64 can hold |
//! | boolean | `true` or `false` |
//! | date, time, datetime | a string, ISO 8601 |
//! | text, or without a cast | a string; bytes that are not UTF-8 are U+FFFD |
//!
//! A cell that a cast kept although it is not of the type is a string, and a fraction that a fill
//! put into a column of integers is a number.

use crate::chunk::{Cells, Chunk};
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::number::text::Digits;
use crate::plan::Plan;
use crate::schema::Missing;
use crate::value::class::Type;

/// The largest integer up to which every integer is an f64 of its own.
const SAFE: i128 = (1 << 53) - 1;

/// Appends the selected rows.
pub fn rows(plan: &Plan, chunk: &mut Chunk, out: &mut Vec<u8>) {
    for column in &plan.output {
        chunk.decode_text(column.slot);
    }
    let chunk = &*chunk;
    let columns: Vec<(Cells<'_>, Type, &Missing)> = plan
        .output
        .iter()
        .map(|column| {
            let ty = column.ty.unwrap_or(Type::Text);
            (chunk.cells(column.slot), ty, &plan.missing[column.slot])
        })
        .collect();
    out.reserve(chunk.bytes().len());
    chunk.each_row(|row| {
        out.push(b'[');
        for (at, (cells, ty, missing)) in columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            cell(*ty, cells.get(row), missing, out);
        }
        out.extend_from_slice(b"]\n");
    });
}

/// Appends one cell.
fn cell(ty: Type, value: &[u8], missing: &Missing, out: &mut Vec<u8>) {
    // A cast writes what is missing as nothing, whatever words the recipe lists.
    let none = match ty {
        Type::Text => missing.text(value),
        _ => value.is_empty(),
    };
    if none {
        return out.extend_from_slice(b"null");
    }
    match ty {
        Type::Integer => integer(value, out),
        Type::Number => number(value, out),
        Type::Boolean if value == b"true" || value == b"false" => out.extend_from_slice(value),
        Type::Boolean | Type::Date | Type::Time | Type::DateTime | Type::Text => text(value, out),
    }
}

fn integer(value: &[u8], out: &mut Vec<u8>) {
    if value == b"0" {
        return out.push(b'0');
    }
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if let [b'1'..=b'9', rest @ ..] = digits
        && rest.len() < 15
        && rest.iter().all(u8::is_ascii_digit)
    {
        return out.extend_from_slice(value);
    }
    let Parsed::Number(read) = parse(value) else {
        return text(value, out);
    };
    if !read.is_integer() {
        return decimal(read, out);
    }
    let Decimal { mantissa, exponent } = read.normalized();
    let zeros = usize::from(exponent.unsigned_abs());
    let safe = u32::try_from(zeros)
        .ok()
        .and_then(|zeros| 10i128.checked_pow(zeros)?.checked_mul(mantissa))
        .is_some_and(|whole| (-SAFE..=SAFE).contains(&whole));
    if !safe {
        out.push(b'"');
    }
    if mantissa < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(Digits::of(mantissa.unsigned_abs()).as_bytes());
    out.resize(out.len() + zeros, b'0');
    if !safe {
        out.push(b'"');
    }
}

fn number(value: &[u8], out: &mut Vec<u8>) {
    if is_plain(value) {
        return out.extend_from_slice(value);
    }
    match parse(value) {
        Parsed::Number(read) => decimal(read, out),
        Parsed::Nan => out.extend_from_slice(b"\"NaN\""),
        Parsed::Infinite { negative } => infinite(negative, out),
        Parsed::Invalid => text(value, out),
    }
}

/// Whether the text is a JSON number as it stands, without an exponent, and not minus zero.
fn is_plain(value: &[u8]) -> bool {
    // Digits enough for any sensible number, and too few to pass the largest f64.
    if value.len() > 300 {
        return false;
    }
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let whole = digits
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(whole);
    let first = match whole {
        [b'0'] => value.len() == digits.len() || digits.iter().any(|b| matches!(b, b'1'..=b'9')),
        [b'1'..=b'9', ..] => true,
        _ => false,
    };
    first
        && match rest {
            [] => true,
            [b'.', decimals @ ..] => {
                !decimals.is_empty() && decimals.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }
}

fn decimal(value: Decimal, out: &mut Vec<u8>) {
    if value.to_f64().is_infinite() {
        infinite(value.mantissa < 0, out);
    } else {
        value.write(out);
    }
}

fn infinite(negative: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if negative {
        b"\"-Infinity\""
    } else {
        b"\"Infinity\""
    });
}

/// Appends a string.
pub fn text(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = value.iter().fold(true, |plain, byte| {
        plain & (0x20..0x80).contains(byte) & (*byte != b'"') & (*byte != b'\\')
    });
    if plain {
        out.extend_from_slice(value);
    } else {
        escaped(&String::from_utf8_lossy(value), out);
    }
    out.push(b'"');
}

#[cold]
fn escaped(value: &str, out: &mut Vec<u8>) {
    let bytes = value.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => *byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            let (high, low) = (byte >> 4, byte & 15);
            out.extend_from_slice(&[b'0', b'0', HEX[usize::from(high)], HEX[usize::from(low)]]);
        }
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(ty: Type, value: &[u8]) -> String {
        let mut out = Vec::new();
        cell(ty, value, &Missing::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn integers_are_numbers_as_far_as_every_f64_is_one() {
        for (value, expect) in [
            ("0", "0"),
            ("-7", "-7"),
            ("999999999999999", "999999999999999"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
            ("9007199254740992", "\"9007199254740992\""),
            ("-9007199254740992", "\"-9007199254740992\""),
            ("1e21", "\"1000000000000000000000\""),
            ("2.5", "2.5"),
            ("-0", "0"),
            ("x1", "\"x1\""),
            ("", "null"),
        ] {
            assert_eq!(written(Type::Integer, value.as_bytes()), expect, "{value}");
        }
        let long = format!("\"1{}\"", "0".repeat(60));
        assert_eq!(written(Type::Integer, b"1e60"), long);
    }

    #[test]
    fn numbers_that_json_does_not_know_are_strings() {
        for (value, expect) in [
            ("1.50", "1.50"),
            ("-0.0", "0.0"),
            ("-0.01", "-0.01"),
            ("0.10", "0.10"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+5", "5"),
            ("007", "7"),
            ("1e2", "100"),
            ("1.5e300", "1.5e300"),
            ("NaN", "\"NaN\""),
            ("inf", "\"Infinity\""),
            ("-inf", "\"-Infinity\""),
            ("-1e399", "\"-Infinity\""),
            ("1.2.3", "\"1.2.3\""),
            ("", "null"),
        ] {
            assert_eq!(written(Type::Number, value.as_bytes()), expect, "{value}");
        }
    }

    #[test]
    fn what_is_missing_in_a_text_is_what_the_recipe_says() {
        let listed = Missing::listed(&["-".to_string()]);
        for (ty, value, expect) in [
            (Type::Text, "-", "null"),
            (Type::Text, "", "\"\""),
            // A fill may have put it there.
            (Type::Boolean, "-", "\"-\""),
            (Type::Boolean, "", "null"),
            (Type::Boolean, "true", "true"),
            (Type::Date, "2024-02-29", "\"2024-02-29\""),
        ] {
            let mut out = Vec::new();
            cell(ty, value.as_bytes(), &listed, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expect, "{ty} {value}");
        }
    }

    proptest! {
        #[test]
        fn a_string_is_the_text(value in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assume!(!value.is_empty());
            let json = written(Type::Text, &value);
            prop_assert!(!json.contains('\n') && !json.contains('\r'));
            let read: String = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read, String::from_utf8_lossy(&value));
        }

        #[test]
        fn a_number_reads_back_as_the_nearest_f64(mantissa: i64, exponent in -340i16..330, shift in 0u32..63) {
            let value = Decimal { mantissa: i128::from(mantissa >> shift), exponent };
            let mut out = Vec::new();
            value.write(&mut out);
            let json = written(Type::Number, &out);
            // The standard library's reading of the digits is the oracle.
            let expect: f64 = format!("{}e{exponent}", mantissa >> shift).parse().unwrap();
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            match read.as_str() {
                Some(text) => prop_assert_eq!(text.parse::<f64>().unwrap(), expect),
                None => {
                    prop_assert_eq!(json.parse::<f64>().unwrap(), expect);
                    // One that is an integer reads back as that integer.
                    prop_assert!(expect.is_finite());
                }
            }
        }

        #[test]
        fn an_integer_reads_back_as_itself(value: i128, shift in 0u32..127) {
            let value = (value >> shift) / 10;
            prop_assume!(Decimal::new(value, 0).is_some());
            let json = written(Type::Integer, value.to_string().as_bytes());
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            let safe = value.unsigned_abs() < 1 << 53;
            prop_assert_eq!(read.is_string(), !safe);
            let digits = read.as_str().map_or_else(|| read.to_string(), str::to_string);
            prop_assert_eq!(digits, value.to_string());
        }
    }
}
