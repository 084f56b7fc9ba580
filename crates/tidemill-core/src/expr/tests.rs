//! Expressions held to the rules of SQL, on chunks made from text.

use num_bigint::BigInt;
use proptest::prelude::*;
use tidemill_csv::{Dialect, Ragged, Span};

use super::parse::{MAX_BYTES, MAX_DEPTH, MAX_OPERATORS};
use super::*;
use crate::column::Kind;
use crate::recipe::MissingSpec;
use crate::value::class::Type;
use crate::value::{Temporal, boolean, date};

/// A table: its header with types (`name:integer`, or no type for an uncast column), and its rows.
struct Table {
    schema: Schema,
    chunk: Chunk,
}

fn table(header: &str, rows: &[&str]) -> Table {
    let (names, types): (Vec<String>, Vec<Option<Type>>) = header
        .split(',')
        .map(|column| match column.split_once(':') {
            None => (column.to_string(), None),
            Some((name, ty)) => {
                let ty = Type::ALL.into_iter().find(|known| known.as_str() == ty).unwrap();
                (name.to_string(), Some(ty))
            }
        })
        .unzip();
    let mut schema = Schema::new(&names, &MissingSpec::default()).unwrap();
    for (column, ty) in schema.columns.iter_mut().zip(&types) {
        column.ty = *ty;
    }
    let data: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let mut chunk = Chunk::new(Dialect::default(), names.len());
    chunk.load(Span::new(0, 0, data.into_bytes(), Vec::new(), true), names.len(), Ragged::Pad);
    assert_eq!(chunk.rows(), rows.len());
    for (slot, ty) in types.iter().enumerate() {
        match ty {
            None | Some(Type::Text) => {}
            Some(Type::Integer | Type::Number) => {
                chunk.decode_numbers(slot, &schema.missing[slot]);
            }
            Some(ty) => cast(&mut chunk, slot, *ty),
        }
    }
    Table { schema, chunk }
}

/// What a cast leaves behind, for the types that filters do not read themselves.
fn cast(chunk: &mut Chunk, slot: usize, ty: Type) {
    chunk.decode_text(slot);
    let mut typed = chunk.blank(ty);
    for row in 0..chunk.rows() {
        let cell = chunk.cells(slot).get(row);
        let value = match (ty, date::parse_default(cell)) {
            (Type::Boolean, _) => boolean::parse_cast(cell).map(i64::from),
            (Type::Date, Some(Temporal::Date(day))) => Some(i64::from(day)),
            (Type::Time, Some(Temporal::Time(micros))) => Some(micros),
            (Type::DateTime, Some(value)) => value.as_datetime().map(|(micros, _)| micros),
            _ => None,
        };
        match value {
            Some(value) => typed.put_small(row, value, 0),
            None => typed.kind[row] = if cell.is_empty() { Kind::Missing } else { Kind::Invalid },
        }
    }
    typed.settle();
    chunk.set_typed(slot, typed);
}

impl Table {
    fn run(&mut self, sql: &str) -> String {
        let predicate = match Predicate::compile(sql, &self.schema, "filter") {
            Ok(predicate) => predicate,
            Err(error) => panic!("{sql}: {error}"),
        };
        for slot in predicate.numbers() {
            self.chunk.decode_numbers(*slot, &self.schema.missing[*slot]);
        }
        for slot in predicate.texts() {
            self.chunk.decode_text(*slot);
        }
        let answers = predicate.evaluate(&self.chunk, &self.schema.missing);
        assert_eq!(answers.len(), self.chunk.selected());
        answers
            .iter()
            .map(|answer| match answer {
                Truth::False => 'F',
                Truth::Unknown => 'U',
                Truth::True => 'T',
            })
            .collect()
    }

    fn check(&mut self, sql: &str, expect: &str) {
        assert_eq!(self.run(sql), expect, "{sql}");
    }

    fn error(&self, sql: &str) -> RecipeError {
        match Predicate::compile(sql, &self.schema, "step 1, filter") {
            Ok(_) => panic!("{sql} compiled"),
            Err(error) => error,
        }
    }
}

#[test]
fn numbers_are_compared_by_value() {
    let mut t = table(
        "x",
        &["5", "5.0", "-3", "NA", "", "abc", "nan", "inf", "-inf", "600.5", "12345678901234567890123", "1e2"],
    );
    t.check("x = 5", "TTFUUUUFFFFF");
    t.check("x == 5.000", "TTFUUUUFFFFF");
    t.check("x <> 5", "FFTUUUUTTTTT");
    t.check("x != 5", "FFTUUUUTTTTT");
    t.check("x < 600", "TTTUUUUFTFFT");
    t.check("x <= 600.5", "TTTUUUUFTTFT");
    t.check("x > -3", "TTFUUUUTFTTT");
    t.check("x >= -3.0", "TTTUUUUTFTTT");
    t.check("600 > x", "TTTUUUUFTFFT");
    t.check("x > 1e22", "FFFUUUUTFFTF");
    t.check("x = 12345678901234567890123", "FFFUUUUFFFTF");
    t.check("NOT x < 600", "FFFUUUUTFTTF");
    t.check("x between 5 and 100", "TTFUUUUFFFFT");
    t.check("x not between 5 and 100", "FFTUUUUTTTTF");
    t.check("x between 100 and 5", "FFFUUUUFFFFF");
    t.check("x in (5, 100)", "TTFUUUUFFFFT");
    t.check("x not in (5, 100)", "FFTUUUUTTTTF");
    t.check("x in (5, null)", "TTUUUUUUUUUU");
    t.check("x in (1,2,3,4,5,6,7,8,9,10,-3,600.50,12345678901234567890123)", "TTTUUUUFFTTF");
    t.check("x is null", "FFFFTFFFFFFF");
    t.check("x is null and (x > 0 or x <= 0 or true)", "FFFTTTTFFFFF");
    t.check("x is not null and x is not null or x = 0", "TTTUUUUTTTTT");
    t.check("-x = 3", "FFTUUUUFFFFF");
    t.check("x = null", "UUUUUUUUUUUU");
    t.check("x + 1 is null", "FFFTTTTFFFFF");
}

#[test]
fn cells_of_one_scale_meet_constants_of_another() {
    let mut t = table("x", &["0.12", "0.13", "-0.12", "-0.13"]);
    t.check("x < 0.125", "TFTT");
    t.check("x <= 0.125", "TFTT");
    t.check("x > 0.125", "FTFF");
    t.check("x >= 0.125", "FTFF");
    t.check("x > -0.125", "TTTF");
    t.check("x >= -0.125", "TTTF");
    t.check("x = 0.125", "FFFF");
    t.check("x <> 0.125", "TTTT");
    t.check("x = 0.1200", "TFFF");
    t.check("x < 1e30", "TTTT");
    t.check("x > -1e390", "TTTT");
    t.check("x > 1e-390", "TTFF");
    t.check("x < 9223372036854775807", "TTTT");
    t.check("x in (0.1200, 0.125, 1e30)", "TFFF");
    t.check("x between 0.121 and 0.139", "FTFF");
    let mut t = table("x", &["9223372036854775807", "-9223372036854775807", "-9223372036854775808"]);
    t.check("x < 9223372036854775807", "FTT");
    t.check("x <= 9223372036854775807", "TTT");
    t.check("x > -9223372036854775808", "TTF");
    t.check("x >= -9223372036854775808", "TTT");
    t.check("x < 9223372036854775808", "TTT");
    t.check("x + x > 0", "TFF");
    t.check("x * x = 85070591730234615847396907784232501249", "TTF");
}

#[test]
fn arithmetic_is_exact_as_far_as_it_goes() {
    let mut t = table("a,b", &["0.1,0.2", "1,0", "3,2", ",2", "inf,1", "99999999999999999999999999999999999999,1", "-7,2"]);
    t.check("a + b = 0.3", "TFFUFFF");
    t.check("a - b < 0", "TFFUFFT");
    t.check("a * b = 0.02", "TFFUFFF");
    t.check("a / b = 0.5", "TUFUFFF");
    t.check("a / b = 1.5", "FUTUFFF");
    t.check("a / b is null", "FTFTFFF");
    t.check("a % b = 1", "FUTUUFF");
    t.check("a % b = -1", "FUFUUFT");
    t.check("a + b > 1e37", "FFFUTTF");
    t.check("a + b * 10 = 2.1", "TFFUFFF");
    t.check("(a + b) * 10 = 3", "TFFUFFF");
    t.check("a - -b = 0.3", "TFFUFFF");
    t.check("a < b", "TFFUFFT");
    t.check("a + 0 > b + 0", "FTTUTTF");
    t.check("1 + 2 * 3 = 7", "TTTTTTT");
    t.check("1 / 0 is null", "TTTTTTT");
    t.check("7 % 4 = 3 and -7 % 4 = -3", "TTTTTTT");
    t.check("1 / 10 = 0.1", "TTTTTTT");
    t.check("a / 1 in (0.1, 3, 5)", "TFTUFFF");
    t.check("a / 1 between 0.1 and 3", "TTTUFFF");
    t.check("a / b < 1e400", "TUTUFTT");
    t.check("null + a is null", "TTTTTTT");
    t.check("a - a = 0", "TTTUUTT");
}

#[test]
fn text_is_compared_by_bytes() {
    let mut t = table(
        "origin,to",
        &["JFK,JFK", "LGA,JFK", ",JFK", "NA,", "\"J\"\"K\",x", "LaGuardia Airport,LaGuardia Airport", "纽约,北京", "JFK ,a"],
    );
    t.check("origin = 'JFK'", "TFUFFFFF");
    t.check("origin <> 'JFK'", "FTUTTTTT");
    t.check("'JFK' = origin", "TFUFFFFF");
    t.check("origin in ('JFK', 'LGA')", "TTUFFFFF");
    t.check("origin not in ('JFK', 'LGA')", "FFUTTTTT");
    t.check("origin in ('J\"K', '纽约', 'LaGuardia Airport', 'NA')", "FFUTTTTF");
    t.check("origin in ('a','b','c','d','e','f','g','h','i','JFK')", "TFUFFFFF");
    t.check("origin = 'LaGuardia Airport'", "FFUFFTFF");
    t.check("origin = to", "TFUUFTFF");
    t.check("origin < to", "FFUUTFFT");
    t.check("origin > 'K'", "FTUTFTTF");
    t.check("'K' < origin", "FTUTFTTF");
    t.check("origin is null", "FFTFFFFF");
    t.check("origin is not null", "TTFTTTTT");
    t.check("origin = ''", "FFUFFFFF");
    t.check("origin = 'it''s'", "FFUFFFFF");
    t.check("'a' < 'b'", "TTTTTTTT");
    t.check("origin between 'J' and 'K'", "TFUFTFFT");
    t.check("origin in (to, 'LGA')", "TTUUFTFF");
}

#[test]
fn patterns_match_whole_cells() {
    let mut t = table("s", &["Boston", "boston", "", "100%", "a_b", "纽约市", "axb", "STRASSE"]);
    t.check("s like 'B%'", "TFUFFFFF");
    t.check("s ilike 'B%'", "TTUFFFFF");
    t.check("s like '%ston'", "TTUFFFFF");
    t.check("s like '%o%o%'", "TTUFFFFF");
    t.check("s like '___'", "FFUFTTTF");
    t.check("s like '纽_市'", "FFUFFTFF");
    t.check("s like 'a!_b' escape '!'", "FFUFTFFF");
    t.check("s like '100#%' escape '#'", "FFUTFFFF");
    t.check("s not like '%'", "FFUFFFFF");
    t.check("s like ''", "FFUFFFFF");
    t.check("s ilike '%sse'", "FFUFFFFT");
    t.check("s like '%%b%'", "FTUFTFTF");
    t.check("'abc' like 'a%'", "TTTTTTTT");
    t.check("s like '%x_'", "FFUFFFTF");
}

#[test]
fn logic_has_three_values() {
    let mut t = table(
        "a:boolean,b:boolean",
        &["true,true", "true,false", "true,", "false,true", "false,false", "false,", ",true", ",false", ","],
    );
    t.check("a", "TTTFFFUUU");
    t.check("a and b", "TFUFFFUFU");
    t.check("a or b", "TTTTFUTUU");
    t.check("not a", "FFFTTTUUU");
    t.check("not (a and b)", "FTUTTTUTU");
    t.check("a = b", "TFUFTUUUU");
    t.check("a <> b", "FTUTFUUUU");
    t.check("a < b", "FFUTFUUUU");
    t.check("a = true", "TTTFFFUUU");
    t.check("a <> false", "TTTFFFUUU");
    t.check("a is true", "TTTFFFFFF");
    t.check("a is not true", "FFFTTTTTT");
    t.check("a is false", "FFFTTTFFF");
    t.check("a is not false", "TTTFFFTTT");
    t.check("a is unknown", "FFFFFFTTT");
    t.check("a is not unknown", "TTTTTTFFF");
    t.check("a is null", "FFFFFFTTT");
    t.check("(a and b) is null", "FFTFFFTFT");
    t.check("(a and b) is unknown", "FFTFFFTFT");
    t.check("null", "UUUUUUUUU");
    t.check("a or true", "TTTTTTTTT");
    t.check("a and false", "FFFFFFFFF");
    t.check("a or b and not a", "TTTTFUUUU");
    t.check("null is null", "TTTTTTTTT");
}

#[test]
fn dates_are_compared_with_what_says_when() {
    let mut t = table(
        "day:date,at:datetime,clock:time,due:date",
        &[
            "2024-01-01,2024-01-01T00:00:00,00:00,2024-01-02",
            "2024-01-02,2024-01-02 12:30:00,12:30,2024-01-02",
            ",,,",
            "2023-12-31,2023-12-31T23:59:59.5,23:59:59,x",
        ],
    );
    t.check("day >= '2024-01-01'", "TTUF");
    t.check("day = '2024/1/2'", "FTUF");
    t.check("day < date '2024-01-02'", "TFUT");
    t.check("'2024-01-01' <= day", "TTUF");
    t.check("day between '2023-12-31' and '2024-01-01'", "TFUT");
    t.check("day in ('2024-01-01', '2023-12-31')", "TFUT");
    t.check("day < '2024-01-01 12:00'", "TFUT");
    t.check("day <= '2024-01-01 12:00'", "TFUT");
    t.check("day > '2024-01-01 12:00'", "FTUF");
    t.check("day >= '2024-01-01 12:00'", "FTUF");
    t.check("day = '2024-01-01 12:00'", "FFUF");
    t.check("day <> '2024-01-01 12:00'", "TTUT");
    t.check("day = '2024-01-01 00:00'", "TFUF");
    t.check("at >= '2024-01-01'", "TTUF");
    t.check("at = timestamp '2024-01-02T12:30:00'", "FTUF");
    t.check("at > '2023-12-31T23:59:59.4'", "TTUT");
    t.check("at = day", "TFUF");
    t.check("day < at", "FTUT");
    t.check("day < due", "TFUU");
    t.check("clock < '12:30'", "TFUF");
    t.check("clock >= time '12:30:00'", "FTUT");
    t.check("day is null", "FFTF");
    t.check("due is null", "FFTT");
    t.check("date '2024-01-01' < date '2024-01-02'", "TTTT");
}

#[test]
fn only_the_selected_rows_are_answered() {
    let mut t = table("x,s,y", &["1,a,1.5", "2,b,2", "3,c,3.25", "4,d,4"]);
    t.chunk.select(vec![1, 3]);
    for (sql, expect) in [
        ("x > 2", "FT"),
        ("s = 'b'", "TF"),
        ("x + y > 4", "FT"),
        ("x < y", "FF"),
        ("y >= 2.5", "FT"),
        ("s like 'b' or x = 4", "TT"),
        ("s is null", "FF"),
        ("x * 2 in (4, 9)", "TF"),
        ("x / 2 = 1", "TF"),
    ] {
        t.check(sql, expect);
    }
}

#[test]
fn use_decides_what_an_uncast_column_is() {
    let t = table("a,b,n:number,s:text,f:boolean,d:date", &[]);
    let check = |sql: &str, numbers: &[usize], texts: &[usize]| {
        let predicate = Predicate::compile(sql, &t.schema, "filter").unwrap();
        assert_eq!((predicate.numbers(), predicate.texts()), (numbers, texts), "{sql}");
    };
    check("a > 1", &[0], &[]);
    check("a = b", &[], &[0, 1]);
    check("a = 'x'", &[], &[0]);
    check("a + b > n", &[0, 1, 2], &[]);
    check("a = s or a = 1", &[0], &[0, 3]);
    check("a is null", &[], &[0]);
    check("a is null or a < 600", &[0], &[]);
    check("a is null or a < 600 or a = 'x'", &[0], &[0]);
    check("a is null or b < 600", &[1], &[0]);
    check("a in (b, 1)", &[0, 1], &[]);
    check("a in (b, 'x')", &[], &[0, 1]);
    check("a between b and 3", &[0, 1], &[]);
    check("a like 'x%'", &[], &[0]);
    check("f and d > '2024-01-01' or d is null", &[], &[]);
    check("-a = b", &[0, 1], &[]);
}

#[test]
fn operators_of_a_chinese_keyboard_are_known() {
    let mut t = table("价格,城市", &["5,北京", "15,上海", "25,（北京）"]);
    t.check("价格 ＞ 10", "FTT");
    t.check("（价格 ≥ 15） and 城市 ＝ ‘上海’", "FTF");
    t.check("价格 ≤ 15 AND 城市 ≠ '上海'", "TFF");
    t.check("价格 ！＝ 5", "FTT");
    t.check("城市 in （‘北京’，‘上海’）", "TTF");
    t.check("城市 = '（北京）'", "FFT");
    t.check("“价格”　＜ 10", "TFF");
    t.check("`价格` ＋ 1 ＝ 6 -- ‘", "TFF");
    t.check("价格 /* don't */ = 5", "TFF");
}

#[test]
fn any_name_can_be_written() {
    let mut t = table(
        "date,left,a b,x\"y,select,é,Is It?,a.b,value",
        &["2024-01-01,1,2,3,4,5,6,7,8"],
    );
    for sql in [
        "date = '2024-01-01'",
        "left = 1",
        "\"a b\" = 2",
        "`a b` = 2",
        "\"x\"\"y\" = 3",
        "select = 4",
        "é = 5",
        "\"Is It?\" = 6",
        "a.b = 7",
        "\"#2\" = 1",
        "value = 8 and left = 1",
    ] {
        t.check(sql, "T");
    }
}

#[test]
fn errors_say_where_and_what() {
    let t = table("dep_delay,qty:integer,day:date,flag:boolean,city:text,at:datetime,clock:time", &[]);
    for (sql, place, found, hint) in [
        ("dep_dealy < 600", "character 1", "unknown column \"dep_dealy\"", "did you mean \"dep_delay\"?"),
        ("qty > 1 and dep_dealy < 600", "character 13", "unknown column \"dep_dealy\"", "did you mean \"dep_delay\"?"),
        ("（qty ≥ 1） and dep_dealy < 600", "character 15", "unknown column", "did you mean \"dep_delay\"?"),
        ("qty > 1\nand dep_dealy < 600", "line 2, character 5", "unknown column", "did you mean"),
        ("city = \"JFK\"", "character 8", "unknown column \"JFK\"", "single quotes: 'JFK'"),
        ("qty = '600'", "character 7", "column \"qty\" (integer) = the text '600'", "write 600 without quotes"),
        ("qty in (1, '2')", "character 12", "the text '2'", "write 2 without quotes"),
        ("dep_delay in (1, 'x')", "character 18", "used as a number", ""),
        ("city > 5", "character 8", "column \"city\" (text) > the number 5", "write '5' in quotes"),
        ("city = qty", "character 8", "integer", "cast = { \"city\" = \"number\" }"),
        ("day > '01/02/2024'", "character 7", "the text '01/02/2024'", ""),
        ("day > 5", "character 1", "column \"day\" (date) > the number 5", ""),
        ("day > '12:30'", "character 7", "the text '12:30'", ""),
        ("clock > '2024-01-01'", "character 9", "2024-01-01", ""),
        ("clock > at", "character 1", "column \"clock\" (time) > column \"at\" (datetime)", ""),
        ("day > date '2024-01-01 12:00'", "character 12", "with a time", "TIMESTAMP"),
        ("dep_delay > date '2024-01-01'", "character 1", "not cast", "cast = { \"dep_delay\" = \"date\" }"),
        ("day + 1 > 5", "character 1", "column \"day\" (date)", "do not calculate"),
        ("dep_delay", "character 1", "column \"dep_delay\" (text, for it was not cast)", "\"boolean\""),
        ("qty", "character 1", "column \"qty\" (integer)", "compare it with a value"),
        ("qty and flag", "character 1", "column \"qty\" (integer)", "compare it with a value"),
        ("flag = 'true'", "character 8", "the text 'true'", "without quotes"),
        ("dep_delay = true", "character 1", "dep_delay", "\"boolean\""),
        ("flag in (true)", "character 1", "column \"flag\" (boolean) before IN", "IS TRUE"),
        ("1 < qty < 5", "character 9", "a condition < the number 5", "BETWEEN"),
        ("qty + 'x' > 1", "character 7", "the text 'x'", ""),
        ("qty like '1%'", "character 1", "column \"qty\" (integer)", ""),
        ("city like qty", "character 11", "qty", ""),
        ("city like 'a!' escape '!'", "character 11", "ends in its escape", ""),
        ("upper(city) = 'A'", "character 1", "the function upper()", ""),
        ("qty > (select 1)", "character 8", "SELECT", ""),
        ("case when flag then 1 end = 1", "character 1", "CASE", ""),
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
        ("qty = 123456789012345678901234567890123456789", "character 7", "the number 123", ""),
        ("qty = x'ff'", "character 7", "", ""),
        ("qty || 1", "character 5", "\"||\"", "write OR"),
        ("qty::text = '1'", "character 4", "\"::\"", ""),
        ("", "", "an empty expression", "for instance"),
        ("  -- nothing", "", "an empty expression", "for instance"),
        ("?", "character 1", "\"?\"", ""),
        ("\u{0}", "character 1", "", ""),
        ("qty > 1e", "character 8", "", ""),
    ] {
        let error = t.error(sql);
        assert!(error.place.starts_with("step 1, filter"), "{sql}: {error}");
        assert!(error.place.ends_with(place), "{sql}: {error}");
        assert!(error.found.contains(found), "{sql}: {error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{sql}: {error}");
    }
}

#[test]
fn limits_are_stated() {
    // On a stack smaller than any thread gets: depth has to end in an error, and length in an answer.
    let run = || {
        let t = table("x", &["1"]);
        let deep = t.error(&format!("{}x > 1{}", "(".repeat(10_000), ")".repeat(10_000)));
        assert_eq!(deep.expected, format!("at most {} deep", MAX_DEPTH / 2));
        for (open, close) in [("not ", ""), ("- ", ""), ("x = (", ")"), ("(not -", ")"), ("x in (", ")"), ("x between 1 and ", "")] {
            let deep = t.error(&format!("{}x{}", open.repeat(3_000), close.repeat(3_000)));
            assert!(deep.expected.contains("at most"), "{open}: {deep}");
        }
        let long = t.error(&format!("x = 0{}", " + x".repeat(MAX_OPERATORS)));
        assert_eq!(long.found, format!("{} operators", MAX_OPERATORS + 1));
        let long = t.error(&format!("x = 0{}", " + x".repeat(1000)));
        assert!(long.expected.contains("levels"), "{long}");
        let long = t.error(&format!("x is null{}", " is true".repeat(1000)));
        assert!(long.expected.contains("levels"), "{long}");
        let long = t.error(&" ".repeat(MAX_BYTES + 1));
        assert_eq!(long.expected, format!("at most {MAX_BYTES} bytes"));
        let mut t = table("x", &["1", "500", "9999999"]);
        let terms: Vec<String> = (0..2000).map(|n| format!("x = {n}")).collect();
        t.check(&terms.join(" or "), "TTF");
        let items: Vec<String> = (0..20_000).map(|n| n.to_string()).collect();
        t.check(&format!("x in ({})", items.join(", ")), "TTF");
        t.check(&format!("{}x = 1{}", "(".repeat(MAX_DEPTH / 2), ")".repeat(MAX_DEPTH / 2)), "TFF");
        t.check(&format!("x{} = 1", " + 0 * x".repeat(120)), "TFF");
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

/// Mantissas of all sizes, with the edges of the fast paths.
fn mantissa() -> impl Strategy<Value = i128> {
    prop_oneof![
        (-50i128..50),
        any::<i64>().prop_map(i128::from),
        any::<i32>().prop_map(i128::from),
        (-(10i128.pow(38)) + 1..10i128.pow(38)),
        Just(i128::from(i64::MAX)),
        Just(i128::from(i64::MIN)),
    ]
}

fn number() -> impl Strategy<Value = (i128, i32)> {
    (mantissa(), prop_oneof![Just(0), -2..3i32, -20..20i32])
}

/// The value as it is written in a field.
fn written((mantissa, exponent): (i128, i32)) -> String {
    format!("{mantissa}e{exponent}")
}

/// As an integer of `10^-200`.
fn fixed((mantissa, exponent): (i128, i32)) -> BigInt {
    BigInt::from(mantissa) * BigInt::from(10).pow((200 + exponent) as u32)
}

const OPS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

fn holds(op: &str, order: std::cmp::Ordering) -> char {
    let holds = match op {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    };
    if holds { 'T' } else { 'F' }
}

proptest! {
    #[test]
    fn comparisons_agree_with_big_integers(
        cells in prop::collection::vec(number(), 1..20),
        constant in number(),
        upper in number(),
    ) {
        let rows: Vec<String> = cells.iter().map(|cell| written(*cell)).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut t = table("x", &rows);
        for op in OPS {
            let expect: String = cells.iter().map(|cell| holds(op, fixed(*cell).cmp(&fixed(constant)))).collect();
            prop_assert_eq!(t.run(&format!("x {op} {}", written(constant))), expect.clone());
            prop_assert_eq!(t.run(&format!("x + 0 {op} {}", written(constant))), expect.clone());
            prop_assert_eq!(t.run(&format!("x {op} {} + x - x", written(constant))).len(), cells.len());
        }
        let between: String = cells
            .iter()
            .map(|cell| if fixed(*cell) >= fixed(constant) && fixed(*cell) <= fixed(upper) { 'T' } else { 'F' })
            .collect();
        prop_assert_eq!(t.run(&format!("x between {} and {}", written(constant), written(upper))), between);
        let among: String = cells
            .iter()
            .map(|cell| if [constant, upper, cells[0]].iter().any(|value| fixed(*value) == fixed(*cell)) { 'T' } else { 'F' })
            .collect();
        let list = format!("x in ({}, {}, {})", written(constant), written(upper), written(cells[0]));
        prop_assert_eq!(t.run(&list), among);
    }

    #[test]
    fn arithmetic_agrees_with_big_integers(
        cells in prop::collection::vec((-1_000_000_000i128..1_000_000_000, -3..3i32, -1_000_000_000i128..1_000_000_000, -3..3i32), 1..20),
        constant in (-1_000_000_000i128..1_000_000_000, -3..3i32),
    ) {
        let rows: Vec<String> =
            cells.iter().map(|(a, e, b, f)| format!("{},{}", written((*a, *e)), written((*b, *f)))).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut t = table("a,b", &rows);
        let unit = fixed((1, 0));
        let compare = |with: &dyn Fn(BigInt, BigInt) -> BigInt| -> String {
            cells
                .iter()
                .map(|(a, e, b, f)| {
                    let value = with(fixed((*a, *e)), fixed((*b, *f)));
                    holds("<", value.cmp(&fixed(constant)))
                })
                .collect()
        };
        let constant = written(constant);
        prop_assert_eq!(t.run(&format!("a + b < {constant}")), compare(&|a, b| a + b));
        prop_assert_eq!(t.run(&format!("a - b < {constant}")), compare(&|a, b| a - b));
        prop_assert_eq!(t.run(&format!("a * b < {constant}")), compare(&|a, b| a * b / &unit));
        prop_assert_eq!(t.run(&format!("-a < {constant}")), compare(&|a, _| -a));
        let rests: String = cells
            .iter()
            .map(|(a, e, b, f)| if *b == 0 { 'U' } else { holds("=", (fixed((*a, *e)) % fixed((*b, *f))).cmp(&BigInt::ZERO)) })
            .collect();
        prop_assert_eq!(t.run("a % b = 0"), rests);
        let columns: String =
            cells.iter().map(|(a, e, b, f)| holds("<=", fixed((*a, *e)).cmp(&fixed((*b, *f))))).collect();
        prop_assert_eq!(t.run("a <= b"), columns);
    }

    #[test]
    fn nothing_panics(sql in "[ab0-9 ()+*/%<>=!'\"`,.xX‘’“”（）＝≥-]{0,40}", words in prop::collection::vec(0usize..24, 0..14)) {
        const WORDS: [&str; 24] = [
            "a", "b", "1", "2.5", "'x'", "and", "or", "not", "is", "null", "true", "in", "(", ")", ",",
            "between", "like", "=", "<", "+", "/", "-", "date", "escape",
        ];
        let mut t = table("a,b", &["1,x", "2.5,", ",y"]);
        let joined: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
        for sql in [sql, joined.join(" ")] {
            if Predicate::compile(&sql, &t.schema, "filter").is_ok() {
                t.run(&sql);
            }
        }
    }

    #[test]
    fn patterns_agree_with_a_plain_matcher(pattern in "[ab_%]{0,8}", text in "[ab]{0,10}") {
        fn plain(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'%', rest)) => (0..=text.len()).any(|skip| plain(rest, &text[skip..])),
                Some((b'_', rest)) => !text.is_empty() && plain(rest, &text[1..]),
                Some((c, rest)) => text.first() == Some(c) && plain(rest, &text[1..]),
            }
        }
        let compiled = text::Pattern::new(&pattern, None, false).unwrap();
        prop_assert_eq!(compiled.matches(text.as_bytes()), plain(pattern.as_bytes(), text.as_bytes()));
        let any_case = text::Pattern::new(&pattern.to_uppercase(), None, true).unwrap();
        prop_assert_eq!(any_case.matches(text.as_bytes()), plain(pattern.as_bytes(), text.as_bytes()));
    }
}
