//! `reorder`: puts these columns first, in this order; the others follow as they were. It is done in the plan.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Reorder;

impl Clean for Reorder {
    const ABOUT: About = About {
        word: "reorder",
        help: "puts these columns first, in this order, and the others behind them",
        value: Shape::Columns,
        options: &[],
        example: "reorder = [\"ship_date\", \"qty\"]",
        rows: false,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let patterns = options.texts("reorder")?.unwrap_or_default();
        let mut order = schema.in_order(&patterns, &options.place("reorder"))?;
        order.extend(
            (0..schema.columns.len())
                .filter(|at| !order.contains(at))
                .collect::<Vec<_>>(),
        );
        schema.columns = order
            .into_iter()
            .map(|at| schema.columns[at].clone())
            .collect();
        Ok(Compiled::planned())
    }
}
