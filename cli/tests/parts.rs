//! A file worked on in parts by the program: whatever the parts, their order and their tree, the
//! report and the rows are those of one run.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use common::{Bench, Said};

const RECIPE: &str = "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\n\
    cast = { qty = \"integer\" }\non_error = \"reject\"\n[[step]]\nfilter = \"price > 1\"\n\
    [[reduce]]\nname = \"cities\"\nby = [\"city\"]\nvalues = [\"sum(qty)\", \"mean(price)\", \"first(id)\", \"last(id)\"]\n";

/// Two thousand orders, with quoted line ends and quotes, blanks, and quantities that are no numbers.
fn orders() -> String {
    let mut text = String::from("id,city,qty,price\n");
    for id in 0..2_000u32 {
        let city = match id % 7 {
            0 => "\"a, \"\"b\"\"\nc\"",
            1 => " Oslo",
            2 => "北京",
            _ => "Rome",
        };
        let qty = match id % 53 {
            0 => "x".to_string(),
            1 => String::new(),
            _ => (id * 31 % 97).to_string(),
        };
        text.push_str(&format!("{id},{city},{qty},{}.{:02}\n", id % 11, id % 100));
    }
    text
}

struct Ground {
    bench: Bench,
    runs: Vec<String>,
}

impl Ground {
    fn new(text: &str, parts: &str) -> Ground {
        let bench = Bench::new();
        bench.write("big.csv", text);
        bench.write("r.toml", RECIPE);
        let plan = bench
            .run(&[
                "part", "plan", "r.toml", "big.csv", "--parts", parts, "--block", "512",
            ])
            .well()
            .out;
        let runs: Vec<String> = plan
            .lines()
            .filter_map(|line| line.split("\"blocks\": \"").nth(1))
            .map(|rest| rest.split('"').next().unwrap().to_string())
            .collect();
        Ground { bench, runs }
    }

    fn part(&self, args: &[&str]) -> Said {
        let mut all = vec!["part", args[0], "r.toml", "big.csv", "--block", "512"];
        all.extend(&args[1..]);
        self.bench.run(&all)
    }

    fn seams(&self) -> Vec<String> {
        let name = |at: usize| format!("s{at}");
        for (at, run) in self.runs.iter().enumerate().rev() {
            self.part(&["scan", "--blocks", run, "-o", &name(at)])
                .well();
        }
        (0..self.runs.len()).map(name).collect()
    }

    fn map(&self, run: &str, out: &str, seams: &[String]) {
        let rows = format!("{out}.csv");
        let mut args = vec!["map", "--blocks", run, "--part", out, "-o", &rows];
        if !seams.is_empty() {
            args.push("--seams");
            args.extend(seams.iter().map(String::as_str));
        }
        self.part(&args).well();
    }

    /// The report and the rows of one run.
    fn run(&self) -> (String, Vec<u8>) {
        self.bench
            .run(&[
                "run", "r.toml", "big.csv", "-o", "run.csv", "--report", "run.json", "-j", "2",
            ])
            .well();
        let rows = std::fs::read(self.bench.path("run.csv")).unwrap();
        (self.bench.read("run.json"), rows)
    }
}

#[test]
fn parts_by_seams_in_any_tree_are_one_run() {
    let ground = Ground::new(&orders(), "6");
    assert_eq!(ground.runs.len(), 6);
    let seams = ground.seams();
    let mut rows = Vec::new();
    for (at, run) in ground.runs.iter().enumerate() {
        ground.map(run, &format!("p{at}"), &seams);
        rows.extend(std::fs::read(ground.bench.path(&format!("p{at}.csv"))).unwrap());
    }
    let (report, expect) = ground.run();
    assert!(rows == expect, "the rows of all parts are those of the run");
    let finish = |parts: &[&str]| {
        let mut args = vec!["finish"];
        args.extend(parts);
        ground.part(&args).well().out
    };
    let merge = |parts: &[&str], out: &str| {
        let mut args = vec!["merge"];
        args.extend(parts);
        args.extend(["-o", out]);
        ground.part(&args).well();
        std::fs::read(ground.bench.path(out)).unwrap()
    };
    assert_eq!(finish(&["p3", "p1", "p5", "p0", "p4", "p2", "p1"]), report);

    // Two trees, and the part that was never cut, are the same bytes.
    merge(&["p1", "p0"], "a");
    merge(&["p3", "p2", "p2"], "b");
    merge(&["p4", "p5"], "c");
    let left = merge(&["c", "a", "b"], "left");
    merge(&["p3", "p4", "p2"], "d");
    merge(&["p0", "p1", "d"], "e");
    let right = merge(&["p5", "e", "p1"], "right");
    assert!(left == right);
    let all = format!("0..{}", ground.runs[5].split("..").nth(1).unwrap());
    ground.map(&all, "whole", &[]);
    assert!(std::fs::read(ground.bench.path("whole")).unwrap() == left);

    // A larger part stands for those that it covers, before them or behind.
    assert_eq!(finish(&["p1", "a", "p0", "b", "p4", "p5"]), report);
    assert_eq!(finish(&["left", "p2", "right"]), report);
}

#[test]
fn a_part_made_twice_is_the_same_file_and_seams_change_nothing() {
    let ground = Ground::new(&orders(), "4");
    let seams = ground.seams();
    for run in &ground.runs {
        ground.map(run, "by-seams", &seams);
        ground.map(run, "by-reading", &[]);
        let read = |name: &str| std::fs::read(ground.bench.path(name)).unwrap();
        assert!(read("by-seams") == read("by-reading"));
        assert!(read("by-seams.csv") == read("by-reading.csv"));
    }
}

#[test]
fn what_is_missing_torn_or_foreign_is_named() {
    let ground = Ground::new(&orders(), "4");
    for (at, run) in ground.runs.iter().enumerate() {
        ground.map(run, &format!("p{at}"), &[]);
    }
    let failed = |args: &[&str]| {
        let said = ground.part(args);
        assert_eq!(said.code, 2, "{said:#?}");
        said.err
    };
    let said = failed(&["finish", "p0", "p3"]);
    let (from, to) = (
        ground.runs[1].split("..").next().unwrap(),
        ground.runs[2].split("..").nth(1).unwrap(),
    );
    assert!(
        said.contains(&format!("blocks {from}..{to} are missing")),
        "{said}"
    );
    assert!(failed(&["merge", "p0", "p2", "-o", "x"]).contains("are missing"));
    assert!(!ground.bench.exists("x"));

    let whole = std::fs::read(ground.bench.path("p1")).unwrap();
    ground.bench.write("torn", &whole[..whole.len() / 2]);
    let said = failed(&["finish", "p0", "torn", "p2", "p3"]);
    assert!(said.contains("torn") && said.contains("checksum"), "{said}");

    // The file grew: its parts are of another one.
    let mut longer = orders();
    longer.push_str("9,Rome,1,5\n");
    ground.bench.write("big.csv", longer);
    let said = failed(&["finish", "p0", "p1", "p2", "p3"]);
    assert!(said.contains("a part of a file of"), "{said}");
    ground.bench.write("big.csv", orders());

    ground
        .bench
        .write("r.toml", RECIPE.replace("sum(qty)", "max(qty)"));
    let said = failed(&["merge", "p0", "p1", "-o", "x"]);
    assert!(said.contains("another plan"), "{said}");

    ground
        .bench
        .write("r.toml", format!("{RECIPE}[[step]]\ndedupe = [\"id\"]\n"));
    let said = failed(&["map", "--blocks", "0..2", "--part", "x"]);
    assert!(said.contains("dedupe") && said.contains("step 4"), "{said}");
    assert!(!ground.bench.exists("x"));
}

#[test]
fn a_field_that_never_closes_wants_reading() {
    let mut text = orders();
    text.push_str("7,\"Rome,1,5\n8,Rome,2,5\n");
    let ground = Ground::new(&text, "3");
    let seams = ground.seams();
    let mut args = vec!["map", "--blocks", &ground.runs[1], "--part", "x", "--seams"];
    args.extend(seams.iter().map(String::as_str));
    let said = ground.part(&args);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.err.contains("never closes"), "{}", said.err);
    for (at, run) in ground.runs.iter().enumerate() {
        ground.map(run, &format!("p{at}"), &[]);
    }
    let report = ground.part(&["finish", "p2", "p0", "p1"]).well().out;
    assert_eq!(report, ground.run().0);
}

#[test]
fn a_stream_and_a_packed_file_have_no_parts() {
    let bench = Bench::new();
    bench.write("r.toml", RECIPE);
    let said = bench.run_with(orders().as_bytes(), &["part", "plan", "r.toml", "-"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(
        said.err.contains("can be read from any place"),
        "{}",
        said.err
    );
}
