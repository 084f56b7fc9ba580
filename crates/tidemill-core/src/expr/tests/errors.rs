//! What cannot be compiled, and what the error says of it.

use super::super::bind::MAX_CHAIN;
use super::super::parse::{MAX_BYTES, MAX_DEPTH, MAX_OPERATORS};
use super::table;

#[test]
fn errors_say_where_and_what() {
    let t = table(
        "dep_delay,qty:integer,day:date,flag:boolean,city:text,at:datetime,clock:time",
        &[],
    );
    for (sql, place, found, hint) in [
        (
            "dep_dealy < 600",
            "character 1",
            "unknown column \"dep_dealy\"",
            "did you mean \"dep_delay\"?",
        ),
        (
            "qty > 1 and dep_dealy < 600",
            "character 13",
            "unknown column \"dep_dealy\"",
            "did you mean \"dep_delay\"?",
        ),
        (
            "（qty ≥ 1） and dep_dealy < 600",
            "character 15",
            "unknown column",
            "did you mean \"dep_delay\"?",
        ),
        (
            "qty > 1\nand dep_dealy < 600",
            "line 2, character 5",
            "unknown column",
            "did you mean",
        ),
        (
            "city = \"JFK\"",
            "character 8",
            "unknown column \"JFK\"",
            "single quotes: 'JFK'",
        ),
        (
            "qty = '600'",
            "character 7",
            "column \"qty\" (integer) = the text '600'",
            "write 600 without quotes",
        ),
        (
            "qty in (1, '2')",
            "character 12",
            "the text '2'",
            "write 2 without quotes",
        ),
        (
            "dep_delay in (1, 'x')",
            "character 18",
            "used as a number",
            "",
        ),
        (
            "city > 5",
            "character 8",
            "column \"city\" (text) > the number 5",
            "write '5' in quotes",
        ),
        (
            "city = qty",
            "character 8",
            "integer",
            "cast = { \"city\" = \"number\" }",
        ),
        (
            "day > '01/02/2024'",
            "character 7",
            "the text '01/02/2024'",
            "",
        ),
        (
            "day > 5",
            "character 1",
            "column \"day\" (date) > the number 5",
            "",
        ),
        ("day > '12:30'", "character 7", "the text '12:30'", ""),
        ("clock > '2024-01-01'", "character 9", "2024-01-01", ""),
        (
            "clock > at",
            "character 1",
            "column \"clock\" (time) > column \"at\" (datetime)",
            "",
        ),
        (
            "day > date '2024-01-01 12:00'",
            "character 12",
            "with a time",
            "TIMESTAMP",
        ),
        (
            "dep_delay > date '2024-01-01'",
            "character 1",
            "not cast",
            "cast = { \"dep_delay\" = \"date\" }",
        ),
        (
            "day + 1 > 5",
            "character 1",
            "column \"day\" (date)",
            "date_diff",
        ),
        (
            "dep_delay",
            "character 1",
            "column \"dep_delay\" (text, for it was not cast)",
            "\"boolean\"",
        ),
        (
            "qty",
            "character 1",
            "column \"qty\" (integer)",
            "compare it with a value",
        ),
        (
            "qty and flag",
            "character 1",
            "column \"qty\" (integer)",
            "compare it with a value",
        ),
        (
            "flag = 'true'",
            "character 8",
            "the text 'true'",
            "without quotes",
        ),
        (
            "dep_delay = true",
            "character 1",
            "dep_delay",
            "\"boolean\"",
        ),
        (
            "flag in (true)",
            "character 1",
            "column \"flag\" (boolean) before IN",
            "IS TRUE",
        ),
        (
            "1 < qty < 5",
            "character 11",
            "a condition < the number 5",
            "BETWEEN",
        ),
        ("qty + 'x' > 1", "character 7", "the text 'x'", ""),
        (
            "qty like '1%'",
            "character 1",
            "column \"qty\" (integer)",
            "",
        ),
        ("city like qty", "character 11", "qty", ""),
        (
            "city like 'a!' escape '!'",
            "character 11",
            "ends in its escape",
            "",
        ),
        (
            "uper(city) = 'A'",
            "character 1",
            "the function uper()",
            "did you mean \"upper\"?",
        ),
        (
            "case when flag then 1 else 'x' end = 1",
            "character 28",
            "the text 'x'",
            "CAST",
        ),
        (
            "case when qty then 1 end = 1",
            "character 11",
            "column \"qty\" (integer)",
            "compare",
        ),
        (
            "coalesce(qty, day) = 1",
            "character 15",
            "column \"day\" (date)",
            "CAST",
        ),
        (
            "coalesce(null, null) = 1",
            "character 1",
            "nothing but NULL",
            "",
        ),
        (
            "nullif(qty) = 1",
            "character 1",
            "1 arguments of nullif()",
            "",
        ),
        (
            "upper(qty) = 'A'",
            "character 7",
            "column \"qty\" (integer) in upper()",
            "CAST(... AS text)",
        ),
        (
            "year(city) = 1",
            "character 6",
            "column \"city\" (text) in year()",
            "CAST(... AS date)",
        ),
        (
            "hour(day) = 1",
            "character 6",
            "column \"day\" (date) in hour()",
            "",
        ),
        (
            "substr(city) = ''",
            "character 1",
            "1 arguments of substr()",
            "",
        ),
        (
            "cast(city as blob) = ''",
            "character 1",
            "the type blob",
            "",
        ),
        ("cast(day as integer) = 1", "character 6", "as integer", ""),
        ("cast(day as boolean)", "character 6", "as boolean", ""),
        (
            "cast(city as integr) = 1",
            "character 1",
            "the type integr",
            "did you mean \"integer\"?",
        ),
        (
            "cast(qty as decimal(10, 2)) = 1",
            "character 1",
            "with a size",
            "round(x, digits)",
        ),
        (
            "cast(qty as date) = day",
            "character 6",
            "column \"qty\" (integer) as date",
            "",
        ),
        (
            "extract(decade from day) = 1",
            "character 1",
            "the function decade()",
            "",
        ),
        ("upper(city)", "character 1", "a text", "compare it"),
        (
            "qty || 1 = 'x'",
            "character 1",
            "column \"qty\" (integer) beside",
            "CAST",
        ),
        (
            "city || qty + 1 = 'x'",
            "character 9",
            "a number beside",
            "CAST",
        ),
        (
            "flag || flag",
            "character 1",
            "column \"flag\" (boolean) beside",
            "write OR",
        ),
        ("qty::text = 1", "character 1", "a text = the number 1", ""),
        ("qty > (select 1)", "character 8", "SELECT", ""),
        ("qty > 1 && flag", "character 9", "\"&&\"", "write AND"),
        ("qty ; flag", "character 5", "\";\"", "one expression"),
        ("qty > 1 flag", "character 9", "\"flag\"", "AND or OR"),
        ("qty > 1 qty < 5", "character 9", "\"qty\"", "AND or OR"),
        ("qty >", "character 6", "the end of the expression", ""),
        ("(qty > 1", "character 9", "the end of the expression", ""),
        ("qty > 1)", "character 8", "\")\"", ""),
        ("qty in ()", "character 9", ")", ""),
        ("(qty, 1) = 5", "", "several values", "after IN"),
        ("qty is 5", "character 8", "5", ""),
        ("city = 'abc", "character 8", "unterminated", ""),
        ("qty = 1e500", "character 7", "the number 1e500", ""),
        (
            "qty = 123456789012345678901234567890123456789",
            "character 7",
            "the number 123",
            "",
        ),
        ("qty = x'ff'", "character 7", "", ""),
        ("", "", "an empty expression", "for instance"),
        ("  -- nothing", "", "an empty expression", "for instance"),
        ("?", "character 1", "\"?\"", ""),
        ("\u{0}", "character 1", "", ""),
        ("qty > 1e", "character 8", "", ""),
        ("2024年 > 1", "character 5", "\"年\"", "in double quotes"),
        ("qty <=> 1", "character 5", "\"<=>\"", "write ="),
        ("! flag", "character 1", "\"!\"", "write NOT"),
        ("city similar to 'x'", "character 6", "SIMILAR", ""),
        (
            "city regexp '(x'",
            "character 13",
            "the pattern '(x'",
            "a backslash",
        ),
        ("city !~ '['", "character 9", "the pattern '['", ""),
        (
            "qty regexp 'x'",
            "character 5",
            "column \"qty\" (integer)",
            "AS text",
        ),
        ("city rlike 3", "character 12", "the number 3", ""),
        (
            "regexp_extract(city, '*') = 'x'",
            "character 22",
            "the pattern '*'",
            "",
        ),
        ("case qty when 1 then 2 = 1", "character 27", "the end", ""),
        ("case when flag 1 end", "character 16", "\"1\"", ""),
        ("qty between 1 or 2", "character 15", "\"or\"", ""),
        ("qty in (1 2)", "character 11", "\"2\"", ""),
        ("qty in 1", "character 8", "\"1\"", ""),
        ("qty > 1 /* x", "character 9", "unterminated comment", ""),
        ("qty > “x", "character 7", "unterminated name", ""),
        ("and qty", "character 1", "\"and\"", ""),
        ("qty. > 1", "character 6", "\">\"", ""),
    ] {
        let error = t.error(sql);
        assert!(error.place.starts_with("step 1, filter"), "{sql}: {error}");
        assert!(error.place.ends_with(place), "{sql}: {error}");
        assert!(error.found.contains(found), "{sql}: {error}");
        assert!(
            error.hint.as_deref().unwrap_or_default().contains(hint),
            "{sql}: {error}"
        );
    }
}

#[test]
fn limits_are_stated() {
    // Depth has to end in an error, and length in an answer. Without optimisation the parser takes
    // some 60 KiB of stack a level, with it 6.
    let run = || {
        let t = table("x", &["1"]);
        let deep = t.error(&format!(
            "{}x > 1{}",
            "(".repeat(10_000),
            ")".repeat(10_000)
        ));
        assert_eq!(deep.expected, format!("at most {} deep", MAX_DEPTH / 2));
        for (open, close) in [
            ("not ", ""),
            ("- ", ""),
            ("x = (", ")"),
            ("(not -", ")"),
            ("x in (", ")"),
            ("x between 1 and ", ""),
        ] {
            let deep = t.error(&format!("{}x{}", open.repeat(3_000), close.repeat(3_000)));
            assert!(deep.expected.contains("at most"), "{open}: {deep}");
        }
        let long = t.error(&format!("x = 0{}", " + x".repeat(MAX_OPERATORS)));
        assert_eq!(long.found, format!("{} operators", MAX_OPERATORS + 1));
        let long = t.error(&format!("x = 0{}", " + x".repeat(MAX_CHAIN + 1)));
        assert_eq!(long.expected, format!("at most {MAX_CHAIN}"));
        let long = t.error(&format!("x is null{}", " is true".repeat(1000)));
        assert!(long.expected.contains("levels"), "{long}");
        let long = t.error(&" ".repeat(MAX_BYTES + 1));
        assert_eq!(long.expected, format!("at most {MAX_BYTES} bytes"));
        let mut t = table("x", &["1", "500", "9999999"]);
        let terms: Vec<String> = (0..2000).map(|n| format!("x = {n}")).collect();
        t.check(&terms.join(" or "), "TTF");
        let items: Vec<String> = (0..20_000).map(|n| n.to_string()).collect();
        t.check(&format!("x in ({})", items.join(", ")), "TTF");
        t.check(
            &format!(
                "{}x = 1{}",
                "(".repeat(MAX_DEPTH / 2),
                ")".repeat(MAX_DEPTH / 2)
            ),
            "TFF",
        );
        t.check(&format!("x{} = 1", " + 0 * x".repeat(MAX_CHAIN)), "TFF");
    };
    std::thread::Builder::new()
        .stack_size(if cfg!(debug_assertions) {
            16 << 20
        } else {
            1 << 20
        })
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}
