//! Where the table is in a sample that is cut: which records are its rows, what stands before and
//! behind it, and which rows of it are the header.

use std::collections::BTreeMap;

use super::cut::{Candidate, Cut, Record};
use super::look::{Look, look};

/// Rows whose cells are looked at.
const LOOKED_AT: usize = 300;
/// Records that may stand before a table.
const PREAMBLE: usize = 200;
/// Rows that a header may have.
const HEADER: usize = 3;

/// What the recipe states, and is not to be looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stated {
    /// The table begins with the first record.
    pub start: bool,
    /// Where the names are.
    pub header: bool,
    /// `Some(None)`: there are no comment lines.
    pub comment: Option<Option<u8>>,
}

/// What one reading makes of the sample.
#[derive(Clone, Debug)]
pub struct Table {
    /// The records of the table and of what follows, by their places in the cut.
    pub records: Vec<usize>,
    /// The first byte of the first of them.
    pub start: usize,
    pub width: usize,
    /// Records of that width, of those up to the last of them.
    pub alike: usize,
    pub reach: usize,
    /// Records before the table, and behind its last row.
    pub before: usize,
    pub behind: usize,
    pub comment: Option<u8>,
    /// The header lacks a name for the first column, which holds the names of the rows.
    pub row_names: bool,
    /// Each row ends with a delimiter that the header lacks.
    pub padded: bool,
    pub quotes: Quotes,
    pub columns: Vec<Column>,
    /// How well the cells are supported, from 0 to 1.
    pub cells: f64,
    pub score: f64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Quotes {
    pub opened: usize,
    /// Closed where a field ends.
    pub proper: usize,
    /// Closed within a field, or never.
    pub bad: usize,
    /// Of the bad ones, those that took line ends with them.
    pub swallowed: usize,
}

/// What the cells of a column look like, over the rows behind the first of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Column {
    pub empty: usize,
    pub typed: usize,
    pub words: usize,
    pub odd: usize,
    pub missing: usize,
}

impl Column {
    fn add(&mut self, value: &[u8], look: Look) {
        match look {
            Look::Empty => self.empty += 1,
            _ if missing(value) => self.missing += 1,
            Look::Number | Look::Moment => self.typed += 1,
            Look::Words => self.words += 1,
            Look::Odd => self.odd += 1,
        }
    }

    /// Four of five values are numbers or dates.
    pub fn is_typed(&self) -> bool {
        self.typed > 0 && self.typed >= 4 * (self.words + self.odd)
    }
}

/// A word for a missing value.
fn missing(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    [
        "na", "n/a", "null", "none", "nan", "inf", "-inf", "-", "--", "?", ".", "\\n",
    ]
    .iter()
    .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || value == "无".as_bytes()
        || value == "暂无".as_bytes()
}

impl Table {
    pub fn find(cut: &Cut<'_>, candidate: &Candidate<'_>, stated: Stated) -> Option<Table> {
        let all: Vec<usize> = (0..cut.records.len()).collect();
        let mut found: Option<Table> = None;
        let comments: &[Option<u8>] = match stated.comment {
            Some(None) => &[None],
            Some(Some(byte)) => &[Some(byte)],
            None => &[None, Some(b'#'), Some(b'%')],
        };
        for &comment in comments {
            let records: Vec<usize> = match comment {
                None => all.clone(),
                Some(byte) => {
                    let kept = |at: &usize| cut.line(&cut.records[*at])[0] != byte;
                    let kept: Vec<usize> = all.iter().copied().filter(kept).collect();
                    if kept.len() == all.len() && stated.comment.is_none() {
                        continue;
                    }
                    kept
                }
            };
            if records.is_empty() {
                continue;
            }
            let table = Table::among(cut, &records, candidate, comment, stated);
            if let Some(byte) = comment
                && stated.comment.is_none()
                && !comments_apart(cut, &all, &table, byte)
            {
                continue;
            }
            if found
                .as_ref()
                .is_none_or(|found| table.score > found.score * 1.001)
            {
                found = Some(table);
            }
        }
        found
    }

    fn among(
        cut: &Cut<'_>,
        records: &[usize],
        candidate: &Candidate<'_>,
        comment: Option<u8>,
        stated: Stated,
    ) -> Table {
        let width = |at: usize| cut.records[records[at]].width as usize;
        let (mut first, mut wide) = if stated.start {
            (0, width(0))
        } else {
            begins(records.len(), &width)
        };
        let mut table = Table {
            records: Vec::new(),
            start: 0,
            width: 0,
            alike: 0,
            reach: 0,
            before: 0,
            behind: 0,
            comment,
            row_names: false,
            padded: false,
            quotes: Quotes::default(),
            columns: Vec::new(),
            cells: 0.0,
            score: 0.0,
        };
        let record = |at: usize| &cut.records[records[at]];
        if stated.start && records.len() > 1 {
            // A first line of the recipe's choice may still lack a name or a delimiter.
            let next = width(1);
            if next == wide + 1 {
                table.header_short(cut, records, (0, next), stated);
                wide = if table.row_names { next } else { wide };
            }
        } else if first > 0 {
            let before = record(first - 1);
            let names = cut
                .cells(before)
                .iter()
                .all(|cell| matches!(look(cut.value(cell)), Look::Words));
            let values = cut
                .cells(record(first))
                .iter()
                .any(|cell| look(cut.value(cell)) != Look::Words);
            if before.width as usize + 1 == wide && names {
                table.header_short(cut, records, (first - 1, wide), stated);
                if table.row_names || table.padded {
                    first -= 1;
                    wide = if table.padded { wide - 1 } else { wide };
                }
            } else if before.width >= 2 && names && values {
                // Names above values are the header, however many there are.
                first -= 1;
                wide = before.width as usize;
            }
        } else if !stated.start {
            first = titles(cut, records, wide);
        }
        // The width of a row, which may have a delimiter more than the header.
        let row = wide + usize::from(table.padded);
        let fits = |at: usize| {
            let width = record(at).width as usize;
            !record(at).broken && (width == row || width == wide)
        };
        let last = (first..records.len())
            .rev()
            .find(|&at| fits(at))
            .unwrap_or(first);
        table.records = records[first..].to_vec();
        table.start = record(first).start as usize;
        table.width = wide;
        table.before = first;
        table.reach = last + 1 - first;
        table.behind = records.len() - 1 - last;
        table.alike = (first..=last).filter(|&at| fits(at)).count();
        if table.row_names {
            table.alike += 1;
        }
        table.look_at_cells(cut);
        table.score = table.weigh(candidate);
        table
    }

    /// The record before the rows has a cell less than they: because they end with a delimiter, or
    /// because the names of rows have no name.
    fn header_short(
        &mut self,
        cut: &Cut<'_>,
        records: &[usize],
        (header, wide): (usize, usize),
        stated: Stated,
    ) {
        let rows: Vec<&Record> = records[header + 1..]
            .iter()
            .map(|at| &cut.records[*at])
            .filter(|record| record.width as usize == wide && !record.broken)
            .take(LOOKED_AT)
            .collect();
        let last_empty = |record: &&Record| {
            cut.cells(record)
                .last()
                .is_some_and(|cell| cut.value(cell).is_empty())
        };
        if rows.len() < 2 {
            return;
        }
        if rows.iter().all(last_empty) {
            self.padded = true;
            return;
        }
        let mut names: Vec<&[u8]> = rows
            .iter()
            .filter_map(|record| cut.cells(record).first())
            .map(|cell| cut.value(cell))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        let typed = rows.iter().all(|record| {
            cut.cells(record)[1..]
                .iter()
                .any(|cell| look(cut.value(cell)).typed())
        });
        // A lone word above two columns is more likely a remark.
        self.row_names = !stated.header
            && wide > 2
            && names.len() == count
            && !names.contains(&&b""[..])
            && typed;
    }

    fn look_at_cells(&mut self, cut: &Cut<'_>) {
        self.columns = vec![Column::default(); self.width];
        let (mut sum, mut count) = (0.0, 0usize);
        let row = self.width + usize::from(self.padded);
        for (at, index) in self.records[..self.reach]
            .iter()
            .take(LOOKED_AT)
            .enumerate()
        {
            let record = &cut.records[*index];
            for cell in cut.cells(record) {
                if cell.quoted {
                    self.quotes.opened += 1;
                    self.quotes.proper += usize::from(cell.proper);
                    self.quotes.bad += usize::from(!cell.proper);
                    self.quotes.swallowed +=
                        usize::from(!cell.proper && (cell.lines || record.broken));
                }
            }
            let width = record.width as usize;
            if record.broken || (width != row && width != self.width) {
                continue;
            }
            for (column, cell) in self.columns.iter_mut().zip(cut.cells(record)) {
                let value = cut.value(cell);
                let look = look(value);
                sum += if cell.proper { 1.0 } else { look.weight() };
                count += 1;
                if at > 0 {
                    column.add(value, look);
                }
            }
        }
        self.cells = if count == 0 { 0.0 } else { sum / count as f64 };
    }

    /// How good a reading it is: whether the records are alike, whether the cells look like values,
    /// whether the quotes stand where they should, and how much is left out.
    fn weigh(&self, candidate: &Candidate<'_>) -> f64 {
        if self.width < 2 {
            return 0.0;
        }
        let ratio = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let alike = ratio(self.alike, self.reach);
        let width = (self.width - 1) as f64 / self.width as f64;
        let quotes = 1.0 - 0.7 * ratio(self.quotes.bad, self.quotes.opened);
        let whole = self.before + self.reach + self.behind;
        let kept = 0.5 + 0.5 * ratio(self.reach, whole);
        let mut score = alike * alike * width * self.cells * quotes * kept;
        let typed = self.columns.iter().any(Column::is_typed);
        if matches!(candidate.delimiter, b" " | b":") && (!typed || alike < 0.9) {
            // Words and clock times are full of them.
            score *= 0.1;
        } else if matches!(candidate.delimiter, b" " | b":") && self.before > 0 {
            // A header that such a sign does not cut is rather that of a table in which it is text.
            score *= 0.5;
        }
        score
    }

    /// How many rows of the table are its header, and why.
    pub fn header(&self, cut: &Cut<'_>) -> (usize, &'static str) {
        let rows: Vec<&Record> = self.records[..self.reach]
            .iter()
            .map(|at| &cut.records[*at])
            .collect();
        let Some(first) = rows.first() else {
            return (1, "there is nothing else");
        };
        if self.row_names || self.padded || first.width as usize != self.width || first.broken {
            return (1, "the first line has other cells than the rows");
        }
        let values = |record: &Record| -> Vec<&[u8]> {
            cut.cells(record)
                .iter()
                .map(|cell| cut.value(cell))
                .collect()
        };
        let names = values(first);
        let typed: Vec<usize> = (0..self.width)
            .filter(|&at| self.columns[at].is_typed())
            .collect();
        let bare = |value: &[u8]| !look(value).typed() && !missing(value);
        if rows.len() == 1 {
            let none = names.iter().all(|value| look(value).typed());
            return if none {
                (0, "the only line holds numbers")
            } else {
                (1, "the only line holds words")
            };
        }
        // Several rows of names: in the columns of numbers the last of them has words alone.
        for count in (2..=HEADER).rev().filter(|count| count + 3 <= rows.len()) {
            let columns = self.columns_of(cut, &rows[count..]);
            let typed: Vec<usize> = (0..self.width)
                .filter(|&at| columns[at].is_typed())
                .collect();
            if typed.len() >= 2 && self.stacked(cut, &rows, &typed, count) {
                return (count, "words stand above the numbers in several rows");
            }
        }
        if !typed.is_empty() {
            let values: Vec<&[u8]> = typed.iter().map(|at| names[*at]).collect();
            if values
                .iter()
                .any(|value| bare(value) && !value.trim_ascii().is_empty())
            {
                return (1, "words stand above columns of numbers or dates");
            }
            if years(&values) && names.iter().any(|name| look(name) == Look::Words) {
                return (1, "years stand above columns of numbers");
            }
            if values.iter().any(|value| look(value).typed()) {
                return (0, "the first line holds numbers or dates as the others do");
            }
        }
        let mut distinct = names.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if names.iter().all(|value| look(value).typed()) {
            return (0, "the first line holds only numbers or dates");
        }
        if rows.len() > 5 && self.again(cut, &rows, &names) {
            return (0, "values of the first line come again in their columns");
        }
        (1, "nothing speaks against it")
    }

    fn columns_of(&self, cut: &Cut<'_>, rows: &[&Record]) -> Vec<Column> {
        let mut columns = vec![Column::default(); self.width];
        for row in rows.iter().take(LOOKED_AT) {
            for (column, cell) in columns.iter_mut().zip(cut.cells(row)) {
                let value = cut.value(cell);
                column.add(value, look(value));
            }
        }
        columns
    }

    /// Whether the first `count` rows are all names.
    fn stacked(&self, cut: &Cut<'_>, rows: &[&Record], typed: &[usize], count: usize) -> bool {
        let value = |row: usize, column: usize| {
            cut.cells(rows[row])
                .get(column)
                .map_or(&b""[..], |cell| cut.value(cell))
        };
        if rows[..=count]
            .iter()
            .any(|row| row.width as usize != self.width || row.broken)
        {
            return false;
        }
        let words = |row: usize| {
            typed.iter().all(|&column| {
                let value = value(row, column);
                look(value) == Look::Words && !missing(value)
            })
        };
        let above = |row: usize| {
            let values: Vec<&[u8]> = typed
                .iter()
                .map(|&column| value(row, column))
                .filter(|value| !value.trim_ascii().is_empty())
                .collect();
            let named = values
                .iter()
                .all(|value| look(value) == Look::Words && !missing(value));
            !values.is_empty() && (named || years(&values))
        };
        let body = typed
            .iter()
            .filter(|&&column| look(value(count, column)).typed())
            .count();
        words(count - 1) && (0..count - 1).all(above) && body * 2 >= typed.len()
    }

    /// Whether most cells of the first row are values of their columns.
    fn again(&self, cut: &Cut<'_>, rows: &[&Record], names: &[&[u8]]) -> bool {
        // A header that stands in the file again is still one.
        let others: Vec<&&Record> = rows[1..]
            .iter()
            .filter(|row| cut.line(row) != cut.line(rows[0]))
            .take(LOOKED_AT)
            .collect();
        let again = (0..self.width)
            .filter(|&column| {
                !names[column].is_empty()
                    && others.iter().any(|row| {
                        cut.cells(row)
                            .get(column)
                            .is_some_and(|cell| cut.value(cell) == names[column])
                    })
            })
            .count();
        again * 2 > self.width
    }
}

/// Years in even steps.
fn years(values: &[&[u8]]) -> bool {
    let numbers: Option<Vec<i32>> = values
        .iter()
        .map(|value| std::str::from_utf8(value).ok()?.trim().parse().ok())
        .collect();
    let Some(numbers) = numbers else { return false };
    let step = match numbers.as_slice() {
        [] => return false,
        [_] => 1,
        [a, b, ..] => b - a,
    };
    step != 0
        && numbers.iter().all(|year| (1800..=2200).contains(year))
        && numbers.windows(2).all(|pair| pair[1] - pair[0] == step)
}

/// The first record of the table and its width: the first record if others are like it, else the
/// first of a width that is common.
fn begins(count: usize, width: &dyn Fn(usize) -> usize) -> (usize, usize) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for at in 0..count {
        *counts.entry(width(at)).or_default() += 1;
    }
    let most = counts
        .iter()
        .filter(|(width, _)| **width >= 2)
        .map(|(_, count)| *count)
        .max()
        .unwrap_or(0);
    let of = |wide: usize| counts.get(&wide).copied().unwrap_or(0);
    let first = width(0);
    if most == 0 || (first >= 2 && of(first) > 1 && of(first) * 2 >= most) || count == 1 {
        return (0, first);
    }
    if first == 1 && of(1) > most {
        return (0, 1);
    }
    for at in 1..count.min(PREAMBLE) {
        let wide = width(at);
        let goes_on = at + 1 == count || width(at + 1) == wide;
        let rest = (at..count).filter(|&at| width(at) == wide).count();
        if wide >= 2 && goes_on && of(wide) * 2 >= most && rest >= 2 {
            return (at, wide);
        }
    }
    (0, first)
}

/// Titles that a spreadsheet has filled up with delimiters: how many records they are.
fn titles(cut: &Cut<'_>, records: &[usize], wide: usize) -> usize {
    if wide < 3 {
        return 0;
    }
    let filled = |at: usize| -> Vec<bool> {
        cut.cells(&cut.records[records[at]])
            .iter()
            .map(|cell| !cut.value(cell).trim_ascii().is_empty())
            .collect()
    };
    let title = |at: usize| {
        let filled = filled(at);
        !filled.iter().skip(1).any(|cell| *cell)
    };
    let count = (0..records.len().min(20))
        .take_while(|&at| title(at))
        .count();
    let goes_on = records
        .get(count)
        .is_some_and(|at| cut.records[*at].width as usize == wide);
    let full = |at: usize| filled(at).iter().filter(|cell| **cell).count() * 2 >= wide;
    if count > 0 && goes_on && full(count) {
        count
    } else {
        0
    }
}

/// Lines that begin with the sign are comments if none of them is a row of the table.
fn comments_apart(cut: &Cut<'_>, all: &[usize], table: &Table, sign: u8) -> bool {
    let marked: Vec<&Record> = all
        .iter()
        .map(|at| &cut.records[*at])
        .filter(|record| cut.line(record)[0] == sign)
        .collect();
    if table.width > 1 {
        return marked
            .iter()
            .all(|record| record.width as usize != table.width);
    }
    // In a single column a sign alone proves nothing; a few lines of remarks at the top do.
    let top = all
        .iter()
        .take_while(|at| cut.line(&cut.records[**at])[0] == sign)
        .count();
    top == marked.len()
        && top * 2 < all.len()
        && marked
            .iter()
            .all(|record| cut.line(record).get(1) == Some(&b' '))
}
