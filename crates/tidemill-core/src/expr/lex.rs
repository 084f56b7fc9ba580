//! From text to tokens.
//!
//! The decision that shaped it: the signs of a Chinese or Japanese keyboard are read as their ASCII
//! twins here, one character at a time and outside of quotes only, so the grammar knows one form of
//! each sign and every place is a place in what was typed.

use super::ast::Spot;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A name or a word of the language.
    Word(String),
    /// A name in double quotes or backticks.
    Quoted(String),
    /// As it was written, in ASCII digits.
    Number(String),
    Text(String),
    Sign(&'static str),
    /// A character that no expression has.
    Other(char),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub token: Token,
    pub at: Spot,
}

/// A quote that is never closed.
pub(super) struct Unterminated {
    pub at: Spot,
    pub what: &'static str,
}

/// Longer ones first.
const SIGNS: [&str; 22] = [
    "<=>", "<=", ">=", "<>", "!=", "==", "||", "&&", "::", ":=", "!~", "=", "<", ">", "+", "-",
    "*", "/", "%", "~", "(", ")",
];
/// What stands between values, and signs of other languages, for which an error says what to write.
const OTHERS: [&str; 8] = [",", ".", "!", ";", "^", "&", "|", ":"];

/// The ASCII sign that a character stands for outside of quotes.
fn ascii(c: char) -> char {
    match c {
        '\u{2212}' => '-',
        '\u{3000}' | '\u{a0}' | '\u{feff}' | '\u{200b}' => ' ',
        // The block of full-width forms lies in the order of ASCII. Its letters belong to names.
        '\u{ff01}'..='\u{ff5e}' => {
            let twin = char::from_u32(u32::from(c) - 0xff01 + 0x21).unwrap_or(c);
            if twin.is_ascii_alphabetic() || twin == '_' {
                c
            } else {
                twin
            }
        }
        c => c,
    }
}

/// The signs that one character stands for and two are written in ASCII.
fn double(c: char) -> Option<&'static str> {
    match c {
        '≥' => Some(">="),
        '≤' => Some("<="),
        '≠' => Some("<>"),
        _ => None,
    }
}

fn starts_name(c: char) -> bool {
    let other = !c.is_ascii() && !c.is_whitespace() && ascii(c) == c && double(c).is_none();
    c == '_' || c.is_alphabetic() || other && !is_quote(c)
}

fn in_name(c: char) -> bool {
    c == '$' || c.is_alphanumeric() || starts_name(c)
}

/// Quotes of either kind.
fn is_quote(c: char) -> bool {
    text_quote(c) || name_quote(c)
}

fn text_quote(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '＇')
}

fn name_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '＂' | '`')
}

/// Whether a quote that was opened by the one is closed by the other. Input methods turn curly quotes
/// as they like, so any of a kind closes a curly one; an ASCII one is closed by itself.
fn closes(open: char, c: char) -> bool {
    match open {
        '\'' | '"' | '`' => c == open,
        _ if text_quote(open) => text_quote(c),
        _ => name_quote(c) && c != '`',
    }
}

struct Lexer<'a> {
    sql: &'a str,
    at: usize,
}

pub(super) fn tokens(sql: &str) -> Result<Vec<Placed>, Unterminated> {
    let mut lexer = Lexer { sql, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.blanks()?;
        let at = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push(Placed { token, at });
        if end {
            return Ok(tokens);
        }
    }
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// White space and comments.
    fn blanks(&mut self) -> Result<(), Unterminated> {
        loop {
            let at = self.at;
            if self.rest().starts_with("--") {
                let line = self.rest().find('\n');
                self.at = line.map_or(self.sql.len(), |end| at + end);
            } else if self.rest().starts_with("/*") {
                match self.rest().find("*/") {
                    Some(end) => self.at = at + end + 2,
                    None => {
                        return Err(Unterminated {
                            at,
                            what: "comment",
                        });
                    }
                }
            } else if self.peek().is_some_and(|c| ascii(c).is_whitespace()) {
                self.step();
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, Unterminated> {
        let Some(c) = self.peek() else {
            return Ok(Token::End);
        };
        if is_quote(c) {
            return self.quoted(c);
        }
        if let Some(sign) = double(c) {
            self.step();
            return Ok(Token::Sign(sign));
        }
        let twin = ascii(c);
        if twin.is_ascii_digit() || twin == '.' && self.digit_after(c) {
            return Ok(Token::Number(self.number()));
        }
        for sign in SIGNS.into_iter().chain(OTHERS) {
            if let Some(end) = self.sign(sign) {
                self.at = end;
                return Ok(Token::Sign(sign));
            }
        }
        self.step();
        if !starts_name(c) {
            return Ok(Token::Other(c));
        }
        let mut name = String::from(c);
        while let Some(c) = self.peek().filter(|c| in_name(*c)) {
            name.push(c);
            self.step();
        }
        Ok(Token::Word(name))
    }

    /// Where such a sign ends, if it stands here.
    fn sign(&self, sign: &str) -> Option<usize> {
        let mut chars = self.rest().chars();
        let mut end = self.at;
        for wanted in sign.chars() {
            let c = chars.next()?;
            if ascii(c) != wanted {
                return None;
            }
            end += c.len_utf8();
        }
        Some(end)
    }

    fn digit_after(&self, c: char) -> bool {
        let next = self.rest().get(c.len_utf8()..).unwrap_or_default();
        next.chars()
            .next()
            .is_some_and(|c| ascii(c).is_ascii_digit())
    }

    fn digits(&mut self, out: &mut String) {
        while let Some(c) = self.peek().map(ascii).filter(char::is_ascii_digit) {
            out.push(c);
            self.step();
        }
    }

    /// Digits, a point and an exponent. An `e` without digits is not taken.
    fn number(&mut self) -> String {
        let mut out = String::new();
        self.digits(&mut out);
        if self.peek().map(ascii) == Some('.') {
            out.push('.');
            self.step();
            self.digits(&mut out);
        }
        let before = (self.at, out.len());
        if let Some(e @ ('e' | 'E')) = self.peek() {
            out.push(e);
            self.step();
            if let Some(sign) = self.peek().map(ascii).filter(|c| matches!(c, '+' | '-')) {
                out.push(sign);
                self.step();
            }
            let mantissa = out.len();
            self.digits(&mut out);
            if out.len() == mantissa {
                self.at = before.0;
                out.truncate(before.1);
            }
        }
        out
    }

    /// A text or a name. A doubled quote stands for one.
    fn quoted(&mut self, first: char) -> Result<Token, Unterminated> {
        let at = self.at;
        let mut out = String::new();
        let mut open = first;
        self.step();
        loop {
            match self.step() {
                Some(c) if closes(open, c) => match self.peek() {
                    Some(again) if closes(open, again) => {
                        out.push(again);
                        open = again;
                        self.step();
                    }
                    _ => break,
                },
                Some(c) => out.push(c),
                None => {
                    return Err(Unterminated {
                        at,
                        what: if text_quote(first) { "text" } else { "name" },
                    });
                }
            }
        }
        Ok(if text_quote(first) {
            Token::Text(out)
        } else {
            Token::Quoted(out)
        })
    }
}

/// The place of a byte in words, counted in characters from 1; with its line if there are several.
pub(super) fn place(sql: &str, at: Spot) -> String {
    let before = sql.get(..at).unwrap_or(sql);
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    if sql.contains('\n') {
        let line = before.matches('\n').count() + 1;
        format!("line {line}, character {column}")
    } else {
        format!("character {column}")
    }
}
