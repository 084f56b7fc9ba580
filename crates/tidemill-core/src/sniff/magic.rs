//! What a file is by its first bytes: a container to unpack, something that is not delimited text
//! at all, or, as far as bytes tell, text.

use serde::Serialize;

use crate::error::{Fault, FaultKind};

/// What holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Zip,
}

impl Container {
    pub fn word(self) -> &'static str {
        match self {
            Container::Gzip => "gzip",
            Container::Zstd => "zstd",
            Container::Bzip2 => "bzip2",
            Container::Xz => "xz",
            Container::Zip => "zip",
        }
    }

    /// A command that unpacks it, for a host that does not.
    pub fn command(self) -> &'static str {
        match self {
            Container::Gzip => "gzip -dc FILE",
            Container::Zstd => "zstd -dc FILE",
            Container::Bzip2 => "bzip2 -dc FILE",
            Container::Xz => "xz -dc FILE",
            Container::Zip => "unzip -p FILE",
        }
    }
}

/// The container that the first bytes of a file tell of.
pub fn container(head: &[u8]) -> Option<Container> {
    // A zstd file may begin with skippable frames, which have sixteen magic numbers.
    let skippable = head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == *b"\x2a\x4d\x18";
    if head.starts_with(b"\x1f\x8b\x08") {
        Some(Container::Gzip)
    } else if head.starts_with(b"\x28\xb5\x2f\xfd") || skippable {
        Some(Container::Zstd)
    } else if head.starts_with(b"BZh")
        && head
            .get(3)
            .is_some_and(|level| (b'1'..=b'9').contains(level))
        && head.get(4..10).is_none_or(|block| {
            block == b"\x31\x41\x59\x26\x53\x59" || block == b"\x17\x72\x45\x38\x50\x90"
        })
    {
        Some(Container::Bzip2)
    } else if head.starts_with(b"\xfd7zXZ\0") {
        Some(Container::Xz)
    } else if head.starts_with(b"PK\x03\x04") && !workbook(head) {
        Some(Container::Zip)
    } else {
        None
    }
}

/// A ZIP whose first entry is one of an Office file.
fn workbook(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    let parts: [&[u8]; 7] = [
        b"[Content_Types].xml",
        b"_rels/",
        b"docProps/",
        b"xl/",
        b"word/",
        b"ppt/",
        b"mimetypeapplication/vnd.oasis",
    ];
    parts.iter().any(|part| name.starts_with(part))
}

const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"\x89PNG", "a PNG picture", "name the table that it shows"),
    (
        b"\xff\xd8\xff",
        "a JPEG picture",
        "name the table that it shows",
    ),
    (b"GIF8", "a GIF picture", "name the table that it shows"),
    (
        b"PK\x03\x04",
        "an Excel workbook or another Office file",
        "save the sheet as CSV",
    ),
    (
        b"PK\x05\x06",
        "an empty ZIP archive",
        "pack one text file in it",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook",
        "save the sheet as CSV",
    ),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"ARROW1", "an Arrow file", "export it as CSV"),
    (b"Obj\x01", "an Avro file", "export it as CSV"),
    (b"ORC", "an ORC file", "export it as CSV"),
    (b"\x89HDF\r\n", "an HDF5 file", "export a data set as CSV"),
    (
        b"%PDF",
        "a PDF document",
        "copy its table into a sheet, and save that as CSV",
    ),
    (
        b"SQLite format 3",
        "an SQLite database",
        "export a table: sqlite3 -csv -header FILE 'select * from t'",
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        "a 7z archive",
        "unpack it first: 7z x FILE",
    ),
    (b"Rar!", "a RAR archive", "unpack it first: unrar x FILE"),
    (b"\x7fELF", "a program", "name a file of delimited text"),
    (b"MZ\x90\0", "a program", "name a file of delimited text"),
    (b"{\\rtf", "a rich text document", "save it as plain text"),
];

fn refusal(found: &str, hint: &str) -> Fault {
    Fault::new(FaultKind::Input, "input", found, "delimited text").hint(hint)
}

/// Files that are not delimited text, with what to do instead.
pub fn refuse(head: &[u8]) -> Result<(), Fault> {
    if let Some(container) = container(head) {
        // A host that unpacks it has done so before.
        let hint = format!("unpack it first: {} | tidemill ... -", container.command());
        return Err(refusal(container.word(), &hint));
    }
    for (magic, found, hint) in KNOWN {
        // Three letters may well begin a header; what is binary goes on with a low byte.
        let short = magic.len() == 3 && magic.is_ascii();
        let binary = || {
            head.get(3)
                .is_some_and(|&byte| byte < 0x20 && !byte.is_ascii_whitespace())
        };
        if head.starts_with(magic) && (!short || binary()) {
            return Err(refusal(found, hint));
        }
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err(refusal("a tar archive", "unpack it first: tar xf FILE"));
    }
    Ok(())
}

/// Text that is not delimited: JSON, XML, HTML. `text` is decoded.
pub fn refuse_text(text: &[u8]) -> Result<(), Fault> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = text.trim_ascii_start();
    let second = || start[1..].trim_ascii_start().first().copied();
    if start.starts_with(b"{") && matches!(second(), Some(b'"' | b'}')) {
        let first = start
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let lines = first.trim_ascii_end().ends_with(b"}") && start.len() > first.len() + 1;
        let (found, hint) = if lines {
            (
                "JSON, one object a line",
                "make CSV of it first: jq -r '[.a, .b] | @csv' FILE",
            )
        } else {
            (
                "JSON",
                "make CSV of it first: jq -r '.[] | [.a, .b] | @csv' FILE",
            )
        };
        return Err(refusal(found, hint));
    }
    if start.starts_with(b"[") && matches!(second(), Some(b'{' | b'[' | b']')) {
        return Err(refusal(
            "JSON",
            "make CSV of it first: jq -r '.[] | [.a, .b] | @csv' FILE",
        ));
    }
    let lower: Vec<u8> = start.iter().take(64).map(u8::to_ascii_lowercase).collect();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Err(refusal(
            "a web page",
            "was this a download? look at it, and fetch the file that it leads to",
        ));
    }
    if lower.starts_with(b"<?xml") {
        return Err(refusal("XML", "export it as CSV"));
    }
    if start.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Err(refusal(
            "a pointer of Git LFS, not the file itself",
            "fetch it: git lfs pull",
        ));
    }
    // A stray NUL in a text is data; many of them are not text.
    let zeros = memchr::memchr_iter(0, text).count();
    if zeros > 8 && zeros * 50 > text.len() {
        return Err(refusal(
            &format!(
                "binary data ({zeros} NUL bytes in the first {} bytes)",
                text.len()
            ),
            "name a file of delimited text; if it is UTF-16, say encoding = \"utf-16le\" in [read]",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_told_by_their_magic() {
        assert_eq!(container(b"\x1f\x8b\x08\0"), Some(Container::Gzip));
        assert_eq!(container(b"\x28\xb5\x2f\xfd\0"), Some(Container::Zstd));
        assert_eq!(container(b"\x52\x2a\x4d\x18\0"), Some(Container::Zstd));
        assert_eq!(container(b"BZh91AY&SY"), Some(Container::Bzip2));
        assert_eq!(container(b"\xfd7zXZ\0"), Some(Container::Xz));
        assert_eq!(container(b"BZh9,name,city\n"), None);
        assert_eq!(container(b"a,b\n"), None);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.resize(30, 0);
        zip.extend(b"a.csv");
        assert_eq!(container(&zip), Some(Container::Zip));
        zip.truncate(30);
        zip.extend(b"xl/workbook.xml");
        assert_eq!(container(&zip), None);
        assert!(refuse(&zip).is_err());
    }

    #[test]
    fn what_is_no_table_is_named() {
        let json = |text: &[u8]| refuse_text(text).map_err(|fault| fault.found);
        assert_eq!(
            json(b"{\"a\": 1}\n{\"a\": 2}\n").unwrap_err(),
            "JSON, one object a line"
        );
        assert_eq!(json(b" [\n {\"a\": 1}]").unwrap_err(), "JSON");
        assert_eq!(json(b"<!DOCTYPE html><p>").unwrap_err(), "a web page");
        assert_eq!(json(b"[a],b\n1,2\n"), Ok(()));
        assert_eq!(json(b"{x},b\n1,2\n"), Ok(()));
        assert!(refuse(b"ORC,name\n").is_ok());
        assert!(refuse(b"PAR1\x15").is_err());
    }
}
