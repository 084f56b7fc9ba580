//! Rows that go to several files: one for each so many rows, or one for each value of a column. All
//! of them get their names together at the end of the run, or none does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tidemill_core::sink::Sink;
use tidemill_core::writing::Packing;
use tidemill_core::{Fault, FaultKind};
use tidemill_csv::field::unquote;
use tidemill_csv::{Dialect, Index, PADDING, Ragged};

use crate::encode::Encoded;
use crate::pack::Packed;
use crate::sink::AtomicFile;

/// The most files that are open at once, which is the most values of a key.
pub const MOST_KEYS: usize = 500;
/// The most files for so many rows each.
pub const MOST_PARTS: usize = 9_999;
/// The most bytes of a key in a file's name.
const LONGEST: usize = 100;

/// A file that is written.
pub type Part<S> = Encoded<Packed<S>>;

/// An encoding sink over a packing one.
pub fn part<S: Sink>(
    sink: S,
    encoding: Option<&'static str>,
    packing: Packing,
) -> Result<Part<S>, Fault> {
    Encoded::new(Packed::new(sink, packing)?, encoding)
}

/// What each row goes by.
pub enum Split {
    Rows {
        most: u64,
        /// One file keeps its name if it is enough.
        single: bool,
    },
    Key {
        column: usize,
    },
}

/// How the files are made.
pub struct Parts {
    pub out: PathBuf,
    pub inputs: Vec<PathBuf>,
    pub split: Split,
    pub dialect: Dialect,
    pub width: usize,
    /// Whether something stands before the rows, in each file.
    pub opening: bool,
    pub encoding: Option<&'static str>,
    pub packing: Packing,
}

/// The sink of all parts.
pub struct Splitting {
    how: Parts,
    opening: Option<Vec<u8>>,
    /// Files that are whole, and wait for their names.
    done: Vec<AtomicFile>,
    /// The file for so many rows, and how many it has.
    current: Option<(Part<AtomicFile>, u64)>,
    /// The files by key, and the names that are taken, in small letters.
    keyed: BTreeMap<Vec<u8>, Part<AtomicFile>>,
    names: BTreeSet<String>,
    index: Index,
    padded: Vec<u8>,
}

impl Parts {
    pub fn sink(self) -> Splitting {
        Splitting {
            opening: None,
            how: self,
            done: Vec::new(),
            current: None,
            keyed: BTreeMap::new(),
            names: BTreeSet::new(),
            index: Index::new(),
            padded: Vec::new(),
        }
    }

    /// `OUT-name.csv.gz` for `OUT.csv.gz`.
    fn named(&self, name: &str) -> PathBuf {
        let (before, after) = around(&self.out);
        self.out.with_file_name(format!("{before}-{name}{after}"))
    }

    /// Files of the folder that are named as parts of this output, and are none of `own`.
    pub fn strangers(out: &std::path::Path, own: &[PathBuf]) -> Vec<PathBuf> {
        let (before, after) = around(out);
        let folder = match out.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => std::path::Path::new("."),
        };
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| {
                name.strip_prefix(&before)
                    .and_then(|rest| rest.strip_suffix(&after))
                    .is_some_and(|part| part.starts_with('-') && part.len() > 1)
            })
            .map(|name| out.with_file_name(name))
            .filter(|path| !own.contains(path))
            .collect();
        found.sort();
        found
    }

    fn open(&self, name: &str, opening: &[u8]) -> Result<Part<AtomicFile>, Fault> {
        let path = self.named(name);
        if self
            .inputs
            .iter()
            .any(|input| *input == path || crate::same_file(input, &path))
        {
            return Err(Fault::new(
                FaultKind::Io,
                path.display().to_string(),
                "a part that is an input",
                "an output that is nothing else",
            )
            .hint("write to another folder"));
        }
        let file = AtomicFile::create_in(path, &self.out)?;
        let mut part = part(file, self.encoding, self.packing)?;
        part.write(opening)?;
        Ok(part)
    }
}

impl Splitting {
    fn opening(&self) -> &[u8] {
        self.opening.as_deref().unwrap_or_default()
    }

    fn close(&mut self, part: Part<AtomicFile>) -> Result<(), Fault> {
        self.done.push(part.finish()?.finish()?.close()?);
        Ok(())
    }

    fn next_part(&mut self) -> Result<(), Fault> {
        if let Some((part, _)) = self.current.take() {
            self.close(part)?;
        }
        let number = self.done.len() + 1;
        if number > MOST_PARTS {
            return Err(Fault::limit(
                self.how.out.display().to_string(),
                "the number of parts",
                number as u64,
                MOST_PARTS as u64,
            )
            .hint("put more rows into each"));
        }
        let part = self.how.open(&format!("{number:04}"), self.opening())?;
        self.current = Some((part, 0));
        Ok(())
    }

    /// So many rows to each file; runs of rows are handed on at once.
    fn by_rows(&mut self, bytes: &[u8], most: u64) -> Result<(), Fault> {
        let rows = self.index.row_start.len();
        let mut row = 0;
        while row < rows {
            if self.current.as_ref().is_none_or(|(_, has)| *has >= most) {
                self.next_part()?;
            }
            let Some((part, has)) = &mut self.current else {
                return Err(Fault::internal("no part is open"));
            };
            let take = usize::try_from(most - *has)
                .unwrap_or(usize::MAX)
                .min(rows - row);
            let start = self.index.row_start[row] as usize;
            let end = self.index.row_start.get(row + take);
            part.write(&bytes[start..end.map_or(bytes.len(), |end| *end as usize)])?;
            *has += take as u64;
            row += take;
        }
        Ok(())
    }

    fn by_key(&mut self, bytes: &[u8], column: usize) -> Result<(), Fault> {
        let mut scratch = Vec::new();
        let mut row = 0;
        let rows = self.index.row_start.len();
        while row < rows {
            let key = unquote(
                self.field(bytes, row, column),
                &self.how.dialect,
                &mut scratch,
            )
            .to_vec();
            // Neighbours of one key go on together.
            let mut next = row + 1;
            while next < rows
                && unquote(
                    self.field(bytes, next, column),
                    &self.how.dialect,
                    &mut scratch,
                ) == key
            {
                next += 1;
            }
            let start = self.index.row_start[row] as usize;
            let end = self
                .index
                .row_start
                .get(next)
                .map_or(bytes.len(), |end| *end as usize);
            if !self.keyed.contains_key(&key) {
                let part = self.part_of(&key)?;
                self.keyed.insert(key.clone(), part);
            }
            if let Some(part) = self.keyed.get_mut(&key) {
                part.write(&bytes[start..end])?;
            }
            row = next;
        }
        Ok(())
    }

    fn field<'a>(&self, bytes: &'a [u8], row: usize, column: usize) -> &'a [u8] {
        let (start, end) = self.index.field(row, column);
        &bytes[start as usize..end as usize]
    }

    fn part_of(&mut self, key: &[u8]) -> Result<Part<AtomicFile>, Fault> {
        if self.keyed.len() == MOST_KEYS {
            return Err(Fault::limit(
                format!("{}, one file for each key", self.how.out.display()),
                "the number of keys",
                self.keyed.len() as u64 + 1,
                MOST_KEYS as u64,
            )
            .hint("split by a column of fewer values, or by rows"));
        }
        let mut name = file_name(key);
        // Two keys may have one safe name, and some file systems know no case.
        let folded = |name: &str| name.to_lowercase();
        let mut number = 2;
        let base = name.clone();
        while self.names.contains(&folded(&name)) {
            name = format!("{base}~{number}");
            number += 1;
        }
        self.names.insert(folded(&name));
        self.how.open(&name, self.opening())
    }

    /// All files, whole and without their names. A run without rows has one file too, if files are
    /// numbered: its header says what there could have been.
    pub fn finish(mut self) -> Result<Vec<AtomicFile>, Fault> {
        if let Split::Rows { single, .. } = self.how.split {
            if self.current.is_none() && self.done.is_empty() {
                self.next_part()?;
            }
            if let Some((part, _)) = self.current.take() {
                self.close(part)?;
            }
            if let ([only], true) = (self.done.as_mut_slice(), single) {
                only.rename(self.how.out.clone());
            }
        }
        for (_, part) in std::mem::take(&mut self.keyed) {
            self.close(part)?;
        }
        Ok(self.done)
    }
}

impl Sink for Splitting {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.how.opening && self.opening.is_none() {
            self.opening = Some(bytes.to_vec());
            return Ok(());
        }
        self.padded.clear();
        self.padded.reserve(bytes.len() + PADDING);
        self.padded.extend_from_slice(bytes);
        self.padded.resize(bytes.len() + PADDING, 0);
        self.index.build(
            &self.padded,
            bytes.len(),
            &self.how.dialect,
            self.how.width,
            Ragged::Reject,
            &[],
        );
        if !self.index.bad.is_empty() {
            return Err(Fault::internal(
                "rows that were written cannot be read again",
            ));
        }
        match self.how.split {
            Split::Rows { most, .. } => self.by_rows(bytes, most),
            Split::Key { column } => self.by_key(bytes, column),
        }
    }
}

/// A file's name before its extension, and its extension, `.csv.gz` being one.
fn around(out: &std::path::Path) -> (String, String) {
    let name = out
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let lower = name.to_lowercase();
    let packed = [".gz", ".zst"]
        .iter()
        .find_map(|end| lower.strip_suffix(end).map(str::len))
        .filter(|at| *at > 0 && name.is_char_boundary(*at))
        .unwrap_or(name.len());
    let dot = name[..packed]
        .rfind('.')
        .filter(|dot| *dot > 0)
        .unwrap_or(packed);
    (name[..dot].to_string(), name[dot..].to_string())
}

/// A key as a part of a file's name: what means something to a file system becomes `_`.
fn file_name(key: &[u8]) -> String {
    let text = String::from_utf8_lossy(key);
    let mut name: String = text
        .chars()
        .map(|char| match char {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{fffd}' => '_',
            char if char.is_control() => '_',
            char => char,
        })
        .collect();
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    // Windows drops blanks and dots at the end of a name.
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() {
        "_".to_string()
    } else {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(folder: &std::path::Path, split: Split) -> Splitting {
        let parts = Parts {
            out: folder.join("out.csv"),
            inputs: vec![folder.join("out-AA.csv")],
            split,
            dialect: Dialect::default(),
            width: 2,
            opening: true,
            encoding: None,
            packing: Packing::Plain,
        };
        let mut sink = parts.sink();
        sink.write(b"k,v\n").unwrap();
        sink
    }

    fn files(folder: &std::path::Path) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), text)
            })
            .collect();
        files.sort();
        files
    }

    fn named(files: Vec<AtomicFile>) {
        for file in files {
            file.finish().unwrap();
        }
    }

    #[test]
    fn rows_are_counted_over_the_pieces_they_come_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = parts(
            folder.path(),
            Split::Rows {
                most: 2,
                single: true,
            },
        );
        sink.write(b"1,a\n2,\"b\nb\"\n3,c\n").unwrap();
        sink.write(b"4,d\n5,e\n").unwrap();
        let done = sink.finish().unwrap();
        assert!(
            files(folder.path())
                .iter()
                .all(|(name, _)| name.ends_with(".tmp"))
        );
        named(done);
        let expect = [
            ("out-0001.csv", "k,v\n1,a\n2,\"b\nb\"\n"),
            ("out-0002.csv", "k,v\n3,c\n4,d\n"),
            ("out-0003.csv", "k,v\n5,e\n"),
        ];
        let found = files(folder.path());
        assert_eq!(found.len(), 3);
        for ((name, text), (expect, content)) in found.iter().zip(expect) {
            assert_eq!((name.as_str(), text.as_str()), (expect, content));
        }
        // What is left of an earlier run is found.
        let own = vec![
            folder.path().join("out-0001.csv"),
            folder.path().join("out-0002.csv"),
        ];
        let strangers = Parts::strangers(&folder.path().join("out.csv"), &own);
        assert_eq!(strangers, [folder.path().join("out-0003.csv")]);
    }

    #[test]
    fn one_sheet_keeps_the_name_of_the_output() {
        for (rows, single, name) in [
            (2, true, "out.csv"),
            (2, false, "out-0001.csv"),
            (0, true, "out.csv"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut sink = parts(folder.path(), Split::Rows { most: 5, single });
            if rows > 0 {
                sink.write(b"1,a\n2,b\n").unwrap();
            }
            named(sink.finish().unwrap());
            let found = files(folder.path());
            assert_eq!((found.len(), found[0].0.as_str()), (1, name));
        }
    }

    #[test]
    fn keys_are_told_apart_by_their_values_and_named_safely() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = parts(folder.path(), Split::Key { column: 0 });
        sink.write("../x,1\nAB,2\n\"AB\",3\nab,4\n".as_bytes())
            .unwrap();
        sink.write("\"a\"\"b\",5\n,6\n北京,7\nAB,8\n".as_bytes())
            .unwrap();
        named(sink.finish().unwrap());
        let found = files(folder.path());
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "out-AB.csv",
                "out-_.csv",
                "out-_x.csv",
                "out-a_b.csv",
                "out-ab~2.csv",
                "out-北京.csv"
            ]
        );
        assert_eq!(found[0].1, "k,v\nAB,2\n\"AB\",3\nAB,8\n");
        assert_eq!(found[4].1, "k,v\nab,4\n");
    }

    #[test]
    fn too_many_keys_and_a_part_that_is_an_input_end_the_run_without_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = parts(folder.path(), Split::Key { column: 0 });
        let error = sink.write(b"AA,1\n").unwrap_err();
        assert!(error.found.contains("is an input"), "{error}");
        drop(sink);
        let mut sink = parts(folder.path(), Split::Key { column: 1 });
        let rows: String = (0..=MOST_KEYS).map(|row| format!("k,{row}\n")).collect();
        let error = sink.write(rows.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("500"), "{error}");
        drop(sink);
        assert!(files(folder.path()).is_empty());
    }
}
