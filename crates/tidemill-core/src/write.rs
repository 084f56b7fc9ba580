//! Cleaned rows as bytes. A field that no step has touched is copied as it came, and neighbours
//! that stand side by side in the input and in the output are copied at once, delimiters and all.

use std::borrow::Cow;

use tidemill_csv::field::unquote;
use tidemill_csv::write::{field, only_field, quoted, rereads_verbatim};
use tidemill_csv::{Dialect, Ragged, Record, read_all};

use crate::chunk::Chunk;
use crate::files::Layout;
use crate::json;
use crate::plan::{Form, Plan};
use crate::schema::PlanColumn;
use crate::sheet;

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
        let at_once = *chunk.dialect() == plan.out_dialect
            && chunk.ragged() == Ragged::Reject
            && !plan.write.excel
            && !plan.write.quote_all;
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
        let end = plan.write.line_end();
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
            out.extend_from_slice(end);
        });
    }
}

fn cell(out: &mut Vec<u8>, plan: &Plan, chunk: &Chunk, row: usize, slot: usize, alone: bool) {
    let to = &plan.out_dialect;
    if let Some(input) = chunk.field_of(slot)
        && !chunk.slot(slot).touched.get(row)
    {
        let raw = chunk.raw(row, input);
        let anew = plan.write.quote_all
            || (alone && raw.is_empty())
            || (plan.write.excel
                && (raw.first() == chunk.dialect().quote.as_ref() || sheet::is_taken_wrong(raw)));
        if !anew && rereads_verbatim(raw, chunk.dialect(), to) {
            out.extend_from_slice(raw);
            return;
        }
        let mut scratch = Vec::new();
        put(
            out,
            unquote(raw, chunk.dialect(), &mut scratch),
            plan,
            alone,
        );
        return;
    }
    put(out, chunk.cells(slot).get(row), plan, alone);
}

fn put(out: &mut Vec<u8>, value: &[u8], plan: &Plan, alone: bool) {
    let (to, write) = (&plan.out_dialect, &plan.write);
    let guarded = if write.excel {
        sheet::guarded(value)
    } else {
        Cow::Borrowed(value)
    };
    if write.quote_all {
        quoted(out, &guarded, to)
    } else if alone {
        only_field(out, &guarded, to)
    } else {
        field(out, &guarded, to)
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

/// What stands before the first row.
pub fn opening(plan: &Plan) -> Vec<u8> {
    let mut out = Vec::new();
    if plan.target.form == Form::Json {
        return out;
    }
    if plan.write.bom {
        out.extend_from_slice("\u{feff}".as_bytes());
    }
    if plan.write_header {
        for (at, column) in plan.output.iter().enumerate() {
            if at > 0 {
                out.push(plan.out_dialect.delimiter);
            }
            let alone = plan.output.len() == 1;
            put(&mut out, column.name.as_bytes(), plan, alone);
        }
        out.extend_from_slice(plan.write.line_end());
    }
    out
}

/// The first line of the file of rejects.
pub fn header<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        field(&mut out, name.as_bytes(), &Dialect::default());
    }
    out.push(b'\n');
    out
}
