//! Cleaned rows as bytes. A field that no step has touched is copied as it came, and neighbours
//! that stand side by side in the input and in the output are copied at once, delimiters and all.

use tidemill_csv::field::unquote;
use tidemill_csv::write::{field, only_field, rereads_verbatim};
use tidemill_csv::{Dialect, Ragged, Record, read_all};

use crate::chunk::Chunk;
use crate::files::Layout;
use crate::json;
use crate::plan::{Form, Plan};
use crate::schema::PlanColumn;

/// Output columns that stand side by side in the input too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The first column of the output.
    column: usize,
    /// The first field of the input.
    slot: usize,
    len: usize,
}

/// How rows of one plan are written.
pub struct Rows {
    runs: Vec<Run>,
}

impl Rows {
    pub fn new(plan: &Plan) -> Rows {
        let width = plan.width();
        let mut runs: Vec<Run> = Vec::new();
        for (column, PlanColumn { slot, .. }) in plan.output.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.slot + run.len == *slot && *slot < width => run.len += 1,
                _ => runs.push(Run {
                    column,
                    slot: *slot,
                    len: 1,
                }),
            }
        }
        Rows { runs }
    }

    /// Appends the selected rows.
    pub fn write(&self, plan: &Plan, chunk: &mut Chunk, out: &mut Vec<u8>) {
        if plan.target.form == Form::Json {
            return json::rows(plan, chunk, out);
        }
        // Runs may be copied at once where the dialects are one, and no row was padded.
        let at_once = *chunk.dialect() == plan.out_dialect && chunk.ragged() == Ragged::Reject;
        for PlanColumn { slot, .. } in &plan.output {
            if !chunk.slot(*slot).touched.is_none() || chunk.field_of(*slot).is_none() || !at_once {
                chunk.decode_text(*slot);
            }
        }
        let chunk = &*chunk;
        out.reserve(chunk.bytes().len());
        let clean: Vec<Option<usize>> = self
            .runs
            .iter()
            .map(|run| {
                let first = chunk.field_of(run.slot).filter(|_| at_once)?;
                let side_by_side = (0..run.len).all(|at| {
                    let slot = run.slot + at;
                    chunk.field_of(slot) == Some(first + at) && chunk.slot(slot).touched.is_none()
                });
                side_by_side.then_some(first)
            })
            .collect();
        let alone = plan.output.len() == 1;
        let delimiter = plan.out_dialect.delimiter;
        chunk.each_row(|row| {
            for (run, clean) in self.runs.iter().zip(&clean) {
                if run.column > 0 {
                    out.push(delimiter);
                }
                if let Some(first) = clean.filter(|_| !alone) {
                    let (start, _) = chunk.index().field(row, first);
                    let (_, end) = chunk.index().field(row, first + run.len - 1);
                    out.extend_from_slice(&chunk.bytes()[start as usize..end as usize]);
                    continue;
                }
                for at in 0..run.len {
                    if at > 0 {
                        out.push(delimiter);
                    }
                    cell(out, plan, chunk, row, run.slot + at, alone);
                }
            }
            out.push(b'\n');
        });
    }
}

fn cell(out: &mut Vec<u8>, plan: &Plan, chunk: &Chunk, row: usize, slot: usize, alone: bool) {
    let to = &plan.out_dialect;
    if let Some(input) = chunk.field_of(slot)
        && !chunk.slot(slot).touched.get(row)
    {
        let raw = chunk.raw(row, input);
        if rereads_verbatim(raw, chunk.dialect(), to) && !(alone && raw.is_empty()) {
            out.extend_from_slice(raw);
            return;
        }
        let mut scratch = Vec::new();
        put(out, unquote(raw, chunk.dialect(), &mut scratch), to, alone);
        return;
    }
    put(out, chunk.cells(slot).get(row), to, alone);
}

fn put(out: &mut Vec<u8>, value: &[u8], to: &Dialect, alone: bool) {
    if alone {
        only_field(out, value, to)
    } else {
        field(out, value, to)
    }
}

/// Appends a column of the input as a field of a plain CSV file: for rejects, whose file has more than
/// one column always.
pub fn value(out: &mut Vec<u8>, chunk: &Chunk, row: usize, slot: usize) {
    let plain = Dialect::default();
    let Some(input) = chunk.field_of(slot) else {
        return field(out, chunk.cells(slot).get(row), &plain);
    };
    let mut scratch = Vec::new();
    field(
        out,
        unquote(chunk.raw(row, input), chunk.dialect(), &mut scratch),
        &plain,
    );
}

/// Appends the fields of a record that reading rejected, brought to `width`: what is lacking is
/// empty, and what is too many is joined to the last field as it stands in the file, since the
/// usual cause is a delimiter in a text that was not quoted. In a record whose quote does not end,
/// the quotes are taken literally.
pub fn ragged(
    out: &mut Vec<u8>,
    raw: &[u8],
    dialect: &Dialect,
    width: usize,
    literal: bool,
    layout: Option<&Layout>,
) {
    let read = if literal {
        Dialect {
            quote: None,
            ..*dialect
        }
    } else {
        *dialect
    };
    let records = read_all(raw, &read, &tidemill_csv::Limits::default(), 0).unwrap_or_default();
    let fields = records
        .into_iter()
        .next()
        .map_or_else(Vec::new, |record: Record| record.fields);
    let plain = Dialect::default();
    for slot in 0..layout.map_or(width, |layout| layout.fields.len()) {
        let at = match layout.map(|layout| layout.fields[slot]) {
            None => slot,
            Some(Some(at)) => at,
            Some(None) => {
                let name = layout.and_then(|layout| layout.value(slot));
                field(out, name.unwrap_or_default().as_bytes(), &plain);
                out.push(b',');
                continue;
            }
        };
        if at + 1 == width && fields.len() > width {
            let joined = fields[at..].join(dialect.delimiter_text());
            field(out, &joined, &plain);
        } else {
            field(out, fields.get(at).map_or(b"", Vec::as_slice), &plain);
        }
        out.push(b',');
    }
}

/// The first line of the output.
pub fn header<'a>(names: impl IntoIterator<Item = &'a str>, dialect: &Dialect) -> Vec<u8> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut out = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            out.push(dialect.delimiter);
        }
        put(&mut out, name.as_bytes(), dialect, names.len() == 1);
    }
    out.push(b'\n');
    out
}
