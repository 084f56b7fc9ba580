//! Files that hold a text in a container, unpacked as they are read; nothing is written anywhere.
//! What containers are is in `tidemill-unpack`; here are the reads.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tidemill_core::sniff::magic::Container;
use tidemill_core::{Fault, FaultKind};
use tidemill_unpack::zip::{Archive, Refusal, streamed};
use tidemill_unpack::{Damage, Form, GUARD_FROM, GUARD_RATIO, Unpacker, ZSTD_WINDOW_LOG, guard};

/// What is read at a time.
const PIECE: usize = 1 << 16;

/// The text of a container that is read once.
pub fn unpack(
    container: Container,
    packed: impl Read + Send + 'static,
) -> Result<Box<dyn Read + Send>, Fault> {
    let form = match container {
        Container::Gzip => Form::Gzip,
        Container::Bzip2 => Form::Bzip2,
        Container::Xz => Form::Xz,
        Container::Zstd => return zstd(packed).map_err(|error| Fault::io("zstd", &error)),
        Container::Zip => return Err(refused("zip", streamed())),
    };
    Ok(Box::new(Unpacked::new(form, packed)))
}

/// The text of the one file in a ZIP archive.
pub fn unzip(
    shown: &str,
    mut file: impl Read + Seek + Send + 'static,
) -> Result<Box<dyn Read + Send>, Fault> {
    let told = |error: io::Error| Fault::io(shown, &error);
    let mut archive = Archive::new(file.seek(SeekFrom::End(0)).map_err(told)?);
    loop {
        let wants = archive.wants();
        let length = wants.end - wants.start;
        file.seek(SeekFrom::Start(wants.start)).map_err(told)?;
        if let Some(form) = archive.form() {
            return Ok(Box::new(Unpacked::new(form, file.take(length))));
        }
        let mut bytes = Vec::new();
        file.by_ref()
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(told)?;
        archive
            .give(&bytes)
            .map_err(|refusal| refused(shown, refusal))?;
    }
}

fn refused(place: &str, refusal: Refusal) -> Fault {
    Fault::new(FaultKind::Input, place, refusal.found, refusal.expected).hint(refusal.hint)
}

/// Pulls through an [`Unpacker`].
struct Unpacked<R> {
    packed: BufReader<R>,
    unpacker: Unpacker,
}

impl<R: Read> Unpacked<R> {
    fn new(form: Form, packed: R) -> Unpacked<R> {
        Unpacked {
            packed: BufReader::with_capacity(PIECE, packed),
            unpacker: Unpacker::new(form),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let packed = self.packed.fill_buf()?;
            let last = packed.is_empty();
            let (took, filled) = self
                .unpacker
                .unpack(packed, last, into)
                .map_err(io::Error::other)?;
            self.packed.consume(took);
            if filled > 0 || last || into.is_empty() {
                return Ok(filled);
            }
        }
    }
}

/// zstd by the C library, which is twice as fast; it refuses in the words of the other.
fn zstd(packed: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let count = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: packed,
        count: count.clone(),
    };
    let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(PIECE, counted))?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(Box::new(Guarded {
        inner: decoder,
        packed: count,
        out: 0,
    }))
}

/// Counts what goes through, and keeps its failures apart from those of the decoder.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self
            .inner
            .read(into)
            .map_err(|error| io::Error::new(error.kind(), Below(error.to_string())))?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A failure to read what is packed.
#[derive(Debug)]
struct Below(String);

impl std::fmt::Display for Below {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Below {}

/// Stops where more comes out than can be meant.
struct Guarded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    out: u64,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into).map_err(|error| {
            if error.get_ref().is_some_and(|inner| inner.is::<Below>()) {
                return error;
            }
            io::Error::other(match error.kind() {
                io::ErrorKind::UnexpectedEof => Damage::Cut(Form::Zstd),
                _ if error.to_string().contains("memory") => Damage::Memory(Form::Zstd),
                _ => Damage::Broken(Form::Zstd),
            })
        })?;
        self.out += read as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        guard(packed, self.out, (GUARD_FROM, GUARD_RATIO)).map_err(io::Error::other)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut from: Box<dyn Read + Send>) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        from.read_to_end(&mut out)?;
        Ok(out)
    }

    fn pure(packed: &[u8]) -> io::Result<Vec<u8>> {
        read(Box::new(Unpacked::new(
            Form::Zstd,
            io::Cursor::new(packed.to_vec()),
        )))
    }

    fn native(packed: &[u8]) -> io::Result<Vec<u8>> {
        read(unpack(Container::Zstd, io::Cursor::new(packed.to_vec())).unwrap())
    }

    /// JavaScript hosts unpack zstd by another decoder than the command does.
    #[test]
    fn both_decoders_of_zstd_give_the_same_and_refuse_the_same() {
        let told = |found: io::Result<Vec<u8>>| found.map_err(|error| error.to_string());
        let text: Vec<u8> = (0..60_000u32)
            .flat_map(|n| format!("{n},{}\n", n.wrapping_mul(2_654_435_761) % 97).into_bytes())
            .collect();
        for level in [-5, 1, 3, 9, 19] {
            for size in [0, 1, 300, text.len()] {
                let packed = zstd::encode_all(&text[..size], level).unwrap();
                assert_eq!(told(pure(&packed)), told(native(&packed)), "{level} {size}");
                assert_eq!(native(&packed).unwrap(), &text[..size]);
            }
        }
        let packed = zstd::encode_all(&text[..3000], 3).unwrap();
        for cut in 1..packed.len() {
            let expected = told(native(&packed[..cut]));
            assert_eq!(told(pure(&packed[..cut])), expected, "cut at {cut}");
            assert!(expected.is_err());
        }
        let large = b"\x28\xb5\x2f\xfd\x00\x90\x01\0\0";
        assert_eq!(told(pure(large)), told(native(large)));
        let trailing = [packed.as_slice(), b"more bytes"].concat();
        assert_eq!(told(pure(&trailing)), told(native(&trailing)));
    }

    #[test]
    fn a_failure_to_read_is_told_as_it_is() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        for container in [Container::Gzip, Container::Zstd, Container::Xz] {
            let text = unpack(container, Failing).unwrap();
            assert_eq!(read(text).unwrap_err().to_string(), "the disk is gone");
        }
    }
}
