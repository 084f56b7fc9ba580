//! The pulling driver: workers that read blocks, scan their seams, take whole spans and work on
//! them. With one worker it runs in the caller's thread; with several, on rayon's pool. The
//! results are the same by law: what depends on order goes through the [`Collector`], and
//! everything else is a merge of states.
//!
//! A worker first takes a span that is ready; only where there is none does it read the next
//! block. So reading runs ahead by no more than is needed to know where records end, and memory is
//! bounded by the workers and the longest record.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tidemill_csv::{Seam, Span, Splitter, TooLong};

use crate::collect::{Collector, Segment};
use crate::detect::Detected;
use crate::error::{Fault, FaultKind};
use crate::finish;
use crate::plan::Plan;
use crate::report::Report;
use crate::scratch::Room;
use crate::sink::{Sink, Tables};
use crate::source::{Identity, Source};
use crate::totals::{Grouped, Totals};
use crate::watch::{Progress, Watch};
use crate::work::{Carries, Pass, Worker};

/// The usual size of a block. It fits the second-level cache together with its index, and no
/// result depends on it. [`Plan::block`] is the size that suits a plan.
pub const BLOCK: usize = 256 << 10;

/// How a run is carried out; nothing of it can change a result.
#[derive(Clone, Copy, Debug)]
pub struct How {
    pub threads: usize,
    pub block: usize,
}

impl Default for How {
    fn default() -> Self {
        How {
            threads: 1,
            block: BLOCK,
        }
    }
}

/// Where a run's rows and rejects go.
pub struct Outputs<'a> {
    pub rows: &'a mut dyn Sink,
    pub rejects: Option<&'a mut dyn Sink>,
}

/// What a host lends a run beside its outputs.
#[derive(Default)]
pub struct Aid<'a> {
    /// Where steps put what they must remember, and reductions their groups; without it, in memory alone.
    pub room: Option<Room>,
    /// Who takes the rows of reductions; without it they are in the report.
    pub tables: Option<&'a mut dyn Tables>,
    /// Where the lines go that say what each step did to each record.
    pub audit: Option<&'a mut dyn Sink>,
}

/// Runs a plan over a source, with as many passes as it needs.
pub fn run(
    plan: &Plan,
    source: &dyn Source,
    outputs: Outputs<'_>,
    watch: &dyn Watch,
    how: How,
) -> Result<Report, Fault> {
    run_aided(plan, source, outputs, watch, how, Aid::default())
}

/// [`run`] with room to spill, or with tables that take the rows of reductions.
pub fn run_aided(
    plan: &Plan,
    source: &dyn Source,
    outputs: Outputs<'_>,
    watch: &dyn Watch,
    how: How,
    aid: Aid<'_>,
) -> Result<Report, Fault> {
    run_files(plan, &[source], outputs, watch, how, aid)
}

/// [`run_aided`] over the files that the plan was made for, one behind the other.
pub fn run_files(
    plan: &Plan,
    sources: &[&dyn Source],
    outputs: Outputs<'_>,
    watch: &dyn Watch,
    how: How,
    aid: Aid<'_>,
) -> Result<Report, Fault> {
    let Aid {
        room,
        tables,
        mut audit,
    } = aid;
    if sources.len() != plan.files.len().max(1) {
        return Err(Fault::internal(format!(
            "{} sources for a plan of {} files",
            sources.len(),
            plan.files.len().max(1)
        )));
    }
    let decoded: Vec<_> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| plan.detected_of(at).decoded(*source))
        .collect();
    let sources: Vec<&dyn Source> = sources
        .iter()
        .zip(&decoded)
        .map(|(source, decoded)| match decoded {
            Some(decoded) => decoded as &dyn Source,
            None => *source,
        })
        .collect();
    let identities: Vec<Identity> = sources
        .iter()
        .map(|source| source.identity())
        .collect::<Result<_, Fault>>()?;
    let total = identities.iter().map(|identity| identity.len).sum();
    let passes = plan.passes();
    let mut pass = match &room {
        Some(room) => Pass::with(plan, room),
        None => Pass::first(plan),
    };
    let Outputs { rows, mut rejects } = outputs;
    for number in 1.. {
        let last = pass.learns.is_none();
        if last {
            Collector::headers(
                plan,
                rows,
                rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink),
            )?;
            if let Some(audit) = &mut audit {
                audit.write(&crate::audit::header())?;
            }
        }
        let mut all = Gathered::new(plan);
        for (at, (source, identity)) in sources.iter().zip(&identities).enumerate() {
            let input = Reading {
                source: *source,
                file: at,
                origin: all.bytes,
                records: all.segment.records,
                total,
                first: 0,
                stop: None,
                pass: number,
                passes,
                room: room.as_ref(),
            };
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            let audit = audit.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            let collector = Collector::of(plan, at, identity.name.clone(), rows, rejects)
                .audited(audit, all.segment.records);
            let body = plan.detected_of(at).body;
            let gathered = drive(plan, &pass, &input, body, collector, watch, how)
                .map_err(|fault| of_file(fault, &identity.name))?;
            if source.identity()? != *identity {
                return Err(Fault::new(
                    FaultKind::Input,
                    identity.name.clone(),
                    "a file that changed while it was read",
                    "the same bytes to the end",
                )
                .hint("run again when nobody writes to it"));
            }
            all.follow(plan, at, gathered)?;
            if all.cancelled {
                break;
            }
        }
        if last || all.cancelled {
            let bytes = if all.cancelled { all.end } else { all.bytes };
            let names = identities.into_iter().map(|identity| identity.name);
            return finish::whole(
                plan,
                names.collect(),
                bytes,
                &all.totals,
                all.segment,
                all.cancelled,
                tables,
            );
        }
        pass = pass.next(plan, &all.learnt)?;
        for source in &sources {
            source.rewind()?;
        }
    }
    Err(Fault::internal("no pass was the last"))
}

/// A limit of reading is met at a byte; which file's, the host knows. Other limits are the recipe's.
pub fn of_file(mut fault: Fault, name: &str) -> Fault {
    if fault.kind == FaultKind::Limit && fault.place.starts_with("byte ") {
        fault.place = format!("{name}, {}", fault.place);
    }
    fault
}

/// Which part of the source a drive reads.
pub(crate) struct Reading<'a> {
    pub source: &'a dyn Source,
    /// Which of the plan's files it is, the bytes of those before it, and their records.
    pub file: usize,
    pub origin: u64,
    pub records: u64,
    /// The bytes of all files, where they are known.
    pub total: Option<u64>,
    /// The first block, and the offset at which its first record begins if it is not the body's.
    pub first: u64,
    /// Spans from this block on belong to somebody else.
    pub stop: Option<u64>,
    pub pass: u32,
    pub passes: u32,
    pub room: Option<&'a Room>,
}

/// What a pass gave.
pub(crate) struct Gathered {
    pub totals: Totals,
    pub learnt: Grouped,
    pub segment: Segment,
    pub bytes: u64,
    pub end: u64,
    pub cancelled: bool,
}

impl Gathered {
    /// What no file gave.
    pub fn new(plan: &Plan) -> Gathered {
        Gathered {
            totals: Totals::new(plan),
            learnt: Grouped::new("", &[], &plan.limits),
            segment: Segment::default(),
            bytes: 0,
            end: 0,
            cancelled: false,
        }
    }

    /// Takes in what the file `at` gave, which is the next.
    pub fn follow(&mut self, plan: &Plan, at: usize, mut next: Gathered) -> Result<(), Fault> {
        if at == 0 {
            self.learnt = next.learnt;
            self.totals = next.totals;
        } else {
            Totals::settle([&mut self.totals, &mut next.totals].into_iter())?;
            self.learnt.merge(&next.learnt)?;
            self.totals.merge(&next.totals)?;
        }
        let detected = plan.detected_of(at);
        next.segment.shift(0, detected.lines);
        next.segment.skipped += detected.skipped;
        self.segment.follow(next.segment);
        self.bytes += next.bytes;
        self.end = self.end.max(next.end);
        self.cancelled |= next.cancelled;
        Ok(())
    }
}

/// One pass, from the record that begins at `body`.
pub(crate) fn drive(
    plan: &Plan,
    pass: &Pass,
    reading: &Reading<'_>,
    body: u64,
    collector: Collector<'_>,
    watch: &dyn Watch,
    how: How,
) -> Result<Gathered, Fault> {
    let block = how.block.max(1);
    let threads = how.threads.max(1);
    let detected = plan.detected_of(reading.file);
    let drive = Drive {
        plan,
        detected,
        pass,
        reading,
        watch,
        block,
        threads,
        ahead: 4 * threads as u64 + 4,
        frontier: Mutex::new(Frontier {
            splitter: Splitter::new(detected.dialect, detected.limits, body, block as u64),
            claimed: reading.first,
            pushed: reading.first,
            early: BTreeMap::new(),
            ready: VecDeque::new(),
            orders: 0,
            reading: 0,
            end: None,
            done: false,
            fault: None,
            spares: Vec::new(),
        }),
        changed: Condvar::new(),
        collector: Mutex::new(collector),
        collected: AtomicU64::new(0),
        carried: Mutex::new(vec![0; plan.stages.len()]),
        workers: AtomicUsize::new(0),
        moved: Condvar::new(),
        stop: AtomicBool::new(false),
        cancelled: AtomicBool::new(false),
        fault: Mutex::new(None),
    };
    let mut shares: Vec<Option<(Totals, Grouped)>> = Vec::new();
    shares.resize_with(threads, || None);
    in_parallel(&drive, &mut shares);
    let fault = lock(&drive.fault).take();
    if let Some(fault) = fault.or_else(|| lock(&drive.frontier).fault.take()) {
        return Err(fault);
    }
    Totals::settle(shares.iter_mut().flatten().map(|share| &mut share.0))?;
    let mut shares = shares.into_iter().flatten();
    let (mut totals, mut learnt) = shares.next().unwrap_or_else(|| {
        let learnt = Grouped::new("", &[], &plan.limits);
        (Totals::new(plan), learnt)
    });
    for share in shares {
        totals.merge(&share.0)?;
        learnt.merge(&share.1)?;
    }
    let bytes = lock(&drive.frontier).end.unwrap_or(0);
    let cancelled = drive.cancelled.load(Ordering::Relaxed);
    let collector = drive
        .collector
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(Gathered {
        totals,
        learnt,
        bytes,
        end: collector.end,
        cancelled,
        segment: collector.into_segment(),
    })
}

#[cfg(feature = "parallel")]
fn in_parallel(drive: &Drive<'_, '_>, shares: &mut [Option<(Totals, Grouped)>]) {
    if shares.len() == 1 {
        shares[0] = drive.worker();
        return;
    }
    rayon::scope(|scope| {
        for share in shares {
            scope.spawn(move |_| *share = drive.worker());
        }
    });
}

#[cfg(not(feature = "parallel"))]
fn in_parallel(drive: &Drive<'_, '_>, shares: &mut [Option<(Totals, Grouped)>]) {
    for share in shares {
        *share = drive.worker();
    }
}

/// Where reading is.
struct Frontier {
    splitter: Splitter,
    /// The next block to be read, and the next to be pushed.
    claimed: u64,
    pushed: u64,
    /// Blocks that were read before one that comes earlier.
    early: BTreeMap<u64, Result<(Vec<u8>, Seam), Fault>>,
    ready: VecDeque<(u64, Span)>,
    orders: u64,
    /// Blocks that are being read.
    reading: usize,
    /// The length of the stream, once it is known.
    end: Option<u64>,
    /// Every span is in `ready` or taken.
    done: bool,
    /// What ended reading early.
    fault: Option<Fault>,
    spares: Vec<Vec<u8>>,
}

struct Drive<'a, 's> {
    plan: &'a Plan,
    detected: &'a Detected,
    pass: &'a Pass,
    reading: &'a Reading<'a>,
    watch: &'a dyn Watch,
    block: usize,
    threads: usize,
    /// How many spans may be worked on beyond the one that is waited for.
    ahead: u64,
    frontier: Mutex<Frontier>,
    changed: Condvar,
    collector: Mutex<Collector<'s>>,
    collected: AtomicU64,
    /// One a stage: the order that is next.
    carried: Mutex<Vec<u64>>,
    /// How many have begun.
    workers: AtomicUsize,
    moved: Condvar,
    stop: AtomicBool,
    cancelled: AtomicBool,
    fault: Mutex<Option<Fault>>,
}

enum Task {
    Work(u64, Span),
    Read(u64, Vec<u8>),
    End,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A worker that panicked has set `fault`; its data are not used any more.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drive<'_, '_> {
    /// One worker's life. A panic becomes a Fault, so that no other worker waits for ever.
    fn worker(&self) -> Option<(Totals, Grouped)> {
        match catch_unwind(AssertUnwindSafe(|| self.work())) {
            Ok(Ok(share)) => Some(share),
            Ok(Err(fault)) => {
                self.fail(fault);
                None
            }
            Err(panic) => {
                self.fail(Fault::panicked(&*panic));
                None
            }
        }
    }

    fn fail(&self, fault: Fault) {
        lock(&self.fault).get_or_insert(fault);
        self.halt();
    }

    fn halt(&self) {
        self.stop.store(true, Ordering::Relaxed);
        // Taking the locks makes sure that nobody is between looking at `stop` and waiting.
        drop(lock(&self.frontier));
        self.changed.notify_all();
        drop(lock(&self.carried));
        self.moved.notify_all();
    }

    fn work(&self) -> Result<(Totals, Grouped), Fault> {
        let mut worker = Worker::new(self.plan, self.pass);
        worker.enter(self.reading.file, self.reading.origin);
        if let Some(room) = self.reading.room {
            let number = self.workers.fetch_add(1, Ordering::Relaxed);
            // No worker of another file has that number.
            let number = self.reading.file * self.threads + number;
            worker.totals.lend(room, number, self.threads);
        }
        loop {
            match self.next_task(&mut worker) {
                Task::End => return Ok((worker.totals, worker.learnt)),
                Task::Read(block, buffer) => self.read(block, buffer),
                Task::Work(order, span) => {
                    let done = worker.work(order, span, self)?;
                    self.collect(done)?;
                }
            }
        }
    }

    fn next_task(&self, worker: &mut Worker<'_>) -> Task {
        let mut frontier = lock(&self.frontier);
        let spare = worker.spare();
        if spare.capacity() > 0 && frontier.spares.len() < 64 {
            frontier.spares.push(spare);
        }
        loop {
            // After a Fault nothing is finished; after a cancel, what was taken is.
            if self.stop.load(Ordering::Relaxed) {
                return Task::End;
            }
            let limit = self.collected.load(Ordering::Acquire) + self.ahead;
            match frontier.ready.front() {
                Some((order, _)) if *order < limit => {
                    if let Some((order, span)) = frontier.ready.pop_front() {
                        return Task::Work(order, span);
                    }
                }
                Some(_) => {}
                None if frontier.done => return Task::End,
                None => {
                    let free = self.reading.source.random() || frontier.reading == 0;
                    if free && frontier.end.is_none() {
                        let block = frontier.claimed;
                        frontier.claimed += 1;
                        frontier.reading += 1;
                        let buffer = frontier.spares.pop().unwrap_or_default();
                        return Task::Read(block, buffer);
                    }
                }
            }
            frontier = self
                .changed
                .wait(frontier)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn read(&self, block: u64, mut buffer: Vec<u8>) {
        let offset = block * self.block as u64;
        // Room behind the block for the rest of its last record.
        buffer.reserve((self.block + self.block / 8 + 4096).saturating_sub(buffer.len()));
        buffer.resize(self.block, 0);
        let read = self
            .reading
            .source
            .read_at(offset, &mut buffer)
            .map(|read| {
                buffer.truncate(read);
                let seam = Seam::scan(&buffer, &self.detected.dialect, &self.detected.limits);
                (buffer, seam)
            });
        let mut frontier = lock(&self.frontier);
        frontier.reading -= 1;
        if let Ok((buffer, _)) = &read
            && buffer.len() < self.block
        {
            let end = offset + buffer.len() as u64;
            frontier.end = Some(frontier.end.map_or(end, |other| other.min(end)));
        }
        frontier.early.insert(block, read);
        if let Err(fault) = self.advance(&mut frontier) {
            // Whatever stands before the fault is still worked on, so that of several faults it is
            // always the first of the file that ends the run.
            frontier.done = true;
            frontier.end.get_or_insert(offset);
            frontier.fault = Some(fault);
        }
        drop(frontier);
        self.changed.notify_all();
    }

    /// Pushes all blocks that follow on each other, and takes the spans that are ready.
    fn advance(&self, frontier: &mut Frontier) -> Result<(), Fault> {
        while !frontier.done {
            let next = frontier.pushed;
            let Some(read) = frontier.early.remove(&next) else {
                break;
            };
            frontier.pushed += 1;
            let (buffer, seam) = read?;
            let offset = next * self.block as u64;
            let last = buffer.len() < self.block;
            let mut pushed = Ok(());
            if !buffer.is_empty() {
                pushed = frontier.splitter.push(offset, buffer, seam);
            }
            if last && pushed.is_ok() {
                pushed = frontier.splitter.finish();
            }
            // A splitter that met a record too long still has the spans before it.
            while let Some(span) = frontier.splitter.pop() {
                if self.reading.stop.is_some_and(|stop| span.seq >= stop) {
                    frontier.done = true;
                    frontier.end.get_or_insert(span.base);
                    return Ok(());
                }
                let order = frontier.orders;
                frontier.orders += 1;
                frontier.ready.push_back((order, span));
            }
            pushed.map_err(too_long)?;
            frontier.done |= last;
        }
        Ok(())
    }

    fn collect(&self, done: crate::work::Done) -> Result<(), Fault> {
        let mut collector = lock(&self.collector);
        collector.push(done)?;
        self.collected.store(collector.next(), Ordering::Release);
        let progress = Progress {
            bytes: collector.end,
            total: self.reading.total,
            pass: self.reading.pass,
            passes: self.reading.passes,
            rows: self.reading.records + collector.segment.records,
        };
        drop(collector);
        if !self.watch.step(&progress) && !self.cancelled.swap(true, Ordering::Relaxed) {
            self.cancel();
        }
        // Somebody may wait because he was too far ahead.
        drop(lock(&self.frontier));
        self.changed.notify_all();
        Ok(())
    }

    /// Lets what was taken be finished and takes no more: what is collected is then a run of
    /// spans from the first on, without a gap.
    fn cancel(&self) {
        let mut frontier = lock(&self.frontier);
        frontier.ready.clear();
        frontier.done = true;
        frontier.end.get_or_insert(0);
    }
}

impl Carries for Drive<'_, '_> {
    fn exchange(&self, at: usize, order: u64, summary: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let mut carried = lock(&self.carried);
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Fault::internal("stopped"));
            }
            if carried[at] == order {
                // Nobody else has this turn, so other stages need not wait for the ledger.
                drop(carried);
                let answer = self.pass.turn(at, &summary)?;
                lock(&self.carried)[at] += 1;
                self.moved.notify_all();
                return Ok(answer);
            }
            carried = self
                .moved
                .wait(carried)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

pub(crate) fn too_long(error: TooLong) -> Fault {
    Fault::limit(format!("byte {}", error.offset), "a record", error.length, error.limit)
        .hint("is it one delimited file, with the right quote? quote = \"none\" in [read] turns quoting off")
}
