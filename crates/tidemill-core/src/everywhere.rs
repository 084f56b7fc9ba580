//! The promise as a function: a plan's report, rows and rejects are the same bytes on every driver,
//! with any threads and blocks, and out of frozen parts that come in any order, some twice. Tests
//! of the core and of other crates call it (feature `testing`).

#![allow(
    clippy::unwrap_used,
    reason = "a broken promise is to end the test that asked"
)]

use std::sync::Arc;

use crate::error::Fault;
use crate::parcel;
use crate::partial::{Partial, Partials, Scan, Scans, part, parts};
use crate::plan::{Plan, Stage};
#[cfg(feature = "parallel")]
use crate::pool::Pooled;
use crate::push::{Alone, Cutter, Finished, Gatherer, Hand, Lesson, apart};
use crate::report::{Figure, Report, Table};
use crate::run::{Aid, BLOCK, How, Outputs, run, run_aided};
use crate::scratch::{MemoryScratch, Room};
use crate::session::{self, Ended};
use crate::sink::Tables;
use crate::source::{Memory, Source};
use crate::step::StepKind;
use crate::watch::Unwatched;
use crate::work::Pass;

const NAME: &str = "table.csv";

/// Holds a plan's results on every driver, with any threads and blocks, against the sequential
/// session with the default block, and returns its report, rows and rejects.
pub fn same_everywhere(plan: impl Into<Arc<Plan>>, bytes: &[u8]) -> (String, String, String) {
    let plan = &plan.into();
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = session::run(plan, NAME, bytes, &mut rows, Some(&mut rejects), BLOCK).unwrap();
    assert!(report.rows.balance());
    let expect = (report.json(), rows, rejects);
    let source = Memory::new(NAME, bytes);
    let audit = audited(plan, &source, How::default());
    for block in [1, 7, 64, 4096, BLOCK] {
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        let report = session::run(plan, NAME, bytes, &mut rows, Some(&mut rejects), block).unwrap();
        assert_eq!(
            (report.json(), rows, rejects),
            expect,
            "session, blocks of {block}"
        );
        for threads in [1, 2, 8] {
            let (mut rows, mut rejects) = (Vec::new(), Vec::new());
            let outputs = Outputs {
                rows: &mut rows,
                rejects: Some(&mut rejects),
            };
            let how = How { threads, block };
            let report = run(plan, &source, outputs, &Unwatched, how).unwrap();
            if plan.target.audit {
                assert_eq!(audited(plan, &source, how), audit, "audit, {how:?}");
            }
            assert_eq!(
                (report.json(), rows, rejects),
                expect,
                "{threads} threads, blocks of {block}"
            );
            if plan
                .reductions
                .iter()
                .any(|reduction| !reduction.by.is_empty())
            {
                spilled(plan, &source, How { threads, block }, &expect);
            }
        }
        #[cfg(feature = "parallel")]
        for threads in [1, 2, 4] {
            pooled(plan, bytes, block, threads, &expect, &audit);
        }
        for hands in [1, 3] {
            pushed(plan, bytes, block, hands, &expect, &audit);
        }
        let local = |stage: &Stage| matches!(stage.kind, StepKind::RowLocal(_) | StepKind::Planned);
        if plan.stages.iter().all(local) {
            shards(plan, &source, block, &expect);
        }
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (expect.0, text(expect.1), text(expect.2))
}

/// Takes the rows of reductions.
#[derive(Default)]
struct Taken(Vec<(String, Table)>);

impl Tables for Taken {
    fn columns(&mut self, name: &str, columns: &[String]) -> Result<(), Fault> {
        let table = Table {
            columns: columns.to_vec(),
            ..Table::default()
        };
        self.0.push((name.to_string(), table));
        Ok(())
    }

    fn row(&mut self, row: Vec<Figure>) -> Result<(), Fault> {
        self.0.last_mut().unwrap().1.rows.push(row);
        Ok(())
    }
}

/// Runs a plan that has room for next to no groups, so that they are spilled, with a host that takes
/// the rows of reductions itself.
fn spilled(plan: &Plan, source: &Memory, how: How, expect: &(String, Vec<u8>, Vec<u8>)) {
    for (memory, takes) in [(0, false), (0, true), (4096, true), (u64::MAX, true)] {
        let scratch = Arc::new(MemoryScratch::default());
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        let outputs = Outputs {
            rows: &mut rows,
            rejects: Some(&mut rejects),
        };
        let mut taken = Taken::default();
        let aid = Aid {
            room: Some(Room {
                memory,
                scratch: scratch.clone(),
            }),
            tables: takes.then_some(&mut taken as &mut dyn Tables),
            audit: None,
        };
        let mut report = run_aided(plan, source, outputs, &Unwatched, how, aid).unwrap();
        if memory == 0 && report.rows.out > 0 {
            assert!(scratch.size() > 0, "nothing was spilled");
        }
        assert_eq!(
            taken.0.len(),
            if takes { report.reductions.len() } else { 0 }
        );
        for ((name, table), (other, taken)) in report.reductions.iter_mut().zip(taken.0) {
            assert_eq!((&other, &taken.columns), (&*name, &table.columns));
            assert!(table.rows.is_empty());
            table.rows = taken.rows;
        }
        assert_eq!(
            (report.json(), rows, rejects),
            *expect,
            "room for {memory} bytes, {how:?}"
        );
    }
}

/// What the steps did to each record, by a run.
pub fn audited(plan: &Plan, source: &dyn Source, how: How) -> String {
    let mut audit = Vec::new();
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let outputs = Outputs {
        rows: &mut rows,
        rejects: Some(&mut rejects),
    };
    let aid = Aid {
        audit: Some(&mut audit),
        ..Aid::default()
    };
    run_aided(plan, source, outputs, &Unwatched, how, aid).unwrap();
    String::from_utf8_lossy(&audit).into_owned()
}

/// What a run on some threads with some block comes to.
#[cfg(test)]
pub fn outcome(plan: &Plan, bytes: &[u8], block: usize, threads: usize) -> Result<Report, Fault> {
    let mut rows = Vec::new();
    let outputs = Outputs {
        rows: &mut rows,
        rejects: None,
    };
    let how = How { threads, block };
    run(plan, &Memory::new(NAME, bytes), outputs, &Unwatched, how)
}

/// Runs a plan on the pushing driver: alone, and by hands that get their spans in turn as bytes and
/// whose answers come back in another order.
fn pushed(
    plan: &Arc<Plan>,
    bytes: &[u8],
    block: usize,
    hands: usize,
    expect: &(String, Vec<u8>, Vec<u8>),
    audit: &str,
) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let expect = &asked(plan, expect);
    let mut lines = Vec::new();
    let mut alone = Alone::new(plan.clone(), NAME, block).unwrap();
    let report = loop {
        // Pieces that are no blocks.
        for (at, piece) in bytes.chunks(block * 3 / 2 + 1).enumerate() {
            alone.feed(piece).unwrap();
            rows.extend(alone.rows());
            rejects.extend(alone.rejects());
            if at == 1
                && let Some(sofar) = alone.glance().unwrap()
            {
                glanced(&sofar, alone.progress());
            }
        }
        alone.end().unwrap();
        lines.extend(alone.audit());
        rows.extend(alone.rows());
        rejects.extend(alone.rejects());
        match alone.finish(false).unwrap() {
            Finished::Again(next) => alone = *next,
            Finished::Report(report) => break report,
        }
    };
    assert_eq!(
        (report.json(), rows, rejects),
        *expect,
        "alone, blocks of {block}"
    );
    if plan.target.audit {
        assert_eq!(String::from_utf8_lossy(&lines), audit, "alone, audit");
    }
    if !apart(plan) {
        return;
    }
    let mut pass = Arc::new(Pass::first(plan));
    let report = loop {
        let mut cutter = Cutter::new(plan, block);
        cutter.feed(bytes).unwrap();
        cutter.end().unwrap();
        let mut team: Vec<Hand> = (0..hands)
            .map(|_| Hand::new(plan.clone(), pass.clone()))
            .collect();
        let mut answers = Vec::new();
        while let Some((order, span)) = cutter.pop() {
            let sent = parcel::of_span(order, &span).unwrap();
            let (order, span) = parcel::to_span(&sent).unwrap();
            let (done, _) = team[order as usize % hands]
                .work(order, span, &*pass)
                .unwrap();
            answers.push(parcel::of_done(&done).unwrap());
        }
        let middle = answers.len() / 3;
        answers.rotate_left(middle);
        answers.reverse();
        let mut gatherer = Gatherer::new(plan.clone(), pass.clone(), NAME).unwrap();
        for answer in answers {
            gatherer.push(parcel::to_done(&answer).unwrap()).unwrap();
        }
        for hand in team.iter().rev() {
            let share = parcel::of(&hand.share().unwrap()).unwrap();
            gatherer.share(&parcel::to(&share).unwrap()).unwrap();
        }
        if pass.learns.is_some() {
            let lesson = parcel::of(&gatherer.lesson().unwrap()).unwrap();
            let lesson: Lesson = parcel::to(&lesson).unwrap();
            pass = Arc::new(lesson.next(plan, &pass).unwrap());
            continue;
        }
        if plan.target.audit {
            let lines = gatherer.audit();
            assert_eq!(
                String::from_utf8_lossy(&lines),
                audit,
                "{hands} hands, audit"
            );
        }
        let (rows, rejects) = (
            std::mem::take(&mut gatherer.rows),
            std::mem::take(&mut gatherer.rejects),
        );
        match gatherer.end(NAME, cutter.bytes(), false).unwrap() {
            Ended::Again(_) => panic!("a pass that learns nothing is the last"),
            Ended::Report(report) => break (report.json(), rows, rejects),
        }
    };
    assert_eq!(report, *expect, "{hands} hands, blocks of {block}");
}

/// Sessions and pulled runs write where there is a sink, pushing drivers only what the plan asks for.
fn asked(plan: &Plan, expect: &(String, Vec<u8>, Vec<u8>)) -> (String, Vec<u8>, Vec<u8>) {
    let (report, rows, mut rejects) = expect.clone();
    if !plan.target.rejects {
        rejects.clear();
    }
    (report, rows, rejects)
}

/// Runs a plan on threads of the pool, as a host does that waits only where it must.
#[cfg(feature = "parallel")]
fn pooled(
    plan: &Arc<Plan>,
    bytes: &[u8],
    block: usize,
    threads: usize,
    expect: &(String, Vec<u8>, Vec<u8>),
    audit: &str,
) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let mut lines = Vec::new();
    let mut run = Pooled::new(plan.clone(), NAME, block, threads, Arc::new(|| {})).unwrap();
    let report = loop {
        for (at, piece) in bytes.chunks(block * 3 / 2 + 1).enumerate() {
            run.feed(piece).unwrap();
            while run.full().unwrap() {
                run.wait().unwrap();
            }
            rows.extend(run.rows().unwrap());
            rejects.extend(run.rejects().unwrap());
            if at == 1
                && let Some(sofar) = run.glance().unwrap()
            {
                glanced(&sofar, run.progress().unwrap());
            }
        }
        run.end().unwrap();
        while !run.idle().unwrap() {
            run.wait().unwrap();
        }
        lines.extend(run.audit().unwrap());
        rows.extend(run.rows().unwrap());
        rejects.extend(run.rejects().unwrap());
        match run.finish(false).unwrap() {
            Finished::Again(next) => run = *next,
            Finished::Report(report) => break report,
        }
    };
    assert_eq!(
        (report.json(), rows, rejects),
        asked(plan, expect),
        "pool of {threads}, blocks of {block}"
    );
    if plan.target.audit {
        assert_eq!(
            String::from_utf8_lossy(&lines),
            audit,
            "pool of {threads}, audit"
        );
    }
}

/// A report that is asked for on the way is one of the records that are done.
fn glanced(sofar: &Report, (_, bytes, records): (u32, u64, u64)) {
    assert!(sofar.partial);
    assert_eq!((sofar.rows.input, sofar.input.bytes), (records, bytes));
}

/// Cuts a file into even runs of blocks, finds where they begin by their seams, or by reading where
/// a field never closes, and merges them by twos. What comes out is the bytes of one part.
fn seamed(
    plan: &Plan,
    source: &Memory,
    how: How,
    (count, blocks): (u64, u64),
    expect: &(String, Vec<u8>, Vec<u8>),
) {
    let block = how.block;
    let runs: Vec<(u64, u64)> = (0..count)
        .map(|at| (blocks * at / count, blocks * (at + 1) / count))
        .filter(|(first, end)| first < end)
        .collect();
    let mut scans = Scans::default();
    for run in runs.iter().rev() {
        let scan = Scan::of(plan, source, *run, block).unwrap();
        scans
            .add(Scan::thaw(plan, &scan.freeze().unwrap()).unwrap())
            .unwrap();
    }
    let map = |part| {
        let mut rows = Vec::new();
        let partial = Partial::map(plan, source, &part, &mut rows, &Unwatched, how).unwrap();
        (partial, rows)
    };
    let mut rows = if plan.target.rows {
        crate::write::opening(plan)
    } else {
        Vec::new()
    };
    let mut level = Vec::new();
    for run in &runs {
        let read = part(plan, source, *run, block).unwrap();
        if let Ok(by_seams) = scans.part(plan, source, *run, block, blocks) {
            assert_eq!(by_seams, read, "blocks of {block}");
        }
        let (partial, part_rows) = map(read);
        rows.extend(part_rows);
        level.push(partial.freeze().unwrap());
    }
    assert_eq!(rows, expect.1, "rows of {count} runs, blocks of {block}");
    let merge = |parts: &[Vec<u8>]| {
        let mut partials = Partials::default();
        for bytes in parts.iter().rev().chain(parts) {
            partials.add(Partial::thaw(plan, bytes).unwrap()).unwrap();
        }
        let [merged] = &partials.merged(plan).unwrap()[..] else {
            panic!("neighbours are one");
        };
        merged.freeze().unwrap()
    };
    while level.len() > 1 {
        level = level.chunks(2).map(merge).collect();
    }
    let Some(root) = level.first() else { return };
    let whole = part(plan, source, (0, blocks), block).unwrap();
    assert_eq!(
        root,
        &map(whole).0.freeze().unwrap(),
        "a tree of {count} runs, blocks of {block}"
    );
    let mut partials = Partials::default();
    partials.add(Partial::thaw(plan, root).unwrap()).unwrap();
    let report = partials
        .finish(plan, &source.identity().unwrap(), blocks)
        .unwrap();
    assert_eq!(report.json(), expect.0, "{count} runs, blocks of {block}");
}

/// Runs a plan as separate parts whose frozen partials come in another order, some twice.
fn shards(plan: &Plan, source: &Memory, block: usize, expect: &(String, Vec<u8>, Vec<u8>)) {
    for count in [1, 3, 10] {
        let parts = parts(plan, source, block, count).unwrap();
        let stream = match plan.detected.decoding.is_none() {
            true => source.bytes.len(),
            false => plan.detected.decoding.all(&source.bytes).len(),
        };
        // An empty input has one empty block.
        let blocks = (stream as u64).div_ceil(block as u64).max(1);
        let how = How { threads: 1, block };
        seamed(plan, source, how, (count as u64, blocks), expect);
        let mut rows = Vec::new();
        if plan.target.rows {
            rows.extend(crate::write::opening(plan));
        }
        let mut frozen = Vec::new();
        for part in &parts {
            let how = How { threads: 1, block };
            let partial = Partial::map(plan, source, part, &mut rows, &Unwatched, how).unwrap();
            frozen.push(partial.freeze().unwrap());
        }
        assert_eq!(rows, expect.1, "rows of {count} parts, blocks of {block}");
        let mut order: Vec<usize> = (0..frozen.len()).rev().chain(0..frozen.len() / 2).collect();
        order.rotate_left(frozen.len() / 3);
        let mut partials = Partials::default();
        for at in order {
            partials
                .add(Partial::thaw(plan, &frozen[at]).unwrap())
                .unwrap();
        }
        let report = partials
            .finish(plan, &source.identity().unwrap(), blocks)
            .unwrap();
        assert_eq!(report.json(), expect.0, "{count} parts, blocks of {block}");
    }
}
