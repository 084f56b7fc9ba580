//! The sequential driver: bytes are fed in pieces of any size, and at the end there is a report.
//! It is the oracle that the drivers with threads are held to, and the one for hosts that push.

use tidemill_csv::{Seam, Splitter};

use crate::collect::Collector;
use crate::decode::Decoder;
use crate::error::Fault;
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{Outputs, too_long};
use crate::sink::{Nowhere, Sink};
use crate::source::Identity;
use crate::work::{Pass, Worker};

/// One pass that is being fed.
pub struct Session<'a> {
    plan: &'a Plan,
    pass: &'a Pass,
    name: String,
    worker: Worker<'a>,
    splitter: Splitter,
    collector: Collector<'a>,
    block: usize,
    /// The block that is being filled, and where in the stream it begins.
    filling: Vec<u8>,
    offset: u64,
    orders: u64,
    decoder: Option<Decoder>,
}

/// What a pass came to.
pub enum Ended {
    /// The steps have learnt; the input is to be fed once more.
    Again(Box<Pass>),
    Report(Box<Report>),
}

impl<'a> Session<'a> {
    /// A session for one pass; the first one is [`Pass::first`].
    pub fn new(
        plan: &'a Plan,
        pass: &'a Pass,
        name: impl Into<String>,
        outputs: Outputs<'a>,
        block: usize,
    ) -> Result<Session<'a>, Fault> {
        let block = block.max(1);
        let name = name.into();
        let Outputs { rows, rejects } = outputs;
        let collector = if pass.learns.is_none() {
            let rejects = match rejects {
                Some(rejects) => {
                    Collector::headers(plan, rows, Some(rejects))?;
                    Some(rejects)
                }
                None => {
                    Collector::headers(plan, rows, None)?;
                    None
                }
            };
            Collector::new(plan, name.clone(), rows, rejects)
        } else {
            Collector::new(plan, name.clone(), rows, None)
        };
        Ok(Session {
            plan,
            pass,
            name,
            worker: Worker::new(plan, pass),
            splitter: Splitter::new(
                plan.dialect,
                plan.detected.limits,
                plan.detected.body,
                block as u64,
            ),
            collector,
            block,
            filling: Vec::new(),
            offset: 0,
            orders: 0,
            decoder: plan.detected.decoder(),
        })
    }

    /// Takes the next bytes of the host.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let Some(decoder) = &mut self.decoder else {
            return self.take(bytes);
        };
        let mut stream = Vec::new();
        decoder.push(bytes, &mut stream);
        self.take(&stream)
    }

    /// Takes the next bytes of the stream.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let room = self.block - self.filling.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == self.block {
                self.push()?;
            }
        }
        Ok(())
    }

    fn push(&mut self) -> Result<(), Fault> {
        let block = std::mem::take(&mut self.filling);
        let seam = Seam::scan(&block, &self.plan.dialect, &self.plan.detected.limits);
        let len = block.len() as u64;
        self.splitter
            .push(self.offset, block, seam)
            .map_err(too_long)?;
        self.offset += len;
        self.work()
    }

    fn work(&mut self) -> Result<(), Fault> {
        while let Some(span) = self.splitter.pop() {
            let done = self.worker.work(self.orders, span, self.pass)?;
            self.orders += 1;
            self.collector.push(done)?;
        }
        Ok(())
    }

    /// The stream is at its end.
    pub fn end(mut self) -> Result<Ended, Fault> {
        if let Some(mut decoder) = self.decoder.take() {
            let mut rest = Vec::new();
            decoder.end(&mut rest);
            self.take(&rest)?;
        }
        if !self.filling.is_empty() {
            self.push()?;
        }
        self.splitter.finish().map_err(too_long)?;
        self.work()?;
        if self.pass.learns.is_some() {
            let next = self.pass.clone().next(self.plan, &self.worker.learnt)?;
            return Ok(Ended::Again(Box::new(next)));
        }
        let identity = Identity {
            name: self.name,
            len: None,
            mark: None,
        };
        let segment = self.collector.into_segment();
        let report = finish::report(
            self.plan,
            &identity,
            self.offset,
            &self.worker.totals,
            segment,
            false,
        )?;
        Ok(Ended::Report(Box::new(report)))
    }
}

/// Feeds bytes that are all there, as often as the plan needs them.
pub fn run(
    plan: &Plan,
    name: &str,
    bytes: &[u8],
    rows: &mut dyn Sink,
    mut rejects: Option<&mut dyn Sink>,
    block: usize,
) -> Result<Report, Fault> {
    let mut pass = Pass::first(plan);
    while pass.learns.is_some() {
        let mut nowhere = Nowhere;
        let outputs = Outputs {
            rows: &mut nowhere,
            rejects: None,
        };
        let mut session = Session::new(plan, &pass, name, outputs, block)?;
        session.feed(bytes)?;
        match session.end()? {
            Ended::Again(next) => pass = *next,
            Ended::Report(report) => return Ok(*report),
        }
    }
    let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
    let mut session = Session::new(plan, &pass, name, Outputs { rows, rejects }, block)?;
    session.feed(bytes)?;
    match session.end()? {
        Ended::Report(report) => Ok(*report),
        Ended::Again(_) => Err(Fault::internal("a pass without a learner that learnt")),
    }
}
