//! Numbers are exact: sums are integers underneath, rounded once at the end, so neither order nor
//! grouping nor the number of threads can show.

use serde_json::{Value, json};
use tidemill_tests::{answers, profile, run};

fn column(cells: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<u8> {
    let mut text = b"x,y\n".to_vec();
    for cell in cells {
        text.extend_from_slice(cell.as_ref().as_bytes());
        text.extend_from_slice(b",z\n");
    }
    text
}

fn check(cells: &[&str], values: &str, expect: Value) {
    let recipe = format!("tidemill = 1\n[[reduce]]\nvalues = {values}");
    assert_eq!(
        Value::Array(answers(&recipe, &column(cells))),
        expect,
        "{cells:?}"
    );
}

#[test]
fn a_million_tenths_are_a_hundred_thousand() {
    let bytes = column(std::iter::repeat_n("0.1", 1_000_000));
    let recipe = "tidemill = 1\n[[reduce]]\nvalues = [\"sum(x)\", \"mean(x)\", \"count(x)\"]";
    assert_eq!(
        answers(recipe, &bytes),
        [json!(100_000), json!(0.1), json!(1_000_000)]
    );
    assert_eq!(profile(&bytes)["columns"][0]["sum_exact"], json!("100000"));
}

#[test]
fn what_is_small_survives_what_is_large() {
    check(&["1e300", "1", "-1e300"], "[\"sum(x)\"]", json!([1]));
    check(
        &["-1e300", "0.1", "1e300", "0.2"],
        "[\"sum(x)\"]",
        json!([0.3]),
    );
    check(
        &["9007199254740993", "0"],
        "[\"sum(x)\"]",
        json!([9_007_199_254_740_993u64]),
    );
}

#[test]
fn figures_are_those_of_the_exact_result() {
    // Variance of 1..=6: (91 - 21^2 / 6) / 5 = 3.5.
    check(
        &["1", "2", "3", "4", "5", "6"],
        "[\"mean(x)\", \"variance(x)\"]",
        json!([3.5, 3.5]),
    );
    // A spread of one on a large offset, which loses everything in floats: mean 10^15 + 1, variance 1.
    let cells = ["1000000000000000", "1000000000000001", "1000000000000002"];
    check(
        &cells,
        "[\"mean(x)\", \"variance(x)\", \"std(x)\"]",
        json!([1_000_000_000_000_001u64, 1, 1]),
    );
    // One value has no sample deviation, and none have no mean.
    check(
        &["7"],
        "[\"mean(x)\", \"std(x)\", \"min(x)\"]",
        json!([7, null, 7]),
    );
    check(
        &["NA", ""],
        "[\"count(x)\", \"missing(x)\", \"sum(x)\", \"mean(x)\", \"max(x)\"]",
        json!([0, 2, 0, null, null]),
    );
    // NaN and infinities enter no statistic.
    check(
        &["1", "NaN", "inf", "3", "-inf"],
        "[\"count(x)\", \"mean(x)\", \"max(x)\"]",
        json!([2, 2, 3]),
    );
}

#[test]
fn the_cells_of_a_column_add_up() {
    let report = profile(&column(["1", "NaN", "inf", "", "NA", "-3.5", "2"]));
    let column = &report["columns"][0];
    let count = |key: &str| column[key].as_u64().unwrap();
    assert_eq!(column["type"], json!("number"));
    assert_eq!(
        (
            count("count"),
            count("missing"),
            count("nan"),
            count("infinite"),
            count("invalid")
        ),
        (3, 2, 1, 1, 0)
    );
    assert_eq!(
        (&column["min"], &column["max"], &column["sum"]),
        (&json!(-3.5), &json!(2), &json!(-0.5))
    );
    assert_eq!(column["quantiles"]["p50"], json!(1));
}

#[test]
fn a_cell_that_is_no_number_is_counted_where_it_is_used_as_one() {
    let bytes = column(["1", "two", "3"]);
    let ran = run("tidemill = 1\n[[reduce]]\nvalues = [\"sum(x)\"]", &bytes);
    assert_eq!(ran.report.invalid(), 1);
    let report: Value = serde_json::from_str(&ran.report.json()).unwrap();
    let warning = report["columns"][0]["warnings"][0]["text"]
        .as_str()
        .unwrap();
    assert!(warning.contains("\"two\" (record 2, line 3)"), "{warning}");
}

/// Peers gave three answers in three runs over columns like this one: large and small, with decimals.
#[test]
fn three_runs_on_eight_threads_give_one_answer() {
    use tidemill_core::run::{How, Outputs, run};
    use tidemill_core::source::Memory;
    use tidemill_core::watch::Unwatched;

    let cells =
        (0..20_000).map(|row| format!("{}.{}e{}", row * 7919 % 10_007, row % 10, row % 60 - 30));
    let bytes = column(cells);
    let recipe = "tidemill = 1\n[[reduce]]\nvalues = [\"sum(x)\", \"mean(x)\", \"std(x)\"]";
    let plan = tidemill_tests::plan(recipe, &bytes).unwrap();
    let source = Memory::new("x.csv", bytes);
    let answer = || {
        let outputs = Outputs {
            rows: &mut Vec::new(),
            rejects: None,
        };
        run(
            &plan,
            &source,
            outputs,
            &Unwatched,
            How {
                threads: 8,
                block: 1000,
            },
        )
        .unwrap()
        .json()
    };
    let first = answer();
    assert!(first.contains("\"invalid\": 0"), "{first}");
    assert_eq!((answer(), answer()), (first.clone(), first));
}
