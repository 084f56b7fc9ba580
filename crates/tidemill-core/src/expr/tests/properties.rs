//! Comparisons and arithmetic held to big integers, patterns to a plain matcher, and anything at all to
//! not panicking.

use num_bigint::BigInt;
use proptest::prelude::*;

use super::super::{Predicate, text};
use super::table;

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
        let mut t = table("a:number,b:number", &rows);
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
