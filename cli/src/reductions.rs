//! Reductions as tables and as CSV. They are results, so their numbers are shown whole: a table
//! that is too wide is narrowed in its texts, and else becomes a list.

use std::io::IsTerminal;

use tidemill_core::Fault;
use tidemill_core::report::{Figure, Report, Table};
use tidemill_core::sink::{Sink, Tables};
use tidemill_io::StdoutSink;

use crate::table::{self, Column, Look};
use crate::text::{self, shown, wrap};

/// The width for tables: the screen's, or none where they go to a file or another program.
pub fn width() -> Option<usize> {
    let stated = std::env::var_os("COLUMNS").is_some();
    (stated || std::io::stdout().is_terminal())
        .then(text::screen)
        .flatten()
}

/// All reductions of a run.
pub fn tables(report: &Report, width: Option<usize>, colour: bool) -> String {
    let look = Look { width, colour };
    let mut out = String::new();
    for (at, (name, reduction)) in report.reductions.iter().enumerate() {
        if report.reductions.len() > 1 {
            if at > 0 {
                out.push('\n');
            }
            for line in wrap(&shown(name), look.most().max(2), 0) {
                out.push_str(&format!("{}\n", look.title(&line)));
            }
        }
        for line in one(reduction, look) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn one(reduction: &Table, look: Look) -> Vec<String> {
    let columns: Vec<Column> = reduction
        .columns
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let figures = || reduction.rows.iter().filter_map(|row| row.get(at));
            let texts = figures().any(|figure| matches!(figure, Figure::Text(_)));
            let cells = figures().map(|figure| shown(&figure.plain())).collect();
            let column = Column::new(shown(title), cells);
            if texts {
                column.narrow(8, 60)
            } else {
                column.right()
            }
        })
        .collect();
    match table::grid(&columns, look) {
        Some((lines, _)) => lines,
        None => {
            let mut lines = Vec::new();
            for row in 0..reduction.rows.len() {
                if row > 0 {
                    lines.push(String::new());
                }
                let entries: Vec<(String, String)> = columns
                    .iter()
                    .map(|column| (column.title.clone(), column.cells[row].clone()))
                    .collect();
                lines.extend(table::list(&entries, look));
            }
            lines
        }
    }
}

/// The one reduction of `reduce` as a CSV file on standard output, written as it comes.
pub struct Csv {
    out: StdoutSink,
    text: String,
}

/// Written at once.
const BATCH: usize = 64 << 10;

impl Csv {
    pub fn new() -> Result<Csv, Fault> {
        Ok(Csv {
            out: StdoutSink::new()?,
            text: String::new(),
        })
    }

    fn write(&mut self) -> Result<(), Fault> {
        self.out.write(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), Fault> {
        self.write()?;
        self.out.finish()
    }
}

impl Tables for Csv {
    fn columns(&mut self, _: &str, columns: &[String]) -> Result<(), Fault> {
        line(&mut self.text, columns.iter().cloned());
        Ok(())
    }

    fn row(&mut self, row: Vec<Figure>) -> Result<(), Fault> {
        let fields = row.iter().map(|figure| match figure {
            // A program that reads the file wants a number.
            Figure::Estimate(value, _) => value.to_string(),
            Figure::Approximate(value, _) => Figure::Float(*value).plain(),
            other => other.plain(),
        });
        line(&mut self.text, fields);
        if self.text.len() >= BATCH {
            self.write()?;
        }
        Ok(())
    }
}

fn line(out: &mut String, fields: impl ExactSizeIterator<Item = String>) {
    let alone = fields.len() == 1;
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.push(',');
        }
        // An empty line would be read as no record.
        if field.contains([',', '"', '\n', '\r']) || (alone && field.is_empty()) {
            out.push_str(&format!("\"{}\"", field.replace('"', "\"\"")));
        } else {
            out.push_str(&field);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let mut out = String::new();
        line(
            &mut out,
            ["a,b".to_string(), "c\"d".to_string(), String::new()].into_iter(),
        );
        line(&mut out, [String::new()].into_iter());
        assert_eq!(out, "\"a,b\",\"c\"\"d\",\n\"\"\n");
    }
}
