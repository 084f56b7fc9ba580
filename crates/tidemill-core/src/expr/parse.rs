//! From text to sqlparser's tree.
//!
//! The decision that shaped it: tokens are looked at before the parser sees them. Any word that is not
//! an operator here becomes a quoted name, so a column may be called `left` or `date`; what is not
//! supported is refused where it stands; and the limits that keep the parser's recursion within the
//! stack are stated as such.

use sqlparser::ast::{Expr, Ident};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::normal::Normal;
use crate::error::RecipeError;
use crate::schema::Schema;

/// The longest expression, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of parentheses and operators.
pub(super) const MAX_DEPTH: usize = 64;
/// The most operators in one expression: a chain of them is as deep a tree.
pub(super) const MAX_OPERATORS: usize = 4096;

pub(super) const SUPPORTED: &str = "comparisons (= <> < <= > >=), AND, OR, NOT, IS [NOT] NULL, \
    [NOT] IN (...), [NOT] BETWEEN, [NOT] LIKE, + - * / %, numbers, 'text', DATE '2024-01-31', TRUE, FALSE, NULL and column names";

/// An expression that was read, with what is needed to say where something in it stands.
pub(super) struct Parsed<'a> {
    pub expr: Expr,
    pub normal: Normal,
    pub place: &'a str,
}

impl Parsed<'_> {
    pub(super) fn at(&self, location: Location) -> String {
        at(&self.normal, self.place, location)
    }
}

fn at(normal: &Normal, place: &str, location: Location) -> String {
    match normal.place(location) {
        Some(position) => format!("{place}, {position}"),
        None => place.to_string(),
    }
}

/// Names of any script; nothing else beyond what every dialect has.
#[derive(Debug)]
struct Names;

impl Dialect for Names {
    fn is_delimited_identifier_start(&self, c: char) -> bool {
        c == '"' || c == '`'
    }

    fn is_identifier_start(&self, c: char) -> bool {
        c == '_' || c.is_alphabetic() || (!c.is_ascii() && !c.is_whitespace())
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c == '$' || c.is_alphanumeric() || self.is_identifier_start(c)
    }

    /// Without this the parser takes an operator that it could not finish for a name, and its error
    /// would be of what follows.
    fn is_reserved_for_identifier(&self, word: Keyword) -> bool {
        matches!(
            word,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IN
                | Keyword::IS
                | Keyword::NULL
                | Keyword::BETWEEN
                | Keyword::LIKE
                | Keyword::ILIKE
        )
    }
}

pub(super) fn parse<'a>(
    sql: &str,
    schema: &Schema,
    place: &'a str,
) -> Result<Parsed<'a>, RecipeError> {
    if sql.len() > MAX_BYTES {
        let found = format!("an expression of {} bytes", sql.len());
        return Err(RecipeError::new(
            place,
            found,
            format!("at most {MAX_BYTES} bytes"),
        ));
    }
    let normal = Normal::new(sql);
    let tokens = Tokenizer::new(&Names, &normal.text)
        .tokenize_with_location()
        .map_err(|error| {
            RecipeError::new(
                at(&normal, place, error.location),
                lower(&error.message),
                SUPPORTED,
            )
        })?;
    let tokens = checked(tokens, schema, &normal, place)?;
    if tokens.is_empty() {
        return Err(
            RecipeError::new(place, "an empty expression", "a condition")
                .hint("for instance: price > 10 AND city = 'Oslo'"),
        );
    }
    let mut parser = Parser::new(&Names)
        .with_recursion_limit(MAX_DEPTH)
        .with_tokens_with_locations(tokens);
    let expr = parser
        .parse_expr()
        .map_err(|error| refused(&error, &normal, place))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let place = at(&normal, place, next.span.start);
        let error = RecipeError::new(place, shown(&next.token), "an operator, or the end");
        return Err(match next.token {
            Token::Word(_) | Token::Number(..) | Token::SingleQuotedString(_) => {
                error.hint("two conditions are joined with AND or OR; names with other characters are written \"in double quotes\"")
            }
            _ => error,
        });
    }
    Ok(Parsed {
        expr,
        normal,
        place,
    })
}

/// The tokens without white space, if all of them are supported; words that are not operators are
/// names.
fn checked(
    tokens: Vec<TokenWithSpan>,
    schema: &Schema,
    normal: &Normal,
    place: &str,
) -> Result<Vec<TokenWithSpan>, RecipeError> {
    let mut tokens: Vec<TokenWithSpan> = tokens
        .into_iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .collect();
    let mut depth = 0usize;
    let mut operators = 0usize;
    for index in 0..tokens.len() {
        let next = tokens.get(index + 1).map(|token| token.token.clone());
        let start = tokens[index].span.start;
        let here = || at(normal, place, start);
        match &mut tokens[index].token {
            Token::Word(word) => {
                if word.quote_style.is_none() {
                    let keyword = role(word.keyword, next.as_ref());
                    if keyword {
                        operators += 1;
                        continue;
                    }
                    let known = schema.names().any(|name| name == word.value);
                    if !known && is_refused(word.keyword) {
                        let found = word.value.to_uppercase();
                        return Err(RecipeError::new(here(), found, SUPPORTED));
                    }
                    if !known && next == Some(Token::LParen) {
                        let found = format!("the function {}()", word.value);
                        return Err(RecipeError::new(here(), found, SUPPORTED));
                    }
                    word.quote_style = Some('"');
                    word.keyword = Keyword::NoKeyword;
                }
            }
            Token::LParen => {
                depth += 1;
                if depth > MAX_DEPTH / 2 {
                    let found = format!("parentheses {depth} deep");
                    let expected = format!("at most {} deep", MAX_DEPTH / 2);
                    return Err(RecipeError::new(here(), found, expected));
                }
            }
            Token::RParen => depth = depth.saturating_sub(1),
            Token::DoubleEq
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::Gt
            | Token::LtEq
            | Token::GtEq
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod => operators += 1,
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Comma | Token::Period => {}
            other => {
                let error = RecipeError::new(here(), shown(other), SUPPORTED);
                return Err(match other {
                    Token::Overlap => error.hint("write AND"),
                    Token::StringConcat => error.hint("write OR"),
                    Token::ExclamationMark => error.hint("write NOT"),
                    Token::Spaceship | Token::Assignment => error.hint("write ="),
                    Token::SemiColon => error.hint("a filter is one expression"),
                    _ => error,
                });
            }
        }
        if operators > MAX_OPERATORS {
            let expected = format!("at most {MAX_OPERATORS}");
            return Err(
                RecipeError::new(here(), format!("{operators} operators"), expected)
                    .hint("many values of one column are shorter as: column IN (...)"),
            );
        }
    }
    Ok(tokens)
}

/// Whether the word is an operator or a literal where it stands, and not a name.
fn role(keyword: Keyword, next: Option<&Token>) -> bool {
    let before_text = matches!(next, Some(Token::SingleQuotedString(_)));
    match keyword {
        Keyword::AND
        | Keyword::OR
        | Keyword::NOT
        | Keyword::IN
        | Keyword::IS
        | Keyword::NULL
        | Keyword::BETWEEN
        | Keyword::LIKE
        | Keyword::ILIKE
        | Keyword::TRUE
        | Keyword::FALSE
        | Keyword::UNKNOWN => true,
        Keyword::DATE
        | Keyword::TIME
        | Keyword::TIMESTAMP
        | Keyword::DATETIME
        | Keyword::ESCAPE => before_text,
        _ => false,
    }
}

/// Words of SQL that nobody means as a name.
fn is_refused(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::SELECT
            | Keyword::CASE
            | Keyword::EXISTS
            | Keyword::INTERVAL
            | Keyword::ANY
            | Keyword::ALL
            | Keyword::SOME
            | Keyword::XOR
            | Keyword::DIV
            | Keyword::RLIKE
            | Keyword::REGEXP
            | Keyword::GLOB
            | Keyword::SIMILAR
            | Keyword::COLLATE
            | Keyword::DISTINCT
    )
}

/// A token in words, cut if it is long.
fn shown(token: &Token) -> String {
    let text = match token {
        Token::EOF => return "the end of the expression".to_string(),
        Token::Word(word) => word.value.clone(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "..." } else { "" };
    format!("\"{short}{more}\"")
}

/// The parser's own error, in the four parts of ours.
fn refused(error: &ParserError, normal: &Normal, place: &str) -> RecipeError {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return RecipeError::new(
                place,
                "an expression nested too deep",
                format!(
                    "at most {MAX_DEPTH} levels of operators and {} of parentheses",
                    MAX_DEPTH / 2
                ),
            );
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (message, location) = match message.rsplit_once(" at Line: ") {
        Some((message, position)) => (message, location(position)),
        None => (&message[..], None),
    };
    let position = match location {
        Some(location) => at(normal, place, location),
        None => format!("{place}, {}", normal.end()),
    };
    match message
        .strip_prefix("Expected: ")
        .and_then(|rest| rest.split_once(", found: "))
    {
        Some((_, "EOF")) => RecipeError::new(
            position,
            "the end of the expression",
            "a column, a value or a closing parenthesis",
        ),
        Some((expected, found)) => {
            let short: String = found.chars().take(40).collect();
            let expected = match expected {
                "an expression" => "a column or a value",
                expected if expected.starts_with("[NOT] NULL") => "NULL, TRUE, FALSE or UNKNOWN",
                expected => expected,
            };
            RecipeError::new(position, short, expected)
        }
        None => RecipeError::new(position, lower(message), SUPPORTED),
    }
}

fn location(text: &str) -> Option<Location> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Location::new(line.parse().ok()?, column.parse().ok()?))
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Where an expression starts. It goes down the left side in a loop, because a chain may be as deep
/// as it is long.
pub(super) fn start(mut expr: &Expr) -> Location {
    loop {
        expr = match expr {
            Expr::Identifier(Ident { span, .. }) => return span.start,
            Expr::CompoundIdentifier(parts) => {
                return parts
                    .first()
                    .map_or(Location::empty(), |part| part.span.start);
            }
            Expr::Value(value) => return value.span.start,
            Expr::TypedString(typed) => return typed.value.span.start,
            Expr::BinaryOp { left, .. } => left,
            Expr::Nested(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner) => inner,
            Expr::UnaryOp { expr, .. }
            | Expr::In { expr, .. }
            | Expr::Between { expr, .. }
            | Expr::Like { expr, .. }
            | Expr::ILike { expr, .. } => expr,
            _ => return Location::empty(),
        };
    }
}
