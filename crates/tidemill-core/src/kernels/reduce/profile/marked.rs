//! Texts by count, each with the place at which it first stands. A place costs nothing but for a text
//! that is new, so the counting of cells is as fast as without.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::chunk::Cells;
use crate::distinct::Counts;
use crate::reduce::View;

/// A record: the offset in the stream of its span, and its number within the span, from 0. The end of a
/// run, which has counted the records of all spans, makes a number of the whole file of it.
pub type Mark = (u64, u32);

/// Counts, and a mark for each of their values.
#[derive(Clone, Debug)]
pub struct Marked {
    counts: Counts,
    /// In the order of the counts' first occurrence.
    marks: Vec<Mark>,
    /// The offset of the last span. One that lies before it may hold earlier places of old texts.
    last: u64,
}

impl Marked {
    pub fn new(counts: Counts) -> Marked {
        Marked {
            counts,
            marks: Vec::new(),
            last: 0,
        }
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64, Mark)> {
        let marks = self.marks.iter();
        self.counts
            .iter()
            .zip(marks)
            .map(|((text, times), mark)| (text, times, *mark))
    }

    /// Gets ready for the rows of a chunk: whether it comes behind all chunks before.
    pub fn is_next(&mut self, view: &View<'_>) -> bool {
        let next = view.chunk.base() >= self.last;
        self.last = self.last.max(view.chunk.base());
        next
    }

    /// Counts a cell of a chunk that comes behind all before. False: it would be a text too many.
    #[inline(always)]
    pub fn add_at(&mut self, view: &View<'_>, cells: &Cells<'_>, row: usize) -> bool {
        let (buffer, start, len) = cells.at(row);
        if !self.counts.add_at(buffer, start, len) {
            return false;
        }
        if self.counts.len() > self.marks.len() {
            self.marks.push(mark(view, row));
        }
        true
    }

    /// Counts a text so many times that first stands there. False: it would be a text too many.
    pub fn add(&mut self, text: &[u8], times: u64, mark: Mark) -> bool {
        if !self.counts.add(text, times) {
            return false;
        }
        match self
            .counts
            .place(text)
            .and_then(|at| self.marks.get_mut(at))
        {
            Some(first) => *first = mark.min(*first),
            None => self.marks.push(mark),
        }
        true
    }

    /// Adds all that `other` counted. False: the two together are beyond the limits, and nothing has changed.
    pub fn merge(&mut self, other: &Marked) -> bool {
        if !self.counts.merge(&other.counts) {
            return false;
        }
        for (text, _, mark) in other.iter() {
            match self
                .counts
                .place(text)
                .and_then(|at| self.marks.get_mut(at))
            {
                Some(first) => *first = mark.min(*first),
                None => self.marks.push(mark),
            }
        }
        self.last = u64::MAX;
        true
    }
}

/// The place of a row.
pub fn mark(view: &View<'_>, row: usize) -> Mark {
    (view.chunk.base(), view.chunk.index().record(row))
}

#[derive(Serialize, Deserialize)]
struct Frozen {
    counts: Counts,
    /// In the order in which counts are frozen.
    marks: Vec<Mark>,
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sorted: Vec<(&[u8], u64, Mark)> = self.iter().collect();
        sorted.sort_unstable_by_key(|(text, ..)| *text);
        let marks: Vec<Mark> = sorted.iter().map(|(.., mark)| *mark).collect();
        (&self.counts, marks).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Marked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Marked, D::Error> {
        let Frozen { counts, marks } = Frozen::deserialize(deserializer)?;
        if counts.len() != marks.len() {
            return Err(D::Error::custom(format!(
                "{} texts with {} places",
                counts.len(),
                marks.len()
            )));
        }
        Ok(Marked {
            counts,
            marks,
            last: u64::MAX,
        })
    }
}
