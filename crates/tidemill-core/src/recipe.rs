//! What was asked: a recipe as a person keeps it, read and checked as far as that is possible
//! without the header of a file. Columns are resolved later, in `plan.rs`.

use tidemill_csv::{Escape, Ragged, Wide};

use crate::document::{self, Data, Node};
use crate::error::RecipeError;
use crate::kernels;
use crate::options::Options;
use crate::reduce::Limits;
use crate::sniff::charset;
use crate::writing::Write;

/// The version of the recipe's own language.
pub const VERSION: u64 = 1;

/// A recipe.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub read: Read,
    pub expect: Expect,
    pub steps: Vec<StepSpec>,
    pub reductions: Vec<ReductionSpec>,
    pub limits: Limits,
    pub write: Write,
}

/// How the bytes are read. What is `None` is detected.
#[derive(Clone, Debug, Default)]
pub struct Read {
    pub delimiter: Option<String>,
    /// `Some(None)`: no quoting at all.
    pub quote: Option<Option<u8>>,
    pub escape: Option<Escape>,
    /// `Some(None)`: no line is a comment.
    pub comment: Option<Option<u8>>,
    /// A name of the standard.
    pub encoding: Option<&'static str>,
    /// What the host has decoded the bytes from; no text states it.
    pub decoded: Option<&'static str>,
    pub skip_rows: Option<u64>,
    pub header: Header,
    pub missing: MissingSpec,
    pub ragged: Option<RaggedWord>,
    /// How the columns of several files are one table's.
    pub columns: Columns,
    /// The column that names the file of each row.
    pub source: Option<String>,
}

/// How the columns of several files are one table's; they go by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// Each file has all of them, in any order.
    #[default]
    Same,
    /// What a file lacks is empty there.
    Union,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Not stated.
    #[default]
    Detect,
    /// The first record.
    First,
    /// So many records, whose cells are joined by a space.
    Rows(u32),
    /// There is none: columns are named `column1`, `column2` and so on.
    None,
    /// There is none, and these are the names.
    Names(Vec<String>),
}

/// The words for a missing value: one list for all, or one a column, `"*"` for the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MissingSpec {
    pub all: Option<Vec<String>>,
    pub columns: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RaggedWord {
    #[default]
    Reject,
    Pad,
}

impl From<RaggedWord> for Ragged {
    fn from(word: RaggedWord) -> Ragged {
        match word {
            RaggedWord::Reject => Ragged::Reject,
            RaggedWord::Pad => Ragged::Pad,
        }
    }
}

/// What a file must be like before any work is done, and what a run must be like after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    /// How the columns are compared with `names`; without names there is nothing to compare with,
    /// and `explain` says so.
    pub columns: Option<ExpectColumns>,
    pub names: Option<Vec<String>>,
    pub min_rows: Option<u64>,
    pub max_rejects: Option<MaxRejects>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectColumns {
    Same,
    Superset,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaxRejects {
    Count(u64),
    /// Thousandths of a percent of the rows read.
    MilliPercent(u64),
}

/// One step, not yet held against a header.
#[derive(Clone, Debug)]
pub struct StepSpec {
    pub word: String,
    pub node: Node,
    pub off: bool,
    pub filter: Option<String>,
}

/// One reduction.
#[derive(Clone, Debug)]
pub struct ReductionSpec {
    pub name: String,
    pub by: Vec<String>,
    pub values: Vec<String>,
    /// Columns of the answer, each with a minus for the greatest first.
    pub sort: Vec<String>,
    pub limit: Option<u64>,
    /// The column whose values become columns.
    pub pivot: Option<String>,
    pub line: u32,
}

/// The keys of each table, for checks, messages and the schema.
pub const TOP: &[&str] = &[
    "tidemill", "read", "expect", "step", "reduce", "limits", "write",
];
pub const READ: &[&str] = &[
    "delimiter",
    "quote",
    "escape",
    "comment",
    "encoding",
    "skip_rows",
    "header",
    "missing",
    "ragged",
    "columns",
    "source",
];
pub const EXPECT: &[&str] = &["columns", "names", "min_rows", "max_rejects"];
pub const REDUCE: &[&str] = &["name", "by", "values", "pivot", "sort", "limit"];
pub const LIMITS: &[&str] = &["exact_values", "groups"];

impl Recipe {
    /// An empty recipe: everything is detected and nothing is done.
    pub fn empty() -> Recipe {
        Recipe {
            read: Read::default(),
            expect: Expect::default(),
            steps: Vec::new(),
            reductions: Vec::new(),
            limits: Limits::default(),
            write: Write::default(),
        }
    }

    /// Reads a recipe's text, TOML or JSON.
    pub fn parse(text: &str) -> Result<Recipe, RecipeError> {
        Recipe::from_node(&document::parse(text)?)
    }

    pub fn from_node(node: &Node) -> Result<Recipe, RecipeError> {
        let top = Options::new(node, "");
        // A later version may have keys that this one does not know, so its number is asked first.
        match top.count("tidemill")? {
            Some(VERSION) => {}
            None => {
                return Err(RecipeError::new(
                    "recipe",
                    "no version",
                    "tidemill = 1 in the first line",
                ));
            }
            Some(other) => {
                return Err(top
                    .error("tidemill", format!("recipe version {other}"), format!("version {VERSION}"))
                    .hint("this recipe was written for another version of Tidemill; update the program"));
            }
        }
        top.only(TOP)?;
        Ok(Recipe {
            read: read(&top)?,
            expect: expect(&top)?,
            steps: tables(&top, "step")?
                .into_iter()
                .enumerate()
                .map(|(at, node)| StepSpec::from_node(node, at + 1))
                .collect::<Result<_, _>>()?,
            reductions: reductions(&top)?,
            limits: limits(&top)?,
            write: Write::read(&top)?,
        })
    }
}

impl StepSpec {
    pub fn from_node(node: &Node, number: usize) -> Result<StepSpec, RecipeError> {
        let options = Options::new(node, format!("step {number}"));
        let entries = options.entries()?;
        let words: Vec<&str> = entries
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| kernels::clean(key).is_some())
            .collect();
        let word = match words.as_slice() {
            [word] => (*word).to_string(),
            [] => {
                let known = || kernels::CLEAN.iter().map(|kernel| kernel.about.word);
                let unknown = entries
                    .iter()
                    .map(|(key, _)| key.as_str())
                    .find(|key| !COMMON.contains(key));
                let found = unknown.map_or("no step".to_string(), |key| {
                    format!("unknown step \"{key}\"")
                });
                let error = RecipeError::new(
                    node.place(&options.path),
                    found,
                    known().collect::<Vec<_>>().join(", "),
                );
                return Err(match unknown {
                    Some(key) => error.nearest(key, known()),
                    None => error,
                });
            }
            several => {
                // A sibling option may be named like another kernel: then the first key decides.
                let first = several[0];
                let about = kernels::clean(first).map(|kernel| kernel.about);
                let own = |key: &&str| {
                    about
                        .is_some_and(|about| about.options.iter().any(|option| option.name == *key))
                };
                if several[1..].iter().all(own) {
                    first.to_string()
                } else {
                    return Err(RecipeError::new(
                        node.place(&options.path),
                        format!("several steps in one: {}", several.join(", ")),
                        "one step in each [[step]]",
                    ));
                }
            }
        };
        Ok(StepSpec {
            off: options.boolean("off")?.unwrap_or(false),
            filter: options.text("where")?.map(str::to_string),
            word,
            node: node.clone(),
        })
    }
}

/// Keys that every step takes.
pub const COMMON: &[&str] = &["where", "off"];

fn tables<'a>(top: &Options<'a>, key: &str) -> Result<Vec<&'a Node>, RecipeError> {
    match top.get(key) {
        None => Ok(Vec::new()),
        Some(Node {
            data: Data::List(items),
            ..
        }) => Ok(items.iter().collect()),
        Some(node) => Err(top.wrong(node, key, &format!("[[{key}]], a list of tables"))),
    }
}

fn read(top: &Options<'_>) -> Result<Read, RecipeError> {
    let Some(table) = top.table("read")? else {
        return Ok(Read::default());
    };
    table.only(READ)?;
    let quote = match table.get("quote") {
        None => None,
        Some(Node {
            data: Data::Text(text),
            ..
        }) if text == "none" || text.is_empty() => Some(None),
        Some(Node {
            data: Data::Boolean(false),
            ..
        }) => Some(None),
        Some(_) => table.character("quote")?.map(Some),
    };
    let escape = table
        .word("escape", &["double", "backslash", "none"])?
        .map(|word| match word {
            "backslash" => Escape::Backslash,
            "none" => Escape::None,
            _ => Escape::Double,
        });
    let comment = match table.text("comment")? {
        None => None,
        Some("none" | "") => Some(None),
        Some(_) => Some(table.character("comment")?),
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
    let header = match table.get("header").map(|node| &node.data) {
        None => Header::Detect,
        Some(Data::Boolean(true)) => Header::First,
        Some(Data::Number(_)) => match table.count("header")? {
            Some(0) => Header::None,
            Some(1) => Header::First,
            Some(rows @ 2..=MOST_HEADER) => Header::Rows(rows as u32),
            _ => {
                return Err(table.error(
                    "header",
                    "a header of so many rows",
                    format!("at most {MOST_HEADER}"),
                ));
            }
        },
        Some(Data::Boolean(false)) => Header::None,
        Some(Data::List(_)) => Header::Names(table.texts("header")?.unwrap_or_default()),
        Some(_) => {
            return Err(table.error(
                "header",
                "something else",
                "true, false, a number of rows or a list of names",
            ));
        }
    };
    let missing = match table.get("missing") {
        None => MissingSpec::default(),
        Some(
            node @ Node {
                data: Data::Table(entries),
                ..
            },
        ) => {
            let inner = Options::new(node, "read.missing");
            let mut spec = MissingSpec::default();
            for (column, words) in entries {
                let words = inner.texts_of(words, column)?;
                if column == "*" {
                    spec.all = Some(words);
                } else {
                    spec.columns.push((column.clone(), words));
                }
            }
            spec
        }
        Some(_) => MissingSpec {
            all: table.texts("missing")?,
            columns: Vec::new(),
        },
    };
    Ok(Read {
        delimiter: delimiter(&table)?,
        quote,
        escape,
        comment,
        encoding,
        decoded: None,
        skip_rows: table.count("skip_rows")?,
        header,
        missing,
        ragged: table
            .word("ragged", &["reject", "pad"])?
            .map(|word| match word {
                "pad" => RaggedWord::Pad,
                _ => RaggedWord::Reject,
            }),
        columns: match table.word("columns", &["same", "union"])? {
            Some("union") => Columns::Union,
            _ => Columns::Same,
        },
        source: table.word("source", &["file"])?.map(str::to_string),
    })
}

/// The most rows of a header.
const MOST_HEADER: u64 = 100;

/// A delimiter of any length that the stream can carry.
fn delimiter(table: &Options<'_>) -> Result<Option<String>, RecipeError> {
    let text = match table.text("delimiter")? {
        None => return Ok(None),
        Some("\\t") => "\t",
        Some(text) => text,
    };
    if text.len() == 1 || Wide::new(text.as_bytes()).is_some() {
        return Ok(Some(text.to_string()));
    }
    Err(table.error(
        "delimiter",
        format!("\"{text}\""),
        format!(
            "a character or a few, of at most {} bytes and without a line end",
            Wide::LONGEST
        ),
    ))
}

fn expect(top: &Options<'_>) -> Result<Expect, RecipeError> {
    let Some(table) = top.table("expect")? else {
        return Ok(Expect::default());
    };
    table.only(EXPECT)?;
    let columns = table
        .word("columns", &["same", "superset"])?
        .map(|word| match word {
            "same" => ExpectColumns::Same,
            _ => ExpectColumns::Superset,
        });
    let names = table.texts("names")?;
    let max_rejects = match table.get("max_rejects").map(|node| &node.data) {
        None => None,
        Some(Data::Text(text)) => {
            let wrong = || {
                table.error(
                    "max_rejects",
                    format!("\"{text}\""),
                    "a count, or a percentage like \"1%\"",
                )
            };
            let number = text.strip_suffix('%').ok_or_else(wrong)?.trim();
            let (whole, part) = number.split_once('.').unwrap_or((number, ""));
            if part.len() > 3 {
                return Err(wrong());
            }
            let whole: u64 = whole.parse().map_err(|_| wrong())?;
            let part: u64 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
            Some(MaxRejects::MilliPercent(
                whole.saturating_mul(1000).saturating_add(part),
            ))
        }
        Some(_) => table.count("max_rejects")?.map(MaxRejects::Count),
    };
    Ok(Expect {
        columns,
        names,
        min_rows: table.count("min_rows")?,
        max_rejects,
    })
}

fn reductions(top: &Options<'_>) -> Result<Vec<ReductionSpec>, RecipeError> {
    let mut all: Vec<ReductionSpec> = Vec::new();
    for (at, node) in tables(top, "reduce")?.into_iter().enumerate() {
        let table = Options::new(node, format!("reduce {}", at + 1));
        table.only(REDUCE)?;
        let values = table.texts("values")?.unwrap_or_default();
        if values.is_empty() {
            return Err(table.error("values", "no values", "a list like [\"rows\", \"mean(x)\"]"));
        }
        let name = table.text("name")?.map_or_else(
            || {
                if at == 0 {
                    "reduce".to_string()
                } else {
                    format!("reduce{}", at + 1)
                }
            },
            str::to_string,
        );
        if all.iter().any(|other| other.name == name) {
            return Err(table.error(
                "name",
                format!("\"{name}\" for the second time"),
                "a name of its own",
            ));
        }
        all.push(ReductionSpec {
            name,
            by: table.texts("by")?.unwrap_or_default(),
            values,
            sort: table.texts("sort")?.unwrap_or_default(),
            limit: table.count("limit")?,
            pivot: table.text("pivot")?.map(str::to_string),
            line: node.line,
        });
    }
    Ok(all)
}

/// The most values that may be kept one by one: a state of them takes up to 1 GiB.
const MOST_VALUES: u64 = 1 << 24;

/// Groups are numbered by a u32.
const MOST_GROUPS: u64 = 1 << 31;

fn limits(top: &Options<'_>) -> Result<Limits, RecipeError> {
    let Some(table) = top.table("limits")? else {
        return Ok(Limits::default());
    };
    table.only(LIMITS)?;
    let usual = Limits::default();
    let limit = |key: &str, usual: usize, most: u64| match table.count(key)? {
        None => Ok(usual),
        Some(count) if count <= most => Ok(count as usize),
        Some(count) => Err(table.error(key, count.to_string(), format!("at most {most}"))),
    };
    Ok(Limits {
        exact_values: limit("exact_values", usual.exact_values, MOST_VALUES)?,
        groups: limit("groups", usual.groups, MOST_GROUPS)?,
    })
}
