//! From the bytes of a host to the stream that is read: UTF-8, in which a delimiter of several bytes
//! stands as the one byte that no UTF-8 text holds.
//!
//! UTF-8 with a delimiter of one byte needs none of this and goes by untouched. Everything else is
//! decoded piece by piece, in order, and offsets are those of what comes out. Encodings that need
//! tables are the host's: it has a decoder of its own (the WHATWG's, in every browser), and the
//! module is not to carry another.

use std::sync::{Mutex, PoisonError};

use memchr::memmem::{self, Finder};
use serde::{Deserialize, Serialize};
use tidemill_csv::{WIDE, Wide};

use crate::error::Fault;
use crate::source::{Identity, Source};

/// The encodings that the core decodes itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unicode {
    #[default]
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Not Unicode, but its table is short, and Node 20's own decoder takes it for Latin-1.
    Windows1252,
}

/// What windows-1252 has where Latin-1 has controls (the WHATWG's index).
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039,
    0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
    0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
];

/// What has to be done to the host's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoding {
    pub from: Unicode,
    pub wide: Option<Wide>,
}

impl Decoding {
    /// Whether the host's bytes are the stream.
    pub fn is_none(&self) -> bool {
        *self == Decoding::default()
    }

    /// All of some bytes at once.
    pub fn all(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut decoder = Decoder::new(self);
        decoder.push(bytes, &mut out);
        decoder.end(&mut out);
        out
    }

    /// The beginning of a longer text: what its last bytes begin and do not end is left out.
    pub fn beginning(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        Decoder::new(self).push(bytes, &mut out);
        out
    }
}

/// Bytes in pieces of any size to the stream.
pub struct Decoder {
    from: Unicode,
    wide: Option<(Wide, Finder<'static>)>,
    /// Bytes of a character that is not whole.
    half: Vec<u8>,
    /// A first half of a surrogate pair.
    high: Option<u16>,
    /// Nothing was decoded yet, so a mark may still come.
    fresh: bool,
    /// Text whose end may begin a delimiter.
    text: Vec<u8>,
}

impl Decoder {
    pub fn new(decoding: &Decoding) -> Decoder {
        Decoder {
            from: decoding.from,
            wide: decoding
                .wide
                .map(|wide| (wide, Finder::new(wide.bytes()).into_owned())),
            half: Vec::new(),
            high: None,
            fresh: true,
            text: Vec::new(),
        }
    }

    /// Takes the next bytes and appends what is decided.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.wide.is_none() {
            self.decode(bytes, out);
            return;
        }
        let mut text = std::mem::take(&mut self.text);
        self.decode(bytes, &mut text);
        self.text = text;
        self.mark(out, false);
    }

    /// There are no more bytes.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let cut = !self.half.is_empty() || self.high.is_some();
        self.half.clear();
        self.high = None;
        if self.wide.is_none() {
            if cut {
                out.extend_from_slice(REPLACEMENT);
            }
            return;
        }
        if cut {
            self.text.extend_from_slice(REPLACEMENT);
        }
        self.mark(out, true);
    }

    fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.from {
            Unicode::Utf8 => self.utf8(bytes, out),
            Unicode::Utf16Le | Unicode::Utf16Be => self.utf16(bytes, out),
            Unicode::Windows1252 => {
                for &byte in bytes {
                    match byte {
                        0..0x80 => out.push(byte),
                        0x80..0xa0 => {
                            let code = WINDOWS_1252[usize::from(byte - 0x80)];
                            put(char::from_u32(u32::from(code)), out);
                        }
                        _ => put(Some(char::from(byte)), out),
                    }
                }
            }
        }
    }

    fn utf8(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let joined;
        let bytes = if self.half.is_empty() {
            bytes
        } else {
            self.half.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.half);
            &joined
        };
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    out.extend_from_slice(text.as_bytes());
                    return;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    out.extend_from_slice(good);
                    match error.error_len() {
                        Some(length) => {
                            out.extend_from_slice(REPLACEMENT);
                            rest = &bad[length..];
                        }
                        None => {
                            self.half = bad.to_vec();
                            return;
                        }
                    }
                }
            }
        }
    }

    fn utf16(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let joined;
        let bytes = if self.half.is_empty() {
            bytes
        } else {
            self.half.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.half);
            &joined
        };
        let (pairs, rest) = bytes.as_chunks::<2>();
        for pair in pairs {
            let unit = match self.from {
                Unicode::Utf16Be => u16::from_be_bytes(*pair),
                _ => u16::from_le_bytes(*pair),
            };
            if std::mem::take(&mut self.fresh) && unit == 0xfeff {
                continue;
            }
            self.unit(unit, out);
        }
        self.half = rest.to_vec();
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        let low = (0xdc00..0xe000).contains(&unit);
        if let Some(high) = self.high.take() {
            if low {
                let code =
                    0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                put(char::from_u32(code), out);
                return;
            }
            out.extend_from_slice(REPLACEMENT);
        }
        match unit {
            0..0x80 => out.push(unit as u8),
            0xd800..0xdc00 => self.high = Some(unit),
            // A lone low half is no character.
            _ => put(char::from_u32(u32::from(unit)), out),
        }
    }

    /// Puts the mark where the text has the delimiter. What may be its beginning waits.
    fn mark(&mut self, out: &mut Vec<u8>, last: bool) {
        let Some((wide, finder)) = &self.wide else {
            return;
        };
        let mut at = 0;
        while let Some(found) = finder.find(&self.text[at..]) {
            out.extend_from_slice(&self.text[at..at + found]);
            out.push(WIDE);
            at += found + wide.bytes().len();
        }
        let rest = &self.text[at..];
        let waits = if last {
            0
        } else {
            (1..wide.bytes().len())
                .rev()
                .find(|&len| rest.ends_with(&wide.bytes()[..len]))
                .unwrap_or(0)
        };
        out.extend_from_slice(&rest[..rest.len() - waits]);
        let keep = self.text.len() - waits;
        self.text.drain(..keep);
    }
}

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

fn put(code: Option<char>, out: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    let code = code.unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(code.encode_utf8(&mut buffer).as_bytes());
}

/// A source whose bytes are decoded as they are read: in order, and from the start again for
/// whoever asks for an earlier offset.
pub struct Decoded<'a> {
    inner: &'a dyn Source,
    decoding: Decoding,
    state: Mutex<State>,
}

struct State {
    decoder: Decoder,
    /// Where the inner source is.
    raw: u64,
    /// What is decoded, and the offset at which that begins.
    ready: Vec<u8>,
    base: u64,
    ended: bool,
}

/// Bytes of the host that are decoded at once.
const PIECE: usize = 1 << 18;

impl<'a> Decoded<'a> {
    pub fn new(inner: &'a dyn Source, decoding: Decoding) -> Decoded<'a> {
        Decoded {
            inner,
            decoding,
            state: Mutex::new(State::new(&decoding)),
        }
    }
}

impl State {
    fn new(decoding: &Decoding) -> State {
        State {
            decoder: Decoder::new(decoding),
            raw: 0,
            ready: Vec::new(),
            base: 0,
            ended: false,
        }
    }
}

impl Source for Decoded<'_> {
    fn identity(&self) -> Result<Identity, Fault> {
        // The length of what comes out is not known before the end.
        Ok(Identity {
            len: None,
            ..self.inner.identity()?
        })
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        if offset < state.base {
            self.inner.rewind()?;
            *state = State::new(&self.decoding);
        }
        let end = offset + into.len() as u64;
        while !state.ended && state.base + (state.ready.len() as u64) < end {
            // What lies before the offset is not wanted any more.
            let gone = (offset - state.base).min(state.ready.len() as u64);
            state.ready.drain(..gone as usize);
            state.base += gone;
            let mut piece = vec![0; PIECE];
            let read = self.inner.read_at(state.raw, &mut piece)?;
            state.raw += read as u64;
            state.decoder.push(&piece[..read], &mut state.ready);
            if read < PIECE {
                state.decoder.end(&mut state.ready);
                state.ended = true;
            }
        }
        let from = (offset - state.base).min(state.ready.len() as u64) as usize;
        let take = into.len().min(state.ready.len() - from);
        into[..take].copy_from_slice(&state.ready[from..from + take]);
        state.ready.drain(..from + take);
        state.base += (from + take) as u64;
        Ok(take)
    }

    fn random(&self) -> bool {
        false
    }

    fn rewind(&self) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.rewind()?;
        *state = State::new(&self.decoding);
        Ok(())
    }
}

/// How often a text is there; for evidence.
pub fn count(text: &[u8], what: &[u8]) -> usize {
    memmem::find_iter(text, what).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::Memory;

    fn pieces(decoding: &Decoding, bytes: &[u8], size: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut decoder = Decoder::new(decoding);
        for piece in bytes.chunks(size) {
            decoder.push(piece, &mut out);
        }
        decoder.end(&mut out);
        out
    }

    fn wide(text: &str) -> Option<Wide> {
        Wide::new(text.as_bytes())
    }

    #[test]
    fn utf_16_becomes_utf_8_and_what_is_no_character_is_replaced() {
        let le = Decoding {
            from: Unicode::Utf16Le,
            wide: None,
        };
        let text = "a,中\u{1f600}\n";
        let bytes: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(le.all(&bytes), text.as_bytes());
        assert_eq!(le.all(b"\x3d\xd8a\0"), "\u{fffd}a".as_bytes());
        assert_eq!(le.all(b"\x00\xdca\0b"), "\u{fffd}a\u{fffd}".as_bytes());
        let be = Decoding {
            from: Unicode::Utf16Be,
            wide: None,
        };
        assert_eq!(be.all(b"\xfe\xff\0a"), b"a");
    }

    #[test]
    fn a_wide_delimiter_becomes_the_mark() {
        let decoding = Decoding {
            from: Unicode::Utf8,
            wide: wide("，"),
        };
        assert_eq!(
            decoding.all("甲，乙".as_bytes()),
            ["甲".as_bytes(), &[WIDE], "乙".as_bytes()].concat()
        );
        // The mark itself is no text, so it cannot come from the file.
        assert_eq!(decoding.all(b"a\xffb"), "a\u{fffd}b".as_bytes());
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_bytes_of_one(
            bytes in prop::collection::vec(prop_oneof![
                Just(b'|'), Just(b'a'), Just(0xef), Just(0xbc), Just(0x8c), Just(0xff), Just(0),
                Just(0xd8), Just(0xdc), any::<u8>(),
            ], 0..60),
            size in 1usize..9,
            from in prop_oneof![
                Just(Unicode::Utf8), Just(Unicode::Utf16Le), Just(Unicode::Utf16Be)
            ],
            delimiter in prop_oneof![Just(None), Just(wide("||")), Just(wide("，"))],
        ) {
            let decoding = Decoding { from, wide: delimiter };
            let whole = decoding.all(&bytes);
            prop_assert_eq!(&pieces(&decoding, &bytes, size), &whole);
            // A host's replacement of what is not UTF-8 is the standard library's.
            if from == Unicode::Utf8 && delimiter.is_none() {
                let plain = String::from_utf8_lossy(&bytes).into_owned();
                prop_assert_eq!(String::from_utf8_lossy(&whole).into_owned(), plain);
            }
            let memory = Memory::new("x", bytes);
            let source = Decoded::new(&memory, decoding);
            let mut read = Vec::new();
            for _ in 0..2 {
                read.clear();
                let mut into = vec![0; size];
                loop {
                    let got = source.read_at(read.len() as u64, &mut into).unwrap();
                    read.extend_from_slice(&into[..got]);
                    if got < size {
                        break;
                    }
                }
                prop_assert_eq!(&read, &whole);
            }
        }
    }
}
