use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::zip::{Archive, Refusal};

/// Pushes pieces of one size, and takes pieces of another.
fn unpacked(form: Form, packed: &[u8], (push, take): (usize, usize)) -> Result<Vec<u8>, Damage> {
    let mut unpacker = Unpacker::new(form);
    let (mut out, mut into) = (Vec::new(), vec![0; take]);
    let mut pieces = packed.chunks(push).chain([&[][..]]);
    let mut piece: &[u8] = &[];
    let mut last = false;
    loop {
        let (took, filled) = unpacker.unpack(piece, last, &mut into)?;
        out.extend_from_slice(&into[..filled]);
        piece = &piece[took..];
        if filled == take {
            continue;
        }
        assert!(piece.is_empty(), "{form:?} left {} bytes", piece.len());
        match pieces.next() {
            Some(next) => (piece, last) = (next, next.is_empty()),
            None => return Ok(out),
        }
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// With the checksum and the size of the content, as the command writes them.
fn zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder
        .set_pledged_src_size(Some(text.len() as u64))
        .unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// `printf 'a,b\n1,2\n' | xz --check=crc32`, since the decoder alone is built in.
const XZ: &[u8] = b"\xfd7zXZ\0\0\x01i\"\xde6\x02\0!\x01\x16\0\0\0t/\xe5\xa3\x01\0\x07a,b\n1,2\n\0";

/// An archive as the APPNOTE has it, made by hand.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        let packed = encoder.finish().unwrap();
        let mut crc = flate2::Crc::new();
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

/// The text of an archive's one file; a damage of its data is an `Ok(Err(_))`.
fn unzipped(bytes: &[u8]) -> Result<Result<Vec<u8>, Damage>, Refusal> {
    let mut archive = Archive::new(bytes.len() as u64);
    loop {
        let wants = archive.wants();
        let bytes = &bytes[wants.start as usize..wants.end as usize];
        if let Some(form) = archive.form() {
            return Ok(unpacked(form, bytes, (7, 64)));
        }
        archive.give(bytes)?;
    }
}

type Pack = fn(&[u8]) -> Vec<u8>;

const FORMS: [(Form, Pack); 3] = [(Form::Gzip, gzip), (Form::Bzip2, bzip2), (Form::Zstd, zstd)];

proptest! {
    #[test]
    fn any_pieces_give_the_text_of_all_members(
        texts in prop::collection::vec(prop::collection::vec(b'a'..b'd', 0..3000), 1..4),
        push in 1usize..400,
        take in 1usize..400,
    ) {
        for (form, pack) in FORMS {
            let packed: Vec<u8> = texts.iter().flat_map(|text| pack(text)).collect();
            prop_assert_eq!(unpacked(form, &packed, (push, take)), Ok(texts.concat()), "{:?}", form);
        }
    }

    /// Every container here has a checksum, so nothing that was damaged passes for whole.
    #[test]
    fn no_cut_and_no_changed_bit_goes_unseen(
        text in prop::collection::vec(b'a'..b'e', 1..2000),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        for (form, pack) in FORMS {
            let packed = pack(&text);
            let cut = unpacked(form, &packed[..at.index(packed.len())], (100, 100));
            prop_assert_eq!(cut, Err(Damage::Cut(form)));
            let mut changed = packed.clone();
            // What a gzip header says of time, level and system changes no text.
            let at = at.index(packed.len());
            changed[at] ^= 1 << bit;
            match unpacked(form, &changed, (100, 100)) {
                Ok(same) => prop_assert_eq!(&same, &text, "{:?} at {}", form, at),
                Err(damage) => {
                    let bomb = matches!(damage, Damage::Bomb { .. });
                    prop_assert!(!bomb);
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_go_on_for_ever(
        head in 0usize..3,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        kept in 0usize..20,
    ) {
        let (form, pack) = FORMS[head];
        let mut packed = pack(b"a,b\n1,2\n");
        packed.truncate(kept);
        packed.extend_from_slice(&bytes);
        let _ = unpacked(form, &packed, (13, 50));
        let mut xz = XZ[..kept].to_vec();
        xz.extend_from_slice(&bytes);
        let _ = unpacked(Form::Xz, &xz, (13, 50));
        let mut zip = bytes.clone();
        zip.extend_from_slice(&archive(&[("a", b"a\n1\n")])[kept..]);
        let _ = unzipped(&zip);
    }
}

/// `python3 -c "import lzma; ..."` with `FORMAT_XZ` made these: two streams, with padding between.
#[test]
fn xz_streams_with_padding_are_one_text() {
    let one = include_bytes!("../../../tests/corpus/packed/streams.csv.xz");
    let text = unpacked(Form::Xz, one, (5, 3)).unwrap();
    assert!(
        text.starts_with(b"id,town\n") && text.ends_with(b"\n"),
        "{text:?}"
    );
    for cut in 1..one.len() - 4 {
        match unpacked(Form::Xz, &one[..cut], (100, 100)) {
            // The first stream, or padding that is whole, may be all there is.
            Ok(part) => assert!(text.starts_with(&part)),
            Err(damage) => assert!(matches!(damage, Damage::Cut(_) | Damage::Broken(_))),
        }
    }
}

#[test]
fn zeros_behind_gzip_are_padding_and_other_bytes_are_not() {
    let mut packed = gzip(b"a\n1\n");
    packed.extend_from_slice(&[0; 512]);
    assert_eq!(
        unpacked(Form::Gzip, &packed, (100, 100)).unwrap(),
        b"a\n1\n"
    );
    packed.push(b'x');
    assert_eq!(
        unpacked(Form::Gzip, &packed, (100, 100)),
        Err(Damage::Broken(Form::Gzip))
    );
}

#[test]
fn frames_that_nobody_reads_are_skipped() {
    let skipped = b"\x53\x2a\x4d\x18\x05\0\0\0abcde";
    let packed = [&skipped[..], &zstd(b"a\n1\n"), skipped, &zstd(b"2\n")].concat();
    assert_eq!(unpacked(Form::Zstd, &packed, (3, 2)).unwrap(), b"a\n1\n2\n");
    let cut = &packed[..packed.len() - zstd(b"2\n").len() - 1];
    assert_eq!(
        unpacked(Form::Zstd, cut, (100, 100)),
        Err(Damage::Cut(Form::Zstd))
    );
}

#[test]
fn an_archive_of_one_file_is_read_and_others_are_named() {
    let one = archive(&[("a.csv", b"a\n1\n")]);
    assert_eq!(unzipped(&one), Ok(Ok(b"a\n1\n".to_vec())));
    let hidden = archive(&[("t/", b""), ("__MACOSX/._a", b"x"), ("t/a.csv", b"a\n1\n")]);
    assert_eq!(unzipped(&hidden), Ok(Ok(b"a\n1\n".to_vec())));
    let two = archive(&[("a.csv", b"a\n1\n"), ("b.csv", b"a\n1\n")]);
    assert_eq!(unzipped(&two).unwrap_err().found, "2 files: a.csv, b.csv");
    let none = unzipped(&archive(&[])).unwrap_err();
    assert_eq!(none.found, "an archive without a file");
    let list = one
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let mut damaged = one.clone();
    damaged[list + 16] ^= 1;
    assert_eq!(
        unzipped(&damaged),
        Ok(Err(Damage::Broken(Form::Deflated(u32::from_le_bytes([
            damaged[list + 16],
            damaged[list + 17],
            damaged[list + 18],
            damaged[list + 19]
        ])))))
    );
    let mut locked = one.clone();
    locked[list + 8] |= 1;
    assert_eq!(
        unzipped(&locked).unwrap_err().found,
        "\"a.csv\" is encrypted"
    );
    assert!(unzipped(&one[..one.len() - 1]).is_err());
}

#[test]
fn what_unpacks_to_more_than_can_be_meant_is_stopped() {
    let packed = gzip(&vec![0; 1 << 20]);
    let mut unpacker = Unpacker::new(Form::Gzip);
    unpacker.limits = (1000, 100);
    let damage = unpacker.unpack(&packed, true, &mut vec![0; 1 << 20]);
    assert!(matches!(damage, Err(Damage::Bomb { .. })), "{damage:?}");
    assert_eq!(guard(10, GUARD_FROM, (GUARD_FROM, GUARD_RATIO)), Ok(()));
    assert!(guard(10, GUARD_FROM + 1, (GUARD_FROM, GUARD_RATIO)).is_err());
}

#[test]
fn a_window_of_zstd_that_is_too_large_is_refused() {
    // A frame without content, whose window is 2^28 bytes: exponent 18 above 2^10.
    let packed = b"\x28\xb5\x2f\xfd\x00\x90\x01\0\0";
    assert_eq!(
        unpacked(Form::Zstd, packed, (100, 100)),
        Err(Damage::Memory(Form::Zstd))
    );
    let packed = b"\x28\xb5\x2f\xfd\x00\x88\x01\0\0";
    assert_eq!(unpacked(Form::Zstd, packed, (100, 100)), Ok(Vec::new()));
}
