//! What the steps did to each record, line by line, for a host that keeps it in a file: cells changed, and rows
//! set aside or dropped. A step's columns are compared with what they were before it, so no kernel knows of
//! this, and what is written is what really differs.

use serde::{Deserialize, Serialize};
use tidemill_csv::{Dialect, write};

use crate::chunk::Chunk;
use crate::column::Text;
use crate::schema::PlanColumn;
use crate::step::{Outcome, RowReject};

/// The columns of the file.
pub const HEADER: [&str; 7] = [
    "record", "step", "word", "action", "column", "before", "after",
];

/// A column at a step: the slots before it, if it was there, and behind it.
#[derive(Clone, Debug)]
pub struct Watched {
    pub name: String,
    pub before: Option<usize>,
    pub after: usize,
}

/// What becomes of the columns in a step.
pub fn watched(before: &[PlanColumn], after: &[PlanColumn]) -> Vec<Watched> {
    let same = |at: usize, column: &PlanColumn| {
        let by_slot = |other: &&PlanColumn| other.slot == column.slot;
        let by_name = |other: &&PlanColumn| other.name == column.name;
        let here = before.get(at).filter(by_slot);
        here.or_else(|| before.iter().find(by_slot))
            .or_else(|| before.iter().find(by_name))
            .map(|column| column.slot)
    };
    let columns = after.iter().enumerate();
    columns
        .map(|(at, column)| Watched {
            name: column.name.clone(),
            before: same(at, column),
            after: column.slot,
        })
        .collect()
}

/// A chunk before a step. Text is only ever added to a chunk, so places stay what they are.
pub struct Before {
    rows: Vec<u32>,
    texts: Vec<Option<Text>>,
}

impl Before {
    pub fn of(chunk: &mut Chunk, columns: &[Watched]) -> Before {
        let texts = columns.iter().map(|column| {
            column.before.map(|slot| {
                chunk.decode_text(slot);
                chunk.slot(slot).text.clone()
            })
        });
        Before {
            texts: texts.collect(),
            rows: chunk.selected_rows(),
        }
    }
}

/// A step as the file names it: its number, from 1, and its word. Reading is step 0.
#[derive(Clone, Copy)]
pub struct Named<'a>(pub usize, pub &'a str);

/// The lines of one chunk, without their records' numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lines {
    text: Vec<u8>,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    /// Within the chunk.
    record: u64,
    step: u32,
    column: u32,
    from: usize,
    to: usize,
}

impl Lines {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn push(
        &mut self,
        record: u64,
        step: Named<'_>,
        column: usize,
        action: &str,
        cells: [&[u8]; 3],
    ) {
        let from = self.text.len();
        let plain = Dialect::default();
        self.text
            .extend_from_slice(format!("{},{},{action}", step.0, step.1).as_bytes());
        for cell in cells {
            self.text.push(b',');
            write::field(&mut self.text, cell, &plain);
        }
        self.text.push(b'\n');
        self.lines.push(Line {
            record,
            step: step.0 as u32,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            from,
            to: self.text.len(),
        });
    }

    /// A record that reading set aside.
    pub fn unread(&mut self, record: u64, raw: &[u8]) {
        self.push(record, Named(0, "read"), 0, "rejected", [b"", raw, b""]);
    }

    /// What a step did.
    pub fn compare(
        &mut self,
        step: Named<'_>,
        before: &Before,
        chunk: &mut Chunk,
        columns: &[Watched],
        outcome: &Outcome,
    ) {
        for column in columns {
            chunk.decode_text(column.after);
        }
        let chunk = &*chunk;
        let record = |row: u32| u64::from(chunk.index().record(row as usize));
        for (at, (column, text)) in columns.iter().zip(&before.texts).enumerate() {
            let untouched = matches!(
                (text, &chunk.slot(column.after).text),
                (Some(Text::Field), Text::Field)
            );
            if untouched {
                continue;
            }
            let after = chunk.cells(column.after);
            let old = text
                .as_ref()
                .zip(column.before)
                .map(|(text, slot)| chunk.cells_of(slot, text));
            for row in &before.rows {
                let old = old.map_or(&b""[..], |cells| cells.get(*row as usize));
                let new = after.get(*row as usize);
                if old != new {
                    let cells = [column.name.as_bytes(), old, new];
                    self.push(record(*row), step, at, "changed", cells);
                }
            }
        }
        if chunk.selected() == before.rows.len() {
            return;
        }
        let dropped = match outcome.tally.deduplicated {
            0 => "filtered",
            _ => "deduplicated",
        };
        let kept = chunk.selected_rows();
        let mut kept = kept.iter().peekable();
        let mut rejects: Vec<&RowReject> = outcome.rejects.iter().collect();
        rejects.sort_by_key(|reject| reject.row);
        for row in &before.rows {
            if kept.next_if(|other| *other == row).is_some() {
                continue;
            }
            let first = rejects.partition_point(|reject| reject.row < *row);
            match rejects.get(first).filter(|reject| reject.row == *row) {
                Some(reject) => {
                    let slot = reject.slot as usize;
                    let column = columns.iter().find(|column| column.after == slot);
                    let name = column.map_or(&b""[..], |column| column.name.as_bytes());
                    self.push(
                        record(*row),
                        step,
                        usize::MAX,
                        "rejected",
                        [name, &reject.raw, b""],
                    );
                }
                None => self.push(record(*row), step, usize::MAX, dropped, [b"", b"", b""]),
            }
        }
    }

    /// In the order of records, steps and columns.
    pub fn sort(&mut self) {
        self.lines
            .sort_by_key(|line| (line.record, line.step, line.column));
    }

    /// Appends the file's lines, where `before` records come before the chunk.
    pub fn write(&self, before: u64, out: &mut Vec<u8>) {
        for line in &self.lines {
            out.extend_from_slice(format!("{},", before + line.record + 1).as_bytes());
            out.extend_from_slice(&self.text[line.from..line.to]);
        }
    }
}

/// The file's first line.
pub fn header() -> Vec<u8> {
    crate::write::header(HEADER)
}
