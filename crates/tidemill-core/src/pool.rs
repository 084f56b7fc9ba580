//! The pushing driver over rayon's pool: the host's thread cuts and gathers and never blocks while it
//! feeds; threads of the pool work on what was cut. It is the twin of [`Alone`](crate::push::Alone)
//! for hosts whose threads share memory, and gives the same bytes.
//!
//! Spans wait in one queue and are taken from its front under a lock, so that they begin in their
//! order whatever rayon does. Hence the first span that is not over never waits for another: a
//! carried step has the summaries of all before it. That is why nothing can be stuck, with one
//! thread as with many.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tidemill_csv::Span;

use crate::error::Fault;
use crate::plan::Plan;
use crate::push::{Cutter, Finished, Gatherer, Hand, Share};
use crate::report::Report;
use crate::run::of_file;
use crate::session::Ended;
use crate::work::{Carries, Done, Pass};

/// Called from any thread whenever a span is over.
pub type Ring = Arc<dyn Fn() + Send + Sync>;

/// A run over bytes that come in pieces, worked on by threads of rayon's pool.
pub struct Pooled {
    plan: Arc<Plan>,
    name: String,
    block: usize,
    threads: usize,
    ring: Ring,
    number: u32,
    cutter: Cutter,
    gatherer: Gatherer,
    held: Held,
    /// Spans that were cut, and that were gathered.
    cut: u64,
    gathered: u64,
    /// Answers that came before one of an earlier span.
    early: BTreeMap<u64, Answer>,
    /// Why cutting ended early. What stands before it is worked on first.
    broken: Option<Fault>,
    /// What ended the run.
    fault: Option<Fault>,
    cancelled: bool,
}

type Answer = Result<Done, Fault>;

impl Pooled {
    /// `threads` is how many spans are worked on at once, at most as many as rayon's pool has.
    pub fn new(
        plan: Arc<Plan>,
        name: &str,
        block: usize,
        threads: usize,
        ring: Ring,
    ) -> Result<Pooled, Fault> {
        let pass = Arc::new(Pass::first(&plan));
        let threads = threads.max(1);
        plan.one_file()?;
        Pooled::of_pass(plan, pass, name.to_string(), block, threads, ring, 1)
    }

    fn of_pass(
        plan: Arc<Plan>,
        pass: Arc<Pass>,
        name: String,
        block: usize,
        threads: usize,
        ring: Ring,
        number: u32,
    ) -> Result<Pooled, Fault> {
        let hands = (0..threads)
            .map(|_| Hand::new(plan.clone(), pass.clone()))
            .collect();
        let next = vec![0; plan.stages.len()];
        Ok(Pooled {
            cutter: Cutter::new(&plan, block),
            gatherer: Gatherer::new(plan.clone(), pass.clone(), &name)?,
            held: Held(Arc::new(Shared {
                pass: pass.clone(),
                ring: ring.clone(),
                queue: Mutex::new(Queue {
                    spans: VecDeque::new(),
                    hands,
                    answers: Vec::new(),
                    spares: Vec::new(),
                }),
                answered: Condvar::new(),
                carried: Mutex::new(Carried { next, failed: None }),
                moved: Condvar::new(),
            })),
            plan,
            name,
            block,
            threads,
            ring,
            number,
            cut: 0,
            gathered: 0,
            early: BTreeMap::new(),
            broken: None,
            fault: None,
            cancelled: false,
        })
    }

    /// Where the next bytes go; see [`Cutter::room`].
    pub fn room(&mut self) -> &mut [u8] {
        self.cutter.room()
    }

    /// Takes so many bytes of the room, and gives the pool what is whole now.
    pub fn filled(&mut self, bytes: usize) -> Result<(), Fault> {
        if self.over() {
            return self.gather();
        }
        let cut = self.cutter.filled(bytes);
        self.give(cut)
    }

    /// Takes the next bytes. It does not wait for the pool: a host that has slower threads than
    /// bytes asks [`Pooled::full`].
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() && !self.over() {
            let room = self.cutter.room();
            let (now, later) = bytes.split_at(room.len().min(bytes.len()));
            room[..now.len()].copy_from_slice(now);
            bytes = later;
            self.filled(now.len())?;
        }
        self.gather()
    }

    /// The stream is at its end. When all is [`Pooled::idle`], the last rows are to be taken; after
    /// that it is [`Pooled::finish`]ed.
    pub fn end(&mut self) -> Result<(), Fault> {
        if self.over() {
            return self.gather();
        }
        let cut = self.cutter.end();
        self.give(cut)
    }

    /// Nothing that is fed now could change the outcome.
    fn over(&self) -> bool {
        self.broken.is_some() || self.fault.is_some() || self.cancelled
    }

    fn give(&mut self, cut: Result<(), Fault>) -> Result<(), Fault> {
        self.broken = cut.err().map(|fault| of_file(fault, &self.name));
        let mut queue = lock(&self.held.0.queue);
        while let Some((order, span)) = self.cutter.pop() {
            self.cut = order + 1;
            queue.spans.push_back((order, span));
        }
        // Threads of the pool take no memory while they hold this lock: one that finds none dies
        // where it stands, and the host must still get in to see that.
        let open = (self.cut - self.gathered) as usize;
        queue.answers.reserve(open);
        queue.spares.reserve(open);
        let workers = queue.spans.len().min(queue.hands.len());
        drop(queue);
        for _ in 0..workers {
            let shared = self.held.0.clone();
            rayon::spawn(move || shared.work());
        }
        self.gather()
    }

    /// Takes the answers that are there, in order; of several failures the first of the file counts.
    fn gather(&mut self) -> Result<(), Fault> {
        let mut queue = lock(&self.held.0.queue);
        for spare in queue.spares.drain(..) {
            self.cutter.reuse(spare);
        }
        self.early.extend(queue.answers.drain(..));
        drop(queue);
        while self.fault.is_none()
            && let Some(answer) = self.early.remove(&self.gathered)
        {
            self.gathered += 1;
            if let Err(fault) = answer.and_then(|done| self.gatherer.push(done)) {
                self.stop(fault);
            }
        }
        if self.gathered == self.cut
            && let Some(fault) = self.broken.take()
        {
            self.stop(fault);
        }
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    fn stop(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        lock(&self.held.0.queue).spans.clear();
    }

    /// Whether enough spans are on their way, so that the host should wait before it feeds more.
    pub fn full(&mut self) -> Result<bool, Fault> {
        self.gather()?;
        Ok(self.cut - self.gathered >= 2 * self.threads as u64 + 2)
    }

    /// Whether nothing is on its way.
    pub fn idle(&mut self) -> Result<bool, Fault> {
        self.gather()?;
        Ok(self.cut == self.gathered)
    }

    /// Blocks until a span is over, or at once if none is on its way.
    pub fn wait(&mut self) -> Result<(), Fault> {
        if self.idle()? {
            return Ok(());
        }
        let mut queue = lock(&self.held.0.queue);
        while queue.answers.is_empty() {
            queue = self
                .held
                .0
                .answered
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        self.gather()
    }

    /// Rows that are ready.
    pub fn rows(&mut self) -> Result<Vec<u8>, Fault> {
        self.gather()?;
        Ok(std::mem::take(&mut self.gatherer.rows))
    }

    /// Rows set aside that are ready.
    pub fn rejects(&mut self) -> Result<Vec<u8>, Fault> {
        self.gather()?;
        Ok(std::mem::take(&mut self.gatherer.rejects))
    }

    /// Lines of the audit that are ready.
    pub fn audit(&mut self) -> Result<Vec<u8>, Fault> {
        self.gather()?;
        Ok(self.gatherer.audit())
    }

    /// The pass, from 1, the offset up to which it is, and its records so far.
    pub fn progress(&mut self) -> Result<(u32, u64, u64), Fault> {
        self.gather()?;
        let (bytes, records) = self.gatherer.progress();
        Ok((self.number, bytes, records))
    }

    /// The report so far, which says that it is partial. None while a pass learns, or while a span
    /// is on its way.
    pub fn glance(&mut self) -> Result<Option<Report>, Fault> {
        if !self.idle()? {
            return Ok(None);
        }
        let queue = lock(&self.held.0.queue);
        let shares = queue.hands.iter().map(Hand::share);
        let shares = shares.collect::<Result<Vec<Share>, Fault>>()?;
        drop(queue);
        self.gatherer.glance(&self.name, &shares)
    }

    /// The bytes fed in this pass.
    pub fn bytes(&self) -> u64 {
        self.cutter.bytes()
    }

    /// Nothing more is begun; what was begun is a run of spans from the first on, without a gap.
    /// The run is idle when those are over, and its report will be marked partial.
    pub fn cancel(&mut self) -> Result<(), Fault> {
        self.cancelled = true;
        self.broken = None;
        let mut queue = lock(&self.held.0.queue);
        self.cut -= queue.spans.len() as u64;
        queue.spans.clear();
        drop(queue);
        self.gather()
    }

    /// The report, or the run itself for the next pass, in which all bytes are fed once more.
    /// Waits for what is still on its way.
    pub fn finish(mut self, cancelled: bool) -> Result<Finished<Pooled>, Fault> {
        if cancelled {
            self.cancel()?;
        }
        while !self.idle()? {
            self.wait()?;
        }
        let queue = lock(&self.held.0.queue);
        for hand in &queue.hands {
            self.gatherer.share(&hand.share()?)?;
        }
        drop(queue);
        let bytes = self.cutter.bytes();
        match self.gatherer.end(&self.name, bytes, self.cancelled)? {
            Ended::Report(report) => Ok(Finished::Report(report)),
            Ended::Again(pass) => Ok(Finished::Again(Box::new(Pooled::of_pass(
                self.plan,
                Arc::new(*pass),
                self.name,
                self.block,
                self.threads,
                self.ring,
                self.number + 1,
            )?))),
        }
    }
}

/// The host's end of what is shared: a run that is given up takes no more of the pool than the spans
/// that were begun.
struct Held(Arc<Shared>);

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.0.queue).spans.clear();
    }
}

/// What the host's thread and those of the pool share.
struct Shared {
    pass: Arc<Pass>,
    ring: Ring,
    queue: Mutex<Queue>,
    /// There are new answers.
    answered: Condvar,
    carried: Mutex<Carried>,
    /// `carried` has changed.
    moved: Condvar,
}

struct Queue {
    /// What waits for a thread, in the order of the stream.
    spans: VecDeque<(u64, Span)>,
    /// The hands that nobody uses now.
    hands: Vec<Hand>,
    answers: Vec<(u64, Answer)>,
    spares: Vec<Vec<u8>>,
}

/// Whose turn it is.
struct Carried {
    /// For each stage the span that is next.
    next: Vec<u64>,
    /// The first span that will never give a summary.
    failed: Option<u64>,
}

impl Shared {
    /// Works on spans for as long as some wait and a hand is free. An answer is laid down under the
    /// same lock under which the next span is taken or the hand is laid down too, so whoever sees
    /// the last answer sees all hands.
    fn work(&self) {
        let mut queue = lock(&self.queue);
        if queue.spans.is_empty() {
            return;
        }
        let Some(mut hand) = queue.hands.pop() else {
            return;
        };
        let mut next = queue.spans.pop_front();
        drop(queue);
        while let Some((order, span)) = next {
            // A panic must not go unheard: the host would wait for ever.
            let worked = catch_unwind(AssertUnwindSafe(|| hand.work(order, span, self)))
                .unwrap_or_else(|panic| Err(Fault::panicked(&*panic)));
            if worked.is_err() {
                let mut carried = lock(&self.carried);
                carried.failed = Some(carried.failed.map_or(order, |first| first.min(order)));
                drop(carried);
                self.moved.notify_all();
            }
            let mut queue = lock(&self.queue);
            match worked {
                Ok((done, spare)) => {
                    queue.answers.push((order, Ok(done)));
                    queue.spares.push(spare);
                }
                Err(fault) => {
                    // All that waits is behind this span, and will not be asked for.
                    queue.spans.clear();
                    queue.answers.push((order, Err(fault)));
                }
            }
            next = queue.spans.pop_front();
            if next.is_none() {
                queue.hands.push(hand);
                drop(queue);
                self.answered.notify_all();
                (self.ring)();
                return;
            }
            drop(queue);
            self.answered.notify_all();
            (self.ring)();
        }
    }
}

impl Carries for Shared {
    fn exchange(&self, at: usize, order: u64, summary: Vec<u8>) -> Result<Vec<u8>, Fault> {
        let mut carried = lock(&self.carried);
        loop {
            if carried.failed.is_some_and(|failed| failed < order) {
                return Err(Fault::internal("the span before this one failed"));
            }
            if carried.next[at] == order {
                // Nobody else has this turn, so other stages need not wait for the ledger.
                drop(carried);
                let answer = self.pass.turn(at, &summary)?;
                lock(&self.carried).next[at] += 1;
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::chunk::Chunk;
    use crate::detect::detect;
    use crate::error::FaultKind;
    use crate::plan::Target;
    use crate::push::Alone;
    use crate::recipe::Recipe;
    use crate::report::Report;
    use crate::step::{Outcome, RowLocal, StepKind};

    fn plan(recipe: &str, bytes: &[u8]) -> Plan {
        let recipe = Recipe::parse(&format!("tidemill = 1\n{recipe}")).unwrap();
        let detected = detect(bytes, &recipe.read).unwrap();
        let target = Target {
            rows: true,
            rejects: true,
            ..Target::default()
        };
        Plan::new(&recipe, detected, target).unwrap()
    }

    fn table(rows: usize) -> Vec<u8> {
        let mut text = String::from("at,value\n");
        for at in 0..rows {
            text += &format!("{at},{}\n", at * 7919 % 1009);
        }
        text.into_bytes()
    }

    /// The rows and the report, or the rows before the failure and the failure.
    fn alone(plan: &Arc<Plan>, bytes: &[u8], block: usize) -> (Vec<u8>, Result<String, Fault>) {
        let mut run = Alone::new(plan.clone(), "t.csv", block).unwrap();
        let fed = run.feed(bytes).and_then(|()| run.end());
        let rows = run.rows();
        let report = fed.and_then(|()| match run.finish(false)? {
            Finished::Report(report) => Ok(report.json()),
            Finished::Again(_) => panic!("one pass"),
        });
        (rows, report)
    }

    fn pooled(
        plan: &Arc<Plan>,
        bytes: &[u8],
        block: usize,
        threads: usize,
    ) -> Result<Report, Fault> {
        let mut run = Pooled::new(plan.clone(), "t.csv", block, threads, Arc::new(|| {}))?;
        for piece in bytes.chunks(1000) {
            run.feed(piece)?;
            while run.full()? {
                run.wait()?;
            }
        }
        run.end()?;
        while !run.idle()? {
            run.wait()?;
        }
        match run.finish(false)? {
            Finished::Report(report) => Ok(*report),
            Finished::Again(_) => panic!("one pass"),
        }
    }

    #[test]
    fn of_several_failures_the_first_of_the_file_is_told_as_by_the_run_alone() {
        let mut bytes = table(3000);
        // Two cells that are no numbers, far from each other, and a record that is too long.
        bytes.extend_from_slice(b"x,1\n");
        bytes.extend_from_slice(&table(3000)[9..]);
        bytes.extend_from_slice(b"y,1\n");
        let fatal = "[[step]]\ncast = { at = \"integer\" }\non_error = \"fail\"\n";
        let strict = Arc::new(plan(fatal, &bytes));
        let expect = alone(&strict, &bytes, 64).1.unwrap_err();
        assert!(expect.found.starts_with("\"x\""), "{expect}");
        for threads in [1, 2, 4] {
            for block in [1, 64, 4096] {
                let fault = pooled(&strict, &bytes, block, threads).unwrap_err();
                assert_eq!(fault, expect, "{threads} threads, blocks of {block}");
            }
        }
    }

    #[test]
    fn a_record_too_long_is_told_when_all_before_it_is_done() {
        let mut bytes = table(500);
        bytes.extend_from_slice(b"1,");
        bytes.resize(bytes.len() + (66 << 20), b'z');
        let plan = Arc::new(plan("", &bytes[..1 << 20]));
        let expect = alone(&plan, &bytes, 1 << 20).1.unwrap_err();
        assert_eq!(expect.kind, FaultKind::Limit);
        assert!(expect.place.starts_with("t.csv, "), "{expect}");
        for threads in [1, 4] {
            let fault = pooled(&plan, &bytes, 1 << 20, threads).unwrap_err();
            assert_eq!(fault, expect, "{threads} threads");
        }
    }

    struct Panics;

    impl RowLocal for Panics {
        fn apply(&self, chunk: &mut Chunk, _: &mut Outcome) {
            assert!(chunk.base() < 3000, "beyond byte 3000");
        }
    }

    #[test]
    fn a_panic_of_a_thread_is_a_fault_and_nobody_waits_for_ever() {
        let bytes = table(3000);
        // The carried step behind it makes every later span wait for the one that panics.
        let mut broken = plan(
            "[[step]]\ntrim = [\"*\"]\n[[step]]\nlimit = 100000\n",
            &bytes,
        );
        broken.stages[0].kind = StepKind::RowLocal(Box::new(Panics));
        let broken = Arc::new(broken);
        for threads in [1, 2, 4] {
            let fault = pooled(&broken, &bytes, 64, threads).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Internal);
            assert_eq!(fault.found, "a worker panicked: beyond byte 3000");
        }
    }

    #[test]
    fn a_cancelled_run_reports_the_first_spans_without_a_gap() {
        let bytes = table(20_000);
        let plan = Arc::new(plan("[[step]]\nlimit = 15000\n", &bytes));
        let whole = alone(&plan, &bytes, 64).0;
        for threads in [1, 2, 4] {
            let rings = Arc::new(AtomicU32::new(0));
            let rung = rings.clone();
            let ring: Ring = Arc::new(move || {
                rung.fetch_add(1, Ordering::Relaxed);
            });
            let mut run = Pooled::new(plan.clone(), "t.csv", 64, threads, ring).unwrap();
            run.feed(&bytes[..bytes.len() / 2]).unwrap();
            run.cancel().unwrap();
            run.feed(&bytes[bytes.len() / 2..]).unwrap();
            while !run.idle().unwrap() {
                run.wait().unwrap();
            }
            let rows = run.rows().unwrap();
            assert!(whole.starts_with(&rows));
            let (_, end, records) = run.progress().unwrap();
            let Finished::Report(report) = run.finish(true).unwrap() else {
                panic!("one pass")
            };
            assert!(report.partial && report.rows.balance());
            assert_eq!(report.rows.input, records);
            assert!(end <= bytes.len() as u64 / 2);
            assert!(rings.load(Ordering::Relaxed) > 0 || records == 0);
        }
    }

    #[test]
    fn no_more_spans_are_on_their_way_than_was_said() {
        let bytes = table(50_000);
        let plan = Arc::new(plan("", &bytes));
        for threads in [1, 3] {
            let mut run =
                Pooled::new(plan.clone(), "t.csv", 256, threads, Arc::new(|| {})).unwrap();
            let mut buffers = std::collections::BTreeSet::new();
            for piece in bytes.chunks(256) {
                while run.full().unwrap() {
                    run.wait().unwrap();
                }
                buffers.insert(run.room().as_ptr().addr() & !0xff);
                run.feed(piece).unwrap();
                let _ = run.rows().unwrap();
                assert!(run.cut - run.gathered <= 2 * threads as u64 + 3);
            }
            assert!(
                bytes.len() / 256 > 1000 && buffers.len() < 100,
                "{} buffers",
                buffers.len()
            );
        }
    }
}
