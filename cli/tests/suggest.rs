//! `suggest` and `variants` print recipes that run, and say what is in the file.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use common::Bench;

/// 30 rows: prices in dollars, a status in three spellings, days in two formats, one row twice.
fn table() -> String {
    let mut text = "id,status,price,day\n".to_string();
    for n in 1..30 {
        let status = ["Shipped", "shipped ", "SHIPPED", "returned", "Shipped"][n % 5];
        let day = if n % 2 == 0 {
            format!("2024-05-{n:02}")
        } else {
            format!("{:02}.05.2024", n)
        };
        text.push_str(&format!("{n},{status},${n}.50,{day}\n"));
    }
    text.push_str("29,Shipped,$29.50,29.05.2024\n");
    text
}

#[test]
fn a_suggested_recipe_runs_and_does_what_it_says() {
    let bench = Bench::new();
    bench.write("t.csv", table().as_bytes());
    let recipe = bench.run(&["suggest", "t.csv"]).well().out;
    assert!(recipe.contains("[read]\ndelimiter = \",\""), "{recipe}");
    assert!(recipe.contains("1 rows dropped as duplicates"), "{recipe}");
    bench.write("r.toml", recipe.as_bytes());
    bench
        .run(&["run", "r.toml", "t.csv", "-o", "out.csv"])
        .well();
    let out = bench.read("out.csv");
    assert_eq!(out.lines().count(), 1 + 29);
    assert!(
        out.starts_with(
            "id,status,price,day\n1,Shipped,1.50,2024-05-01\n2,Shipped,2.50,2024-05-02\n"
        ),
        "{out}"
    );
    // From a stream it is the same recipe.
    let piped = bench
        .run_with(table().as_bytes(), &["suggest", "-"])
        .well()
        .out;
    assert_eq!(piped, recipe);
}

#[test]
fn variants_are_a_replace_step() {
    let bench = Bench::new();
    bench.write("t.csv", table().as_bytes());
    let recipe = bench.run(&["variants", "t.csv", "status"]).well().out;
    assert!(
        recipe.contains("replace = { status = {") && recipe.contains("= \"Shipped\""),
        "{recipe}"
    );
    assert!(recipe.contains("# status: 4 different values."), "{recipe}");
    bench.write("r.toml", recipe.as_bytes());
    bench
        .run(&["run", "r.toml", "t.csv", "-o", "out.csv"])
        .well();
    let out = bench.read("out.csv");
    assert!(
        !out.contains("SHIPPED") && !out.contains("shipped "),
        "{out}"
    );
    let json = bench
        .run(&["variants", "t.csv", "status", "--format", "json"])
        .well()
        .out;
    assert!(
        json.starts_with("[{\"into\":\"Shipped\",\"count\":"),
        "{json}"
    );
    assert!(
        bench
            .run(&["variants", "t.csv", "id"])
            .well()
            .out
            .contains("None of them")
    );
    let wrong = bench.run(&["variants", "t.csv", "statu"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("did you mean \"status\"?"),
        "{}",
        wrong.err
    );
}
