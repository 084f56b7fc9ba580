//! `cast`: reads columns as a type. The cells become what that type writes (a number keeps its
//! written decimals, a date becomes ISO 8601, a missing word becomes the empty field), and a cell
//! that is not of the type is a reject unless the step says otherwise.

use crate::chunk::Chunk;
use crate::column::{Kind, Typed, write_value};
use crate::document::{Data, Node};
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::number::{NumberFormat, OPTIONS as NUMBER_OPTIONS, is_canonical};
use crate::number::decimal::{Decimal, Parsed, parse_at};
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, Schema};
use crate::step::{Outcome, RowLocal, RowReject};
use crate::value::class::Type;
use crate::value::format::Format;
use crate::value::{Temporal, boolean, date};

pub struct Cast {
    columns: Vec<Target>,
    on_error: OnError,
    /// Only some rows are cast, so the column as a whole has no type.
    within: bool,
}

struct Target {
    slot: usize,
    ty: Type,
    number: NumberFormat,
    formats: Vec<Format>,
    missing: Missing,
}

/// What reading the cells of one chunk needs on the way.
#[derive(Default)]
struct Scratch {
    /// A number brought to the plain form.
    digits: Vec<u8>,
    /// The rows whose moment came with an offset, and is written with a Z.
    utc: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OnError {
    Reject,
    Missing,
    Keep,
    Fail,
}

const TYPES: &[&str] = &[
    "integer", "number", "boolean", "date", "time", "datetime", "text",
];
const ON_ERROR: &[&str] = &["reject", "missing", "keep", "fail"];
const COLUMN_OPTIONS: &[Opt] = &[
    Opt {
        name: "type",
        help: "the type",
        shape: Shape::Word(TYPES),
    },
    NUMBER_OPTIONS[0],
    NUMBER_OPTIONS[1],
    NUMBER_OPTIONS[2],
    NUMBER_OPTIONS[3],
    NUMBER_OPTIONS[4],
    NUMBER_OPTIONS[5],
    Opt {
        name: "formats",
        help: "date formats as strptime knows them, tried in this order",
        shape: Shape::Texts,
    },
];

impl Clean for Cast {
    const ABOUT: About = About {
        word: "cast",
        help: "reads columns as a type; what is not of the type is set aside",
        value: Shape::Map(&Shape::WordOrTable(TYPES, COLUMN_OPTIONS)),
        options: &[Opt {
            name: "on_error",
            help: "what becomes of a cell that is not of the type: its row is set aside (reject), it becomes missing, it is kept as it is, or the run fails",
            shape: Shape::Word(ON_ERROR),
        }],
        example: "cast = { qty = \"integer\", day = { type = \"date\", formats = [\"%d/%m/%Y\"] } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        within: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("cast", "a table")?;
        let on_error = match options.word("on_error", ON_ERROR)? {
            Some("missing") => OnError::Missing,
            Some("keep") => OnError::Keep,
            Some("fail") => OnError::Fail,
            _ => OnError::Reject,
        };
        let mut columns: Vec<(usize, Target)> = Vec::new();
        for (pattern, node) in table.entries()? {
            for at in schema.resolve(std::slice::from_ref(pattern), &table.place(pattern))? {
                let slot = schema.columns[at].slot;
                let target = target(&table, pattern, node, slot, &schema.missing[slot])?;
                // A later entry for the same column is the more special one.
                columns.retain(|(other, _)| *other != at);
                columns.push((at, target));
            }
        }
        columns.sort_by_key(|(at, _)| *at);
        if !within {
            for (at, target) in &columns {
                schema.columns[*at].ty = Some(target.ty);
                schema.cast.push(target.slot);
            }
        }
        let columns: Vec<Target> = columns.into_iter().map(|(_, target)| target).collect();
        let texts = columns.iter().map(|target| target.slot).collect();
        let mut compiled = Compiled::row_local(Cast {
            columns,
            on_error,
            within,
        });
        compiled.texts = texts;
        Ok(compiled)
    }
}

fn target(
    table: &Options<'_>,
    column: &str,
    node: &Node,
    slot: usize,
    missing: &Missing,
) -> Result<Target, RecipeError> {
    let mut formats = Vec::new();
    let mut number = NumberFormat::default();
    let ty = match &node.data {
        Data::Table(_) => {
            let inner = table.within(column, node);
            let known: Vec<&str> = COLUMN_OPTIONS.iter().map(|option| option.name).collect();
            inner.only(&known)?;
            let word = inner
                .word("type", TYPES)?
                .ok_or_else(|| inner.error("type", "no type", "type = \"...\""))?;
            number = NumberFormat::read(&inner)?;
            for text in inner.texts("formats")?.unwrap_or_default() {
                formats.push(Format::compile(&text).map_err(|error| {
                    inner.error(
                        "formats",
                        format!("\"{text}\": {error}"),
                        "a format like \"%d/%m/%Y\"",
                    )
                })?);
            }
            word
        }
        _ => table.one_of(node, column, TYPES)?,
    };
    let ty = Type::ALL
        .into_iter()
        .find(|other| other.as_str() == ty)
        .unwrap_or(Type::Text);
    let is_date = matches!(ty, Type::Date | Type::Time | Type::DateTime);
    if !formats.is_empty() && !is_date {
        return Err(RecipeError::new(
            table.place(column),
            format!("formats for a {ty}"),
            "a date, time or datetime",
        ));
    }
    if !number.is_plain() && !matches!(ty, Type::Integer | Type::Number) {
        return Err(RecipeError::new(
            table.place(column),
            format!("signs of a number for a {ty}"),
            "an integer or a number",
        ));
    }
    Ok(Target {
        slot,
        ty,
        number,
        formats,
        missing: missing.clone(),
    })
}

impl RowLocal for Cast {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for target in &self.columns {
            if target.ty == Type::Text {
                chunk.forget_typed(target.slot);
                continue;
            }
            target.apply(chunk, self.on_error, outcome);
            if self.within {
                chunk.forget_typed(target.slot);
            }
        }
    }
}

impl Target {
    fn apply(&self, chunk: &mut Chunk, on_error: OnError, outcome: &mut Outcome) {
        chunk.decode_text(self.slot);
        let mut typed = chunk.blank(self.ty);
        // Rows whose text is not yet what the type writes, and rows that are not of the type.
        let mut rewrite: Vec<u32> = Vec::new();
        let mut wrong: Vec<u32> = Vec::new();
        let cells = chunk.cells(self.slot);
        let quick = matches!(self.ty, Type::Integer | Type::Number)
            && self.number.is_plain()
            && !self.missing.is_listed();
        let whole = self.ty == Type::Integer;
        let mut scratch = Scratch::default();
        chunk.each_row(|row| {
            let (buffer, start, len) = cells.at(row);
            let text = &buffer[start..start + len];
            if quick
                && let Some(small) = parse_at(buffer, start, len)
                && (small.exponent == 0 || !whole)
            {
                typed.put_small(row, small.mantissa, small.exponent);
                if !is_canonical(text) {
                    rewrite.push(row as u32);
                }
                return;
            }
            match self.read(text, &mut typed, row, &mut scratch) {
                true => rewrite.push(row as u32),
                false => wrong.push(row as u32),
            }
        });
        let mut out = Vec::new();
        let mut changed = 0;
        for row in rewrite {
            out.clear();
            let at = row as usize;
            if self.ty == Type::DateTime && scratch.utc.binary_search(&row).is_ok() {
                date::write_datetime(typed.mantissa[at], true, &mut out);
            } else {
                write_cell(&typed, at, &mut out);
            }
            chunk.set_text(self.slot, row as usize, &out, &mut changed);
        }
        match on_error {
            _ if wrong.is_empty() => {}
            OnError::Missing => {
                outcome.tally.invalid += wrong.len() as u64;
                for row in &wrong {
                    typed.kind[*row as usize] = Kind::Missing;
                    chunk.set_text(self.slot, *row as usize, b"", &mut changed);
                }
            }
            OnError::Keep => outcome.tally.invalid += wrong.len() as u64,
            OnError::Reject | OnError::Fail => {
                let cells = chunk.cells(self.slot);
                for row in &wrong {
                    let raw = cells.get(*row as usize).to_vec();
                    outcome.rejects.push(RowReject {
                        row: *row,
                        slot: self.slot as u32,
                        reason: self.reason(&raw),
                        raw,
                        fatal: on_error == OnError::Fail,
                    });
                }
                let mut next = wrong.iter().peekable();
                let kept = chunk
                    .selected_rows()
                    .into_iter()
                    .filter(|row| next.next_if(|wrong| *wrong == row).is_none())
                    .collect();
                chunk.select(kept);
                for row in &wrong {
                    typed.kind[*row as usize] = Kind::Unread;
                }
                // The reading holds just the rows that are selected now.
                typed.epoch = chunk.epoch();
            }
        }
        outcome.tally.changed += changed;
        typed.settle();
        chunk.set_typed(self.slot, typed);
    }

    /// Reads one cell; false if it is not of the type.
    fn read(&self, text: &[u8], typed: &mut Typed, row: usize, scratch: &mut Scratch) -> bool {
        if self.missing.typed(text) {
            typed.kind[row] = Kind::Missing;
            return true;
        }
        typed.kind[row] = Kind::Invalid;
        match self.ty {
            Type::Integer | Type::Number => match self.number.parse(text, &mut scratch.digits) {
                Parsed::Number(value) if self.ty == Type::Number => {
                    typed.put(row, value);
                    true
                }
                Parsed::Number(value) => match whole(value) {
                    Some(value) => {
                        typed.put(row, value);
                        true
                    }
                    None => false,
                },
                Parsed::Nan if self.ty == Type::Number => {
                    typed.kind[row] = Kind::Nan;
                    true
                }
                Parsed::Infinite { negative } if self.ty == Type::Number => {
                    typed.kind[row] = if negative {
                        Kind::NegativeInfinity
                    } else {
                        Kind::PositiveInfinity
                    };
                    true
                }
                _ => false,
            },
            Type::Boolean => match boolean::parse_cast(text) {
                Some(value) => {
                    typed.put_small(row, i64::from(value), 0);
                    true
                }
                None => false,
            },
            Type::Date | Type::Time | Type::DateTime => {
                let parsed = if self.formats.is_empty() {
                    date::parse_default(text)
                } else {
                    self.formats.iter().find_map(|format| format.parse(text))
                };
                match (self.ty, parsed) {
                    (Type::Date, Some(Temporal::Date(days))) => {
                        typed.put_small(row, i64::from(days), 0)
                    }
                    (Type::Time, Some(Temporal::Time(micros))) => typed.put_small(row, micros, 0),
                    (Type::DateTime, Some(Temporal::DateTime { micros, utc })) => {
                        typed.put_small(row, micros, 0);
                        if utc {
                            scratch.utc.push(row as u32);
                        }
                    }
                    (Type::DateTime, Some(Temporal::Date(days))) => {
                        typed.put_small(row, i64::from(days) * date::MICROS_PER_DAY, 0);
                    }
                    _ => return false,
                }
                true
            }
            Type::Text => true,
        }
    }

    fn reason(&self, raw: &[u8]) -> String {
        let article = if self.ty == Type::Integer { "an" } else { "a" };
        let mut reason = format!("not {article} {}", self.ty);
        if matches!(self.ty, Type::Date | Type::DateTime) {
            let fit = date::formats_that_fit(raw);
            if !fit.is_empty() {
                reason.push_str(&format!("; formats that fit: {}", fit.join(" ")));
            }
        }
        reason
    }
}

/// The same value as an integer: `3.0` is 3, and `3e2` is 300 as far as 38 digits go.
fn whole(value: Decimal) -> Option<Decimal> {
    if !value.is_integer() {
        return None;
    }
    let value = value.normalized();
    if value.exponent <= 0 {
        return Some(value);
    }
    10i128
        .checked_pow(u32::from(value.exponent.unsigned_abs()))
        .and_then(|power| value.mantissa.checked_mul(power))
        .and_then(|mantissa| Decimal::new(mantissa, 0))
        .or(Some(value))
}

/// What the type writes for a cell that was read.
fn write_cell(typed: &Typed, row: usize, out: &mut Vec<u8>) {
    match typed.kind[row] {
        Kind::Present | Kind::Wide => {
            let Some(value) = typed.value(row) else {
                return;
            };
            write_value(typed.ty, value, out);
        }
        Kind::Nan => out.extend_from_slice(b"NaN"),
        Kind::PositiveInfinity => out.extend_from_slice(b"inf"),
        Kind::NegativeInfinity => out.extend_from_slice(b"-inf"),
        Kind::Missing | Kind::Invalid | Kind::Unread => {}
    }
}
