//! Regular expressions in expressions. A pattern is compiled when a row first needs it, and kept by the
//! thread: most expressions have one or two, and the loop over a chunk asks for the same one again and again.

use std::cell::RefCell;
use std::rc::Rc;

use regex_lite::Regex;

use super::functions::{Arg, count, text};

/// A thread keeps so many patterns.
const KEPT: usize = 8;

/// Patterns, the one used last in front. What is no pattern is kept as none.
type Patterns = Vec<(Vec<u8>, Option<Rc<Regex>>)>;

thread_local! {
    static PATTERNS: RefCell<Patterns> = const { RefCell::new(Vec::new()) };
}

/// What is wrong with a pattern.
pub(super) fn check(pattern: &[u8]) -> Result<(), String> {
    compile(pattern).map(|_| ())
}

fn compile(pattern: &[u8]) -> Result<Regex, String> {
    let pattern = std::str::from_utf8(pattern).map_err(|error| error.to_string())?;
    Regex::new(pattern).map_err(|error| error.to_string())
}

fn compiled(pattern: &[u8]) -> Option<Rc<Regex>> {
    PATTERNS.with_borrow_mut(|patterns| {
        match patterns.iter().position(|(kept, _)| kept == pattern) {
            Some(at) => patterns[..=at].rotate_right(1),
            None => {
                patterns.truncate(KEPT - 1);
                let regex = compile(pattern).ok().map(Rc::new);
                patterns.insert(0, (pattern.to_vec(), regex));
            }
        }
        patterns.first().and_then(|(_, regex)| regex.clone())
    })
}

/// The text and the pattern; none where the text is no UTF-8 or the pattern is none.
fn both<'a>(args: &[Arg<'a>]) -> Option<(&'a str, Rc<Regex>)> {
    let subject = std::str::from_utf8(text(args, 0)).ok()?;
    Some((subject, compiled(text(args, 1))?))
}

pub(super) fn like(args: &[Arg]) -> bool {
    both(args).is_some_and(|(text, regex)| regex.is_match(text))
}

pub(super) fn extract(args: &[Arg], out: &mut Vec<u8>) {
    let Some((text, regex)) = both(args) else {
        return;
    };
    let group = match args.len() {
        3 => usize::try_from(count(args, 2)).unwrap_or(usize::MAX),
        _ => 0,
    };
    let part = match group {
        0 => regex.find(text),
        group => regex.captures(text).and_then(|found| found.get(group)),
    };
    if let Some(part) = part {
        out.extend_from_slice(part.as_str().as_bytes());
    }
}

pub(super) fn replace(args: &[Arg], out: &mut Vec<u8>) {
    match (both(args), std::str::from_utf8(text(args, 2))) {
        (Some((text, regex)), Ok(to)) => {
            out.extend_from_slice(regex.replace_all(text, to).as_bytes());
        }
        _ => out.extend_from_slice(text(args, 0)),
    }
}
