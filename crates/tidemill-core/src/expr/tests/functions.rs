//! Functions, casts and choices, held to what SQL says of them.

use super::super::functions::{Arg, FUNCTIONS, Run};
use super::super::numbers::Cell;
use super::table;
use crate::number::Decimal;

/// Each expression with the values that it has, in any row.
fn constant(cases: &[(&str, &str)]) {
    let mut t = table(
        "x,n:number,day:date,at:datetime,clock:time,b:boolean",
        &["a,1,2024-02-29,2024-02-29T13:59:58.5,13:59:58,true"],
    );
    for (sql, expect) in cases {
        assert_eq!(t.values(sql), [*expect], "{sql}");
    }
}

/// The table in the guide is the registry's.
#[test]
fn the_guide_has_all_functions() {
    let guide = include_str!("../../../../../GUIDE.md");
    let table = super::super::functions_table();
    assert!(
        guide.contains(&table),
        "the guide's table is to be:\n{table}"
    );
    for (other, name) in super::super::functions::OTHER_NAMES {
        assert!(guide.contains(&format!("`{other}`")) && guide.contains(&format!("`{name}(")));
    }
}

#[test]
fn regular_expressions() {
    constant(&[
        ("x regexp '^[a-c]$'", "true"),
        ("x not regexp '^[a-c]$'", "false"),
        ("'价格 12' rlike '价格 \\d+'", "true"),
        ("null regexp 'a' is unknown", "true"),
        ("'a1' ~ '[[:digit:]]'", "true"),
        ("regexp_like('ABC', '(?i)b')", "true"),
        ("regexp_matches('ABC', 'b')", "false"),
        ("regexp_extract('AB-12 CD-3', '([A-Z]+)-([0-9]+)')", "AB-12"),
        ("regexp_extract('AB-12 CD-3', '([A-Z]+)-([0-9]+)', 2)", "12"),
        ("regexp_extract('AB-12', '([A-Z]+)', 7)", ""),
        ("regexp_extract('AB', '[0-9]')", ""),
        (
            "regexp_replace('2024-03-05', '(\\d+)-(\\d+)-(\\d+)', '$3.$2.$1')",
            "05.03.2024",
        ),
        ("regexp_replace('北京市北京', '北京', '上海')", "上海市上海"),
        ("regexp_replace('abc', '', '-')", "-a-b-c-"),
        // A pattern of the row itself that is none fits nothing.
        ("regexp_like('(', x || '(')", "false"),
        ("strpos('价格表', '表')", "3"),
        ("instr('abc', 'x')", "0"),
        ("reverse('ab价')", "价ba"),
    ]);
}

#[test]
fn logarithms_and_powers() {
    constant(&[
        ("exp(0)", "1"),
        // libm promises less than one unit in the last place, and the same bits everywhere.
        ("round(exp(1), 12)", "2.718281828459"),
        ("round(ln(exp(1)), 12)", "1"),
        ("ln(10)", "2.302585092994046"),
        ("ln(0)", ""),
        ("ln(-1)", ""),
        ("log10(1000)", "3"),
        ("log2(8)", "3"),
        ("power(2, 10)", "1024"),
        ("pow(2, 0.5) = sqrt(2)", "true"),
        ("power(-8, 0.5)", ""),
        ("power(10, 400)", ""),
        ("exp(1000)", ""),
        ("quarter(day)", "1"),
    ]);
}

#[test]
fn casts_to_integers_and_booleans() {
    constant(&[
        ("cast('3.0' as integer)", "3"),
        ("cast('3.7' as integer)", ""),
        ("cast(3.70 as int)", ""),
        ("cast(' 7 ' as bigint)", "7"),
        ("cast(n as integer) + 1", "2"),
        ("cast('x' as integer)", ""),
        ("cast(1e3 as integer)", "1000"),
        ("cast('yes' as boolean)", "true"),
        ("cast('否' as bool)", "false"),
        ("cast('maybe' as boolean) is unknown", "true"),
        ("cast(n as boolean)", "true"),
        ("cast(2 as boolean) is unknown", "true"),
        ("cast(b as boolean)", "true"),
        ("cast(null as boolean) is unknown", "true"),
        ("cast('0' as boolean) or b", "true"),
    ]);
}

#[test]
fn texts() {
    constant(&[
        ("upper('straße é')", "STRASSE É"),
        ("lower('ÀB')", "àb"),
        ("trim(' \u{3000}a b ')", "a b"),
        ("ltrim('  a ')", "a "),
        ("rtrim('  a ')", "  a"),
        ("length('价格é')", "3"),
        ("substr('价格表', 2)", "格表"),
        ("substr('价格表', 2, 1)", "格"),
        ("substr('abc', 0, 2)", "a"),
        ("substr('abc', -1, 3)", "a"),
        ("substr('abc', 9)", ""),
        ("substr('abc', 2, -1)", ""),
        ("substr('abc', 1, 99999999999999999999999999999)", "abc"),
        ("left('abcd', 2)", "ab"),
        ("left('abcd', -1)", "abc"),
        ("left('abcd', -9)", ""),
        ("right('abcd', 2)", "cd"),
        ("right('abcd', -1)", "bcd"),
        ("right('abcd', 9)", "abcd"),
        ("replace('aaa', 'aa', 'b')", "ba"),
        ("replace('abc', '', 'x')", "abc"),
        ("replace('abc', 'b', '')", "ac"),
        ("lpad('7', 3, '0')", "007"),
        ("lpad('价', 4, 'ab')", "aba价"),
        ("rpad('7', 3)", "7  "),
        ("lpad('abc', 2)", "ab"),
        ("lpad('abc', 5, '')", "abc"),
        ("split_part('a-b-c', '-', 2)", "b"),
        ("split_part('a-b-c', '-', -1)", "c"),
        ("split_part('a-b-c', '-', 4)", ""),
        ("split_part('a-b-c', '-', 0)", ""),
        ("split_part('a-b', '', 1)", "a-b"),
        ("concat('a', x, null, 'b')", "aab"),
        ("'a' || x || 'b'", "aab"),
        ("'a' || null", ""),
        ("starts_with('abc', 'ab')", "true"),
        ("ends_with('abc', 'ab')", "false"),
        (
            "contains('abc', 'bc') and not contains('abc', 'cb')",
            "true",
        ),
        ("UPPER(x) || lower('Q')", "Aq"),
    ]);
}

#[test]
fn numbers() {
    constant(&[
        ("abs(-1.50)", "1.5"),
        (
            "abs(-99999999999999999999999999999999999999)",
            "99999999999999999999999999999999999999",
        ),
        ("sign(-0.1)", "-1"),
        ("sign(0)", "0"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2.4999)", "2"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.345, 2)", "-2.35"),
        ("round(1250, -2)", "1300"),
        ("round(49, -2)", "0"),
        ("round(7, 2)", "7"),
        ("round(1 / 3, 3)", "0.333"),
        ("round(1e-300)", "0"),
        ("floor(-0.5)", "-1"),
        ("floor(2.7)", "2"),
        ("ceil(2.1)", "3"),
        ("ceil(-2.7)", "-2"),
        ("ceil(1e-300)", "1"),
        ("floor(-1e-300)", "-1"),
        ("trunc(-2.7)", "-2"),
        ("sqrt(2.25)", "1.5"),
        ("sqrt(2)", "1.4142135623730951"),
        ("sqrt(-1)", ""),
        ("greatest(1, null, 2.5, 2.50)", "2.5"),
        ("least(3, 2.0, null)", "2"),
        ("greatest(null, null)", ""),
        ("abs(null)", ""),
        ("n / 0", ""),
        ("n / 4 * 3", "0.75"),
        ("0.1 + 0.2", "0.3"),
        ("1e300 * 1e300 / 1e-300", "inf"),
        ("1.10 * 1.10", "1.21"),
        ("-7 % 4", "-3"),
    ]);
}

#[test]
fn dates() {
    constant(&[
        ("year(day)", "2024"),
        ("month(day)", "2"),
        ("day(day)", "29"),
        ("weekday(day)", "4"),
        ("weekday(date '1969-12-28')", "7"),
        ("extract(YEAR from at)", "2024"),
        ("year(date '0001-01-01')", "1"),
        ("year(date '1969-12-31')", "1969"),
        ("hour(at)", "13"),
        ("minute(at)", "59"),
        ("second(at)", "58"),
        ("hour(clock)", "13"),
        ("second(timestamp '1969-12-31T23:59:59.25')", "59"),
        ("hour(timestamp '1969-12-31T23:59:59.25')", "23"),
        ("date_diff(date '2024-02-28', day)", "1"),
        ("date_diff(at, date '2023-02-28')", "-366"),
        (
            "date_diff(timestamp '2024-01-01T23:59:59', timestamp '2024-01-02T00:00:00')",
            "1",
        ),
        ("cast('2024-03-01' as date)", "2024-03-01"),
        (
            "cast(cast('2024-03-01' as date) as datetime)",
            "2024-03-01T00:00:00",
        ),
        ("cast('no' as date)", ""),
        ("day::text || '!'", "2024-02-29!"),
        ("n::text || b::text", "1true"),
        ("cast(' 1.50 ' as number) + 1", "2.5"),
        ("cast(x as number)", ""),
    ]);
}

#[test]
fn choices_take_the_first_that_is_true() {
    let mut t = table(
        "a,b,day:date",
        &["1,x,2024-01-01", "5,,", ",z,2024-01-03", "q,NA,"],
    );
    for (sql, expect) in [
        (
            "case when a > 2 then 'big' when a <= 2 then 'small' end",
            ["small", "big", "", ""],
        ),
        (
            "case when a > 2 then 'big' else b end",
            ["x", "big", "z", "NA"],
        ),
        (
            "case a when 1 then 10 when 5 then 50 else 0 end",
            ["10", "50", "0", "0"],
        ),
        ("case b when 'x' then a end", ["1", "", "", ""]),
        (
            "case when a is null then 1 else 2.5 end * 2",
            ["5", "5", "2", "5"],
        ),
        ("coalesce(a, 0)", ["1", "5", "0", "0"]),
        ("coalesce(b, 'none')", ["x", "none", "z", "NA"]),
        ("coalesce(null, b, 'none')", ["x", "none", "z", "NA"]),
        (
            "coalesce(day, date '2000-01-01')",
            ["2024-01-01", "2000-01-01", "2024-01-03", "2000-01-01"],
        ),
        ("nullif(a, 5)", ["1", "", "", ""]),
        ("nullif(b, 'x')", ["", "", "z", "NA"]),
        ("coalesce(nullif(a, 5) + 1, -1)", ["2", "-1", "-1", "-1"]),
    ] {
        assert_eq!(t.values(sql), expect, "{sql}");
    }
    t.check("upper(b) = 'X'", "TUFF");
    t.check("'X' = upper(b)", "TUFF");
    t.check("upper(b) in ('X', 'Z')", "TUTF");
    t.check("upper(b) like 'N_'", "FUFT");
    t.check("upper(b) between 'A' and 'Y'", "TUFT");
    t.check("upper(b) is null", "FTFF");
    t.check("nullif(b, 'z') is null", "FTTF");
    t.check("length(b) = 1 and length(b) is not null", "TFTF");
    t.check("contains(b, 'x') or a = 5", "TTUU");
    t.check("case when a > 2 then 1 else 0 end = 1", "FTFF");
    t.check("year(day) = 2024", "TUTU");
    t.check("a in (length(b), 5)", "TTUU");
}

#[test]
fn only_the_selected_rows_have_values() {
    let mut t = table("a,b", &["1,x", "2,y", "3,z"]);
    t.chunk.select(vec![0, 2]);
    assert_eq!(t.values("upper(b) || a::text"), ["X1", "Z3"]);
    assert_eq!(
        t.values("case when a = 3 then b else 'no' end"),
        ["no", "z"]
    );
    assert_eq!(t.values("b"), ["x", "z"]);
}

/// No argument may make a function panic, whatever its size, and text stays text.
#[test]
fn every_function_takes_anything() {
    let cells = [
        Cell::Null,
        Cell::Exact(Decimal {
            mantissa: 0,
            exponent: 0,
        }),
        Cell::Exact(Decimal {
            mantissa: i128::MAX / 10,
            exponent: 400,
        }),
        Cell::Exact(Decimal {
            mantissa: -(10i128.pow(38) - 1),
            exponent: -400,
        }),
        Cell::Exact(Decimal {
            mantissa: -5,
            exponent: -1,
        }),
        Cell::Exact(Decimal {
            mantissa: i128::from(i64::MAX),
            exponent: 0,
        }),
        Cell::Exact(Decimal {
            mantissa: i128::from(i64::MIN),
            exponent: 0,
        }),
        Cell::Exact(Decimal {
            mantissa: 2,
            exponent: 0,
        }),
        Cell::Float(f64::INFINITY),
        Cell::Float(-1e308),
        Cell::Float(0.1),
    ];
    let mut args: Vec<Arg> = cells.into_iter().map(Arg::Number).collect();
    for text in [
        &b""[..],
        b" a-b ",
        "价\u{3000}é".as_bytes(),
        b"\xff\x80\xe4\xbb",
        b"-",
    ] {
        args.push(Arg::Text(text));
    }
    args.push(Arg::Nothing);
    for function in FUNCTIONS {
        for &a in &args {
            for &b in &args {
                for &c in &args {
                    let all = [a, b, c];
                    let given = &all[..function.takes.len().max(function.least)];
                    match function.run {
                        Run::Number(run) => drop(run(given)),
                        Run::Truth(run) => drop(run(given)),
                        Run::Text(run) => {
                            let mut out = Vec::new();
                            run(given, &mut out);
                            let valid = given.iter().all(|arg| match arg {
                                Arg::Text(text) => std::str::from_utf8(text).is_ok(),
                                _ => true,
                            });
                            assert!(
                                !valid || std::str::from_utf8(&out).is_ok(),
                                "{}",
                                function.name
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn each_function_is_described_once() {
    let guide = include_str!("../../../../../GUIDE.md");
    for (at, function) in FUNCTIONS.iter().enumerate() {
        assert!(function.call.starts_with(&format!("{}(", function.name)));
        let line = format!("| `{}` | {} |\n", function.call, function.help);
        assert!(guide.contains(&line), "the guide lacks {line}");
        assert!(
            FUNCTIONS[..at]
                .iter()
                .all(|other| other.name != function.name)
        );
    }
}
