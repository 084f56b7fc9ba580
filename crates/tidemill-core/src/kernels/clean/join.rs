//! `join`: makes one column of several, with a text between the values. What is missing is left out, and its text with it.

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::made::{self, Made};
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, Schema};
use crate::step::{Outcome, RowLocal};

pub struct Join {
    columns: Vec<Column>,
}

struct Column {
    slot: usize,
    from: Vec<(usize, Missing)>,
    with: Vec<u8>,
}

const OPTIONS: &[Opt] = &[
    Opt {
        name: "columns",
        help: "the columns whose values are joined, in this order",
        shape: Shape::Columns,
    },
    Opt {
        name: "with",
        help: "the text between two values; a space if absent",
        shape: Shape::Text,
    },
    Opt {
        name: "keep",
        help: "whether the columns that are joined stay; they do if absent",
        shape: Shape::Boolean,
    },
];

impl Clean for Join {
    const ABOUT: About = About {
        word: "join",
        help: "makes one column of several, with a text between the values",
        value: Shape::Map(&Shape::Table(OPTIONS)),
        options: &[],
        example: "join = { where_to = { columns = [\"origin\", \"city\"], with = \" > \" } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        within: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("join", "a table")?;
        let mut columns = Vec::new();
        for (name, node) in table.entries()? {
            let inner = table.needed(name, "{ columns = [...], with = \" \" }")?;
            inner.only(&["columns", "with", "keep"])?;
            let patterns = inner.texts("columns")?.unwrap_or_default();
            let at = schema.in_order(&patterns, &inner.place("columns"))?;
            let from: Vec<usize> = at.iter().map(|at| schema.columns[*at].slot).collect();
            let keep = inner.boolean("keep")?.unwrap_or(true);
            if within && !keep {
                return Err(inner.error(
                    "keep",
                    "columns that go, with where",
                    "columns that stay, or the rows that it does not apply to would lose their values",
                ));
            }
            if !keep {
                schema.columns.retain(|column| !from.contains(&column.slot));
            }
            let slot = made::column(schema, name, None, &table, node, name)?;
            columns.push(Column {
                slot,
                from: from
                    .into_iter()
                    .map(|slot| (slot, schema.missing[slot].clone()))
                    .collect(),
                with: inner.text("with")?.unwrap_or(" ").as_bytes().to_vec(),
            });
        }
        let mut texts: Vec<usize> = columns
            .iter()
            .flat_map(|column| column.from.iter().map(|(slot, _)| *slot))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let mut compiled = Compiled::row_local(Join { columns });
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for Join {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for column in &self.columns {
            let mut made = Made::default();
            let from: Vec<_> = column
                .from
                .iter()
                .map(|(slot, missing)| (chunk.cells(*slot), missing))
                .collect();
            chunk.each_row(|row| {
                let mut first = true;
                for (cells, missing) in &from {
                    let cell = cells.get(row);
                    if missing.text(cell) {
                        continue;
                    }
                    if !std::mem::replace(&mut first, false) {
                        made.bytes.extend_from_slice(&column.with);
                    }
                    made.bytes.extend_from_slice(cell);
                }
                made.ends.push(made.bytes.len());
            });
            outcome.tally.changed += made.filled();
            chunk.put_column(column.slot, &made.bytes, &made.ends);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    #[test]
    fn what_is_missing_is_left_out_with_its_text() {
        let data = "a,b,c\n1,2,3\n,2,3\n1,,3\n,,\n\"x, y\",,z\n";
        let rows = |step: &str| {
            let recipe = format!("tidemill = 1\n[[step]]\n{step}\n");
            same_everywhere(plan(&recipe, data.as_bytes()), data.as_bytes()).1
        };
        assert_eq!(
            rows("join = { all = { columns = [\"c\", \"a\", \"b\"], with = \"-\" } }"),
            "a,b,c,all\n1,2,3,3-1-2\n,2,3,3-2\n1,,3,3-1\n,,,\n\"x, y\",,z,\"z-x, y\"\n"
        );
        assert_eq!(
            rows("join = { b = { columns = [\"a\", \"b\"], with = \"\", keep = false } }"),
            "c,b\n3,12\n3,2\n3,1\n,\nz,\"x, y\"\n"
        );
    }
}
