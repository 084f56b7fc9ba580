//! A sink that packs what it is given. The packed bytes depend on the bytes alone: the coder is fed
//! pieces of one size however they came, its level is fixed, and no header has a time or a name.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tidemill_core::Fault;
use tidemill_core::sink::Sink;
use tidemill_core::writing::Packing;

/// What the coder is fed at once.
const PIECE: usize = 256 << 10;
const GZIP: u32 = 6;
const ZSTD: i32 = 3;

/// How the output is packed: as stated, else by its name.
pub fn packing(stated: Option<Packing>, path: &Path) -> Packing {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match (stated, extension.as_deref()) {
        (Some(packing), _) => packing,
        (None, Some("gz")) => Packing::Gzip,
        (None, Some("zst")) => Packing::Zstd,
        (None, _) => Packing::Plain,
    }
}

/// A sink as a writer. An error of a writer cannot carry a fault, so it is kept beside.
struct Door<S> {
    sink: S,
    fault: Option<Fault>,
}

impl<S: Sink> Write for Door<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.sink.write(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(fault) => {
                self.fault = Some(fault);
                Err(io::Error::other("the output takes no more"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Coder<S: Sink> {
    Plain(S),
    Gzip(GzEncoder<Door<S>>),
    Zstd(zstd::Encoder<'static, Door<S>>),
}

/// A sink whose bytes go on packed.
pub struct Packed<S: Sink> {
    coder: Coder<S>,
    piece: Vec<u8>,
}

impl<S: Sink> Packed<S> {
    pub fn new(sink: S, packing: Packing) -> Result<Packed<S>, Fault> {
        let door = |sink| Door { sink, fault: None };
        let coder = match packing {
            Packing::Plain => Coder::Plain(sink),
            Packing::Gzip => Coder::Gzip(GzEncoder::new(door(sink), Compression::new(GZIP))),
            Packing::Zstd => {
                let coder = zstd::Encoder::new(door(sink), ZSTD).and_then(|mut coder| {
                    coder.include_checksum(true)?;
                    Ok(coder)
                });
                Coder::Zstd(coder.map_err(|error| Fault::internal(format!("zstd: {error}")))?)
            }
        };
        Ok(Packed {
            coder,
            piece: Vec::new(),
        })
    }

    fn feed(&mut self) -> Result<(), Fault> {
        let done = match &mut self.coder {
            Coder::Plain(_) => Ok(()),
            Coder::Gzip(coder) => coder
                .write_all(&self.piece)
                .map_err(|error| fault(coder.get_mut(), &error)),
            Coder::Zstd(coder) => coder
                .write_all(&self.piece)
                .map_err(|error| fault(coder.get_mut(), &error)),
        };
        self.piece.clear();
        done
    }

    /// Ends the packed stream, and gives the sink back.
    pub fn finish(mut self) -> Result<S, Fault> {
        self.feed()?;
        match self.coder {
            Coder::Plain(sink) => Ok(sink),
            Coder::Gzip(mut coder) => match coder.try_finish() {
                Ok(()) => match coder.finish() {
                    Ok(door) => Ok(door.sink),
                    Err(error) => Err(Fault::internal(format!("gzip: {error}"))),
                },
                Err(error) => Err(fault(coder.get_mut(), &error)),
            },
            Coder::Zstd(coder) => match coder.try_finish() {
                Ok(door) => Ok(door.sink),
                Err((mut coder, error)) => Err(fault(coder.get_mut(), &error)),
            },
        }
    }
}

/// The fault behind a writer's error.
fn fault<S>(door: &mut Door<S>, error: &io::Error) -> Fault {
    let fault = door.fault.take();
    fault.unwrap_or_else(|| Fault::internal(format!("packing: {error}")))
}

impl<S: Sink> Sink for Packed<S> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        if let Coder::Plain(sink) = &mut self.coder {
            return sink.write(bytes);
        }
        while !bytes.is_empty() {
            let take = bytes.len().min(PIECE - self.piece.len());
            self.piece.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.piece.len() == PIECE {
                self.feed()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn text() -> Vec<u8> {
        let mut state = 7u64;
        (0..200_000)
            .flat_map(|row| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                format!("{row},{},城市\n", state >> 40).into_bytes()
            })
            .collect()
    }

    fn packed(text: &[u8], packing: Packing, piece: usize) -> Vec<u8> {
        let mut sink = Packed::new(Vec::new(), packing).unwrap();
        for piece in text.chunks(piece) {
            sink.write(piece).unwrap();
        }
        sink.finish().unwrap()
    }

    #[test]
    fn what_is_packed_depends_on_the_bytes_alone_and_comes_back() {
        let text = text();
        for packing in [Packing::Gzip, Packing::Zstd, Packing::Plain] {
            let whole = packed(&text, packing, text.len());
            for piece in [4096, 65_537, 1 << 20] {
                assert!(
                    packed(&text, packing, piece) == whole,
                    "{packing:?} {piece}"
                );
            }
            let mut back = Vec::new();
            match packing {
                Packing::Gzip => {
                    // Neither a time nor a name.
                    assert_eq!(whole[3..8], [0; 5]);
                    flate2::read::GzDecoder::new(&whole[..])
                        .read_to_end(&mut back)
                        .unwrap();
                }
                Packing::Zstd => back = zstd::decode_all(&whole[..]).unwrap(),
                Packing::Plain => back = whole,
            }
            assert!(back == text, "{packing:?}");
        }
        assert!(!packed(b"", Packing::Gzip, 1).is_empty());
    }

    #[test]
    fn an_output_that_takes_no_more_is_said_by_its_own_fault() {
        struct Full;
        impl Sink for Full {
            fn write(&mut self, _: &[u8]) -> Result<(), Fault> {
                Err(Fault::internal("full"))
            }
        }
        for packing in [Packing::Gzip, Packing::Zstd] {
            let mut sink = Packed::new(Full, packing).unwrap();
            let error = sink.write(&text()).and_then(|()| sink.finish().map(drop));
            assert_eq!(error.unwrap_err(), Fault::internal("full"), "{packing:?}");
            let mut sink = Packed::new(Full, packing).unwrap();
            sink.write(b"a").unwrap();
            let error = sink.finish().map(drop).unwrap_err();
            assert_eq!(error, Fault::internal("full"), "{packing:?}");
        }
    }

    #[test]
    fn a_name_says_how_unless_the_recipe_does() {
        let by = |name: &str| packing(None, Path::new(name));
        assert_eq!(
            (by("a.csv.gz"), by("a.ZST"), by("a.csv")),
            (Packing::Gzip, Packing::Zstd, Packing::Plain)
        );
        assert_eq!(
            packing(Some(Packing::Plain), Path::new("a.gz")),
            Packing::Plain
        );
    }
}
