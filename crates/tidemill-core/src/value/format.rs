//! Date formats in the words of strptime, compiled once for a column.
//!
//! The decision that shaped it: a format is judged when it is compiled, before any data is read. One that
//! could never make a date or a time (`%H` beside `%p`, a day without its month, a part named twice) is
//! refused with the reason, so a cell that does not fit is always the cell's fault. A part takes as many
//! digits as it may; nothing backtracks.

use super::calendar::{Temporal, days_from_civil, hour_of_12, is_leap, micros_of_day, moment};
use super::cursor::Cursor;
use super::trim;

const KNOWN: &str = "%Y %y %m %b %B %d %j %H %I %p %M %S %f %z %%";

/// A compiled format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    text: String,
    items: Vec<Item>,
    has_date: bool,
    has_time: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    /// One of the letters after `%`; `%B` is kept as `b`, since either spelling of a month is taken for both.
    Part(u8),
    Literal(Vec<u8>),
    Spaces,
}

#[derive(Default)]
struct Parts {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: u32,
    pm: Option<bool>,
    minute: u32,
    second: u32,
    micros: u32,
    offset: Option<i32>,
}

impl Format {
    /// Compiles `%Y %y %m %b %B %d %j %H %I %p %M %S %f %z %%` and literal text; white space matches one or
    /// more of it.
    ///
    /// # Errors
    /// The text of a recipe error: what was found and what would be right.
    pub fn compile(format: &str) -> Result<Self, String> {
        let mut items: Vec<Item> = Vec::new();
        let mut chars = trim(format.as_bytes()).iter().copied();
        while let Some(byte) = chars.next() {
            let byte = match byte {
                b'%' => match chars.next() {
                    Some(b'%') => b'%',
                    Some(b'B') => {
                        items.push(Item::Part(b'b'));
                        continue;
                    }
                    Some(
                        part @ (b'Y' | b'y' | b'm' | b'b' | b'd' | b'j' | b'H' | b'I' | b'p' | b'M'
                        | b'S' | b'f' | b'z'),
                    ) => {
                        items.push(Item::Part(part));
                        continue;
                    }
                    Some(other) if other.is_ascii_graphic() => {
                        return Err(format!(
                            "the format `{format}` has `%{}`; known are {KNOWN}",
                            char::from(other)
                        ));
                    }
                    _ => {
                        return Err(format!(
                            "the format `{format}` has a `%` with no letter after it; known are {KNOWN}"
                        ));
                    }
                },
                b if b.is_ascii_whitespace() => {
                    if items.last() != Some(&Item::Spaces) {
                        items.push(Item::Spaces);
                    }
                    continue;
                }
                b => b,
            };
            match items.last_mut() {
                Some(Item::Literal(text)) => text.push(byte),
                _ => items.push(Item::Literal(vec![byte])),
            }
        }
        let (has_date, has_time) =
            judge(&items).map_err(|fault| format!("the format `{format}` {fault}"))?;
        Ok(Self {
            text: format.to_string(),
            items,
            has_date,
            has_time,
        })
    }

    /// The format as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether what it reads has a date in it, and whether it has a time.
    #[must_use]
    pub fn has(&self) -> (bool, bool) {
        (self.has_date, self.has_time)
    }

    /// Reads a cell, white space around it ignored. A year of two digits is 1969 to 2068, as POSIX has it;
    /// a month or day that the format does not name is the first.
    #[must_use]
    pub fn parse(&self, cell: &[u8]) -> Option<Temporal> {
        let mut at = Cursor::new(trim(cell));
        let mut parts = Parts::default();
        for item in &self.items {
            match item {
                Item::Part(letter) => read(*letter, &mut at, &mut parts)?,
                Item::Literal(text) => at.literal(text).then_some(())?,
                Item::Spaces => at.spaces().then_some(())?,
            }
        }
        if !at.at_end() {
            return None;
        }
        let days = if self.has_date {
            Some(parts.days()?)
        } else {
            None
        };
        let time = if self.has_time {
            Some(parts.time()?)
        } else {
            None
        };
        match (days, time) {
            (Some(days), Some(time)) => moment(days, time, parts.offset),
            (Some(days), None) => Some(Temporal::Date(days)),
            (None, Some(time)) => Some(Temporal::Time(time)),
            (None, None) => None,
        }
    }
}

/// Whether the parts make a date, and whether they make a time; else what is wrong with them.
fn judge(items: &[Item]) -> Result<(bool, bool), &'static str> {
    let count = |letter: u8| {
        items
            .iter()
            .filter(|item| **item == Item::Part(letter))
            .count()
    };
    let has = |letter: u8| count(letter) > 0;
    let date = has(b'Y') || has(b'y');
    let time = has(b'H') || has(b'I');
    if b"YymbdjHIpMSfz".iter().any(|letter| count(*letter) > 1)
        || has(b'Y') && has(b'y')
        || has(b'm') && has(b'b')
        || has(b'H') && has(b'I')
        || has(b'j') && (has(b'm') || has(b'b') || has(b'd'))
    {
        return Err("names a part twice");
    }
    if !date && (has(b'm') || has(b'b') || has(b'd') || has(b'j')) {
        return Err("has no year: add %Y or %y");
    }
    if has(b'd') && !has(b'm') && !has(b'b') {
        return Err("has a day without its month: add %m or %b");
    }
    if has(b'H') && has(b'p') {
        return Err("has %p beside %H: the hour of a clock with AM and PM is %I");
    }
    if has(b'I') != has(b'p') {
        return Err("has only one of %I and %p: they need each other");
    }
    if has(b'M') && !time || has(b'S') && !has(b'M') || has(b'f') && !has(b'S') {
        return Err("skips a part of the time: %H or %I, then %M, then %S, then %f");
    }
    if has(b'z') && !(date && time) {
        return Err("has %z, which needs a date and a time");
    }
    if !date && !time {
        return Err("has neither a year nor an hour");
    }
    Ok((date, time))
}

fn read(letter: u8, at: &mut Cursor, parts: &mut Parts) -> Option<()> {
    match letter {
        b'Y' => parts.year = Some(at.number(4, 4)?),
        b'y' => {
            let year = at.number(2, 2)?;
            parts.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
        }
        b'm' => parts.month = Some(at.number(1, 2)?),
        b'b' => parts.month = Some(at.month_name()?),
        b'd' => parts.day = Some(at.number(1, 2)?),
        b'j' => parts.day_of_year = Some(at.number(1, 3)?),
        b'H' | b'I' => parts.hour = at.number(1, 2)?,
        b'p' => parts.pm = Some(at.meridiem()?),
        b'M' => parts.minute = at.number(1, 2)?,
        b'S' => parts.second = at.number(1, 2)?,
        b'f' => parts.micros = at.microseconds()?,
        b'z' => parts.offset = Some(at.offset()?),
        _ => return None,
    }
    Some(())
}

impl Parts {
    fn days(&self) -> Option<i32> {
        let year = self.year?;
        if let Some(n) = self.day_of_year {
            let first = days_from_civil(year, 1, 1)?;
            return (1..=365 + u32::from(is_leap(year)))
                .contains(&n)
                .then_some(first + n as i32 - 1);
        }
        days_from_civil(year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    fn time(&self) -> Option<i64> {
        let hour = match self.pm {
            Some(pm) => hour_of_12(self.hour, pm)?,
            None => self.hour,
        };
        micros_of_day(hour, self.minute, self.second, self.micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(format: &str, cell: &str, expect: &str) {
        let mut out = Vec::new();
        if let Some(value) = Format::compile(format).unwrap().parse(cell.as_bytes()) {
            value.write(&mut out);
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            expect,
            "{format} on {cell:?}"
        );
    }

    #[test]
    fn each_part() {
        for (format, cell, expect) in [
            ("%d/%m/%Y", "05/03/2024", "2024-03-05"),
            ("%d/%m/%Y", " 5/3/2024 ", "2024-03-05"),
            ("%m/%d/%Y", "03/05/2024", "2024-03-05"),
            ("%Y%m%d", "20240305", "2024-03-05"),
            ("%y-%m-%d", "68-01-01", "2068-01-01"),
            ("%y-%m-%d", "69-01-01", "1969-01-01"),
            ("%d %b %Y", "5  mar 2024", "2024-03-05"),
            ("%B %d, %Y", "March 5, 2024", "2024-03-05"),
            ("%b %d, %Y", "March 5, 2024", "2024-03-05"),
            ("%Y.%j", "2024.366", "2024-12-31"),
            ("%Y.%j", "2023.365", "2023-12-31"),
            ("%Y.%j", "2023.366", ""),
            ("%Y.%j", "2023.0", ""),
            ("%Y-%m", "2024-03", "2024-03-01"),
            ("%Y", "2024", "2024-01-01"),
            ("%H:%M", "14:03", "14:03:00"),
            ("%Hh%M", "14h03", "14:03:00"),
            ("%H%M%S", "140359", "14:03:59"),
            ("%I:%M %p", "12:03 am", "00:03:00"),
            ("%I:%M%p", "1:03PM", "13:03:00"),
            ("%I %p", "0 PM", ""),
            ("%H:%M:%S.%f", "1:2:3.25", "01:02:03.250"),
            ("%H:%M:%S,%f", "1:2:3,1234567", "01:02:03.123456"),
            ("%d/%m/%Y %H:%M", "05/03/2024 14:03", "2024-03-05T14:03:00"),
            (
                "%d/%b/%Y:%H:%M:%S %z",
                "10/Oct/2000:13:55:36 -0700",
                "2000-10-10T20:55:36Z",
            ),
            ("%Y年%m月%d日", "2024年3月5日", "2024-03-05"),
            ("100%% %Y", "100% 2024", "2024-01-01"),
            (" %Y\t%m ", "2024 \t 3", "2024-03-01"),
        ] {
            check(format, cell, expect);
        }
    }

    #[test]
    fn what_does_not_fit_is_none() {
        for (format, cell) in [
            ("%d/%m/%Y", "31/02/2024"),
            ("%d/%m/%Y", "1/1/24"),
            ("%d/%m/%Y", "1-1-2024"),
            ("%d/%m/%Y", "1/1/2024 x"),
            ("%d/%m/%Y", "1/1/20240"),
            ("%d/%m/%Y", ""),
            ("%d %m %Y", "112024"),
            ("%H:%M", "24:00"),
            ("%H:%M", "12:60"),
            ("%Y", "0000"),
            ("%Y-%m-%d %H:%M %z", "2024-01-01 00:00"),
            ("%b %Y", "Mars 2024"),
        ] {
            check(format, cell, "");
        }
    }

    #[test]
    fn a_format_that_could_never_fit_is_refused_with_the_reason() {
        for (format, reason) in [
            ("", "neither a year nor an hour"),
            ("abc", "neither a year nor an hour"),
            ("%Q", "has `%Q`"),
            ("%Y %", "no letter after it"),
            ("%Y %é", "no letter after it"),
            ("%Y %Y", "twice"),
            ("%Y %y", "twice"),
            ("%Y %m %B", "twice"),
            ("%Y %m %j", "twice"),
            ("%d/%m", "no year"),
            ("%Y %d", "without its month"),
            ("%H:%M %p", "%I"),
            ("%I:%M", "need each other"),
            ("%Y %p", "need each other"),
            ("%M:%S", "skips"),
            ("%H:%S", "skips"),
            ("%H:%M.%f", "skips"),
            ("%Y %z", "needs a date and a time"),
        ] {
            let error = Format::compile(format).unwrap_err();
            assert!(
                error.contains(reason) && error.contains(&format!("`{format}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn it_says_what_it_reads() {
        for (format, has) in [
            ("%Y", (true, false)),
            ("%H", (false, true)),
            ("%Y %H", (true, true)),
        ] {
            let format = Format::compile(format).unwrap();
            assert_eq!(format.has(), has);
            assert_eq!(Format::compile(format.as_str()).unwrap(), format);
        }
    }

    proptest! {
        #[test]
        fn no_format_and_no_bytes_make_it_panic(format in "(%[YymbBdjHIpMSfz%]|[ -/]){0,8}", any: String, cell: Vec<u8>) {
            let _ = Format::compile(&any);
            if let Ok(format) = Format::compile(&format) {
                let _ = format.parse(&cell);
            }
        }

        #[test]
        fn digits_do_not_make_it_panic(format in "(%[YymbdjHIpMSfz]|[ -/]){0,8}", cell in "[-+ 0-9:.Z]{0,30}") {
            if let Ok(format) = Format::compile(&format) {
                let _ = format.parse(cell.as_bytes());
            }
        }
    }
}
