//! The JSON Schemas of what the program answers: the report and the preview. All keys are always
//! there, but for those that are said to be optional, and there are no others.

use serde_json::{Map, Value, json};

use crate::schema_json::{DIALECT, named, text};
use crate::value::class::Type;

/// The schema of a report as indented JSON text with a final newline.
pub fn report() -> String {
    text(&report_value())
}

/// The schema of a preview as indented JSON text with a final newline.
pub fn preview() -> String {
    text(&preview_value())
}

/// The schema of a report.
pub fn report_value() -> Value {
    let reductions = json!({
        "type": "object",
        "additionalProperties": named("Table"),
        "description": "the answers of the reductions, by their names, in the recipe's order",
    });
    let input = object(
        "Input",
        "What was read.",
        &[
            ("files", list(string("a base name, or - for a stream"))),
            ("bytes", count("how many")),
            ("dialect", named("Dialect")),
            ("encoding", encoding()),
            ("skipped", count("blank, comment and preamble lines")),
        ],
    );
    let rejects = object(
        "Rejects",
        "The records that were set aside.",
        &[
            ("count", count("all of them")),
            ("first", list(named("Reject"))),
        ],
    );
    let mut report = object(
        "Tidemill report",
        "The answer of a run.",
        &[
            ("tidemill", string("the version of the program")),
            ("input", named("Input")),
            ("rows", named("Rows")),
            ("columns", list(named("ColumnReport"))),
            ("reductions", reductions),
            ("steps", list(named("StepReport"))),
            ("rejects", named("Rejects")),
            (
                "partial",
                boolean("the run was cancelled: it is a report of the records up to there"),
            ),
        ],
    );
    let faults = described(
        list(json!({ "type": "string" })),
        "what the recipe's [expect] found wanting; only there if there is any",
    );
    optional(&mut report, "faults", faults);
    let mut parts = vec![
        input,
        dialect(),
        rows(),
        column(),
        distinct(),
        quantiles(),
        histogram(),
        warning(),
        table(),
        estimate(),
        value(),
        column_type(),
        step(),
        rejects,
        reject(),
    ];
    parts.extend(details());
    root(report, parts)
}

/// The schema of a preview.
pub fn preview_value() -> Value {
    let origin = json!({ "enum": ["stated", "detected", "default"] });
    let keys = [
        "delimiter",
        "quote",
        "escape",
        "comment",
        "encoding",
        "skip_rows",
        "header",
    ];
    let origins: Vec<(&str, Value)> = keys.iter().map(|key| (*key, origin.clone())).collect();
    let input = object(
        "PreviewInput",
        "What was looked at, and how it is read.",
        &[
            ("name", string("the base name, or - for a stream")),
            (
                "bytes",
                count("the bytes that the preview is of: those of whole records"),
            ),
            ("complete", boolean("they are all there are")),
            ("dialect", named("Dialect")),
            ("encoding", encoding()),
            ("header", list(string("a column's name"))),
            ("skipped", count("blank, comment and preamble lines")),
            ("read", named("Stated")),
            ("from", named("Origins")),
        ],
    );
    let stated = object(
        "Stated",
        "[read] of a recipe with nothing left to be detected.",
        &[
            ("encoding", encoding()),
            ("delimiter", string("the sign between fields")),
            ("quote", string("the quote, or none")),
            ("escape", json!({ "enum": ["none", "double", "backslash"] })),
            ("comment", string("what comment lines begin with, or none")),
            ("skip_rows", count("lines before the header")),
            (
                "header",
                json!({
                    "description": "in how many rows the names stand, or the names",
                    "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "array", "items": { "type": "string" } }],
                }),
            ),
            ("ragged", json!({ "enum": ["reject", "pad"] })),
        ],
    );
    let column = object(
        "PreviewColumn",
        "A column of the result.",
        &[("name", string("its name")), ("type", named("ColumnType"))],
    );
    let place = object(
        "Place",
        "Where a row came from.",
        &[
            (
                "record",
                count("from 1, among the records behind the header"),
            ),
            (
                "line",
                count("from 1, in the stream: the line on which the record begins"),
            ),
        ],
    );
    let before = object(
        "Before",
        "Records as they stand in the input: as many of the first as rows were asked for, and those that the shown rows came from.",
        &[
            ("columns", list(string("a column's name"))),
            ("rows", list(list(string("a field, without its quotes")))),
            ("places", described(list(named("Place")), "one a row")),
        ],
    );
    let fitted = object(
        "Fitted",
        "Which steps have learnt from the window only; a run learns from the whole input.",
        &[
            ("steps", described(list(count("")), "their numbers, from 1")),
            ("records", count("how many they have learnt from")),
            ("text", string("the same in words")),
        ],
    );
    let cell = json!({
        "title": "Cell",
        "description": "A cell as its column's type has it; an integer past 2^53 - 1 is a string of digits, and NaN, Infinity and -Infinity are strings.",
        "type": ["string", "number", "boolean", "null"],
    });
    let preview = object(
        "Tidemill preview",
        "A recipe tried on the beginning of an input.",
        &[
            ("tidemill", string("the version of the program")),
            ("input", named("PreviewInput")),
            ("columns", list(named("PreviewColumn"))),
            ("before", named("Before")),
            (
                "rows",
                described(list(list(named("Cell"))), "the first rows of the result"),
            ),
            ("places", described(list(named("Place")), "one a row")),
            ("records", count("the records of the window")),
            ("added", count("rows that steps added")),
            ("out", count("rows of the result, shown or not")),
            ("rejected", count("rows set aside")),
            ("filtered", count("rows that steps dropped")),
            (
                "deduplicated",
                count("rows dropped because they were there before"),
            ),
            ("steps", list(named("StepReport"))),
            (
                "rejects",
                described(list(named("Reject")), "the first that were set aside"),
            ),
            (
                "complete",
                boolean("the rows are all rows of the result for the whole input"),
            ),
            ("fitted", nullable(named("Fitted"), "null where none has")),
        ],
    );
    root(
        preview,
        vec![
            input,
            stated,
            dialect(),
            object(
                "Origins",
                "Where each property of the input comes from.",
                &origins,
            ),
            column,
            column_type(),
            before,
            place,
            cell,
            step(),
            reject(),
            fitted,
        ],
    )
}

fn dialect() -> Value {
    object(
        "Dialect",
        "How the bytes are read.",
        &[
            ("delimiter", string("the sign between fields")),
            (
                "quote",
                nullable(
                    json!({ "type": "string" }),
                    "null where quotes mean nothing",
                ),
            ),
            (
                "escape",
                json!({ "enum": ["none", "double", "backslash"], "description": "how a quote stands in a quoted field" }),
            ),
            (
                "comment",
                nullable(json!({ "type": "string" }), "what comment lines begin with"),
            ),
            ("header", boolean("the names stand in the input")),
        ],
    )
}

fn rows() -> Value {
    object(
        "Rows",
        "Where every row went: in + added = out + rejected + filtered + deduplicated.",
        &[
            ("in", count("records read")),
            ("added", count("rows that steps added")),
            ("out", count("rows of the result")),
            ("rejected", count("rows set aside")),
            ("filtered", count("rows that steps dropped")),
            (
                "deduplicated",
                count("rows dropped because they were there before"),
            ),
        ],
    )
}

fn column() -> Value {
    let maybe = |help: &str| nullable(json!({ "type": "integer", "minimum": 0 }), help);
    let number = |help: &str| nullable(json!({ "type": "number" }), help);
    // Generators of types do not all know tuples: `tsType` is json-schema-to-typescript's word.
    let top = json!({
        "type": "array",
        "prefixItems": [named("Value"), count("how often")],
        "minItems": 2,
        "maxItems": 2,
        "tsType": "[Value, number]",
    });
    object(
        "ColumnReport",
        "Everything about one column of the input; what was not asked for, or does not apply, is null.",
        &[
            ("name", string("its name")),
            (
                "type",
                nullable(named("ColumnType"), "the narrowest that holds its values"),
            ),
            ("count", maybe("present values")),
            ("missing", maybe("cells without a value")),
            ("nan", maybe("cells that are NaN")),
            ("infinite", maybe("cells that are infinite")),
            ("invalid", maybe("cells that are not what they are used as")),
            ("distinct", nullable(named("Distinct"), "different values")),
            ("min", named("Value")),
            ("max", named("Value")),
            ("sum", number("rounded once, if it is no integer")),
            (
                "sum_exact",
                nullable(json!({ "type": "string" }), "all digits of the sum"),
            ),
            ("mean", number("the mean")),
            ("std", number("the sample's standard deviation")),
            ("quantiles", nullable(named("Quantiles"), "quartiles")),
            (
                "top",
                nullable(list(top), "the most frequent values and their counts"),
            ),
            (
                "histogram",
                nullable(named("Histogram"), "of numbers and dates"),
            ),
            ("warnings", list(named("Warning"))),
            (
                "details",
                nullable(named("Details"), "the rest, where all is asked for"),
            ),
        ],
    )
}

fn histogram() -> Value {
    object(
        "Histogram",
        "How many values lie between edges: each bin begins with its edge and ends before the next.",
        &[
            ("edges", list(named("Value"))),
            ("counts", described(list(count("")), "one fewer than edges")),
            ("exact", boolean("of all values, not of a sketch of them")),
        ],
    )
}

/// What a profile tells only when all is asked for, and the parts of that.
fn details() -> Vec<Value> {
    let maybe = |help: &str| nullable(json!({ "type": "integer", "minimum": 0 }), help);
    let number = |help: &str| nullable(json!({ "type": "number" }), help);
    let word = json!({
        "type": "array",
        "prefixItems": [string("a word"), count("how often")],
        "minItems": 2,
        "maxItems": 2,
        "tsType": "[string, number]",
    });
    let classes = [
        ("integer", "whole numbers"),
        ("number", "other numbers"),
        ("boolean", "true, false and their like"),
        ("date", "days"),
        ("time", "times of the day"),
        ("datetime", "moments"),
        (
            "code",
            "digits with leading zeros, or too many for a number",
        ),
        ("text", "anything else"),
        ("nan", "NaN"),
        ("infinite", "infinities"),
        (
            "missing_word",
            "words that mean a missing value in a typed column",
        ),
        ("empty", "missing"),
    ];
    let classes: Vec<(&str, Value)> = classes
        .iter()
        .map(|(key, help)| (*key, count(help)))
        .collect();
    vec![
        object("Types", "Cells by what they look like.", &classes),
        object(
            "Fences",
            "Tukey's fences, one and a half quartile ranges beyond the quartiles.",
            &[
                ("low", number("the lower")),
                ("high", number("the upper")),
                ("outside", count("values beyond them")),
                ("exact", boolean("of all values, not of a sketch of them")),
            ],
        ),
        object(
            "Lengths",
            "Lengths of texts, in characters.",
            &[
                ("min", count("of the shortest")),
                ("max", count("of the longest")),
                ("mean", number("the mean")),
            ],
        ),
        object(
            "Gaps",
            "Days between the first and the last that no value falls on.",
            &[
                ("days", count("all of them")),
                ("longest", count("the most in a row")),
                ("after", named("Value")),
                ("before", named("Value")),
            ],
        ),
        sketched(object(
            "Details",
            "What a profile tells of a column only when all is asked for.",
            &[
                (
                    "confidence",
                    number("the share of values that are of the column's type"),
                ),
                ("types", named("Types")),
                (
                    "missing_words",
                    described(
                        list(word),
                        "words that mean a missing value in a typed column",
                    ),
                ),
                ("zero", maybe("values that are zero")),
                ("negative", maybe("values below zero")),
                (
                    "range",
                    number(
                        "the greatest less the least: of dates in days, of times and moments in seconds",
                    ),
                ),
                ("variance", number("the sample's")),
                ("cv", number("the deviation over the mean")),
                ("sem", number("the standard error of the mean")),
                ("geometric_mean", number("of values that are not negative")),
                ("harmonic_mean", number("of values that are not negative")),
                ("skewness", number("the sample's, adjusted for its size")),
                (
                    "kurtosis",
                    number("the sample's excess, adjusted for its size"),
                ),
                (
                    "mad",
                    number("the median absolute deviation from the median"),
                ),
                ("p1", number("the first percentile")),
                ("p5", number("the fifth")),
                ("p95", number("the ninety-fifth")),
                ("p99", number("the ninety-ninth")),
                ("iqr", number("p75 less p25")),
                ("fences", nullable(named("Fences"), "of numbers")),
                ("mode", named("Value")),
                ("antimode", named("Value")),
                (
                    "lengths",
                    nullable(named("Lengths"), "of cells that are not empty"),
                ),
                ("non_ascii", maybe("cells with signs beyond ASCII")),
                ("spaced", maybe("values with white space around them")),
                (
                    "order",
                    nullable(
                        json!({ "enum": [
                    "constant", "ascending", "strictly ascending", "descending", "strictly descending",
                ] }),
                        "null for none",
                    ),
                ),
                (
                    "unique",
                    nullable(
                        json!({ "type": "boolean" }),
                        "whether no value comes twice; null where that is not known",
                    ),
                ),
                ("gaps", nullable(named("Gaps"), "of dates and moments")),
                (
                    "hints",
                    described(list(string("a word or two")), "what the values look like"),
                ),
            ],
        )),
    ]
}

/// The details, with what is only there for a sketch.
fn sketched(mut details: Value) -> Value {
    for of in ["mad", "iqr"] {
        let error = json!({ "type": "number", "description": format!("how far {of} may be from the truth, relative to it; only there for a sketch's") });
        optional(&mut details, &format!("{of}_error"), error);
    }
    details
}

fn distinct() -> Value {
    let mut distinct = object(
        "Distinct",
        "A number of different values.",
        &[
            ("value", count("how many")),
            ("exact", boolean("it was counted, not estimated")),
        ],
    );
    let error = json!({ "type": "number", "description": "the relative standard error of an estimate; only there for one" });
    optional(&mut distinct, "error", error);
    distinct
}

fn quantiles() -> Value {
    let mut quantiles = object(
        "Quantiles",
        "Quartiles, by linear interpolation.",
        &[
            ("p25", named("Value")),
            ("p50", named("Value")),
            ("p75", named("Value")),
            ("exact", boolean("they were made of all values")),
        ],
    );
    let error = json!({ "type": "number", "description": "how far they may be from the truth, relative to it; only there for a sketch's" });
    optional(&mut quantiles, "error", error);
    quantiles
}

fn warning() -> Value {
    object(
        "Warning",
        "Something about a column that a person should look at.",
        &[
            ("kind", string("a word for programs")),
            ("count", count("cells it is about")),
            ("text", string("a sentence for people")),
            (
                "record",
                nullable(
                    json!({ "type": "integer", "minimum": 1 }),
                    "the first record that it is about, from 1",
                ),
            ),
        ],
    )
}

fn table() -> Value {
    let top = json!({
        "type": "array",
        "items": {
            "type": "array",
            "prefixItems": [named("Value"), count("how often")],
            "minItems": 2,
            "maxItems": 2,
            "tsType": "[Value, number]",
        },
        "description": "the most frequent values and their counts",
    });
    let cell = json!({ "anyOf": [named("Value"), named("Estimate"), top] });
    let mut table = object(
        "Table",
        "The answer of a reduction: keys, then figures, sorted by key or as the reduction says.",
        &[
            ("columns", list(string("a column's name"))),
            ("rows", list(list(cell))),
        ],
    );
    let left_out = count("groups behind the reduction's limit; only there if there are any");
    optional(&mut table, "left_out", left_out);
    table
}

fn estimate() -> Value {
    let mut estimate = object(
        "Estimate",
        "A figure that is not exact, or is not known.",
        &[
            (
                "value",
                nullable(json!({ "type": "number" }), "the estimate; null for none"),
            ),
            ("exact", json!({ "const": false })),
        ],
    );
    let error = json!({ "type": "number", "description": "the relative standard error of a number of different values; of a quantile the most it can be off, relative to it" });
    optional(&mut estimate, "error", error);
    optional(
        &mut estimate,
        "reason",
        string("why there is no estimate; only there for none"),
    );
    estimate
}

fn value() -> Value {
    json!({
        "title": "Value",
        "description": "A value of a column, or a figure in its unit; dates and times are ISO 8601; null where there is none.",
        "type": ["string", "number", "boolean", "null"],
    })
}

fn column_type() -> Value {
    let words: Vec<&str> = Type::ALL.iter().map(|ty| ty.as_str()).collect();
    json!({ "title": "ColumnType", "description": "A column's type, in the recipe's words.", "enum": words })
}

fn step() -> Value {
    object(
        "StepReport",
        "What one step did.",
        &[
            ("step", string("its word in the recipe")),
            ("changed", count("cells whose bytes differ now")),
            ("added", count("rows added")),
            ("rejected", count("rows set aside")),
            ("filtered", count("rows dropped")),
            (
                "deduplicated",
                count("rows dropped because they were there before"),
            ),
            (
                "unknown",
                count("of the filtered, those whose expression was neither true nor false"),
            ),
            (
                "invalid",
                count("cells that are not of the type asked for and became missing or were kept"),
            ),
        ],
    )
}

fn reject() -> Value {
    object(
        "Reject",
        "One record that was set aside.",
        &[
            ("file", string("the input's base name")),
            (
                "record",
                count("from 1, among the records behind the header"),
            ),
            (
                "line",
                count("from 1, in the stream: the line on which the record begins"),
            ),
            (
                "byte",
                count("the offset of the value, or of the record where that is wrong"),
            ),
            (
                "column",
                nullable(
                    json!({ "type": "string" }),
                    "null where the record itself is wrong",
                ),
            ),
            ("reason", string("what is wrong")),
            (
                "raw",
                string("the value or the record, cut after 1000 characters"),
            ),
        ],
    )
}

fn encoding() -> Value {
    json!({ "enum": ["utf-8"], "description": "how characters are encoded" })
}

/// A table all of whose keys are always there.
fn object(title: &str, help: &str, keys: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|(key, schema)| ((*key).to_string(), schema.clone()))
        .collect();
    let required: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    json!({
        "title": title,
        "description": help,
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn optional(object: &mut Value, key: &str, schema: Value) {
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(key.to_string(), schema);
    }
}

/// A whole schema: what it is of, and the named parts it is made of.
fn root(of: Value, parts: Vec<Value>) -> Value {
    let mut whole = json!({ "$schema": DIALECT });
    if let (Value::Object(whole), Value::Object(of)) = (&mut whole, of) {
        whole.extend(of);
        let parts = parts.into_iter().map(|part| {
            let title = part.get("title").and_then(Value::as_str);
            (title.unwrap_or_default().to_string(), part)
        });
        whole.insert("$defs".to_string(), Value::Object(parts.collect()));
    }
    whole
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn nullable(schema: Value, help: &str) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }], "description": help })
}

fn described(mut schema: Value, help: &str) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_string(), Value::String(help.to_string()));
    }
    schema
}

fn string(help: &str) -> Value {
    json!({ "type": "string", "description": help })
}

fn boolean(help: &str) -> Value {
    json!({ "type": "boolean", "description": help })
}

fn count(help: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": help })
}
