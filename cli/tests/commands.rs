//! Each command does what its line in the help says.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends at the first thing that is not as it should be"
)]

mod common;

use common::{Bench, ORDERS};

#[test]
fn profile_counts_what_is_there() {
    let bench = Bench::new();
    let said = bench.run(&["profile", "orders.csv"]).well();
    for name in ["id", "city", "qty", "price"] {
        assert!(
            said.out.lines().any(|line| line.starts_with(name)),
            "{}",
            said.out
        );
    }
    assert!(
        said.out
            .contains("4 rows in = 4 out + 0 rejected + 0 filtered + 0 deduplicated")
    );
    assert!(
        !said.out.contains('\u{1b}'),
        "no colour where nobody sees it"
    );

    let json = bench
        .run(&[
            "profile",
            "orders.csv",
            "--format",
            "json",
            "--columns",
            "price",
        ])
        .well()
        .out;
    assert!(json.contains("\"name\": \"price\"") && !json.contains("\"name\": \"id\""));
    // 1.50 + 2 + 4 + 0.50
    assert!(
        json.contains("\"sum\": 8") && json.contains("\"mean\": 2,"),
        "{json}"
    );

    let markdown = bench
        .run(&["profile", "orders.csv", "--format", "markdown"])
        .well()
        .out;
    let table: Vec<&str> = markdown
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table.len(), 2 + 4);
    let bars = |line: &str| line.matches('|').count();
    assert!(table.iter().all(|line| bars(line) == bars(table[0])));

    let all = bench.run(&["profile", "orders.csv", "--all"]).well().out;
    assert!(all.contains("p25") && all.contains("infinite"));
}

#[test]
fn clean_runs_the_steps_in_the_order_typed() {
    let bench = Bench::new();
    let said = bench.run(&[
        "clean",
        "orders.csv",
        "--trim",
        "*",
        "--fill",
        "qty=7",
        "--filter",
        "qty > 4",
        "-o",
        "out.csv",
    ]);
    // A number is filled in, so the column is one of numbers, and "x" counts as missing.
    assert_eq!(
        bench.read("out.csv"),
        "id,city,qty,price\n2,Rome,7,2\n3,\"a, b\",7,4\n4,Oslo,5,0.50\n"
    );
    let said = said.well();
    assert_eq!(said.out, "");
    assert!(
        said.err
            .contains("4 rows in = 3 out + 0 rejected + 1 filtered"),
        "{}",
        said.err
    );

    let first = bench
        .run(&[
            "clean",
            "orders.csv",
            "--limit",
            "1",
            "--filter",
            "price > 1.9",
        ])
        .well();
    assert_eq!(first.out, "id,city,qty,price\n");
    let then = bench
        .run(&[
            "clean",
            "orders.csv",
            "--filter",
            "price > 1.9",
            "--limit",
            "1",
        ])
        .well();
    assert_eq!(then.out, "id,city,qty,price\n2,Rome,x,2\n");

    let said = bench.run(&[
        "clean",
        "orders.csv",
        "--select",
        "price,id",
        "--rename",
        "id=no",
        "--drop-missing",
        "no",
    ]);
    assert_eq!(said.well().out, "price,no\n1.50,1\n2,2\n4,3\n0.50,4\n");
}

#[test]
fn an_option_goes_with_the_step_before_it() {
    let bench = Bench::new();
    let said = bench.run(&[
        "clean",
        "orders.csv",
        "--cast",
        "qty:integer",
        "--on-error",
        "missing",
        "--drop",
        "city",
    ]);
    assert_eq!(
        said.well().out,
        "id,qty,price\n1,3,1.50\n2,,2\n3,,4\n4,5,0.50\n"
    );
    let said = bench.run(&[
        "clean",
        "orders.csv",
        "--trim",
        "city",
        "--on-error",
        "keep",
    ]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("--on-error keep") && said.err.contains("--cast"),
        "{}",
        said.err
    );
}

#[test]
fn what_clean_prints_as_a_recipe_does_the_same() {
    let bench = Bench::new();
    let steps = [
        "--trim",
        "*",
        "--cast",
        "qty:integer,price:number",
        "--on-error",
        "missing",
        "--fill",
        "qty=@min",
        "--limit",
        "3",
    ];
    let with = |more: &[&'static str]| {
        let mut args = vec!["clean", "orders.csv"];
        args.extend(steps);
        args.extend(more);
        args
    };
    let recipe = bench.run(&with(&["--print-recipe"])).well().out;
    assert!(
        recipe.starts_with("tidemill = 1\n") && recipe.contains("[read]\ndelimiter = \",\""),
        "{recipe}"
    );
    bench.write("recipe.toml", &recipe);
    let typed = bench.run(&with(&[])).well().out;
    assert_eq!(
        bench.run(&["run", "recipe.toml", "orders.csv"]).well().out,
        typed
    );
    assert_eq!(typed.lines().count(), 4);
}

#[test]
fn run_prints_reductions_or_rows_and_writes_both() {
    let bench = Bench::new();
    bench.write("rows.toml", "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n");
    let said = bench.run(&["run", "rows.toml", "orders.csv"]).well();
    assert_eq!(said.out, ORDERS.replace(" Oslo", "Oslo"));

    bench.write("both.toml", "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[reduce]]\nname = \"cities\"\nby = [\"city\"]\nvalues = [\"rows\"]\n");
    let said = bench.run(&["run", "both.toml", "orders.csv"]).well();
    assert!(
        said.out.starts_with("city")
            && said
                .out
                .lines()
                .any(|line| line.split_whitespace().eq(["Oslo", "2"])),
        "{}",
        said.out
    );
    let said = bench
        .run(&[
            "run",
            "both.toml",
            "orders.csv",
            "-o",
            "out.csv",
            "--report",
            "report.json",
        ])
        .well();
    assert!(said.out.contains("Oslo"));
    assert_eq!(bench.read("out.csv"), ORDERS.replace(" Oslo", "Oslo"));
    assert!(bench.read("report.json").contains("\"cities\""));
    assert!(said.err.contains("4 rows in = 4 out"));
    assert!(!bench.exists("out.csv.rejects.csv"));
}

#[test]
fn rejects_are_set_aside_and_a_stale_file_of_them_goes() {
    let bench = Bench::new();
    let args = [
        "clean",
        "orders.csv",
        "-o",
        "out.csv",
        "--cast",
        "qty:integer",
    ];
    let said = bench.run(&args).well();
    let rejects = bench.read("out.csv.rejects.csv");
    assert!(
        rejects
            .starts_with("id,city,qty,price,_record,_line,_byte,_column,_reason\n2,Rome,x,2,2,3,"),
        "{rejects}"
    );
    assert_eq!(rejects.lines().count(), 2);
    assert!(
        said.err.contains("4 rows in = 3 out + 1 rejected")
            && said.err.contains("out.csv.rejects.csv"),
        "{}",
        said.err
    );

    bench
        .run(&["clean", "orders.csv", "-o", "out.csv", "--trim", "*"])
        .well();
    assert!(!bench.exists("out.csv.rejects.csv"));
    // A file of that name that is not such a file is somebody else's.
    bench.write("out.csv.rejects.csv", "mine\n");
    bench
        .run(&["clean", "orders.csv", "-o", "out.csv", "--trim", "*"])
        .well();
    assert_eq!(bench.read("out.csv.rejects.csv"), "mine\n");

    // What fails under --strict is done all the same.
    let said = bench.run(&[
        "clean",
        "orders.csv",
        "-o",
        "strict.csv",
        "--cast",
        "qty:integer",
        "--strict",
        "--rejects",
        "r.csv",
    ]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("--strict") && bench.exists("strict.csv") && bench.exists("r.csv"));
    assert_eq!(
        bench
            .run(&["clean", "orders.csv", "--trim", "*", "--strict"])
            .code,
        0
    );
}

#[test]
fn expectations_end_with_one_when_the_work_is_done() {
    let bench = Bench::new();
    bench.write(
        "r.toml",
        "tidemill = 1\n[expect]\nmin_rows = 100\n[[step]]\ntrim = [\"*\"]\n",
    );
    let said = bench.run(&["run", "r.toml", "orders.csv", "-o", "out.csv"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("min_rows") && bench.exists("out.csv"));
}

#[test]
fn reduce_computes_by_groups() {
    let bench = Bench::new();
    let args = [
        "reduce",
        "orders.csv",
        "--by",
        "qty",
        "rows",
        "sum(price) as total",
        "--where",
        "city <> 'Rome'",
        "--format",
        "csv",
    ];
    let out = bench.run(&args).well().out;
    let mut lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.remove(0), "qty,rows,total");
    lines.sort_unstable();
    assert_eq!(lines, [",1,4", "3,1,1.5", "5,1,0.5"]);
    let json = bench
        .run(&["reduce", "orders.csv", "rows", "--format", "json"])
        .well()
        .out;
    assert!(json.contains("\"reductions\"") && json.contains("\"partial\": false"));
    let table = bench
        .run(&["reduce", "orders.csv", "rows", "mean(price)"])
        .well()
        .out;
    assert!(
        table
            .lines()
            .last()
            .unwrap()
            .split_whitespace()
            .eq(["4", "2"]),
        "{table}"
    );
}

#[test]
fn groups_beyond_the_memory_are_the_same_bytes() {
    let bench = Bench::new();
    // Keys in no order, each of them three times.
    let keys = 60_000u64;
    let mut text = String::from("key,name,value\n");
    for row in 0..3 * keys {
        let key = row * 7919 % keys;
        text.push_str(&format!("{key},n{},{}\n", key % 2000, row % 100));
    }
    bench.write("many.csv", &text);
    let values = ["rows", "sum(value)", "mean(value)", "median(value)"];
    let reduce = |more: &[&str]| {
        let mut args = vec!["reduce", "many.csv", "--by", "key,name"];
        args.extend(values);
        args.extend_from_slice(more);
        bench.run(&args).well().out
    };
    let whole = reduce(&["--format", "csv", "--cast", "key:integer"]);
    assert_eq!(whole.lines().count() as u64, keys + 1);
    assert!(
        whole.starts_with("key,name,rows,sum(value),mean(value),median(value)\n0,n0,3,0,0,0\n")
    );
    let keyed = whole.lines().skip(1).enumerate();
    for (at, line) in keyed {
        assert!(
            line.starts_with(&format!("{at},n{},3,", at % 2000)),
            "{line}"
        );
    }
    let scratch = bench.path("scratch");
    std::fs::create_dir(&scratch).unwrap();
    for threads in ["1", "3"] {
        let mut command = bench.command(&["reduce", "many.csv", "--by", "key,name"]);
        command
            .args(values)
            .args(["--format", "csv", "--cast", "key:integer"])
            .args(["--memory", "1MB", "-j", threads])
            .env("TMPDIR", &scratch);
        assert_eq!(common::said(command).well().out, whole, "{threads} threads");
        // What was spilled is gone.
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
    }
    let top = ["--sort=-sum(value)", "--limit", "5", "--format", "json"];
    assert_eq!(
        reduce(&[&top[..], &["--memory", "1MB"]].concat()),
        reduce(&top)
    );
    // Without a cast keys are texts.
    let texts = reduce(&["--format", "csv", "--limit", "3", "--memory", "1MB"]);
    let keys: Vec<&str> = texts
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(keys, ["key", "0", "1", "10"]);
}

#[test]
fn reduce_casts_before_it_filters() {
    let bench = Bench::new();
    bench.write(
        "sums.csv",
        "day,amount\n2024-01-05,\"1,000\"\n2024-01-31,2\n2024-02-01,x\n",
    );
    let said = bench.run(&[
        "reduce",
        "sums.csv",
        "sum(amount)",
        "--by",
        "month(day)",
        "--cast",
        "day:date",
        "--cast",
        "amount:number:thousands=\\,",
        "--where",
        "amount > 1",
        "--format",
        "csv",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out, "month(day),sum(amount)\n2024-01,1002\n");
    let refused = bench.run(&["reduce", "sums.csv", "rows", "--cast", "day"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--cast"), "{}", refused.err);
}

#[test]
fn standard_input_is_read_like_a_file() {
    let bench = Bench::new();
    let mut long = String::from("id,city,qty,price\n");
    for at in 0..120_000 {
        long.push_str(&format!(
            "{at}, Oslo{},{},1.5\n",
            at % 7,
            if at % 3 == 0 {
                String::new()
            } else {
                at.to_string()
            }
        ));
    }
    assert!(long.len() > 2 << 20, "longer than what detection looks at");
    bench.write("long.csv", &long);
    for text in [ORDERS, &long] {
        bench.write("in.csv", text);
        // The mean makes it two passes.
        for steps in [
            &["--trim", "*"][..],
            &["--fill", "price=@max", "--trim", "city"],
        ] {
            for threads in ["1", "2"] {
                let with = |file: &'static str| [&["clean", file, "-j", threads], steps].concat();
                let file = bench.run(&with("in.csv")).well();
                let stream = bench.run_with(text.as_bytes(), &with("-")).well();
                assert!(file.out == stream.out);
            }
        }
        let file = bench
            .run(&["profile", "in.csv", "--format", "json"])
            .well()
            .out;
        let stream = bench
            .run_with(text.as_bytes(), &["profile", "-", "--format", "json"])
            .well()
            .out;
        assert!(file.replace("\"in.csv\"", "\"-\"") == stream);
    }
}

#[test]
fn blocks_and_threads_change_nothing() {
    let bench = Bench::new();
    let steps = ["--trim", "*", "--cast", "qty:integer", "--fill", "qty=0"];
    let whole = bench
        .run(&[&["clean", "orders.csv"][..], &steps].concat())
        .well()
        .out;
    for block in ["1", "7", "4096"] {
        for threads in ["1", "3"] {
            let args = [
                &["clean", "orders.csv", "--block", block, "-j", threads][..],
                &steps,
            ]
            .concat();
            assert_eq!(bench.run(&args).well().out, whole, "{block} {threads}");
        }
    }
    assert_eq!(
        bench.run(&["profile", "orders.csv", "--block", "0"]).code,
        2
    );
}

#[test]
fn how_the_file_is_read_can_be_said() {
    let bench = Bench::new();
    bench.write("odd.txt", "# by hand\n1;'a;b'\n2;-\n");
    let said = bench.run(&[
        "clean",
        "odd.txt",
        "-d",
        ";",
        "--quote",
        "'",
        "--comment",
        "#",
        "--no-header",
        "--missing",
        "-",
        "--fill",
        "column2=c",
    ]);
    assert_eq!(said.well().out, "1,a;b\n2,c\n");
    let said = bench.run(&[
        "clean",
        "odd.txt",
        "-d",
        ";",
        "--skip-rows",
        "1",
        "--quote",
        "\"",
        "--header",
        "n,s",
        "--select",
        "s",
    ]);
    assert_eq!(
        said.well().out,
        "s\n-\n",
        "the row of three fields is rejected"
    );
    // What is not said is found: the comment, the quotes, and that there is no header.
    let said = bench.run(&["clean", "odd.txt", "--missing", "-", "--fill", "column2=c"]);
    assert_eq!(said.well().out, "1,a;b\n2,c\n");
}

#[test]
fn sniff_says_what_a_file_is_and_why() {
    let bench = Bench::new();
    bench.write(
        "sales.txt",
        "Sales 2024\n\nregion，q1，q2\nN，1，2\nS，3，4\n",
    );
    let said = bench.run(&["sniff", "sales.txt"]);
    let out = said.well().out.clone();
    for part in ["delimiter", "，", "skip_rows", "3 columns: region, q1, q2"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let said = bench.run(&["sniff", "sales.txt", "--format", "json"]);
    let out = said.well().out.clone();
    assert!(out.starts_with("{\"tidemill\":"), "{out}");
    assert!(out.contains("\"delimiter\":\"，\""), "{out}");
    assert!(
        out.contains("\"columns\":[\"region\",\"q1\",\"q2\"]"),
        "{out}"
    );
    let said = bench.run(&["reduce", "sales.txt", "sum(q1)", "--format", "csv"]);
    assert_eq!(said.well().out, "sum(q1)\n4\n");
}

#[test]
fn the_program_describes_itself() {
    let bench = Bench::new();
    let help = bench.run(&["clean", "--help"]).well().out;
    for kernel in tidemill_core::kernels::CLEAN {
        assert!(
            help.contains(&format!("--{} ", kernel.about.word.replace('_', "-"))),
            "{}",
            kernel.about.word
        );
    }
    let help = bench.run(&["reduce", "--help"]).well().out;
    for kernel in tidemill_core::kernels::REDUCE {
        assert!(help.contains(kernel.about.help), "{}", kernel.about.word);
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            bench
                .run(&["completions", shell])
                .well()
                .out
                .contains("drop-missing")
        );
    }
    let man = bench.run(&["man"]).well().out;
    assert!(
        man.contains(".TH tidemill") && man.contains("drop\\-missing") && !man.contains("block")
    );
    assert!(bench.run(&["schema"]).well().out.starts_with('{'));
    for of in ["recipe", "report", "preview"] {
        let schema = bench.run(&["schema", "--of", of]).well().out;
        assert!(
            schema.contains(&format!("\"title\": \"Tidemill {of}\"")),
            "{schema}"
        );
    }
    bench.write("r.toml", "tidemill = 1\n[[step]]\ntrim = [\"city\"]\n");
    assert!(
        bench
            .run(&["explain", "r.toml", "orders.csv"])
            .well()
            .out
            .contains("trim")
    );
    assert!(
        bench
            .run(&["--version"])
            .well()
            .out
            .starts_with("tidemill ")
    );
}

#[test]
fn text_in_other_encodings_is_read_as_text() {
    let bench = Bench::new();
    // 姓名,数量 / 王小明,3 / 李娜,4 in GBK, as Chinese Excel saves it.
    bench.write(
        "gbk.csv",
        b"\xd0\xd5\xc3\xfb,\xca\xfd\xc1\xbf\n\xcd\xf5\xd0\xa1\xc3\xf7,3\n\xc0\xee\xc4\xc8,4\n",
    );
    let said = bench.run(&["reduce", "gbk.csv", "sum(数量)", "--format", "csv"]);
    assert_eq!(said.well().out, "sum(数量)\n7\n");
    let out = bench
        .run(&["sniff", "gbk.csv", "--format", "json"])
        .well()
        .out;
    assert!(out.contains("\"encoding\":\"gb18030\""), "{out}");
    let utf_16: Vec<u8> = "\u{feff}a;b\r\n1;ü\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bench.write("wide.csv", utf_16);
    let said = bench.run(&["clean", "wide.csv", "--trim", "*"]);
    assert_eq!(said.well().out, "a,b\n1,ü\n");
    bench.write(
        "latin.toml",
        "tidemill = 1\n[read]\nencoding = \"latin1\"\n",
    );
    bench.write("latin.csv", b"a,b\n1,\xfc\n");
    let said = bench.run(&["run", "latin.toml", "latin.csv"]);
    assert_eq!(said.well().out, "a,b\n1,ü\n");
    // A step that learns reads twice.
    let said = bench.run(&["clean", "gbk.csv", "--fill", "数量=@mean"]);
    assert_eq!(said.well().out, "姓名,数量\n王小明,3\n李娜,4\n");
}

#[test]
fn packed_files_are_read_as_what_they_hold() {
    let bench = Bench::new();
    // Python's gzip.compress(b"a,b\n1,2\n", mtime=0), and once more: two members are one text.
    let member: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2\x02\x00\x7b\x07\x97\x0a\x08\x00\x00\x00";
    bench.write("one.csv.gz", member);
    let said = bench.run(&["reduce", "one.csv.gz", "sum(b)", "--format", "csv"]);
    assert_eq!(said.well().out, "sum(b)\n2\n");
    let mut cut = member.to_vec();
    cut.truncate(20);
    bench.write("cut.csv.gz", cut);
    let said = bench.run(&["reduce", "cut.csv.gz", "sum(b)"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn several_files_are_one_input() {
    let bench = Bench::new();
    bench.write("more.csv", "price;qty;city;id\n9.50;7;Bonn;5\n");
    bench.write("other.csv", "id,weight\n6,70\n7,80\n");
    let said = bench
        .run(&[
            "reduce",
            "orders.csv",
            "sum(id)",
            "--and",
            "more.csv",
            "--format",
            "csv",
        ])
        .well();
    assert!(said.out.ends_with("\n15\n"), "{}", said.out);
    let args = [
        "clean",
        "orders.csv",
        "more.csv",
        "--trim",
        "*",
        "--source",
        "file",
    ];
    let said = bench.run(&args).well();
    assert!(
        said.out.contains("1,Oslo,3,1.50,orders.csv\n"),
        "{}",
        said.out
    );
    assert!(
        said.out.ends_with("5,Bonn,7,9.50,more.csv\n"),
        "{}",
        said.out
    );
    let json = bench
        .run(&["profile", "orders.csv", "more.csv", "--format", "json"])
        .well();
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        report["input"]["files"],
        serde_json::json!(["orders.csv", "more.csv"])
    );
    assert_eq!(report["rows"]["in"], 5);

    let said = bench.run(&["profile", "orders.csv", "other.csv"]);
    assert_eq!(said.code, 2, "{}", said.err);
    for word in [
        "other.csv",
        "missing: city, qty, price",
        "not expected: weight",
        "--union",
    ] {
        assert!(said.err.contains(word), "{}", said.err);
    }
    bench.write(
        "sum.toml",
        "tidemill = 1\n[read]\ncolumns = \"union\"\n[[reduce]]\nvalues = [\"sum(weight)\"]\n",
    );
    let said = bench
        .run(&["run", "sum.toml", "orders.csv", "other.csv"])
        .well();
    assert!(said.out.contains("150"), "{}", said.out);
}

#[test]
fn an_audit_lists_what_each_step_did_and_a_diff_shows_the_first_of_it() {
    let bench = Bench::new();
    bench.write(
        "in.csv",
        "id,qty,city\n1, 2,\"a, b\"\n2,x,c\n3,4,c\n3,4,c\n",
    );
    bench.write(
        "r.toml",
        "tidemill = 1\n[[step]]\ntrim = [\"*\"]\n[[step]]\ncast = { qty = \"integer\" }\n[[step]]\ndedupe = \"*\"\n\
         [[step]]\nfill = { city = \"none\" }\n",
    );
    let expect = "record,step,word,action,column,before,after\n\
        1,1,trim,changed,qty, 2,2\n2,2,cast,rejected,qty,x,\n4,3,dedupe,deduplicated,,,\n";
    for threads in ["1", "2"] {
        let args = [
            "run", "r.toml", "in.csv", "-o", "out.csv", "--audit", "a.csv", "--diff", "2", "-j",
            threads, "--block", "7",
        ];
        let said = bench.run(&args).well();
        assert_eq!(bench.read("a.csv"), expect);
        assert_eq!(
            said.out,
            "record 1\n   1 trim qty: \" 2\" -> \"2\"\nrecord 2\n   2 cast qty: \"x\" rejected\nand more\n"
        );
    }
    // Rows on standard output have it to themselves.
    let said = bench
        .run(&["clean", "in.csv", "--trim", "*", "--diff", "9"])
        .well();
    assert!(said.out.starts_with("id,qty,city\n1,2,"), "{}", said.out);
    assert!(
        said.err.contains("1 trim qty: \" 2\" -> \"2\""),
        "{}",
        said.err
    );
    let said = bench.run(&["run", "r.toml", "in.csv", "-o", "a.csv", "--audit", "a.csv"]);
    assert!(
        said.err.contains("one file for -o and --audit"),
        "{}",
        said.err
    );
}
