//! The sequential driver: bytes are fed in pieces of any size, and at the end there is a report.
//! It is the oracle that the drivers with threads are held to, and the one for hosts that push.

use tidemill_csv::{Seam, Splitter};

use crate::collect::Collector;
use crate::decode::Decoder;
use crate::detect::Detected;
use crate::error::Fault;
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::run::{Gathered, Outputs, too_long};
use crate::sink::Sink;
use crate::work::{Pass, Worker};

/// One pass that is being fed.
pub struct Session<'a> {
    plan: &'a Plan,
    pass: &'a Pass,
    detected: &'a Detected,
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
        let Outputs { rows, mut rejects } = outputs;
        if pass.learns.is_none() {
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            Collector::headers(plan, rows, rejects)?;
        }
        let outputs = Outputs { rows, rejects };
        Ok(Session::of(plan, pass, (0, 0), name.into(), outputs, block))
    }

    /// A session for one file of a pass, and the bytes of those before it.
    fn of(
        plan: &'a Plan,
        pass: &'a Pass,
        (at, origin): (usize, u64),
        name: String,
        outputs: Outputs<'a>,
        block: usize,
    ) -> Session<'a> {
        let block = block.max(1);
        let Outputs { rows, rejects } = outputs;
        let rejects = rejects.filter(|_| pass.learns.is_none());
        let detected = plan.detected_of(at);
        let mut worker = Worker::new(plan, pass);
        worker.enter(at, origin);
        Session {
            plan,
            pass,
            detected,
            worker,
            splitter: Splitter::new(
                detected.dialect,
                detected.limits,
                detected.body,
                block as u64,
            ),
            collector: Collector::of(plan, at, name.clone(), rows, rejects),
            name,
            block,
            filling: Vec::new(),
            offset: 0,
            orders: 0,
            decoder: detected.decoder(),
        }
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
        let seam = Seam::scan(&block, &self.detected.dialect, &self.detected.limits);
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
    fn close(mut self) -> Result<Gathered, Fault> {
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
        Ok(Gathered {
            totals: self.worker.totals,
            learnt: self.worker.learnt,
            segment: self.collector.into_segment(),
            bytes: self.offset,
            end: self.offset,
            cancelled: false,
        })
    }

    /// The stream is at its end, and it was the whole input.
    pub fn end(self) -> Result<Ended, Fault> {
        let (plan, pass, name) = (self.plan, self.pass, self.name.clone());
        let mut all = Gathered::new(plan);
        all.follow(plan, 0, self.close()?)?;
        ended(plan, pass, vec![name], all)
    }
}

fn ended(plan: &Plan, pass: &Pass, names: Vec<String>, all: Gathered) -> Result<Ended, Fault> {
    if pass.learns.is_some() {
        let next = pass.clone().next(plan, &all.learnt)?;
        return Ok(Ended::Again(Box::new(next)));
    }
    let report = finish::whole(
        plan,
        names,
        all.bytes,
        &all.totals,
        all.segment,
        false,
        None,
    )?;
    Ok(Ended::Report(Box::new(report)))
}

/// Feeds bytes that are all there, as often as the plan needs them.
pub fn run(
    plan: &Plan,
    name: &str,
    bytes: &[u8],
    rows: &mut dyn Sink,
    rejects: Option<&mut dyn Sink>,
    block: usize,
) -> Result<Report, Fault> {
    run_files(plan, &[(name, bytes)], rows, rejects, block)
}

/// [`run`] with the files that the plan was made for.
pub fn run_files(
    plan: &Plan,
    files: &[(&str, &[u8])],
    rows: &mut dyn Sink,
    mut rejects: Option<&mut dyn Sink>,
    block: usize,
) -> Result<Report, Fault> {
    let mut pass = Pass::first(plan);
    let names = || files.iter().map(|(name, _)| name.to_string()).collect();
    loop {
        if pass.learns.is_none() {
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            Collector::headers(plan, rows, rejects)?;
        }
        let mut all = Gathered::new(plan);
        for (at, (name, bytes)) in files.iter().enumerate() {
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            let outputs = Outputs { rows, rejects };
            let place = (at, all.bytes);
            let mut session = Session::of(plan, &pass, place, name.to_string(), outputs, block);
            session.feed(bytes)?;
            let gathered = session.close()?;
            all.follow(plan, at, gathered)?;
        }
        match ended(plan, &pass, names(), all)? {
            Ended::Again(next) => pass = *next,
            Ended::Report(report) => return Ok(*report),
        }
    }
}
