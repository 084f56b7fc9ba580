//! From values to the bytes of fields.
//!
//! A value is quoted only when it would not be read back as itself, so that a file which needed no
//! quotes gets none. Records end with LF; the caller writes it, and the delimiters.

use memchr::{memchr, memchr2, memchr3};

use crate::dialect::{Dialect, Escape, WIDE};

/// Whether any value can be written in this dialect: it has a quote, and a way to write a quote
/// inside quotes.
pub fn writable(dialect: &Dialect) -> bool {
    dialect.quote.is_some() && dialect.escape != Escape::None
}

/// Whether the value has to be quoted. `alone`: it is the only field of its record, where an empty
/// value would make the line a blank one.
#[inline(always)]
pub fn needs_quote(value: &[u8], dialect: &Dialect, alone: bool) -> bool {
    let Some(&first) = value.first() else {
        return alone;
    };
    dialect.comment == Some(first)
        || match dialect.quote {
            Some(quote) if value.len() < 16 => value.iter().any(|&byte| {
                byte == dialect.delimiter || byte == quote || byte == b'\n' || byte == b'\r'
            }),
            Some(quote) => {
                memchr3(dialect.delimiter, b'\n', b'\r', value).is_some()
                    || memchr(quote, value).is_some()
            }
            None => memchr3(dialect.delimiter, b'\n', b'\r', value).is_some(),
        }
}

/// Appends one value of several in a record, quoted if it needs to be. The dialect has to be
/// [`writable`]; in one without a quote, `"` is taken, which its reader will not understand.
#[inline(always)]
pub fn field(out: &mut Vec<u8>, value: &[u8], dialect: &Dialect) {
    if needs_quote(value, dialect, false) {
        quoted(out, value, dialect);
    } else {
        out.extend_from_slice(value);
    }
}

/// As [`field`], for the only value of a record.
#[inline]
pub fn only_field(out: &mut Vec<u8>, value: &[u8], dialect: &Dialect) {
    if needs_quote(value, dialect, true) {
        quoted(out, value, dialect);
    } else {
        out.extend_from_slice(value);
    }
}

/// Appends the value in quotes.
pub fn quoted(out: &mut Vec<u8>, value: &[u8], dialect: &Dialect) {
    let quote = dialect.quote.unwrap_or(b'"');
    out.push(quote);
    let mut rest = value;
    let backslash = dialect.escape == Escape::Backslash;
    loop {
        let found = if backslash {
            memchr2(quote, b'\\', rest)
        } else {
            memchr(quote, rest)
        };
        let Some(at) = found else { break };
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[if backslash { b'\\' } else { quote }, rest[at]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(quote);
}

/// Whether a field's bytes, read in one dialect, can stand as they are in another and mean the same
/// value. It may say no where they could; it never says yes where they could not. An empty field is
/// taken to be one of several in its record.
#[inline(always)]
pub fn rereads_verbatim(raw: &[u8], from: &Dialect, to: &Dialect) -> bool {
    if from == to {
        return true;
    }
    let Some(&first) = raw.first() else {
        return true;
    };
    if to.comment == Some(first) {
        return false;
    }
    if from.quote == Some(first) {
        // The closing quote must be the last byte, and nothing inside may be an escape in either.
        let inner = &raw[1..];
        let closed = memchr(first, inner).is_some_and(|at| at + 1 == inner.len());
        let backslashes = from.escape != to.escape
            && (from.escape == Escape::Backslash || to.escape == Escape::Backslash);
        let escapes = from.escape == Escape::Backslash || backslashes;
        let wide = from.wide.is_some() && memchr(WIDE, raw).is_some();
        return !wide
            && to.quote == Some(first)
            && closed
            && !(escapes && memchr(b'\\', inner).is_some());
    }
    to.quote != Some(first) && memchr3(to.delimiter, b'\n', b'\r', raw).is_none()
}
