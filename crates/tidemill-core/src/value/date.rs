//! Dates, times and moments as cells write them.
//!
//! The decision that shaped the grammar: without a format a date is year-first or names its month.
//! 03/04/2024 is one day in London and another in New York, so it is none here, and [`formats_that_fit`]
//! says which formats would settle it. A moment with an offset becomes UTC and is written with Z; one
//! without stays in no zone.

pub use super::calendar::{
    FIRST_DAY, LAST_DAY, MICROS_PER_DAY, MICROS_PER_SECOND, Temporal, civil_from_days,
    days_from_civil, write_date, write_datetime, write_time,
};

use super::calendar::{hour_of_12, micros_of_day, moment};
use super::cursor::Cursor;
use super::format::Format;
use super::trim;
use std::sync::OnceLock;

/// Reads a cell without a format. White space around it is ignored.
///
/// | reads | examples |
/// | --- | --- |
/// | year first | `2024-03-05`, `2024/3/5`, `2024.3.5` |
/// | named month | `5 March 2024`, `05-Mar-2024`, `05MAR2024`, `Mar 5, 2024`, `2024-Mar-05` |
/// | CJK | `2024年3月5日`, `2024년 3월 5일` |
/// | time | `14:03`, `14:03:05.25`, `2:03 PM` |
/// | moment | a date, `T` or spaces, a time, perhaps `Z`, `UTC`, `+08:00`, `+0800` or `+08` |
///
/// Of a second's fraction up to nine digits are read and six kept.
#[must_use]
pub fn parse_default(cell: &[u8]) -> Option<Temporal> {
    let mut at = Cursor::new(trim(cell));
    // 上午 and 下午 by the bytes of their first characters.
    let half = |at: &Cursor| matches!(at.rest, [0xe4, 0xb8, 0x8a | 0x8b, ..]);
    let hour = matches!(
        at.rest,
        [b'0'..=b'9', b':', ..] | [b'0'..=b'9', b'0'..=b'9', b':', ..]
    );
    if hour || half(&at) {
        let time = clock(&mut at)?;
        return at.at_end().then_some(Temporal::Time(time));
    }
    let days = day(&mut at)?;
    if at.at_end() {
        return Some(Temporal::Date(days));
    }
    if !at.spaces() && !at.literal(b"T") && !at.literal(b"t") && !half(&at) {
        return None;
    }
    let time = clock(&mut at)?;
    at.spaces();
    let offset = if at.at_end() {
        None
    } else {
        Some(at.offset()?)
    };
    if at.at_end() {
        moment(days, time, offset)
    } else {
        None
    }
}

fn day(at: &mut Cursor) -> Option<i32> {
    match (at.digit_run(5), at.peek()?) {
        (4, _) => year_first(at),
        (1 | 2, _) => {
            let day = at.number(1, 2)?;
            let gap = Gap::read(at);
            let month = at.month_name()?;
            let year = gap.again(at)?.number(4, 4)?;
            days_from_civil(year, month, day)
        }
        (0, b'A'..=b'Z' | b'a'..=b'z') => {
            let month = at.month_name()?;
            let gap = Gap::read(at);
            let day = at.number(1, 2)?;
            let year = gap.again(at)?.number(4, 4)?;
            if gap == Gap::None {
                None
            } else {
                days_from_civil(year, month, day)
            }
        }
        _ => None,
    }
}

fn year_first(at: &mut Cursor) -> Option<i32> {
    let year = at.number(4, 4)?;
    for [of_year, of_month, of_day] in [["年", "月", "日"], ["年", "月", "号"], ["년", "월", "일"]]
    {
        let mut cjk = *at;
        if !cjk.literal(of_year.as_bytes()) {
            continue;
        }
        cjk.spaces();
        let month = cjk.number(1, 2)?;
        if !cjk.literal(of_month.as_bytes()) {
            return None;
        }
        cjk.spaces();
        let day = cjk.number(1, 2)?;
        if cjk.literal(of_day.as_bytes()) {
            *at = cjk;
            return days_from_civil(year, month, day);
        }
    }
    let gap = Gap::read(at);
    let named = at.peek().is_some_and(|b| b.is_ascii_alphabetic());
    let month = match gap {
        // Digits without a mark between them are an integer, and `2024 3 5` is three of them.
        Gap::None => return None,
        Gap::Spaces if !named => return None,
        _ if named => at.month_name()?,
        Gap::Spaces | Gap::Mark(_) => at.number(1, 2)?,
    };
    let day = gap.again(at)?.number(1, 2)?;
    days_from_civil(year, month, day)
}

/// What stands between two parts of a date; the same has to stand between the next two.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    None,
    Spaces,
    Mark(u8),
}

impl Gap {
    fn read(at: &mut Cursor) -> Self {
        match at.peek() {
            Some(mark @ (b'-' | b'/')) => {
                at.rest = &at.rest[1..];
                Self::Mark(mark)
            }
            Some(b'.') => {
                at.rest = &at.rest[1..];
                // `Mar. 5, 2024`: the point belongs to the short name.
                if at.spaces() {
                    Self::Spaces
                } else {
                    Self::Mark(b'.')
                }
            }
            _ if at.spaces() => Self::Spaces,
            _ => Self::None,
        }
    }

    /// Reads the same gap once more. Between words it may hold the comma of `Mar 5, 2024` or the point of
    /// `5 Mar. 2024`.
    fn again<'a, 'b>(self, at: &'a mut Cursor<'b>) -> Option<&'a mut Cursor<'b>> {
        let same = match self {
            Self::None => true,
            Self::Mark(mark) => at.literal(&[mark]),
            Self::Spaces => {
                let mark = at.literal(b",") || at.literal(b".");
                at.spaces() || mark
            }
        };
        same.then_some(at)
    }
}

/// `H:MM`, `HH:MM:SS`, with a fraction, with AM or PM behind or 上午 or 下午 before.
fn clock(at: &mut Cursor) -> Option<i64> {
    let half = if at.literal("上午".as_bytes()) {
        Some(false)
    } else {
        at.literal("下午".as_bytes()).then_some(true)
    };
    if half.is_some() {
        at.spaces();
    }
    let hour = at.number(1, 2)?;
    if !at.literal(b":") {
        return None;
    }
    let minute = at.number(2, 2)?;
    let (mut second, mut micros) = (0, 0);
    if at.literal(b":") {
        second = at.number(2, 2)?;
        if at.literal(b".") {
            micros = at.microseconds()?;
        }
    }
    let mut ahead = *at;
    ahead.spaces();
    let hour = match (half, ahead.meridiem()) {
        (None, Some(pm)) => {
            *at = ahead;
            hour_of_12(hour, pm)?
        }
        // Some write 下午 before an hour of 24.
        (Some(true), None) if hour > 12 => hour,
        (Some(pm), None) => hour_of_12(hour, pm)?,
        (Some(_), Some(_)) => return None,
        (None, None) => hour,
    };
    micros_of_day(hour, minute, second, micros)
}

/// Reads a cell by a strptime format. For more than one cell, compile a [`Format`] once.
#[must_use]
pub fn parse_format(cell: &[u8], format: &str) -> Option<Temporal> {
    Format::compile(format).ok()?.parse(cell)
}

macro_rules! with_clocks {
    ($($date:literal)*; $($moment:literal)*) => {
        [$(
            $date,
            concat!($date, " %H:%M"),
            concat!($date, " %H:%M:%S"),
            concat!($date, " %I:%M %p"),
            concat!($date, " %I:%M:%S %p"),
        )* $($moment),*]
    };
}

const CANDIDATES: [&str; 82] = with_clocks!(
    "%d/%m/%Y" "%m/%d/%Y" "%d-%m-%Y" "%m-%d-%Y" "%d.%m.%Y" "%m.%d.%Y" "%d/%m/%y" "%m/%d/%y" "%y/%m/%d"
    "%d-%m-%y" "%m-%d-%y" "%y-%m-%d" "%d.%m.%y" "%m.%d.%y" "%d-%b-%y" "%Y%m%d";
    "%Y%m%dT%H%M%S" "%Y%m%d%H%M%S"
);

/// The formats that would read a cell which [`parse_default`] leaves alone: the hint of its reject.
/// Day-first comes first.
#[must_use]
pub fn formats_that_fit(cell: &[u8]) -> Vec<&'static str> {
    if trim(cell).len() > 32 || parse_default(cell).is_some() {
        return Vec::new();
    }
    // A file may have millions of rejects, and compiling a format takes longer than trying it.
    static COMPILED: OnceLock<Vec<(&'static str, Format)>> = OnceLock::new();
    COMPILED
        .get_or_init(|| {
            let compiled = |text: &'static str| Some((text, Format::compile(text).ok()?));
            CANDIDATES.into_iter().filter_map(compiled).collect()
        })
        .iter()
        .filter(|(_, format)| format.parse(cell).is_some())
        .map(|(text, _)| *text)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn iso(value: Temporal) -> String {
        let mut out = Vec::new();
        value.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn check(cell: &str, expect: &str) {
        let found = parse_default(cell.as_bytes()).map_or("none".to_string(), iso);
        assert_eq!(found, expect, "{cell:?}");
    }

    #[test]
    fn dates_without_a_format() {
        for cell in [
            "2024-03-05",
            "2024-3-5",
            "2024/03/05",
            "2024/3/5",
            "2024.3.5",
            " 2024-03-05\t",
            "2024年3月5日",
            "2024年03月05日",
            "2024年3月5号",
            "2024년 3월 5일",
            "5 March 2024",
            "05 march 2024",
            "5 MAR 2024",
            "5 Mar. 2024",
            "5-Mar-2024",
            "05/Mar/2024",
            "05.Mar.2024",
            "05MAR2024",
            "March 5, 2024",
            "Mar 5, 2024",
            "Mar 5,2024",
            "Mar. 5, 2024",
            "mar 5 2024",
            "Mar-05-2024",
            "2024-Mar-05",
            "2024 March 5",
            "2024/mar/5",
        ] {
            check(cell, "2024-03-05");
        }
        let months =
            "January February March April May June July August September October November December";
        for (month, name) in (1..).zip(months.split(' ')) {
            check(&format!("1 {name} 2023"), &format!("2023-{month:02}-01"));
            check(
                &format!("1-{}-2023", &name[..3]),
                &format!("2023-{month:02}-01"),
            );
        }
        check("9 Sept 2023", "2023-09-09");
    }

    #[test]
    fn what_is_no_date_without_a_format() {
        for cell in [
            "",
            "20240305",
            "2024-03",
            "2024",
            "03/04/2024",
            "13/04/2024",
            "3-4-2024",
            "05.03.2024",
            "24-03-05",
            "5/3/24",
            "2024-02-30",
            "2023-02-29",
            "1900-02-29",
            "0000-01-01",
            "2024-13-01",
            "2024-00-10",
            "2024-3-32",
            "02024-03-05",
            "2024-03/05",
            "2024/03-05",
            "2024 3 5",
            "2024--5",
            "2024-03-05x",
            "2024-03-05-",
            "5 Mars 2024",
            "5 Mar 24",
            "Mar 2024",
            "Mar5 2024",
            "Mar52024",
            "March",
            "31 April 2024",
            "2024年3月5",
            "2024年3月",
            "2024年3-5日",
            "2024年3월5日",
            "5 March, 2024 x",
            "-2024-03-05",
            "2024-03-05T",
            "2024-03-05 ",
            "２０２４-03-05",
        ] {
            let expect = if cell == "2024-03-05 " {
                "2024-03-05"
            } else {
                "none"
            };
            check(cell, expect);
        }
    }

    #[test]
    fn times() {
        for (cell, expect) in [
            ("00:00", "00:00:00"),
            ("9:05", "09:05:00"),
            ("14:03:59", "14:03:59"),
            ("23:59:59.999999", "23:59:59.999999"),
            ("1:02:03.5", "01:02:03.500"),
            ("1:02:03.000001", "01:02:03.000001"),
            ("1:02:03.12345678", "01:02:03.123456"),
            ("1:02:03.9999999", "01:02:03.999999"),
            ("1:02:03.000", "01:02:03"),
            ("2:03 PM", "14:03:00"),
            ("2:03pm", "14:03:00"),
            ("12:00 am", "00:00:00"),
            ("12:00 PM", "12:00:00"),
            ("下午2:03", "14:03:00"),
            ("上午 9:30:15", "09:30:15"),
            ("上午12:10", "00:10:00"),
            ("下午14:03", "14:03:00"),
            ("上午14:03", "none"),
            ("下午2:03 PM", "none"),
            ("11:59:59.25 AM", "11:59:59.250"),
            ("24:00", "none"),
            ("12:60", "none"),
            ("12:00:60", "none"),
            ("1:2", "none"),
            ("123:00", "none"),
            ("12:", "none"),
            ("12:00:", "none"),
            ("12:00:00.", "none"),
            ("12:00.5", "none"),
            ("12:00:00.1234567890", "none"),
            ("13:00 PM", "none"),
            ("0:30 AM", "none"),
            ("14:03Z", "none"),
            ("14:03 x", "none"),
            ("14:03+08:00", "none"),
            ("-1:00", "none"),
        ] {
            check(cell, expect);
        }
    }

    #[test]
    fn moments() {
        for (cell, expect) in [
            ("2024-03-05T14:03:00", "2024-03-05T14:03:00"),
            ("2024-03-05 14:03", "2024-03-05T14:03:00"),
            ("2024-03-05t14:03:00.25", "2024-03-05T14:03:00.250"),
            ("2024/3/5   2:03 PM", "2024-03-05T14:03:00"),
            ("5 Mar 2024 14:03", "2024-03-05T14:03:00"),
            ("2024年3月5日 14:03", "2024-03-05T14:03:00"),
            ("2024年3月5日 下午2:03", "2024-03-05T14:03:00"),
            ("2024年3月5日下午2:03", "2024-03-05T14:03:00"),
            ("2024/3/5 上午 9:30", "2024-03-05T09:30:00"),
            ("2024-03-05T14:03:00Z", "2024-03-05T14:03:00Z"),
            ("2024-03-05 14:03 UTC", "2024-03-05T14:03:00Z"),
            ("2024-03-05T14:03:00+08:00", "2024-03-05T06:03:00Z"),
            ("2024-03-05T14:03:00+0800", "2024-03-05T06:03:00Z"),
            ("2024-03-05T04:03:00 +08", "2024-03-04T20:03:00Z"),
            ("2024-12-31T23:30:00-01:30", "2025-01-01T01:00:00Z"),
            ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"),
            ("0001-01-01T00:00+00:01", "none"),
            ("9999-12-31T23:59-00:01", "none"),
            ("9999-12-31T23:58-00:01", "9999-12-31T23:59:00Z"),
            ("2024-03-05T14", "none"),
            ("2024-03-05T14:03+8", "none"),
            ("2024-03-05T14:03+24:00", "none"),
            ("2024-03-05T14:03+08:60", "none"),
            ("2024-03-05T14:03+08:0", "none"),
            ("2024-03-05T14:03 CET", "none"),
            ("2024-03-05T14:03ZZ", "none"),
            ("2024-03-0514:03", "none"),
            ("2024-02-30T14:03", "none"),
            ("2024-03-05T24:00", "none"),
        ] {
            check(cell, expect);
        }
        assert_eq!(
            Temporal::Date(1).as_datetime(),
            Some((MICROS_PER_DAY, false))
        );
        assert_eq!(Temporal::Time(1).as_datetime(), None);
    }

    #[test]
    fn a_hint_names_the_formats_that_fit() {
        for (cell, expect) in [
            ("03/04/2024", &["%d/%m/%Y", "%m/%d/%Y"][..]),
            ("13/04/2024", &["%d/%m/%Y"]),
            ("04/13/2024", &["%m/%d/%Y"]),
            ("3-4-2024", &["%d-%m-%Y", "%m-%d-%Y"]),
            ("13.04.2024 9:05", &["%d.%m.%Y %H:%M"]),
            ("04/13/2024 09:05:01 PM", &["%m/%d/%Y %I:%M:%S %p"]),
            ("31/12/99", &["%d/%m/%y"]),
            ("99-12-31", &["%y-%m-%d"]),
            ("5-Mar-24", &["%d-%b-%y"]),
            ("20240305", &["%Y%m%d"]),
            ("20240305T140300", &["%Y%m%dT%H%M%S"]),
            ("2024-03-05", &[]),
            ("2024-02-30", &[]),
            ("31/31/2024", &[]),
            ("hello", &[]),
            ("", &[]),
        ] {
            assert_eq!(formats_that_fit(cell.as_bytes()), expect, "{cell}");
        }
        for format in CANDIDATES {
            assert!(Format::compile(format).is_ok(), "{format}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(cell: Vec<u8>) {
            let _ = (parse_default(&cell), formats_that_fit(&cell));
        }

        #[test]
        fn nor_do_near_dates(cell in "[-+.:/0-9TZ 年月日apmMr,]{0,24}") {
            let _ = (parse_default(cell.as_bytes()), formats_that_fit(cell.as_bytes()));
        }
    }
}
