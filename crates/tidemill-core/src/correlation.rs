//! The correlations of all number columns with each other: which columns are numbers is known when
//! the file has been read once, so it is a second pass, and this is the recipe for it.

use crate::error::RecipeError;
use crate::recipe::{Recipe, ReductionSpec};
use crate::report::{Figure, Report, Table};
use crate::value::class::Type;

/// The name of the table among the reductions.
pub const NAME: &str = "corr";
/// The most columns that are held against each other.
const MOST_COLUMNS: usize = 100;

/// The number columns of a profile, by name.
fn numbers(report: &Report) -> Vec<&str> {
    let columns = report.columns.iter();
    columns
        .filter(|column| matches!(column.figures.ty, Some(Type::Integer | Type::Number)))
        .map(|column| column.name.as_str())
        .collect()
}

/// The recipe of the second pass; none where fewer than two columns are numbers.
pub fn recipe(read: &Recipe, report: &Report) -> Result<Option<Recipe>, RecipeError> {
    let names = numbers(report);
    if names.len() < 2 {
        return Ok(None);
    }
    if names.len() > MOST_COLUMNS {
        return Err(RecipeError::new(
            NAME,
            format!("{} columns of numbers", names.len()),
            format!("at most {MOST_COLUMNS}"),
        )
        .hint("choose some of the columns"));
    }
    // A name is written by its position, whatever signs are in it.
    let place = |name: &str| report.columns.iter().position(|column| column.name == name);
    let mut values = Vec::new();
    for (at, first) in names.iter().enumerate() {
        for second in &names[at + 1..] {
            if let (Some(first), Some(second)) = (place(first), place(second)) {
                let (first, second) = (
                    report.columns[first].slot + 1,
                    report.columns[second].slot + 1,
                );
                values.push(format!("corr(#{first}, #{second})"));
            }
        }
    }
    let mut recipe = read.clone();
    recipe.steps.clear();
    recipe.reductions = vec![ReductionSpec {
        name: NAME.to_string(),
        by: Vec::new(),
        values,
        sort: Vec::new(),
        limit: None,
        pivot: None,
        line: 0,
    }];
    Ok(Some(recipe))
}

/// The answers of the second pass as a matrix.
pub fn table(report: &Report, answers: &Report) -> Table {
    let names = numbers(report);
    let mut flat = answers
        .reductions
        .iter()
        .filter(|(name, _)| name == NAME)
        .flat_map(|(_, table)| table.rows.first().cloned().unwrap_or_default());
    let count = names.len();
    let mut rows = vec![vec![Figure::Null; count + 1]; count];
    for (at, name) in names.iter().enumerate() {
        rows[at][0] = Figure::Text(name.as_bytes().to_vec());
        for other in at + 1..count {
            let figure = flat.next().unwrap_or_default();
            rows[at][other + 1] = figure.clone();
            rows[other][at + 1] = figure;
        }
    }
    // A column that varies is one with itself.
    for (at, row) in rows.iter_mut().enumerate() {
        let varies = report.columns.iter().any(|column| {
            column.name == names[at]
                && matches!(column.figures.std, Figure::Float(std) if std > 0.0)
        });
        if varies {
            row[at + 1] = Figure::Float(1.0);
        }
    }
    let columns = std::iter::once("column").chain(names).map(str::to_string);
    Table {
        columns: columns.collect(),
        rows,
        left_out: 0,
    }
}
