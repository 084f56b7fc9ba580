//! The promise as a function: a plan's report, rows and rejects are the same bytes on every driver,
//! with any threads and blocks, and out of frozen parts that come in any order, some twice. Tests
//! of the core and of other crates call it (feature `testing`).

#![allow(
    clippy::unwrap_used,
    reason = "a broken promise is to end the test that asked"
)]

use crate::partial::{Partial, Partials, parts};
use crate::plan::{Plan, Stage};
use crate::run::{BLOCK, How, Outputs, run};
use crate::session;
use crate::source::{Memory, Source};
use crate::step::StepKind;
use crate::watch::Unwatched;

const NAME: &str = "table.csv";

/// Holds a plan's results on every driver, with any threads and blocks, against the sequential
/// session with the default block, and returns its report, rows and rejects.
pub fn same_everywhere(plan: &Plan, bytes: &[u8]) -> (String, String, String) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = session::run(plan, NAME, bytes, &mut rows, Some(&mut rejects), BLOCK).unwrap();
    assert!(report.rows.balance());
    let expect = (report.json(), rows, rejects);
    let source = Memory::new(NAME, bytes);
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
            let report = run(plan, &source, outputs, &Unwatched, How { threads, block }).unwrap();
            assert_eq!(
                (report.json(), rows, rejects),
                expect,
                "{threads} threads, blocks of {block}"
            );
        }
        let local = |stage: &Stage| matches!(stage.kind, StepKind::RowLocal(_) | StepKind::Planned);
        if plan.stages.iter().all(local) {
            shards(plan, &source, block, &expect);
        }
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (expect.0, text(expect.1), text(expect.2))
}

/// Runs a plan as separate parts whose frozen partials come in another order, some twice.
fn shards(plan: &Plan, source: &Memory, block: usize, expect: &(String, Vec<u8>, Vec<u8>)) {
    for count in [1, 3, 10] {
        let parts = parts(plan, source, block, count).unwrap();
        let blocks = (source.bytes.len() as u64).div_ceil(block as u64);
        let mut rows = Vec::new();
        if plan.target.rows && plan.write_header {
            rows.extend(crate::write::header(
                plan.output.iter().map(|(name, _)| name.as_str()),
                &plan.out_dialect,
            ));
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
