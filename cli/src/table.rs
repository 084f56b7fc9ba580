//! Tables that fit the screen: columns are narrowed, then left out by their rank, and below a
//! certain width each row becomes a list.

use anstyle::Style;

use crate::text::{fit, pad, width, wrap};

/// Blanks between columns.
const GAP: usize = 2;

/// A column of cells.
pub struct Column {
    pub title: String,
    pub cells: Vec<String>,
    /// Numbers stand at the right.
    pub right: bool,
    /// How far it can be narrowed; `None` for a column that is shown whole or not at all.
    pub least: Option<usize>,
    /// How wide it becomes at most.
    pub most: usize,
    /// What is left out first has the greatest rank; 0 is never left out.
    pub rank: u32,
}

impl Column {
    pub fn new(title: impl Into<String>, cells: Vec<String>) -> Column {
        Column {
            title: title.into(),
            cells,
            right: false,
            least: None,
            most: usize::MAX,
            rank: 0,
        }
    }

    #[must_use]
    pub fn right(mut self) -> Column {
        self.right = true;
        self
    }

    #[must_use]
    pub fn narrow(mut self, least: usize, most: usize) -> Column {
        self.least = Some(least);
        self.most = most;
        self
    }

    #[must_use]
    pub fn rank(mut self, rank: u32) -> Column {
        self.rank = rank;
        self
    }

    fn natural(&self) -> usize {
        let cells = self.cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
        width(&self.title).max(cells).min(self.most)
    }
}

/// How a table is to look.
#[derive(Clone, Copy)]
pub struct Look {
    /// `None`: as wide as it is.
    pub width: Option<usize>,
    pub colour: bool,
}

impl Look {
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    pub fn title(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub fn faint(&self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub fn most(&self) -> usize {
        self.width.unwrap_or(usize::MAX)
    }
}

/// The widths of the columns that are shown, and the titles of those that are not; `None` if what
/// may not be left out does not fit.
fn layout(columns: &[Column], most: usize) -> Option<(Vec<Option<usize>>, Vec<&str>)> {
    let mut widths: Vec<Option<usize>> = columns
        .iter()
        .map(|column| Some(column.natural()))
        .collect();
    let mut hidden: Vec<usize> = Vec::new();
    loop {
        let shown = widths.iter().flatten().count();
        let total: usize = widths.iter().flatten().sum::<usize>() + GAP * shown.saturating_sub(1);
        let mut over = total.saturating_sub(most);
        // The widest gives first, so that no column is narrowed while another one is wide.
        while over > 0 {
            let widest = (0..columns.len())
                .filter(|at| matches!((columns[*at].least, widths[*at]), (Some(least), Some(wide)) if wide > least))
                .max_by_key(|at| widths[*at]);
            let Some(wide) = widest.and_then(|at| widths[at].as_mut()) else {
                break;
            };
            *wide -= 1;
            over -= 1;
        }
        if over == 0 {
            hidden.sort_unstable();
            return Some((
                widths,
                hidden
                    .into_iter()
                    .map(|at| columns[at].title.as_str())
                    .collect(),
            ));
        }
        let next = (0..columns.len())
            .filter(|at| columns[*at].rank > 0 && widths[*at].is_some())
            .max_by_key(|at| columns[*at].rank)?;
        hidden.push(next);
        for (at, column) in columns.iter().enumerate() {
            widths[at] = (!hidden.contains(&at)).then(|| column.natural());
        }
    }
}

/// The table in lines, and what had to be left out; `None` if it does not fit at all.
pub fn grid(columns: &[Column], look: Look) -> Option<(Vec<String>, Vec<String>)> {
    let (widths, hidden) = layout(columns, look.most())?;
    let hidden = hidden.into_iter().map(str::to_string).collect();
    let rows = columns
        .iter()
        .map(|column| column.cells.len())
        .max()
        .unwrap_or(0);
    let line = |cell: &dyn Fn(&Column) -> String| {
        let cells: Vec<String> = columns
            .iter()
            .zip(&widths)
            .filter_map(|(column, wide)| {
                wide.map(|wide| pad(&fit(&cell(column), wide), wide, column.right))
            })
            .collect();
        cells.join(&" ".repeat(GAP)).trim_end().to_string()
    };
    let mut lines = vec![look.title(&line(&|column| column.title.clone()))];
    let rules: Vec<String> = widths
        .iter()
        .flatten()
        .map(|wide| "─".repeat(*wide))
        .collect();
    lines.push(look.faint(&rules.join(&" ".repeat(GAP))));
    for row in 0..rows {
        lines.push(line(&|column| {
            column.cells.get(row).cloned().unwrap_or_default()
        }));
    }
    Some((lines, hidden))
}

/// Names with their values, one below the other. A value that does not fit goes on in the next
/// line: nothing of it is lost.
pub fn list(entries: &[(String, String)], look: Look) -> Vec<String> {
    let most = look.most();
    let wide = entries
        .iter()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or(0)
        .min((most / 2).max(1));
    let mut lines = Vec::new();
    for (name, value) in entries {
        let room = most.saturating_sub(2 + wide + GAP);
        let name = pad(&fit(name, wide), wide, false);
        if room < 2 {
            lines.extend(wrap(
                &format!("{} {value}", name.trim_end()),
                most.max(2),
                0,
            ));
            continue;
        }
        for (at, part) in wrap(value, room, 0).into_iter().enumerate() {
            let name = if at == 0 {
                look.faint(&name)
            } else {
                " ".repeat(wide)
            };
            lines.push(
                format!("  {name}{}{part}", " ".repeat(GAP))
                    .trim_end()
                    .to_string(),
            );
        }
    }
    lines
}

/// A table of GitHub's Markdown.
pub fn markdown(columns: &[Column]) -> String {
    let escaped = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('|', "\\|")
            .replace('<', "&lt;")
            .replace('`', "\\`")
    };
    let rows = columns
        .iter()
        .map(|column| column.cells.len())
        .max()
        .unwrap_or(0);
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(
        columns
            .iter()
            .map(|column| escaped(&column.title))
            .collect(),
    );
    out.push_str(&line(
        columns
            .iter()
            .map(|column| if column.right { "---:" } else { "---" }.to_string())
            .collect(),
    ));
    for row in 0..rows {
        out.push_str(&line(
            columns
                .iter()
                .map(|column| escaped(column.cells[row].trim()))
                .collect(),
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let cells = |texts: [&str; 2]| texts.map(str::to_string).to_vec();
        vec![
            Column::new("name", cells(["departure", "出发延误时间"])).narrow(6, 30),
            Column::new("count", cells(["1", "22"])).right(),
            Column::new("mean", cells(["12.5", "3"])).right().rank(2),
            Column::new("top", cells(["a long text here", "b"]))
                .narrow(5, 20)
                .rank(1),
        ]
    }

    #[test]
    fn a_table_fits_or_says_that_it_does_not() {
        for most in 1..80 {
            let look = Look {
                width: Some(most),
                colour: false,
            };
            match grid(&columns(), look) {
                Some((lines, hidden)) => {
                    assert!(
                        lines.iter().all(|line| width(line) <= most),
                        "{most}: {lines:?}"
                    );
                    assert!(hidden.len() <= 2);
                }
                None => assert!(most < 6 + 2 + 5),
            }
        }
        let (_, hidden) = grid(
            &columns(),
            Look {
                width: Some(22),
                colour: false,
            },
        )
        .unwrap();
        assert_eq!(hidden, ["mean"]);
    }

    #[test]
    fn columns_are_aligned_by_cells_of_the_terminal() {
        let (lines, _) = grid(
            &columns(),
            Look {
                width: None,
                colour: false,
            },
        )
        .unwrap();
        let ends: Vec<usize> = ["count", "1", "22"]
            .iter()
            .zip([&lines[0], &lines[2], &lines[3]])
            .map(|(cell, line)| {
                width(&line[..line.find(&format!(" {cell}  ")).unwrap()]) + 1 + cell.len()
            })
            .collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{lines:#?}");
    }

    #[test]
    fn a_list_wraps_and_loses_nothing() {
        let entries = [(
            "name".to_string(),
            "123456789012345678901234567890".to_string(),
        )];
        let lines = list(
            &entries,
            Look {
                width: Some(14),
                colour: false,
            },
        );
        assert!(lines.iter().all(|line| width(line) <= 14));
        let digits: String = lines
            .join("")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        assert_eq!(digits, entries[0].1);
    }
}
