//! Where parts begin, without reading what lies before them: each run of blocks is scanned for its
//! seam alone, on any machine, and seams compose. A part whose seams before it are known finds its
//! first record in its own bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidemill_csv::{SEAM_BYTES, Seam, State, first_line};

use super::envelope::{self, Content};
use super::{Part, check_run, state};
use crate::error::Fault;
use crate::plan::Plan;
use crate::source::Source;

/// The seam of a run of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    fingerprint: u64,
    block: u64,
    first: u64,
    end: u64,
    seam: Seam,
}

/// A [`Scan`] as it is written.
#[derive(Serialize, Deserialize)]
struct Frozen {
    block: u64,
    first: u64,
    end: u64,
    seam: Vec<u8>,
}

impl Scan {
    /// Scans the blocks from `first` up to `end`; the bytes before the first record do not count.
    pub fn of(
        plan: &Plan,
        source: &dyn Source,
        (first, end): (u64, u64),
        block: usize,
    ) -> Result<Scan, Fault> {
        check_run(first, end)?;
        let block = block.max(1);
        let decoded = plan.detected.decoded(source);
        let source = decoded.as_ref().map_or(source, |decoded| decoded);
        let limits = &plan.detected.limits;
        let mut seam = Seam::identity();
        let mut buffer = vec![0; block];
        for at in first..end {
            let offset = at * block as u64;
            let read = source.read_at(offset, &mut buffer)?;
            let before = plan.detected.body.saturating_sub(offset).min(read as u64) as usize;
            let own = &buffer[before..read];
            seam = seam.then(&Seam::scan(own, &plan.dialect, limits), limits);
            if read < block {
                break;
            }
        }
        Ok(Scan {
            fingerprint: plan.fingerprint,
            block: block as u64,
            first,
            end,
            seam,
        })
    }

    /// The scan as bytes. Equal scans give equal bytes.
    pub fn freeze(&self) -> Result<Vec<u8>, Fault> {
        let frozen = Frozen {
            block: self.block,
            first: self.first,
            end: self.end,
            seam: self.seam.to_bytes().to_vec(),
        };
        let body =
            postcard::to_allocvec(&frozen).map_err(|error| Fault::internal(error.to_string()))?;
        Ok(envelope::seal(Content::Scan, self.fingerprint, &body))
    }

    /// Reads a scan of this plan back.
    pub fn thaw(plan: &Plan, bytes: &[u8]) -> Result<Scan, Fault> {
        let body = envelope::open(Content::Scan, plan, bytes)?;
        let refuse = || state("seam", "bytes of no seam", "a seam of this version");
        let frozen: Frozen = postcard::from_bytes(body).map_err(|_| refuse())?;
        let seam: &[u8; SEAM_BYTES] = frozen.seam.as_slice().try_into().map_err(|_| refuse())?;
        check_run(frozen.first, frozen.end)?;
        Ok(Scan {
            fingerprint: plan.fingerprint,
            block: frozen.block,
            first: frozen.first,
            end: frozen.end,
            seam: Seam::from_bytes(seam).ok_or_else(refuse)?,
        })
    }
}

/// Scans of one plan, by the blocks they cover; one that comes twice is one.
#[derive(Default)]
pub struct Scans {
    held: BTreeMap<(u64, u64), Scan>,
}

impl Scans {
    pub fn add(&mut self, scan: Scan) -> Result<(), Fault> {
        let block = self
            .held
            .values()
            .next()
            .map_or(scan.block, |other| other.block);
        if scan.block != block {
            return Err(state(
                "seam",
                format!("blocks of {} bytes", scan.block),
                format!("blocks of {block} bytes, as the other seams"),
            ));
        }
        self.held.insert((scan.first, scan.end), scan);
        Ok(())
    }

    /// The effect of all blocks from `from` up to `to`, out of scans that fit on each other.
    fn between(&self, plan: &Plan, from: u64, to: u64) -> Result<Seam, Fault> {
        let mut reached = BTreeMap::from([(from, Seam::identity())]);
        // In the order of their beginnings, so what a scan goes on from is there before it.
        for ((first, end), scan) in &self.held {
            if *end <= to
                && let Some(before) = reached.get(first)
            {
                let seam = before.then(&scan.seam, &plan.detected.limits);
                reached.insert(*end, seam);
            }
        }
        match reached.last_key_value() {
            Some((end, seam)) if *end == to => Ok(seam.clone()),
            furthest => Err(state(
                "seams",
                format!(
                    "none that goes on from block {}",
                    furthest.map_or(from, |(end, _)| *end)
                ),
                format!("seams of all blocks from {from} to {to}, none over that border"),
            )
            .hint("tidemill part scan makes the seam of a run of blocks")),
        }
    }

    /// The part of these blocks, of `blocks` in all, with the place of its first record.
    ///
    /// All seams of the file are wanted, also those behind the part: a quoted field that never
    /// closes ends at the line of its opener, and that it does not close shows only there.
    pub fn part(
        &self,
        plan: &Plan,
        source: &dyn Source,
        (first, end): (u64, u64),
        block: usize,
        blocks: u64,
    ) -> Result<Part, Fault> {
        check_run(first, end)?;
        let block = block.max(1);
        if let Some(scan) = self.held.values().next()
            && scan.block != block as u64
        {
            return Err(state(
                "seams",
                format!("blocks of {} bytes", scan.block),
                format!("blocks of {block} bytes"),
            ));
        }
        let limits = &plan.detected.limits;
        let before = self.between(plan, 0, first)?;
        let all = before.then(&self.between(plan, first, blocks)?, limits);
        let at_end = all.exit(State::RecordStart);
        if at_end.broken || at_end.state.open() {
            let place = match at_end.opener {
                Some(opener) => format!("byte {}", plan.detected.body + opener),
                None => "seams".to_string(),
            };
            return Err(state(
                &place,
                "a quoted field that never closes",
                "fields that close, where parts are to begin by seams",
            )
            .hint("map it without seams: then what lies before the part is read"));
        }
        let decoded = plan.detected.decoded(source);
        let source = decoded.as_ref().map_or(source, |decoded| decoded);
        let mut state = before.exit(State::RecordStart).state;
        let mut buffer = vec![0; block];
        for at in first..end {
            let offset = at * block as u64;
            let read = source.read_at(offset, &mut buffer)?;
            let skip = plan.detected.body.saturating_sub(offset).min(read as u64) as usize;
            let own = &buffer[skip..read];
            if let Some(line) = first_line(&plan.dialect, state, own) {
                let body = offset + (skip + line) as u64;
                return Ok(Part { first, end, body });
            }
            state = Seam::scan(own, &plan.dialect, limits).exit(state).state;
            if read < block {
                break;
            }
        }
        // No record begins in it.
        Ok(Part {
            first,
            end,
            body: end * block as u64,
        })
    }
}
