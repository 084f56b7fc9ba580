//! `split`: makes several columns of one, at a delimiter, at what a regular expression matches, or after so many characters.
//! The last column takes what is left, so that nothing is lost.

use regex_lite::Regex;

use crate::chunk::Chunk;
use crate::document::Data;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::made::{self, Made};
use crate::kernels::clean::replace::regex;
use crate::kernels::clean::texts::text_slot;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

pub struct Split {
    columns: Vec<Column>,
}

struct Column {
    slot: usize,
    at: At,
    into: Vec<usize>,
}

enum At {
    Text(String),
    Regex(Regex),
    /// Characters of each column but the last.
    Widths(Vec<usize>),
}

const OPTIONS: &[Opt] = &[
    Opt {
        name: "on",
        help: "the text that the parts stand between",
        shape: Shape::Text,
    },
    Opt {
        name: "regex",
        help: "a regular expression of what the parts stand between",
        shape: Shape::Text,
    },
    Opt {
        name: "widths",
        help: "characters of each part; the last part has the rest",
        shape: Shape::Texts,
    },
    Opt {
        name: "into",
        help: "the names of the new columns",
        shape: Shape::Texts,
    },
    Opt {
        name: "keep",
        help: "whether the column that is split stays; it does not if absent",
        shape: Shape::Boolean,
    },
];

impl Clean for Split {
    const ABOUT: About = About {
        word: "split",
        help: "makes several columns of one, at a text, a regular expression or after so many characters",
        value: Shape::Map(&Shape::Table(OPTIONS)),
        options: &[],
        example: "split = { order_date = { on = \"-\", into = [\"year\", \"month\", \"of_month\"], keep = true } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        within: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("split", "a table")?;
        let mut step = Split {
            columns: Vec::new(),
        };
        for (name, node) in table.entries()? {
            let inner = table.needed(name, "{ on = \" \", into = [...] }")?;
            inner.only(&["on", "regex", "widths", "into", "keep"])?;
            let place = table.place(name);
            let at = schema.find(name, &place)?;
            let slot = text_slot(schema, at, &place, "split")?;
            let names = inner.texts("into")?.unwrap_or_default();
            let way = way(&inner, names.len())?;
            if names.len() < 2 {
                return Err(inner.error(
                    "into",
                    "less than two names",
                    "the names of the new columns",
                ));
            }
            let keep = inner.boolean("keep")?.unwrap_or(false);
            if within && !keep {
                return Err(inner.error(
                    "keep",
                    "a column that goes, with where",
                    "keep = true, or the rows that it does not apply to would lose their values",
                ));
            }
            let mut into = Vec::new();
            let old = (!keep).then(|| schema.columns.remove(at));
            for (number, new) in names.iter().enumerate() {
                let before = at + number;
                let after = if keep {
                    Some(before)
                } else {
                    before.checked_sub(1)
                };
                let made = match after {
                    Some(after) => made::column(schema, new, Some(after), &inner, node, "into")?,
                    None => first(schema, new, &inner, node)?,
                };
                into.push(made);
            }
            drop(old);
            step.columns.push(Column {
                slot,
                at: way,
                into,
            });
        }
        let slots = step.columns.iter().map(|column| column.slot).collect();
        let mut compiled = Compiled::row_local(step);
        compiled.texts = slots;
        Ok(compiled)
    }
}

/// A new column before all others.
fn first(
    schema: &mut Schema,
    name: &str,
    at: &Options<'_>,
    node: &crate::document::Node,
) -> Result<usize, RecipeError> {
    let slot = made::column(schema, name, None, at, node, "into")?;
    schema.columns.rotate_right(1);
    Ok(slot)
}

fn way(table: &Options<'_>, names: usize) -> Result<At, RecipeError> {
    match (table.text("on")?, table.text("regex")?, table.get("widths")) {
        (Some(""), ..) => Err(table.error("on", "nothing", "a text")),
        (Some(text), None, None) => Ok(At::Text(text.to_string())),
        (None, Some(pattern), None) => Ok(At::Regex(regex(pattern, &table.place("regex"))?)),
        (None, None, Some(node)) => {
            let wrong = || {
                table.wrong(
                    node,
                    "widths",
                    "a list of whole numbers above 0, one less than the names, or as many",
                )
            };
            let Data::List(items) = &node.data else {
                return Err(wrong());
            };
            let mut widths = Vec::new();
            for item in items {
                let (Data::Number(text) | Data::Text(text)) = &item.data else {
                    return Err(wrong());
                };
                widths.push(
                    text.parse()
                        .ok()
                        .filter(|width| *width > 0)
                        .ok_or_else(wrong)?,
                );
            }
            if widths.len() != names && widths.len() + 1 != names {
                return Err(wrong());
            }
            widths.truncate(names.saturating_sub(1));
            Ok(At::Widths(widths))
        }
        _ => Err(RecipeError::new(
            &table.path,
            "not one way to split",
            "one of on, regex and widths",
        )),
    }
}

/// The parts of a text, at most `most`; the last one is the rest.
fn parts<'a>(text: &'a str, at: &At, most: usize) -> Vec<&'a str> {
    match at {
        At::Text(on) => text.splitn(most, on.as_str()).collect(),
        At::Regex(regex) => regex.splitn(text, most).collect(),
        At::Widths(widths) => {
            let mut rest = text;
            let mut parts = Vec::with_capacity(most);
            for width in widths {
                let end = rest
                    .char_indices()
                    .nth(*width)
                    .map_or(rest.len(), |(at, _)| at);
                let (part, more) = rest.split_at(end);
                parts.push(part);
                rest = more;
            }
            parts.push(rest);
            parts
        }
    }
}

impl RowLocal for Split {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for column in &self.columns {
            let mut made: Vec<Made> = column.into.iter().map(|_| Made::default()).collect();
            let cells = chunk.cells(column.slot);
            chunk.each_row(|row| {
                let cell = cells.get(row);
                // What is no text is not taken apart.
                let parts = match std::str::from_utf8(cell) {
                    Ok(text) => parts(text, &column.at, column.into.len()),
                    Err(_) => Vec::new(),
                };
                let whole = parts.is_empty();
                for (number, made) in made.iter_mut().enumerate() {
                    match parts.get(number) {
                        Some(part) => made.push(part.as_bytes()),
                        None if whole && number == 0 => made.push(cell),
                        None => made.push(b""),
                    }
                }
            });
            for (slot, made) in column.into.iter().zip(made) {
                outcome.tally.changed += made.filled();
                chunk.put_column(*slot, &made.bytes, &made.ends);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    const DATA: &str = "name,code,n\nAda King Lovelace,ab12-x,1\n王小明,京A-1-2,2\n,,3\n";

    fn rows(step: &str) -> String {
        let recipe = format!("tidemill = 1\n[[step]]\n{step}\n");
        same_everywhere(plan(&recipe, DATA.as_bytes()), DATA.as_bytes()).1
    }

    #[test]
    fn the_new_columns_take_the_place_of_the_old_and_the_last_has_the_rest() {
        assert_eq!(
            rows("split = { name = { on = \" \", into = [\"first\", \"last\"] } }"),
            "first,last,code,n\nAda,King Lovelace,ab12-x,1\n王小明,,京A-1-2,2\n,,,3\n"
        );
        assert_eq!(
            rows("split = { code = { regex = '-+', into = [\"a\", \"b\"], keep = true } }"),
            "name,code,a,b,n\nAda King Lovelace,ab12-x,ab12,x,1\n王小明,京A-1-2,京A,1-2,2\n,,,,3\n"
        );
        assert_eq!(
            rows("split = { code = { widths = [1, 2], into = [\"a\", \"b\", \"c\"] } }"),
            "name,a,b,c,n\nAda King Lovelace,a,b1,2-x,1\n王小明,京,A-,1-2,2\n,,,,3\n"
        );
    }

    #[test]
    fn new_columns_are_columns_like_any_other() {
        assert_eq!(
            rows(
                "split = { code = { widths = [2], into = [\"a\", \"b\"] } }\n[[step]]\nfilter = \"n < 3 and a <> 'x'\"\n[[step]]\nselect = [\"b\"]"
            ),
            "b\n12-x\n-1-2\n"
        );
    }
}
