//! `extract`: makes a column of what a group of a regular expression matches in another column. Where it matches nothing the
//! new cell is missing. Parts of dates are `derive`'s: `derive = { year = "year(day)" }`.

use regex_lite::Regex;

use crate::chunk::Chunk;
use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::kernels::clean::made::{self, Made};
use crate::kernels::clean::replace::regex;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;
use crate::step::{Outcome, RowLocal};

pub struct Extract {
    columns: Vec<Column>,
}

struct Column {
    slot: usize,
    from: usize,
    regex: Regex,
    group: usize,
}

const OPTIONS: &[Opt] = &[
    Opt {
        name: "from",
        help: "the column that is looked into",
        shape: Shape::Text,
    },
    Opt {
        name: "regex",
        help: "the regular expression",
        shape: Shape::Text,
    },
    Opt {
        name: "group",
        help: "the number of the group; if absent 1, or the whole match (0) of an expression without groups",
        shape: Shape::Count,
    },
];

impl Clean for Extract {
    const ABOUT: About = About {
        word: "extract",
        help: "makes a column of what a regular expression matches in another",
        value: Shape::Map(&Shape::Table(OPTIONS)),
        options: &[],
        example: "extract = { year = { from = \"ship_date\", regex = '^(\\d{4})-' } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("extract", "a table")?;
        let mut columns = Vec::new();
        for (name, node) in table.entries()? {
            let inner = table.needed(name, "{ from = \"column\", regex = '...' }")?;
            inner.only(&["from", "regex", "group"])?;
            let from = inner.text("from")?.unwrap_or_default();
            let from = schema.find(from, &inner.place("from"))?;
            let pattern = inner
                .text("regex")?
                .ok_or_else(|| inner.error("regex", "nothing", "a regular expression"))?;
            let regex = regex(pattern, &inner.place("regex"))?;
            let groups = regex.captures_len();
            let group = match inner.count("group")? {
                Some(group) => usize::try_from(group).unwrap_or(usize::MAX),
                None => usize::from(groups > 1),
            };
            if group >= groups {
                return Err(inner.error(
                    "group",
                    format!("group {group} of an expression with {}", groups - 1),
                    format!("a number up to {}", groups - 1),
                ));
            }
            let from = schema.columns[from].slot;
            columns.push(Column {
                slot: made::column(schema, name, None, &table, node, name)?,
                from,
                regex,
                group,
            });
        }
        let mut texts: Vec<usize> = columns.iter().map(|column| column.from).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut compiled = Compiled::row_local(Extract { columns });
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for Extract {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for column in &self.columns {
            let mut made = Made::default();
            let cells = chunk.cells(column.from);
            chunk.each_row(|row| {
                let text = std::str::from_utf8(cells.get(row)).ok();
                let found = text.and_then(|text| column.regex.captures(text));
                let group = found.as_ref().and_then(|found| found.get(column.group));
                made.push(group.map_or(b"", |group| group.as_str().as_bytes()));
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
    fn a_group_or_the_whole_match() {
        let data = "s\nPO-2024-17\n订单 2025\nnone\n\"a\n2023\"\n";
        let rows = |step: &str| {
            let recipe = format!("tidemill = 1\n[[step]]\n{step}\n[[step]]\ndrop = [\"s\"]\n");
            same_everywhere(plan(&recipe, data.as_bytes()), data.as_bytes()).1
        };
        assert_eq!(
            rows(
                "extract = { y = { from = \"s\", regex = '\\d{4}' }, n = { from = \"s\", regex = '(\\d{4})-(\\d+)', group = 2 } }"
            ),
            "y,n\n2024,17\n2025,\n,\n2023,\n"
        );
    }
}
