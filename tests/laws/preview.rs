//! A preview shows what a run gives: of a whole file the first rows, and of the beginning of a file
//! the beginning of what a run gives, and nothing that the rest could still change.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use tidemill_core::Failure;
use tidemill_core::detect::{detect, lines};
use tidemill_core::preview::preview;
use tidemill_core::recipe::Recipe;
use tidemill_csv::{Limits, read_all};
use tidemill_tests::{READ, files, run, typed_rows};

const NAME: &str = "test.csv";

fn json(recipe: &str, bytes: &[u8], complete: bool, rows: usize) -> Result<String, Failure> {
    preview(recipe, NAME, bytes, complete, rows).map(|preview| preview.json())
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The rows as they stand in the preview.
fn rows(text: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Rows<'a> {
        #[serde(borrow)]
        rows: Vec<&'a RawValue>,
    }
    let preview: Rows<'_> = serde_json::from_str(text).unwrap();
    let rows = preview.rows.iter();
    rows.map(|row| row.get().to_string()).collect()
}

/// Steps that fit any header: none, all that may happen to a row, and one that learns.
const RECIPES: &[&str] = &[
    "tidemill = 1",
    "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\ncast = { \"#1\" = \"number\" }\n[[step]]\ndrop_missing = [\"#1\"]",
    "tidemill = 1\n[read]\nragged = \"pad\"\n[[step]]\ncast = { \"#1\" = \"integer\" }\non_error = \"missing\"\n\
     [[step]]\nfill = { \"#1\" = { with = \"mean\" } }\n[[step]]\nlimit = 3\n[[step]]\ndrop = [\"#1\"]\noff = true",
];

/// Whether a plan can be made of it at all.
fn has_columns(bytes: &[u8]) -> bool {
    let read = &Recipe::parse("tidemill = 1").unwrap().read;
    detect(bytes, read).is_ok_and(|detected| !detected.header.is_empty())
}

#[test]
fn a_preview_of_a_whole_file_is_the_beginning_of_its_run() {
    let mut paths = files("edge", &["csv", "tsv"]);
    paths.push(tidemill_tests::corpus().join("flights.csv"));
    paths.push(tidemill_tests::corpus().join("lesson.csv"));
    let mut checked = 0;
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if !has_columns(&bytes) {
            assert!(json("tidemill = 1", &bytes, true, 5).is_err());
            continue;
        }
        for recipe in RECIPES {
            let all = typed_rows(recipe, &bytes, None).unwrap();
            let all: Vec<&str> = all.lines().collect();
            let ran = run(recipe, &bytes);
            let report = value(&ran.report.json());
            for most in [0, 2, 200, usize::MAX] {
                let text = json(recipe, &bytes, true, most).unwrap();
                let shown = rows(&text);
                assert_eq!(shown, all[..all.len().min(most)], "{}", path.display());
                let preview = value(&text);
                assert_eq!(preview["complete"], shown.len() == all.len());
                assert_eq!(
                    preview["rejects"],
                    report["rejects"]["first"].clone().named(NAME)
                );
                assert_eq!(preview["steps"], report["steps"]);
                assert_eq!(preview["fitted"], Value::Null);
                assert_eq!(preview["input"]["dialect"], report["input"]["dialect"]);
                assert_eq!(preview["input"]["skipped"], report["input"]["skipped"]);
                for (key, of) in [
                    ("records", "in"),
                    ("out", "out"),
                    ("rejected", "rejected"),
                    ("filtered", "filtered"),
                ] {
                    assert_eq!(preview[key], report["rows"][of], "{key}");
                }
                checked += 1;
            }
            before(recipe, &bytes);
        }
    }
    assert!(checked > 300, "only {checked} previews");
}

trait Named {
    fn named(self, name: &str) -> Self;
}

impl Named for Value {
    fn named(mut self, name: &str) -> Value {
        for reject in self.as_array_mut().unwrap() {
            assert_eq!(reject["file"], name);
        }
        self
    }
}

/// Each row says from where it came, and what stood there: the records of the plain reader are held
/// against it.
fn before(recipe: &str, bytes: &[u8]) {
    const MOST: usize = 4;
    let recipe_read = Recipe::parse(recipe).unwrap().read;
    let detected = detect(bytes, &recipe_read).unwrap();
    let records = read_all(bytes, &detected.dialect, &Limits::default(), detected.body).unwrap();
    let preview = value(&json(recipe, bytes, true, MOST).unwrap());
    let before = &preview["before"];
    let places = before["places"].as_array().unwrap();
    let originals = before["rows"].as_array().unwrap();
    assert_eq!(places.len(), originals.len());
    assert!(
        places
            .windows(2)
            .all(|pair| pair[0]["record"].as_u64() < pair[1]["record"].as_u64())
    );
    for (place, original) in places.iter().zip(originals) {
        let record = &records[place["record"].as_u64().unwrap() as usize - 1];
        let line = lines(&bytes[..record.start as usize]) + 1;
        assert_eq!(place["line"].as_u64(), Some(line));
        let fields = original.as_array().unwrap();
        assert_eq!(fields.len(), detected.header.len());
        for (at, field) in fields.iter().enumerate() {
            let expect = record.fields.get(at).map_or(b"".as_slice(), Vec::as_slice);
            assert_eq!(field.as_str(), Some(&*String::from_utf8_lossy(expect)));
        }
    }
    let of_rows = preview["places"].as_array().unwrap();
    assert_eq!(of_rows.len(), preview["rows"].as_array().unwrap().len());
    assert!(of_rows.iter().all(|place| places.contains(place)));
    let first = places
        .iter()
        .filter(|place| place["record"].as_u64() <= Some(MOST as u64));
    let rejected = preview["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|reject| {
            let is_read = reject["column"].is_null();
            is_read && reject["record"].as_u64() <= Some(MOST as u64)
        });
    assert_eq!(first.count() + rejected.count(), records.len().min(MOST));
}

/// Every beginning of a file that has its header shows a beginning of what a run gives, the more the
/// longer it is, and of a file whose last line ends and whose quotes close, all of it at the end.
fn beginnings(recipe: &str, bytes: &[u8], step: usize) {
    let whole = value(&json(recipe, bytes, true, usize::MAX).unwrap());
    let all = rows(&json(recipe, bytes, true, usize::MAX).unwrap());
    let rejects = whole["rejects"].as_array().unwrap();
    let mut seen = 0;
    let mut any = false;
    for end in (0..=bytes.len())
        .rev()
        .step_by(step)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let text = match json(recipe, &bytes[..end], false, usize::MAX) {
            Ok(text) => text,
            Err(error) => {
                assert!(
                    !any,
                    "{error}: a longer beginning of {end} bytes has no preview"
                );
                continue;
            }
        };
        any = true;
        let shown = rows(&text);
        assert!(all.starts_with(&shown), "{end} bytes: {text}");
        let preview = value(&text);
        assert!(
            rejects.starts_with(preview["rejects"].as_array().unwrap()),
            "{end} bytes: {text}"
        );
        assert_eq!(preview["complete"], false);
        let records = preview["records"].as_u64().unwrap();
        assert!(records >= seen, "{end} bytes");
        seen = records;
    }
    let unterminated = rejects
        .iter()
        .any(|reject| reject["reason"].as_str().unwrap().starts_with("a quote"));
    let ended = matches!(bytes.last(), Some(b'\n' | b'\r'));
    if any && ended && !unterminated {
        assert_eq!(whole["records"].as_u64(), Some(seen));
    }
}

/// What a preview says of how it reads, said in a recipe, changes nothing.
#[test]
fn how_a_file_is_read_can_be_kept() {
    let mut paths = files("edge", &["csv", "tsv"]);
    paths.push(tidemill_tests::corpus().join("flights.csv"));
    let mut kept = 0;
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if !has_columns(&bytes) {
            continue;
        }
        let found = value(&json("tidemill = 1", &bytes, true, 50).unwrap());
        let read = &found["input"]["read"];
        let recipe = serde_json::json!({ "tidemill": 1, "read": read }).to_string();
        let stated = value(&json(&recipe, &bytes, true, 50).unwrap());
        let name = path.display();
        assert_eq!(&stated["input"]["read"], read, "{name}");
        for key in ["columns", "before", "rows", "records", "rejected"] {
            assert_eq!(stated[key], found[key], "{key} of {name}");
        }
        let from = stated["input"]["from"].as_object().unwrap();
        assert!(
            from.values().all(|from| from == "stated"),
            "{name}: {from:?}"
        );
        kept += 1;
    }
    assert!(kept > 20, "{kept} files");
}

#[test]
fn a_cut_beginning_shows_no_more_than_is_sure() {
    for path in files("edge", &["csv", "tsv"]) {
        let bytes = std::fs::read(&path).unwrap();
        if !has_columns(&bytes) {
            continue;
        }
        // What is stated cannot be found to be something else in less text.
        let found = value(&json("tidemill = 1", &bytes, true, 1).unwrap());
        let delimiter = found["input"]["dialect"]["delimiter"].clone();
        let read = READ.replace("\",\"", &delimiter.to_string());
        for ragged in ["reject", "pad"] {
            let recipe = format!(
                "tidemill = 1\n{read}ragged = \"{ragged}\"\n[[step]]\ncast = {{ \"#1\" = \"number\" }}"
            );
            beginnings(&recipe, &bytes, 1 + bytes.len() / 400);
        }
    }
}

#[test]
fn a_header_that_may_be_cut_is_no_header() {
    for window in [&b"a,b"[..], b"a,\"b\nc"] {
        let Failure::Fault(fault) = json("tidemill = 1", window, false, 5).unwrap_err() else {
            panic!("a fault")
        };
        assert_eq!(fault.place.split(',').next(), Some(NAME));
        assert!(json("tidemill = 1", b"a,b\n", false, 5).is_ok());
    }
    let headless = "tidemill = 1\n[read]\nheader = false";
    assert!(json(headless, b"1,2", false, 5).is_err());
    assert_eq!(
        rows(&json(headless, b"1,2\n3,", false, 5).unwrap()),
        ["[\"1\",\"2\"]"]
    );
}

#[test]
fn a_step_that_learns_says_from_how_much() {
    let recipe =
        "tidemill = 1\n[[step]]\ntrim = [\"b\"]\n[[step]]\nfill = { a = { with = \"mean\" } }";
    let bytes = b"a,b\n1,x\n,y\n3,z\n100,";
    let preview = value(&json(recipe, bytes, false, 5).unwrap());
    assert_eq!(preview["rows"][1], serde_json::json!(["2", "y"]));
    assert_eq!(preview["fitted"]["steps"], serde_json::json!([2]));
    assert_eq!(preview["fitted"]["records"], 3);
    // Where all is there, it has learnt from all.
    let preview = value(&json(recipe, b"a,b\n1,x\n,y\n3,z\n", true, 5).unwrap());
    assert_eq!(preview["rows"][1], serde_json::json!(["2", "y"]));
    assert_eq!(preview["fitted"], Value::Null);
}

#[test]
fn a_wrong_recipe_is_refused_as_by_a_run() {
    for recipe in [
        "tidemill = 1\n[[step]]\ntrim = [\"aa\"]",
        "tidemill = 1\n[[reduce]]\nvalues = [\"mean(c)\"]",
        "x",
    ] {
        let Failure::Recipe(found) = json(recipe, b"a,b\n1,2\n", true, 5).unwrap_err() else {
            panic!("{recipe}")
        };
        let Failure::Recipe(expect) = tidemill_tests::plan(recipe, b"a,b\n1,2\n").err().unwrap()
        else {
            panic!("{recipe}")
        };
        assert_eq!(found, expect);
    }
}

#[test]
fn the_keys_are_all_there_in_a_fixed_order() {
    let text = json("tidemill = 1", b"a\n1\n", true, 5).unwrap();
    let preview = value(&text);
    let keys: Vec<&String> = preview.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "tidemill",
            "input",
            "columns",
            "before",
            "rows",
            "places",
            "records",
            "added",
            "out",
            "rejected",
            "filtered",
            "deduplicated",
            "steps",
            "rejects",
            "complete",
            "fitted"
        ]
    );
    assert_eq!(
        preview["input"]["from"],
        serde_json::json!({ "delimiter": "detected", "quote": "default", "escape": "default", "comment": "default",
            "encoding": "detected", "skip_rows": "default", "header": "detected" })
    );
    let stated = "tidemill = 1\n[read]\ndelimiter = \",\"\nheader = [\"x\"]";
    let preview = value(&json(stated, b"a\n1\n", true, 5).unwrap());
    assert_eq!(preview["input"]["from"]["delimiter"], "stated");
    assert_eq!(preview["input"]["from"]["header"], "stated");
    assert_eq!(
        preview["columns"],
        serde_json::json!([{ "name": "x", "type": "text" }])
    );
}

/// Bytes that mean something to a reader.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(b','), 3 => Just(b'"'), 3 => Just(b'\n'), 1 => Just(b'\r'), 4 => Just(b'1'), 1 => Just(b'a'),
    ];
    prop::collection::vec(byte, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_bytes_show_no_more_than_is_sure(body in bytes(), ragged in prop::sample::select(vec!["reject", "pad"])) {
        let text = [b"a,b\n".as_slice(), &body].concat();
        let recipe = format!("tidemill = 1\n{READ}ragged = \"{ragged}\"\n[[step]]\ncast = {{ a = \"integer\" }}\n[[step]]\nlimit = 4");
        before(&recipe, &text);
        beginnings(&recipe, &text, 1);
    }
}
