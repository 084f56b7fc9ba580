//! Several files are one input: their rows are those of one table with the columns of all, whatever
//! the dialect and the order of columns of each, on every driver that takes them, with any threads
//! and blocks.

use tidemill_core::detect::detect;
use tidemill_core::plan::{Plan, Target};
use tidemill_core::recipe::Recipe;
use tidemill_core::report::Report;
use tidemill_core::run::{Aid, How, Outputs, run_files};
use tidemill_core::source::{Memory, Source};
use tidemill_core::watch::Unwatched;
use tidemill_core::{Failure, session};
use tidemill_tests::run;

type Named<'a> = (&'a str, &'a [u8]);

fn over(recipe: &str, files: &[Named<'_>], target: Target) -> Result<Plan, Failure> {
    let recipe = Recipe::parse(recipe)?;
    let mut found = Vec::new();
    for (name, bytes) in files {
        found.push((name.to_string(), detect(bytes, &recipe.read)?));
    }
    Ok(Plan::over(&recipe, found, target)?)
}

fn all() -> Target {
    Target {
        rows: true,
        rejects: true,
        ..Target::default()
    }
}

/// Runs on the sequential driver, and sees that the other gives the same bytes.
fn everywhere(recipe: &str, files: &[Named<'_>], target: Target) -> (Report, String, String) {
    let plan = over(recipe, files, target).unwrap();
    let session = |block: usize| {
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        let report =
            session::run_files(&plan, files, &mut rows, Some(&mut rejects), block).unwrap();
        (report, rows, rejects)
    };
    let expect = session(256 << 10);
    assert!(expect.0.rows.balance());
    let sources: Vec<Memory> = files
        .iter()
        .map(|(name, bytes)| Memory::new(*name, *bytes))
        .collect();
    let sources: Vec<&dyn Source> = sources.iter().map(|file| file as &dyn Source).collect();
    for block in [1, 7, 64, 4096] {
        let (report, rows, rejects) = session(block);
        assert_eq!(report.json(), expect.0.json(), "session, blocks of {block}");
        assert_eq!((&rows, &rejects), (&expect.1, &expect.2));
        for threads in [1, 2, 8] {
            let (mut rows, mut rejects) = (Vec::new(), Vec::new());
            let outputs = Outputs {
                rows: &mut rows,
                rejects: Some(&mut rejects),
            };
            let how = How { threads, block };
            let report =
                run_files(&plan, &sources, outputs, &Unwatched, how, Aid::default()).unwrap();
            assert_eq!(
                report.json(),
                expect.0.json(),
                "{threads} threads, blocks of {block}"
            );
            assert_eq!((&rows, &rejects), (&expect.1, &expect.2));
        }
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (expect.0, text(expect.1), text(expect.2))
}

const A: Named<'_> = ("a.csv", b"id,city,qty\n1,Oslo,3\n2,\"Bergen, N\",4\n");
/// Another order of the columns, another delimiter, other line ends, and a mark of its encoding.
const B: Named<'_> = (
    "b.csv",
    b"\xEF\xBB\xBFqty;id;city\r\n5;3;\"a \"\"b\"\"\"\r\n6;4;Rome\r\n",
);

#[test]
fn columns_go_by_their_names_and_each_file_has_its_own_dialect() {
    let (report, rows, _) = everywhere("tidemill = 1", &[A, B], all());
    assert_eq!(
        rows,
        "id,city,qty\n1,Oslo,3\n2,\"Bergen, N\",4\n3,\"a \"\"b\"\"\",5\n4,Rome,6\n"
    );
    assert_eq!(report.input.files, ["a.csv", "b.csv"]);
    assert_eq!(report.input.bytes, (A.1.len() + B.1.len()) as u64);
    let (_, rows, _) = everywhere("tidemill = 1", &[B, A], all());
    assert!(rows.starts_with("qty,id,city\n5,3,"), "{rows}");
    assert!(rows.ends_with("\n4,2,\"Bergen, N\"\n"), "{rows}");
}

#[test]
fn columns_that_differ_are_refused_by_name_and_file_unless_a_union_is_asked_for() {
    let other: Named<'_> = ("c.csv", b"id,city,price\n9,Bonn,1.5\n8,Kiel,2.5\n");
    let error = over("tidemill = 1", &[A, other], all()).err().unwrap();
    let said = error.to_string();
    for word in ["c.csv", "missing: qty", "not expected: price", "a.csv"] {
        assert!(said.contains(word), "{said}");
    }
    let union = "tidemill = 1\n[read]\ncolumns = \"union\"\nsource = \"file\"";
    let (_, rows, _) = everywhere(union, &[A, other], all());
    assert_eq!(
        rows,
        "id,city,qty,price,file\n1,Oslo,3,,a.csv\n2,\"Bergen, N\",4,,a.csv\n\
         9,Bonn,,1.5,c.csv\n8,Kiel,,2.5,c.csv\n"
    );
    let named: Named<'_> = ("d.csv", b"id,file\n1,x\n2,y\n");
    let error = over(union, &[named], all()).err().unwrap().to_string();
    assert!(error.contains("read.source"), "{error}");
}

#[test]
fn steps_and_reductions_see_one_table() {
    // What each says of several files, it must say of their rows in one.
    let one = b"id,city,qty\n1,Oslo,3\n2,\"Bergen, N\",4\n3,\"a \"\"b\"\"\",5\n4,Rome,6\n1,Oslo,3\n2,\"Bergen, N\",4\n";
    let recipe = "tidemill = 1\n\
        [[step]]\nfill = { qty = \"mean\" }\n[[step]]\ndedupe = [\"id\"]\n[[step]]\nlimit = 3\n\
        [[reduce]]\nname = \"all\"\nvalues = [\"rows\", \"sum(qty)\", \"first(city)\", \"last(city)\", \"median(qty)\"]\n\
        [[reduce]]\nname = \"by\"\nby = [\"city\"]\nvalues = [\"rows\", \"mean(qty)\"]\n";
    let (report, rows, _) = everywhere(recipe, &[A, B, A], all());
    let whole = run(recipe, one);
    assert_eq!(rows.as_bytes(), whole.rows);
    let told = |report: &Report| {
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        (
            json["rows"].clone(),
            json["reductions"].clone(),
            json["steps"].clone(),
        )
    };
    assert_eq!(told(&report), told(&whole.report));
}

#[test]
fn a_profile_is_of_all_files_and_names_records_through_all() {
    let target = || Target {
        profile: Some(vec!["*".to_string()]),
        all: true,
        ..Target::default()
    };
    let late: Named<'_> = ("c.csv", b"city,id,qty\nOslo,5,7\nPisa,6,x\n");
    let (report, _, _) = everywhere("tidemill = 1", &[A, B, late], target());
    let one: Named<'_> = (
        "one.csv",
        b"id,city,qty\n1,Oslo,3\n2,\"Bergen, N\",4\n3,\"a \"\"b\"\"\",5\n4,Rome,6\n5,Oslo,7\n6,Pisa,x\n",
    );
    let (whole, _, _) = everywhere("tidemill = 1", &[one], target());
    let columns = |report: &Report| serde_json::to_string(&report.columns).unwrap();
    assert_eq!(columns(&report), columns(&whole));
}

#[test]
fn rejects_name_their_file_and_stand_as_its_lines_do() {
    let long: Named<'_> = (
        "b.csv",
        b"# a comment\nqty,id,city\n5,3,Rome\n6,4,Rome,more\n7,5\nx,6,Kiel\n8,7,Ulm\n",
    );
    let recipe = "tidemill = 1\n[read]\nsource = \"file\"\nheader = true\ncomment = \"#\"\ndelimiter = \",\"\n[[step]]\ncast = { qty = \"integer\" }";
    let (report, rows, rejects) = everywhere(recipe, &[A, long], all());
    assert_eq!(
        rows,
        "id,city,qty,file\n1,Oslo,3,a.csv\n2,\"Bergen, N\",4,a.csv\n3,Rome,5,b.csv\n7,Ulm,8,b.csv\n"
    );
    let mut lines = rejects.lines();
    assert_eq!(
        lines.next().unwrap(),
        "id,city,qty,file,_file,_record,_line,_byte,_column,_reason"
    );
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].starts_with("4,\"Rome,more\",6,b.csv,b.csv,2,4,"),
        "{rejects}"
    );
    assert!(lines[1].starts_with("5,,7,b.csv,b.csv,3,5,"), "{rejects}");
    assert!(
        lines[2].starts_with("6,Kiel,x,b.csv,b.csv,4,6,"),
        "{rejects}"
    );
    let places: Vec<(&str, u64, u64)> = report
        .rejects
        .first
        .iter()
        .map(|reject| (reject.file.as_str(), reject.record, reject.line))
        .collect();
    assert_eq!(places, [("b.csv", 2, 4), ("b.csv", 3, 5), ("b.csv", 4, 6)]);
    // The byte is the value's in its own file.
    let third = &report.rejects.first[2];
    assert_eq!(&long.1[third.byte as usize..third.byte as usize + 1], b"x");
    assert_eq!(report.input.skipped, 1);
    assert_eq!((report.rows.input, report.rows.out), (7, 4));
}

#[test]
fn a_file_of_a_header_alone_and_one_in_utf16_are_files_like_others() {
    let empty: Named<'_> = ("empty.csv", b"city,qty,id\n");
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(
        "qty,city,id\n9,\u{57ce},7\n8,\u{5e02},6\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let (_, rows, _) = everywhere(
        "tidemill = 1\n[read]\nheader = true",
        &[A, empty, ("w.csv", &wide)],
        all(),
    );
    assert_eq!(
        rows,
        "id,city,qty\n1,Oslo,3\n2,\"Bergen, N\",4\n7,城,9\n6,市,8\n"
    );
}
