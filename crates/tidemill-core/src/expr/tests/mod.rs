//! Expressions held to the rules of SQL, on chunks made from text.

use tidemill_csv::{Dialect, Ragged, Span};

use super::*;
use crate::column::Kind;
use crate::recipe::MissingSpec;
use crate::value::class::Type;
use crate::value::{Temporal, boolean, date};

mod errors;
mod functions;
mod oracle;
mod properties;

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
                let ty = Type::ALL
                    .into_iter()
                    .find(|known| known.as_str() == ty)
                    .unwrap();
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
    chunk.load(
        Span::new(0, 0, data.into_bytes(), Vec::new(), true),
        names.len(),
        Ragged::Pad,
    );
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
            None => {
                typed.kind[row] = if cell.is_empty() {
                    Kind::Missing
                } else {
                    Kind::Invalid
                }
            }
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
            self.chunk
                .decode_numbers(*slot, &self.schema.missing[*slot]);
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

    /// The texts of a formula's values, and its reading held to them.
    fn values(&mut self, sql: &str) -> Vec<String> {
        let formula = match Formula::compile(sql, &self.schema, "derive") {
            Ok(formula) => formula,
            Err(error) => panic!("{sql}: {error}"),
        };
        for slot in formula.numbers() {
            let missing = self.schema.missing[*slot].clone();
            self.chunk.decode_numbers(*slot, &missing);
        }
        for slot in formula.texts() {
            self.chunk.decode_text(*slot);
        }
        let values = formula.evaluate(&mut self.chunk, &self.schema.missing);
        let rows = self.chunk.selected_rows();
        let mut from = 0;
        let mut out = Vec::new();
        for (to, row) in values.texts.ends.iter().zip(rows) {
            let text = String::from_utf8(values.texts.bytes[from..*to].to_vec()).unwrap();
            if let (Some(typed), Some(Type::Number)) = (&values.typed, formula.ty()) {
                let read = match crate::number::parse(text.as_bytes()) {
                    crate::number::Parsed::Number(value) => Some(value),
                    _ => None,
                };
                assert_eq!(typed.value(row as usize), read, "{sql}: row {row}");
            }
            out.push(text);
            from = *to;
        }
        out
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
        &[
            "5",
            "5.0",
            "-3",
            "NA",
            "\"\"",
            "abc",
            "nan",
            "inf",
            "-inf",
            "600.5",
            "12345678901234567890123",
            "1e2",
        ],
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
    t.check(
        "x in (1,2,3,4,5,6,7,8,9,10,-3,600.50,12345678901234567890123)",
        "TTTUUUUFFTTF",
    );
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
    let mut t = table(
        "x",
        &[
            "9223372036854775807",
            "-9223372036854775807",
            "-9223372036854775808",
        ],
    );
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
    let mut t = table(
        "a:number,b:number",
        &[
            "0.1,0.2",
            "1,0",
            "3,2",
            ",2",
            "inf,1",
            "99999999999999999999999999999999999999,1",
            "-7,2",
        ],
    );
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
        &[
            "JFK,JFK",
            "LGA,JFK",
            ",JFK",
            "NA,",
            "\"J\"\"K\",x",
            "LaGuardia Airport,LaGuardia Airport",
            "纽约,北京",
            "JFK ,a",
        ],
    );
    t.check("origin = 'JFK'", "TFUFFFFF");
    t.check("origin <> 'JFK'", "FTUTTTTT");
    t.check("'JFK' = origin", "TFUFFFFF");
    t.check("origin in ('JFK', 'LGA')", "TTUFFFFF");
    t.check("origin not in ('JFK', 'LGA')", "FFUTTTTT");
    t.check(
        "origin in ('J\"K', '纽约', 'LaGuardia Airport', 'NA')",
        "FFUTTTTF",
    );
    t.check(
        "origin in ('a','b','c','d','e','f','g','h','i','JFK')",
        "TFUFFFFF",
    );
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
    let mut t = table(
        "s",
        &[
            "Boston",
            "boston",
            "\"\"",
            "100%",
            "a_b",
            "纽约市",
            "axb",
            "STRASSE",
        ],
    );
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
        &[
            "true,true",
            "true,false",
            "true,",
            "false,true",
            "false,false",
            "false,",
            ",true",
            ",false",
            ",",
        ],
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
        assert_eq!(
            (predicate.numbers(), predicate.texts()),
            (numbers, texts),
            "{sql}"
        );
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
    t.check("价格 ＞ １０．５", "FTT");
    t.check("价格＝－５＋１０　or 价格≥２５", "TFT");
    t.check("城市 = ＇上海＇ or ＂价格＂ = .5e1", "TTF");
    t.check("城市 <> '‘' and 城市 <> ‘’‘x’", "TTT");
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
fn words_of_the_language_are_names_where_they_can_stand() {
    let mut t = table(
        "case,end,cast,regexp,when,escape,from,unknown",
        &["1,2,3,4,5,6,7,8"],
    );
    for sql in [
        "case = 1",
        "case + end = 3 and end - case = 1",
        "cast < regexp and regexp < when",
        "escape + from in (13)",
        "unknown = 8 and not unknown is null",
        "case is not null and case between case and end",
        "2 in (case, end)",
    ] {
        t.check(sql, "T");
    }
}

#[test]
fn listed_words_are_missing_in_place_of_the_usual_ones() {
    let mut t = table("x,s", &["-,-", "5,NA", "NA,", "0,b"]);
    let words = ["-".to_string(), "0".to_string()];
    t.schema.missing = vec![Missing::listed(&words); 2];
    t.check("s = 'b'", "UFFT");
    t.check("s is null", "TFFF");
    t.check("s <> '-'", "UTTT");
    t.check("s like '%'", "UTTT");
    t.check("s < 'c'", "UTTT");
    t.check("x < 600", "UTUU");
    t.check("x is null or x < 1", "TFTT");
}
