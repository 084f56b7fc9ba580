//! The options of one kernel, read from its table in the recipe. Each kernel declares what it
//! takes as data ([`About`]); that one declaration checks the keys, names the nearest known one,
//! and makes the schema, the help and the forms of every surface.

use crate::document::{Data, Node};
use crate::error::RecipeError;
use crate::number::decimal::{Decimal, Parsed, parse};

/// What a kernel is, for the people and programs that choose it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its word in the recipe.
    pub word: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// What stands behind the word.
    pub value: Shape,
    /// The sibling keys.
    pub options: &'static [Opt],
    /// An example, as TOML.
    pub example: &'static str,
    /// Whether `where` makes sense for it.
    pub rows: bool,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    pub name: &'static str,
    pub help: &'static str,
    pub shape: Shape,
}

/// The shape of a value in a recipe.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Boolean,
    Count,
    Number,
    Text,
    /// Any single value.
    Scalar,
    /// A list of column patterns.
    Columns,
    Texts,
    /// One of some words.
    Word(&'static [&'static str]),
    /// An SQL expression.
    Expression,
    /// Column name to something.
    Map(&'static Shape),
    /// Column name to a word, or to a table of options.
    WordOrTable(&'static [&'static str], &'static [Opt]),
    /// A table of options.
    Table(&'static [Opt]),
    /// A single value, or a table of options.
    ScalarOrTable(&'static [Opt]),
}

/// A table of a recipe while it is read.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    pub node: &'a Node,
    /// Where the table stands, in words.
    pub path: String,
}

impl<'a> Options<'a> {
    pub fn new(node: &'a Node, path: impl Into<String>) -> Options<'a> {
        Options {
            node,
            path: path.into(),
        }
    }

    pub fn entries(&self) -> Result<&'a [(String, Node)], RecipeError> {
        match &self.node.data {
            Data::Table(entries) => Ok(entries),
            _ => Err(self.wrong(self.node, "", "a table")),
        }
    }

    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    fn path_of(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (_, true) => self.path.clone(),
            (true, false) => key.to_string(),
            (false, false) => format!("{}.{key}", self.path),
        }
    }

    /// The table `node` that stands behind `key`.
    pub fn within(&self, key: &str, node: &'a Node) -> Options<'a> {
        Options::new(node, self.path_of(key))
    }

    /// The place of `key`, in words.
    pub fn place(&self, key: &str) -> String {
        self.get(key).unwrap_or(self.node).place(&self.path_of(key))
    }

    /// An error about the value of `key`.
    pub fn wrong(&self, node: &Node, key: &str, expected: &str) -> RecipeError {
        RecipeError::new(node.place(&self.path_of(key)), node.shown(), expected)
    }

    /// An error at `key` with its own words.
    pub fn error(
        &self,
        key: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> RecipeError {
        let node = self.get(key).unwrap_or(self.node);
        RecipeError::new(node.place(&self.path_of(key)), found, expected)
    }

    /// Refuses every key that is not in `known`, naming the nearest.
    pub fn only(&self, known: &[&str]) -> Result<(), RecipeError> {
        for (key, node) in self.entries()? {
            if !known.contains(&key.as_str()) {
                return Err(RecipeError::new(
                    node.place(&self.path_of(key)),
                    format!("unknown key \"{key}\""),
                    known.join(", "),
                )
                .nearest(key, known.iter().copied()));
            }
        }
        Ok(())
    }

    /// The table behind `key`.
    pub fn table(&self, key: &str) -> Result<Option<Options<'a>>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(
                node @ Node {
                    data: Data::Table(_),
                    ..
                },
            ) => Ok(Some(Options::new(node, self.path_of(key)))),
            Some(node) => Err(self.wrong(node, key, "a table")),
        }
    }

    /// The table behind `key`, which must be there.
    pub fn needed(&self, key: &str, expected: &str) -> Result<Options<'a>, RecipeError> {
        self.table(key)?
            .ok_or_else(|| self.error(key, "nothing", expected))
    }

    /// A number, exactly as it is written.
    pub fn number(&self, key: &str) -> Result<Option<Decimal>, RecipeError> {
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        if let Data::Number(text) = &node.data
            && let Parsed::Number(value) = parse(text.as_bytes())
        {
            return Ok(Some(value));
        }
        Err(self.wrong(node, key, "a number"))
    }

    pub fn boolean(&self, key: &str) -> Result<Option<bool>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(Node {
                data: Data::Boolean(value),
                ..
            }) => Ok(Some(*value)),
            Some(node) => Err(self.wrong(node, key, "true or false")),
        }
    }

    pub fn text(&self, key: &str) -> Result<Option<&'a str>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(Node {
                data: Data::Text(value),
                ..
            }) => Ok(Some(value)),
            Some(node) => Err(self.wrong(node, key, "a text in quotes")),
        }
    }

    /// A text of one character.
    pub fn character(&self, key: &str) -> Result<Option<u8>, RecipeError> {
        match self.text(key)? {
            None => Ok(None),
            Some("\\t") => Ok(Some(b'\t')),
            Some(text) if text.len() == 1 => Ok(Some(text.as_bytes()[0])),
            Some(_) => {
                let node = self.get(key).unwrap_or(self.node);
                Err(self.wrong(node, key, "one ASCII character"))
            }
        }
    }

    pub fn count(&self, key: &str) -> Result<Option<u64>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => match &node.data {
                Data::Number(text) => text
                    .parse()
                    .map(Some)
                    .map_err(|_| self.wrong(node, key, "a whole number, zero or more")),
                _ => Err(self.wrong(node, key, "a whole number, zero or more")),
            },
        }
    }

    /// One of some words.
    pub fn word(
        &self,
        key: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => self.one_of(node, key, words).map(Some),
        }
    }

    pub fn one_of(
        &self,
        node: &Node,
        key: &str,
        words: &[&'static str],
    ) -> Result<&'static str, RecipeError> {
        let expected = || {
            words
                .iter()
                .map(|word| format!("\"{word}\""))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match &node.data {
            Data::Text(text) => match words.iter().find(|word| *word == text) {
                Some(word) => Ok(word),
                None => Err(self
                    .wrong(node, key, &expected())
                    .nearest(text, words.iter().copied())),
            },
            _ => Err(self.wrong(node, key, &expected())),
        }
    }

    /// A list of texts; one text alone is a list of one.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, RecipeError> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => self.texts_of(node, key).map(Some),
        }
    }

    pub fn texts_of(&self, node: &Node, key: &str) -> Result<Vec<String>, RecipeError> {
        match &node.data {
            Data::Text(text) => Ok(vec![text.clone()]),
            Data::List(items) => items
                .iter()
                .map(|item| match &item.data {
                    Data::Text(text) => Ok(text.clone()),
                    Data::Number(text) => Ok(text.clone()),
                    _ => Err(self.wrong(item, key, "a list of texts")),
                })
                .collect(),
            _ => Err(self.wrong(node, key, "a list of texts")),
        }
    }
}
