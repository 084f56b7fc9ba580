//! How a delimited file spells its records: the delimiter, the quote, how a quote is written inside
//! quotes, and the comment byte.
//!
//! Everything is one byte, because the splitter has to decide on bytes alone; and line ends are not
//! part of a dialect: LF, CR and CRLF all end a record, in any mixture, as the crate csv has it.
//!
//! A delimiter of several bytes stands in the stream as [`WIDE`], a byte that no UTF-8 text holds.
//! Whoever decodes the stream puts it there, in quotes too, and reading a value takes it out again.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use memchr::memchr;

/// How a quote byte is written inside a quoted field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum Escape {
    /// There is no way to write one: the first quote closes the field.
    None,
    /// `""` is one quote.
    #[default]
    Double,
    /// `\x` is a literal `x`, whatever `x` is; `""` is not special.
    Backslash,
}

/// The byte that stands for a delimiter of several bytes.
pub const WIDE: u8 = 0xff;

/// A delimiter of several bytes, as the file spells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Wide {
    bytes: [u8; Wide::LONGEST],
    len: u8,
}

impl Wide {
    pub const LONGEST: usize = 15;

    /// `None` if it is no longer than a byte, too long, or holds a line end or [`WIDE`] itself.
    pub fn new(text: &[u8]) -> Option<Wide> {
        let fits = (2..=Self::LONGEST).contains(&text.len());
        if !fits
            || text
                .iter()
                .any(|byte| matches!(byte, b'\n' | b'\r' | &WIDE))
        {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes[..text.len()].copy_from_slice(text);
        Some(Wide {
            bytes,
            len: text.len() as u8,
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }
}

/// The bytes with a meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Dialect {
    /// [`WIDE`] where `wide` is there.
    pub delimiter: u8,
    pub wide: Option<Wide>,
    /// `None`: no byte opens a quoted field.
    pub quote: Option<u8>,
    pub escape: Escape,
    /// A line whose first byte is this one is no record.
    pub comment: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Dialect {
        Dialect {
            delimiter: b',',
            wide: None,
            quote: Some(b'"'),
            escape: Escape::Double,
            comment: None,
        }
    }
}

impl Dialect {
    /// The default dialect with another delimiter.
    pub fn delimited(delimiter: u8) -> Dialect {
        Dialect {
            delimiter,
            ..Dialect::default()
        }
    }

    /// The default dialect with a delimiter of any length; `None` if it cannot be one.
    pub fn delimited_by(delimiter: &[u8]) -> Option<Dialect> {
        match delimiter {
            [byte] => Some(Dialect::delimited(*byte)),
            _ => Wide::new(delimiter).map(|wide| Dialect {
                delimiter: WIDE,
                wide: Some(wide),
                ..Dialect::default()
            }),
        }
    }

    /// The delimiter as the file spells it.
    pub fn delimiter_text(&self) -> &[u8] {
        match &self.wide {
            Some(wide) => wide.bytes(),
            None => std::slice::from_ref(&self.delimiter),
        }
    }

    /// Spells the delimiters in bytes of the stream as the file does.
    pub fn spelled<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.wide {
            Some(wide) if memchr(WIDE, bytes).is_some() => {
                let mut out = Vec::with_capacity(bytes.len() + 16);
                spell(bytes, wide, &mut out);
                Cow::Owned(out)
            }
            _ => Cow::Borrowed(bytes),
        }
    }

    /// Whether the bytes can be told apart.
    pub fn check(&self) -> Result<(), DialectError> {
        let escape = match (self.escape, self.quote) {
            (Escape::Backslash, Some(_)) => Some(b'\\'),
            _ => None,
        };
        let roles = [
            (Role::Delimiter, Some(self.delimiter)),
            (Role::Quote, self.quote),
            (Role::Escape, escape),
            (Role::Comment, self.comment),
        ];
        if let (Some(wide), Some(quote)) = (&self.wide, self.quote)
            && wide.bytes().contains(&quote)
        {
            return Err(DialectError::Same {
                first: Role::Delimiter,
                second: Role::Quote,
                byte: quote,
            });
        }
        for (n, &(role, byte)) in roles.iter().enumerate() {
            let Some(byte) = byte else { continue };
            if byte == b'\r' || byte == b'\n' {
                return Err(DialectError::LineEnd { role, byte });
            }
            for &(other, taken) in &roles[..n] {
                if taken == Some(byte) {
                    return Err(DialectError::Same {
                        first: other,
                        second: role,
                        byte,
                    });
                }
            }
        }
        Ok(())
    }

    /// The escape byte, where the dialect has one.
    pub(crate) fn backslash(&self) -> Option<u8> {
        match (self.escape, self.quote) {
            (Escape::Backslash, Some(_)) => Some(b'\\'),
            _ => None,
        }
    }
}

/// Appends bytes of the stream with their delimiters as the file spells them.
pub(crate) fn spell(mut bytes: &[u8], wide: &Wide, out: &mut Vec<u8>) {
    while let Some(at) = memchr(WIDE, bytes) {
        out.extend_from_slice(&bytes[..at]);
        out.extend_from_slice(wide.bytes());
        bytes = &bytes[at + 1..];
    }
    out.extend_from_slice(bytes);
}

/// What a byte is for in a dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Delimiter,
    Quote,
    Escape,
    Comment,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Delimiter => "delimiter",
            Role::Quote => "quote",
            Role::Escape => "escape",
            Role::Comment => "comment byte",
        })
    }
}

/// Why a dialect cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DialectError {
    /// Two roles have one byte.
    Same { first: Role, second: Role, byte: u8 },
    /// A role has CR or LF, which end lines in every dialect.
    LineEnd { role: Role, byte: u8 },
}

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DialectError::Same {
                first,
                second,
                byte,
            } => {
                let byte = byte.escape_ascii();
                write!(
                    f,
                    "the {first} and the {second} are both '{byte}'; they must differ"
                )
            }
            DialectError::LineEnd { role, byte } => {
                let byte = byte.escape_ascii();
                write!(
                    f,
                    "the {role} is '{byte}', which ends a line; take another byte"
                )
            }
        }
    }
}

impl Error for DialectError {}

/// How far a record may run before it is taken for a mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Limits {
    /// The most bytes without a quote byte that a quoted field may hold in one run. Past it the
    /// quote that opened the field is taken for a stray one.
    pub quote_run: u64,
    /// The most bytes of one record, its line end not counted.
    pub record: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            quote_run: 16 << 20,
            record: 64 << 20,
        }
    }
}

/// A record, or a comment line, passed [`Limits::record`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong {
    /// The record's first byte in the stream.
    pub offset: u64,
    pub limit: u64,
    /// Its bytes so far when the limit was passed; its end was not looked for.
    pub length: u64,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the record at byte {} is longer than the limit of {} bytes (read so far: {})",
            self.offset, self.limit, self.length
        )
    }
}

impl Error for TooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_must_differ() {
        let ok = Dialect::default();
        assert_eq!(ok.check(), Ok(()));
        let same = Dialect {
            delimiter: b'"',
            ..ok
        };
        assert!(matches!(
            same.check(),
            Err(DialectError::Same { byte: b'"', .. })
        ));
        let line = Dialect {
            comment: Some(b'\n'),
            ..ok
        };
        assert!(matches!(
            line.check(),
            Err(DialectError::LineEnd {
                role: Role::Comment,
                ..
            })
        ));
        let escape = Dialect {
            delimiter: b'\\',
            escape: Escape::Backslash,
            ..ok
        };
        assert!(escape.check().is_err());
        let unquoted = Dialect {
            delimiter: b'\\',
            quote: None,
            escape: Escape::Backslash,
            ..ok
        };
        assert_eq!(unquoted.check(), Ok(()));
    }
}
