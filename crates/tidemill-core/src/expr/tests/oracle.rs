//! Our parser held to another one: the same text must give the same tree.

use proptest::prelude::*;
use sqlparser::ast::{
    self as sql, BinaryOperator, FunctionArg, FunctionArgExpr, FunctionArguments, InTarget,
    UnaryOperator, Value,
};
use sqlparser::dialect::PostgreSqlDialect;

use super::super::ast::{Expr, Is, Kind, Matcher, Operator};
use super::super::parse::parse;

/// The operators written out in full, each with its parentheses. Chains of AND and of OR are flat.
fn ours(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(ours).collect::<Vec<_>>().join(" ");
    let no = |negated: bool| if negated { "not-" } else { "" };
    match &expr.kind {
        Kind::Null => "null".to_string(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Number(text) => format!("#{text}"),
        Kind::Text(text) => format!("'{text}'"),
        Kind::Typed(word, text) => format!("({word} '{text}')"),
        Kind::Column(name) => format!("[{name}]"),
        Kind::Sign { minus, of } => {
            format!("({} {})", if *minus { "neg" } else { "pos" }, ours(of))
        }
        Kind::Not(of) => format!("(not {})", ours(of)),
        Kind::All(terms) => format!("(and {})", list(terms)),
        Kind::Any(terms) => format!("(or {})", list(terms)),
        Kind::Fold(first, rest) => rest.iter().fold(ours(first), |left, applied| {
            let sign = match applied.operator {
                Operator::Add => "+",
                Operator::Subtract => "-",
                Operator::Multiply => "*",
                Operator::Divide => "/",
                Operator::Remainder => "%",
                Operator::Concat => "||",
            };
            format!("({sign} {left} {})", ours(&applied.to))
        }),
        Kind::Compare(op, sides) => format!("({} {})", op.sign(), list(&sides[..])),
        Kind::Is { of, what, negated } => {
            let what = match what {
                Is::Null => "null",
                Is::True => "true",
                Is::False => "false",
                Is::Unknown => "unknown",
            };
            format!("(is-{}{what} {})", no(*negated), ours(of))
        }
        Kind::In { of, items, negated } => {
            format!("({}in {} {})", no(*negated), ours(of), list(items))
        }
        Kind::Between { of, negated } => format!("({}between {})", no(*negated), list(&of[..])),
        Kind::Match(m) => {
            let word = match m.matcher {
                Matcher::Like => "like",
                Matcher::AnyCaseLike => "ilike",
                Matcher::Regexp => "regexp",
            };
            let escape = m.escape.as_ref().map(|e| format!(" {}", ours(e)));
            format!(
                "({}{word} {} {}{})",
                no(m.negated),
                ours(&m.of),
                ours(&m.pattern),
                escape.unwrap_or_default()
            )
        }
        Kind::Case(case) => {
            let branches: String = case
                .branches
                .iter()
                .map(|(when, then)| format!(" {} {}", ours(when), ours(then)))
                .collect();
            let of = case.of.as_ref().map_or("-".to_string(), ours);
            let otherwise = case.otherwise.as_ref().map_or("-".to_string(), ours);
            format!("(case {of}{branches} {otherwise})")
        }
        Kind::Cast { of, to } => format!("(cast {} {})", ours(of), to.name.to_uppercase()),
        Kind::Call { name, arguments } => format!("(call {name} {})", list(arguments)),
        Kind::Extract { part, of } => format!("(extract {} {})", part.to_uppercase(), ours(of)),
        Kind::List(items) => format!("(list {})", list(items)),
    }
}

fn theirs(expr: &sql::Expr) -> String {
    let list = |items: &[sql::Expr]| items.iter().map(theirs).collect::<Vec<_>>().join(" ");
    let no = |negated: bool| if negated { "not-" } else { "" };
    let like = |word: &str,
                negated: bool,
                expr: &sql::Expr,
                pattern: &sql::Expr,
                escape: Option<&sql::Expr>| {
        let escape = escape.map(|e| format!(" {}", theirs(e)));
        format!(
            "({}{word} {} {}{})",
            no(negated),
            theirs(expr),
            theirs(pattern),
            escape.unwrap_or_default()
        )
    };
    let value = |value: &Value| match value {
        Value::Null => "null".to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Number(text, _) => format!("#{text}"),
        Value::SingleQuotedString(text) => format!("'{text}'"),
        other => panic!("{other}"),
    };
    match expr {
        sql::Expr::Identifier(ident) => format!("[{}]", ident.value),
        sql::Expr::CompoundIdentifier(parts) => {
            let parts: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
            format!("[{}]", parts.join("."))
        }
        sql::Expr::Nested(inner) => theirs(inner),
        sql::Expr::Value(of) => value(&of.value),
        sql::Expr::TypedString(typed) => {
            format!("({} {})", typed.data_type, value(&typed.value.value))
        }
        sql::Expr::UnaryOp { op, expr } => {
            let word = match op {
                UnaryOperator::Minus => "neg",
                UnaryOperator::Plus => "pos",
                UnaryOperator::Not => "not",
                other => panic!("{other}"),
            };
            format!("({word} {})", theirs(expr))
        }
        sql::Expr::BinaryOp { left, op, right } => {
            let word = match op {
                BinaryOperator::And => "and".to_string(),
                BinaryOperator::Or => "or".to_string(),
                BinaryOperator::PGRegexMatch => "regexp".to_string(),
                BinaryOperator::PGRegexNotMatch => "not-regexp".to_string(),
                other => other.to_string(),
            };
            let mut left = theirs(left);
            // A chain that goes on.
            if matches!(op, BinaryOperator::And | BinaryOperator::Or)
                && let Some(chain) = left.strip_prefix(&format!("({word} "))
            {
                left = chain[..chain.len() - 1].to_string();
            }
            format!("({word} {left} {})", theirs(right))
        }
        sql::Expr::IsNull(of) => format!("(is-null {})", theirs(of)),
        sql::Expr::IsNotNull(of) => format!("(is-not-null {})", theirs(of)),
        sql::Expr::IsTrue(of) => format!("(is-true {})", theirs(of)),
        sql::Expr::IsNotTrue(of) => format!("(is-not-true {})", theirs(of)),
        sql::Expr::IsFalse(of) => format!("(is-false {})", theirs(of)),
        sql::Expr::IsNotFalse(of) => format!("(is-not-false {})", theirs(of)),
        sql::Expr::IsUnknown(of) => format!("(is-unknown {})", theirs(of)),
        sql::Expr::IsNotUnknown(of) => format!("(is-not-unknown {})", theirs(of)),
        sql::Expr::Between {
            expr,
            negated,
            low,
            high,
        } => format!(
            "({}between {} {} {})",
            no(*negated),
            theirs(expr),
            theirs(low),
            theirs(high)
        ),
        sql::Expr::In {
            expr,
            target: InTarget::List(items),
            negated,
            ..
        } => format!("({}in {} {})", no(*negated), theirs(expr), list(items)),
        sql::Expr::Like {
            negated,
            expr,
            pattern,
            escape_char,
            ..
        } => like("like", *negated, expr, pattern, escape_char.as_deref()),
        sql::Expr::ILike {
            negated,
            expr,
            pattern,
            escape_char,
            ..
        } => like("ilike", *negated, expr, pattern, escape_char.as_deref()),
        sql::Expr::RLike {
            negated,
            expr,
            pattern,
            ..
        } => like("regexp", *negated, expr, pattern, None),
        sql::Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let branches: String = conditions
                .iter()
                .map(|when| format!(" {} {}", theirs(&when.condition), theirs(&when.result)))
                .collect();
            let or =
                |expr: &Option<Box<sql::Expr>>| expr.as_deref().map_or("-".to_string(), theirs);
            format!("(case {}{branches} {})", or(operand), or(else_result))
        }
        sql::Expr::Cast {
            expr, data_type, ..
        } => format!("(cast {} {data_type})", theirs(expr)),
        sql::Expr::Extract { field, expr, .. } => format!("(extract {field} {})", theirs(expr)),
        sql::Expr::Function(call) => {
            let FunctionArguments::List(arguments) = &call.args else {
                panic!("{call}");
            };
            let arguments: Vec<String> = arguments
                .args
                .iter()
                .map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => theirs(expr),
                    other => panic!("{other}"),
                })
                .collect();
            format!("(call {} {})", call.name, arguments.join(" "))
        }
        other => panic!("{other:?}"),
    }
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a", "b", "价格", "\"x y\"", "\"q\"\"q\"", "t.u", "\"t\".\"u v\"", "Δ", "_n", "é1",
        ])
        .prop_map(String::from),
        3 => prop::sample::select(vec!["0", "1", "2.50", ".5", "3.", "1e9", "2E-3", "007"])
            .prop_map(String::from),
        2 => prop::sample::select(vec!["'x'", "''", "'it''s'", "'（“'", "'-- /*'"]).prop_map(String::from),
        1 => prop::sample::select(vec!["null", "TRUE", "false", "date '2024-01-31'", "Timestamp '2024'"])
            .prop_map(String::from),
    ]
}

/// Operands and operators in a row, with parentheses here and there, so that precedence decides.
fn written() -> impl Strategy<Value = String> {
    let operand = leaf().prop_recursive(4, 48, 6, |inner| {
        let any = || inner.clone();
        let infix = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "||", "=", "<>", "!=", "<", "<=", ">", ">=", "and", "OR", "And", "or",
            "like", "not ilike",
        ]);
        let loose = prop::collection::vec((infix, any()), 1..5);
        let chain = (any(), loose).prop_map(|(first, rest)| {
            rest.into_iter()
                .fold(first, |left, (op, right)| format!("{left} {op} {right}"))
        });
        let test = prop::sample::select(vec![
            "is null", "IS NOT NULL", "is true", "is not true", "is false", "is not false", "is unknown",
            "is not unknown", "::text", "::date",
        ]);
        let not = prop::sample::select(vec!["", "not "]);
        prop_oneof![
            4 => chain.clone(),
            3 => chain.prop_map(|chain| format!("({chain})")),
            1 => (prop::sample::select(vec!["- ", "+ ", "not "]), any()).prop_map(|(op, of)| format!("{op}{of}")),
            1 => (any(), test).prop_map(|(of, test)| format!("{of} {test}")),
            1 => (any(), not.clone(), any(), any())
                .prop_map(|(of, not, low, high)| format!("{of} {not}between {low} and {high}")),
            1 => (any(), not, prop::collection::vec(any(), 1..4))
                .prop_map(|(of, not, items)| format!("{of} {not}in ({})", items.join(", "))),
            1 => (any(), any()).prop_map(|(of, pattern)| format!("{of} like {pattern} escape '!'")),
            1 => (prop::option::of(any()), prop::collection::vec((any(), any()), 1..3), prop::option::of(any()))
                .prop_map(|(of, branches, otherwise)| {
                    let of = of.map(|of| format!(" ({of})")).unwrap_or_default();
                    let branches: String =
                        branches.iter().map(|(when, then)| format!(" when {when} then {then}")).collect();
                    let otherwise = otherwise.map(|of| format!(" else {of}")).unwrap_or_default();
                    format!("case{of}{branches}{otherwise} end")
                }),
            // The other parser ranks these as its dialects do, and not with LIKE.
            1 => (any(), prop::sample::select(vec!["~", "!~", "regexp", "not rlike"]), any())
                .prop_map(|(of, op, pattern)| format!("(({of}) {op} ({pattern}))")),
            1 => any().prop_map(|of| format!("cast({of} as date)")),
            1 => any().prop_map(|of| format!("extract(year from {of})")),
            1 => prop::collection::vec(any(), 0..4).prop_map(|items| format!("f({})", items.join(", "))),
        ]
    });
    operand.prop_filter("a text of words", |sql| sql.len() < 2000)
}

fn oracle(text: &str) -> Result<String, String> {
    let dialect = PostgreSqlDialect {};
    let mut parser = sqlparser::parser::Parser::new(&dialect)
        .with_recursion_limit(1000)
        .try_with_sql(text)
        .map_err(|error| error.to_string())?;
    let expr = parser.parse_expr().map_err(|error| error.to_string())?;
    match parser.peek_token().token {
        sqlparser::tokenizer::Token::EOF => Ok(theirs(&expr)),
        other => Err(format!("left over: {other}")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn both_parsers_read_the_same_tree(text in written()) {
        match (parse(&text, "filter"), oracle(&text)) {
            (Ok(parsed), Ok(tree)) => prop_assert_eq!(ours(&parsed.expr), tree, "{}", text),
            (Ok(parsed), Err(error)) => {
                prop_assert!(false, "{}\nours {}\ntheirs {}", text, ours(&parsed.expr), error);
            }
            (Err(error), Ok(tree)) => {
                // Our limits are lower, and a comparison is no lower bound without parentheses.
                let known = error.expected.contains("at most") || error.expected == "AND";
                prop_assert!(known, "{}\n{}\ntheirs {}", text, error, tree);
            }
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "\\PC{0,60}") {
        if let Err(error) = parse(&text, "filter") {
            prop_assert!(error.place.starts_with("filter"));
            prop_assert!(!error.found.is_empty() && !error.expected.is_empty());
        }
    }
}
