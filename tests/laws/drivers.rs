//! What ends a run early, and what a driver must not do then: a cancel leaves a whole run of
//! records and says that the report is partial, a fault is the first of the file whatever the
//! threads, a panic or a change of the file ends the run and hangs nobody.

use std::sync::atomic::{AtomicU64, Ordering};

use tidemill_core::detect::detect;
use tidemill_core::partial::{Partial, Partials, parts};
use tidemill_core::plan::{Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::report::Report;
use tidemill_core::run::{How, Outputs, run};
use tidemill_core::source::{Identity, Memory, Source};
use tidemill_core::watch::{Progress, Unwatched, Watch};
use tidemill_core::{Fault, FaultKind};
use tidemill_tests::plan;

fn table(rows: usize) -> Vec<u8> {
    let mut text = b"id,x\n".to_vec();
    for row in 1..=rows {
        text.extend_from_slice(format!("{row},{}\n", row % 7).as_bytes());
    }
    text
}

const SUM: &str = "tidemill = 1\n[[reduce]]\nvalues = [\"rows\", \"sum(id)\"]";

fn drive(
    plan: &Plan,
    source: &dyn Source,
    watch: &dyn Watch,
    how: How,
) -> (Result<Report, Fault>, Vec<u8>) {
    let mut rows = Vec::new();
    let outputs = Outputs {
        rows: &mut rows,
        rejects: None,
    };
    let report = run(plan, source, outputs, watch, how);
    (report, rows)
}

struct After(u64);

impl Watch for After {
    fn step(&self, progress: &Progress) -> bool {
        progress.bytes < self.0
    }
}

#[test]
fn a_cancel_gives_a_partial_report_of_a_whole_run_of_records() {
    let bytes = table(50_000);
    let plan = plan(SUM, &bytes).unwrap();
    for threads in [1, 2, 8] {
        let source = Memory::new("t.csv", bytes.clone());
        let how = How {
            threads,
            block: 4096,
        };
        let (report, rows) = drive(&plan, &source, &After(100_000), how);
        let report = report.unwrap();
        assert!(report.partial && report.rows.balance());
        let count = report.rows.input;
        assert!(0 < count && count < 50_000, "{count} rows");
        // Seen within a chunk a worker, once the chunk that all others waited for is there.
        assert!(
            report.input.bytes < 100_000 + (4 * threads as u64 + 6) * 4096,
            "{} bytes",
            report.input.bytes
        );
        // What was written is what was counted, from the first record on without a gap.
        assert!(bytes.starts_with(&rows));
        assert_eq!(
            rows.iter().filter(|byte| **byte == b'\n').count() as u64,
            count + 1
        );
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(
            json["reductions"]["reduce"]["rows"][0],
            serde_json::json!([count, count * (count + 1) / 2])
        );
    }
}

#[test]
fn progress_stays_within_the_file_and_reaches_its_end() {
    struct Furthest(AtomicU64);
    impl Watch for Furthest {
        fn step(&self, progress: &Progress) -> bool {
            self.0.fetch_max(progress.bytes, Ordering::Relaxed);
            assert!(progress.total.is_some_and(|total| progress.bytes <= total));
            true
        }
    }
    let bytes = table(10_000);
    let plan = plan(SUM, &bytes).unwrap();
    let watch = Furthest(AtomicU64::new(0));
    let source = Memory::new("t.csv", bytes.clone());
    drive(
        &plan,
        &source,
        &watch,
        How {
            threads: 2,
            block: 1000,
        },
    )
    .0
    .unwrap();
    assert_eq!(watch.0.into_inner(), bytes.len() as u64);
}

#[test]
fn of_several_faults_it_is_the_first_of_the_file_that_ends_the_run() {
    let mut bytes = table(5_000);
    bytes.extend_from_slice(b"no,1\n");
    bytes.extend(table(5_000).split_off(5));
    bytes.extend_from_slice(b"neither,1\n");
    let recipe =
        "tidemill = 1\n[[step]]\ncast = { id = \"integer\", x = \"integer\" }\non_error = \"fail\"";
    let plan = plan(recipe, &bytes).unwrap();
    for threads in [1, 2, 8] {
        for block in [64, 4096, 1 << 20] {
            let source = Memory::new("t.csv", bytes.clone());
            let fault = drive(&plan, &source, &Unwatched, How { threads, block })
                .0
                .unwrap_err();
            assert_eq!(fault.place, "t.csv, record 5001, line 5002, column id");
            assert!(fault.found.starts_with("\"no\": not an integer"), "{fault}");
        }
    }
}

/// A source that misbehaves from an offset on.
struct Broken {
    bytes: Memory,
    from: u64,
    how: fn(&Broken) -> Result<usize, Fault>,
    reads: AtomicU64,
}

impl Source for Broken {
    fn identity(&self) -> Result<Identity, Fault> {
        let mark = Some(self.reads.load(Ordering::Relaxed) / 3);
        Ok(Identity {
            mark,
            ..self.bytes.identity()?
        })
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        if offset >= self.from {
            return (self.how)(self);
        }
        self.bytes.read_at(offset, into)
    }

    fn random(&self) -> bool {
        true
    }

    fn rewind(&self) -> Result<(), Fault> {
        Ok(())
    }
}

fn broken(from: u64, how: fn(&Broken) -> Result<usize, Fault>) -> Broken {
    Broken {
        bytes: Memory::new("t.csv", table(20_000)),
        from,
        how,
        reads: AtomicU64::new(0),
    }
}

#[test]
fn a_read_that_fails_a_panic_and_a_change_end_the_run() {
    let plan = plan(SUM, &table(20_000)).unwrap();
    for threads in [1, 2, 8] {
        let how = How {
            threads,
            block: 4096,
        };
        let fails = broken(50_000, |_| {
            Err(Fault::new(FaultKind::Io, "t.csv", "a bad sector", ""))
        });
        let fault = drive(&plan, &fails, &Unwatched, how).0.unwrap_err();
        assert_eq!(
            (fault.kind, fault.found.as_str()),
            (FaultKind::Io, "a bad sector")
        );

        let panics = broken(50_000, |_| panic!("on purpose"));
        let fault = drive(&plan, &panics, &Unwatched, how).0.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Internal);
        assert!(fault.found.contains("on purpose"), "{fault}");

        let changes = broken(100_000, |source| {
            source.reads.fetch_add(3, Ordering::Relaxed);
            Ok(0)
        });
        let fault = drive(&plan, &changes, &Unwatched, how).0.unwrap_err();
        assert!(fault.found.contains("changed while it was read"), "{fault}");
    }
}

#[test]
fn a_record_past_the_limit_is_a_fault_that_states_it() {
    let mut bytes = table(10);
    let mut plan = plan(SUM, &bytes).unwrap();
    plan.detected.limits.record = 1000;
    bytes.extend_from_slice(&[b'a'; 5000]);
    for (threads, block) in [(1, 64), (2, 4096), (8, 1 << 20)] {
        let source = Memory::new("t.csv", bytes.clone());
        let fault = drive(&plan, &source, &Unwatched, How { threads, block })
            .0
            .unwrap_err();
        assert_eq!(fault.kind, FaultKind::Limit);
        assert!(
            fault.expected.contains("1000") && fault.place.starts_with("t.csv, byte "),
            "{fault}"
        );
    }
}

#[test]
fn parts_are_told_apart_and_what_is_missing_is_named() {
    let bytes = table(2_000);
    let plan = plan(SUM, &bytes).unwrap();
    let source = Memory::new("t.csv", bytes.clone());
    let how = How {
        threads: 1,
        block: 512,
    };
    let blocks = (bytes.len() as u64).div_ceil(512);
    let map = |count: usize| -> Vec<Partial> {
        let parts = parts(&plan, &source, 512, count).unwrap();
        parts
            .iter()
            .map(|part| {
                Partial::map(&plan, &source, part, &mut Vec::new(), &Unwatched, how).unwrap()
            })
            .collect()
    };
    let whole = drive(&plan, &source, &Unwatched, how).0.unwrap().json();
    let (quarters, one) = (map(4), map(1));

    // A gap is named.
    let mut partials = Partials::default();
    for at in [3, 0, 1, 0] {
        partials.add(quarters[at].clone()).unwrap();
    }
    let (from, to) = quarters[2].range();
    assert_eq!(partials.missing(blocks), [(from, to)]);
    let fault = partials
        .finish(&plan, &source.identity().unwrap(), blocks)
        .unwrap_err();
    assert!(
        fault.found.contains(&format!("blocks {from} to {to}")),
        "{fault}"
    );

    // A larger part takes the place of those it covers, and makes later small ones needless.
    let mut partials = Partials::default();
    partials.add(quarters[1].clone()).unwrap();
    partials.add(one[0].clone()).unwrap();
    partials.add(quarters[2].clone()).unwrap();
    assert_eq!(
        partials
            .finish(&plan, &source.identity().unwrap(), blocks)
            .unwrap()
            .json(),
        whole
    );

    // Damage, another version and another plan are refused.
    let frozen = quarters[0].freeze().unwrap();
    assert_eq!(
        Partial::thaw(&plan, &frozen).unwrap().freeze().unwrap(),
        frozen
    );
    for at in 0..frozen.len() {
        let mut damaged = frozen.clone();
        damaged[at] ^= 1;
        assert_eq!(
            Partial::thaw(&plan, &damaged).unwrap_err().kind,
            FaultKind::State,
            "byte {at}"
        );
    }
    assert!(Partial::thaw(&plan, &frozen[..frozen.len() - 1]).is_err());
    let recipe =
        Recipe::parse("tidemill = 1\n[[reduce]]\nvalues = [\"rows\", \"sum(x)\"]").unwrap();
    let detected = detect(&bytes, &recipe.read).unwrap();
    let other = Plan::new(
        &recipe,
        detected,
        Target {
            rows: true,
            profile: None,
            rejects: true,
            ..Target::default()
        },
    )
    .unwrap();
    assert!(
        Partial::thaw(&other, &frozen)
            .unwrap_err()
            .found
            .contains("another plan")
    );
}
