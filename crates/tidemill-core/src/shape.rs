//! What becomes of a reduction's groups once they are figures: sorted, cut off behind so many, and
//! spread over columns.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::error::{Fault, FaultKind};
use crate::number::round::power_of_ten;
use crate::number::sum::Exact;
use crate::reduction::ReductionPlan;
use crate::report::{Figure, Table};
use crate::sink::Tables;

/// The most columns that a pivot makes of one column's values.
const MOST_COLUMNS: usize = 1000;

/// How a table of groups is shaped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// Columns to sort by, and whether from the greatest down. Where they are equal, or there are none,
    /// groups stand in the order of their keys.
    pub sort: Vec<(usize, bool)>,
    pub limit: Option<usize>,
    /// The key whose values become columns, and how many keys there are.
    pub pivot: Option<(usize, usize)>,
}

/// Takes the rows of a reduction, sorted by key, and shapes them. It holds no more of them than it
/// must: none where the host takes them as they are, as many as the limit where they are sorted.
pub struct Shaper<'a> {
    name: &'a str,
    shape: &'a Shape,
    table: Table,
    tables: Option<&'a mut dyn Tables>,
    /// Rows that were cut off, of those that were taken.
    left_out: u64,
    /// Rows that the host took.
    given: usize,
}

/// Rows beyond the limit that are sorted and cut off together.
const SLACK: usize = 4096;

impl<'a> Shaper<'a> {
    pub fn new(
        reduction: &'a ReductionPlan,
        tables: Option<&'a mut dyn Tables>,
    ) -> Result<Shaper<'a>, Fault> {
        let mut shaper = Shaper::of(&reduction.name, &reduction.shape, &reduction.columns);
        shaper.tables = tables;
        if shaper.passes()
            && let Some(tables) = &mut shaper.tables
        {
            tables.columns(&reduction.name, &reduction.columns)?;
        }
        Ok(shaper)
    }

    fn of(name: &'a str, shape: &'a Shape, columns: &[String]) -> Shaper<'a> {
        Shaper {
            name,
            shape,
            table: Table {
                columns: columns.to_vec(),
                rows: Vec::new(),
                left_out: 0,
            },
            tables: None,
            left_out: 0,
            given: 0,
        }
    }

    /// Whether rows go out as they come in.
    fn passes(&self) -> bool {
        self.tables.is_some() && self.shape.sort.is_empty() && self.shape.pivot.is_none()
    }

    pub fn take(&mut self, row: Vec<Figure>) -> Result<(), Fault> {
        let limit = self.shape.limit.filter(|_| self.shape.pivot.is_none());
        if self.shape.sort.is_empty()
            && limit.is_some_and(|limit| self.given + self.table.rows.len() >= limit)
        {
            self.left_out += 1;
            return Ok(());
        }
        if self.passes()
            && let Some(tables) = &mut self.tables
        {
            self.given += 1;
            return tables.row(row);
        }
        self.table.rows.push(row);
        if let Some(limit) = limit
            && self.table.rows.len() >= limit.saturating_mul(2).saturating_add(SLACK)
        {
            self.cut(limit);
        }
        Ok(())
    }

    fn cut(&mut self, limit: usize) {
        sort(&mut self.table.rows, &self.shape.sort);
        self.left_out += self.table.rows.len().saturating_sub(limit) as u64;
        self.table.rows.truncate(limit);
    }

    /// The table; its rows are not in it where the host took them.
    pub fn finish(mut self) -> Result<Table, Fault> {
        let passed = self.passes();
        if let Some((key, keys)) = self.shape.pivot {
            self.table = pivot(self.table, key, keys, self.name)?;
        }
        self.cut(self.shape.limit.unwrap_or(usize::MAX));
        self.table.left_out = self.left_out;
        if let Some(tables) = self.tables.filter(|_| !passed) {
            tables.columns(self.name, &self.table.columns)?;
            for row in std::mem::take(&mut self.table.rows) {
                tables.row(row)?;
            }
        }
        Ok(self.table)
    }
}

/// Sorts rows by figures; those that are equal stay as they are.
fn sort(rows: &mut [Vec<Figure>], sort: &[(usize, bool)]) {
    if sort.is_empty() {
        return;
    }
    rows.sort_by(|a, b| {
        let by = sort.iter().map(|(at, down)| {
            let (a, b) = (&a[*at], &b[*at]);
            // What is not there is last, either way.
            match (a.is_null(), b.is_null()) {
                (false, false) if *down => order(b, a),
                (false, false) => order(a, b),
                (a, b) => a.cmp(&b),
            }
        });
        by.into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

/// The order of two figures of one column: numbers by value, texts by bytes.
fn order(a: &Figure, b: &Figure) -> Ordering {
    match (a, b) {
        (Figure::Text(a), Figure::Text(b)) => a.cmp(b),
        (Figure::Value(a), Figure::Value(b)) => a.cmp(b),
        (Figure::Count(a), Figure::Count(b)) => a.cmp(b),
        (Figure::Exact(a), Figure::Exact(b)) => exact(a, b),
        (Figure::Moment(_, a), Figure::Moment(_, b)) => a.cmp(b),
        (Figure::Boolean(a), Figure::Boolean(b)) => a.cmp(b),
        _ => number(a).total_cmp(&number(b)),
    }
}

fn exact(a: &Exact, b: &Exact) -> Ordering {
    let exponent = a.exponent.min(b.exponent);
    let whole = |exact: &Exact| {
        &exact.mantissa * BigInt::from(power_of_ten(exact.exponent.abs_diff(exponent)))
    };
    whole(a).cmp(&whole(b))
}

fn number(figure: &Figure) -> f64 {
    match figure {
        Figure::Count(value) | Figure::Estimate(value, _) => *value as f64,
        Figure::Exact(exact) => exact.to_f64(),
        Figure::Value(value) => value.to_f64(),
        Figure::Float(value) | Figure::Approximate(value, _) => *value,
        // A text among numbers: the words of what is not finite.
        _ => f64::INFINITY,
    }
}

/// Spreads the values over columns, one for each value of a key.
fn pivot(table: Table, key: usize, keys: usize, name: &str) -> Result<Table, Fault> {
    let values = table.columns.len() - keys;
    let mut spread: Vec<(String, Figure)> = Vec::new();
    for row in &table.rows {
        let text = row[key].plain();
        if !spread.iter().any(|(known, _)| *known == text) {
            spread.push((text, row[key].clone()));
        }
        if spread.len() > MOST_COLUMNS {
            return Err(Fault::new(
                FaultKind::Limit,
                format!("reduction {name}, pivot {}", table.columns[key]),
                format!("more than {MOST_COLUMNS} different values"),
                format!("at most {MOST_COLUMNS}, since each becomes a column"),
            ));
        }
    }
    spread.sort_by(|(_, a), (_, b)| match (a.is_null(), b.is_null()) {
        (false, false) => order(a, b),
        (a, b) => a.cmp(&b),
    });
    let others: Vec<usize> = (0..keys).filter(|at| *at != key).collect();
    let mut columns: Vec<String> = others.iter().map(|at| table.columns[*at].clone()).collect();
    for (value, _) in &spread {
        let value = if value.is_empty() { "(missing)" } else { value };
        for of in &table.columns[keys..] {
            columns.push(if values == 1 {
                value.to_string()
            } else {
                format!("{value}: {of}")
            });
        }
    }
    // Rows with the same other keys stand together once they are sorted by those.
    let mut rows: Vec<(String, Vec<Figure>)> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for row in table.rows {
        let rest: Vec<Figure> = others.iter().map(|at| row[*at].clone()).collect();
        let named: Vec<String> = rest.iter().map(Figure::json).collect();
        let named = named.join("\n");
        let at = *places.entry(named.clone()).or_insert_with(|| {
            let mut whole = rest;
            whole.resize(columns.len(), Figure::Null);
            rows.push((named, whole));
            rows.len() - 1
        });
        let text = row[key].plain();
        let of = spread.iter().position(|(known, _)| *known == text);
        let from = others.len() + of.unwrap_or(0) * values;
        for (at_value, figure) in row.into_iter().skip(keys).enumerate() {
            rows[at].1[from + at_value] = figure;
        }
    }
    let mut rows: Vec<Vec<Figure>> = rows.into_iter().map(|(_, row)| row).collect();
    rows.sort_by(|a, b| {
        let by = (0..others.len()).map(|at| match (a[at].is_null(), b[at].is_null()) {
            (false, false) => order(&a[at], &b[at]),
            (a, b) => a.cmp(&b),
        });
        by.into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(Table {
        columns,
        rows,
        left_out: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Figure {
        Figure::Text(value.as_bytes().to_vec())
    }

    fn table() -> Table {
        let row = |a: &str, b: Option<&str>, n: u64| {
            vec![text(a), b.map_or(Figure::Null, text), Figure::Count(n)]
        };
        Table {
            columns: ["a", "b", "rows"].map(str::to_string).to_vec(),
            rows: vec![
                row("x", Some("p"), 2),
                row("x", Some("q"), 9),
                row("y", Some("q"), 10),
                row("y", None, 2),
            ],
            left_out: 0,
        }
    }

    fn shape(table: Table, shape: &Shape, name: &str) -> Result<Table, Fault> {
        let mut shaper = Shaper::of(name, shape, &table.columns);
        for row in table.rows {
            shaper.take(row)?;
        }
        shaper.finish()
    }

    fn json(table: &Table) -> String {
        serde_json::to_string(table).unwrap()
    }

    #[test]
    fn groups_are_sorted_by_figures_and_cut_off() {
        let top = Shape {
            sort: vec![(2, true)],
            limit: Some(3),
            pivot: None,
        };
        // Equal counts stay in the order of the keys.
        assert_eq!(
            json(&shape(table(), &top, "t").unwrap()),
            r#"{"columns":["a","b","rows"],"rows":[["y","q",10],["x","q",9],["x","p",2]],"left_out":1}"#
        );
        let by_key = Shape {
            sort: vec![(1, true), (0, false)],
            ..Shape::default()
        };
        assert_eq!(
            json(&shape(table(), &by_key, "t").unwrap()),
            r#"{"columns":["a","b","rows"],"rows":[["x","q",9],["y","q",10],["x","p",2],["y",null,2]]}"#
        );
    }

    #[test]
    fn a_pivot_spreads_a_key() {
        let over_b = Shape {
            pivot: Some((1, 2)),
            ..Shape::default()
        };
        assert_eq!(
            json(&shape(table(), &over_b, "t").unwrap()),
            r#"{"columns":["a","p","q","(missing)"],"rows":[["x",2,9,null],["y",null,10,2]]}"#
        );
    }
}
