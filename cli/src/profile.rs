//! The profile as a table for people. The report has every digit; the table has those that are
//! read, and says so where it leaves something out.

use tidemill_core::report::{ColumnFigures, ColumnReport, Details, Figure, Report};
use tidemill_core::value::Type;

use crate::summary;
use crate::table::{self, Column, Look};
use crate::text::{bytes, count, fit, shown, width, wrap};

/// Below this a table is hard to read, and each column becomes a list.
const NARROW: usize = 50;
/// How many digits of a number that is not exact by nature.
const DIGITS: usize = 6;
/// How many of the most frequent values a list shows.
const TOP: usize = 5;

pub fn table(report: &Report, all: bool, most: usize, colour: bool) -> String {
    let look = Look {
        width: Some(most),
        colour,
    };
    let mut lines = head(report, look);
    lines.push(String::new());
    let grid = if all || most < NARROW {
        None
    } else {
        table::grid(&columns(report), look)
    };
    match grid {
        Some((rows, hidden)) => {
            lines.extend(rows);
            if !hidden.is_empty() {
                let note = format!("not shown at this width: {}", hidden.join(", "));
                lines.extend(wrap(&note, most, 2).iter().map(|line| look.faint(line)));
            }
        }
        None => {
            for column in &report.columns {
                lines.extend(
                    wrap(&shown(&column.name), most.max(2), 0)
                        .iter()
                        .map(|line| look.title(line)),
                );
                lines.extend(table::list(&entries(report, &column.figures, all), look));
                lines.push(String::new());
            }
            lines.pop();
        }
    }
    lines.push(String::new());
    let warnings = warnings(report);
    if !warnings.is_empty() {
        lines.push(look.title("warnings"));
        for warning in warnings {
            lines.extend(
                wrap(&warning, most.saturating_sub(2).max(2), 2)
                    .iter()
                    .map(|line| {
                        if most > 20 {
                            format!("  {line}")
                        } else {
                            line.clone()
                        }
                    }),
            );
        }
        lines.push(String::new());
    }
    for line in summary::accounts(report) {
        lines.extend(wrap(&line, most.max(2), 2));
    }
    let mut out = lines.join("\n");
    out.push('\n');
    out
}

pub fn markdown(report: &Report) -> String {
    let mut out = format!(
        "{}\n\n{}",
        facts(report).join(", "),
        table::markdown(&columns(report))
    );
    let warnings = warnings(report);
    if !warnings.is_empty() {
        out.push('\n');
        for warning in warnings {
            out.push_str(&format!("- {}\n", warning.replace('<', "&lt;")));
        }
    }
    out.push_str(&format!("\n{}\n", summary::accounts(report).join("\n")));
    out
}

pub fn facts(report: &Report) -> Vec<String> {
    let delimiter = match report.input.dialect.delimiter.as_str() {
        "," => "comma".to_string(),
        "\t" => "tab".to_string(),
        ";" => "semicolon".to_string(),
        "|" => "pipe".to_string(),
        other => format!("delimiter {}", shown(other)),
    };
    vec![
        report
            .input
            .files
            .iter()
            .map(|file| shown(file))
            .collect::<Vec<_>>()
            .join(" "),
        count(report.rows.input, "row", "rows"),
        count(report.columns.len() as u64, "column", "columns"),
        bytes(report.input.bytes),
        delimiter,
        report.input.encoding.clone(),
    ]
}

fn head(report: &Report, look: Look) -> Vec<String> {
    let mut facts = facts(report);
    let name = facts.remove(0);
    let rest = facts.join(", ");
    if width(&name) + 2 + width(&rest) <= look.most() {
        return vec![format!("{}  {}", look.title(&name), look.faint(&rest))];
    }
    let most = look.most().max(2);
    let mut lines: Vec<String> = wrap(&name, most, 0)
        .iter()
        .map(|line| look.title(line))
        .collect();
    lines.extend(wrap(&rest, most, 0).iter().map(|line| look.faint(line)));
    lines
}

fn columns(report: &Report) -> Vec<Column> {
    let each = |of: &dyn Fn(&ColumnFigures) -> String| -> Vec<String> {
        report
            .columns
            .iter()
            .map(|column| of(&column.figures))
            .collect()
    };
    let names = report
        .columns
        .iter()
        .map(|column| shown(&column.name))
        .collect();
    let mut columns = vec![
        Column::new("column", names).narrow(16, 32),
        Column::new("type", each(&kind)),
        Column::new("count", each(&|figures| number(figures.count)))
            .right()
            .rank(6),
        Column::new("missing", missing(report)).right().rank(1),
        Column::new("distinct", each(&distinct)).right().rank(2),
        Column::new("min", each(&|figures| end(figures, &figures.min)))
            .right()
            .narrow(10, 19)
            .rank(3),
        Column::new("median", each(&|figures| median(figures, short)))
            .right()
            .narrow(10, 19)
            .rank(7),
        Column::new("max", each(&|figures| end(figures, &figures.max)))
            .right()
            .narrow(10, 19)
            .rank(3),
        Column::new("mean", each(&|figures| rounded(&figures.mean)))
            .right()
            .rank(4),
        Column::new("std", each(&|figures| rounded(&figures.std)))
            .right()
            .rank(8),
        Column::new("top value", each(&top)).narrow(14, 28).rank(5),
        Column::new("histogram", each(&sparkline)).rank(9),
    ];
    // A figure that no column has would be an empty column.
    columns.retain(|column| column.rank == 0 || column.cells.iter().any(|cell| !cell.is_empty()));
    columns
}

/// Bars of eight heights; an empty bin has none.
fn sparkline(figures: &ColumnFigures) -> String {
    let Some(histogram) = &figures.histogram else {
        return String::new();
    };
    let most = histogram.counts.iter().max().copied().unwrap_or(0).max(1);
    histogram
        .counts
        .iter()
        .map(|count| match u128::from(*count) * 8 / u128::from(most) {
            _ if *count == 0 => ' ',
            eighths => "▁▂▃▄▅▆▇█"
                .chars()
                .nth((eighths as usize).max(1) - 1)
                .unwrap_or(' '),
        })
        .collect()
}

fn number(value: Option<u64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn kind(figures: &ColumnFigures) -> String {
    figures.ty.map(|ty| ty.to_string()).unwrap_or_default()
}

fn cells(figures: &ColumnFigures) -> u64 {
    [
        figures.count,
        figures.missing,
        figures.nan,
        figures.infinite,
        figures.invalid,
    ]
    .into_iter()
    .flatten()
    .sum()
}

/// Counts with their share, the shares below each other.
fn missing(report: &Report) -> Vec<String> {
    let shares: Vec<Option<String>> = report
        .columns
        .iter()
        .map(|column| share(&column.figures))
        .collect();
    let wide = shares.iter().flatten().map(|share| width(share)).max();
    let each = report.columns.iter().zip(shares);
    each.map(|(column, share)| {
        let count = number(column.figures.missing);
        match (wide, share) {
            (None, _) => count,
            (Some(wide), share) => format!("{count} {:>wide$}", share.unwrap_or_default()),
        }
    })
    .collect()
}

fn share(figures: &ColumnFigures) -> Option<String> {
    let missing = figures.missing.filter(|missing| *missing > 0)?;
    let percent = missing as f64 * 100.0 / cells(figures).max(1) as f64;
    Some(match percent {
        percent if percent < 0.1 => "<0.1%".to_string(),
        // What is not all is not shown as all.
        percent if percent < 100.0 => format!("{:.1}%", percent.min(99.9)),
        _ => "100%".to_string(),
    })
}

fn distinct(figures: &ColumnFigures) -> String {
    match &figures.distinct {
        None => String::new(),
        Some(distinct) if distinct.exact => distinct.value.to_string(),
        Some(distinct) => format!("≈{}", distinct.value),
    }
}

fn median(figures: &ColumnFigures, text: fn(&Figure) -> String) -> String {
    match &figures.quantiles {
        None => String::new(),
        Some(quantiles) if quantiles.exact || quantiles.p50.is_null() => text(&quantiles.p50),
        Some(quantiles) => format!("≈{}", text(&quantiles.p50)),
    }
}

/// The most frequent value, unless each value comes once.
fn top(figures: &ColumnFigures) -> String {
    match figures.top.as_ref().and_then(|top| top.0.first()) {
        Some((value, times)) if *times > 1 => {
            let times = format!(" ×{times}");
            format!(
                "{}{times}",
                fit(
                    &shown(&value.plain()),
                    28usize.saturating_sub(width(&times))
                )
            )
        }
        _ => String::new(),
    }
}

/// A value of the column: exact unless it is very long.
fn short(figure: &Figure) -> String {
    let text = shown(&figure.plain());
    if width(&text) <= 15 || matches!(figure, Figure::Text(_) | Figure::Moment(..)) {
        text
    } else {
        rounded(figure)
    }
}

/// The least or the greatest value. Of moments on different days a table has room for the days.
fn end(figures: &ColumnFigures, figure: &Figure) -> String {
    let text = short(figure);
    let day = |figure: &Figure| figure.plain().split('T').next().map(str::to_string);
    match (figures.ty, text.split_once('T')) {
        (Some(Type::DateTime), Some((date, _))) if day(&figures.min) != day(&figures.max) => {
            date.to_string()
        }
        _ => text,
    }
}

/// A number to six digits.
fn rounded(figure: &Figure) -> String {
    let text = figure.plain();
    if text.len() <= DIGITS + 1 {
        return text;
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => six(value),
        _ => shown(&text),
    }
}

/// `12.639070257304708` as `12.6391`, and `1234567.8` as `1234568`.
fn six(value: f64) -> String {
    let scientific = format!("{value:.*e}", DIGITS - 1);
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if (-4..12).contains(&power) {
        let decimals = usize::try_from(DIGITS as i32 - 1 - power).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}"));
    }
    format!("{}e{power}", trimmed(mantissa))
}

/// The figures of one column below each other.
pub fn entries(report: &Report, figures: &ColumnFigures, all: bool) -> Vec<(String, String)> {
    let exact = |figure: &Figure| shown(&figure.plain());
    let text: &dyn Fn(&Figure) -> String = if all { &exact } else { &rounded };
    let value: &dyn Fn(&Figure) -> String = if all { &exact } else { &short };
    let missing = match (figures.missing, share(figures)) {
        (Some(missing), Some(share)) => format!("{missing} ({share})"),
        (missing, _) => number(missing),
    };
    let mut entries = vec![
        ("type", kind(figures)),
        ("count", number(figures.count)),
        ("missing", missing),
    ];
    if all {
        entries.push(("nan", number(figures.nan)));
        entries.push(("infinite", number(figures.infinite)));
        entries.push(("invalid", number(figures.invalid)));
    }
    let mut distinct = distinct(figures);
    if let (true, Some(error)) = (
        all,
        figures
            .distinct
            .as_ref()
            .and_then(|distinct| distinct.error),
    ) {
        distinct.push_str(&format!(" (standard error {:.2}%)", error * 100.0));
    }
    entries.push(("distinct", distinct));
    entries.push(("min", value(&figures.min)));
    if all && let Some(quantiles) = &figures.quantiles {
        let sign = if quantiles.exact { "" } else { "≈" };
        let null = Figure::Null;
        let more = figures.details.as_deref();
        let of = |figure: fn(&Details) -> &Figure| more.map_or(&null, figure);
        for (name, figure) in [
            ("p1", of(|details| &details.p1)),
            ("p5", of(|details| &details.p5)),
            ("p25", &quantiles.p25),
            ("median", &quantiles.p50),
            ("p75", &quantiles.p75),
            ("p95", of(|details| &details.p95)),
            ("p99", of(|details| &details.p99)),
        ] {
            let text = exact(figure);
            entries.push((
                name,
                if text.is_empty() {
                    text
                } else {
                    format!("{sign}{text}")
                },
            ));
        }
    } else {
        entries.push(("median", median(figures, short)));
    }
    entries.push(("max", value(&figures.max)));
    entries.push(("mean", text(&figures.mean)));
    entries.push(("std", text(&figures.std)));
    if all {
        let sum = figures
            .sum_exact
            .clone()
            .unwrap_or_else(|| exact(&figures.sum));
        entries.push(("sum", sum));
        if let Some(details) = &figures.details {
            entries.extend(more(details, &exact));
        }
        let top = figures
            .top
            .as_ref()
            .map(|top| top.0.as_slice())
            .unwrap_or_default();
        for (at, (value, times)) in top.iter().take(TOP).enumerate() {
            let share = *times as f64 * 100.0 / report.rows.input.max(1) as f64;
            let name = if at == 0 { "top" } else { "" };
            entries.push((
                name,
                format!("{} ×{times} ({share:.1}%)", shown(&value.plain())),
            ));
        }
    } else {
        entries.push(("top", top(figures)));
    }
    entries.push(("histogram", histogram(figures)));
    entries
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

/// The bins of a histogram with their first and last edges.
fn histogram(figures: &ColumnFigures) -> String {
    match &figures.histogram {
        Some(histogram) => match histogram.edges.as_slice() {
            [first, .., last] => format!(
                "{} {} {}",
                shown(&first.plain()),
                sparkline(figures),
                shown(&last.plain())
            ),
            _ => String::new(),
        },
        None => String::new(),
    }
}

/// The figures that only a whole profile has.
fn more(details: &Details, exact: &dyn Fn(&Figure) -> String) -> Vec<(&'static str, String)> {
    let mut entries = vec![
        ("zero", number(details.zero.filter(|zero| *zero > 0))),
        (
            "negative",
            number(details.negative.filter(|count| *count > 0)),
        ),
        ("range", exact(&details.range)),
        ("variance", exact(&details.variance)),
        ("cv", exact(&details.cv)),
        ("sem", exact(&details.sem)),
        ("geometric mean", exact(&details.geometric_mean)),
        ("harmonic mean", exact(&details.harmonic_mean)),
        ("skewness", exact(&details.skewness)),
        ("kurtosis", exact(&details.kurtosis)),
        ("mad", exact(&details.mad)),
        ("iqr", exact(&details.iqr)),
    ];
    if let Some(fences) = &details.fences {
        let sign = if fences.exact { "" } else { "≈" };
        let (low, high) = (exact(&fences.low), exact(&fences.high));
        entries.push(("fences", format!("{sign}{low} to {sign}{high}")));
        entries.push(("outside", format!("{sign}{}", fences.outside)));
    }
    entries.push(("mode", exact(&details.mode)));
    entries.push(("antimode", exact(&details.antimode)));
    if let Some(lengths) = &details.lengths {
        entries.push((
            "length",
            format!(
                "{} to {}, mean {}",
                lengths.min,
                lengths.max,
                exact(&lengths.mean)
            ),
        ));
    }
    entries.push((
        "not ASCII",
        number(details.non_ascii.filter(|count| *count > 0)),
    ));
    entries.push(("order", details.order.clone().unwrap_or_default()));
    if details.unique == Some(true) {
        entries.push(("unique", "yes".to_string()));
    }
    if let Some(gaps) = details.gaps.as_ref().filter(|gaps| gaps.days > 0) {
        let (after, before) = (exact(&gaps.after), exact(&gaps.before));
        entries.push((
            "days missing",
            format!(
                "{}, at most {} between {after} and {before}",
                gaps.days, gaps.longest
            ),
        ));
    }
    if !details.missing_words.is_empty() {
        let words = details.missing_words.iter();
        let words: Vec<String> = words
            .map(|(word, count)| format!("{} ×{count}", shown(word)))
            .collect();
        entries.push(("missing words", words.join(", ")));
    }
    entries.push(("looks like", details.hints.join(", ")));
    entries
}

pub fn warnings(report: &Report) -> Vec<String> {
    let of = |column: &ColumnReport| -> Vec<String> {
        let name = shown(&column.name);
        column
            .figures
            .warnings
            .iter()
            // The figures themselves say that they are estimates.
            .filter(|warning| warning.kind != "sketched")
            .map(|warning| {
                let text = shown(&warning.text);
                // Most texts say the count themselves.
                let counted = warning.count == 0 || text.contains(&warning.count.to_string());
                let first = match warning.record {
                    Some(record) if !text.contains("record ") => {
                        format!("; first in record {record}")
                    }
                    _ => String::new(),
                };
                if counted {
                    format!("{name}: {text}{first}")
                } else {
                    format!("{name}: {text} ({}{first})", warning.count)
                }
            })
            .collect()
    };
    summary::rejected(report)
        .into_iter()
        .chain(report.columns.iter().flat_map(of))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_to_six_digits() {
        let cases = [
            (12.639070257304708, "12.6391"),
            (1_234_567.8, "1234568"),
            (0.000123456789, "0.000123457"),
            (1e-7, "1e-7"),
            (1.5e20, "1.5e20"),
            (-0.1, "-0.1"),
            (999_999.99, "1000000"),
            (100.0, "100"),
        ];
        for (value, want) in cases {
            assert_eq!(six(value), want);
        }
    }
}
