//! Whole records on their way through the steps: the bytes as they were read, an index of their
//! fields, and for each column only what somebody has needed so far.
//!
//! Nothing is copied or decoded before a kernel asks for it, and what is asked for is asked once
//! a chunk and column, never once a cell.

use std::sync::Arc;

use tidemill_csv::field::{plain, unquote};
use tidemill_csv::{Dialect, Index, PADDING, Ragged, Span};

use crate::column::{Kind, Spans, Text, Touched, Typed};
use crate::files::Layout;
use crate::number::decimal::{Parsed, parse, parse_at};
use crate::schema::Missing;
use crate::value::class::Type;

/// The rows that are still in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    All,
    Rows(Vec<u32>),
}

/// One column of a chunk.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    pub text: Text,
    pub typed: Option<Typed>,
    pub touched: Touched,
}

/// Whole records, an index of their fields, and their columns.
pub struct Chunk {
    span: Span,
    index: Index,
    dialect: Dialect,
    /// Where the file's fields stand among the columns, if not one behind the other.
    layout: Option<Arc<Layout>>,
    ragged: Ragged,
    /// The bytes of the files before this one.
    origin: u64,
    arena: Vec<u8>,
    slots: Vec<Slot>,
    selection: Selection,
    epoch: u32,
    /// The last epoch given out.
    epochs: u32,
    /// Readings of the last chunk, kept for their allocations.
    spare: Vec<Typed>,
}

impl Chunk {
    /// An empty chunk of `slots` columns, to be filled by [`Chunk::load`] again and again.
    pub fn new(dialect: Dialect, slots: usize) -> Self {
        Chunk {
            span: Span::new(0, 0, Vec::new(), Vec::new(), false),
            index: Index::new(),
            dialect,
            layout: None,
            ragged: Ragged::Reject,
            origin: 0,
            arena: vec![0; PADDING],
            slots: vec![Slot::default(); slots],
            selection: Selection::All,
            epoch: 0,
            epochs: 0,
            spare: Vec::new(),
        }
    }

    /// The spans that come now are of another file, with `origin` bytes in the files before it.
    pub fn enter(&mut self, dialect: Dialect, layout: Option<Arc<Layout>>, origin: u64) {
        self.dialect = dialect;
        self.layout = layout;
        self.origin = origin;
    }

    /// Takes a span's records, of `width` fields each.
    pub fn load(&mut self, span: Span, width: usize, ragged: Ragged) {
        let broken = span.broken_in_span();
        self.index.build(
            span.padded(),
            span.bytes().len(),
            &self.dialect,
            width,
            ragged,
            &broken,
        );
        self.span = span;
        self.ragged = ragged;
        self.arena.clear();
        self.arena.resize(PADDING, 0);
        for slot in &mut self.slots {
            slot.text = Text::Field;
            slot.touched = Touched::None;
            if let Some(typed) = slot.typed.take() {
                self.spare.push(typed);
            }
        }
        self.fill_lacking();
        self.selection = Selection::All;
        self.next_epoch();
    }

    /// Gives the columns that no field of the file stands for their one value.
    fn fill_lacking(&mut self) {
        let Some(layout) = self.layout.clone() else {
            return;
        };
        let rows = self.index.rows;
        for (slot, field) in layout.fields.iter().enumerate() {
            let (start, len) = match field {
                Some(_) => continue,
                None => match layout.value(slot) {
                    Some(name) => self.keep(name.as_bytes()),
                    None => (0, 0),
                },
            };
            self.slots[slot].text = Text::Spans(Spans {
                start: vec![start; rows],
                len: vec![len; rows],
            });
        }
    }

    /// The field of the file that is the column, if one is.
    #[inline]
    pub fn field_of(&self, slot: usize) -> Option<usize> {
        match &self.layout {
            None => (slot < self.index.width).then_some(slot),
            Some(layout) => layout.fields.get(slot).copied().flatten(),
        }
    }

    fn next_epoch(&mut self) {
        self.epochs = self.epochs.wrapping_add(1);
        self.epoch = self.epochs;
    }

    /// Gives the span's buffer back, to be read into again.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::replace(
            &mut self.span,
            Span::new(0, 0, Vec::new(), Vec::new(), false),
        )
        .into_data()
    }

    pub fn seq(&self) -> u64 {
        self.span.seq
    }

    /// The offset of the chunk's first byte in all that is read, one file behind the other.
    pub fn base(&self) -> u64 {
        self.origin + self.span.base
    }

    /// The offset of the chunk's first byte in the stream of its file.
    pub fn offset(&self) -> u64 {
        self.span.base
    }

    pub fn bytes(&self) -> &[u8] {
        self.span.bytes()
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    pub fn ragged(&self) -> Ragged {
        self.ragged
    }

    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Rows in the chunk, selected or not.
    pub fn rows(&self) -> usize {
        self.index.rows
    }

    pub fn width(&self) -> usize {
        self.index.width
    }

    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    pub fn selected(&self) -> usize {
        match &self.selection {
            Selection::All => self.index.rows,
            Selection::Rows(rows) => rows.len(),
        }
    }

    /// Sets the rows that go on. They must be in ascending order and a part of those selected now.
    pub fn select(&mut self, rows: Vec<u32>) {
        if rows.len() == self.selected() {
            return;
        }
        self.selection = Selection::Rows(rows);
        self.next_epoch();
    }

    /// Puts a selection back that [`Chunk::selection`] and [`Chunk::epoch`] gave before.
    pub fn restore(&mut self, selection: Selection, epoch: u32) {
        self.selection = selection;
        self.epoch = epoch;
    }

    /// The selected rows, as a list.
    pub fn selected_rows(&self) -> Vec<u32> {
        match &self.selection {
            Selection::All => (0..self.index.rows as u32).collect(),
            Selection::Rows(rows) => rows.clone(),
        }
    }

    /// Calls `each` with every selected row in order.
    #[inline(always)]
    pub fn each_row(&self, mut each: impl FnMut(usize)) {
        match &self.selection {
            Selection::All => (0..self.index.rows).for_each(each),
            Selection::Rows(rows) => rows.iter().for_each(|row| each(*row as usize)),
        }
    }

    /// The raw bytes of a field of the input, quotes and all.
    #[inline(always)]
    pub fn raw(&self, row: usize, field: usize) -> &[u8] {
        let (start, end) = self.index.field(row, field);
        &self.span.bytes()[start as usize..end as usize]
    }

    pub fn slot(&self, slot: usize) -> &Slot {
        &self.slots[slot]
    }

    /// Makes sure that the column's text can be read by [`Chunk::cells`]: fields that are quoted
    /// are decoded, all others are left where they stand.
    pub fn decode_text(&mut self, slot: usize) {
        if self.index.has_quote && matches!(self.slots[slot].text, Text::Field) {
            let spans = self.field_spans(slot);
            self.slots[slot].text = Text::Spans(spans);
        }
    }

    /// Where each value of an input column stands, decoded.
    fn field_spans(&mut self, slot: usize) -> Spans {
        let rows = self.index.rows;
        let mut spans = Spans {
            start: Vec::with_capacity(rows),
            len: Vec::with_capacity(rows),
        };
        let Some(field) = self.field_of(slot) else {
            spans.start.resize(rows, 0);
            spans.len.resize(rows, 0);
            return spans;
        };
        let bytes = self.span.bytes();
        let quote = self.dialect.quote.filter(|_| self.index.has_quote);
        let mut scratch = Vec::new();
        for row in 0..rows {
            let (start, end) = self.index.field(row, field);
            let raw = &bytes[start as usize..end as usize];
            let (start, len) = match quote {
                Some(quote) if raw.first() == Some(&quote) => match plain(raw, &self.dialect) {
                    Some((from, to)) => (start + from as u32, (to - from) as u32),
                    None => {
                        let value = unquote(raw, &self.dialect, &mut scratch);
                        push_arena(&mut self.arena, self.span.padded().len(), value)
                    }
                },
                _ => (start, end - start),
            };
            spans.start.push(start);
            spans.len.push(len);
        }
        spans
    }

    /// The column's values as text. [`Chunk::decode_text`] comes before.
    #[inline(always)]
    pub fn cells(&self, slot: usize) -> Cells<'_> {
        Cells {
            padded: self.span.padded(),
            arena: &self.arena,
            index: &self.index,
            field: self.field_of(slot).unwrap_or(slot),
            spans: match &self.slots[slot].text {
                Text::Field => None,
                Text::Spans(spans) => Some(spans),
            },
        }
    }

    /// The column's text as it was.
    pub fn cells_of<'a>(&'a self, slot: usize, text: &'a Text) -> Cells<'a> {
        Cells {
            spans: match text {
                Text::Field => None,
                Text::Spans(spans) => Some(spans),
            },
            ..self.cells(slot)
        }
    }

    /// Gives a cell another text. `changed` counts the cells whose bytes really differ.
    #[inline(always)]
    pub fn set_text(&mut self, slot: usize, row: usize, value: &[u8], changed: &mut u64) {
        self.decode_text(slot);
        if self.cells(slot).get(row) == value {
            return;
        }
        *changed += 1;
        let at = push_arena(&mut self.arena, self.span.padded().len(), value);
        self.place(slot, row, at);
    }

    /// Gives the column the selected rows' texts, which stand one after the other in `bytes` and end at
    /// `ends`. The other rows' texts are empty.
    pub fn put_column(&mut self, slot: usize, bytes: &[u8], ends: &[usize]) {
        let base = self.keep(bytes).0;
        let rows = self.index.rows;
        let mut spans = Spans {
            start: vec![0; rows],
            len: vec![0; rows],
        };
        let mut from = 0;
        let mut ends = ends.iter();
        self.each_row(|row| {
            let to = ends.next().copied().unwrap_or(from);
            spans.start[row] = base + from as u32;
            spans.len[row] = (to - from) as u32;
            from = to;
        });
        self.slots[slot].text = Text::Spans(spans);
    }

    /// Puts bytes into the arena once, so that many cells can point at them.
    pub fn keep(&mut self, value: &[u8]) -> (u32, u32) {
        push_arena(&mut self.arena, self.span.padded().len(), value)
    }

    /// Points a cell at bytes of the chunk or its arena, as [`Chunk::keep`] gave them.
    #[inline(always)]
    pub fn place(&mut self, slot: usize, row: usize, (start, len): (u32, u32)) {
        if matches!(self.slots[slot].text, Text::Field) {
            let spans = self.field_spans(slot);
            self.slots[slot].text = Text::Spans(spans);
        }
        let rows = self.index.rows;
        let slot = &mut self.slots[slot];
        if let Text::Spans(spans) = &mut slot.text {
            spans.start[row] = start;
            spans.len[row] = len;
        }
        slot.touched.set(row, rows);
    }

    /// The cell as [`Chunk::place`] takes it.
    pub fn place_of(&self, slot: usize, row: usize) -> (u32, u32) {
        self.cells(slot).place(row)
    }

    /// Makes a cell a part of itself: `len` bytes from its byte `from` on.
    pub fn shorten(&mut self, slot: usize, row: usize, from: u32, len: u32) {
        let start = self.cells(slot).place(row).0;
        self.place(slot, row, (start + from, len));
    }

    /// The column's typed reading, where there is one.
    #[inline]
    pub fn typed(&self, slot: usize) -> Option<&Typed> {
        self.slots[slot].typed.as_ref()
    }

    pub fn typed_mut(&mut self, slot: usize) -> Option<&mut Typed> {
        self.slots[slot].typed.as_mut()
    }

    pub fn set_typed(&mut self, slot: usize, typed: Typed) {
        self.slots[slot].typed = Some(typed);
    }

    /// Throws a reading away, because the text it was made from has changed.
    pub fn forget_typed(&mut self, slot: usize) {
        if let Some(typed) = self.slots[slot].typed.take() {
            self.spare.push(typed);
        }
    }

    /// An empty reading for this chunk's rows.
    pub fn blank(&mut self, ty: Type) -> Typed {
        let mut typed = self.spare.pop().unwrap_or_default();
        typed.reset(ty, self.index.rows, self.epoch);
        typed
    }

    /// Reads the column as numbers, unless it has a typed reading already. Cells that are not
    /// numbers are `Invalid`. Returns true where the reading was made now.
    pub fn decode_numbers(&mut self, slot: usize, missing: &Missing) -> bool {
        if self.slots[slot].typed.is_some() {
            return false;
        }
        self.decode_text(slot);
        let mut typed = self.blank(Type::Number);
        let cells = self.cells(slot);
        self.each_row(|row| {
            let (buffer, start, len) = cells.at(row);
            match parse_at(buffer, start, len) {
                Some(small) if !missing.is_listed() => {
                    typed.put_small(row, small.mantissa, small.exponent);
                }
                _ => read_number(&mut typed, row, &buffer[start..start + len], missing),
            }
        });
        typed.settle();
        self.slots[slot].typed = Some(typed);
        true
    }
}

/// The way for cells that the quick parser does not take.
#[cold]
fn read_number(typed: &mut Typed, row: usize, text: &[u8], missing: &Missing) {
    if missing.typed(text) {
        typed.kind[row] = Kind::Missing;
        return;
    }
    match parse(text) {
        Parsed::Number(value) => typed.put(row, value),
        Parsed::Nan => typed.kind[row] = Kind::Nan,
        Parsed::Infinite { negative: false } => typed.kind[row] = Kind::PositiveInfinity,
        Parsed::Infinite { negative: true } => typed.kind[row] = Kind::NegativeInfinity,
        Parsed::Invalid => typed.kind[row] = Kind::Invalid,
    }
}

#[inline(always)]
fn push_arena(arena: &mut Vec<u8>, base: usize, value: &[u8]) -> (u32, u32) {
    arena.truncate(arena.len() - PADDING);
    let start = arena.len();
    arena.extend_from_slice(value);
    arena.resize(arena.len() + PADDING, 0);
    ((base + start) as u32, value.len() as u32)
}

/// The text of one column, cell by cell.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    padded: &'a [u8],
    arena: &'a [u8],
    index: &'a Index,
    field: usize,
    spans: Option<&'a Spans>,
}

impl<'a> Cells<'a> {
    #[inline(always)]
    pub fn get(&self, row: usize) -> &'a [u8] {
        let (buffer, start, len) = self.at(row);
        &buffer[start..start + len]
    }

    /// The cell as [`Chunk::place`] takes it.
    fn place(&self, row: usize) -> (u32, u32) {
        match self.spans {
            None => {
                let (start, end) = self.index.field(row, self.field);
                (start, end - start)
            }
            Some(spans) => (spans.start[row], spans.len[row]),
        }
    }

    /// The cell as a place in a buffer that goes on for at least [`PADDING`] bytes behind it.
    #[inline(always)]
    pub fn at(&self, row: usize) -> (&'a [u8], usize, usize) {
        match self.spans {
            None => {
                let (start, end) = self.index.field(row, self.field);
                (self.padded, start as usize, (end - start) as usize)
            }
            Some(spans) => {
                let start = spans.start[row] as usize;
                let len = spans.len[row] as usize;
                if start < self.padded.len() {
                    (self.padded, start, len)
                } else {
                    (self.arena, start - self.padded.len(), len)
                }
            }
        }
    }
}
