//! `drop`: takes these columns out. It is done in the plan and costs nothing a row.

use crate::error::RecipeError;
use crate::kernels::Clean;
use crate::options::{About, Options, Shape};
use crate::plan::Compiled;
use crate::schema::Schema;

pub struct Drop;

impl Clean for Drop {
    const ABOUT: About = About {
        word: "drop",
        help: "takes these columns out",
        value: Shape::Columns,
        options: &[],
        example: "drop = [\"note\"]",
        rows: false,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let gone = schema.resolve(
            &options.texts("drop")?.unwrap_or_default(),
            &options.place("drop"),
        )?;
        if gone.len() == schema.columns.len() {
            return Err(options.error("drop", "all columns", "at least one column that stays"));
        }
        let mut at = 0;
        schema.columns.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
        Ok(Compiled::planned())
    }
}
