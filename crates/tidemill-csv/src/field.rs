//! From a field's bytes to its value.
//!
//! Almost every value is a piece of the bytes it was read from, so it is borrowed from them, and
//! only what holds an escape is written anew.

use memchr::{memchr, memchr2};

use crate::dialect::{Dialect, Escape, WIDE, spell};

/// The value as a range of `raw`, if it is one; `None` if it has to be decoded.
#[inline]
pub fn plain(raw: &[u8], dialect: &Dialect) -> Option<(usize, usize)> {
    match (raw.first(), dialect.quote) {
        (Some(first), Some(quote)) if *first == quote => quoted(raw, quote, dialect)
            .filter(|_| dialect.wide.is_none() || memchr(WIDE, raw).is_none()),
        _ => Some((0, raw.len())),
    }
}

fn quoted(raw: &[u8], quote: u8, dialect: &Dialect) -> Option<(usize, usize)> {
    let inner = &raw[1..];
    let found = match dialect.escape {
        Escape::Backslash => memchr2(quote, b'\\', inner),
        Escape::None | Escape::Double => memchr(quote, inner),
    };
    match found {
        None => Some((1, raw.len())),
        Some(at) if at + 1 == inner.len() && inner[at] == quote => Some((1, raw.len() - 1)),
        // Nothing stands between the quotes, so what follows them is the value.
        Some(0) if inner[0] == quote && inner.get(1) != Some(&quote) => Some((2, raw.len())),
        Some(_) => None,
    }
}

/// The value of a field, given its bytes with their quotes. It is a piece of `raw`, or is decoded
/// into `scratch`, whose old content is lost.
#[inline]
pub fn unquote<'a>(raw: &'a [u8], dialect: &Dialect, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    match plain(raw, dialect) {
        Some((start, end)) => &raw[start..end],
        None => {
            scratch.clear();
            match &dialect.wide {
                None => decode(raw, dialect, scratch),
                Some(wide) => {
                    let mut value = Vec::with_capacity(raw.len());
                    decode(raw, dialect, &mut value);
                    spell(&value, wide, scratch);
                }
            }
            scratch
        }
    }
}

/// Appends the value of a field that starts with a quote.
fn decode(raw: &[u8], dialect: &Dialect, out: &mut Vec<u8>) {
    let Some((&quote, mut rest)) = raw.split_first() else {
        return;
    };
    loop {
        let found = match dialect.escape {
            Escape::Backslash => memchr2(quote, b'\\', rest),
            Escape::None | Escape::Double => memchr(quote, rest),
        };
        let Some(at) = found else {
            out.extend_from_slice(rest);
            return;
        };
        out.extend_from_slice(&rest[..at]);
        let next = rest.get(at + 1).copied();
        let escapes = match dialect.escape {
            Escape::None => false,
            Escape::Double => next == Some(quote),
            Escape::Backslash => rest[at] == b'\\',
        };
        rest = &rest[(at + 1).min(rest.len())..];
        if !escapes {
            // The quote closed the field; it goes on unquoted.
            out.extend_from_slice(rest);
            return;
        }
        if let Some((&first, after)) = rest.split_first() {
            out.push(first);
            rest = after;
        }
    }
}
