//! A recipe's text as a tree that remembers its lines. TOML and JSON give the same tree, so
//! that everything behind it (checks, messages, kernels' options) exists once.

use crate::error::RecipeError;

/// A value and the line it stands on (from 1; 0 where the notation gives none).
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub data: Data,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Boolean(bool),
    /// A number as it was written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

impl Node {
    pub fn text(value: impl Into<String>) -> Node {
        Node {
            data: Data::Text(value.into()),
            line: 0,
        }
    }

    pub fn number(value: impl ToString) -> Node {
        Node {
            data: Data::Number(value.to_string()),
            line: 0,
        }
    }

    pub fn boolean(value: bool) -> Node {
        Node {
            data: Data::Boolean(value),
            line: 0,
        }
    }

    pub fn list(items: Vec<Node>) -> Node {
        Node {
            data: Data::List(items),
            line: 0,
        }
    }

    pub fn table(entries: Vec<(String, Node)>) -> Node {
        Node {
            data: Data::Table(entries),
            line: 0,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Table(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The value in words, for a message.
    pub fn shown(&self) -> String {
        match &self.data {
            Data::Boolean(value) => value.to_string(),
            Data::Number(value) => value.clone(),
            Data::Text(value) => format!("\"{value}\""),
            Data::List(items) => format!("a list of {}", items.len()),
            Data::Table(_) => "a table".to_string(),
        }
    }

    /// The place in words: the path, and the line where it is known.
    pub fn place(&self, path: &str) -> String {
        if self.line == 0 {
            path.to_string()
        } else {
            format!("{path} (line {})", self.line)
        }
    }
}

/// Reads a recipe. Text whose first character is `{` is JSON, everything else is TOML.
pub fn parse(text: &str) -> Result<Node, RecipeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        parse_json(text)
    } else {
        parse_toml(text)
    }
}

fn parse_toml(text: &str) -> Result<Node, RecipeError> {
    let lines = Lines::new(text);
    let table = toml::de::DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| lines.of(span.start));
        let wrong = RecipeError::new(
            format!("recipe (line {line})"),
            error.message().to_string(),
            "TOML",
        );
        if error.message().contains("unquoted key") {
            return wrong.hint(
                "a column's name with other letters than a-z stands in quotes: \"城市\" = ...",
            );
        }
        wrong
    })?;
    let line = lines.of(table.span().start);
    Ok(Node {
        data: toml_table(table.get_ref(), &lines),
        line,
    })
}

fn toml_table(table: &toml::de::DeTable<'_>, lines: &Lines) -> Data {
    Data::Table(
        table
            .iter()
            .map(|(key, value)| {
                let mut node = toml_value(value, lines);
                node.line = lines.of(key.span().start);
                (key.get_ref().to_string(), node)
            })
            .collect(),
    )
}

fn toml_value(value: &toml::Spanned<toml::de::DeValue<'_>>, lines: &Lines) -> Node {
    use toml::de::DeValue;
    let data = match value.get_ref() {
        DeValue::String(text) => Data::Text(text.to_string()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) => Data::Number(value.to_string()),
            Err(_) => Data::Number(number.as_str().to_string()),
        },
        DeValue::Float(number) => Data::Number(number.as_str().to_string()),
        DeValue::Boolean(value) => Data::Boolean(*value),
        DeValue::Datetime(value) => Data::Text(value.to_string()),
        DeValue::Array(items) => {
            Data::List(items.iter().map(|item| toml_value(item, lines)).collect())
        }
        DeValue::Table(table) => toml_table(table, lines),
    };
    Node {
        data,
        line: lines.of(value.span().start),
    }
}

fn parse_json(text: &str) -> Result<Node, RecipeError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        RecipeError::new(
            format!("recipe (line {})", error.line()),
            error.to_string(),
            "JSON",
        )
    })?;
    json_value(&value)
}

fn json_value(value: &serde_json::Value) -> Result<Node, RecipeError> {
    use serde_json::Value;
    let data = match value {
        Value::Null => {
            return Err(RecipeError::new("recipe", "null", "a value")
                .hint("leave the key out to have it detected"));
        }
        Value::Bool(value) => Data::Boolean(*value),
        Value::Number(number) => Data::Number(number.to_string()),
        Value::String(text) => Data::Text(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(json_value).collect::<Result<_, _>>()?),
        Value::Object(entries) => Data::Table(
            entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), json_value(value)?)))
                .collect::<Result<_, RecipeError>>()?,
        ),
    };
    Ok(Node { data, line: 0 })
}

struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Lines {
        let starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Lines { starts }
    }

    fn of(&self, offset: usize) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }
}

/// Writes a tree as TOML. Tables at the top, and lists of tables there, get headings; all that is
/// deeper is written inline.
pub fn to_toml(root: &Node) -> String {
    let mut out = String::new();
    let Data::Table(entries) = &root.data else {
        return out;
    };
    for (key, node) in entries {
        if !is_heading(node) {
            out.push_str(&format!("{} = {}\n", toml_key(key), inline(node)));
        }
    }
    for (key, node) in entries {
        match &node.data {
            Data::Table(inner) => {
                out.push_str(&format!("\n[{}]\n", toml_key(key)));
                push_entries(&mut out, inner);
            }
            Data::List(items) if is_heading(node) => {
                for item in items {
                    out.push_str(&format!("\n[[{}]]\n", toml_key(key)));
                    if let Data::Table(inner) = &item.data {
                        push_entries(&mut out, inner);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn is_heading(node: &Node) -> bool {
    match &node.data {
        Data::Table(_) => true,
        Data::List(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item.data, Data::Table(_)))
        }
        _ => false,
    }
}

fn push_entries(out: &mut String, entries: &[(String, Node)]) {
    for (key, node) in entries {
        out.push_str(&format!("{} = {}\n", toml_key(key), inline(node)));
    }
}

fn inline(node: &Node) -> String {
    match &node.data {
        Data::Boolean(value) => value.to_string(),
        Data::Number(value) => value.clone(),
        Data::Text(value) => toml_text(value),
        Data::List(items) => {
            format!(
                "[{}]",
                items.iter().map(inline).collect::<Vec<_>>().join(", ")
            )
        }
        Data::Table(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, node)| format!("{} = {}", toml_key(key), inline(node)))
                .collect();
            if entries.is_empty() {
                "{}".to_string()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

fn toml_key(key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare {
        key.to_string()
    } else {
        toml_text(key)
    }
}

fn toml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\u{:04X}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(node: &Node) -> Node {
        let data = match &node.data {
            Data::List(items) => Data::List(items.iter().map(bare).collect()),
            Data::Table(entries) => Data::Table(
                entries
                    .iter()
                    .map(|(key, node)| (key.clone(), bare(node)))
                    .collect(),
            ),
            other => other.clone(),
        };
        Node { data, line: 0 }
    }

    #[test]
    fn toml_and_json_give_the_same_tree_and_toml_is_written_back() {
        let toml = "tidemill = 1\n[read]\nmissing = { \"*\" = [\"\"], qty = [\"NA\"] }\n[[step]]\nfill = { a = 0.10, \"城市\" = \"未知\\n\" }\noff = true\n";
        let json = r#"{"tidemill":1,"read":{"missing":{"*":[""],"qty":["NA"]}},"step":[{"fill":{"a":"x","城市":"未知\n"},"off":true}]}"#;
        let from_toml = parse(toml).unwrap();
        assert_eq!(
            bare(&parse(&to_toml(&from_toml)).unwrap()),
            bare(&from_toml)
        );
        // The decimals of a number are kept as written, which JSON's reader does not promise.
        let from_json = bare(&parse(&json.replace("\"x\"", "0.5")).unwrap());
        assert_eq!(
            bare(&parse(&toml.replace("0.10", "0.5")).unwrap()),
            from_json
        );
        assert_eq!(from_toml.get("step").unwrap().line, 4);
    }

    #[test]
    fn a_fault_in_the_notation_names_its_line() {
        let error = parse("tidemill = 1\n[read\n").unwrap_err();
        assert!(error.place.contains("line 2"), "{error}");
        let error = parse("{\"tidemill\": 1,\n \"step\": [}").unwrap_err();
        assert!(error.place.contains("line 2"), "{error}");
    }
}
