//! The work on one span of records: index, steps, reductions, rows to write. It is the same
//! code under every driver; what a driver adds is only where spans come from and who waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tidemill_csv::{FaultKind as RaggedKind, Span};

use crate::audit::{Before, Lines, Named};
use crate::chunk::Chunk;
use crate::column::Kind;
use crate::detect::lines;
use crate::error::Fault;
use crate::expr::Truth;
use crate::kernels::reduce::profile::Order;
use crate::plan::{Plan, Stage};
use crate::reduce::View;
use crate::reduction::Key;
use crate::scratch::Room;
use crate::step::{Ledger, Outcome, RowLocal, RowReject, StepKind};
use crate::totals::{Grouped, Totals};
use crate::write::{self, Rows};

/// A record that was set aside, as its chunk knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// From 0, within the chunk, counting every record.
    pub record: u64,
    /// Line ends in the chunk before the record.
    pub line: u64,
    pub byte: u64,
    pub column: Option<String>,
    pub reason: String,
    pub raw: Vec<u8>,
    /// The original fields as CSV, with a delimiter behind each, where the host wants them.
    pub fields: Vec<u8>,
    pub fatal: bool,
}

/// The first cell of a column that was not a number where it was used as one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stray {
    pub slot: usize,
    pub record: u64,
    pub line: u64,
    pub raw: Vec<u8>,
}

/// What one span gave, apart from what went into the worker's totals.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// The span's place in the order of spans, from 0.
    pub order: u64,
    pub base: u64,
    pub end: u64,
    pub records: u64,
    pub lines: u64,
    pub skipped: u64,
    /// The rows to write. They travel apart from the rest, as they are.
    #[serde(skip)]
    pub out: Vec<u8>,
    pub rejects: Vec<Pending>,
    pub strays: Vec<Stray>,
    /// The order of each profiled column, where all is asked for.
    pub orders: Vec<Order>,
    /// What the steps did, where the plan wants to know.
    pub audit: Lines,
}

/// Where carried steps learn what came before a chunk.
pub trait Carries: Sync {
    /// Hands in the summary of the chunk `order` for the carried stage `at`, and returns what its
    /// ledger answers, when it has answered all chunks before.
    fn exchange(&self, at: usize, order: u64, summary: Vec<u8>) -> Result<Vec<u8>, Fault>;
}

/// What fitted steps have learnt, one entry a stage.
pub type Fits = Vec<Option<Arc<dyn RowLocal>>>;

/// What one pass over the input does: all of the plan, or only so much that the next step that must
/// know the whole file can learn.
#[derive(Clone)]
pub struct Pass {
    pub fits: Fits,
    /// The stage that learns in this pass.
    pub learns: Option<usize>,
    /// One a stage: what a carried step remembers.
    ledgers: Vec<Option<Shared>>,
    /// One a stage: whether its ledger has heard the whole file.
    heard: Vec<bool>,
}

type Shared = Arc<Mutex<Box<dyn Ledger>>>;

impl Pass {
    /// The first pass of a plan whose steps remember in memory alone.
    pub fn first(plan: &Plan) -> Pass {
        Pass::with(plan, &Room::default())
    }

    /// The first pass of a plan.
    pub fn with(plan: &Plan, room: &Room) -> Pass {
        let ledger = |stage: &Stage| match &stage.kind {
            StepKind::Carried(step) => {
                let place = format!("step {}", stage.number + 1);
                Some(Arc::new(Mutex::new(step.clone().ledger(&place, room))))
            }
            _ => None,
        };
        let mut pass = Pass {
            fits: plan.stages.iter().map(|_| None).collect(),
            learns: None,
            ledgers: plan.stages.iter().map(ledger).collect(),
            heard: vec![false; plan.stages.len()],
        };
        pass.learns = pass.next_to_learn(plan);
        pass
    }

    fn next_to_learn(&self, plan: &Plan) -> Option<usize> {
        plan.stages
            .iter()
            .enumerate()
            .find(|(at, stage)| stage.kind.learns() && self.fits[*at].is_none() && !self.heard[*at])
            .map(|(at, _)| at)
    }

    /// The reductions that the learning stage asks for.
    pub fn asks(&self, plan: &Plan) -> Vec<crate::reduce::Call> {
        match self.learns.map(|at| &plan.stages[at].kind) {
            Some(StepKind::Fitted(step)) => step.asks(),
            _ => Vec::new(),
        }
    }

    /// The columns whose groups it asks of.
    pub fn by<'a>(&self, plan: &'a Plan) -> &'a [Key] {
        match self.learns.map(|at| &plan.stages[at].kind) {
            Some(StepKind::Fitted(step)) => step.by(),
            _ => &[],
        }
    }

    /// The next pass, with what this one has learnt.
    pub fn next(mut self, plan: &Plan, learnt: &Grouped) -> Result<Pass, Fault> {
        if let Some(at) = self.learns {
            match &plan.stages[at].kind {
                StepKind::Fitted(step) => {
                    self.fits[at] = Some(Arc::from(step.fit(learnt)?));
                }
                _ => self.heard[at] = true,
            }
        }
        for (ledger, heard) in self.ledgers.iter().zip(&self.heard) {
            if let Some(ledger) = ledger {
                lock(ledger).rewind(*heard)?;
            }
        }
        self.learns = self.next_to_learn(plan);
        Ok(self)
    }

    /// What the ledger of the carried stage `at` answers to the summary of the next chunk. Who calls
    /// it sees to the order.
    pub fn turn(&self, at: usize, summary: &[u8]) -> Result<Vec<u8>, Fault> {
        match &self.ledgers[at] {
            Some(ledger) => lock(ledger).turn(summary),
            None => Err(Fault::internal("a summary for a step that carries none")),
        }
    }
}

/// For a host that works on chunks in the order of the file.
impl Carries for Pass {
    fn exchange(&self, at: usize, _: u64, summary: Vec<u8>) -> Result<Vec<u8>, Fault> {
        self.turn(at, &summary)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // After a panic the run is over, and nothing of it is shown.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of a worker that outlives a span, without the plan and the pass that it borrows.
pub struct Kept {
    file: usize,
    chunk: Chunk,
    rows: Rows,
    pub totals: Totals,
    pub learnt: Grouped,
    asks: Vec<crate::reduce::Call>,
    counted: Vec<bool>,
    broken: Vec<bool>,
}

/// One thread's share of a pass.
pub struct Worker<'a> {
    plan: &'a Plan,
    pass: &'a Pass,
    file: usize,
    chunk: Chunk,
    rows: Rows,
    pub totals: Totals,
    /// The reductions that the learning stage asked for.
    pub learnt: Grouped,
    asks: Vec<crate::reduce::Call>,
    /// Slots whose use as numbers was counted in this chunk.
    counted: Vec<bool>,
    /// Profiled columns that are known to be in no order.
    broken: Vec<bool>,
}

impl<'a> Worker<'a> {
    pub fn new(plan: &'a Plan, pass: &'a Pass) -> Worker<'a> {
        let asks = pass.asks(plan);
        let mut worker = Worker {
            plan,
            pass,
            file: 0,
            chunk: Chunk::new(plan.dialect, plan.slots),
            rows: Rows::new(plan),
            totals: Totals::new(plan),
            learnt: Grouped::new("to fill by", &asks, &plan.limits),
            asks,
            counted: vec![false; plan.slots],
            broken: vec![false; plan.profile.len()],
        };
        worker.enter(0, 0);
        worker
    }

    /// The worker without what it borrows, for a host that must own all it keeps.
    pub fn pause(self) -> Kept {
        Kept {
            file: self.file,
            chunk: self.chunk,
            rows: self.rows,
            totals: self.totals,
            learnt: self.learnt,
            asks: self.asks,
            counted: self.counted,
            broken: self.broken,
        }
    }

    /// The worker that was paused; the plan and the pass are those it was made for.
    pub fn resume(plan: &'a Plan, pass: &'a Pass, kept: Kept) -> Worker<'a> {
        Worker {
            plan,
            pass,
            file: kept.file,
            chunk: kept.chunk,
            rows: kept.rows,
            totals: kept.totals,
            learnt: kept.learnt,
            asks: kept.asks,
            counted: kept.counted,
            broken: kept.broken,
        }
    }

    /// The spans that come now are of the plan's file `at`, with `origin` bytes in those before it.
    pub fn enter(&mut self, at: usize, origin: u64) {
        self.file = at;
        let dialect = self.plan.detected_of(at).dialect;
        self.chunk.enter(dialect, self.plan.layout_of(at), origin);
    }

    /// The buffer of the last span, to be read into again.
    pub fn spare(&mut self) -> Vec<u8> {
        self.chunk.take_buffer()
    }

    /// The chunk of the last span, as the steps have left it.
    pub fn chunk(&self) -> &Chunk {
        &self.chunk
    }

    /// Works on one span.
    pub fn work(&mut self, order: u64, span: Span, carries: &dyn Carries) -> Result<Done, Fault> {
        let plan = self.plan;
        let detected = plan.detected_of(self.file);
        self.chunk
            .load(span, detected.header.len(), detected.ragged);
        self.counted.fill(false);
        let index = self.chunk.index();
        let mut done = Done {
            order,
            base: self.chunk.base(),
            end: self.chunk.base() + self.chunk.bytes().len() as u64,
            records: u64::from(index.records),
            lines: index.lines,
            skipped: index.blank + index.comments,
            ..Done::default()
        };
        let learning = self.pass.learns.is_some();
        if !learning {
            self.totals.rows_in += done.records;
            self.totals.unread += index.bad.len() as u64;
            self.read_rejects(&mut done);
            done.orders = self.profile();
        }
        let stages = self.pass.learns.unwrap_or(plan.stages.len());
        for at in 0..stages {
            self.stage(at, order, carries, &mut done)?;
        }
        if let Some(learns) = self.pass.learns {
            if matches!(plan.stages[learns].kind, StepKind::Carried(_)) {
                self.stage(learns, order, carries, &mut done)?;
            }
            for at in 0..self.asks.len() {
                let call = self.asks[at].clone();
                self.prepare_call(&call, &mut done);
            }
            for slot in plan.stages[learns]
                .texts
                .iter()
                .chain(&plan.stages[learns].numbers)
            {
                self.chunk.decode_text(*slot);
            }
            if !self.asks.is_empty() {
                let missing = &plan.missing;
                let by = self.pass.by(plan);
                self.learnt
                    .update(by, &self.asks, &mut self.chunk, missing)?;
            }
            done.strays.clear();
        } else {
            self.reduce(&mut done)?;
            self.totals.rows_out += self.chunk.selected() as u64;
            if plan.target.rows {
                self.rows.write(plan, &mut self.chunk, &mut done.out);
            }
            self.place(&mut done);
            done.audit.sort();
        }
        Ok(done)
    }

    fn profile(&mut self) -> Vec<Order> {
        let mut orders = Vec::new();
        for (at, call) in self.plan.profile.iter().enumerate() {
            for slot in &call.slots {
                self.chunk.decode_text(*slot);
            }
            let view = View::new(&self.chunk, &call.slots, &self.plan.missing);
            self.totals.profile[at].update(&view);
            if self.plan.target.all {
                // A column that was out of order once is so for good.
                let order = if self.broken[at] {
                    Order::broken()
                } else {
                    Order::of(&self.plan.profiles[at], &view)
                };
                self.broken[at] = order.is_broken();
                orders.push(order);
            }
        }
        orders
    }

    fn prepare_call(&mut self, call: &crate::reduce::Call, done: &mut Done) {
        let predicate = call.filter.as_ref().map(|filter| &filter.predicate);
        for slot in call.numbers().into_iter().chain(
            predicate
                .iter()
                .flat_map(|filter| filter.numbers().to_vec()),
        ) {
            self.numbers(slot, done);
        }
        for slot in call
            .texts()
            .into_iter()
            .chain(predicate.iter().flat_map(|filter| filter.texts().to_vec()))
        {
            self.chunk.decode_text(slot);
        }
    }

    fn reduce(&mut self, done: &mut Done) -> Result<(), Fault> {
        let plan = self.plan;
        for (at, reduction) in plan.reductions.iter().enumerate() {
            for key in &reduction.by {
                self.chunk.decode_text(key.slot);
            }
            for call in &reduction.calls {
                self.prepare_call(call, done);
            }
            self.totals.reductions[at].update(
                &reduction.by,
                &reduction.calls,
                &mut self.chunk,
                &plan.missing,
            )?;
        }
        Ok(())
    }

    /// Reads a column as numbers, and counts what it is not, once a chunk.
    fn numbers(&mut self, slot: usize, done: &mut Done) {
        if !self.chunk.decode_numbers(slot, &self.plan.missing[slot]) || self.counted[slot] {
            return;
        }
        self.counted[slot] = true;
        let Some(typed) = self.chunk.typed(slot) else {
            return;
        };
        let tally = typed.tally;
        if self.pass.learns.is_none() {
            self.totals.used[slot]
                .get_or_insert_with(Default::default)
                .merge(&tally);
        }
        if tally.invalid > 0
            && let Some(row) = typed.kind.iter().position(|kind| *kind == Kind::Invalid)
        {
            let record = self.record_of(row);
            let raw = self.chunk.cells(slot).get(row).to_vec();
            let line = lines(&self.chunk.bytes()[..self.chunk.index().row(row).0 as usize]);
            done.strays.push(Stray {
                slot,
                record,
                line,
                raw,
            });
        }
    }

    fn stage(
        &mut self,
        at: usize,
        order: u64,
        carries: &dyn Carries,
        done: &mut Done,
    ) -> Result<(), Fault> {
        let plan = self.plan;
        let stage: &Stage = &plan.stages[at];
        if matches!(stage.kind, StepKind::Planned) {
            return Ok(());
        }
        for slot in stage
            .numbers
            .iter()
            .chain(stage.filter.iter().flat_map(|filter| filter.numbers()))
        {
            self.numbers(*slot, done);
        }
        for slot in stage
            .texts
            .iter()
            .chain(stage.filter.iter().flat_map(|filter| filter.texts()))
        {
            self.chunk.decode_text(*slot);
        }
        let audited = plan.target.audit && self.pass.learns.is_none();
        let old = audited.then(|| Before::of(&mut self.chunk, &stage.columns));
        let narrowed = stage.filter.as_ref().map(|filter| {
            let truths = filter.evaluate(&self.chunk, &plan.missing);
            let before = self.chunk.selected_rows();
            let kept = (self.chunk.selection().clone(), self.chunk.epoch());
            let (inside, outside): (Vec<_>, Vec<_>) = before
                .into_iter()
                .zip(truths)
                .partition(|(_, truth)| *truth == Truth::True);
            let rows = |pairs: Vec<(u32, Truth)>| {
                pairs.into_iter().map(|(row, _)| row).collect::<Vec<u32>>()
            };
            let inside = rows(inside);
            let count = inside.len();
            self.chunk.select(inside);
            (kept, count, rows(outside))
        });
        let mut outcome = Outcome::default();
        match (&stage.kind, &self.pass.fits[at]) {
            (StepKind::RowLocal(step), _) => step.apply(&mut self.chunk, &mut outcome),
            (StepKind::Fitted(_), Some(step)) => step.apply(&mut self.chunk, &mut outcome),
            (StepKind::Fitted(_), None) => {
                return Err(Fault::internal("a step was run before it was fitted"));
            }
            (StepKind::Carried(step), _) => {
                let summary = if step.looks_ahead() && self.pass.heard[at] {
                    (self.chunk.selected() as u64).to_le_bytes().to_vec()
                } else {
                    step.summarise(&self.chunk)
                };
                let answer = carries.exchange(at, order, summary)?;
                if self.pass.learns != Some(at) {
                    step.apply(&mut self.chunk, &answer, &mut outcome)?;
                }
            }
            (StepKind::Planned, _) => {}
        }
        if let Some((kept, count, outside)) = narrowed {
            if self.chunk.selected() == count {
                self.chunk.restore(kept.0, kept.1);
            } else {
                let mut rows = self.chunk.selected_rows();
                rows.extend(outside);
                rows.sort_unstable();
                self.chunk.restore(kept.0, kept.1);
                self.chunk.select(rows);
            }
        }
        if let Some(old) = old {
            let step = Named(stage.number + 1, &plan.step_words[stage.number]);
            done.audit
                .compare(step, &old, &mut self.chunk, &stage.columns, &outcome);
        }
        if self.pass.learns.is_none() {
            outcome.tally.rejected = outcome.rejects.len() as u64;
            self.totals.steps[stage.number].merge(&outcome.tally);
            for reject in outcome.rejects {
                let pending = self.pending(reject);
                done.rejects.push(pending);
            }
        }
        Ok(())
    }

    fn record_of(&self, row: usize) -> u64 {
        u64::from(self.chunk.index().record(row))
    }

    fn pending(&self, reject: RowReject) -> Pending {
        let row = reject.row as usize;
        let slot = reject.slot as usize;
        let within = match self.chunk.field_of(slot) {
            Some(field) => self.chunk.index().field(row, field).0,
            None => self.chunk.index().row(row).0,
        };
        let mut fields = Vec::new();
        if self.plan.target.rejects {
            for slot in 0..self.plan.width() {
                write::value(&mut fields, &self.chunk, row, slot);
                fields.push(b',');
            }
        }
        Pending {
            record: self.record_of(row),
            line: 0,
            byte: self.chunk.offset() + u64::from(within),
            column: self.plan.header.get(slot).cloned(),
            reason: reject.reason,
            raw: reject.raw,
            fields,
            fatal: reject.fatal,
        }
    }

    /// Records that reading itself rejects.
    fn read_rejects(&mut self, done: &mut Done) {
        let width = self.plan.detected_of(self.file).header.len();
        let layout = self.plan.layout_of(self.file);
        for bad in &self.chunk.index().bad {
            let raw = &self.chunk.bytes()[bad.start as usize..bad.end as usize];
            let expected = if width == 1 {
                "1 field".to_string()
            } else {
                format!("{width} fields")
            };
            let reason = match bad.kind {
                RaggedKind::Short | RaggedKind::Long => {
                    format!("{} instead of {expected}", bad.found)
                }
                RaggedKind::Unterminated => "a quote that does not end".to_string(),
            };
            let mut fields = Vec::new();
            if self.plan.target.rejects {
                write::ragged(
                    &mut fields,
                    raw,
                    self.chunk.dialect(),
                    width,
                    bad.kind == RaggedKind::Unterminated,
                    layout.as_deref(),
                );
            }
            let at = if bad.kind == RaggedKind::Unterminated {
                bad.opener
            } else {
                bad.start
            };
            if self.plan.target.audit {
                done.audit.unread(u64::from(bad.record), raw);
            }
            done.rejects.push(Pending {
                record: u64::from(bad.record),
                line: 0,
                byte: self.chunk.offset() + u64::from(at),
                column: None,
                reason,
                raw: self.chunk.dialect().spelled(raw).into_owned(),
                fields,
                fatal: false,
            });
        }
    }

    /// Puts the rejects in the order of records and finds their lines.
    fn place(&self, done: &mut Done) {
        if done.rejects.is_empty() {
            return;
        }
        done.rejects.sort_by_key(|pending| pending.record);
        let index = self.chunk.index();
        let mut bad = index.bad.iter().peekable();
        let bytes = self.chunk.bytes();
        let (mut at, mut line) = (0usize, 0u64);
        for pending in &mut done.rejects {
            while bad
                .next_if(|bad| u64::from(bad.record) < pending.record)
                .is_some()
            {}
            let start = match bad.peek() {
                Some(bad) if u64::from(bad.record) == pending.record => bad.start as usize,
                _ => {
                    let record = pending.record;
                    let row = match &index.record_of {
                        None => record as usize,
                        Some(records) => {
                            records.partition_point(|other| u64::from(*other) < record)
                        }
                    };
                    index.row(row).0 as usize
                }
            };
            line += lines(&bytes[at..start]);
            at = start;
            pending.line = line;
        }
    }
}
