//! Files that hold a text in a container: gzip of any number of members, zstd, bzip2, xz, and a ZIP
//! with one file in it. They are unpacked as they are read and nothing is written anywhere.
//!
//! A few bytes can stand for a terabyte of zeros, so what comes out is held against what went in:
//! see [`GUARD_FROM`] and [`GUARD_RATIO`].

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use tidemill_core::sniff::magic::Container;
use tidemill_core::{Fault, FaultKind};

/// Bytes that may come out whatever went in.
pub const GUARD_FROM: u64 = 1 << 30;
/// How many times what went in may come out beyond that. gzip packs at most 1:1032.
pub const GUARD_RATIO: u64 = 2000;
/// What unpacking one file may keep in memory.
const MEMORY_KIB: u32 = 256 << 10;

/// The text of a container that is read once.
pub fn unpack(
    container: Container,
    packed: impl Read + Send + 'static,
) -> Result<Box<dyn Read + Send>, Fault> {
    let count = Arc::new(AtomicU64::new(0));
    let packed = BufReader::with_capacity(
        1 << 16,
        Counted {
            inner: packed,
            count: count.clone(),
        },
    );
    let text: Box<dyn Read + Send> = match container {
        Container::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Container::Zstd => {
            let mut decoder =
                zstd::Decoder::with_buffer(packed).map_err(|error| Fault::io("zstd", &error))?;
            // 128 MiB, the most that the command zstd takes without being told.
            decoder
                .window_log_max(27)
                .map_err(|error| Fault::io("zstd", &error))?;
            Box::new(decoder)
        }
        Container::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        Container::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
            packed, true, MEMORY_KIB,
        )),
        Container::Zip => {
            return Err(Fault::new(
                FaultKind::Input,
                "zip",
                "an archive as a stream, whose list of files comes last",
                "an archive as a file",
            )
            .hint("save it to a file first, or: unzip -p FILE | tidemill ... -"));
        }
    };
    Ok(Box::new(Guarded {
        inner: text,
        packed: count,
        out: 0,
        limits: (GUARD_FROM, GUARD_RATIO),
    }))
}

/// Counts what goes through.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Stops where more comes out than can be meant.
struct Guarded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    out: u64,
    limits: (u64, u64),
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.out += read as u64;
        let packed = self.packed.load(Ordering::Relaxed).max(1);
        let (from, ratio) = self.limits;
        if self.out > from && self.out / packed > ratio {
            return Err(io::Error::other(format!(
                "{packed} bytes unpacked to more than {} so far; the limit is {from} bytes, and {ratio} times what is packed beyond them",
                self.out
            )));
        }
        Ok(read)
    }
}

/// A file in an archive.
#[derive(Debug)]
struct Entry {
    name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: u64,
    header: u64,
}

/// The text of the one file in a ZIP archive.
pub fn unzip(
    shown: &str,
    mut archive: impl Read + Seek + Send + 'static,
) -> Result<Box<dyn Read + Send>, Fault> {
    let refuse = |found: String, hint: &str| {
        Fault::new(
            FaultKind::Input,
            shown,
            found,
            "a ZIP archive with one text file in it",
        )
        .hint(hint)
    };
    let broken = |error: io::Error| {
        refuse(
            format!("a ZIP archive that cannot be read: {error}"),
            "was it cut off? unzip -t says more",
        )
    };
    let entries: Vec<Entry> = entries(&mut archive)
        .map_err(broken)?
        .into_iter()
        .filter(|entry| !entry.name.ends_with('/') && !entry.name.starts_with("__MACOSX/"))
        .collect();
    let entry = match entries.as_slice() {
        [entry] => entry,
        [] => return Err(refuse("an archive without a file".to_string(), "")),
        several => {
            let names: Vec<&str> = several
                .iter()
                .take(5)
                .map(|entry| entry.name.as_str())
                .collect();
            return Err(refuse(
                format!("{} files: {}", several.len(), names.join(", ")),
                &format!("choose one: unzip -p FILE '{}' | tidemill ... -", names[0]),
            ));
        }
    };
    if entry.encrypted {
        return Err(refuse(
            format!("\"{}\" is encrypted", entry.name),
            "unpack it first: unzip FILE",
        ));
    }
    // The local header repeats the name, with extra data of its own length.
    let mut local = [0; 30];
    archive
        .seek(SeekFrom::Start(entry.header))
        .and_then(|_| archive.read_exact(&mut local))
        .map_err(broken)?;
    let skip = u64::from(short(&local, 26)) + u64::from(short(&local, 28));
    archive
        .seek(SeekFrom::Start(entry.header + 30 + skip))
        .map_err(broken)?;
    let count = Arc::new(AtomicU64::new(0));
    let packed = Counted {
        inner: archive.take(entry.packed),
        count: count.clone(),
    };
    let text: Box<dyn Read + Send> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        other => {
            return Err(refuse(
                format!("\"{}\" is packed by method {other}", entry.name),
                "unpack it first: unzip FILE",
            ));
        }
    };
    Ok(Box::new(Guarded {
        inner: Checked {
            inner: text,
            crc: Crc::new(),
            expected: entry.crc,
        },
        packed: count,
        out: 0,
        limits: (GUARD_FROM, GUARD_RATIO),
    }))
}

/// Holds what was read against its checksum at the end.
struct Checked<R> {
    inner: R,
    crc: Crc,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.crc.update(&into[..read]);
        if read == 0 && !into.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::other(
                "the checksum of the file in the archive does not fit; it is damaged",
            ));
        }
        Ok(read)
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn longer(bytes: &[u8], at: usize) -> u64 {
    u64::from(long(bytes, at)) | u64::from(long(bytes, at + 4)) << 32
}

/// The most that a list of files may take: archives with many files are refused anyway.
const LIST: u64 = 16 << 20;

/// The list of files at the end of an archive (PKWARE's APPNOTE, sections 4.3.12 to 4.3.16).
fn entries(archive: &mut (impl Read + Seek)) -> io::Result<Vec<Entry>> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_string());
    let length = archive.seek(SeekFrom::End(0))?;
    let tail = length.min(22 + 0xffff + 20);
    archive.seek(SeekFrom::Start(length - tail))?;
    let mut end = vec![0; tail as usize];
    archive.read_exact(&mut end)?;
    let at = memrchr_all(&end, b"PK\x05\x06").ok_or_else(|| bad("its end is missing"))?;
    let (mut size, mut offset) = (
        u64::from(long(&end, at + 12)),
        u64::from(long(&end, at + 16)),
    );
    if offset == 0xffff_ffff || size == 0xffff_ffff || short(&end, at + 10) == 0xffff {
        // The numbers that do not fit are in a record of their own.
        let locator = at
            .checked_sub(20)
            .filter(|&at| end[at..].starts_with(b"PK\x06\x07"));
        let locator = locator.ok_or_else(|| bad("the place of its list is missing"))?;
        archive.seek(SeekFrom::Start(longer(&end, locator + 8)))?;
        let mut record = [0; 56];
        archive.read_exact(&mut record)?;
        size = longer(&record, 40);
        offset = longer(&record, 48);
    }
    if size > LIST {
        return Err(bad("its list of files is longer than 16 MiB"));
    }
    archive.seek(SeekFrom::Start(offset))?;
    let mut list = vec![0; size as usize];
    archive.read_exact(&mut list)?;
    let mut entries = Vec::new();
    let mut rest = list.as_slice();
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= 46 {
        let name_length = short(rest, 28) as usize;
        let extra_length = short(rest, 30) as usize;
        let whole = 46 + name_length + extra_length + short(rest, 32) as usize;
        let name = rest
            .get(46..46 + name_length)
            .ok_or_else(|| bad("its list is cut"))?;
        let extra = rest
            .get(46 + name_length..46 + name_length + extra_length)
            .ok_or_else(|| bad("its list is cut"))?;
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: short(rest, 10),
            encrypted: short(rest, 8) & 1 == 1,
            crc: long(rest, 16),
            packed: u64::from(long(rest, 20)),
            header: u64::from(long(rest, 42)),
        };
        widen(&mut entry, long(rest, 24), extra);
        entries.push(entry);
        rest = rest.get(whole..).unwrap_or_default();
    }
    Ok(entries)
}

/// Takes the numbers of an entry that do not fit in 32 bits from its extra data.
fn widen(entry: &mut Entry, unpacked: u32, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (kind, length) = (short(extra, 0), short(extra, 2) as usize);
        let data = extra.get(4..4 + length).unwrap_or_default();
        if kind == 1 {
            // Those that are there stand in this order.
            let mut numbers = data.chunks_exact(8).map(|eight| longer(eight, 0));
            if unpacked == u32::MAX {
                numbers.next();
            }
            if entry.packed == u64::from(u32::MAX) {
                entry.packed = numbers.next().unwrap_or(entry.packed);
            }
            if entry.header == u64::from(u32::MAX) {
                entry.header = numbers.next().unwrap_or(entry.header);
            }
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
}

fn memrchr_all(bytes: &[u8], what: &[u8]) -> Option<usize> {
    (0..=bytes.len().checked_sub(what.len())?)
        .rev()
        .find(|&at| bytes[at..].starts_with(what))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(mut from: Box<dyn Read + Send>) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        from.read_to_end(&mut out)?;
        Ok(out)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// An archive as the APPNOTE has it, made by hand.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut out, mut list) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let mut encoder =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            let packed = encoder.finish().unwrap();
            let mut crc = Crc::new();
            crc.update(text);
            let offset = out.len() as u32;
            let mut fields = Vec::new();
            fields.extend_from_slice(b"\x14\0\0\0\x08\0\0\0\0\0");
            fields.extend_from_slice(&crc.sum().to_le_bytes());
            fields.extend_from_slice(&(packed.len() as u32).to_le_bytes());
            fields.extend_from_slice(&(text.len() as u32).to_le_bytes());
            fields.extend_from_slice(&(name.len() as u16).to_le_bytes());
            fields.extend_from_slice(b"\0\0");
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&fields);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&packed);
            list.extend_from_slice(b"PK\x01\x02\x14\0");
            list.extend_from_slice(&fields);
            list.extend_from_slice(b"\0\0\0\0\0\0\0\0\0\0");
            list.extend_from_slice(&offset.to_le_bytes());
            list.extend_from_slice(name.as_bytes());
        }
        let (at, size) = (out.len() as u32, list.len() as u32);
        out.extend_from_slice(&list);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            out.extend_from_slice(&(files.len() as u16).to_le_bytes());
        }
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(b"\0\0");
        out
    }

    #[test]
    fn gzip_of_several_members_is_one_text() {
        let packed = [gzip(b"a,b\n"), gzip(b"1,2\n"), gzip(b"")].concat();
        let text = unpack(Container::Gzip, io::Cursor::new(packed)).unwrap();
        assert_eq!(read(text).unwrap(), b"a,b\n1,2\n");
    }

    #[test]
    fn zstd_and_bzip2_are_unpacked() {
        let packed = zstd::encode_all(&b"a,b\n1,2\n"[..], 1).unwrap();
        let text = unpack(Container::Zstd, io::Cursor::new(packed)).unwrap();
        assert_eq!(read(text).unwrap(), b"a,b\n1,2\n");
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        let packed = encoder.finish().unwrap();
        let text = unpack(Container::Bzip2, io::Cursor::new(packed)).unwrap();
        assert_eq!(read(text).unwrap(), b"a,b\n1,2\n");
    }

    #[test]
    fn xz_is_unpacked() {
        // `printf 'a,b\n1,2\n' | xz`, since the decoder alone is built in.
        let packed =
            b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01\x16\0\0\0t/\xe5\xa3\x01\0\x07a,b\n1,2\n\0";
        let mut text = unpack(Container::Xz, io::Cursor::new(packed.to_vec())).unwrap();
        let mut out = [0; 8];
        text.read_exact(&mut out).unwrap();
        assert_eq!(&out, b"a,b\n1,2\n");
    }

    #[test]
    fn a_cut_container_is_an_error_and_no_end() {
        let mut packed = gzip(&[b'x'; 5000]);
        packed.truncate(packed.len() - 9);
        let text = unpack(Container::Gzip, io::Cursor::new(packed)).unwrap();
        assert!(read(text).is_err());
    }

    #[test]
    fn an_archive_of_one_file_is_read_and_others_are_named() {
        let text = unzip("x.zip", io::Cursor::new(zip(&[("a.csv", b"a\n1\n")]))).unwrap();
        assert_eq!(read(text).unwrap(), b"a\n1\n");
        let files: &[(&str, &[u8])] =
            &[("t/", b""), ("__MACOSX/._a", b"x"), ("t/a.csv", b"a\n1\n")];
        let text = unzip("x.zip", io::Cursor::new(zip(files))).unwrap();
        assert_eq!(read(text).unwrap(), b"a\n1\n");
        let files: &[(&str, &[u8])] = &[("a.csv", b"a\n1\n"), ("b.csv", b"a\n1\n")];
        let fault = unzip("x.zip", io::Cursor::new(zip(files))).err().unwrap();
        assert_eq!(fault.found, "2 files: a.csv, b.csv");
        let mut damaged = zip(&[("a.csv", b"a\n1\n")]);
        let crc = 14;
        let list = memrchr_all(&damaged, b"PK\x01\x02").unwrap();
        damaged[crc] ^= 1;
        damaged[list + 16] ^= 1;
        let text = unzip("x.zip", io::Cursor::new(damaged)).unwrap();
        assert!(read(text).is_err());
    }

    #[test]
    fn what_unpacks_to_more_than_can_be_meant_is_stopped() {
        let mut guarded = Guarded {
            inner: io::repeat(0).take(3000),
            packed: Arc::new(AtomicU64::new(10)),
            out: 0,
            limits: (1000, 100),
        };
        let mut out = Vec::new();
        let error = guarded.read_to_end(&mut out).unwrap_err();
        assert!(
            error.to_string().contains("the limit is 1000 bytes"),
            "{error}"
        );
    }
}
