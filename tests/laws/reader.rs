//! The corpus of the reader: every file is taken for what it is without a parameter, read as its
//! expectation says, and the same way by every driver; and its rows add up.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tidemill_core::detect::{Detected, detect_as};
use tidemill_core::everywhere::same_everywhere;
use tidemill_core::plan::{Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::run::BLOCK;
use tidemill_core::session;
use tidemill_core::sniff::charset::charset;
use tidemill_io::Transcoded;
use tidemill_tests::corpus;

/// A file's bytes as its host gives them, and what was found in them.
fn found(bytes: Vec<u8>, recipe: &Recipe) -> (Vec<u8>, Detected) {
    let charset = charset(&bytes, recipe.read.encoding);
    let bytes = match charset.unicode {
        Some(_) => bytes,
        None => {
            let mut text = Vec::new();
            Transcoded::new(bytes.as_slice(), charset.name)
                .unwrap()
                .read_to_end(&mut text)
                .unwrap();
            text
        }
    };
    let window = &bytes[..bytes.len().min(tidemill_core::detect::WINDOW)];
    let detected =
        detect_as(window, &recipe.read, &charset).unwrap_or_else(|error| panic!("{error}"));
    (bytes, detected)
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_string())
        .collect()
}

/// What is wrong with how a file is read, if anything is.
fn wrong(path: &Path, expect: &Value) -> Option<String> {
    let recipe = Recipe::parse("tidemill = 1").unwrap();
    let (bytes, detected) = found(std::fs::read(path).unwrap(), &recipe);
    let told: Value = serde_json::from_str(&detected.json()).unwrap();
    for (key, value) in expect["dialect"].as_object().unwrap() {
        if &told["read"][key] != value {
            return Some(format!("{key} is {}, not {value}", told["read"][key]));
        }
    }
    if told["columns"] != expect["columns"] {
        return Some(format!("columns {}", told["columns"]));
    }
    let target = Target {
        rows: true,
        rejects: true,
        ..Target::default()
    };
    let plan = Arc::new(Plan::new(&recipe, detected, target).unwrap());
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    let report = session::run(&plan, "x", &bytes, &mut rows, Some(&mut rejects), BLOCK).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(rows.as_slice());
    let records: Vec<Vec<String>> = reader
        .byte_records()
        .skip(usize::from(plan.write_header))
        .map(|record| {
            let record = record.unwrap();
            record
                .iter()
                .map(|field| String::from_utf8_lossy(field).into_owned())
                .collect()
        })
        .collect();
    let expected: Vec<Vec<String>> = expect["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(texts)
        .collect();
    if records != expected {
        let at = records.iter().zip(&expected).position(|(a, b)| a != b);
        return Some(format!(
            "{} records instead of {}, of which {at:?} is the first that differs: {:.300}",
            records.len(),
            expected.len(),
            format!("{:?}", at.map(|at| &records[at]))
        ));
    }
    let rejected: Vec<Value> = report
        .rejects
        .first
        .iter()
        .map(|reject| {
            let mut numbers = reject
                .reason
                .split(' ')
                .filter_map(|word| word.parse::<u64>().ok());
            let reason = match (numbers.next(), numbers.next()) {
                (Some(found), Some(expected)) if found < expected => "short",
                (Some(_), Some(_)) => "long",
                _ => "unterminated",
            };
            json!({"record": reject.record, "reason": reason})
        })
        .collect();
    if json!(rejected) != expect["rejected"] {
        return Some(format!("rejected {}", json!(rejected)));
    }
    // in + added = out + rejected + filtered + deduplicated, of rows that were counted here.
    let counts = report.rows;
    if !counts.balance()
        || counts.out != expected.len() as u64
        || counts.input != (expected.len() + rejected.len()) as u64
    {
        return Some(format!("{counts:?}"));
    }
    None
}

/// The files with their expectations.
fn cases() -> Vec<(std::path::PathBuf, Value)> {
    let mut cases: Vec<_> = std::fs::read_dir(corpus().join("reader"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path
                .file_name()?
                .to_str()?
                .strip_suffix(".expect.json")?
                .to_string();
            let expect = std::fs::read_to_string(&path).unwrap();
            Some((
                path.with_file_name(name),
                serde_json::from_str(&expect).unwrap(),
            ))
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

#[test]
fn every_file_is_read_as_its_rules_say_without_a_parameter() {
    let cases = cases();
    assert!(cases.len() >= 150, "only {} files", cases.len());
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|(path, expect)| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            wrong(path, expect).map(|fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

/// What is found, stated in a recipe, reads the same.
#[test]
fn every_file_is_read_the_same_when_what_is_found_is_stated() {
    let free = Recipe::parse("tidemill = 1").unwrap();
    for (path, _) in cases() {
        let (bytes, one) = found(std::fs::read(&path).unwrap(), &free);
        let mut read = serde_json::from_str::<Value>(&one.json()).unwrap()["read"].clone();
        let unicode = one.decoding.from;
        if unicode == tidemill_core::decode::Unicode::Utf8 {
            // The bytes are UTF-8 by now, whatever the file was.
            read["encoding"] = json!("utf-8");
        }
        let recipe = json!({"tidemill": 1, "read": read}).to_string();
        let (_, two) = found(bytes, &Recipe::parse(&recipe).unwrap());
        assert_eq!(
            (&one.header, one.body, one.dialect, one.ragged, one.lines),
            (&two.header, two.body, two.dialect, two.ragged, two.lines),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_file_gives_the_same_bytes_on_every_driver() {
    let recipe = Recipe::parse("tidemill = 1\n[[step]]\ntrim = [\"*\"]").unwrap();
    for (path, _) in cases() {
        let (bytes, detected) = found(std::fs::read(&path).unwrap(), &recipe);
        if bytes.len() > 8 << 10 {
            // Blocks of one byte take long over much text; `edge` has large ones.
            continue;
        }
        let target = Target {
            rows: true,
            profile: Some(vec!["*".to_string()]),
            rejects: true,
            ..Target::default()
        };
        same_everywhere(Plan::new(&recipe, detected, target).unwrap(), &bytes);
    }
}

/// The suite csv-spectrum, whose expectations are objects by the names of the columns.
#[test]
fn the_files_of_csv_spectrum_are_read_as_it_says() {
    let mut checked = 0;
    for path in tidemill_tests::files("spectrum", &["csv"]) {
        let expect = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let expect: Value = serde_json::from_str(&expect).unwrap();
        let recipe = Recipe::parse("tidemill = 1").unwrap();
        let (bytes, detected) = found(std::fs::read(&path).unwrap(), &recipe);
        let target = Target {
            rows: true,
            ..Target::default()
        };
        let plan = Plan::new(&recipe, detected, target).unwrap();
        let mut rows = Vec::new();
        let report = session::run(&plan, "x", &bytes, &mut rows, None, BLOCK).unwrap();
        assert_eq!(report.rows.rejected, 0, "{}", path.display());
        let mut reader = csv::Reader::from_reader(rows.as_slice());
        let read: Vec<Value> = reader
            .deserialize::<std::collections::BTreeMap<String, String>>()
            .map(|row| json!(row.unwrap()))
            .collect();
        assert_eq!(json!(read), expect, "{}", path.display());
        checked += 1;
    }
    assert_eq!(checked, 11);
}
