//! `derive`: makes columns from expressions over the others. A name that is there already keeps its
//! place and gets the new values. All expressions of one step see the columns as they were before it.

use crate::chunk::Chunk;
use crate::document::Data;
use crate::error::RecipeError;
use crate::expr::Formula;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::{Missing, PlanColumn, Schema};
use crate::step::{Outcome, RowLocal};

pub struct Derive {
    /// In the order of the recipe, each with the slot it fills and that of the column it replaces.
    columns: Vec<(usize, Option<usize>, Formula)>,
    missing: Vec<Missing>,
    within: bool,
}

impl Clean for Derive {
    const ABOUT: About = About {
        word: "derive",
        help: "makes columns from SQL expressions over the others",
        value: Shape::Map(&Shape::Expression),
        options: &[],
        example: "derive = { hours = \"dep_time / 100\", late = \"dep_delay > 15\" }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        within: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("derive", "a table")?;
        let before = schema.clone();
        let mut columns = Vec::new();
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for (name, node) in table.entries()? {
            let Data::Text(sql) = &node.data else {
                return Err(table.wrong(node, name, "an expression in quotes"));
            };
            let formula = Formula::compile(sql, &before, &table.place(name))?;
            numbers.extend_from_slice(formula.numbers());
            texts.extend_from_slice(formula.texts());
            let slot = schema.slots;
            // Where some rows have no value of it, the text is all that there is of a column.
            let ty = formula.ty().filter(|_| !within);
            match schema
                .columns
                .iter()
                .position(|column| column.name == *name)
            {
                Some(_) if within => {
                    return Err(table.wrong(node, name, "a new name").hint(
                        "with where, the rows it does not apply to would lose their values",
                    ));
                }
                Some(at) => {
                    schema.columns[at].slot = slot;
                    schema.columns[at].ty = ty;
                }
                None if name.is_empty() => return Err(table.wrong(node, name, "a name")),
                None => schema.columns.push(PlanColumn {
                    name: name.clone(),
                    slot,
                    ty,
                }),
            }
            schema.missing.push(formula.missing().clone());
            schema.slots += 1;
            let replaced = before.columns.iter().find(|column| column.name == *name);
            columns.push((slot, replaced.map(|column| column.slot), formula));
        }
        for slots in [&mut numbers, &mut texts] {
            slots.sort_unstable();
            slots.dedup();
        }
        let mut compiled = Compiled::row_local(Derive {
            columns,
            missing: before.missing,
            within,
        });
        compiled.numbers = numbers;
        compiled.texts = texts;
        Ok(compiled)
    }
}

impl RowLocal for Derive {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        let made: Vec<_> = self
            .columns
            .iter()
            .map(|(slot, replaced, formula)| {
                (*slot, *replaced, formula.evaluate(chunk, &self.missing))
            })
            .collect();
        for (slot, replaced, values) in made {
            let mut from = 0;
            let mut ends = values.texts.ends.iter();
            if let Some(replaced) = replaced {
                chunk.decode_text(replaced);
            }
            let old = replaced.map(|slot| chunk.cells(slot));
            chunk.each_row(|row| {
                let to = ends.next().copied().unwrap_or(from);
                let before = old.map_or(&b""[..], |cells| cells.get(row));
                outcome.tally.changed += u64::from(values.texts.bytes[from..to] != *before);
                from = to;
            });
            chunk.put_column(slot, &values.texts.bytes, &values.texts.ends);
            if let Some(typed) = values.typed.filter(|_| !self.within) {
                chunk.set_typed(slot, typed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    const DATA: &str = "a,b,day,name\n1.10,3,2024-01-31,x\n2,0,2024-02-01,\"a, b\"\n,5,,\nq,NA,2023-12-31,北京\n\
        99999999999999999999999999999999999999,2,2024-01-01,y\n";

    fn rows(recipe: &str) -> String {
        same_everywhere(
            plan(&format!("tidemill = 1\n{recipe}"), DATA.as_bytes()),
            DATA.as_bytes(),
        )
        .1
    }

    #[test]
    fn numbers_are_exact_as_far_as_they_go() {
        let made = rows(
            "[[step]]\nderive = { s = \"a + b\", p = \"a * b\", q = \"a / b\" }\n[[step]]\nselect = [\"s\", \"p\", \"q\"]",
        );
        // 10^38 - 1 + 2 has 39 digits, and so has its double: both are the nearest f64.
        assert_eq!(
            made,
            "s,p,q\n4.1,3.3,0.3666666666666667\n2,0,\n,,\n,,\n1e+38,2e+38,5e+37\n"
        );
    }

    #[test]
    fn any_type_becomes_a_column_that_later_steps_know() {
        let made = rows(
            "[[step]]\ncast = { day = \"date\" }\n[[step]]\nderive = { late = \"day >= '2024-01-01'\", when = \"day\", who = \"name\", \
             word = \"'it''s, so'\", due = \"date '2024-05-06'\", b = \"b\" }\n\
             [[step]]\nfilter = \"late and when < due and who is not null and word > 'i'\"\n\
             [[step]]\nselect = [\"b\", \"late\", \"when\", \"who\", \"word\", \"due\"]",
        );
        assert_eq!(
            made,
            "b,late,when,who,word,due\n3,true,2024-01-31,x,\"it's, so\",2024-05-06\n0,true,2024-02-01,\"a, b\",\"it's, so\",2024-05-06\n\
             2,true,2024-01-01,y,\"it's, so\",2024-05-06\n"
        );
    }

    #[test]
    fn a_name_keeps_its_place_and_its_expressions_see_what_was_before() {
        let made = rows(
            "[[step]]\nselect = [\"a\", \"b\"]\n[[step]]\nderive = { a = \"b * 2\", b = \"a\" }\n[[step]]\nlimit = 2",
        );
        assert_eq!(made, "a,b\n6,1.10\n0,2\n");
    }

    #[test]
    fn rows_that_where_leaves_out_have_no_value() {
        let made = rows(
            "[[step]]\nderive = { c = \"b + 1\" }\nwhere = \"b > 2\"\n[[step]]\nderive = { d = \"c + 1\" }\n[[step]]\nselect = [\"c\", \"d\"]",
        );
        assert_eq!(made, "c,d\n4,5\n,\n6,7\n,\n,\n");
    }
}
