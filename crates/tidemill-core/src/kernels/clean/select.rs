//! `select`: keeps these columns, in the order named. It is done in the plan: a column that is
//! not kept is never looked at.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Select;

impl Clean for Select {
    const ABOUT: About = About {
        word: "select",
        help: "keeps these columns, in this order",
        value: Shape::Columns,
        options: &[],
        example: "select = [\"order_id\", \"*_date\"]",
        rows: false,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let patterns = options.texts("select")?.unwrap_or_default();
        let place = options.place("select");
        // What the patterns mean together decides which columns; each pattern alone, their order.
        let chosen = schema.resolve(&patterns, &place)?;
        let mut order = Vec::new();
        for pattern in patterns.iter().filter(|pattern| !pattern.starts_with('!')) {
            for at in schema.resolve(std::slice::from_ref(pattern), &place)? {
                if chosen.contains(&at) && !order.contains(&at) {
                    order.push(at);
                }
            }
        }
        order.extend(
            chosen
                .iter()
                .filter(|at| !order.contains(at))
                .copied()
                .collect::<Vec<_>>(),
        );
        if order.is_empty() {
            return Err(options.error("select", "no column", "at least one column"));
        }
        schema.columns = order
            .into_iter()
            .map(|at| schema.columns[at].clone())
            .collect();
        Ok(Compiled::planned())
    }
}
