//! THE LIST of kernels. A new one is a file in `clean/` or `reduce/` and a line here: the line
//! gives it its word in the recipe, its schema, its help on every surface, and its law tests.

pub mod clean;
pub mod reduce;

use std::sync::Arc;

use crate::error::RecipeError;
use crate::options::{About, Options};
use crate::plan::Compiled;
use crate::reduce::{Answer, DynReducer, Gather, Kernel, Limits, Needs, Of, Parameter, answer};
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
    /// The number of its columns, and what they are read as.
    pub columns: usize,
    pub needs: Needs,
    pub parameter: Parameter,
    /// Whether it is a sketch past the limits.
    pub bounded: bool,
}

impl ReduceAbout {
    /// How it is written, with `x` and `y` for columns.
    pub fn form(&self) -> String {
        self.form_of(["x", "y"])
    }

    /// How it is written of these columns, or of the first of them.
    pub fn form_of(&self, columns: [&str; 2]) -> String {
        if self.columns == 0 {
            return self.word.to_string();
        }
        let columns = columns[..self.columns.min(2)].join(", ");
        match self.parameter {
            Parameter::None => format!("{}({columns})", self.word),
            Parameter::Percent => format!("{}95({columns})", self.word),
            Parameter::Count(usual) => format!("{}({columns}, {usual})", self.word),
        }
    }
}

/// An entry of [`REDUCE`].
pub struct ReduceKernel {
    pub about: ReduceAbout,
    /// What gathers for it.
    pub reducer: fn(&Limits) -> Arc<dyn DynReducer>,
    pub answer: Answer,
}

impl ReduceKernel {
    const fn of<K: Kernel>(word: &'static str) -> ReduceKernel {
        ReduceKernel {
            about: ReduceAbout {
                word,
                help: K::HELP,
                columns: <K::Gathered as Gather>::COLUMNS,
                needs: K::NEEDS,
                parameter: K::PARAMETER,
                bounded: <K::Gathered as Gather>::BOUNDED,
            },
            reducer: |limits| Arc::new(Of::<K::Gathered>::new(limits)),
            answer: answer::<K>,
        }
    }
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
            ReduceKernel::of::<reduce::$module::$kernel>($word),
        )*];

        #[cfg(test)]
        mod reduce_laws {
            $(#[test]
            fn $module() {
                crate::laws::kernel::<super::reduce::$module::$kernel>();
            })*
        }
    };
}

steps! {
    trim::Trim,
    collapse::Collapse,
    strip_invisible::StripInvisible,
    half_width::HalfWidth,
    normalize::Normalize,
    case::Case,
    replace::Replace,
    cast::Cast,
    fill::Fill,
    round::Round,
    clip::Clip,
    outliers::Outliers,
    derive::Derive,
    extract::Extract,
    split::Split,
    join::Join,
    drop_missing::DropMissing,
    dedupe::Dedupe,
    filter::Filter,
    sample::Sample,
    limit::Limit,
    select::Select,
    drop::Drop,
    reorder::Reorder,
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
    "range" => range::Range,
    "std" => std::Std,
    "variance" => variance::Variance,
    "cv" => cv::Cv,
    "sem" => sem::Sem,
    "skewness" => skewness::Skewness,
    "kurtosis" => kurtosis::Kurtosis,
    "geometric_mean" => geometric_mean::GeometricMean,
    "harmonic_mean" => harmonic_mean::HarmonicMean,
    "median" => median::Median,
    "p" => percentile::Percentile,
    "iqr" => iqr::Iqr,
    "mad" => mad::Mad,
    "mode" => mode::Mode,
    "antimode" => antimode::Antimode,
    "top" => top::Top,
    "distinct" => distinct::Distinct,
    "count_distinct" => count_distinct::CountDistinct,
    "first" => first::First,
    "last" => last::Last,
    "cov" => cov::Cov,
    "corr" => corr::Corr,
    "weighted_mean" => weighted_mean::WeightedMean,
}

/// The cleaning kernel of that word.
pub fn clean(word: &str) -> Option<&'static CleanKernel> {
    CLEAN.iter().find(|kernel| kernel.about.word == word)
}

/// The reduction kernel of that word, and what of the word is its parameter: 95 of `p95`.
pub fn reduce(word: &str) -> Option<(&'static ReduceKernel, &str)> {
    REDUCE
        .iter()
        .find_map(|kernel| match kernel.about.parameter {
            Parameter::Percent => {
                let digits = word.strip_prefix(kernel.about.word)?;
                digits
                    .starts_with(|first: char| first.is_ascii_digit())
                    .then_some((kernel, digits))
            }
            _ => (kernel.about.word == word).then_some((kernel, "")),
        })
}
