//! How cleaned rows are to be written: `[write]` of a recipe, read and checked.
//!
//! What a row's bytes are (dialect, line end, byte order mark, guards for spreadsheets) is the core's and
//! the same on every host. What becomes of those bytes (another encoding, packing, several files) is
//! the host's, and a host without it says so before a run: [`Write::rows_alone`].

use tidemill_csv::{Dialect, Escape};

use crate::error::RecipeError;
use crate::options::Options;
use crate::sniff::charset;

/// `[write]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Write {
    pub delimiter: Option<u8>,
    pub quote: Option<u8>,
    pub escape: Escape,
    /// Every field stands in quotes, whether it needs them or not.
    pub quote_all: bool,
    pub crlf: bool,
    pub bom: bool,
    /// Cells that a spreadsheet would take for something else are written so that it does not.
    pub excel: bool,
    /// A name of the standard; UTF-8 if it is not there.
    pub encoding: Option<&'static str>,
    pub packing: Option<Packing>,
    pub parts: Parts,
}

/// How the bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As they are, whatever the output's name says.
    Plain,
    Gzip,
    Zstd,
}

/// Whether the rows go to one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    #[default]
    One,
    /// A file for each so many rows.
    Rows(u64),
    /// As many as a sheet holds; one file keeps its name if that is enough.
    Sheets,
    /// A file for each value of a column.
    By(String),
}

/// The rows of a sheet below its header.
pub const SHEET: u64 = 1_048_575;

pub const KEYS: &[&str] = &[
    "format",
    "delimiter",
    "quote",
    "escape",
    "quotes",
    "line_end",
    "bom",
    "encoding",
    "compress",
    "preset",
    "rows",
    "by",
];

impl Write {
    /// Reads the table.
    pub fn read(top: &Options<'_>) -> Result<Write, RecipeError> {
        let Some(table) = top.table("write")? else {
            return Ok(Write::default());
        };
        table.only(KEYS)?;
        let excel = table.word("preset", &["excel"])?.is_some();
        let delimiter = match table.word("format", &["csv", "tsv"])? {
            Some("tsv") => Some(b'\t'),
            Some(_) => Some(b','),
            None => None,
        };
        let escape = match table.word("escape", &["double", "backslash"])? {
            Some("backslash") => Escape::Backslash,
            _ => Escape::Double,
        };
        let encoding = match table.text("encoding")? {
            None => None,
            Some(name) => Some(charset::standard(name).ok_or_else(|| {
                let known: Vec<&str> = charset::names().collect();
                table
                    .error("encoding", format!("\"{name}\""), known.join(", "))
                    .nearest(name, known)
            })?),
        };
        let unicode = matches!(encoding, None | Some("utf-8" | "utf-16le" | "utf-16be"));
        let bom = table.boolean("bom")?;
        if bom == Some(true) && !unicode {
            return Err(table
                .error("bom", "a byte order mark", "an encoding of Unicode")
                .hint("leave bom out, or write UTF-8 or UTF-16"));
        }
        let bom = bom.unwrap_or(match encoding {
            Some("utf-16le" | "utf-16be") => true,
            _ => excel && unicode,
        });
        let packing = table
            .word("compress", &["none", "gzip", "zstd"])?
            .map(|word| match word {
                "gzip" => Packing::Gzip,
                "zstd" => Packing::Zstd,
                _ => Packing::Plain,
            });
        let parts = match (table.count("rows")?, table.text("by")?) {
            (Some(_), Some(_)) => {
                return Err(table.error(
                    "by",
                    "parts by rows and by a key",
                    "one of them: rows = 100000, or by = \"carrier\"",
                ));
            }
            (Some(0), None) => {
                return Err(table.error("rows", "parts of 0 rows", "a number from 1 on"));
            }
            (Some(rows), None) if excel && rows > SHEET => {
                return Err(table.error(
                    "rows",
                    format!("parts of {rows} rows for a sheet"),
                    format!("at most {SHEET}"),
                ));
            }
            (Some(rows), None) => Parts::Rows(rows),
            (None, Some(column)) => Parts::By(column.to_string()),
            (None, None) if excel => Parts::Sheets,
            (None, None) => Parts::One,
        };
        let write = Write {
            delimiter: table.character("delimiter")?.or(delimiter),
            quote: table.character("quote")?,
            escape,
            quote_all: table.word("quotes", &["needed", "all"])? == Some("all"),
            crlf: table
                .word("line_end", &["lf", "crlf"])?
                .map_or(excel, |word| word == "crlf"),
            bom,
            excel,
            encoding: encoding.filter(|name| *name != "utf-8"),
            packing,
            parts,
        };
        write.dialect().check().map_err(|error| {
            table.error(
                "delimiter",
                error.to_string(),
                "bytes that can be told apart",
            )
        })?;
        Ok(write)
    }

    pub fn dialect(&self) -> Dialect {
        Dialect {
            delimiter: self.delimiter.unwrap_or(b','),
            quote: Some(self.quote.unwrap_or(b'"')),
            escape: self.escape,
            ..Dialect::default()
        }
    }

    pub fn line_end(&self) -> &'static [u8] {
        if self.crlf { b"\r\n" } else { b"\n" }
    }

    /// Refuses what lies beyond the rows' bytes, for hosts that have no more than those.
    pub fn rows_alone(&self) -> Result<(), RecipeError> {
        let (key, found) = if let Some(name) = self.encoding {
            ("encoding", format!("\"{name}\""))
        } else if matches!(self.packing, Some(Packing::Gzip | Packing::Zstd)) {
            ("compress", "rows that are to be packed".to_string())
        } else {
            match &self.parts {
                Parts::Rows(rows) => ("rows", format!("parts of {rows} rows")),
                Parts::By(column) => ("by", format!("a file for each {column}")),
                Parts::One | Parts::Sheets => return Ok(()),
            }
        };
        Err(RecipeError::new(
            format!("write.{key}"),
            found,
            "one output in UTF-8 as it is, which is all that is written here",
        )
        .hint("the tidemill command writes it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;

    fn read(text: &str) -> Result<Write, RecipeError> {
        let node = parse(&format!("[write]\n{text}")).unwrap();
        Write::read(&Options::new(&node, ""))
    }

    #[test]
    fn a_preset_is_a_beginning_and_what_is_stated_stands() {
        let excel = read("preset = \"excel\"").unwrap();
        assert!(excel.bom && excel.crlf && excel.excel);
        assert_eq!(excel.parts, Parts::Sheets);
        let own = read("preset = \"excel\"\nline_end = \"lf\"\nbom = false\nrows = 10").unwrap();
        assert!(!own.bom && !own.crlf && own.parts == Parts::Rows(10));
        // A mark is nothing that GB18030 begins with, and UTF-16 is not told without.
        assert!(!read("preset = \"excel\"\nencoding = \"GBK\"").unwrap().bom);
        assert!(read("encoding = \"utf-16le\"").unwrap().bom);
    }

    #[test]
    fn what_cannot_be_is_said_with_its_place() {
        for (text, place, expected) in [
            ("encodng = \"gbk\"", "write.encodng (line 2)", "encoding"),
            ("rows = 0", "write.rows (line 2)", "from 1 on"),
            ("rows = 5\nby = \"x\"", "write.by (line 3)", "one of them"),
            (
                "bom = true\nencoding = \"big5\"",
                "write.bom (line 2)",
                "Unicode",
            ),
            (
                "delimiter = \"'\"\nquote = \"'\"",
                "write.delimiter (line 2)",
                "told apart",
            ),
            (
                "preset = \"excel\"\nrows = 2000000",
                "write.rows (line 3)",
                "1048575",
            ),
            ("line_end = \"cr\"", "write.line_end (line 2)", "crlf"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.place, place);
            assert!(error.expected.contains(expected), "{error}");
        }
        let error = read("encoding = \"gb1803\"").unwrap_err();
        assert!(error.hint.unwrap().contains("gb18030"));
    }

    #[test]
    fn a_host_that_has_rows_alone_refuses_the_rest() {
        for text in [
            "encoding = \"gbk\"",
            "compress = \"zstd\"",
            "rows = 3",
            "by = \"x\"",
        ] {
            let error = read(text).unwrap().rows_alone().unwrap_err();
            assert!(error.place.starts_with("write."), "{error}");
        }
        for text in [
            "encoding = \"utf-8\"",
            "compress = \"none\"",
            "preset = \"excel\"",
        ] {
            assert!(read(text).unwrap().rows_alone().is_ok(), "{text}");
        }
    }
}
