//! The bytes of states and parts, held against files: who changes them makes a new version.
//!
//! To write the files of a new version, raise [`VERSION`] and run the tests with
//! `TIDEMILL_GOLDEN=write`; files of the version that is there are never written over.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

use std::path::PathBuf;

use tidemill_core::detect::detect;
use tidemill_core::kernels::REDUCE;
use tidemill_core::partial::envelope::{HEAD, VERSION};
use tidemill_core::partial::{Partial, Scan, part};
use tidemill_core::plan::{Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::run::How;
use tidemill_core::source::Memory;
use tidemill_core::watch::Unwatched;

/// Numbers, text, dates, what is missing and what is broken.
const TABLE: &str = "id,x,y,day,name\n\
    1,2.50,10,2024-01-31,Oslo\n\
    2,-3,20,2024-02-29,Rome\n\
    3,,30,2024-03-01,\"a, \"\"b\"\"\"\n\
    4,abc,1e3,,Oslo\n\
    5,99999999999999999999.5,-0,2024-02-29,\n\
    6,0.1,inf,not a day,北京\n\
    7,7,2\n\
    8,2.5,NA,2024-03-01,Oslo\n";

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(format!("v{VERSION}"))
        .join(name)
}

/// Holds bytes against a file, as lines of hexadecimal digits so that a difference can be read.
fn same(name: &str, bytes: &[u8]) {
    let path = golden(name);
    let mut hex = String::new();
    for line in bytes.chunks(40) {
        for byte in line {
            hex.push_str(&format!("{byte:02x}"));
        }
        hex.push('\n');
    }
    if std::env::var_os("TIDEMILL_GOLDEN").is_some() && !path.exists() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &hex).unwrap();
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        kept == hex,
        "{}: the bytes of version {VERSION} have changed: a changed form is a new version",
        path.display()
    );
}

fn plan(recipe: &str, target: Target) -> Plan {
    let recipe = Recipe::parse(recipe).unwrap();
    let detected = detect(TABLE.as_bytes(), &recipe.read).unwrap();
    Plan::new(&recipe, detected, target).unwrap()
}

fn whole(plan: &Plan, block: usize, threads: usize) -> Partial {
    let source = Memory::new("t.csv", TABLE);
    let blocks = (TABLE.len() as u64).div_ceil(block as u64);
    let part = part(plan, &source, (0, blocks), block).unwrap();
    let how = How { threads, block };
    Partial::map(plan, &source, &part, &mut Vec::new(), &Unwatched, how).unwrap()
}

/// The bytes behind the head, since the plan's number there is another in each release.
fn body(partial: &Partial) -> Vec<u8> {
    partial.freeze().unwrap()[HEAD..].to_vec()
}

#[test]
fn the_state_of_every_reducer_has_the_bytes_it_had() {
    for kernel in REDUCE {
        let form = kernel.about.form();
        let recipe = format!(
            "tidemill = 1\n[[reduce]]\nname = \"all\"\nvalues = [\"{form} as a\"]\n[[reduce]]\nname = \"each\"\nby = [\"name\"]\nvalues = [\"{form} as a\"]\n"
        );
        let plan = plan(&recipe, Target::default());
        assert_eq!(plan.reductions.len(), 2, "{form}");
        same(
            &format!("{}.hex", kernel.about.word),
            &body(&whole(&plan, 64, 1)),
        );
    }
}

#[test]
fn a_whole_part_has_the_bytes_it_had() {
    let profile = Target {
        profile: Some(vec!["*".to_string()]),
        all: true,
        ..Target::default()
    };
    same(
        "profile.hex",
        &body(&whole(&plan("tidemill = 1\n", profile), 64, 2)),
    );
    let recipe = "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\ncast = { x = \"number\" }\n\
        [[reduce]]\nby = [\"name\"]\nvalues = [\"sum(x)\", \"mean(y)\"]\n";
    same(
        "part.hex",
        &body(&whole(&plan(recipe, Target::default()), 64, 2)),
    );
    let source = Memory::new("t.csv", TABLE);
    let scan = Scan::of(&plan(recipe, Target::default()), &source, (0, 2), 64).unwrap();
    same("seam.hex", &scan.freeze().unwrap()[HEAD..]);
}
