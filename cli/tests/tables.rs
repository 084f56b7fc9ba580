//! Tables fit the screen, whatever is in them.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use common::Bench;
use unicode_width::UnicodeWidthStr;

const WIDE: &str = "\
订单编号,城市,a column with a very long name indeed,价格,flag,when\n\
1001,北京,the quick brown fox jumps over the lazy dog,12.50,true,2024-01-05\n\
1002,上海市浦东新区陆家嘴环路一千号,\"two\nlines\",123456789012345678901234567890,false,2024-01-06\n\
1003,北京,,0.000000000000123,true,2024-02-01\n\
1004,\u{1b}[31mred,👨‍👩‍👧 family,NA,,x\n";

#[track_caller]
fn fits(text: &str, most: usize) {
    for line in text.lines() {
        assert!(
            line.width() <= most,
            "{most} < {}: {line:?}\n{text}",
            line.width()
        );
    }
}

#[test]
fn every_line_fits() {
    let bench = Bench::new();
    bench.write("wide.csv", WIDE);
    for columns in [8, 20, 30, 49, 50, 60, 80, 120, 200] {
        for args in [
            &["profile", "wide.csv"][..],
            &["profile", "wide.csv", "--all"],
            &["profile", "orders.csv"],
            &[
                "reduce",
                "wide.csv",
                "--by",
                "城市,flag",
                "rows",
                "mean(价格)",
                "max(价格)",
            ],
        ] {
            let said = bench.run_in(columns, args).well();
            fits(&said.out, columns);
            assert!(
                !said.out.contains('\u{1b}'),
                "cells cannot steer the terminal"
            );
        }
    }
    // Where nothing is known of the screen.
    fits(&bench.run(&["profile", "wide.csv"]).well().out, 80);
}

#[test]
fn a_wide_screen_shows_more_and_says_what_a_narrow_one_leaves_out() {
    let bench = Bench::new();
    bench.write("orders.csv", common::ORDERS.replace(" Oslo", "Oslo"));
    let titles = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("column"));
        line.map(|line| line.split("  ").filter(|title| !title.is_empty()).count())
    };
    let wide = bench.run_in(200, &["profile", "orders.csv"]).well().out;
    assert_eq!(titles(&wide), Some(12));
    assert!(!wide.contains("not shown"));
    let narrow = bench.run_in(60, &["profile", "orders.csv"]).well().out;
    assert!(titles(&narrow) < Some(12) && narrow.contains("not shown at this width"));
    // Lists have everything that the wide table has.
    let list = bench.run_in(20, &["profile", "orders.csv"]).well().out;
    assert_eq!(titles(&list), None);
    for title in [
        "type", "count", "missing", "distinct", "min", "median", "max", "mean", "std", "top",
    ] {
        assert!(
            list.lines()
                .any(|line| line.starts_with(&format!("  {title} "))),
            "{title}: {list}"
        );
    }
}

#[test]
fn numbers_end_below_each_other_behind_double_width_names() {
    let bench = Bench::new();
    bench.write("n.csv", "城市,n\n北京,1\nOslo,100\n广州市,22\n");
    let out = bench
        .run(&["reduce", "n.csv", "--by", "城市", "sum(n) as total"])
        .well()
        .out;
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows.len(), 2 + 3);
    assert!(
        rows.iter().all(|row| row.width() == rows[0].width()),
        "{out}"
    );
}

#[test]
fn results_that_go_to_a_file_are_never_cut() {
    let bench = Bench::new();
    let long = "x".repeat(55);
    bench.write("n.csv", format!("name,{long}\na,1.23456789012345\n"));
    let out = bench
        .run(&[
            "reduce",
            "n.csv",
            "--by",
            "name",
            &format!("sum({long})"),
            &format!("mean({long})"),
        ])
        .well()
        .out;
    assert!(
        out.contains(&format!("mean({long})")) && out.contains("1.23456789012345"),
        "{out}"
    );
}

#[test]
fn colour_is_for_those_who_want_it() {
    let bench = Bench::new();
    let with = |names: &[(&str, &str)], args: &[&str]| {
        let mut command = bench.command(args);
        command.envs(names.iter().copied());
        common::said(command)
    };
    for args in [
        &["profile", "orders.csv"][..],
        &["reduce", "orders.csv", "rows"],
    ] {
        let plain = with(&[], args).out;
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(with(&[("NO_COLOR", "1")], args).out, plain);
        let forced = with(&[("CLICOLOR_FORCE", "1")], args).out;
        assert!(forced.contains("\u{1b}[1m"), "{forced:?}");
    }
    let refused = with(&[("NO_COLOR", "1")], &["profile", "none.csv"]);
    assert!(
        refused.err.starts_with("error: none.csv: no such file\n"),
        "{}",
        refused.err
    );
}
