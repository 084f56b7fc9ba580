//! The answer of a part of a file as bytes that can be kept, sent, and merged with those of the
//! other parts in any order: what several instances in a page ship to each other, and what the
//! machines of a cluster will.
//!
//! A part is a run of blocks of the grid. Parts are held by the run they cover, so one that comes
//! twice is recognised, a larger one takes the place of those it covers, and what is missing can
//! be named. Nothing is merged before all is there, because then it is merged in one order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidemill_csv::{Seam, Splitter};

use crate::collect::{Collector, Segment};
use crate::error::{Fault, FaultKind};
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{How, Reading, drive, too_long};
use crate::sink::Sink;
use crate::source::{Identity, Source};
use crate::step::StepKind;
use crate::totals::{Frozen, Totals};
use crate::watch::Watch;
use crate::work::Pass;

const MAGIC: &[u8; 4] = b"TMP1";

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
        cut.push(Part {
            first: 0,
            end: blocks,
            body: plan.detected.body,
        });
    }
    Ok(cut)
}

/// The answer of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    fingerprint: u64,
    first: u64,
    end: u64,
    bytes: u64,
    totals: Frozen,
    segment: Segment,
}

impl Partial {
    /// Works on one part. Its cleaned rows and rejects are those of the part, without headers.
    pub fn map(
        plan: &Plan,
        source: &dyn Source,
        part: &Part,
        rows: &mut dyn Sink,
        watch: &dyn Watch,
        how: How,
    ) -> Result<Partial, Fault> {
        if plan
            .stages
            .iter()
            .any(|stage| !matches!(stage.kind, StepKind::RowLocal(_) | StepKind::Planned))
        {
            return Err(Fault::new(
                FaultKind::State,
                "part",
                "a step that needs to know the rest of the file",
                "steps that work row by row",
            ));
        }
        let decoded = plan.detected.decoded(source);
        let source = decoded.as_ref().map_or(source, |decoded| decoded);
        let identity = source.identity()?;
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
        let collector = Collector::new(plan, identity.name, rows, None);
        let gathered = drive(plan, &pass, &reading, part.body, collector, watch, how)?;
        if gathered.cancelled {
            return Err(Fault::new(
                FaultKind::State,
                "part",
                "a cancel",
                "a whole part",
            ));
        }
        Ok(Partial {
            fingerprint: plan.fingerprint,
            first: part.first,
            end: part.end,
            bytes: gathered.bytes,
            totals: gathered.totals.freeze()?,
            segment: gathered.segment,
        })
    }

    /// The blocks it covers.
    pub fn range(&self) -> (u64, u64) {
        (self.first, self.end)
    }

    /// The partial as bytes: a mark, a checksum, and the state in its canonical form. Equal
    /// states give equal bytes.
    pub fn freeze(&self) -> Result<Vec<u8>, Fault> {
        let body =
            postcard::to_allocvec(self).map_err(|error| Fault::internal(error.to_string()))?;
        let mut out = Vec::with_capacity(body.len() + 8);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Reads a partial of this plan back.
    pub fn thaw(plan: &Plan, bytes: &[u8]) -> Result<Partial, Fault> {
        let refuse =
            |found: &str, expected: &str| Fault::new(FaultKind::State, "partial", found, expected);
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| refuse("no partial of this version", "bytes that begin with TMP1"))?;
        let (sum, body) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| refuse("a cut partial", "all of it"))?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return Err(refuse(
                "a damaged partial",
                "the checksum it was written with",
            ));
        }
        let partial: Partial = postcard::from_bytes(body)
            .map_err(|error| refuse(&error.to_string(), "a partial of this version"))?;
        if partial.fingerprint != plan.fingerprint {
            return Err(refuse(
                "a partial of another plan or version",
                "one of this plan",
            ));
        }
        Ok(partial)
    }
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
