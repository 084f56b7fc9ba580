//! A sink that writes its text in another encoding. A character that the encoding does not hold ends
//! the run: neither a question mark nor a numeric reference is what the file said.

use encoding_rs::{Encoder, EncoderResult, Encoding};
use tidemill_core::sink::Sink;
use tidemill_core::{Fault, FaultKind};

/// How much of a row is shown around what cannot be written.
const AROUND: usize = 60;

enum Coding {
    Utf8,
    Utf16 { big: bool },
    Table(Encoder),
}

/// A sink whose text goes on in another encoding. It is given whole rows.
pub struct Encoded<S: Sink> {
    sink: S,
    name: &'static str,
    coding: Coding,
    out: Vec<u8>,
}

impl<S: Sink> Encoded<S> {
    /// `name` is one of the standard's; nothing is UTF-8.
    pub fn new(sink: S, name: Option<&'static str>) -> Result<Encoded<S>, Fault> {
        let coding = match name {
            None | Some("utf-8") => Coding::Utf8,
            Some("utf-16le") => Coding::Utf16 { big: false },
            Some("utf-16be") => Coding::Utf16 { big: true },
            Some(name) => {
                let encoding = Encoding::for_label(name.as_bytes())
                    .filter(|encoding| encoding.output_encoding() == *encoding)
                    .ok_or_else(|| {
                        Fault::new(
                            FaultKind::Io,
                            "write.encoding",
                            format!("\"{name}\""),
                            "an encoding that can be written",
                        )
                        .hint("gb18030 and utf-8 hold every character")
                    })?;
                Coding::Table(encoding.new_encoder())
            }
        };
        Ok(Encoded {
            sink,
            name: name.unwrap_or("utf-8"),
            coding,
            out: Vec::new(),
        })
    }

    fn encode(&mut self, bytes: &[u8], last: bool) -> Result<(), Fault> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            Fault::new(
                FaultKind::Input,
                format!("the rows in {}, near {}", self.name, around(bytes, at)),
                format!("the byte {:#04x}, which is no text", bytes[at]),
                "UTF-8, of which another encoding can be made",
            )
            .hint("write UTF-8, which passes such bytes on, or state [read] encoding")
        })?;
        self.out.clear();
        match &mut self.coding {
            Coding::Utf8 => {}
            Coding::Utf16 { big } => {
                self.out.reserve(text.len() * 2);
                for unit in text.encode_utf16() {
                    let pair = if *big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    };
                    self.out.extend_from_slice(&pair);
                }
            }
            Coding::Table(encoder) => {
                let mut rest = text;
                loop {
                    // Some bytes more than any of them needs for an end.
                    let room = encoder
                        .max_buffer_length_from_utf8_without_replacement(rest.len())
                        .unwrap_or(rest.len().saturating_mul(4));
                    self.out.reserve(room.saturating_add(16));
                    let from = self.out.len();
                    self.out.resize(self.out.capacity(), 0);
                    let (result, read, written) = encoder.encode_from_utf8_without_replacement(
                        rest,
                        &mut self.out[from..],
                        last,
                    );
                    self.out.truncate(from + written);
                    match result {
                        EncoderResult::InputEmpty => break,
                        EncoderResult::OutputFull => rest = &rest[read..],
                        EncoderResult::Unmappable(char) => {
                            let at =
                                (text.len() - rest.len() + read).saturating_sub(char.len_utf8());
                            return Err(Fault::new(
                                FaultKind::Input,
                                format!("the rows in {}, near {}", self.name, around(bytes, at)),
                                format!("{char:?} (U+{:04X})", u32::from(char)),
                                format!("characters that {} holds", self.name),
                            )
                            .hint("write utf-8 or gb18030, which hold all, or replace the character in a step"));
                        }
                    }
                }
            }
        }
        if !self.out.is_empty() {
            self.sink.write(&self.out)?;
        }
        Ok(())
    }

    /// Writes what the encoding has at its end, and gives the sink back.
    pub fn finish(mut self) -> Result<S, Fault> {
        if matches!(self.coding, Coding::Table(_)) {
            self.encode(b"", true)?;
        }
        Ok(self.sink)
    }
}

impl<S: Sink> Sink for Encoded<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self.coding {
            Coding::Utf8 => self.sink.write(bytes),
            _ => self.encode(bytes, false),
        }
    }
}

/// The line around a place, in quotes.
fn around(bytes: &[u8], at: usize) -> String {
    let at = at.min(bytes.len());
    let start = bytes[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let start = start.max(at.saturating_sub(AROUND));
    let end = bytes[at..]
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'));
    let end = end.map_or(bytes.len(), |end| at + end).min(at + AROUND);
    let text = String::from_utf8_lossy(&bytes[start..end]);
    format!("\"{}\"", text.trim_matches('\u{fffd}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &[&str], name: &'static str) -> Result<Vec<u8>, Fault> {
        let mut sink = Encoded::new(Vec::new(), Some(name)).unwrap();
        for piece in text {
            sink.write(piece.as_bytes())?;
        }
        sink.finish()
    }

    #[test]
    fn text_comes_back_from_every_encoding_that_can_be_written() {
        let plain = "a,b\n1,2\n";
        for name in tidemill_core::sniff::charset::names() {
            let Ok(mut sink) = Encoded::new(Vec::new(), Some(name)) else {
                // The standard decodes these and writes UTF-8 for them.
                assert_eq!(name, "replacement", "{name}");
                continue;
            };
            sink.write(plain.as_bytes()).unwrap();
            let bytes = sink.finish().unwrap();
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            assert_eq!(
                encoding.decode_without_bom_handling(&bytes).0,
                plain,
                "{name}"
            );
        }
        let long = "城市,北京,€😀\n".repeat(5_000);
        for name in ["gb18030", "utf-16le", "utf-16be"] {
            let bytes = encoded(&[&long, &long], name).unwrap();
            let encoding = Encoding::for_label(name.as_bytes()).unwrap();
            let back = encoding.decode_without_bom_handling(&bytes).0;
            assert!(back == format!("{long}{long}"), "{name}");
        }
        // One that has a state: it is as at the beginning again when the text ends.
        let japanese = encoded(&["東京,", "a\n", "大阪"], "iso-2022-jp").unwrap();
        assert!(japanese.ends_with(b"\x1b(B"));
        let encoding = Encoding::for_label(b"iso-2022-jp").unwrap();
        assert_eq!(
            encoding.decode_without_bom_handling(&japanese).0,
            "東京,a\n大阪"
        );
    }

    #[test]
    fn what_an_encoding_does_not_hold_is_never_lost() {
        let error = encoded(&["id,city\n", "1,Oslo\n2,東京\n"], "windows-1252").unwrap_err();
        assert!(
            error.found.contains("東") && error.found.contains("U+6771"),
            "{error}"
        );
        assert!(error.place.contains("\"2,東京\""), "{error}");
        let mut sink = Encoded::new(Vec::new(), Some("gbk")).unwrap();
        let error = sink.write(b"1,\xff\n").unwrap_err();
        assert!(error.found.contains("0xff"), "{error}");
    }
}
