//! How rows are written: dialects, encodings, packing, several files, and what is left of a run
//! that was killed.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use common::Bench;

const ROWS: &str = "k,v\nAA,=1+1\nB B,\"a\n\"\"b\"\"\"\nAA,-5\n东,1234567890123456\n";

fn run(bench: &Bench, write: &str, out: &str) -> common::Said {
    bench.write("in.csv", ROWS);
    bench.write("r.toml", format!("tidemill = 1\n[write]\n{write}\n"));
    bench.run(&["run", "r.toml", "in.csv", "-o", out])
}

#[test]
fn each_dialect_is_what_was_asked_for() {
    for (write, expect) in [
        ("", ROWS.to_string()),
        ("line_end = \"crlf\"\nformat = \"tsv\"", "k\tv\r\nAA\t=1+1\r\nB B\t\"a\n\"\"b\"\"\"\r\nAA\t-5\r\n东\t1234567890123456\r\n".to_string()),
        ("quotes = \"all\"\nescape = \"backslash\"", "\"k\",\"v\"\n\"AA\",\"=1+1\"\n\"B B\",\"a\n\\\"b\\\"\"\n\"AA\",\"-5\"\n\"东\",\"1234567890123456\"\n".to_string()),
        ("bom = true\nquote = \"'\"", "\u{feff}k,v\nAA,=1+1\nB B,'a\n\"b\"'\nAA,-5\n东,1234567890123456\n".to_string()),
        (
            "preset = \"excel\"",
            "\u{feff}k,v\r\nAA,'=1+1\r\nB B,\"a\n\"\"b\"\"\"\r\nAA,-5\r\n东,\"=\"\"1234567890123456\"\"\"\r\n".to_string(),
        ),
    ] {
        let bench = Bench::new();
        run(&bench, write, "out.csv").well();
        assert_eq!(bench.read("out.csv"), expect, "{write}");
    }
}

#[test]
fn what_an_encoding_does_not_hold_ends_the_run_and_leaves_no_file() {
    let bench = Bench::new();
    let said = run(&bench, "encoding = \"iso-8859-2\"", "out.csv");
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("U+4E1C") && said.err.contains("gb18030"),
        "{}",
        said.err
    );
    assert!(!bench.exists("out.csv"));
    assert!(bench.names().iter().all(|name| !name.ends_with(".tmp")));

    run(&bench, "encoding = \"gb18030\"", "out.csv").well();
    let bytes = std::fs::read(bench.path("out.csv")).unwrap();
    assert!(bytes.windows(3).any(|three| three == b"\xb6\xab,"));
    // It is read back as what it was.
    bench.write(
        "back.toml",
        "tidemill = 1\n[read]\nencoding = \"gb18030\"\n",
    );
    let back = bench.run(&["run", "back.toml", "out.csv"]).well();
    assert_eq!(back.out, ROWS);
    run(&bench, "encoding = \"utf-16le\"", "out.csv").well();
    assert!(
        std::fs::read(bench.path("out.csv"))
            .unwrap()
            .starts_with(b"\xff\xfek\0,\0")
    );
    bench.write("back.toml", "tidemill = 1\n");
    assert_eq!(bench.run(&["run", "back.toml", "out.csv"]).well().out, ROWS);
}

#[test]
fn packed_output_is_the_same_for_any_threads_and_is_read_back() {
    let bench = Bench::new();
    let rows: String = (0..60_000u64)
        .map(|row| format!("{row},{}\n", row.wrapping_mul(2_654_435_761)))
        .collect();
    let text = format!("a,b\n{rows}");
    bench.write("in.csv", &text);
    bench.write("r.toml", "tidemill = 1\n");
    for name in ["out.csv.gz", "out.csv.zst"] {
        let mut first: Option<Vec<u8>> = None;
        for how in [
            ["-j", "1", "--block", "4096"],
            ["-j", "2", "--block", "70000"],
        ] {
            let mut args = vec!["run", "r.toml", "in.csv", "-o", name];
            args.extend(how);
            bench.run(&args).well();
            let bytes = std::fs::read(bench.path(name)).unwrap();
            assert!(bytes.len() < text.len());
            assert!(first.as_ref().is_none_or(|first| *first == bytes), "{name}");
            first = Some(bytes);
        }
        assert!(
            bench.run(&["run", "r.toml", name]).well().out == text,
            "{name}"
        );
    }
    // What is stated goes before the name.
    bench.write("r.toml", "tidemill = 1\n[write]\ncompress = \"none\"\n");
    bench
        .run(&["run", "r.toml", "in.csv", "-o", "out.csv.gz"])
        .well();
    assert!(bench.read("out.csv.gz") == text);
}

#[test]
fn rows_go_to_a_file_for_each_key_or_for_so_many() {
    let bench = Bench::new();
    run(&bench, "by = \"k\"\ncompress = \"none\"", "out.csv").well();
    assert_eq!(bench.read("out-AA.csv"), "k,v\nAA,=1+1\nAA,-5\n");
    assert_eq!(bench.read("out-B B.csv"), "k,v\nB B,\"a\n\"\"b\"\"\"\n");
    assert_eq!(bench.read("out-东.csv"), "k,v\n东,1234567890123456\n");
    assert!(!bench.exists("out.csv"));

    let said = run(&bench, "rows = 3", "out.csv").well();
    assert!(bench.read("out-0001.csv").ends_with("AA,-5\n"));
    assert_eq!(bench.read("out-0002.csv"), "k,v\n东,1234567890123456\n");
    assert!(
        said.err.contains("3 files of an earlier run"),
        "{}",
        said.err
    );

    let said = run(&bench, "by = \"kk\"", "out.csv");
    assert!(
        said.code == 2 && said.err.contains("did you mean \"k\""),
        "{}",
        said.err
    );
    bench.write("r.toml", "tidemill = 1\n[write]\nrows = 2\n");
    let said = bench.run(&["run", "r.toml", "in.csv"]);
    assert!(
        said.code == 2 && said.err.contains("standard output"),
        "{}",
        said.err
    );
    // A part may not be what is read.
    bench.write("in-0001.csv", ROWS);
    let said = bench.run(&["run", "r.toml", "in-0001.csv", "-o", "in.csv"]);
    assert!(
        said.code == 2 && said.err.contains("is an input"),
        "{}",
        said.err
    );
    assert_eq!(bench.read("in-0001.csv"), ROWS);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_a_fault_for_packing_writers_too() {
    for compress in ["none", "gzip", "zstd"] {
        let bench = Bench::new();
        let said = run(&bench, &format!("compress = \"{compress}\""), "/dev/full");
        assert!(
            said.code == 2 && said.err.contains("no space left"),
            "{compress}: {}",
            said.err
        );
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_of_packed_rows_is_no_failure() {
    use std::io::Read;
    let bench = Bench::new();
    let mut state = 1u64;
    let rows: String = (0..200_000)
        .map(|row| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            format!("{row},{state}\n")
        })
        .collect();
    bench.write("in.csv", format!("a,b\n{rows}"));
    for compress in ["gzip", "zstd"] {
        bench.write(
            "r.toml",
            format!("tidemill = 1\n[write]\ncompress = \"{compress}\"\n"),
        );
        let mut child = bench
            .command(&["run", "r.toml", "in.csv"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let said = common::from(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{compress}");
    }
}

/// Killed at fifty moments of a run: the output is what was there or all of what was to be, and the
/// next run leaves nothing of the killed ones.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_no_half_file() {
    use std::os::unix::process::ExitStatusExt;
    use std::time::{Duration, Instant};

    let bench = Bench::new();
    let rows: String = (0..80_000u64)
        .map(|row| format!("{row},  {} ,{}\n", row.wrapping_mul(0x9e37_79b9), row % 7))
        .collect();
    bench.write("in.csv", format!("a,b,c\n{rows}"));
    let kinds = [
        ("", "out.csv"),
        ("", "out.csv.gz"),
        ("", "out.csv.zst"),
        ("rows = 9000\n", "cut.csv"),
    ];
    let (mut killed, mut strays) = (0, 0);
    let mut state = 20_260_708u64;
    for (write, out) in kinds {
        bench.write(
            "r.toml",
            format!("tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[write]\n{write}"),
        );
        let args = ["run", "r.toml", "in.csv", "-o", out];
        let began = Instant::now();
        bench.run(&args).well();
        let whole = began.elapsed();
        let names = bench.names();
        let results: Vec<(&String, Vec<u8>)> = names
            .iter()
            .filter(|name| *name == out || (!write.is_empty() && name.starts_with("cut-")))
            .map(|name| (name, std::fs::read(bench.path(name)).unwrap()))
            .collect();
        assert!(results.len() >= if write.is_empty() { 1 } else { 9 });
        for round in 0..13 {
            // Something else stands there, or nothing.
            for (name, _) in &results {
                if round % 2 == 0 {
                    bench.write(name, "old");
                } else {
                    std::fs::remove_file(bench.path(name)).unwrap();
                }
            }
            let mut child = bench
                .command(&args)
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let share = (state >> 40) as f64 / (1u64 << 24) as f64;
            std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * share * 1.1));
            // It may have come to its end before.
            let _ = child.kill();
            let status = child.wait().unwrap();
            killed += usize::from(status.signal() == Some(9));
            for (name, expect) in &results {
                match std::fs::read(bench.path(name)) {
                    Ok(found) => assert!(
                        found == *expect || (round % 2 == 0 && found == b"old"),
                        "{name} has {} bytes of {}",
                        found.len(),
                        expect.len()
                    ),
                    Err(_) => assert!(round % 2 == 1, "{name} is gone"),
                }
            }
            strays += bench
                .names()
                .iter()
                .filter(|name| name.ends_with(".tmp"))
                .count();
            if round % 4 == 0 || round == 12 {
                bench.run(&args).well();
                assert_eq!(bench.names(), names);
                for (name, expect) in &results {
                    assert!(
                        std::fs::read(bench.path(name)).unwrap() == *expect,
                        "{name}"
                    );
                }
            } else {
                for (name, _) in &results {
                    bench.write(name, "old");
                }
            }
        }
    }
    // Else nothing was tried.
    assert!(
        killed >= 10 && strays > 0,
        "{killed} killed, {strays} strays"
    );
}
