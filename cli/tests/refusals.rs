//! What cannot be done is refused with its place, what was found and what was expected, and leaves
//! nothing behind.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Bench, ORDERS, names};

/// Refuses the arguments: each of `say` stands on standard error, nothing on standard output, and
/// the folder is as it was.
#[track_caller]
fn check(bench: &Bench, args: &[&str], say: &[&str]) {
    let before: Vec<(String, Option<Vec<u8>>)> = bench
        .names()
        .into_iter()
        .map(|name| (name.clone(), std::fs::read(bench.path(&name)).ok()))
        .collect();
    let said = bench.run(args);
    assert_eq!(said.code, 2, "{said:#?}");
    assert_eq!(said.out, "");
    let first = said.err.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("error: ") && first["error: ".len()..].contains(": "),
        "{}",
        said.err
    );
    assert!(said.err.contains("\n  expected: "), "{}", said.err);
    for part in say {
        assert!(said.err.contains(part), "{part:?} is not in: {}", said.err);
    }
    assert!(!said.err.contains("panick"));
    let after: Vec<(String, Option<Vec<u8>>)> = bench
        .names()
        .into_iter()
        .map(|name| (name.clone(), std::fs::read(bench.path(&name)).ok()))
        .collect();
    assert!(before == after, "{:?}", bench.names());
}

#[test]
fn names_that_are_wrong_are_answered_with_the_nearest() {
    let bench = Bench::new();
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "citty", "-o", "out.csv"],
        &["--trim citty", "\"citty\"", "did you mean \"city\"?"],
    );
    check(
        &bench,
        &["reduce", "orders.csv", "mean(prise)"],
        &["\"prise\"", "did you mean \"price\"?"],
    );
    check(
        &bench,
        &["reduce", "orders.csv", "maen(price)"],
        &["\"maen\"", "\"mean\""],
    );
    check(
        &bench,
        &["reduce", "orders.csv", "rows", "--by", "cyti"],
        &["--by", "\"cyti\"", "city"],
    );
    check(
        &bench,
        &["profile", "orders.csv", "--columns", "pryce"],
        &["--columns", "\"price\""],
    );
    check(
        &bench,
        &["profile", "order.csv"],
        &["error: order.csv: no such file", "\"orders.csv\""],
    );
    bench.write(
        "key.toml",
        "tidemill = 1\n[[step]]\ntrim = [\"*\"]\nwher = \"qty > 1\"\n",
    );
    check(
        &bench,
        &["run", "key.toml", "orders.csv", "-o", "out.csv"],
        &["key.toml", "line 4", "\"wher\"", "\"where\""],
    );
    bench.write("step.toml", "tidemill = 1\n[[step]]\ntrimm = [\"*\"]\n");
    check(
        &bench,
        &["run", "step.toml", "orders.csv"],
        &["step.toml", "\"trimm\"", "\"trim\""],
    );
    bench.write("column.toml", "tidemill = 1\n[[step]]\ntrim = [\"ctiy\"]\n");
    check(
        &bench,
        &["explain", "column.toml", "orders.csv"],
        &["column.toml", "line 3", "\"city\""],
    );
}

#[test]
fn what_is_no_delimited_file_is_said() {
    let bench = Bench::new();
    bench.write("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    bench.write("empty.csv", b"");
    bench.write("blank.csv", b"\n\n");
    bench.write("packed.csv", b"\x1f\x8b\x08\0\0\0\0\0");
    check(&bench, &["profile", "picture.csv"], &["picture.csv", "PNG"]);
    check(
        &bench,
        &["clean", "picture.csv", "--trim", "*", "-o", "out.csv"],
        &["picture.csv", "PNG"],
    );
    check(
        &bench,
        &["profile", "empty.csv"],
        &["empty.csv", "an empty file"],
    );
    check(
        &bench,
        &["profile", "blank.csv"],
        &["blank.csv", "no header"],
    );
    check(&bench, &["profile", "packed.csv"], &["packed.csv"]);
    check(&bench, &["profile", "."], &["error: .: a folder"]);
    check(&bench, &["run", ".", "orders.csv"], &["a folder"]);
    check(
        &bench,
        &["profile", "orders.csv", "-d", "\""],
        &["--delimiter"],
    );
    check(
        &bench,
        &["profile", "-", "-"],
        &["- 2 times", "standard input once"],
    );
}

#[test]
fn a_file_of_a_header_alone_has_no_rows_and_is_no_fault() {
    let bench = Bench::new();
    bench.write("header.csv", "a,b\n");
    assert!(
        bench
            .run(&["profile", "header.csv"])
            .well()
            .out
            .contains("0 rows in = 0 out")
    );
    assert_eq!(
        bench
            .run(&["clean", "header.csv", "--trim", "*"])
            .well()
            .out,
        "a,b\n"
    );
    assert_eq!(
        bench
            .run(&["reduce", "header.csv", "rows", "--format", "csv"])
            .well()
            .out,
        "rows\n0\n"
    );
}

#[test]
fn recipes_that_cannot_be_run_are_refused() {
    let bench = Bench::new();
    bench.write("later.toml", "tidemill = 2\nsomething = \"new\"\n");
    check(
        &bench,
        &["run", "later.toml", "orders.csv"],
        &["later.toml", "recipe version 2", "version 1"],
    );
    check(
        &bench,
        &["run", "none.toml", "orders.csv"],
        &["none.toml", "no such file"],
    );
    check(
        &bench,
        &["run", "orders.csv", "later.toml"],
        &["the recipe comes first"],
    );
    bench.write("broken.toml", "tidemill = 1\n[[step\n");
    check(
        &bench,
        &["run", "broken.toml", "orders.csv"],
        &["broken.toml (line 2)"],
    );
    bench.write("bytes.toml", b"tidemill = 1 # \xff\n");
    check(
        &bench,
        &["run", "bytes.toml", "orders.csv"],
        &["bytes.toml", "UTF-8"],
    );
    check(
        &bench,
        &["clean", "orders.csv", "-o", "out.csv"],
        &["no steps", "--trim"],
    );
    check(&bench, &["reduce", "orders.csv"], &["no values"]);
    check(
        &bench,
        &["clean", "orders.csv", "--limit", "many"],
        &["--limit", "\"many\""],
    );
    check(
        &bench,
        &["clean", "orders.csv", "--cast", "qty"],
        &["--cast", "COLUMN:TYPE"],
    );
    check(
        &bench,
        &["clean", "orders.csv", "--cast", "qty:intger"],
        &["\"integer\""],
    );
}

#[test]
fn a_step_told_to_fail_takes_its_output_back() {
    let bench = Bench::new();
    bench.write("out.csv", "old\n");
    check(
        &bench,
        &[
            "clean",
            "orders.csv",
            "-o",
            "out.csv",
            "--cast",
            "qty:integer",
            "--on-error",
            "fail",
        ],
        &["orders.csv", "line 3", "\"x\""],
    );
}

#[test]
fn outputs_that_are_inputs_or_each_other_are_refused() {
    let bench = Bench::new();
    bench.write("r.toml", "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n");
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "*", "-o", "orders.csv"],
        &["orders.csv", "input"],
    );
    check(
        &bench,
        &["run", "r.toml", "orders.csv", "-o", "./orders.csv"],
        &["input"],
    );
    check(
        &bench,
        &["run", "r.toml", "orders.csv", "-o", "r.toml"],
        &["r.toml", "input"],
    );
    check(
        &bench,
        &["run", "r.toml", "orders.csv", "--report", "orders.csv"],
        &["--report", "input"],
    );
    check(
        &bench,
        &[
            "run",
            "r.toml",
            "orders.csv",
            "-o",
            "out.csv",
            "--rejects",
            "orders.csv",
        ],
        &["--rejects", "input"],
    );
    check(
        &bench,
        &[
            "run",
            "r.toml",
            "orders.csv",
            "-o",
            "out.csv",
            "--report",
            "out.csv",
        ],
        &["out.csv", "one file for"],
    );
    std::fs::hard_link(bench.path("orders.csv"), bench.path("hard.csv")).unwrap();
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "*", "-o", "hard.csv"],
        &["hard.csv", "input"],
    );
    // Rejects that are mended and run again must not be overwritten by those of that run.
    bench.write("out.csv.rejects.csv", ORDERS);
    check(
        &bench,
        &[
            "clean",
            "out.csv.rejects.csv",
            "--trim",
            "*",
            "-o",
            "out.csv",
        ],
        &["input", "--rejects"],
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("orders.csv", bench.path("soft.csv")).unwrap();
        check(
            &bench,
            &["clean", "orders.csv", "--trim", "*", "-o", "soft.csv"],
            &["soft.csv", "input"],
        );
        check(
            &bench,
            &["clean", "soft.csv", "--trim", "*", "-o", "orders.csv"],
            &["orders.csv", "input"],
        );
    }
}

#[test]
fn places_that_cannot_be_written_are_refused_before_the_work() {
    let bench = Bench::new();
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "*", "-o", "none/out.csv"],
        &["none/out.csv", "mkdir -p none"],
    );
    check(
        &bench,
        &[
            "clean",
            "orders.csv",
            "--trim",
            "*",
            "-o",
            "out.csv",
            "--report",
            "none/r.json",
        ],
        &["none/r.json"],
    );
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "*", "-o", "."],
        &["a folder"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let bench = Bench::new();
    check(
        &bench,
        &["clean", "orders.csv", "--trim", "*", "-o", "/dev/full"],
        &["/dev/full", "no space left"],
    );
    let before = bench.names();
    for args in [
        &["clean", "orders.csv", "--trim", "*"][..],
        &["profile", "orders.csv"],
        &["reduce", "orders.csv", "rows"],
        &["schema"],
        &["man"],
        &["completions", "zsh"],
    ] {
        let mut command = bench.command(args);
        command.stdout(
            std::fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        );
        let said = common::from(
            command
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
                .wait_with_output()
                .unwrap(),
        );
        assert_eq!(said.code, 2, "{args:?} {said:?}");
        assert!(
            said.err.contains("standard output: no space left"),
            "{}",
            said.err
        );
    }
    assert_eq!(bench.names(), before);
    bench
        .run(&["clean", "orders.csv", "--trim", "*", "-o", "/dev/null"])
        .well();
    assert_eq!(
        bench
            .run(&[
                "clean",
                "orders.csv",
                "--drop",
                "id,city,qty",
                "-o",
                "/dev/stdout"
            ])
            .well()
            .out,
        "price\n1.50\n2\n4\n0.50\n"
    );
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_seen_enough_is_no_fault() {
    let bench = Bench::new();
    bench.write(
        "long.csv",
        format!("id,city\n{}", "1,Oslo\n".repeat(400_000)),
    );
    for args in [
        &["clean", "long.csv", "--trim", "*"][..],
        &["profile", "long.csv"],
        &["man"],
    ] {
        let mut child = bench
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        let mut out = child.stdout.take().unwrap();
        if args[0] == "clean" {
            out.read_exact(&mut first).unwrap();
        }
        drop(out);
        let said = common::from(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    }
}

/// Interrupts a run, and gives its exit code and what it said.
#[cfg(unix)]
fn interrupt(bench: &Bench, feed: bool) -> common::Said {
    use std::io::Write;
    let mut child = bench
        .command(&["clean", "-", "--trim", "*", "-o", "out.csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let chunk = format!("id,city\n{}", "1, Oslo\n".repeat(400_000));
    stdin.write_all(chunk.as_bytes()).unwrap();
    let feeder = std::thread::spawn(move || {
        let since = Instant::now();
        while feed
            && since.elapsed() < Duration::from_secs(20)
            && stdin.write_all(chunk.as_bytes()).is_ok()
        {}
        if !feed {
            std::thread::sleep(Duration::from_secs(4));
        }
    });
    let since = Instant::now();
    while names(bench.folder.path())
        .iter()
        .all(|name| !name.starts_with(".tidemill-out.csv-"))
    {
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "the run never began"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let said = common::from(child.wait_with_output().unwrap());
    feeder.join().unwrap();
    said
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_leaves_what_was_there() {
    // A run that is at work, and one that waits for a pipe.
    for feed in [true, false] {
        let bench = Bench::new();
        bench.write("out.csv", "old\n");
        let said = interrupt(&bench, feed);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("cancelled"), "{said:?}");
        assert_eq!(bench.names(), ["orders.csv", "out.csv"]);
        assert_eq!(bench.read("out.csv"), "old\n");
    }
}
