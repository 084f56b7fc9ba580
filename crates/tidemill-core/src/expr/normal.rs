//! The signs of a Chinese or Japanese keyboard, brought to ASCII outside of texts and names.
//!
//! The decision that shaped it: this happens before the tokenizer, with a map back to the characters
//! that were typed, so that SQL's grammar need not know of it and errors still point at the right
//! place.

use sqlparser::tokenizer::Location;

/// An expression in ASCII signs, and where each of its characters came from.
#[derive(Clone, Debug)]
pub(super) struct Normal {
    pub text: String,
    /// Line and column, from 1, of each character of `text` and of its end.
    places: Vec<(usize, usize)>,
    /// The character number at which each line of `text` starts.
    lines: Vec<usize>,
    one_line: bool,
}

impl Normal {
    pub(super) fn new(sql: &str) -> Normal {
        let mut out = Writer::default();
        let mut chars = sql.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\'' | '"' | '`' => out.quoted(&mut chars, c, &[c], c),
                '‘' | '’' => out.quoted(&mut chars, c, &['’', '‘', '\''], '\''),
                '“' | '”' => out.quoted(&mut chars, c, &['”', '“', '"'], '"'),
                '-' if chars.peek() == Some(&'-') => {
                    out.put(c, "-");
                    for c in chars.by_ref() {
                        out.keep(c);
                        if c == '\n' {
                            break;
                        }
                    }
                }
                '/' if chars.peek() == Some(&'*') => {
                    out.put(c, "/");
                    let mut last = ' ';
                    for c in chars.by_ref() {
                        out.keep(c);
                        if last == '*' && c == '/' {
                            break;
                        }
                        last = c;
                    }
                }
                '（' => out.put(c, "("),
                '）' => out.put(c, ")"),
                '，' => out.put(c, ","),
                '＝' => out.put(c, "="),
                '＜' => out.put(c, "<"),
                '＞' => out.put(c, ">"),
                '！' => out.put(c, "!"),
                '＋' => out.put(c, "+"),
                '－' | '\u{2212}' => out.put(c, "-"),
                '＊' => out.put(c, "*"),
                '／' => out.put(c, "/"),
                '％' => out.put(c, "%"),
                '≥' => out.put(c, ">="),
                '≤' => out.put(c, "<="),
                '≠' => out.put(c, "<>"),
                '\u{3000}' | '\u{a0}' => out.put(c, " "),
                c => out.keep(c),
            }
        }
        out.places.push((out.line, out.column));
        let one_line = out.line == 1;
        let mut lines = vec![0];
        lines.extend(
            out.text
                .chars()
                .enumerate()
                .filter(|(_, c)| *c == '\n')
                .map(|(at, _)| at + 1),
        );
        Normal {
            text: out.text,
            places: out.places,
            lines,
            one_line,
        }
    }

    /// The place of the tokenizer's location in what was typed, in words.
    pub(super) fn place(&self, at: Location) -> Option<String> {
        let line = usize::try_from(at.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(at.column).ok()?.checked_sub(1)?;
        let character = self.lines.get(line)?.checked_add(column)?;
        let (line, column) = self.places.get(character).or(self.places.last())?;
        Some(match self.one_line {
            true => format!("character {column}"),
            false => format!("line {line}, character {column}"),
        })
    }

    /// The character at the tokenizer's location.
    pub(super) fn at(&self, at: Location) -> Option<char> {
        let line = usize::try_from(at.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(at.column).ok()?.checked_sub(1)?;
        self.text
            .chars()
            .nth(self.lines.get(line)?.checked_add(column)?)
    }

    /// The place of the end.
    pub(super) fn end(&self) -> String {
        let (line, column) = self.places.last().copied().unwrap_or((1, 1));
        match self.one_line {
            true => format!("character {column}"),
            false => format!("line {line}, character {column}"),
        }
    }
}

struct Writer {
    text: String,
    places: Vec<(usize, usize)>,
    line: usize,
    column: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Writer {
            text: String::new(),
            places: Vec::new(),
            line: 1,
            column: 1,
        }
    }
}

impl Writer {
    /// Writes what stands for the next character of the input.
    fn put(&mut self, from: char, text: &str) {
        for c in text.chars() {
            self.text.push(c);
            self.places.push((self.line, self.column));
        }
        if from == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }

    fn keep(&mut self, c: char) {
        self.put(c, c.encode_utf8(&mut [0; 4]));
    }

    /// Copies up to one of the closing quotes, and writes both quotes as `ascii`. A doubled quote
    /// closes and opens again, which comes to the same here.
    fn quoted(
        &mut self,
        chars: &mut impl Iterator<Item = char>,
        open: char,
        close: &[char],
        ascii: char,
    ) {
        let ascii = ascii.to_string();
        self.put(open, &ascii);
        for c in chars {
            if close.contains(&c) {
                self.put(c, &ascii);
                return;
            }
            self.keep(c);
        }
    }
}
