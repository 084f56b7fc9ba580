//! A dirty file with a known truth: orders whose quantities carry spaces, signs and words for
//! missing, with texts that hold delimiters, quotes and line ends. The recipe's sums are the truth.

use serde_json::json;
use tidemill_tests::{profile, run};

/// A small generator with a fixed start, so that the file is the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len() as u64) as usize]
    }
}

struct Truth {
    text: String,
    rows: u64,
    present: u64,
    sum: u64,
    namibia: u64,
    cents: u64,
}

fn orders(rows: u64) -> Truth {
    let mut dice = Dice(42);
    let mut truth = Truth {
        text: "order_id,country,qty,price,note\n".to_string(),
        rows,
        present: 0,
        sum: 0,
        namibia: 0,
        cents: 0,
    };
    for row in 0..rows {
        let country = dice.pick(&["CN", "US", "NA", "DE"]);
        truth.namibia += u64::from(country == "NA");
        let qty = if dice.roll(10) == 0 {
            dice.pick(&["NA", "N/A", "null", "-", ""]).to_string()
        } else {
            let value = dice.roll(200) + 1;
            truth.present += 1;
            truth.sum += value;
            match dice.roll(6) {
                0 => format!(" {value}"),
                1 => format!("{value}  "),
                2 => format!("+{value}"),
                _ => value.to_string(),
            }
        };
        let cents = dice.roll(1_000_000);
        truth.cents += cents;
        let (whole, part) = (cents / 100, cents % 100);
        let grouped = if whole >= 1000 {
            format!("\"${},{:03}.{part:02}\"", whole / 1000, whole % 1000)
        } else {
            format!("${whole}.{part:02}")
        };
        let note = dice.pick(&[
            "ok",
            "\"a, b\"",
            "\"said \"\"hi\"\" twice\"",
            "\"two\nlines\"",
            "很好",
            "",
            "\"x\r\ny\"",
        ]);
        truth
            .text
            .push_str(&format!("{row},{country},{qty},{grouped},{note}\n"));
    }
    truth
}

#[test]
fn sums_and_counts_are_the_truth() {
    let truth = orders(5_000);
    let recipe = "tidemill = 1\n[[step]]\ntrim = [\"qty\"]\n[[step]]\ncast = { qty = \"integer\", price = { type = \"number\", currency = true } }\n\
        [[reduce]]\nvalues = [\"rows\", \"count(qty)\", \"missing(qty)\", \"sum(qty)\", \"sum(price)\"]";
    let ran = run(recipe, truth.text.as_bytes());
    assert_eq!(
        ran.report.rejects.count,
        0,
        "{:?}",
        ran.report.rejects.first.first()
    );
    let report: serde_json::Value = serde_json::from_str(&ran.report.json()).unwrap();
    let row = &report["reductions"]["reduce"]["rows"][0];
    let price = serde_json::from_str::<serde_json::Value>(&format!(
        "{}.{:02}",
        truth.cents / 100,
        truth.cents % 100
    ));
    assert_eq!(
        row,
        &json!([
            truth.rows,
            truth.present,
            truth.rows - truth.present,
            truth.sum,
            price.unwrap()
        ])
    );
    // Every row is in the output, with its note as it was.
    let mut reader = csv::Reader::from_reader(ran.rows.as_slice());
    assert_eq!(
        reader.byte_records().filter(Result::is_ok).count() as u64,
        truth.rows
    );
}

#[test]
fn a_country_called_na_stays_a_country() {
    let truth = orders(2_000);
    let report = profile(truth.text.as_bytes());
    let country = &report["columns"][1];
    assert_eq!(
        (&country["type"], &country["missing"]),
        (&json!("text"), &json!(0))
    );
    let top = country["top"].as_array().unwrap();
    assert!(top.contains(&json!(["NA", truth.namibia])), "{top:?}");
    assert!(
        country["warnings"][0]["text"]
            .as_str()
            .unwrap()
            .contains("\"NA\"")
    );
    // A quantity is a number all the same: its words for missing are not values.
    let qty = &report["columns"][2];
    assert_eq!(
        (&qty["type"], &qty["count"], &qty["sum"]),
        (&json!("integer"), &json!(truth.present), &json!(truth.sum))
    );
}

#[test]
fn what_is_filled_in_is_written_like_any_other_value_of_its_type() {
    let bytes = b"day,ok,n\n5 March 2024,yes,1.50\n,,\n";
    let recipe = "tidemill = 1\n[[step]]\ncast = { day = \"date\", ok = \"boolean\", n = \"number\" }\n\
        [[step]]\nfill = { day = \"6 March 2024\", ok = \"0\", n = \"+2.50\" }";
    let rows = String::from_utf8(run(recipe, bytes).rows).unwrap();
    assert_eq!(
        rows,
        "day,ok,n\n2024-03-05,true,1.50\n2024-03-06,false,2.50\n"
    );
}

/// Regressions: an integer written `3.0` or `1e2` went out as it came, and a moment with an offset
/// lost the Z that says it is UTC now.
#[test]
fn a_cast_writes_what_its_type_writes() {
    let check = |ty: &str, cells: &[(&str, &str)]| {
        let input: String = cells
            .iter()
            .map(|(cell, _)| format!("{cell},x\n"))
            .collect();
        let expect: String = cells
            .iter()
            .map(|(_, cell)| format!("{cell},x\n"))
            .collect();
        let recipe = format!("tidemill = 1\n[[step]]\ncast = {{ a = \"{ty}\" }}");
        let rows = run(&recipe, format!("a,b\n{input}").as_bytes()).rows;
        assert_eq!(
            String::from_utf8(rows).unwrap(),
            format!("a,b\n{expect}"),
            "{ty}"
        );
    };
    check(
        "integer",
        &[
            ("3.0", "3"),
            ("1e2", "100"),
            ("+7", "7"),
            (" 8 ", "8"),
            ("-0", "0"),
            ("NA", ""),
            ("9", "9"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
        ],
    );
    check(
        "number",
        &[
            ("1e2", "100"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.50", "1.50"),
            ("007", "7"),
            ("-1.5e-3", "-0.0015"),
        ],
    );
    check(
        "boolean",
        &[("yes", "true"), ("0", "false"), ("否", "false"), ("?", "")],
    );
    check(
        "date",
        &[
            ("2024年3月5日", "2024-03-05"),
            ("5 March 2024", "2024-03-05"),
            ("2024/3/5", "2024-03-05"),
        ],
    );
    check(
        "datetime",
        &[
            ("2024-03-05T10:00:00+08:00", "2024-03-05T02:00:00Z"),
            ("2024-03-05 10:00", "2024-03-05T10:00:00"),
            ("2024-03-05T02:00:00Z", "2024-03-05T02:00:00Z"),
            ("2024-03-05", "2024-03-05T00:00:00"),
        ],
    );
    check(
        "time",
        &[("2:03 PM", "14:03:00"), ("14:03:05.25", "14:03:05.250")],
    );
}

/// The recipe of the contract is a recipe, as far as its steps are there.
#[test]
fn the_tables_of_the_contract_are_read() {
    let recipe = "tidemill = 1\n[read]\ndelimiter = \",\"\nheader = true\nmissing = { \"*\" = [\"\"], qty = [\"\", \"NA\", \"-\"] }\n\
        ragged = \"reject\"\n[expect]\ncolumns = \"same\"\nmax_rejects = \"1%\"\n[[step]]\ntrim = [\"*\"]\n\
        [[step]]\ncast = { qty = \"integer\", price = { type = \"number\", decimal = \",\", currency = true }, day = { type = \"date\", formats = [\"%d/%m/%Y\"] } }\n\
        on_error = \"reject\"\n[write]\nformat = \"csv\"";
    let bytes = "qty,price,day\n1,\"€ 1.234,50\",05/03/2024\n-,\"2,00\",06/03/2024\n".as_bytes();
    let ran = run(recipe, bytes);
    assert_eq!(
        String::from_utf8(ran.rows).unwrap(),
        "qty,price,day\n1,1234.50,2024-03-05\n,2.00,2024-03-06\n"
    );
}
