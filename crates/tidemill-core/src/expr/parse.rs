//! From tokens to a tree, by the precedence of operators.
//!
//! The decision that shaped it: the parser is ours. What a filter or a formula may say is small, its
//! errors have to point into what was typed, and names come from headers: in any script, and spelt like
//! any word. So a word has a meaning of its own only where that meaning can stand, and is a name
//! elsewhere.
//!
//! Operators bind as in PostgreSQL, from loose to tight: OR; AND; NOT; IS; comparisons; BETWEEN, IN,
//! LIKE and REGEXP; `||`; `+ -`; `* / %`; a sign; `::`.

use super::ast::{Applied, Case, Expr, Is, Kind, Match, Matcher, Operator, Spot, TypeName};
use super::lex::{self, Placed, Token};
use super::tree::Op;
use crate::error::RecipeError;

/// The longest expression, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of operators, parentheses and calls.
pub(super) const MAX_DEPTH: usize = 64;
/// The most operators in one expression.
pub(super) const MAX_OPERATORS: usize = 4096;
/// The most comparisons, tests and casts that are applied to each other without parentheses.
const MAX_LEVELS: usize = 16;

pub(super) const SUPPORTED: &str = "comparisons (= <> < <= > >=), AND, OR, NOT, IS [NOT] NULL, \
    [NOT] IN (...), [NOT] BETWEEN, [NOT] LIKE, + - * / % ||, REGEXP, CASE, CAST, functions, numbers, 'text', DATE '2024-01-31', TRUE, FALSE, NULL and column names";

/// An expression that was read, with what is needed to say where something in it stands.
pub(super) struct Parsed<'a> {
    pub expr: Expr,
    pub sql: &'a str,
    pub place: &'a str,
}

impl Parsed<'_> {
    pub(super) fn at(&self, spot: Spot) -> String {
        at(self.sql, self.place, spot)
    }
}

fn at(sql: &str, place: &str, spot: Spot) -> String {
    format!("{place}, {}", lex::place(sql, spot))
}

/// How tight an operator binds.
type Binding = u8;
const LOOSEST: Binding = 0;
const OR: Binding = 1;
const AND: Binding = 2;
const NOT: Binding = 3;
const IS: Binding = 4;
const COMPARISON: Binding = 5;
const MATCH: Binding = 6;
const CONCAT: Binding = 7;
const SUM: Binding = 8;
const PRODUCT: Binding = 9;
const SIGN: Binding = 10;
const CAST: Binding = 11;

/// What may follow a value.
#[derive(Clone, Copy)]
enum Infix {
    And,
    Or,
    Fold(Operator),
    Compare(Op),
    Is,
    In,
    Between,
    Match(Matcher),
    Cast,
}

impl Infix {
    fn binding(self) -> Binding {
        match self {
            Infix::Or => OR,
            Infix::And => AND,
            Infix::Is => IS,
            Infix::Compare(_) => COMPARISON,
            Infix::In | Infix::Between | Infix::Match(_) => MATCH,
            Infix::Fold(Operator::Concat) => CONCAT,
            Infix::Fold(Operator::Add | Operator::Subtract) => SUM,
            Infix::Fold(_) => PRODUCT,
            Infix::Cast => CAST,
        }
    }
}

/// Words that are no name where a value is expected.
const RESERVED: [&str; 8] = ["AND", "OR", "NOT", "IN", "IS", "BETWEEN", "LIKE", "ILIKE"];
/// Words of SQL that nobody means as a name, unless a column has it.
const REFUSED: [&str; 12] = [
    "SELECT", "EXISTS", "INTERVAL", "ANY", "ALL", "SOME", "XOR", "DIV", "GLOB", "SIMILAR",
    "COLLATE", "DISTINCT",
];

struct Parser<'a> {
    tokens: Vec<Placed>,
    next: usize,
    sql: &'a str,
    place: &'a str,
    depth: usize,
    parentheses: usize,
    operators: usize,
}

pub(super) fn parse<'a>(sql: &'a str, place: &'a str) -> Result<Parsed<'a>, RecipeError> {
    if sql.len() > MAX_BYTES {
        let found = format!("an expression of {} bytes", sql.len());
        let expected = format!("at most {MAX_BYTES} bytes");
        return Err(RecipeError::new(place, found, expected));
    }
    let tokens = lex::tokens(sql).map_err(|open| {
        let found = format!("an unterminated {}", open.what);
        let expected = match open.what {
            "text" => "a closing quote; a quote in a text is written twice: 'it''s'",
            "name" => "a closing quote; a quote in a name is written twice",
            _ => "*/",
        };
        RecipeError::new(at(sql, place, open.at), found, expected)
    })?;
    if tokens.len() == 1 {
        return Err(
            RecipeError::new(place, "an empty expression", "a condition")
                .hint("for instance: price > 10 AND city = 'Oslo'"),
        );
    }
    let mut parser = Parser {
        tokens,
        next: 0,
        sql,
        place,
        depth: 0,
        parentheses: 0,
        operators: 0,
    };
    let expr = parser.expr(LOOSEST)?;
    if *parser.token() != Token::End {
        return Err(parser.left_over());
    }
    Ok(Parsed { expr, sql, place })
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &Token {
        self.tokens
            .get(self.next + by)
            .map_or(&Token::End, |placed| &placed.token)
    }

    fn spot(&self) -> Spot {
        self.tokens
            .get(self.next)
            .map_or(self.sql.len(), |placed| placed.at)
    }

    fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> RecipeError {
        self.error_at(self.spot(), found, expected)
    }

    fn error_at(
        &self,
        spot: Spot,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> RecipeError {
        RecipeError::new(at(self.sql, self.place, spot), found, expected)
    }

    /// The next token is not what was expected.
    fn unexpected(&self, expected: &str) -> RecipeError {
        self.error(shown(self.token()), expected)
    }

    fn is_word(&self, by: usize, word: &str) -> bool {
        matches!(self.ahead(by), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn is_sign(&self, by: usize, sign: &str) -> bool {
        matches!(self.ahead(by), Token::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = self.is_word(0, word);
        self.next += usize::from(taken);
        taken
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let taken = self.is_sign(0, sign);
        self.next += usize::from(taken);
        taken
    }

    fn want_sign(&mut self, sign: &str, expected: &str) -> Result<(), RecipeError> {
        match self.take_sign(sign) {
            true => Ok(()),
            false => Err(self.unexpected(expected)),
        }
    }

    fn want_word(&mut self, word: &str) -> Result<(), RecipeError> {
        match self.take_word(word) {
            true => Ok(()),
            false => Err(self.unexpected(word)),
        }
    }

    /// Counts an operator that stands here.
    fn count(&mut self) -> Result<(), RecipeError> {
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            return Ok(());
        }
        let found = format!("{} operators", self.operators);
        Err(self
            .error(found, format!("at most {MAX_OPERATORS}"))
            .hint("many values of one column are shorter as: column IN (...)"))
    }

    /// An expression of operators that bind tighter than `than`.
    fn expr(&mut self, than: Binding) -> Result<Expr, RecipeError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let most = MAX_DEPTH / 2;
            return Err(self.error(
                "an expression nested too deep",
                format!("at most {MAX_DEPTH} levels of operators and {most} of parentheses"),
            ));
        }
        let mut left = self.operand()?;
        let mut levels = 0;
        while let Some((infix, negated)) = self.infix() {
            if infix.binding() <= than {
                break;
            }
            if !matches!(infix, Infix::And | Infix::Or | Infix::Fold(_)) {
                levels += 1;
                if levels > MAX_LEVELS {
                    let found = format!("{levels} operators on one value");
                    return Err(self.error(found, format!("at most {MAX_LEVELS} levels")));
                }
            }
            self.count()?;
            left = self.applied(left, infix, negated)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// The operator that stands here, and whether NOT stands before it.
    fn infix(&self) -> Option<(Infix, bool)> {
        let word = match self.token() {
            Token::Sign(sign) => {
                let not = *sign == "!~";
                let infix = match *sign {
                    "=" | "==" => Infix::Compare(Op::Equal),
                    "<>" | "!=" => Infix::Compare(Op::NotEqual),
                    "<" => Infix::Compare(Op::Less),
                    "<=" => Infix::Compare(Op::LessEqual),
                    ">" => Infix::Compare(Op::Greater),
                    ">=" => Infix::Compare(Op::GreaterEqual),
                    "+" => Infix::Fold(Operator::Add),
                    "-" => Infix::Fold(Operator::Subtract),
                    "*" => Infix::Fold(Operator::Multiply),
                    "/" => Infix::Fold(Operator::Divide),
                    "%" => Infix::Fold(Operator::Remainder),
                    "||" => Infix::Fold(Operator::Concat),
                    "::" => Infix::Cast,
                    "~" | "!~" => Infix::Match(Matcher::Regexp),
                    _ => return None,
                };
                return Some((infix, not));
            }
            Token::Word(word) => word,
            _ => return None,
        };
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("NOT") {
            return self.negatable(1).map(|infix| (infix, true));
        }
        let infix = match () {
            () if is("AND") => Infix::And,
            () if is("OR") => Infix::Or,
            () if is("IS") => Infix::Is,
            () => return self.negatable(0).map(|infix| (infix, false)),
        };
        Some((infix, false))
    }

    /// An operator before which NOT may stand.
    fn negatable(&self, by: usize) -> Option<Infix> {
        let is = |known: &str| self.is_word(by, known);
        Some(match () {
            () if is("IN") => Infix::In,
            () if is("BETWEEN") => Infix::Between,
            () if is("LIKE") => Infix::Match(Matcher::Like),
            () if is("ILIKE") => Infix::Match(Matcher::AnyCaseLike),
            () if is("REGEXP") || is("RLIKE") => Infix::Match(Matcher::Regexp),
            () => return None,
        })
    }

    /// Takes the operator and what follows it.
    fn applied(&mut self, left: Expr, infix: Infix, negated: bool) -> Result<Expr, RecipeError> {
        let start = left.at;
        self.next += usize::from(self.is_word(0, "NOT"));
        let operator_at = self.spot();
        self.next += 1;
        let kind = match infix {
            Infix::And => {
                let right = self.expr(AND)?;
                let mut terms = match left.kind {
                    Kind::All(terms) => terms,
                    kind => vec![Expr { at: start, kind }],
                };
                terms.push(right);
                Kind::All(terms)
            }
            Infix::Or => {
                let right = self.expr(OR)?;
                let mut terms = match left.kind {
                    Kind::Any(terms) => terms,
                    kind => vec![Expr { at: start, kind }],
                };
                terms.push(right);
                Kind::Any(terms)
            }
            Infix::Fold(operator) => {
                let to = self.expr(infix.binding())?;
                let (first, mut rest) = match left.kind {
                    Kind::Fold(first, rest) => (first, rest),
                    kind => (Box::new(Expr { at: start, kind }), Vec::new()),
                };
                rest.push(Applied {
                    operator,
                    at: operator_at,
                    to,
                });
                Kind::Fold(first, rest)
            }
            Infix::Compare(op) => {
                let right = self.expr(COMPARISON)?;
                Kind::Compare(op, Box::new([left, right]))
            }
            Infix::Is => {
                let negated = self.take_word("NOT");
                let what = match () {
                    () if self.is_word(0, "NULL") => Is::Null,
                    () if self.is_word(0, "TRUE") => Is::True,
                    () if self.is_word(0, "FALSE") => Is::False,
                    () if self.is_word(0, "UNKNOWN") => Is::Unknown,
                    () => return Err(self.unexpected("NULL, TRUE, FALSE or UNKNOWN")),
                };
                self.next += 1;
                let of = Box::new(left);
                Kind::Is { of, what, negated }
            }
            Infix::In => {
                self.open("an opening parenthesis and values after IN")?;
                let items = self.list()?;
                let of = Box::new(left);
                Kind::In { of, items, negated }
            }
            Infix::Between => {
                let low = self.expr(MATCH)?;
                self.want_word("AND")?;
                let high = self.expr(MATCH)?;
                let of = Box::new([left, low, high]);
                Kind::Between { of, negated }
            }
            Infix::Match(matcher) => {
                let pattern = self.expr(MATCH)?;
                let escape = match matcher != Matcher::Regexp && self.take_word("ESCAPE") {
                    true => Some(self.expr(MATCH)?),
                    false => None,
                };
                Kind::Match(Box::new(Match {
                    matcher,
                    at: operator_at,
                    of: left,
                    pattern,
                    escape,
                    negated,
                }))
            }
            Infix::Cast => {
                let to = self.type_name(operator_at)?;
                let of = Box::new(left);
                Kind::Cast { of, to }
            }
        };
        Ok(Expr { at: start, kind })
    }

    /// What stands before, between and after operators.
    fn operand(&mut self) -> Result<Expr, RecipeError> {
        let start = self.spot();
        let kind = match self.token().clone() {
            Token::Number(number) => {
                self.next += 1;
                Kind::Number(number)
            }
            Token::Text(text) => {
                self.next += 1;
                Kind::Text(text)
            }
            Token::Quoted(name) => {
                self.next += 1;
                self.column(name)?
            }
            Token::Word(word) => return self.word(word),
            Token::Sign(sign @ ("-" | "+")) => {
                self.next += 1;
                if !matches!(self.token(), Token::Number(_)) {
                    self.count()?;
                }
                let of = Box::new(self.expr(SIGN)?);
                // The place of a signed value is that of the value.
                let at = of.at;
                let minus = sign == "-";
                return Ok(Expr {
                    at,
                    kind: Kind::Sign { minus, of },
                });
            }
            Token::Sign("(") => {
                self.open("an opening parenthesis")?;
                let mut items = self.list()?;
                match items.len() {
                    1 => return Ok(items.remove(0)),
                    _ => {
                        let at = items.first().map_or(start, |item| item.at);
                        let kind = Kind::List(items);
                        return Ok(Expr { at, kind });
                    }
                }
            }
            Token::End => {
                return Err(self.unexpected("a column, a value or a closing parenthesis"));
            }
            _ => return Err(self.not_a_value()),
        };
        Ok(Expr { at: start, kind })
    }

    /// A word where a value is expected.
    fn word(&mut self, word: String) -> Result<Expr, RecipeError> {
        let start = self.spot();
        let upper = word.to_ascii_uppercase();
        let simple = |kind| Ok(Expr { at: start, kind });
        match &upper[..] {
            "NULL" | "TRUE" | "FALSE" => {
                self.next += 1;
                return simple(match &upper[..] {
                    "NULL" => Kind::Null,
                    literal => Kind::Boolean(literal == "TRUE"),
                });
            }
            "NOT" => {
                self.next += 1;
                self.count()?;
                let of = self.expr(NOT)?;
                return Ok(Expr {
                    at: of.at,
                    kind: Kind::Not(Box::new(of)),
                });
            }
            "CASE" if self.is_word(1, "WHEN") || self.begins_value(1) => return self.case(),
            reserved if RESERVED.contains(&reserved) => return Err(self.not_a_value()),
            _ => {}
        }
        if let Token::Text(text) = self.ahead(1).clone() {
            let typed = match &upper[..] {
                "DATE" => "DATE",
                "TIME" => "TIME",
                "TIMESTAMP" => "TIMESTAMP",
                "DATETIME" => "DATETIME",
                _ => {
                    return Err(self
                        .error(format!("\"{word}\" before a text"), SUPPORTED)
                        .hint("only DATE, TIME, TIMESTAMP and DATETIME stand before a text"));
                }
            };
            self.next += 1;
            let at = self.spot();
            self.next += 1;
            let kind = Kind::Typed(typed, text);
            return Ok(Expr { at, kind });
        }
        if REFUSED.contains(&&upper[..]) && self.begins_value(1) {
            return Err(self.error(upper, SUPPORTED));
        }
        self.next += 1;
        if !self.is_sign(0, "(") {
            let kind = self.column(word)?;
            return Ok(Expr { at: start, kind });
        }
        match &upper[..] {
            "CAST" => {
                self.open("an opening parenthesis")?;
                let of = Box::new(self.expr(LOOSEST)?);
                self.want_word("AS")?;
                let to = self.type_name(start)?;
                self.close()?;
                simple(Kind::Cast { of, to })
            }
            "EXTRACT" if matches!(self.ahead(1), Token::Word(_)) && self.is_word(2, "FROM") => {
                self.open("an opening parenthesis")?;
                let Token::Word(part) = self.token().clone() else {
                    return Err(self.unexpected("a part such as YEAR"));
                };
                self.next += 2;
                let of = Box::new(self.expr(LOOSEST)?);
                self.close()?;
                simple(Kind::Extract { part, of })
            }
            _ => {
                self.count()?;
                self.open("an opening parenthesis")?;
                let arguments = match self.is_sign(0, ")") {
                    true => {
                        self.close()?;
                        Vec::new()
                    }
                    false => self.list()?,
                };
                simple(Kind::Call {
                    name: word,
                    arguments,
                })
            }
        }
    }

    /// Whether a token can only be the first of a value, and not an operator after one.
    fn begins_value(&self, by: usize) -> bool {
        match self.ahead(by) {
            Token::Number(_) | Token::Text(_) | Token::Quoted(_) | Token::Sign("(") => true,
            Token::Word(word) => {
                let upper = word.to_ascii_uppercase();
                let word = &upper[..];
                let after = [
                    "REGEXP", "RLIKE", "WHEN", "THEN", "ELSE", "END", "AS", "ESCAPE",
                ];
                !RESERVED.contains(&word) && !after.contains(&word)
            }
            _ => false,
        }
    }

    /// A name, which may go on after a point.
    fn column(&mut self, first: String) -> Result<Kind, RecipeError> {
        let mut name = first;
        while self.take_sign(".") {
            let (Token::Word(more) | Token::Quoted(more)) = self.token().clone() else {
                return Err(self.unexpected("the rest of a name after its point"));
            };
            self.next += 1;
            name.push('.');
            name.push_str(&more);
        }
        Ok(Kind::Column(name))
    }

    /// The values after an opening parenthesis, with the closing one.
    fn list(&mut self) -> Result<Vec<Expr>, RecipeError> {
        let mut items = Vec::new();
        loop {
            items.push(self.expr(LOOSEST)?);
            if !self.take_sign(",") {
                break;
            }
        }
        self.close()?;
        Ok(items)
    }

    fn open(&mut self, expected: &str) -> Result<(), RecipeError> {
        if self.is_sign(0, "(") {
            self.parentheses += 1;
            let most = MAX_DEPTH / 2;
            if self.parentheses > most {
                let found = format!("parentheses {} deep", self.parentheses);
                return Err(self.error(found, format!("at most {most} deep")));
            }
        }
        self.want_sign("(", expected)
    }

    fn close(&mut self) -> Result<(), RecipeError> {
        match self.token() {
            Token::Sign(")") => {
                self.next += 1;
                self.parentheses -= 1;
                Ok(())
            }
            Token::End => Err(self.unexpected("a column, a value or a closing parenthesis")),
            _ => Err(self.left_over()),
        }
    }

    fn case(&mut self) -> Result<Expr, RecipeError> {
        let start = self.spot();
        self.next += 1;
        self.count()?;
        let of = match self.is_word(0, "WHEN") {
            true => None,
            false => Some(self.expr(LOOSEST)?),
        };
        let mut branches = Vec::new();
        while self.take_word("WHEN") {
            self.count()?;
            let when = self.expr(LOOSEST)?;
            self.want_word("THEN")?;
            branches.push((when, self.expr(LOOSEST)?));
        }
        if branches.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let otherwise = match self.take_word("ELSE") {
            true => Some(self.expr(LOOSEST)?),
            false => None,
        };
        if !self.take_word("END") {
            return Err(self.unexpected("WHEN, ELSE or END"));
        }
        Ok(Expr {
            at: start,
            kind: Kind::Case(Box::new(Case {
                of,
                branches,
                otherwise,
            })),
        })
    }

    /// `text`, `decimal(10, 2)`.
    fn type_name(&mut self, at: Spot) -> Result<TypeName, RecipeError> {
        let Token::Word(name) = self.token().clone() else {
            return Err(self.unexpected("a type such as number, text or date"));
        };
        self.next += 1;
        let mut sizes = Vec::new();
        if self.take_sign("(") {
            loop {
                let Token::Number(size) = self.token().clone() else {
                    return Err(self.unexpected("a size"));
                };
                sizes.push(size);
                self.next += 1;
                if !self.take_sign(",") {
                    break;
                }
            }
            self.want_sign(")", "a closing parenthesis")?;
        }
        Ok(TypeName { name, sizes, at })
    }

    /// Something that is no value stands where one should.
    fn not_a_value(&self) -> RecipeError {
        match self.foreign() {
            Some(error) => error,
            None => self.unexpected("a column or a value"),
        }
    }

    /// Something stands after a whole expression.
    fn left_over(&self) -> RecipeError {
        if let Some(error) = self.foreign() {
            return error;
        }
        let expected = match self.parentheses {
            0 => "an operator, or the end",
            _ => "an operator, a comma or a closing parenthesis",
        };
        let error = self.unexpected(expected);
        let touches = self.next > 0
            && self.tokens.get(self.next - 1).is_some_and(|before| {
                matches!(&before.token, Token::Number(number) if before.at + number.len() == self.spot())
            });
        match self.token() {
            Token::Word(_) | Token::Number(_) if touches => {
                error.hint("a name that starts with a digit is written \"in double quotes\"")
            }
            Token::Word(_) | Token::Quoted(_) | Token::Number(_) | Token::Text(_) => error.hint(
                "two conditions are joined with AND or OR; names with other characters are written \"in double quotes\"",
            ),
            _ => error,
        }
    }

    /// What other languages have and this one has not.
    fn foreign(&self) -> Option<RecipeError> {
        let hint = match self.token() {
            Token::Other(_) | Token::Sign("^" | "&" | "|" | ":") => None,
            Token::Sign("&&") => Some("write AND"),
            Token::Sign("!") => Some("write NOT"),
            Token::Sign("<=>" | ":=") => Some("write ="),
            Token::Sign(";") => Some("a filter is one expression"),
            Token::Word(word) if REFUSED.iter().any(|known| word.eq_ignore_ascii_case(known)) => {
                return Some(self.error(word.to_ascii_uppercase(), SUPPORTED));
            }
            _ => return None,
        };
        let error = self.unexpected(SUPPORTED);
        Some(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }
}

/// A token in words, cut if it is long.
fn shown(token: &Token) -> String {
    let text = match token {
        Token::End => return "the end of the expression".to_string(),
        Token::Word(text) | Token::Number(text) => text.clone(),
        Token::Quoted(name) => format!("\"{name}\""),
        Token::Text(text) => format!("'{text}'"),
        Token::Sign(sign) => (*sign).to_string(),
        Token::Other(c) => c.to_string(),
    };
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "..." } else { "" };
    format!("\"{short}{more}\"")
}
