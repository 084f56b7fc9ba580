//! `replace`: gives values other values. By default a whole cell is held against each old value; `match = "part"` looks
//! inside the texts, and `match = "regex"` does so with regular expressions, whose groups the new value may name ($1).

use regex_lite::Regex;

use crate::chunk::Chunk;
use crate::document::Data;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::texts::{compiled, rewrite, text_slot};
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

pub struct Replace {
    columns: Vec<(usize, usize)>,
    /// What the columns share: one set of pairs for each entry of the recipe.
    ways: Vec<Way>,
}

enum Way {
    /// Old and new values, sorted by the old ones.
    Cell(Vec<(Vec<u8>, Vec<u8>)>),
    /// One after the other, each over what the one before left.
    Part(Vec<(String, String)>),
    Regex(Vec<(Regex, String)>),
}

const MATCH: &[&str] = &["cell", "part", "regex"];

impl Clean for Replace {
    const ABOUT: About = About {
        word: "replace",
        help: "gives values other values: old = new, for each column",
        value: Shape::Map(&Shape::Map(&Shape::Text)),
        options: &[Opt {
            name: "match",
            help: "what an old value is held against: the whole cell, a part of it, or (a regular expression) each part that it matches; then $1 is its first group",
            shape: Shape::Word(MATCH),
        }],
        example: "replace = { origin = { JFK = \"New York\", LGA = \"New York\" } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let how = options.word("match", MATCH)?.unwrap_or("cell");
        let table = options.needed("replace", "a table")?;
        let mut step = Replace {
            columns: Vec::new(),
            ways: Vec::new(),
        };
        for (pattern, _) in table.entries()? {
            let inner = table.needed(pattern, "{ old = \"new\" }")?;
            let way = way(&inner, how)?;
            let place = table.place(pattern);
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                let slot = text_slot(schema, at, &place, "replace")?;
                step.columns.retain(|(other, _)| *other != slot);
                step.columns.push((slot, step.ways.len()));
            }
            step.ways.push(way);
        }
        let slots = step.columns.iter().map(|(slot, _)| *slot).collect();
        Ok(compiled(step, slots))
    }
}

fn way(table: &Options<'_>, how: &str) -> Result<Way, RecipeError> {
    let mut pairs = Vec::new();
    for (old, node) in table.entries()? {
        let new = match &node.data {
            Data::Text(text) | Data::Number(text) => text.clone(),
            Data::Boolean(value) => value.to_string(),
            _ => return Err(table.wrong(node, old, "the new value")),
        };
        if old.is_empty() && how != "cell" {
            return Err(table.wrong(node, old, "an old value that is not empty"));
        }
        pairs.push((old.clone(), new));
    }
    Ok(match how {
        "part" => Way::Part(pairs),
        "regex" => Way::Regex(
            pairs
                .into_iter()
                .map(|(old, new)| Ok((regex(&old, &table.place(&old))?, new)))
                .collect::<Result<_, RecipeError>>()?,
        ),
        _ => {
            let bytes = |text: String| text.into_bytes();
            let mut pairs: Vec<_> = pairs
                .into_iter()
                .map(|(old, new)| (bytes(old), bytes(new)))
                .collect();
            pairs.sort();
            Way::Cell(pairs)
        }
    })
}

/// A regular expression of a recipe.
pub fn regex(pattern: &str, place: &str) -> Result<Regex, RecipeError> {
    Regex::new(pattern).map_err(|error| {
        RecipeError::new(
            place,
            format!("\"{pattern}\": {error}"),
            "a regular expression",
        )
        .hint("signs like . ( [ + have a backslash before them where they mean themselves")
    })
}

impl RowLocal for Replace {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for &(slot, way) in &self.columns {
            match &self.ways[way] {
                Way::Cell(pairs) => rewrite(chunk, slot, outcome, |cell, out| {
                    match pairs.binary_search_by(|(old, _)| old.as_slice().cmp(cell)) {
                        Ok(at) => {
                            out.extend_from_slice(&pairs[at].1);
                            true
                        }
                        Err(_) => false,
                    }
                }),
                Way::Part(pairs) => rewrite(chunk, slot, outcome, |cell, out| {
                    let Ok(text) = std::str::from_utf8(cell) else {
                        return false;
                    };
                    let mut text = std::borrow::Cow::Borrowed(text);
                    for (old, new) in pairs {
                        if text.contains(old.as_str()) {
                            text = std::borrow::Cow::Owned(text.replace(old.as_str(), new));
                        }
                    }
                    out.extend_from_slice(text.as_bytes());
                    true
                }),
                Way::Regex(pairs) => rewrite(chunk, slot, outcome, |cell, out| {
                    let Ok(text) = std::str::from_utf8(cell) else {
                        return false;
                    };
                    let mut text = std::borrow::Cow::Borrowed(text);
                    for (old, new) in pairs {
                        if let std::borrow::Cow::Owned(other) = old.replace_all(&text, new.as_str())
                        {
                            text = std::borrow::Cow::Owned(other);
                        }
                    }
                    out.extend_from_slice(text.as_bytes());
                    true
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    const DATA: &str = "city,phone\nNYC,(212) 555-0100\nnyc,212.555.0101\n\"New York, NYC\",\n,x\n北京市,北京 010\n";

    fn rows(step: &str) -> String {
        let recipe = format!("tidemill = 1\n[[step]]\n{step}\n");
        same_everywhere(plan(&recipe, DATA.as_bytes()), DATA.as_bytes()).1
    }

    #[test]
    fn a_whole_cell_or_a_part_of_it() {
        assert_eq!(
            rows(
                "replace = { city = { NYC = \"New York\", \"\" = \"?\", \"北京市\" = \"北京\" } }"
            ),
            "city,phone\nNew York,(212) 555-0100\nnyc,212.555.0101\n\"New York, NYC\",\n?,x\n北京,北京 010\n"
        );
        // The second pair sees what the first one made.
        assert_eq!(
            rows("replace = { city = { NYC = \"Y, C\", \", C\" = \"\" } }\nmatch = \"part\""),
            "city,phone\nY,(212) 555-0100\nnyc,212.555.0101\n\"New York, Y\",\n,x\n北京市,北京 010\n"
        );
    }

    #[test]
    fn a_regular_expression_with_its_groups() {
        assert_eq!(
            rows(
                "replace = { phone = { '^\\(?(\\d{3})\\)?[ .](\\d{3})[-.](\\d{4})$' = '$1-$2-$3' }, city = { '(?i)^nyc$' = 'New York', '市$' = '' } }\nmatch = \"regex\""
            ),
            "city,phone\nNew York,212-555-0100\nNew York,212-555-0101\n\"New York, NYC\",\n,x\n北京,北京 010\n"
        );
    }

    /// A pair may be found in the text as it was and be gone when its turn comes, or come only then.
    #[test]
    fn a_part_that_only_an_earlier_pair_makes_is_replaced_too() {
        assert_eq!(
            rows("replace = { phone = { x = \"yz\", z = \"!\" } }\nmatch = \"part\"")
                .lines()
                .nth(4),
            Some(",y!")
        );
    }

    #[test]
    fn a_wrong_expression_is_told_with_its_place() {
        let recipe = crate::recipe::Recipe::parse(
            "tidemill = 1\n[[step]]\nreplace = { city = { '(' = 'x' } }\nmatch = 'regex'\n",
        )
        .unwrap();
        let detected = crate::detect::detect(DATA.as_bytes(), &recipe.read).unwrap();
        let error = crate::plan::Plan::new(&recipe, detected, crate::plan::Target::default())
            .err()
            .unwrap();
        assert!(error.place.contains("replace.city.("), "{error}");
        assert_eq!(error.expected, "a regular expression");
    }
}
