//! The lexical class of one cell, and the type of a column from the classes it counted.
//!
//! The decision that shaped it: classes are counted and the type is judged once, at the end, so a type
//! never depends on which row came first or on a sample of the rows. One cell that is no number makes a
//! column text; it is then the user's cast, with its rejects, that says otherwise.

use super::{boolean, date, is_missing_word, trim};
use serde::{Deserialize, Serialize};

/// What a cell looks like. White space around the value is ignored, except that it makes an empty cell a
/// word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The empty field.
    Missing,
    /// A word that is missing in typed use (`NA`, `-`), or nothing but white space.
    MissingWord,
    /// A sign and up to 38 digits, no zero in front.
    Integer,
    /// A decimal or an exponent.
    Number,
    Nan,
    Infinite,
    Boolean,
    Date,
    Time,
    DateTime,
    /// Digits whose value as a number would not be the same thing: leading zeros (00501), or more than 38
    /// of them.
    Code,
    Text,
}

impl Class {
    pub const ALL: [Self; 12] = [
        Self::Missing,
        Self::MissingWord,
        Self::Integer,
        Self::Number,
        Self::Nan,
        Self::Infinite,
        Self::Boolean,
        Self::Date,
        Self::Time,
        Self::DateTime,
        Self::Code,
        Self::Text,
    ];
}

/// A column's type, in the recipe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    Integer,
    Number,
    Boolean,
    Date,
    Time,
    DateTime,
    Text,
}

impl Type {
    pub const ALL: [Self; 7] = [
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::Date,
        Self::Time,
        Self::DateTime,
        Self::Text,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Text => "text",
        }
    }

    /// Whether [`is_missing_word`] applies in a column of this type.
    #[must_use]
    pub fn is_typed(self) -> bool {
        self != Self::Text
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many cells of each class a column has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCounts([u64; Class::ALL.len()]);

impl ClassCounts {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub fn add(&mut self, class: Class, times: u64) {
        let count = &mut self.0[class as usize];
        *count = count.saturating_add(times);
    }

    #[inline]
    #[must_use]
    pub fn get(&self, class: Class) -> u64 {
        self.0[class as usize]
    }

    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }

    /// The number of cells.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The class of a cell.
#[must_use]
pub fn classify(cell: &[u8]) -> Class {
    let word = trim(cell);
    let Some(&first) = word.first() else {
        return if cell.is_empty() {
            Class::Missing
        } else {
            Class::MissingWord
        };
    };
    match first {
        b'0'..=b'9' => match numeric(word) {
            Some(class) => class,
            None => temporal(word),
        },
        b'+' | b'-' | b'.' => match numeric(word) {
            Some(class) => class,
            None if word == b"-" => Class::MissingWord,
            None => special(word),
        },
        b'a'..=b'z' | b'A'..=b'Z' => {
            if word.len() <= 9 {
                if is_missing_word(word) {
                    return Class::MissingWord;
                }
                if boolean::parse(word).is_some() {
                    return Class::Boolean;
                }
                let class = special(word);
                if class != Class::Text {
                    return class;
                }
            }
            temporal(word)
        }
        _ if is_missing_word(word) => Class::MissingWord,
        _ if boolean::parse(word).is_some() => Class::Boolean,
        _ if word.starts_with("\u{2212}".as_bytes()) => {
            numeric(word).unwrap_or_else(|| special(word))
        }
        _ => Class::Text,
    }
}

fn temporal(word: &[u8]) -> Class {
    match date::parse_default(word) {
        Some(date::Temporal::Date(_)) => Class::Date,
        Some(date::Temporal::Time(_)) => Class::Time,
        Some(date::Temporal::DateTime { .. }) => Class::DateTime,
        None => Class::Text,
    }
}

/// `NaN`, and `inf` or `infinity` with or without a sign, in any case.
fn special(word: &[u8]) -> Class {
    let unsigned = sign(word).1;
    if word.eq_ignore_ascii_case(b"nan") {
        Class::Nan
    } else if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        Class::Infinite
    } else {
        Class::Text
    }
}

/// Whether a minus (`-` or U+2212) is in front, and what follows the sign.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] | [0xe2, 0x88, 0x92, rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The class of `[sign] digits [. digits] [e [sign] digits]`, with a digit on one side of the point at
/// least; else none.
fn numeric(word: &[u8]) -> Option<Class> {
    let (_, unsigned) = sign(word);
    let (whole, mut rest) = unsigned.split_at(digits(unsigned));
    if rest.is_empty() {
        return match whole {
            [] => None,
            [b'0', _, ..] => Some(Class::Code),
            _ if whole.len() > MOST_DIGITS as usize => Some(Class::Code),
            _ => Some(Class::Integer),
        };
    }
    let mut fraction: &[u8] = b"";
    if let [b'.', after @ ..] = rest {
        (fraction, rest) = after.split_at(digits(after));
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut power = 0;
    if let [b'e' | b'E', after @ ..] = rest {
        let (negative, after) = sign(after);
        if after.is_empty() || digits(after) < after.len() {
            return None;
        }
        // Far beyond the limit, and far from overflow.
        power = after
            .iter()
            .fold(0, |n: i64, b| (n * 10 + i64::from(b - b'0')).min(1 << 56));
        if negative {
            power = -power;
        }
    } else if !rest.is_empty() {
        return None;
    }
    Some(if fits(whole, fraction, power) {
        Class::Number
    } else {
        Class::Text
    })
}

const MOST_DIGITS: i64 = 38;
const MOST_POWER: i64 = 400;

/// Whether Law 3 can hold the number: 38 digits without the zeros in front, times a power of ten within 400
/// of 0. Zeros at the end of the fraction count only as far as they fit.
fn fits(whole: &[u8], fraction: &[u8], power: i64) -> bool {
    let zeros = fraction.iter().rev().take_while(|b| **b == b'0').count();
    let held = &fraction[..fraction.len() - zeros];
    let leading = whole.iter().chain(held).take_while(|b| **b == b'0').count();
    let mantissa = (whole.len() + held.len() - leading) as i64;
    let room = if mantissa == 0 {
        zeros as i64
    } else {
        (zeros as i64).min(MOST_DIGITS - mantissa)
    };
    let power = power - held.len() as i64;
    let kept = room.min(power + MOST_POWER).max(0);
    mantissa <= MOST_DIGITS && (power - kept).abs() <= MOST_POWER
}

/// The narrowest type that every present value of a column fits.
///
/// Integers are numbers, dates are moments at midnight. NaN and infinities are numbers and no integers. A
/// missing word is missing only if the rest makes a type; a column with nothing present is text.
#[must_use]
pub fn infer(counts: &ClassCounts) -> Type {
    let some = |class: Class| counts.get(class) > 0;
    let kinds = [
        (
            some(Class::Integer)
                || some(Class::Number)
                || some(Class::Nan)
                || some(Class::Infinite),
            Type::Number,
        ),
        (some(Class::Boolean), Type::Boolean),
        (some(Class::Date) || some(Class::DateTime), Type::DateTime),
        (some(Class::Time), Type::Time),
        (some(Class::Code) || some(Class::Text), Type::Text),
    ];
    let mut present = kinds.into_iter().filter(|(some, _)| *some);
    match (present.next(), present.next()) {
        (Some((_, kind)), None) => match kind {
            Type::Number if !some(Class::Number) && !some(Class::Nan) && !some(Class::Infinite) => {
                Type::Integer
            }
            Type::DateTime if !some(Class::DateTime) => Type::Date,
            kind => kind,
        },
        _ => Type::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(class: Class, cells: &[&str]) {
        for cell in cells {
            assert_eq!(classify(cell.as_bytes()), class, "{cell:?}");
            if class != Class::Missing {
                assert_eq!(
                    classify(format!("\t {cell}\u{a0}\u{3000}").as_bytes()),
                    class,
                    "{cell:?} in spaces"
                );
            }
        }
    }

    #[test]
    fn each_class_by_example() {
        check(Class::Missing, &[""]);
        check(
            Class::MissingWord,
            &[
                " ", "NA", "N/A", "null", "NULL", "None", "-", "?", "无", "暂无",
            ],
        );
        let longest = "9".repeat(38);
        check(
            Class::Integer,
            &[
                "0",
                "7",
                "-7",
                "+7",
                "10",
                "-0",
                "20240305",
                &longest,
                "\u{2212}5",
            ],
        );
        check(
            Class::Number,
            &[
                "1.5",
                "-1.50",
                ".5",
                "5.",
                "+.5",
                "1e5",
                "1E+05",
                "2e-3",
                "00.5",
                "1.e3",
                "1e\u{2212}5",
            ],
        );
        check(Class::Nan, &["nan", "NaN", "NAN"]);
        check(
            Class::Infinite,
            &[
                "inf",
                "-inf",
                "+Inf",
                "Infinity",
                "-INFINITY",
                "\u{2212}inf",
            ],
        );
        check(
            Class::Boolean,
            &["true", "FALSE", "Yes", "no", "t", "F", "y", "N", "是", "否"],
        );
        check(
            Class::Date,
            &[
                "2024-03-05",
                "2024/3/5",
                "2024.3.5",
                "5 March 2024",
                "Mar 5, 2024",
                "2024年3月5日",
            ],
        );
        check(Class::Time, &["14:03", "9:05:07.5", "2:03 pm"]);
        check(
            Class::DateTime,
            &[
                "2024-03-05T14:03",
                "2024/3/5 14:03:00+08:00",
                "5 Mar 2024 2:03 PM",
            ],
        );
        let too_long = "1".repeat(39);
        check(Class::Code, &["00501", "007", "-01", "00", &too_long]);
        let words = [
            "Namibia", "na", "none", "--", "+", ".", "-.", "1,000", "$5", "5%", "1e", "e5",
            "1e5.0", "0x1f",
        ];
        check(Class::Text, &words);
        check(
            Class::Text,
            &[
                "-nan",
                "+nan",
                "infin",
                "1.2.3",
                "03/04/2024",
                "2024-02-30",
                "25:00",
                "1 2",
                "1\n",
                "不",
                "a\u{0}",
            ],
        );
    }

    #[test]
    fn numbers_that_the_sums_can_hold() {
        let (zeros, ones) = ("0".repeat(399), "1".repeat(38));
        for (cell, class) in [
            ("1e400".to_string(), Class::Number),
            ("1e401".to_string(), Class::Text),
            ("1.5e401".to_string(), Class::Number),
            ("1.0e401".to_string(), Class::Number),
            ("0e401".to_string(), Class::Text),
            ("0.0e401".to_string(), Class::Number),
            ("1e-400".to_string(), Class::Number),
            ("1.5e-400".to_string(), Class::Text),
            ("1.50e-399".to_string(), Class::Number),
            (format!("0.{zeros}1"), Class::Number),
            (format!("0.{zeros}01"), Class::Text),
            (format!("0.{zeros}10000"), Class::Number),
            (format!("1.{zeros}00000"), Class::Number),
            (format!("0.0{ones}"), Class::Number),
            (format!("{ones}.0"), Class::Number),
            (format!("{ones}.00e401"), Class::Text),
            (format!("{ones}.1"), Class::Text),
        ] {
            assert_eq!(classify(cell.as_bytes()), class, "{cell}");
        }
    }

    #[test]
    fn not_text_at_all() {
        for cell in [
            &b"\xff"[..],
            b"\xe6\x97",
            b"1\xff",
            b"\xe2\x88",
            b"\0",
            b"2024\xe5\xb9",
        ] {
            assert_eq!(classify(cell), Class::Text, "{cell:?}");
        }
    }

    fn column(classes: &[Class]) -> ClassCounts {
        let mut counts = ClassCounts::new();
        for class in classes {
            counts.add(*class, 1);
        }
        counts
    }

    #[test]
    fn the_type_is_the_narrowest_that_all_fit() {
        use Class::{
            Boolean, Code, Date, DateTime, Infinite, Integer, Missing, MissingWord, Nan, Number,
            Text, Time,
        };
        for (classes, expect) in [
            (&[][..], Type::Text),
            (&[Missing], Type::Text),
            (&[Missing, MissingWord], Type::Text),
            (&[Integer], Type::Integer),
            (&[Missing, MissingWord, Integer], Type::Integer),
            (&[Integer, Number], Type::Number),
            (&[Integer, Nan], Type::Number),
            (&[Integer, Infinite], Type::Number),
            (&[Nan], Type::Number),
            (&[Boolean, MissingWord], Type::Boolean),
            (&[Boolean, Integer], Type::Text),
            (&[Date], Type::Date),
            (&[DateTime], Type::DateTime),
            (&[Date, DateTime, Missing], Type::DateTime),
            (&[Time], Type::Time),
            (&[Time, Date], Type::Text),
            (&[Date, Integer], Type::Text),
            (&[Code], Type::Text),
            (&[Integer, Code], Type::Text),
            (&[Integer, Text], Type::Text),
        ] {
            assert_eq!(infer(&column(classes)), expect, "{classes:?}");
        }
    }

    /// Every subset of the classes against the rule said as sets: the first type, from narrow to wide, that
    /// holds all.
    #[test]
    fn the_type_of_every_subset() {
        use Class::{
            Boolean, Date, DateTime, Infinite, Integer, Missing, MissingWord, Nan, Number, Time,
        };
        let holds: [(Type, &[Class]); 6] = [
            (Type::Integer, &[Integer]),
            (Type::Number, &[Integer, Number, Nan, Infinite]),
            (Type::Boolean, &[Boolean]),
            (Type::Date, &[Date]),
            (Type::Time, &[Time]),
            (Type::DateTime, &[Date, DateTime]),
        ];
        for set in 0..1 << Class::ALL.len() {
            let classes: Vec<Class> = Class::ALL
                .into_iter()
                .filter(|class| set >> *class as u32 & 1 == 1)
                .collect();
            let present: Vec<_> = classes
                .iter()
                .filter(|class| !matches!(class, Missing | MissingWord))
                .collect();
            let fits =
                |types: &&(Type, &[Class])| present.iter().all(|class| types.1.contains(class));
            let expect = holds
                .iter()
                .find(fits)
                .filter(|_| !present.is_empty())
                .map_or(Type::Text, |types| types.0);
            assert_eq!(infer(&column(&classes)), expect, "{classes:?}");
        }
    }

    #[test]
    fn counts_add_up_and_freeze() {
        let (mut a, b) = (
            column(&[Class::Integer, Class::Text]),
            column(&[Class::Text, Class::Missing]),
        );
        a.merge(&b);
        a.add(Class::Code, 5);
        assert_eq!(
            (
                a.get(Class::Text),
                a.get(Class::Code),
                a.get(Class::Date),
                a.total()
            ),
            (2, 5, 0, 9)
        );
        let frozen = serde_json::to_string(&a).unwrap();
        assert_eq!(serde_json::from_str::<ClassCounts>(&frozen).unwrap(), a);
        a.add(Class::Text, u64::MAX);
        assert_eq!((a.get(Class::Text), a.total()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn types_are_written_in_the_words_of_the_recipe() {
        for kind in Type::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes: Vec<u8>, near in "[-+.:/0-9eETZ 年月日apmMr,]{0,40}") {
            let _ = (classify(&bytes), classify(near.as_bytes()));
        }

        /// An integer is what i128 reads and writes back; with zeros in front it is a code.
        #[test]
        fn integers_are_the_ones_that_read_back(n in -10i128.pow(38) + 1..10i128.pow(38), zeros in 0usize..3) {
            prop_assert_eq!(classify(n.to_string().as_bytes()), Class::Integer);
            let padded = format!("{}{}", "0".repeat(zeros), n.unsigned_abs());
            let expect = if zeros == 0 { Class::Integer } else { Class::Code };
            prop_assert_eq!(classify(padded.as_bytes()), expect);
        }
    }
}
