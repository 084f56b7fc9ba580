//! `rename`: gives columns other names. It is done in the plan and costs nothing a row.

use crate::document::Data;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Rename;

impl Clean for Rename {
    const ABOUT: About = About {
        word: "rename",
        help: "gives columns other names",
        value: Shape::Map(&Shape::Text),
        options: &[],
        example: "rename = { \"Dep Delay\" = \"departure_delay\" }",
        rows: false,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options
            .table("rename")?
            .ok_or_else(|| options.error("rename", "nothing", "a table"))?;
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
