//! The promise over bytes that nobody would write: whatever the input, every driver gives the
//! same report, rows and rejects, and the rows add up.

use proptest::prelude::*;
use tidemill_core::everywhere::same_everywhere;
use tidemill_core::plan::Target;
use tidemill_tests::{READ, plan, plan_for, run};

/// Bytes that mean something to a reader, and a few that do not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(b','), 3 => Just(b'"'), 3 => Just(b'\n'), 1 => Just(b'\r'), 4 => Just(b'1'),
        1 => Just(b'.'), 1 => Just(b'-'), 1 => Just(b' '), 1 => Just(b'a'), 1 => Just(b';'), 1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_the_same_on_every_driver(body in bytes(), pad in any::<bool>()) {
        let text = [b"a,b\n".as_slice(), &body].concat();
        let recipe = format!(
            "tidemill = 1\n{READ}ragged = \"{}\"\n[[step]]\ntrim = [\"*\"]\n[[step]]\ncast = {{ a = \"integer\" }}\n\
             [[step]]\nfill = {{ b = \"none\" }}\n[[step]]\nlimit = 5\n[[reduce]]\nby = [\"b\"]\nvalues = [\"rows\", \"sum(a)\"]",
            if pad { "pad" } else { "reject" }
        );
        same_everywhere(plan(&recipe, &text).unwrap(), &text);
    }

    #[test]
    fn any_bytes_have_the_same_profile_on_every_driver(body in bytes()) {
        let text = [b"a,b\n".as_slice(), &body].concat();
        let target = Target { rows: false, profile: Some(vec!["*".to_string()]), rejects: false, ..Target::default() };
        let plan = plan_for(&format!("tidemill = 1\n{READ}"), &text, target.clone()).unwrap();
        same_everywhere(plan, &text);
        // However it is taken when nothing is stated, it is taken so everywhere.
        if let Ok(plan) = plan_for("tidemill = 1", &body, target) {
            same_everywhere(plan, &body);
        }
    }

    #[test]
    fn what_is_written_is_read_back_as_it_was(rows in prop::collection::vec(("[^\x00]{0,12}", "[ -~\r\n]{0,12}"), 1..20)) {
        // Without NUL bytes, since many of them are the mark of a file that is no text.
        // The crate csv writes, this program copies, and the crate csv reads.
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Necessary).from_writer(Vec::new());
        writer.write_record(["a", "b"]).unwrap();
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        // Dropping a column that is not there to begin with makes every field pass through the writer.
        let recipe = format!("tidemill = 1\n{READ}[[step]]\nselect = [\"b\", \"a\"]");
        let ran = run(&recipe, &text);
        prop_assert_eq!(ran.report.rows.out, rows.len() as u64);
        let mut reader = csv::Reader::from_reader(ran.rows.as_slice());
        let found: Vec<(String, String)> = reader.records().map(|record| {
            let record = record.unwrap();
            (record[1].to_string(), record[0].to_string())
        }).collect();
        prop_assert_eq!(found, rows);
    }
}
