//! The answer of a part of a file as bytes that can be kept, sent, and merged with those of the
//! other parts in any order: what several instances in a page ship to each other, and what the
//! machines of a cluster will.
//!
//! A part is a run of blocks of the grid. Parts are held by the run they cover, so one that comes
//! twice is recognised, a larger one takes the place of those it covers, and what is missing can
//! be named. Nothing is merged before all is there, because then it is merged in one order.

pub mod envelope;
mod seams;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidemill_csv::{Seam, Splitter};

use crate::collect::{Collector, Segment};
use crate::error::{Fault, FaultKind, RecipeError};
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{How, Reading, drive, of_file, too_long};
use crate::sink::Sink;
use crate::source::{Identity, Source};
use crate::step::StepKind;
use crate::totals::{Frozen, Totals};
use crate::watch::Watch;
use crate::work::Pass;

use envelope::Content;
pub use seams::{Scan, Scans};

fn state(place: &str, found: impl Into<String>, expected: impl Into<String>) -> Fault {
    Fault::new(FaultKind::State, place, found, expected)
}

fn check_run(first: u64, end: u64) -> Result<(), Fault> {
    if first < end {
        return Ok(());
    }
    Err(state(
        "part",
        format!("blocks {first} to {end}"),
        "a first block, and one behind the last",
    ))
}

/// Whether the parts of a file can be worked on apart from each other.
pub fn mappable(plan: &Plan) -> Result<(), RecipeError> {
    let needs = |stage: &&crate::plan::Stage| {
        !matches!(stage.kind, StepKind::RowLocal(_) | StepKind::Planned)
    };
    let Some(stage) = plan.stages.iter().find(needs) else {
        return Ok(());
    };
    let word = plan.step_words.get(stage.number).map_or("", String::as_str);
    Err(RecipeError::new(
        format!("step {}", stage.number + 1),
        format!("{word}, which must know the rest of the file"),
        "steps that look at one row at a time, where a file is worked on in parts",
    )
    .hint("tidemill run runs such a recipe over the whole file"))
}

/// A run of blocks, and where in the stream its first record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The first block, and the one behind the last.
    pub first: u64,
    pub end: u64,
    pub body: u64,
}

/// Cuts a source into at most `parts` runs of blocks whose first records are known: the seams of
/// all blocks, composed in order.
pub fn parts(
    plan: &Plan,
    source: &dyn Source,
    block: usize,
    parts: usize,
) -> Result<Vec<Part>, Fault> {
    plan.one_file()?;
    let block = block.max(1);
    let decoded = plan.detected.decoded(source);
    let source = decoded.as_ref().map_or(source, |decoded| decoded);
    let mut splitter = Splitter::new(
        plan.dialect,
        plan.detected.limits,
        plan.detected.body,
        block as u64,
    );
    // The blocks in which records begin, with the offset of the first of each.
    let mut starts: Vec<(u64, u64)> = Vec::new();
    let mut blocks = 0u64;
    loop {
        let mut buffer = vec![0; block];
        let read = source.read_at(blocks * block as u64, &mut buffer)?;
        buffer.truncate(read);
        if !buffer.is_empty() {
            let seam = Seam::scan(&buffer, &plan.dialect, &plan.detected.limits);
            splitter
                .push(blocks * block as u64, buffer, seam)
                .map_err(too_long)?;
            blocks += 1;
        }
        let last = read < block;
        if last {
            splitter.finish().map_err(too_long)?;
        }
        starts.extend(std::iter::from_fn(|| splitter.pop()).map(|span| (span.seq, span.base)));
        if last {
            break;
        }
    }
    let size = starts.len().div_ceil(parts.max(1)).max(1);
    let mut cut: Vec<Part> = starts
        .chunks(size)
        .map(|run| Part {
            first: run[0].0,
            end: 0,
            body: run[0].1,
        })
        .collect();
    for at in 0..cut.len() {
        cut[at].end = cut.get(at + 1).map_or(blocks, |next| next.first);
    }
    if let Some(first) = cut.first_mut() {
        first.first = 0;
    }
    if cut.is_empty() {
        // An empty input has one empty block.
        cut.push(Part {
            first: 0,
            end: blocks.max(1),
            body: plan.detected.body,
        });
    }
    Ok(cut)
}

/// The part of the blocks from `first` up to `end`, whose first record is found by reading all that
/// lies before it.
pub fn part(
    plan: &Plan,
    source: &dyn Source,
    (first, end): (u64, u64),
    block: usize,
) -> Result<Part, Fault> {
    check_run(first, end)?;
    let block = block.max(1);
    let decoded = plan.detected.decoded(source);
    let source = decoded.as_ref().map_or(source, |decoded| decoded);
    let mut splitter = Splitter::new(
        plan.dialect,
        plan.detected.limits,
        plan.detected.body,
        block as u64,
    );
    for at in 0.. {
        let offset = at * block as u64;
        let mut buffer = vec![0; block];
        let read = source.read_at(offset, &mut buffer)?;
        buffer.truncate(read);
        if !buffer.is_empty() {
            let seam = Seam::scan(&buffer, &plan.dialect, &plan.detected.limits);
            splitter.push(offset, buffer, seam).map_err(too_long)?;
        }
        let last = read < block;
        if last {
            splitter.finish().map_err(too_long)?;
        }
        while let Some(span) = splitter.pop() {
            if span.seq >= first {
                // A record that begins behind the part is none of its records.
                let body = span.base.min(end * block as u64);
                return Ok(Part { first, end, body });
            }
        }
        if last {
            break;
        }
    }
    Ok(Part {
        first,
        end,
        body: end * block as u64,
    })
}

/// The answer of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    #[serde(skip)]
    fingerprint: u64,
    /// The size of a block of the grid, and the length of the file where it is known.
    block: u64,
    len: Option<u64>,
    first: u64,
    end: u64,
    bytes: u64,
    totals: Frozen,
    segment: Segment,
}

impl Partial {
    /// Works on one part. Its cleaned rows are those of the part, without a header.
    pub fn map(
        plan: &Plan,
        source: &dyn Source,
        part: &Part,
        rows: &mut dyn Sink,
        watch: &dyn Watch,
        how: How,
    ) -> Result<Partial, Fault> {
        mappable(plan).map_err(|error| {
            Fault::new(FaultKind::State, error.place, error.found, error.expected)
        })?;
        let decoded = plan.detected.decoded(source);
        let source = decoded.as_ref().map_or(source, |decoded| decoded);
        let identity = source.identity()?;
        let block = how.block.max(1) as u64;
        let behind = part.end * block;
        let mut partial = Partial {
            fingerprint: plan.fingerprint,
            block,
            len: identity.len,
            first: part.first,
            end: part.end,
            bytes: behind,
            totals: Totals::new(plan).freeze()?,
            segment: Segment::default(),
        };
        if part.body >= behind {
            let last = behind - block;
            let read = source.read_at(last, &mut vec![0; block as usize])?;
            partial.bytes = last + read as u64;
            return Ok(partial);
        }
        let pass = Pass::first(plan);
        let reading = Reading {
            source,
            file: 0,
            origin: 0,
            records: 0,
            total: identity.len,
            first: part.first,
            stop: Some(part.end),
            pass: 1,
            passes: 1,
            room: None,
        };
        let collector = Collector::new(plan, identity.name.clone(), rows, None);
        let gathered = drive(plan, &pass, &reading, part.body, collector, watch, how)
            .map_err(|fault| within(fault, part, &identity.name))?;
        if source.identity()? != identity {
            return Err(Fault::new(
                FaultKind::Input,
                identity.name,
                "a file that changed while it was read",
                "the same bytes to the end",
            ));
        }
        if gathered.cancelled {
            return Err(state("part", "a cancel", "a whole part"));
        }
        partial.bytes = gathered.bytes.min(behind);
        partial.totals = gathered.totals.freeze()?;
        partial.segment = gathered.segment;
        Ok(partial)
    }

    /// The blocks it covers.
    pub fn range(&self) -> (u64, u64) {
        (self.first, self.end)
    }

    /// The size of a block.
    pub fn block(&self) -> u64 {
        self.block
    }

    /// The length of the file, where it is known.
    pub fn file_len(&self) -> Option<u64> {
        self.len
    }

    /// The partial as bytes: a head with a checksum, and the state in its canonical form. Equal
    /// states give equal bytes.
    pub fn freeze(&self) -> Result<Vec<u8>, Fault> {
        let body =
            postcard::to_allocvec(self).map_err(|error| Fault::internal(error.to_string()))?;
        Ok(envelope::seal(Content::Partial, self.fingerprint, &body))
    }

    /// Reads a partial of this plan back.
    pub fn thaw(plan: &Plan, bytes: &[u8]) -> Result<Partial, Fault> {
        let body = envelope::open(Content::Partial, plan, bytes)?;
        let mut partial: Partial = postcard::from_bytes(body)
            .map_err(|error| state("part", error.to_string(), "a part of this version"))?;
        check_run(partial.first, partial.end)?;
        partial.fingerprint = plan.fingerprint;
        Ok(partial)
    }
}

/// A row that ends a run is named by its record, and a part does not know how many come before it.
fn within(mut fault: Fault, part: &Part, name: &str) -> Fault {
    if fault.kind == FaultKind::Input && part.first > 0 && fault.place.starts_with(name) {
        fault.place = format!(
            "{}, counted from byte {} where the part begins",
            fault.place, part.body
        );
        return fault;
    }
    of_file(fault, name)
}

/// Partials of one plan, by the blocks they cover.
#[derive(Default)]
pub struct Partials {
    held: BTreeMap<u64, Partial>,
}

impl Partials {
    /// Takes a partial. One that is covered already is dropped; those that it covers make way.
    /// One that overlaps another in part only is refused.
    pub fn add(&mut self, partial: Partial) -> Result<(), Fault> {
        if let Some(other) = self.held.values().next() {
            let of = |partial: &Partial| (partial.block, partial.len);
            if of(&partial) != of(other) {
                let told = |(block, len): (u64, Option<u64>)| {
                    let len = len.map_or("some".to_string(), |len| len.to_string());
                    format!("a part of a file of {len} bytes, in blocks of {block}")
                };
                return Err(state(
                    &format!("part of blocks {} to {}", partial.first, partial.end),
                    told(of(&partial)),
                    told(of(other)),
                ));
            }
        }
        let (first, end) = partial.range();
        let overlaps: Vec<(u64, u64)> = self
            .held
            .values()
            .map(Partial::range)
            .filter(|(from, to)| *from < end && first < *to)
            .collect();
        if overlaps
            .iter()
            .any(|(from, to)| *from <= first && end <= *to)
        {
            return Ok(());
        }
        if let Some((from, to)) = overlaps
            .iter()
            .find(|(from, to)| *from < first || end < *to)
        {
            return Err(Fault::new(
                FaultKind::State,
                format!("partial of blocks {first} to {end}"),
                format!("an overlap with blocks {from} to {to}"),
                "parts that are the same, apart, or one within the other",
            ));
        }
        for (from, _) in overlaps {
            self.held.remove(&from);
        }
        self.held.insert(first, partial);
        Ok(())
    }

    /// The runs of blocks that are not there yet, of `blocks` in all.
    pub fn missing(&self, blocks: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut at = 0;
        for partial in self.held.values() {
            if partial.first > at {
                gaps.push((at, partial.first));
            }
            at = at.max(partial.end);
        }
        if at < blocks {
            gaps.push((at, blocks));
        }
        gaps
    }

    /// What is held, as few partials as can be: those that follow on each other are one.
    pub fn merged(self, plan: &Plan) -> Result<Vec<Partial>, Fault> {
        let mut runs: Vec<(Partial, Totals)> = Vec::new();
        for partial in self.held.into_values() {
            let totals = Totals::thaw(plan, &partial.totals)?;
            match runs.last_mut() {
                Some((last, sum)) if last.end == partial.first => {
                    sum.merge(&totals)?;
                    last.segment.join(partial.segment);
                    last.end = partial.end;
                    last.bytes = last.bytes.max(partial.bytes);
                }
                _ => runs.push((partial, totals)),
            }
        }
        runs.into_iter()
            .map(|(mut partial, totals)| {
                partial.totals = totals.freeze()?;
                Ok(partial)
            })
            .collect()
    }

    /// The report, when all blocks are there.
    pub fn finish(self, plan: &Plan, identity: &Identity, blocks: u64) -> Result<Report, Fault> {
        if let Some((from, to)) = self.missing(blocks).first() {
            return Err(Fault::new(
                FaultKind::State,
                "finish",
                format!("blocks {from} to {to} are missing"),
                format!("all {blocks} blocks"),
            ));
        }
        let mut totals = Totals::new(plan);
        let mut segment = Segment::default();
        let mut bytes = 0;
        for partial in self.held.into_values() {
            totals.merge(&Totals::thaw(plan, &partial.totals)?)?;
            segment.join(partial.segment);
            bytes = bytes.max(partial.bytes);
        }
        finish::report(plan, identity, bytes, &totals, segment, false)
    }
}
