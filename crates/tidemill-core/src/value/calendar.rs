//! The calendar: day numbers, times of day, and both as ISO 8601.
//!
//! A date is days since 1970-01-01, a time microseconds of its day, a moment microseconds since
//! 1970-01-01T00:00:00, in the proleptic Gregorian calendar of years 1 to 9999. The decision that shaped
//! it: moments are integers, so they compare, add up and round the same everywhere, and no zone's rules are
//! needed: an offset is taken off once, on reading.
//!
//! Day numbers: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
//! <https://howardhinnant.github.io/date_algorithms.html>.

pub const MICROS_PER_SECOND: i64 = 1_000_000;
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// 0001-01-01 and 9999-12-31.
pub const FIRST_DAY: i32 = -719_162;
pub const LAST_DAY: i32 = 2_932_896;

/// What a cell of a date, time or datetime column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Temporal {
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01T00:00:00, and whether that is UTC or the unnamed local time of the file.
    DateTime { micros: i64, utc: bool },
}

impl Temporal {
    /// Writes it as ISO 8601.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Date(days) => write_date(days, out),
            Self::Time(micros) => write_time(micros, out),
            Self::DateTime { micros, utc } => write_datetime(micros, utc, out),
        }
    }

    /// As a moment: a date is its midnight; a time alone is none.
    #[must_use]
    pub fn as_datetime(self) -> Option<(i64, bool)> {
        match self {
            Self::Date(days) => Some((i64::from(days) * MICROS_PER_DAY, false)),
            Self::Time(_) => None,
            Self::DateTime { micros, utc } => Some((micros, utc)),
        }
    }
}

/// The day number of a date of the calendar, or none if there is no such day in years 1 to 9999.
#[must_use]
pub fn days_from_civil(year: u32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || day < 1
        || day > days_in_month(year, month)
    {
        return None;
    }
    // The year starts in March, so that the leap day is the last of it and a month's start is a straight
    // line.
    let y = if month <= 2 { year - 1 } else { year };
    let m = (month + 9) % 12;
    let (era, y) = (y / 400, y % 400);
    let day_of_year = (153 * m + 2) / 5 + day - 1;
    let day_of_era = y * 365 + y / 4 - y / 100 + day_of_year;
    Some((era * 146_097 + day_of_era) as i32 - 719_468)
}

/// Year, month and day of a day number.
#[must_use]
pub fn civil_from_days(days: i32) -> (i64, u32, u32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let y = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * y + y / 4 - y / 100);
    let m = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * m + 2) / 5 + 1) as u32;
    let month = (if m < 10 { m + 3 } else { m - 9 }) as u32;
    (y + era * 400 + i64::from(month <= 2), month, day)
}

pub(super) fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Microseconds of the day, or none if a clock never shows it. A leap second is not one: no day here has
/// 86,401 seconds.
pub(super) fn micros_of_day(hour: u32, minute: u32, second: u32, micros: u32) -> Option<i64> {
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(i64::from(hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND + i64::from(micros))
}

/// The moment of a day and a time; with an offset (minutes east) it is moved to UTC and must stay within
/// the calendar.
pub(super) fn moment(days: i32, time: i64, offset: Option<i32>) -> Option<Temporal> {
    let micros = i64::from(days) * MICROS_PER_DAY + time
        - i64::from(offset.unwrap_or(0)) * 60 * MICROS_PER_SECOND;
    let day = micros.div_euclid(MICROS_PER_DAY);
    (i64::from(FIRST_DAY)..=i64::from(LAST_DAY))
        .contains(&day)
        .then_some(Temporal::DateTime {
            micros,
            utc: offset.is_some(),
        })
}

pub(super) fn hour_of_12(hour: u32, pm: bool) -> Option<u32> {
    (1..=12)
        .contains(&hour)
        .then_some(hour % 12 + if pm { 12 } else { 0 })
}

/// Writes `2024-03-05`. A year outside 0 to 9999 gets a sign, as ISO 8601 has it.
pub fn write_date(days: i32, out: &mut Vec<u8>) {
    let (year, month, day) = civil_from_days(days);
    if !(0..=9999).contains(&year) {
        out.push(if year < 0 { b'-' } else { b'+' });
    }
    let year = year.unsigned_abs();
    if year > 9999 {
        let mut above = year / 10_000;
        let start = out.len();
        while above > 0 {
            out.insert(start, b'0' + (above % 10) as u8);
            above /= 10;
        }
    }
    pair((year / 100 % 100) as u32, out);
    pair((year % 100) as u32, out);
    out.push(b'-');
    pair(month, out);
    out.push(b'-');
    pair(day, out);
}

/// Writes `14:03:00`, and a fraction only if there is one: three digits, or six where three do not hold it.
/// Readers that take only those two lengths (Python before 3.11, ECMAScript) read both.
pub fn write_time(micros: i64, out: &mut Vec<u8>) {
    let micros = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (
        (micros / MICROS_PER_SECOND) as u32,
        (micros % MICROS_PER_SECOND) as u32,
    );
    pair(seconds / 3600, out);
    out.push(b':');
    pair(seconds / 60 % 60, out);
    out.push(b':');
    pair(seconds % 60, out);
    if fraction != 0 {
        let (mut unit, least) = (
            100_000,
            if fraction.is_multiple_of(1000) {
                1000
            } else {
                1
            },
        );
        out.push(b'.');
        while unit >= least {
            out.push(b'0' + (fraction / unit % 10) as u8);
            unit /= 10;
        }
    }
}

/// Writes `2024-03-05T14:03:00`, with `Z` if it is UTC.
pub fn write_datetime(micros: i64, utc: bool, out: &mut Vec<u8>) {
    // A day of an i64 of microseconds has nine digits at most, so it is an i32.
    write_date(micros.div_euclid(MICROS_PER_DAY) as i32, out);
    out.push(b'T');
    write_time(micros, out);
    if utc {
        out.push(b'Z');
    }
}

fn pair(n: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8]);
}

#[cfg(test)]
mod tests {
    use super::super::date::parse_default;
    use super::*;
    use proptest::prelude::*;

    fn iso(value: Temporal) -> String {
        let mut out = Vec::new();
        value.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    /// A calendar that only counts: each day is the one after the last.
    #[test]
    fn every_day_of_the_calendar() {
        let mut days = FIRST_DAY;
        let mut out = Vec::new();
        for year in 1u32..=9999 {
            let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
            let lengths = [
                31,
                if leap { 29 } else { 28 },
                31,
                30,
                31,
                30,
                31,
                31,
                30,
                31,
                30,
                31,
            ];
            for (month, length) in (1u32..).zip(lengths) {
                for day in 1..=length {
                    assert_eq!(days_from_civil(year, month, day), Some(days));
                    assert_eq!(civil_from_days(days), (i64::from(year), month, day));
                    if day == 1 || day == length {
                        let text = format!("{year:04}-{month:02}-{day:02}");
                        out.clear();
                        write_date(days, &mut out);
                        assert_eq!(out, text.as_bytes());
                        assert_eq!(parse_default(text.as_bytes()), Some(Temporal::Date(days)));
                    }
                    days += 1;
                }
                assert_eq!(days_from_civil(year, month, length + 1), None);
                assert_eq!(days_from_civil(year, month, 0), None);
            }
        }
        assert_eq!(days, LAST_DAY + 1);
        assert_eq!(days_from_civil(1970, 1, 1), Some(0));
        for (year, month) in [(0, 1), (10_000, 1), (2024, 0), (2024, 13)] {
            assert_eq!(days_from_civil(year, month, 1), None);
        }
    }

    #[test]
    fn years_beyond_four_digits_are_written_with_a_sign() {
        let leap_cycles = 146_097 * 25;
        for (days, expect) in [
            (LAST_DAY + 1, "+10000-01-01"),
            (FIRST_DAY - 1, "0000-12-31"),
            (FIRST_DAY - 366, "0000-01-01"),
            (FIRST_DAY - 367, "-0001-12-31"),
            (leap_cycles * 10, "+101970-01-01"),
        ] {
            assert_eq!(iso(Temporal::Date(days)), expect);
        }
        for days in [i32::MIN, i32::MAX] {
            iso(Temporal::Date(days));
        }
        for micros in [i64::MIN, i64::MAX] {
            iso(Temporal::DateTime { micros, utc: true });
            iso(Temporal::Time(micros));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            micros in i64::from(FIRST_DAY) * MICROS_PER_DAY..(i64::from(LAST_DAY) + 1) * MICROS_PER_DAY, utc: bool
        ) {
            let days = micros.div_euclid(MICROS_PER_DAY) as i32;
            for value in [
                Temporal::DateTime { micros, utc },
                Temporal::DateTime { micros: micros - micros.rem_euclid(1000), utc },
                Temporal::Date(days),
                Temporal::Time(micros.rem_euclid(MICROS_PER_DAY)),
            ] {
                prop_assert_eq!(parse_default(iso(value).as_bytes()), Some(value));
            }
        }
    }
}
