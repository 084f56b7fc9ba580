//! The in-order end of a pass: what chunks gave comes in any order and leaves in the order of the
//! file. Here rejects get the numbers of their records and lines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Fault, FaultKind};
use crate::kernels::reduce::profile::Order;
use crate::plan::Plan;
use crate::report::Reject;
use crate::sink::Sink;
use crate::work::{Done, Pending};

/// How many rejects a report shows.
pub const SHOWN: usize = 100;
/// How many characters of a raw value it shows.
const RAW: usize = 1000;

/// The first cell that was not a number where its column was used as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstStray {
    pub record: u64,
    pub line: u64,
    pub raw: String,
}

/// What depends on order, for a contiguous run of blocks: numbers count from its own start.
/// Two neighbouring segments join into one, which is associative.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub records: u64,
    pub lines: u64,
    pub skipped: u64,
    pub rejected: u64,
    pub rejects: Vec<Reject>,
    /// By slot.
    pub strays: BTreeMap<usize, FirstStray>,
    /// Where each span begins, and how many records come before it; only where there is a profile, whose
    /// warnings name records.
    pub spans: Vec<(u64, u64)>,
    /// The order of each profiled column, where all is asked for.
    pub orders: Vec<Order>,
}

impl Segment {
    /// Moves everything behind `records` records and `lines` lines.
    pub fn shift(&mut self, records: u64, lines: u64) {
        for reject in &mut self.rejects {
            reject.record += records;
            reject.line += lines;
        }
        for stray in self.strays.values_mut() {
            stray.record += records;
            stray.line += lines;
        }
        for (_, before) in &mut self.spans {
            *before += records;
        }
    }

    /// This segment and the one right behind it.
    pub fn join(&mut self, mut next: Segment) {
        next.shift(self.records, self.lines);
        self.append(next);
    }

    /// This segment and that of the file behind, whose rejects keep their own file's numbers; records are
    /// numbered on in all else.
    pub fn follow(&mut self, mut next: Segment) {
        let rejects = std::mem::take(&mut next.rejects);
        next.shift(self.records, 0);
        next.rejects = rejects;
        self.append(next);
    }

    fn append(&mut self, mut next: Segment) {
        self.records += next.records;
        self.lines += next.lines;
        self.skipped += next.skipped;
        self.rejected += next.rejected;
        self.rejects.append(&mut next.rejects);
        self.rejects.truncate(SHOWN);
        for (slot, stray) in next.strays {
            self.strays.entry(slot).or_insert(stray);
        }
        self.spans.append(&mut next.spans);
        self.join_orders(next.orders);
    }
}

impl Segment {
    fn join_orders(&mut self, next: Vec<Order>) {
        self.orders
            .resize_with(next.len().max(self.orders.len()), Order::default);
        for (order, next) in self.orders.iter_mut().zip(next) {
            order.join(next);
        }
    }
}

/// Puts what chunks gave into order, and hands it to the sinks that each call lends.
pub struct Ordered {
    file: String,
    /// Whether each reject is to name it.
    tells_file: bool,
    /// Whether the plan has a profile.
    profiles: bool,
    next: u64,
    waiting: BTreeMap<u64, Done>,
    pub segment: Segment,
    /// Lines before the first chunk, for the numbers in the rejects file.
    lines_before: u64,
    /// The offset up to which everything has been handed on.
    pub end: u64,
    /// Records of the files before, as the audit counts them.
    records_before: u64,
    /// Lines of the audit that nobody has taken yet.
    pub audit: Vec<u8>,
    line: Vec<u8>,
}

impl Ordered {
    pub fn new(plan: &Plan, file: String) -> Ordered {
        Ordered::of(plan, 0, file)
    }

    /// For one of the plan's files.
    pub fn of(plan: &Plan, at: usize, file: String) -> Ordered {
        Ordered {
            file,
            tells_file: plan.several(),
            profiles: !plan.profile.is_empty(),
            next: 0,
            waiting: BTreeMap::new(),
            segment: Segment::default(),
            lines_before: plan.detected_of(at).lines,
            end: 0,
            records_before: 0,
            audit: Vec::new(),
            line: Vec::new(),
        }
    }

    /// The order of the chunk that is waited for.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Takes what one chunk gave, and hands on all that is complete now.
    pub fn push(
        &mut self,
        done: Done,
        sink: &mut dyn Sink,
        mut rejects: Option<&mut dyn Sink>,
    ) -> Result<(), Fault> {
        self.waiting.insert(done.order, done);
        while let Some(done) = self.waiting.remove(&self.next) {
            self.next += 1;
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            self.take(done, sink, rejects)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        done: Done,
        sink: &mut dyn Sink,
        mut rejects: Option<&mut dyn Sink>,
    ) -> Result<(), Fault> {
        for stray in done.strays {
            self.segment
                .strays
                .entry(stray.slot)
                .or_insert_with(|| FirstStray {
                    record: self.segment.records + stray.record + 1,
                    line: self.segment.lines + stray.line + 1,
                    raw: shown(&stray.raw),
                });
        }
        for pending in &done.rejects {
            let rejects = rejects.as_mut().map(|sink| &mut **sink as &mut dyn Sink);
            self.reject(pending, rejects)?;
        }
        done.audit
            .write(self.records_before + self.segment.records, &mut self.audit);
        if !done.out.is_empty() {
            sink.write(&done.out)?;
        }
        if self.profiles {
            self.segment.spans.push((done.base, self.segment.records));
        }
        self.segment.join_orders(done.orders);
        self.segment.records += done.records;
        self.segment.lines += done.lines;
        self.segment.skipped += done.skipped;
        self.end = self.end.max(done.end);
        Ok(())
    }

    fn reject(&mut self, pending: &Pending, rejects: Option<&mut dyn Sink>) -> Result<(), Fault> {
        let record = self.segment.records + pending.record + 1;
        let line = self.segment.lines + pending.line + 1;
        if pending.fatal {
            let line = line + self.lines_before;
            let column = pending
                .column
                .as_deref()
                .map(|name| format!(", column {name}"))
                .unwrap_or_default();
            return Err(Fault::new(
                FaultKind::Input,
                format!("{}, record {record}, line {line}{column}", self.file),
                format!("\"{}\": {}", shown(&pending.raw), pending.reason),
                "no fault at all, since the step says on_error = \"fail\"",
            ));
        }
        self.segment.rejected += 1;
        if self.segment.rejects.len() < SHOWN {
            self.segment.rejects.push(Reject {
                file: self.file.clone(),
                record,
                line,
                byte: pending.byte,
                column: pending.column.clone(),
                reason: pending.reason.clone(),
                raw: shown(&pending.raw),
            });
        }
        if let Some(sink) = rejects {
            let plain = tidemill_csv::Dialect::default();
            self.line.clear();
            self.line.extend_from_slice(&pending.fields);
            if self.tells_file {
                tidemill_csv::write::field(&mut self.line, self.file.as_bytes(), &plain);
                self.line.push(b',');
            }
            self.line.extend_from_slice(
                format!("{record},{},{},", line + self.lines_before, pending.byte).as_bytes(),
            );
            let column = pending.column.as_deref().unwrap_or("");
            tidemill_csv::write::field(&mut self.line, column.as_bytes(), &plain);
            self.line.push(b',');
            tidemill_csv::write::field(&mut self.line, pending.reason.as_bytes(), &plain);
            self.line.push(b'\n');
            sink.write(&self.line)?;
        }
        Ok(())
    }
}

/// [`Ordered`] with the sinks it writes to.
pub struct Collector<'a> {
    ordered: Ordered,
    sink: &'a mut dyn Sink,
    rejects: Option<&'a mut dyn Sink>,
    audit: Option<&'a mut dyn Sink>,
}

impl std::ops::Deref for Collector<'_> {
    type Target = Ordered;

    fn deref(&self) -> &Ordered {
        &self.ordered
    }
}

impl<'a> Collector<'a> {
    pub fn new(
        plan: &Plan,
        file: String,
        sink: &'a mut dyn Sink,
        rejects: Option<&'a mut dyn Sink>,
    ) -> Collector<'a> {
        Collector::of(plan, 0, file, sink, rejects)
    }

    /// For one of the plan's files.
    pub fn of(
        plan: &Plan,
        at: usize,
        file: String,
        sink: &'a mut dyn Sink,
        rejects: Option<&'a mut dyn Sink>,
    ) -> Collector<'a> {
        Collector {
            ordered: Ordered::of(plan, at, file),
            sink,
            rejects,
            audit: None,
        }
    }

    /// With a sink for what the steps did to records, of which so many came in files before.
    pub fn audited(mut self, audit: Option<&'a mut dyn Sink>, before: u64) -> Collector<'a> {
        self.audit = audit;
        self.ordered.records_before = before;
        self
    }

    /// Takes what one chunk gave, and hands on all that is complete now.
    pub fn push(&mut self, done: Done) -> Result<(), Fault> {
        let rejects = self
            .rejects
            .as_mut()
            .map(|sink| &mut **sink as &mut dyn Sink);
        self.ordered.push(done, self.sink, rejects)?;
        if let Some(audit) = &mut self.audit
            && !self.ordered.audit.is_empty()
        {
            audit.write(&self.ordered.audit)?;
        }
        self.ordered.audit.clear();
        Ok(())
    }

    pub fn into_segment(self) -> Segment {
        self.ordered.segment
    }

    /// Writes the first lines of both files, as far as they are wanted.
    pub fn headers(
        plan: &Plan,
        sink: &mut dyn Sink,
        rejects: Option<&mut dyn Sink>,
    ) -> Result<(), Fault> {
        if plan.target.rows {
            let opening = crate::write::opening(plan);
            if !opening.is_empty() {
                sink.write(&opening)?;
            }
        }
        if let Some(rejects) = rejects {
            let own = ["_file", "_record", "_line", "_byte", "_column", "_reason"];
            let own = own.into_iter().skip(usize::from(!plan.several()));
            let names = plan.header.iter().map(String::as_str).chain(own);
            rejects.write(&crate::write::header(names))?;
        }
        Ok(())
    }
}

fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    match text.char_indices().nth(RAW) {
        None => text.into_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
