//! The pushing driver in three parts that own all they keep, for hosts that cannot lend and must
//! not block: a page, whose bytes come when they come and whose workers share no memory.
//!
//! A [`Cutter`] makes spans of whole records out of bytes, a [`Hand`] works on spans, in any number
//! of instances, and a [`Gatherer`] puts what they gave in order. What goes between them can be
//! packed into bytes. With one hand next to its cutter this is the sequential session once more.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidemill_csv::{Dialect, Limits, Seam, Span, Splitter};

use crate::audit;
use crate::collect::{Collector, Ordered};
use crate::decode::Decoder;
use crate::error::{Fault, FaultKind};
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{of_file, too_long};
use crate::session::Ended;
use crate::sink::Sink;
use crate::source::Identity;
use crate::step::StepKind;
use crate::totals::{Frozen, FrozenGroup, Grouped, Totals};
use crate::work::{Carries, Done, Kept, Pass, Worker};

/// Bytes in pieces of any size to spans in the order of the stream.
pub struct Cutter {
    dialect: Dialect,
    limits: Limits,
    splitter: Splitter,
    block: usize,
    /// The block that is being filled, of which `filled` bytes are the stream's.
    filling: Vec<u8>,
    filled: usize,
    offset: u64,
    orders: u64,
    spares: Vec<Vec<u8>>,
    /// There where the host's bytes are not the stream.
    inlet: Option<Box<Inlet>>,
}

/// What makes the stream of the host's bytes.
struct Inlet {
    decoder: Decoder,
    /// Where the host writes.
    raw: Vec<u8>,
    /// What came out last.
    stream: Vec<u8>,
}

/// Bytes that are decoded at once.
const PIECE: usize = 1 << 16;

impl Cutter {
    pub fn new(plan: &Plan, block: usize) -> Cutter {
        let block = block.max(1);
        let limits = plan.detected.limits;
        Cutter {
            dialect: plan.dialect,
            limits,
            splitter: Splitter::new(plan.dialect, limits, plan.detected.body, block as u64),
            block,
            filling: Vec::new(),
            filled: 0,
            offset: 0,
            orders: 0,
            spares: Vec::new(),
            inlet: plan.detected.decoder().map(|decoder| {
                Box::new(Inlet {
                    decoder,
                    raw: vec![0; PIECE],
                    stream: Vec::new(),
                })
            }),
        }
    }

    /// Where the next bytes of the host are to be written; never empty. Tell [`Cutter::filled`]
    /// how many there were. So the host copies them once.
    pub fn room(&mut self) -> &mut [u8] {
        if self.inlet.is_none() {
            return self.block_room();
        }
        match &mut self.inlet {
            Some(inlet) => &mut inlet.raw,
            None => &mut [],
        }
    }

    fn block_room(&mut self) -> &mut [u8] {
        if self.filling.len() != self.block {
            let mut buffer = self.spares.pop().unwrap_or_default();
            let whole = self.whole();
            buffer.reserve(whole.saturating_sub(buffer.len()));
            buffer.resize(self.block, 0);
            self.filling = buffer;
        }
        &mut self.filling[self.filled..]
    }

    /// Takes so many of the bytes of [`Cutter::room`].
    pub fn filled(&mut self, bytes: usize) -> Result<(), Fault> {
        if let Some(mut inlet) = self.inlet.take() {
            let raw = &inlet.raw[..bytes.min(inlet.raw.len())];
            inlet.stream.clear();
            inlet.decoder.push(raw, &mut inlet.stream);
            let taken = self.take(&inlet.stream);
            self.inlet = Some(inlet);
            return taken;
        }
        self.block_filled(bytes)
    }

    fn block_filled(&mut self, bytes: usize) -> Result<(), Fault> {
        self.filled = (self.filled + bytes).min(self.filling.len());
        if self.filled == self.block {
            self.push()?;
        }
        Ok(())
    }

    /// Takes the next bytes of the host.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let room = self.room();
            let (now, later) = bytes.split_at(room.len().min(bytes.len()));
            room[..now.len()].copy_from_slice(now);
            bytes = later;
            self.filled(now.len())?;
        }
        Ok(())
    }

    /// Takes the next bytes of the stream.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let room = self.block_room();
            let (now, later) = bytes.split_at(room.len().min(bytes.len()));
            room[..now.len()].copy_from_slice(now);
            bytes = later;
            self.block_filled(now.len())?;
        }
        Ok(())
    }

    fn push(&mut self) -> Result<(), Fault> {
        let mut block = std::mem::take(&mut self.filling);
        block.truncate(std::mem::take(&mut self.filled));
        let seam = Seam::scan(&block, &self.dialect, &self.limits);
        let offset = self.offset;
        self.offset += block.len() as u64;
        self.splitter.push(offset, block, seam).map_err(too_long)
    }

    /// The stream is at its end: the last spans are ready.
    pub fn end(&mut self) -> Result<(), Fault> {
        if let Some(mut inlet) = self.inlet.take() {
            let mut rest = Vec::new();
            inlet.decoder.end(&mut rest);
            self.take(&rest)?;
        }
        if self.filled > 0 {
            self.push()?;
        }
        self.splitter.finish().map_err(too_long)
    }

    /// The next span that is whole, with its place in the order of spans. After an error the spans
    /// before it are still to be had.
    pub fn pop(&mut self) -> Option<(u64, Span)> {
        let span = self.splitter.pop()?;
        self.orders += 1;
        Some((self.orders - 1, span))
    }

    /// A buffer that nobody needs any more, to be filled again. Of those that a long record has made
    /// large, one is kept.
    pub fn reuse(&mut self, spare: Vec<u8>) {
        let large = spare.capacity() > 2 * self.whole();
        if spare.capacity() > 0 && self.spares.len() < if large { 1 } else { 64 } {
            self.spares.push(spare);
        }
    }

    /// A block, with room behind it for the rest of its last record.
    fn whole(&self) -> usize {
        self.block + self.block / 8 + 4096
    }

    /// The bytes of the stream so far.
    pub fn bytes(&self) -> u64 {
        self.offset + self.filled as u64
    }
}

/// One instance's share of the work of a pass.
pub struct Hand {
    plan: Arc<Plan>,
    pass: Arc<Pass>,
    kept: Option<Kept>,
}

impl Hand {
    pub fn new(plan: Arc<Plan>, pass: Arc<Pass>) -> Hand {
        Hand {
            plan,
            pass,
            kept: None,
        }
    }

    /// Works on one span, and gives its buffer back to be reused.
    pub fn work(
        &mut self,
        order: u64,
        span: Span,
        carries: &dyn Carries,
    ) -> Result<(Done, Vec<u8>), Fault> {
        let mut worker = match self.kept.take() {
            Some(kept) => Worker::resume(&self.plan, &self.pass, kept),
            None => Worker::new(&self.plan, &self.pass),
        };
        let done = worker.work(order, span, carries);
        let spare = worker.spare();
        self.kept = Some(worker.pause());
        Ok((done?, spare))
    }

    /// What it has gathered over all its spans.
    pub fn share(&self) -> Result<Share, Fault> {
        let empty;
        let (totals, learnt) = match &self.kept {
            Some(kept) => (&kept.totals, &kept.learnt),
            None => {
                empty = Worker::new(&self.plan, &self.pass).pause();
                (&empty.totals, &empty.learnt)
            }
        };
        Ok(Share {
            fingerprint: self.plan.fingerprint,
            totals: totals.freeze()?,
            learnt: learnt.freeze()?,
        })
    }
}

/// What a hand has gathered, as plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    fingerprint: u64,
    totals: Frozen,
    learnt: Vec<FrozenGroup>,
}

/// What a pass has learnt, as plain data: each instance makes the next pass of it by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    fingerprint: u64,
    learnt: Vec<FrozenGroup>,
}

impl Lesson {
    /// The pass that follows `pass`.
    pub fn next(&self, plan: &Plan, pass: &Pass) -> Result<Pass, Fault> {
        same_plan(self.fingerprint, plan)?;
        pass.clone().next(plan, &thawed(plan, pass, &self.learnt)?)
    }
}

/// The end of a pass: what hands gave, in order.
pub struct Gatherer {
    plan: Arc<Plan>,
    pass: Arc<Pass>,
    ordered: Ordered,
    /// Rows and rejects that the host has not taken yet.
    pub rows: Vec<u8>,
    pub rejects: Vec<u8>,
    totals: Totals,
    learnt: Option<Grouped>,
}

impl Gatherer {
    /// `name` is the input's base name, or `-`.
    pub fn new(plan: Arc<Plan>, pass: Arc<Pass>, name: &str) -> Result<Gatherer, Fault> {
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        let mut ordered = Ordered::new(&plan, name.to_string());
        if pass.learns.is_none() {
            if plan.target.audit {
                ordered.audit = audit::header();
            }
            let set_aside: Option<&mut dyn Sink> = match plan.target.rejects {
                true => Some(&mut rejects),
                false => None,
            };
            Collector::headers(&plan, &mut rows, set_aside)?;
        }
        Ok(Gatherer {
            ordered,
            totals: Totals::new(&plan),
            learnt: None,
            plan,
            pass,
            rows,
            rejects,
        })
    }

    /// Takes what one span gave; spans may come in any order.
    pub fn push(&mut self, done: Done) -> Result<(), Fault> {
        let rejects: Option<&mut dyn Sink> = match self.plan.target.rejects {
            true => Some(&mut self.rejects),
            false => None,
        };
        self.ordered.push(done, &mut self.rows, rejects)
    }

    /// Lines of the audit that are ready.
    pub fn audit(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ordered.audit)
    }

    /// The offset up to which all records are worked on, and how many there were.
    pub fn progress(&self) -> (u64, u64) {
        (self.ordered.end, self.ordered.segment.records)
    }

    /// Takes a hand's share; each hand has one, and they come in any order.
    pub fn share(&mut self, share: &Share) -> Result<(), Fault> {
        same_plan(share.fingerprint, &self.plan)?;
        self.totals
            .merge(&Totals::thaw(&self.plan, &share.totals)?)?;
        let learnt = thawed(&self.plan, &self.pass, &share.learnt)?;
        match &mut self.learnt {
            None => self.learnt = Some(learnt),
            Some(all) => all.merge(&learnt)?,
        }
        Ok(())
    }

    /// What the pass has learnt, when all shares are there.
    pub fn lesson(&self) -> Result<Lesson, Fault> {
        Ok(Lesson {
            fingerprint: self.plan.fingerprint,
            learnt: match &self.learnt {
                Some(learnt) => learnt.freeze()?,
                None => Vec::new(),
            },
        })
    }

    /// The report of what was gathered so far, with the shares of all hands, none of which has a
    /// span in work. None while a pass learns.
    pub fn glance(&self, name: &str, shares: &[Share]) -> Result<Option<Report>, Fault> {
        if self.pass.learns.is_some() {
            return Ok(None);
        }
        let mut totals = Totals::new(&self.plan);
        totals.merge(&self.totals)?;
        for share in shares {
            same_plan(share.fingerprint, &self.plan)?;
            totals.merge(&Totals::thaw(&self.plan, &share.totals)?)?;
        }
        let identity = identity(name);
        let segment = self.ordered.segment.clone();
        let bytes = self.ordered.end;
        finish::report(&self.plan, &identity, bytes, &totals, segment, true).map(Some)
    }

    /// The pass is over: all of the stream's `bytes`, or as much as was cut before a cancel.
    pub fn end(self, name: &str, bytes: u64, cancelled: bool) -> Result<Ended, Fault> {
        if self.pass.learns.is_some() && !cancelled {
            let next = self.lesson()?.next(&self.plan, &self.pass)?;
            return Ok(Ended::Again(Box::new(next)));
        }
        let identity = identity(name);
        let bytes = if cancelled { self.ordered.end } else { bytes };
        let segment = self.ordered.segment;
        let report = finish::report(
            &self.plan,
            &identity,
            bytes,
            &self.totals,
            segment,
            cancelled,
        )?;
        Ok(Ended::Report(Box::new(report)))
    }
}

fn identity(name: &str) -> Identity {
    Identity {
        name: name.to_string(),
        len: None,
        mark: None,
    }
}

fn thawed(plan: &Plan, pass: &Pass, groups: &[FrozenGroup]) -> Result<Grouped, Fault> {
    let mut grouped = Grouped::new("", &pass.asks(plan), &plan.limits);
    grouped.thaw(groups)?;
    Ok(grouped)
}

fn same_plan(fingerprint: u64, plan: &Plan) -> Result<(), Fault> {
    if fingerprint == plan.fingerprint {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::State,
        "share",
        "the share of another plan or version",
        "one of this plan",
    ))
}

/// Whether spans can be worked on apart from each other: a carried step wants them in order.
pub fn apart(plan: &Plan) -> bool {
    !plan
        .stages
        .iter()
        .any(|stage| matches!(stage.kind, StepKind::Carried(_)))
}

/// A run over bytes that come in pieces, in one instance: a cutter, a hand and a gatherer, with as
/// many passes as the plan needs.
pub struct Alone {
    plan: Arc<Plan>,
    name: String,
    block: usize,
    number: u32,
    cutter: Cutter,
    hand: Hand,
    pass: Arc<Pass>,
    gatherer: Gatherer,
}

impl Alone {
    pub fn new(plan: Arc<Plan>, name: &str, block: usize) -> Result<Alone, Fault> {
        let pass = Arc::new(Pass::first(&plan));
        plan.one_file()?;
        Alone::of_pass(plan, pass, name.to_string(), block, 1)
    }

    fn of_pass(
        plan: Arc<Plan>,
        pass: Arc<Pass>,
        name: String,
        block: usize,
        number: u32,
    ) -> Result<Alone, Fault> {
        Ok(Alone {
            cutter: Cutter::new(&plan, block),
            hand: Hand::new(plan.clone(), pass.clone()),
            gatherer: Gatherer::new(plan.clone(), pass.clone(), &name)?,
            pass,
            plan,
            name,
            block,
            number,
        })
    }

    /// Where the next bytes go; see [`Cutter::room`].
    pub fn room(&mut self) -> &mut [u8] {
        self.cutter.room()
    }

    /// Takes so many bytes of the room, and works on what is whole now.
    pub fn filled(&mut self, bytes: usize) -> Result<(), Fault> {
        let cut = self.cutter.filled(bytes);
        self.work(cut)
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let cut = self.cutter.feed(bytes);
        self.work(cut)
    }

    fn work(&mut self, cut: Result<(), Fault>) -> Result<(), Fault> {
        while let Some((order, span)) = self.cutter.pop() {
            let (done, spare) = self.hand.work(order, span, &*self.pass)?;
            self.cutter.reuse(spare);
            self.gatherer.push(done)?;
        }
        cut.map_err(|fault| of_file(fault, &self.name))
    }

    /// Rows that are ready.
    pub fn rows(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.gatherer.rows)
    }

    /// Rows set aside that are ready.
    pub fn rejects(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.gatherer.rejects)
    }

    /// Lines of the audit that are ready.
    pub fn audit(&mut self) -> Vec<u8> {
        self.gatherer.audit()
    }

    /// The pass, from 1, the offset up to which it is, and its records so far.
    pub fn progress(&self) -> (u32, u64, u64) {
        let (bytes, records) = self.gatherer.progress();
        (self.number, bytes, records)
    }

    /// The report so far, which says that it is partial. None while a pass learns.
    pub fn glance(&self) -> Result<Option<Report>, Fault> {
        self.gatherer.glance(&self.name, &[self.hand.share()?])
    }

    /// The stream is at its end. The last rows are then to be taken; after that it is
    /// [`Alone::finish`]ed.
    pub fn end(&mut self) -> Result<(), Fault> {
        let cut = self.cutter.end();
        self.work(cut)
    }

    /// The report, or the run itself for the next pass, in which all bytes are fed once more.
    pub fn finish(mut self, cancelled: bool) -> Result<Finished, Fault> {
        self.gatherer.share(&self.hand.share()?)?;
        let bytes = self.cutter.bytes();
        match self.gatherer.end(&self.name, bytes, cancelled)? {
            Ended::Report(report) => Ok(Finished::Report(report)),
            Ended::Again(pass) => {
                let pass = Arc::new(*pass);
                let number = self.number + 1;
                let next = Alone::of_pass(self.plan, pass, self.name, self.block, number)?;
                Ok(Finished::Again(Box::new(next)))
            }
        }
    }
}

/// What [`Alone::finish`] came to, or that of another run.
pub enum Finished<R = Alone> {
    Again(Box<R>),
    Report(Box<Report>),
}
