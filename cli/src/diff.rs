//! `--audit` and `--diff`: the lines that say what each step did to each record, into a file, and the first
//! of them in colours for people.

use anstyle::{AnsiColor, Style};
use tidemill_core::Fault;
use tidemill_core::sink::Sink;
use tidemill_io::AtomicFile;

use crate::text::shown;

/// The sink of the audit.
pub struct Audit {
    pub file: Option<AtomicFile>,
    pub diff: Option<Diff>,
}

impl Sink for Audit {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if let Some(diff) = &mut self.diff {
            diff.take(bytes);
        }
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Ok(()),
        }
    }
}

/// The lines of the first records that were changed.
pub struct Diff {
    most: usize,
    records: usize,
    /// The last record that was taken, by its number.
    last: Vec<u8>,
    /// What is no whole line yet.
    rest: Vec<u8>,
    lines: Vec<Vec<String>>,
}

impl Diff {
    pub fn new(most: usize) -> Diff {
        Diff {
            most,
            records: 0,
            last: Vec::new(),
            rest: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.records > self.most {
            return;
        }
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(end) = line_end(&self.rest[at..]) {
            let line = &self.rest[at..at + end];
            at += end + 1;
            let fields = fields(line);
            if fields.first().is_some_and(|first| first == "record") && self.last.is_empty() {
                continue;
            }
            let record = fields.first().map_or(&b""[..], |first| first.as_bytes());
            if record != self.last {
                self.last = record.to_vec();
                self.records += 1;
            }
            if self.records > self.most {
                self.rest.clear();
                return;
            }
            self.lines.push(fields);
        }
        self.rest.drain(..at);
    }

    /// The records with what became of them, in colours if there may be any.
    pub fn show(&self) -> String {
        let (bold, old, new, dim) = (
            Style::new().bold(),
            AnsiColor::Red.on_default(),
            AnsiColor::Green.on_default(),
            Style::new().dimmed(),
        );
        let mut out = String::new();
        let mut last = "";
        for line in &self.lines {
            let [record, step, word, action, column, before, after] = line.as_slice() else {
                continue;
            };
            if record != last {
                out.push_str(&format!("{bold}record {record}{bold:#}\n"));
                last = record;
            }
            let column = match column.is_empty() {
                true => String::new(),
                false => format!(" {}", shown(column)),
            };
            let step = format!("  {dim}{step:>2} {word}{dim:#}{column}");
            let before = shown(before);
            if action == "changed" {
                out.push_str(&format!(
                    "{step}: {old}\"{before}\"{old:#} -> {new}\"{}\"{new:#}\n",
                    shown(after)
                ));
            } else {
                let cell = match before.is_empty() {
                    true => String::new(),
                    false => format!(": {old}\"{before}\"{old:#}"),
                };
                out.push_str(&format!("{step}{cell} {old}{action}{old:#}\n"));
            }
        }
        if self.records > self.most {
            out.push_str(&format!("{dim}and more{dim:#}\n"));
        }
        out
    }
}

/// Where the first line ends, if all of it is there: a line break in quotes is none.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    bytes.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b'\n' && !quoted
    })
}

/// The fields of a line as this program writes them: quotes are doubled inside of quotes.
fn fields(line: &[u8]) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), Vec::new(), false);
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                field.push(b'"');
            }
            b'"' => quoted = !quoted,
            b',' if !quoted => fields.push(std::mem::take(&mut field)),
            byte => field.push(byte),
        }
    }
    fields.push(field);
    let text = |field: Vec<u8>| String::from_utf8_lossy(&field).into_owned();
    fields.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the lines come, the first records are shown whole, and no more of them.
    #[test]
    fn the_first_records() {
        let lines = "record,step,word,action,column,before,after\n\
            2,1,trim,changed,city,\" x\",x\n2,3,cast,rejected,qty,\"a\"\"\n,b\",\n7,2,dedupe,deduplicated,,,\n9,1,trim,changed,c,a,b\n";
        for piece in [1, 3, 1000] {
            let mut diff = Diff::new(2);
            for bytes in lines.as_bytes().chunks(piece) {
                diff.take(bytes);
            }
            let plain = anstream::adapter::strip_str(&diff.show()).to_string();
            let expect = "record 2\n   1 trim city: \" x\" -> \"x\"\n   3 cast qty: \"a\"";
            assert!(plain.starts_with(expect), "{plain}");
            assert!(
                plain.ends_with("rejected\nrecord 7\n   2 dedupe deduplicated\nand more\n"),
                "{plain}"
            );
        }
    }
}
