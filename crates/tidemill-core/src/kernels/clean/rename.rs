//! `rename`: gives columns other names, one by one or all in one style. It is done in the plan and costs nothing a row.

use crate::document::Data;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Rename;

const STYLES: &[&str] = &["snake"];

impl Clean for Rename {
    const ABOUT: About = About {
        word: "rename",
        help: "gives columns other names",
        value: Shape::Map(&Shape::Text),
        options: &[Opt {
            name: "style",
            help: "a style for the names that are not given one by one: small letters and digits with _ between the words (snake)",
            shape: Shape::Word(STYLES),
        }],
        example: "rename = { \"Dep Delay\" = \"departure_delay\" }",
        rows: false,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("rename", "a table")?;
        // All old names are looked up first, so that two columns can swap their names.
        let mut changes = Vec::new();
        for (old, new) in table.entries()? {
            let Data::Text(name) = &new.data else {
                return Err(table.wrong(new, old, "the new name"));
            };
            if name.is_empty() {
                return Err(table.wrong(new, old, "a name"));
            }
            changes.push((schema.find(old, &table.place(old))?, name.clone()));
        }
        if options.word("style", STYLES)?.is_some() {
            for at in 0..schema.columns.len() {
                if changes.iter().all(|(other, _)| *other != at) {
                    changes.push((at, snake(&schema.columns[at].name)));
                }
            }
            // Given names stay; of those that the style makes alike, the later ones are numbered.
            changes.sort_by_key(|(at, _)| *at);
            number(&mut changes);
        }
        for (at, name) in changes {
            schema.columns[at].name = name;
        }
        for (at, column) in schema.columns.iter().enumerate() {
            if schema.columns[..at]
                .iter()
                .any(|other| other.name == column.name)
            {
                return Err(options.error(
                    "rename",
                    format!("two columns called \"{}\"", column.name),
                    "names that differ",
                ));
            }
        }
        Ok(Compiled::planned())
    }
}

/// Words of letters and digits in small letters, with `_` between them. Han and other letters without case stay as they are;
/// full-width forms become ordinary ones, and a name of signs alone is `column`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    let chars: Vec<char> = name.chars().map(super::half_width::half).collect();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            before = None;
            continue;
        }
        // A word begins behind a sign, where small letters turn to capitals (orderId), and before the last
        // capital of a run (HTTPServer).
        let lower_next = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
        let begins = match before {
            None => true,
            Some(before) => {
                let before: char = before;
                c.is_uppercase() && (!before.is_uppercase() || lower_next)
            }
        };
        if begins && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = Some(c);
    }
    if out.is_empty() {
        out.push_str("column");
    }
    out
}

/// Adds _2, _3 and so on to names that came before.
fn number(names: &mut [(usize, String)]) {
    for at in 0..names.len() {
        let plain = names[at].1.clone();
        let mut number = 2;
        while names[..at].iter().any(|(_, name)| *name == names[at].1) {
            names[at].1 = format!("{plain}_{number}");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::snake;
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn words_are_found_by_signs_and_by_capitals() {
        for (name, expect) in [
            ("Dep Delay", "dep_delay"),
            ("orderId", "order_id"),
            ("HTTPServer URL", "http_server_url"),
            ("  Price (USD) ", "price_usd"),
            ("price2024", "price2024"),
            ("订单 编号", "订单_编号"),
            ("订单ID", "订单_id"),
            ("Ｐｒｉｃｅ％", "price"),
            ("École Normale", "école_normale"),
            ("%", "column"),
            ("already_so", "already_so"),
        ] {
            assert_eq!(snake(name), expect, "{name:?}");
        }
    }

    #[test]
    fn names_that_become_alike_are_numbered_and_given_ones_stay() {
        let data = "Dep Delay,dep-delay,DepDelay,x\n1,2,3,4\n";
        let recipe = "tidemill = 1\n[[step]]\nrename = { x = \"The X\" }\nstyle = \"snake\"\n";
        let (_, rows, _) = same_everywhere(plan(recipe, data.as_bytes()), data.as_bytes());
        assert_eq!(rows, "dep_delay,dep_delay_2,dep_delay_3,The X\n1,2,3,4\n");
    }
}
