//! Spans of time as keys of groups: `by = ["month(order_date)"]`. A moment becomes the number of its
//! span, so that spans sort as time does, and the number is written as ISO 8601 writes the span.

use crate::value::calendar::{civil_from_days, days_from_civil};
use crate::value::class::Type;
use crate::value::date::MICROS_PER_DAY;

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
}

impl Bucket {
    pub const ALL: [(&'static str, Bucket); 6] = [
        ("year", Bucket::Year),
        ("quarter", Bucket::Quarter),
        ("month", Bucket::Month),
        ("week", Bucket::Week),
        ("day", Bucket::Day),
        ("hour", Bucket::Hour),
    ];

    pub fn of_word(word: &str) -> Option<Bucket> {
        let found = Bucket::ALL.iter().find(|(known, _)| *known == word);
        found.map(|(_, bucket)| *bucket)
    }

    /// The types that have such spans.
    pub fn is_of(self, ty: Type) -> bool {
        match self {
            Bucket::Hour => ty == Type::DateTime,
            _ => matches!(ty, Type::Date | Type::DateTime),
        }
    }

    /// The number of the span of a value: days of a date, microseconds of a moment.
    pub fn number(self, value: i64, ty: Type) -> i64 {
        let (days, within) = match ty {
            Type::DateTime => (
                value.div_euclid(MICROS_PER_DAY),
                value.rem_euclid(MICROS_PER_DAY),
            ),
            _ => (value, 0),
        };
        let (year, month, _) = civil_from_days(days as i32);
        match self {
            Bucket::Year => year,
            Bucket::Quarter => year * 4 + i64::from(month - 1) / 3,
            Bucket::Month => year * 12 + i64::from(month) - 1,
            // Day 0 was a Thursday: weeks begin on Mondays.
            Bucket::Week => (days + 3).div_euclid(7),
            Bucket::Day => days,
            Bucket::Hour => days * 24 + within / (MICROS_PER_DAY / 24),
        }
    }

    /// The span of a number: `2024`, `2024-Q1`, `2024-03`, `2024-W10`, `2024-03-05`, `2024-03-05T14`.
    pub fn text(self, number: i64) -> String {
        let date = |days: i64| {
            let (year, month, day) = civil_from_days(days as i32);
            format!("{year:04}-{month:02}-{day:02}")
        };
        match self {
            Bucket::Year => format!("{number:04}"),
            Bucket::Quarter => format!("{:04}-Q{}", number.div_euclid(4), number.rem_euclid(4) + 1),
            Bucket::Month => format!(
                "{:04}-{:02}",
                number.div_euclid(12),
                number.rem_euclid(12) + 1
            ),
            Bucket::Week => {
                // A week belongs to the year of its Thursday, and the first of January is in the first
                // week whose Thursday is of the year.
                let thursday = number * 7;
                let (year, ..) = civil_from_days(thursday as i32);
                let first = u32::try_from(year)
                    .ok()
                    .and_then(|year| days_from_civil(year, 1, 1))
                    .map_or(thursday, i64::from);
                format!("{year:04}-W{:02}", (thursday - first) / 7 + 1)
            }
            Bucket::Day => date(number),
            Bucket::Hour => format!(
                "{}T{:02}",
                date(number.div_euclid(24)),
                number.rem_euclid(24)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(year: u32, month: u32, day: u32, bucket: Bucket, text: &str) {
        let days = i64::from(days_from_civil(year, month, day).unwrap());
        assert_eq!(bucket.text(bucket.number(days, Type::Date)), text);
        let last = (days + 1) * MICROS_PER_DAY - 1;
        let hour = if bucket == Bucket::Hour { "T23" } else { "" };
        let text = format!("{}{hour}", text.trim_end_matches("T00"));
        assert_eq!(bucket.text(bucket.number(last, Type::DateTime)), text);
    }

    #[test]
    fn spans_are_written_as_iso_8601_has_them() {
        check(2024, 3, 5, Bucket::Year, "2024");
        check(2024, 3, 31, Bucket::Quarter, "2024-Q1");
        check(2024, 10, 1, Bucket::Quarter, "2024-Q4");
        check(2024, 12, 31, Bucket::Month, "2024-12");
        check(2024, 3, 5, Bucket::Day, "2024-03-05");
        check(1969, 12, 31, Bucket::Hour, "1969-12-31T00");
        // The examples of ISO 8601: the first week has the first Thursday.
        check(2008, 12, 29, Bucket::Week, "2009-W01");
        check(2010, 1, 3, Bucket::Week, "2009-W53");
        check(2024, 1, 1, Bucket::Week, "2024-W01");
        check(1970, 1, 1, Bucket::Week, "1970-W01");
    }
}
