//! The JSON Schema of a recipe, made from what the kernels declare of themselves. Every surface
//! that checks or offers recipes (editors, the page's forms, the package's types) takes it from
//! here, so that none can drift.

use serde_json::{Map, Value, json};

use crate::kernels::{CLEAN, REDUCE};
use crate::options::{About, Opt, Shape};

/// The schema as indented JSON text with a final newline.
pub fn schema() -> String {
    text(&value())
}

/// The dialect that all schemas are written in.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(crate) fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema.
pub fn value() -> Value {
    let steps: Vec<Value> = CLEAN
        .iter()
        .map(|kernel| named(&title(kernel.about.word)))
        .collect();
    let mut parts = Map::new();
    for (name, part) in [
        ("Read", read()),
        ("Expect", expect()),
        ("Reduce", reduce()),
        ("Limits", limits()),
        ("Write", write()),
    ] {
        parts.insert(name.to_string(), part);
    }
    parts.insert(
        "Step".to_string(),
        json!({ "title": "Step", "description": "One step: the kernel's word, and its options.", "oneOf": steps }),
    );
    for kernel in CLEAN {
        parts.insert(title(kernel.about.word), step(&kernel.about));
    }
    json!({
        "$schema": DIALECT,
        "title": "Tidemill recipe",
        "description": "What is done to a delimited file: how it is read, which steps clean it, what it is reduced to, and how it is written.",
        "type": "object",
        "required": ["tidemill"],
        "additionalProperties": false,
        "properties": {
            "tidemill": { "const": crate::recipe::VERSION, "description": "the version of the recipe's language" },
            "read": named("Read"),
            "expect": named("Expect"),
            "step": { "type": "array", "items": named("Step"), "description": "done in this order" },
            "reduce": { "type": "array", "items": named("Reduce"), "description": "answered from the rows that are left" },
            "limits": named("Limits"),
            "write": named("Write"),
        },
        "$defs": parts,
    })
}

/// A part of the schema, by its name.
pub(crate) fn named(part: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{part}") })
}

/// A kernel's word as a name among the parts: `drop_missing` is `DropMissingStep`.
fn title(word: &str) -> String {
    let mut title: String = word
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect();
    title.push_str("Step");
    title
}

fn limits() -> Value {
    json!({
        "title": "Limits",
        "type": "object",
        "description": "How far figures are exact; past a limit they are estimates, and say so.",
        "additionalProperties": false,
        "properties": {
            "exact_values": {
                "type": "integer", "minimum": 0, "maximum": 16_777_216,
                "description": "the different values of a column, or of a group's column, that are kept one by one (131072)",
            },
            "groups": {
                "type": "integer", "minimum": 0, "maximum": 2_147_483_648u32,
                "description": "the groups that a reduction may have; more end the run (16777216)",
            },
        },
    })
}

fn write() -> Value {
    json!({
        "title": "Write",
        "type": "object",
        "description": "How the cleaned rows are written.",
        "additionalProperties": false,
        "properties": {
            "format": { "enum": ["csv", "tsv"], "description": "delimited by commas or by tabs" },
            "delimiter": { "type": "string", "minLength": 1, "maxLength": 2, "description": "the sign between fields" },
            "quote": { "type": "string", "minLength": 1, "maxLength": 1, "description": "the sign around fields" },
            "escape": { "enum": ["double", "backslash"], "description": "how a quote is written inside quotes" },
            "quotes": { "enum": ["needed", "all"], "description": "which fields stand in quotes" },
            "line_end": { "enum": ["lf", "crlf"], "description": "the end of a row" },
            "bom": { "type": "boolean", "description": "a byte order mark in front" },
            "encoding": { "type": "string", "description": "a name of the WHATWG's standard; a character that it does not hold ends the run" },
            "compress": { "enum": ["none", "gzip", "zstd"], "description": "how the file is packed; by the output's name if it is left out" },
            "preset": { "enum": ["excel"], "description": "a byte order mark, CRLF, cells that are no formulas and no rounded numbers, files that a sheet holds" },
            "rows": { "type": "integer", "minimum": 1, "description": "a file for each so many rows: OUT-0001.csv and so on" },
            "by": { "type": "string", "description": "a file for each value of this column: OUT-value.csv" },
        },
    })
}

fn texts(help: &str) -> Value {
    json!({ "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "string" }], "description": help })
}

fn read() -> Value {
    json!({
        "title": "Read",
        "type": "object",
        "description": "How the bytes are read; what is left out is detected.",
        "additionalProperties": false,
        "properties": {
            "delimiter": { "type": "string", "minLength": 1, "maxLength": 15, "description": "what stands between fields" },
            "quote": { "type": "string", "description": "the quote, or \"none\"" },
            "escape": { "enum": ["double", "backslash", "none"] },
            "comment": { "type": "string", "description": "lines that begin with it are skipped" },
            "encoding": { "type": "string", "description": "a name of the WHATWG's standard" },
            "skip_rows": { "type": "integer", "minimum": 0, "description": "lines before the header" },
            "header": {
                "description": "whether the names stand in the first line, in how many rows they stand, or the names",
                "anyOf": [{ "type": "boolean" }, { "type": "integer", "minimum": 0, "maximum": 100 }, { "type": "array", "items": { "type": "string" } }],
            },
            "missing": {
                "description": "the words for a missing value: one list for all columns, or one a column, with \"*\" for the rest",
                "anyOf": [
                    texts("for all columns"),
                    { "type": "object", "additionalProperties": texts("for one column") },
                ],
            },
            "ragged": { "enum": ["reject", "pad"] },
            "columns": {
                "description": "several files as one input: all have the same columns, or what one lacks is empty there",
                "enum": ["same", "union"],
            },
            "source": {
                "description": "adds a column of this name with the base name of each row's file",
                "enum": ["file"],
            },
        },
    })
}

fn expect() -> Value {
    json!({
        "title": "Expect",
        "type": "object",
        "description": "What a file must be like before any work is done, and a run after it.",
        "additionalProperties": false,
        "properties": {
            "columns": { "enum": ["same", "superset"] },
            "names": texts("the columns to compare with"),
            "min_rows": { "type": "integer", "minimum": 0 },
            "max_rejects": { "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+([.][0-9]{1,3})?%$" },
            ] },
        },
    })
}

fn reduce() -> Value {
    let words: Vec<String> = REDUCE
        .iter()
        .map(|kernel| format!("{}: {}", kernel.about.form(), kernel.about.help))
        .collect();
    json!({
        "title": "Reduce",
        "description": "A table of figures, one row for each key.",
        "type": "object",
        "additionalProperties": false,
        "required": ["values"],
        "properties": {
            "name": { "type": "string", "description": "its key in the report" },
            "by": texts("the keys: columns, or spans of time like month(day); left out, there is one row for all"),
            "values": texts(&words.join("; ")),
            "pivot": { "type": "string", "description": "a further key, whose values become columns" },
            "sort": texts("columns of the answer to sort by, with a minus in front for the greatest first; by key if it is left out"),
            "limit": { "type": "integer", "minimum": 0, "description": "the most groups to show; the report says how many were left out" },
        },
    })
}

fn step(about: &About) -> Value {
    let mut properties = Map::new();
    properties.insert(
        about.word.to_string(),
        described(shape(&about.value), about.help),
    );
    for option in about.options {
        properties.insert(
            option.name.to_string(),
            described(shape(&option.shape), option.help),
        );
    }
    if about.rows {
        let help = "an SQL expression: the rows the step applies to";
        properties.insert(
            "where".to_string(),
            json!({ "type": "string", "description": help }),
        );
    }
    properties.insert(
        "off".to_string(),
        json!({ "type": "boolean", "description": "the step is skipped" }),
    );
    json!({
        "type": "object",
        "title": title(about.word),
        "description": about.help,
        "examples": [about.example],
        "required": [about.word],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn described(mut schema: Value, help: &str) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_string(), Value::String(help.to_string()));
    }
    schema
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Text => json!({ "type": "string" }),
        Shape::Expression => json!({ "type": "string", "format": "sql-expression" }),
        Shape::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Columns => json!({
            "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "string" }],
            "format": "columns",
        }),
        Shape::Texts => texts(""),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Map(inner) => {
            json!({ "type": "object", "additionalProperties": self::shape(inner) })
        }
        Shape::WordOrTable(words, options) => {
            json!({ "anyOf": [{ "enum": words }, table(options)] })
        }
        Shape::Table(options) => table(options),
        Shape::ScalarOrTable(options) => {
            json!({ "anyOf": [{ "type": ["string", "number", "boolean"] }, table(options)] })
        }
    }
}

fn table(options: &[Opt]) -> Value {
    let properties: Map<String, Value> = options
        .iter()
        .map(|option| {
            (
                option.name.to_string(),
                described(shape(&option.shape), option.help),
            )
        })
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
