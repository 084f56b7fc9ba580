//! Every file of the corpus is read as its expectation says, and the same way by every driver.

use serde_json::Value;
use tidemill_core::detect::detect;
use tidemill_core::everywhere::same_everywhere;
use tidemill_core::plan::{Form, Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_tests::{files, plan_for, run};

/// Header, records, and rejects as (record, reason).
type Read = (Vec<String>, Vec<Vec<String>>, Vec<(u64, String)>);

fn expected(text: &str) -> Read {
    let value: Value = serde_json::from_str(text).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_string())
            .collect()
    };
    let records = value["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(texts)
        .collect();
    let rejected = value["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| {
            (
                reject["record"].as_u64().unwrap(),
                reject["reason"].as_str().unwrap().to_string(),
            )
        })
        .collect();
    (named(texts(&value["header"])), records, rejected)
}

/// Every column can be asked for by name: an empty name becomes `column` and its position, and one
/// that came before gets the next free number.
fn named(header: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, name) in header.into_iter().enumerate() {
        let name = if name.is_empty() {
            format!("column{}", at + 1)
        } else {
            name
        };
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !names.contains(name));
        names.extend(free);
    }
    names
}

/// What the program read, seen through its output and the crate csv.
fn found(bytes: &[u8]) -> Read {
    let ran = run("tidemill = 1", bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(ran.rows.as_slice());
    let mut rows = reader.byte_records().map(|record| {
        let record = record.unwrap();
        record
            .iter()
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect::<Vec<_>>()
    });
    let header = rows.next().unwrap_or_default();
    let rejected = ran.report.rejects.first.iter().map(|reject| {
        let reason = if reject.reason.starts_with("a quote") {
            "unterminated"
        } else {
            let mut words = reject
                .reason
                .split_whitespace()
                .filter_map(|word| word.parse::<u64>().ok());
            match (words.next(), words.next()) {
                (Some(found), Some(expected)) if found < expected => "short",
                _ => "long",
            }
        };
        (reject.record, reason.to_string())
    });
    (header, rows.collect(), rejected.collect())
}

#[test]
fn every_edge_file_is_read_as_its_rules_say() {
    let mut checked = 0;
    for path in files("edge", &["csv", "tsv"]) {
        let expect = path.with_extension("expect.json");
        let bytes = std::fs::read(&path).unwrap();
        let expect = expected(
            &std::fs::read_to_string(&expect).unwrap_or_else(|error| panic!("{expect:?}: {error}")),
        );
        assert_eq!(found(&bytes), expect, "{}", path.display());
        checked += 1;
    }
    assert!(checked >= 30, "only {checked} files");
}

/// Steps that fit any header.
const RECIPES: &[&str] = &[
    "tidemill = 1",
    "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\ncast = { \"#1\" = \"number\" }\n[[step]]\ndrop_missing = [\"#1\"]",
    "tidemill = 1\n[read]\nragged = \"pad\"\n[[step]]\ncast = { \"*\" = \"integer\" }\non_error = \"missing\"\n[[step]]\nfill = { \"*\" = 0 }",
];

#[test]
fn every_file_gives_the_same_bytes_on_every_driver() {
    for path in files("edge", &["csv", "tsv"]) {
        let bytes = std::fs::read(&path).unwrap();
        for recipe in RECIPES {
            // A file without columns takes no step on its first.
            let Ok(plan) = tidemill_tests::plan(recipe, &bytes) else {
                let expect = std::fs::read_to_string(path.with_extension("expect.json")).unwrap();
                assert!(
                    expected(&expect).0.is_empty(),
                    "{}: {recipe}",
                    path.display()
                );
                continue;
            };
            same_everywhere(plan, &bytes);
            let json = Target {
                rows: true,
                form: Form::Json,
                ..Target::default()
            };
            same_everywhere(plan_for(recipe, &bytes, json).unwrap(), &bytes);
        }
        let target = Target {
            rows: false,
            profile: Some(vec!["*".to_string()]),
            rejects: false,
            ..Target::default()
        };
        same_everywhere(plan_for("tidemill = 1", &bytes, target).unwrap(), &bytes);
    }
}

#[test]
fn a_part_of_the_flights_gives_the_same_bytes_on_every_driver() {
    let path = tidemill_tests::corpus().join("flights.csv");
    let bytes = std::fs::read(path).unwrap();
    // Blocks of one byte over much text take long, and two hundred rows have all there is.
    let end = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(200)
        .unwrap()
        .0
        + 1;
    let text = &bytes[..end];
    let recipe = Recipe::parse(
        "tidemill = 1\n[[step]]\ncast = { dep_delay = \"integer\", arr_delay = \"integer\" }\n\
         [[step]]\nfill = { dep_delay = 0 }\n[[step]]\ndrop_missing = [\"dep_time\"]\n\
         [[step]]\nfilter = \"distance > 500 and carrier in ('AA', 'UA', 'DL')\"\n\
         [[reduce]]\nby = [\"carrier\"]\nvalues = [\"rows\", \"mean(dep_delay)\", \"std(arr_delay)\", \"sum(distance)\", \"max(air_time)\", \"distinct(dest)\"]",
    )
    .unwrap();
    let detected = detect(text, &recipe.read).unwrap();
    let target = Target {
        rows: true,
        profile: Some(vec!["*".to_string()]),
        rejects: true,
        ..Target::default()
    };
    same_everywhere(Plan::new(&recipe, detected, target).unwrap(), text);
}
