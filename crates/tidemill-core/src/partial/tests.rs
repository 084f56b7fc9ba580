//! Parts that are not what they should be.

use super::envelope::VERSION;
use super::*;
use crate::detect::detect;
use crate::plan::Target;
use crate::recipe::Recipe;
use crate::source::Memory;
use crate::watch::Unwatched;

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

#[test]
fn what_is_not_this_version_plan_or_kind_says_what_it_is() {
    let sum = plan(
        "tidemill = 1\n[[reduce]]\nvalues = [\"sum(x)\"]\n",
        Target::default(),
    );
    let frozen = whole(&sum, 64, 1).freeze().unwrap();
    let found = |bytes: &[u8]| Partial::thaw(&sum, bytes).unwrap_err().found;

    let mut next = frozen.clone();
    next[4..6].copy_from_slice(&(VERSION + 1).to_le_bytes());
    assert_eq!(found(&next), format!("version {} of its form", VERSION + 1));

    let mean = plan(
        "tidemill = 1\n[[reduce]]\nvalues = [\"mean(x)\"]\n",
        Target::default(),
    );
    let other = whole(&mean, 64, 1).freeze().unwrap();
    assert_eq!(found(&other), "a part of another plan");

    let source = Memory::new("t.csv", TABLE);
    let scan = Scan::of(&sum, &source, (0, 1), 64)
        .unwrap()
        .freeze()
        .unwrap();
    assert_eq!(found(&scan), "the seam of a part");
    assert!(found(b"id,x\n1,2\n").contains("something else"));
    for cut in 4..frozen.len() {
        assert!(
            Partial::thaw(&sum, &frozen[..cut]).is_err(),
            "{cut} bytes of {}",
            frozen.len()
        );
    }
}

#[test]
fn a_field_that_never_closes_cannot_be_found_by_seams() {
    let text = "a,b\n1,2\n\"3,4\n5,6\n7,8\n9,9\n";
    let recipe = Recipe::parse("tidemill = 1\n[[reduce]]\nvalues = [\"sum(b)\"]\n").unwrap();
    let detected = detect(text.as_bytes(), &recipe.read).unwrap();
    let plan = Plan::new(&recipe, detected, Target::default()).unwrap();
    let source = Memory::new("t.csv", text);
    let blocks = (text.len() as u64).div_ceil(6);
    let mut scans = Scans::default();
    for first in (0..blocks).rev() {
        scans
            .add(Scan::of(&plan, &source, (first, first + 1), 6).unwrap())
            .unwrap();
    }
    let fault = scans
        .part(&plan, &source, (2, blocks), 6, blocks)
        .unwrap_err();
    assert_eq!(
        (fault.place.as_str(), fault.found.as_str()),
        ("byte 8", "a quoted field that never closes")
    );
    // Reading finds the line behind the opener's.
    let read = part(&plan, &source, (2, blocks), 6).unwrap();
    assert_eq!(read.body, 13);
}

#[test]
fn a_step_that_must_know_the_rest_is_a_mistake_of_the_recipe() {
    let plan = plan(
        "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\ndedupe = [\"id\"]\n",
        Target::default(),
    );
    let error = mappable(&plan).unwrap_err();
    assert_eq!(error.place, "step 2");
    assert!(error.found.starts_with("dedupe,"), "{error}");
}
