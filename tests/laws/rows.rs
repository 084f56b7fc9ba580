//! Rows of JSON say what the CSV of the same run says: its cells, read again, are held against them
//! one by one.

use proptest::prelude::*;
use serde_json::value::RawValue;
use tidemill_core::Failure;
use tidemill_core::plan::Target;
use tidemill_core::value::class::Type;
use tidemill_tests::{READ, files, plan_for, run, typed_rows};

/// The types of a recipe's columns.
fn types(recipe: &str, bytes: &[u8]) -> Vec<Type> {
    let plan = plan_for(recipe, bytes, Target::default()).unwrap();
    let types = plan.output.iter();
    types
        .map(|column| column.ty.unwrap_or(Type::Text))
        .collect()
}

/// Whether a cell of JSON, as it stands in the row, says what a cell of the CSV file says.
fn agree(ty: Type, text: &[u8], json: &str) -> bool {
    let lossy = String::from_utf8_lossy(text);
    let string: Option<String> = serde_json::from_str(json).ok();
    let as_text = string.as_deref() == Some(&lossy);
    if text.is_empty() {
        return json == "null";
    }
    // The standard library reads both, since serde_json is not exact to the last bit.
    match (ty, lossy.parse::<f64>(), &string) {
        (Type::Boolean, ..) if ["true", "false"].contains(&&*lossy) => json == lossy,
        (Type::Number, Ok(value), Some(text)) if value.is_nan() => text == "NaN",
        (Type::Number, Ok(value), Some(text)) => value.is_infinite() && text.parse() == Ok(value),
        (Type::Integer, Ok(value), Some(text)) if lossy.contains(|c: char| c.is_ascii_digit()) => {
            value.abs() >= 9_007_199_254_740_992.0 && text.parse() == Ok(value)
        }
        (Type::Number | Type::Integer, Ok(value), None) => json.parse() == Ok(value),
        _ => as_text,
    }
}

fn check(recipe: &str, bytes: &[u8]) -> Result<usize, Failure> {
    let json = typed_rows(recipe, bytes, None)?;
    let types = types(recipe, bytes);
    let rows = run(recipe, bytes).rows;
    let mut reader = csv::ReaderBuilder::new().from_reader(rows.as_slice());
    let mut lines = json.split_terminator('\n');
    let mut cells = 0;
    for record in reader.byte_records() {
        let record = record.unwrap();
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("a row less\n{recipe}"));
        let row: Vec<&RawValue> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!((row.len(), record.len()), (types.len(), types.len()));
        for ((json, text), ty) in row.iter().zip(&record).zip(&types) {
            let text_shown = String::from_utf8_lossy(text);
            assert!(
                agree(*ty, text, json.get()),
                "{ty}: {text_shown} and {json}"
            );
            cells += 1;
        }
    }
    assert_eq!(lines.next(), None, "a row more\n{recipe}");
    Ok(cells)
}

fn cast_all(ty: &str, on_error: &str) -> String {
    format!("tidemill = 1\n[[step]]\ncast = {{ \"*\" = \"{ty}\" }}\non_error = \"{on_error}\"")
}

#[test]
fn the_corpus_says_the_same_in_json() {
    let types = [
        "text", "integer", "number", "boolean", "date", "time", "datetime",
    ];
    let mut cells = 0;
    for path in files("edge", &["csv", "tsv"]) {
        let bytes = std::fs::read(&path).unwrap();
        for ty in types {
            for on_error in ["keep", "missing", "reject"] {
                // Files without a column have no plan with a step.
                cells += check(&cast_all(ty, on_error), &bytes).unwrap_or(0);
            }
        }
    }
    assert!(cells > 10_000, "only {cells} cells");
    let flights = std::fs::read(tidemill_tests::corpus().join("flights.csv")).unwrap();
    let recipe = "tidemill = 1\n[[step]]\ncast = { dep_time = \"integer\", dep_delay = \"number\", time_hour = \"datetime\" }\n\
                  [[step]]\nfill = { dep_delay = { with = \"mean\" } }\n[[step]]\nfilter = \"distance > 300\"";
    assert!(check(recipe, &flights).unwrap() > 50_000);
}

#[test]
fn fields_choose_and_order_columns() {
    let bytes = b"a,b,c\n1,2,3\n4,5,6\n";
    let rows = typed_rows("tidemill = 1", bytes, Some(&["c", "a"])).unwrap();
    assert_eq!(rows, "[\"3\",\"1\"]\n[\"6\",\"4\"]\n");
    // They are the columns of the result, under the names it has.
    let recipe = "tidemill = 1\n[[step]]\ncast = { b = \"integer\" }\n[[step]]\nrename = { b = \"beta\" }\n[[step]]\ndrop = [\"a\"]";
    let rows = typed_rows(recipe, bytes, Some(&["*", "!c"])).unwrap();
    assert_eq!(rows, "[2]\n[5]\n");
    for (field, hint) in [("bata", "beta"), ("a", "c")] {
        let error = typed_rows(recipe, bytes, Some(&[field])).unwrap_err();
        let Failure::Recipe(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.place, "fields");
        if field == "bata" {
            assert_eq!(error.hint, Some(format!("did you mean \"{hint}\"?")));
        }
    }
}

/// Cells that types are hard on.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[+-]?[0-9]{1,22}(\\.[0-9]{0,4})?(e-?[0-9]{1,2})?",
        "NaN|inf|-inf|NA|null|true|no|2024-02-29|12:30|2024-02-29T01:02:03Z|-| ",
        "[ -~]{0,8}",
        "\\PC{0,4}",
        any::<f64>().prop_map(|value| format!("{value:e}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_cells_say_the_same_in_json(
        rows in prop::collection::vec((cell(), cell()), 1..12),
        ty in prop::sample::select(vec!["integer", "number", "boolean", "datetime"]),
        on_error in prop::sample::select(vec!["keep", "missing", "reject"]),
    ) {
        let mut writer = csv::Writer::from_writer(b"".to_vec());
        writer.write_record(["a", "b"]).unwrap();
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let recipe = format!(
            "tidemill = 1\n{READ}[[step]]\ncast = {{ a = \"{ty}\" }}\non_error = \"{on_error}\""
        );
        check(&recipe, &bytes).unwrap();
    }
}
