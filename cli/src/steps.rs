//! Typed flags as a recipe. What is typed becomes the tree that a recipe's text becomes, so it is
//! checked by the same code; only the place of an error is then said in flags again.

use clap::ArgMatches;
use tidemill_core::RecipeError;
use tidemill_core::detect::Detected;
use tidemill_core::document::{Data, Node};
use tidemill_core::kernels;
use tidemill_core::options::{About, Opt, Shape};
use tidemill_core::recipe::{Header, Recipe};
use tidemill_core::sniff::escape_word;
use tidemill_csv::Ragged;

use crate::args::{ReadArgs, ReduceArgs, option_id, step_id, step_options};
use crate::end::End;

/// A recipe that was typed.
pub struct Typed {
    pub recipe: Recipe,
    node: Node,
    /// One a step: the flags it was made from.
    flags: Vec<String>,
}

struct Step {
    at: usize,
    word: &'static str,
    entries: Vec<(String, Node)>,
    flag: String,
}

impl Step {
    /// A step from the text behind its flag.
    fn typed(about: &'static About, at: usize, value: &str) -> Result<Step, RecipeError> {
        let long = about.word.replace('_', "-");
        let node = node(&about.value, value).map_err(|expected| {
            RecipeError::new(format!("--{long}"), format!("\"{value}\""), expected)
        })?;
        Ok(Step {
            at,
            word: about.word,
            entries: vec![(about.word.to_string(), node)],
            flag: format!("--{long} {value}"),
        })
    }
}

impl Typed {
    /// The steps of `clean`, in the order typed.
    pub fn clean(read: &ReadArgs, matches: &ArgMatches) -> Result<Typed, End> {
        let mut steps = Vec::new();
        for kernel in kernels::CLEAN {
            let about = &kernel.about;
            for (at, value) in occurrences(matches, &step_id(about.word)) {
                steps.push(Step::typed(about, at, &value)?);
            }
        }
        steps.sort_by_key(|step| step.at);
        for (name, _, shape) in step_options() {
            for (at, value) in occurrences(matches, &option_id(name)) {
                let long = name.replace('_', "-");
                let node = node(&shape, &value).map_err(|expected| {
                    RecipeError::new(format!("--{long}"), format!("\"{value}\""), expected)
                })?;
                attach(&mut steps, at, name, &node, &format!("--{long} {value}"))?;
            }
        }
        let merged = merged(steps);
        let flags = merged.iter().map(|step| step.flag.clone()).collect();
        let tables = merged
            .into_iter()
            .map(|step| Node::table(step.entries))
            .collect();
        Typed::new(read, tables, None, flags)
    }

    /// The one reduction of `reduce`, behind its filter.
    pub fn reduce(args: &ReduceArgs) -> Result<Typed, End> {
        let by = args.by.as_deref().map(split).unwrap_or_default();
        let mut values = args.values.clone();
        if values.is_empty() {
            if by.is_empty() {
                return Err(RecipeError::new(
                    "reduce",
                    "no values",
                    "what to compute, such as rows or 'mean(x)'",
                )
                .hint("tidemill reduce --help lists all that there is")
                .into());
            }
            values.push("rows".to_string());
        }
        let mut entries = vec![("name".to_string(), Node::text("reduce"))];
        if !by.is_empty() {
            entries.push(("by".to_string(), texts(by)));
        }
        entries.push(("values".to_string(), texts(values)));
        if let Some(pivot) = &args.pivot {
            entries.push(("pivot".to_string(), Node::text(pivot.clone())));
        }
        if let Some(sort) = &args.sort {
            entries.push(("sort".to_string(), texts(split(sort))));
        }
        if let Some(limit) = args.limit {
            entries.push(("limit".to_string(), Node::number(limit)));
        }
        let (mut steps, mut flags) = (Vec::new(), Vec::new());
        if let Some(kernel) = kernels::CLEAN
            .iter()
            .find(|kernel| kernel.about.word == "cast")
        {
            let casts = args.cast.iter().enumerate();
            let casts = casts.map(|(at, value)| Step::typed(&kernel.about, at, value));
            for step in merged(casts.collect::<Result<_, _>>()?) {
                steps.push(Node::table(step.entries));
                flags.push(step.flag);
            }
        }
        if let Some(filter) = &args.r#where {
            steps.push(Node::table(vec![(
                "filter".to_string(),
                Node::text(filter.clone()),
            )]));
            flags.push(format!("--where '{filter}'"));
        }
        Typed::new(&args.read, steps, Some(Node::table(entries)), flags)
    }

    /// Nothing but how the file is read.
    pub fn read(read: &ReadArgs) -> Result<Typed, End> {
        Typed::new(read, Vec::new(), None, Vec::new())
    }

    fn new(
        read: &ReadArgs,
        steps: Vec<Node>,
        reduction: Option<Node>,
        flags: Vec<String>,
    ) -> Result<Typed, End> {
        let mut entries = vec![(
            "tidemill".to_string(),
            Node::number(tidemill_core::recipe::VERSION),
        )];
        let read = self::read(read);
        if !read.is_empty() {
            entries.push(("read".to_string(), Node::table(read)));
        }
        if !steps.is_empty() {
            entries.push(("step".to_string(), Node::list(steps)));
        }
        if let Some(reduction) = reduction {
            entries.push(("reduce".to_string(), Node::list(vec![reduction])));
        }
        let node = Node::table(entries);
        match Recipe::from_node(&node) {
            Ok(recipe) => Ok(Typed {
                recipe,
                node,
                flags,
            }),
            Err(error) => Err(placed(&flags, error).into()),
        }
    }

    /// An error of the recipe, at the flag that it comes from.
    pub fn placed(&self, error: RecipeError) -> End {
        placed(&self.flags, error).into()
    }

    /// The recipe as TOML, with what was detected in it.
    pub fn toml(&self, detected: &Detected) -> String {
        let mut entries = match &self.node.data {
            Data::Table(entries) => entries.clone(),
            _ => Vec::new(),
        };
        entries.retain(|(key, _)| key != "read");
        let read = Node::table(filled(self.node.get("read"), detected));
        entries.insert(1.min(entries.len()), ("read".to_string(), read));
        tidemill_core::document::to_toml(&Node::table(entries))
    }
}

fn placed(flags: &[String], mut error: RecipeError) -> RecipeError {
    if let Some(rest) = error.place.strip_prefix("step ") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Some(flag) = digits
            .parse::<usize>()
            .ok()
            .and_then(|number| flags.get(number.wrapping_sub(1)))
        {
            error.place = flag.clone();
        }
    } else if let Some(file) = error.place.strip_prefix("read.columns, ") {
        error.place = file.to_string();
        error.hint =
            Some("--union takes the columns of all, empty where a file has none".to_string());
    } else if let Some(key) = error.place.strip_prefix("read.") {
        error.place = format!("--{}", key.replace('_', "-"));
    } else if error.place == "read" {
        error.place = "--delimiter, --quote, --comment".to_string();
    } else if error.place.starts_with("reduce 1, by") {
        error.place = "--by".to_string();
    } else if error.place.starts_with("reduce 1") {
        error.place = "reduce".to_string();
    } else if error.place.starts_with("columns") {
        error.place = "--columns".to_string();
    }
    error
}

fn occurrences(matches: &ArgMatches, id: &str) -> Vec<(usize, String)> {
    let indices = matches.indices_of(id).into_iter().flatten();
    let values = matches
        .get_many::<String>(id)
        .into_iter()
        .flatten()
        .cloned();
    indices.zip(values).collect()
}

/// Gives an option to the step typed before it or, where none was, to all that take it.
fn attach(
    steps: &mut [Step],
    at: usize,
    name: &str,
    node: &Node,
    flag: &str,
) -> Result<(), RecipeError> {
    let takes = |step: &Step| {
        kernels::clean(step.word).is_some_and(|kernel| {
            let own = kernel
                .about
                .options
                .iter()
                .any(|option| option.name == name);
            own || (name == "where" && kernel.about.rows)
        })
    };
    let before = steps.iter().rposition(|step| step.at < at);
    let chosen: Vec<usize> = match before {
        Some(before) => (before..=before).filter(|at| takes(&steps[*at])).collect(),
        None => (0..steps.len()).filter(|at| takes(&steps[*at])).collect(),
    };
    if chosen.is_empty() {
        let words: Vec<String> = kernels::CLEAN
            .iter()
            .filter(|kernel| {
                kernel
                    .about
                    .options
                    .iter()
                    .any(|option| option.name == name)
            })
            .map(|kernel| format!("--{}", kernel.about.word.replace('_', "-")))
            .collect();
        let expected = if words.is_empty() {
            "a step that works on rows".to_string()
        } else {
            words.join(" or ")
        };
        let found = match before {
            Some(before) => format!("behind {}", steps[before].flag),
            None => "no step that takes it".to_string(),
        };
        return Err(RecipeError::new(
            flag,
            found,
            format!("{expected} right before it"),
        ));
    }
    for at in chosen {
        let step = &mut steps[at];
        step.entries.retain(|(key, _)| key != name);
        step.entries.push((name.to_string(), node.clone()));
        step.flag.push_str(&format!(" {flag}"));
    }
    Ok(())
}

/// The steps, of which some make one with the step before.
fn merged(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    for step in steps {
        match merged.last_mut() {
            Some(last) if joins(last, &step) => join(last, step),
            _ => merged.push(step),
        }
    }
    merged
}

/// Whether two steps typed in a row do the same as one: casts and fills of different columns,
/// named and not by pattern, with the same options.
fn joins(a: &Step, b: &Step) -> bool {
    let Some(kernel) = kernels::clean(a.word) else {
        return false;
    };
    if a.word != b.word
        || !matches!(
            kernel.about.value,
            Shape::Map(Shape::WordOrTable(..) | Shape::ScalarOrTable(..))
        )
    {
        return false;
    }
    let (Data::Table(one), Data::Table(two)) = (&a.entries[0].1.data, &b.entries[0].1.data) else {
        return false;
    };
    let plain = |name: &str| !name.contains(['*', '!', '#']);
    let different = two
        .iter()
        .all(|(name, _)| !one.iter().any(|(other, _)| other == name));
    different
        && one.iter().chain(two).all(|(name, _)| plain(name))
        && a.entries[1..] == b.entries[1..]
}

fn join(a: &mut Step, b: Step) {
    let Some((_, more)) = b.entries.into_iter().next() else {
        return;
    };
    if let (Data::Table(one), Data::Table(two)) = (&mut a.entries[0].1.data, more.data) {
        for (key, node) in two {
            // Two flags may name the pairs of one column.
            match (one.iter_mut().find(|(old, _)| *old == key), node.data) {
                (
                    Some((
                        _,
                        Node {
                            data: Data::Table(old),
                            ..
                        },
                    )),
                    Data::Table(new),
                ) => old.extend(new),
                (_, data) => one.push((
                    key,
                    Node {
                        data,
                        line: node.line,
                    },
                )),
            }
        }
        a.flag.push_str(&format!(" {}", b.flag));
    }
}

/// A typed value as the tree of its shape, or what is expected instead.
fn node(shape: &Shape, text: &str) -> Result<Node, String> {
    Ok(match shape {
        Shape::Boolean => Node::boolean(text == "true"),
        Shape::Count | Shape::Number => match number(text) {
            true => Node::number(text),
            false => return Err("a number".to_string()),
        },
        Shape::Columns | Shape::Texts => texts(split(text)),
        Shape::Scalar => scalar(text),
        Shape::ScalarOrTable(options) => scalar_or_table(text, options),
        Shape::WordOrTable(words, _) => word_or_table(text, words),
        Shape::Map(inner) => map(inner, text)?,
        Shape::Table(options) => table(text, options)?,
        _ => Node::text(text),
    })
}

fn map(inner: &Shape, text: &str) -> Result<Node, String> {
    let mut entries = Vec::new();
    // An expression may hold commas, so there is one a flag.
    let parts = if matches!(inner, Shape::Expression | Shape::Table(_)) {
        vec![text.to_string()]
    } else {
        raw_split(text)
    };
    for part in parts {
        let (column, value) = match inner {
            Shape::WordOrTable(words, _) => typed_column(&part, words).ok_or_else(|| {
                format!("COLUMN:TYPE, where the type is one of {}", words.join(", "))
            })?,
            Shape::Map(_) => part.split_once(':').ok_or("COLUMN:OLD=NEW")?,
            Shape::Table(_) => part.split_once(':').ok_or("COLUMN:KEY=VALUE")?,
            _ => part.split_once('=').ok_or("COLUMN=VALUE")?,
        };
        let column = plain(column.trim());
        if column.is_empty() {
            return Err("the name of a column before the sign".to_string());
        }
        let value = if matches!(inner, Shape::Expression | Shape::Map(_) | Shape::Table(_)) {
            value.to_string()
        } else {
            plain(value)
        };
        let value = match inner {
            Shape::WordOrTable(words, _) => word_or_table(&value, words),
            Shape::ScalarOrTable(options) => scalar_or_table(&value, options),
            inner => node(inner, &value)?,
        };
        entries.push((column, value));
    }
    Ok(Node::table(entries))
}

/// `key=value:key=value` as a table; a key alone is true. A colon or a comma that is meant has a backslash before it.
fn table(text: &str, options: &[Opt]) -> Result<Node, String> {
    let mut entries = Vec::new();
    for part in cut(text, ':') {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (key, value),
            None => (part.as_str(), "true"),
        };
        let shape = options.iter().find(|option| option.name == key);
        let value = match shape.map(|option| option.shape) {
            Some(Shape::Columns | Shape::Texts) => texts(split(value)),
            Some(shape) => node(&shape, &plain(value))?,
            None => Node::text(plain(value)),
        };
        entries.push((key.to_string(), value));
    }
    Ok(Node::table(entries))
}

/// The parts between the signs that have no backslash before them; backslashes before other characters stay.
fn cut(text: &str, sign: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == sign {
            parts.push(String::new());
            continue;
        }
        let c = if c == '\\' {
            chars.next_if_eq(&sign).unwrap_or(c)
        } else {
            c
        };
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// Splits `a:b:integer` into column and type: at the last sign behind which a type begins. If
/// none does, at the first, and the recipe's own check will name the nearest type.
fn typed_column<'a>(text: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let signs = || text.char_indices().filter(|(_, c)| matches!(c, ':' | '='));
    let known = signs().find(|(at, _)| {
        let rest = &text[at + 1..];
        let word = rest.split(':').next().unwrap_or(rest);
        words.contains(&word)
    });
    known
        .or_else(|| signs().next())
        .map(|(at, _)| (&text[..at], &text[at + 1..]))
}

/// `date:%d/%m/%Y` has a format; `number:currency:decimal=\,` has options.
fn word_or_table(text: &str, words: &[&str]) -> Node {
    let Some((word, rest)) = text.split_once(':') else {
        return Node::text(text);
    };
    if !words.contains(&word) {
        return Node::text(text);
    }
    let mut entries = vec![("type".to_string(), Node::text(word))];
    if rest.contains('%') {
        entries.push(("formats".to_string(), texts(vec![rest.to_string()])));
    } else {
        for option in rest.split(':') {
            match option.split_once('=') {
                Some((name, value)) => entries.push((name.to_string(), Node::text(value))),
                None => entries.push((option.to_string(), Node::boolean(true))),
            }
        }
    }
    Node::table(entries)
}

/// `@median` is a figure; everything else is a value.
fn scalar_or_table(text: &str, options: &[Opt]) -> Node {
    match (text.strip_prefix('@'), options.first()) {
        (Some(word), Some(option)) => {
            Node::table(vec![(option.name.to_string(), Node::text(word))])
        }
        _ => scalar(text),
    }
}

/// A number where it is written like one, else a text. Quotes make a text of anything.
fn scalar(text: &str) -> Node {
    let quoted = |sign: char| {
        text.strip_prefix(sign)
            .and_then(|rest| rest.strip_suffix(sign))
            .filter(|_| text.len() >= 2)
    };
    match quoted('"').or_else(|| quoted('\'')) {
        Some(inner) => Node::text(inner),
        None if number(text) => Node::number(text),
        None => Node::text(text),
    }
}

/// Whether the text is a number as JSON writes it: `007` is a text, and so is `1.`.
fn number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, power) = match text.split_once(['e', 'E']) {
        Some((mantissa, power)) => (
            mantissa,
            Some(power.strip_prefix(['+', '-']).unwrap_or(power)),
        ),
        None => (text, None),
    };
    let (whole, part) = match mantissa.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(digits)
        && power.is_none_or(digits)
}

/// Splits at commas that have no backslash before them; the backslashes stay.
fn raw_split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// Takes the backslash off `\,`; other backslashes are the recipe's own.
fn plain(text: &str) -> String {
    text.replace("\\,", ",")
}

/// A list that was typed with commas.
pub fn split(text: &str) -> Vec<String> {
    raw_split(text)
        .iter()
        .map(|part| plain(part.trim()))
        .collect()
}

fn texts(items: Vec<String>) -> Node {
    Node::list(items.into_iter().map(Node::text).collect())
}

fn read(args: &ReadArgs) -> Vec<(String, Node)> {
    let mut entries = Vec::new();
    let mut put = |key: &str, node: Node| entries.push((key.to_string(), node));
    if let Some(text) = &args.delimiter {
        put(
            "delimiter",
            Node::text(if text == "tab" { "\\t" } else { text }),
        );
    }
    for (key, value) in [
        ("quote", &args.quote),
        ("escape", &args.escape),
        ("comment", &args.comment),
        ("encoding", &args.encoding),
    ] {
        if let Some(text) = value {
            put(key, Node::text(text.clone()));
        }
    }
    if let Some(rows) = args.skip_rows {
        put("skip_rows", Node::number(rows));
    }
    if args.no_header {
        put("header", Node::boolean(false));
    }
    if let Some(names) = &args.header {
        put("header", texts(split(names)));
    }
    if let Some(rows) = args.header_rows {
        put("header", Node::number(rows));
    }
    if let Some(words) = &args.missing {
        put("missing", texts(split(words)));
    }
    if let Some(way) = &args.ragged {
        put("ragged", Node::text(way.clone()));
    }
    if args.union {
        put("columns", Node::text("union"));
    }
    if let Some(column) = &args.source {
        put("source", Node::text(column.clone()));
    }
    entries
}

/// `[read]` with nothing left to be detected.
fn filled(typed: Option<&Node>, detected: &Detected) -> Vec<(String, Node)> {
    let dialect = &detected.dialect;
    let sign = |byte: u8| Node::text(char::from(byte).to_string());
    let mut entries = Vec::new();
    let mut put = |key: &str, node: Node| entries.push((key.to_string(), node));
    let delimiter = String::from_utf8_lossy(dialect.delimiter_text());
    put("delimiter", Node::text(delimiter.into_owned()));
    put(
        "quote",
        dialect.quote.map_or_else(|| Node::text("none"), sign),
    );
    put("escape", Node::text(escape_word(dialect.escape)));
    put(
        "comment",
        dialect.comment.map_or_else(|| Node::text("none"), sign),
    );
    put("encoding", Node::text(detected.encoding.clone()));
    put("skip_rows", Node::number(detected.stated_skip()));
    put(
        "header",
        match detected.stated_header() {
            Header::Names(names) => texts(names),
            Header::None => Node::boolean(false),
            Header::Rows(rows) => Node::number(u64::from(rows)),
            Header::Detect | Header::First => Node::boolean(true),
        },
    );
    for key in ["missing", "columns", "source"] {
        if let Some(node) = typed.and_then(|node| node.get(key)) {
            put(key, node.clone());
        }
    }
    put(
        "ragged",
        Node::text(match detected.ragged {
            Ragged::Pad => "pad",
            Ragged::Reject => "reject",
        }),
    );
    entries
}
