//! THE LIST of kernels. A new one is a file in `clean/` or `reduce/` and a line here: the line
//! gives it its word in the recipe, its schema, its help on every surface, and its law tests.

pub mod clean;
pub mod reduce;

use std::sync::Arc;

use crate::error::RecipeError;
use crate::options::{About, Options};
use crate::plan::Compiled;
use crate::reduce::DynReducer;
use crate::schema::Schema;

/// A cleaning kernel: what it takes, and what the plan makes of it.
pub trait Clean {
    const ABOUT: About;
    /// Checks the options against the columns, changes the columns for the steps behind it, and
    /// gives the step. `within` says that it applies to some rows only.
    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        within: bool,
    ) -> Result<Compiled, RecipeError>;
}

/// The help of a reduction kernel.
pub trait Described {
    const HELP: &'static str;
}

/// An entry of [`CLEAN`].
pub struct CleanKernel {
    pub about: About,
    pub compile: fn(&Options<'_>, &mut Schema, bool) -> Result<Compiled, RecipeError>,
}

/// What a reduction kernel is, for people and programs.
#[derive(Clone, Copy, Debug)]
pub struct ReduceAbout {
    pub word: &'static str,
    pub help: &'static str,
}

/// An entry of [`REDUCE`].
pub struct ReduceKernel {
    pub about: ReduceAbout,
    pub make: fn() -> Arc<dyn DynReducer>,
}

macro_rules! steps {
    ($($module:ident :: $kernel:ident),* $(,)?) => {
        /// All cleaning kernels, in the order in which help shows them.
        pub const CLEAN: &[CleanKernel] = &[$(
            CleanKernel {
                about: <clean::$module::$kernel as Clean>::ABOUT,
                compile: <clean::$module::$kernel as Clean>::compile,
            },
        )*];

        #[cfg(test)]
        mod clean_laws {
            $(#[test]
            fn $module() {
                crate::laws::step(&<super::clean::$module::$kernel as super::Clean>::ABOUT);
            })*
        }
    };
}

macro_rules! reducers {
    ($($word:literal => $module:ident :: $kernel:ident),* $(,)?) => {
        /// All reduction kernels, in the order in which help shows them.
        pub const REDUCE: &[ReduceKernel] = &[$(
            ReduceKernel {
                about: ReduceAbout { word: $word, help: <reduce::$module::$kernel as Described>::HELP },
                make: || Arc::new(reduce::$module::$kernel::default()),
            },
        )*];

        #[cfg(test)]
        mod reduce_laws {
            $(#[test]
            fn $module() {
                crate::laws::reducer(super::reduce::$module::$kernel::default());
            })*
        }
    };
}

steps! {
    trim::Trim,
    cast::Cast,
    fill::Fill,
    derive::Derive,
    drop_missing::DropMissing,
    filter::Filter,
    limit::Limit,
    select::Select,
    drop::Drop,
    rename::Rename,
}

reducers! {
    "rows" => rows::Rows,
    "count" => count::Count,
    "missing" => missing::Missing,
    "sum" => sum::Sum,
    "mean" => mean::Mean,
    "min" => min::Min,
    "max" => max::Max,
    "std" => std::Std,
    "variance" => variance::Variance,
    "distinct" => distinct::Distinct,
}

/// The cleaning kernel of that word.
pub fn clean(word: &str) -> Option<&'static CleanKernel> {
    CLEAN.iter().find(|kernel| kernel.about.word == word)
}

/// The reduction kernel of that word.
pub fn reduce(word: &str) -> Option<&'static ReduceKernel> {
    REDUCE.iter().find(|kernel| kernel.about.word == word)
}
