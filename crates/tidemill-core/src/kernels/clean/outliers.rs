//! `outliers`: takes away the values that lie outside of a column's fences. The fences are learnt in a pass
//! before, or stated.

use crate::chunk::Chunk;
use crate::column::Kind;
use crate::document::{Data, Node};
use crate::error::{Fault, FaultKind, RecipeError};
use crate::kernels::Clean;
use crate::kernels::clean::numbers::number_slot;
use crate::number::decimal::{Decimal, Parsed, parse};
use crate::number::text::f64_text;
use crate::options::{About, Opt, Options, Shape};
use crate::plan::Compiled;
use crate::reduce::Call;
use crate::reduction::call;
use crate::report::Figure;
use crate::schema::Schema;
use crate::step::{Fitted, Outcome, RowLocal, StepKind};
use crate::totals::Grouped;

const METHODS: &[&str] = &["tukey", "zscore", "quantiles"];

#[derive(Clone)]
struct Target {
    slot: usize,
    name: String,
    method: &'static str,
    /// How many ranges or deviations away; of quantiles, the percentage on each side.
    factor: f64,
    /// What is stated, which needs no learning.
    fences: Option<Fences>,
}

/// Values below the first and above the second are taken away.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fences(Option<Decimal>, Option<Decimal>);

pub struct Outliers {
    targets: Vec<(usize, Fences)>,
}

const OPTIONS: &[Opt] = &[
    Opt {
        name: "method",
        help: "\"tukey\": so many interquartile ranges beyond the quartiles; \"zscore\": so many standard deviations from the mean; \"quantiles\": beyond a percentile on each side",
        shape: Shape::Word(METHODS),
    },
    Opt {
        name: "factor",
        help: "how many: 1.5 ranges, 3 deviations or 1 percent if it is not given",
        shape: Shape::Number,
    },
    Opt {
        name: "lower",
        help: "the least value that stays; with upper, in place of a method",
        shape: Shape::Number,
    },
    Opt {
        name: "upper",
        help: "the greatest value that stays",
        shape: Shape::Number,
    },
];

impl Clean for Outliers {
    const ABOUT: About = About {
        word: "outliers",
        help: "makes values missing that lie far from the rest of their column",
        value: Shape::Map(&Shape::WordOrTable(METHODS, OPTIONS)),
        options: &[],
        example: "outliers = { dep_delay = \"tukey\", score = { method = \"zscore\", factor = 1 }, qty = { lower = 0, upper = 50 } }",
        rows: true,
    };

    fn compile(
        options: &Options<'_>,
        schema: &mut Schema,
        _: bool,
    ) -> Result<Compiled, RecipeError> {
        let table = options.needed("outliers", "a table")?;
        let mut targets: Vec<Target> = Vec::new();
        for (pattern, node) in table.entries()? {
            for at in schema.resolve(std::slice::from_ref(pattern), &table.place(pattern))? {
                let slot = number_slot(schema, at, &table.place(pattern))?;
                targets.retain(|target| target.slot != slot);
                targets.push(target(
                    &table,
                    pattern,
                    node,
                    slot,
                    &schema.columns[at].name,
                )?);
            }
        }
        targets.sort_by_key(|target| target.slot);
        let mut calls = Vec::new();
        for target in &targets {
            for word in target.words() {
                calls.push(call(
                    &word,
                    &target.name,
                    schema,
                    &options.place("outliers"),
                )?);
            }
        }
        let numbers = targets.iter().map(|target| target.slot).collect();
        let kind = if calls.is_empty() {
            let stated = |target: &Target| Some((target.slot, target.fences?));
            StepKind::RowLocal(Box::new(Outliers {
                targets: targets.iter().filter_map(stated).collect(),
            }))
        } else {
            StepKind::Fitted(Box::new(Fitting { targets, calls }))
        };
        Ok(Compiled {
            kind,
            numbers,
            texts: Vec::new(),
        })
    }
}

fn target(
    table: &Options<'_>,
    column: &str,
    node: &Node,
    slot: usize,
    name: &str,
) -> Result<Target, RecipeError> {
    let usual = |method: &str| match method {
        "tukey" => 1.5,
        "zscore" => 3.0,
        _ => 1.0,
    };
    let of = |method: &'static str, factor: f64, fences: Option<Fences>| Target {
        slot,
        name: name.to_string(),
        method,
        factor,
        fences,
    };
    if !matches!(node.data, Data::Table(_)) {
        let method = table.one_of(node, column, METHODS)?;
        return Ok(of(method, usual(method), None));
    }
    let inner = table.within(column, node);
    inner.only(&["method", "factor", "lower", "upper"])?;
    let fences = Fences(inner.number("lower")?, inner.number("upper")?);
    if fences != Fences(None, None) {
        if let Some(key) = ["method", "factor"]
            .into_iter()
            .find(|key| inner.get(key).is_some())
        {
            return Err(inner.error(key, "a method beside stated fences", "one of the two"));
        }
        return Ok(of("", 0.0, Some(fences)));
    }
    let method = inner
        .word("method", METHODS)?
        .ok_or_else(|| inner.error("method", "nothing", "a method, or lower and upper"))?;
    let factor = inner
        .number("factor")?
        .map_or(usual(method), Decimal::to_f64);
    let most = if method == "quantiles" {
        50.0
    } else {
        f64::MAX
    };
    if !(0.0..=most).contains(&factor) {
        return Err(inner.error("factor", f64_text(factor), format!("from 0 to {most}")));
    }
    Ok(of(method, factor, None))
}

impl Target {
    /// The reductions that its fences are made of.
    fn words(&self) -> Vec<String> {
        let words = |words: [String; 2]| words.to_vec();
        match self.method {
            "tukey" => words(["p25".to_string(), "p75".to_string()]),
            "zscore" => words(["mean".to_string(), "std".to_string()]),
            "quantiles" => words([
                format!("p{}", f64_text(self.factor)),
                format!("p{}", f64_text(100.0 - self.factor)),
            ]),
            _ => Vec::new(),
        }
    }

    /// The fences by the two figures.
    fn fences(&self, one: &Figure, two: &Figure) -> Result<Fences, Fault> {
        if let Figure::Withheld(reason) = one {
            return Err(Fault::new(
                FaultKind::Limit,
                format!("outliers of {}", self.name),
                *reason,
                "a figure",
            ));
        }
        let (Some(first), Some(second)) = (value(one), value(two)) else {
            return Ok(Fences(None, None));
        };
        if self.method == "quantiles" {
            return Ok(Fences(Some(first), Some(second)));
        }
        // The figures are f64 but for values of the column, so the fences are too.
        let (first, second) = (first.to_f64(), second.to_f64());
        let (low, high) = match self.method {
            "tukey" => {
                let reach = self.factor * (second - first);
                (first - reach, second + reach)
            }
            _ => {
                let reach = self.factor * second;
                (first - reach, first + reach)
            }
        };
        Ok(Fences(decimal(low), decimal(high)))
    }
}

fn value(figure: &Figure) -> Option<Decimal> {
    match figure {
        Figure::Value(value) => Some(*value),
        Figure::Approximate(value, _) => decimal(*value),
        figure => match parse(figure.plain().as_bytes()) {
            Parsed::Number(value) => Some(value),
            _ => None,
        },
    }
}

fn decimal(value: f64) -> Option<Decimal> {
    match parse(f64_text(value).as_bytes()) {
        Parsed::Number(value) => Some(value),
        _ => None,
    }
}

impl RowLocal for Outliers {
    fn apply(&self, chunk: &mut Chunk, outcome: &mut Outcome) {
        for &(slot, Fences(low, high)) in &self.targets {
            let Some(mut typed) = chunk.typed_mut(slot).map(std::mem::take) else {
                continue;
            };
            let mut rows = Vec::new();
            chunk.each_row(|row| {
                let far = match typed.kind[row] {
                    Kind::Present | Kind::Wide => typed.value(row).is_some_and(|value| {
                        low.is_some_and(|low| value < low) || high.is_some_and(|high| value > high)
                    }),
                    Kind::PositiveInfinity => high.is_some(),
                    Kind::NegativeInfinity => low.is_some(),
                    _ => false,
                };
                if far {
                    rows.push(row);
                }
            });
            if !rows.is_empty() {
                chunk.decode_text(slot);
                let empty = chunk.keep(b"");
                outcome.tally.changed += rows.len() as u64;
                for row in rows {
                    typed.clear(row, Kind::Missing);
                    chunk.place(slot, row, empty);
                }
                typed.settle();
            }
            chunk.set_typed(slot, typed);
        }
    }
}

/// The step before it has learnt.
struct Fitting {
    targets: Vec<Target>,
    calls: Vec<Call>,
}

impl Fitted for Fitting {
    fn asks(&self) -> Vec<Call> {
        self.calls.clone()
    }

    fn fit(&self, learnt: &Grouped) -> Result<Box<dyn RowLocal>, Fault> {
        let answers = learnt.answers_of(&self.calls, 0);
        let mut pairs = answers.chunks_exact(2);
        let mut targets = Vec::new();
        for target in &self.targets {
            let fences = match target.fences {
                Some(fences) => fences,
                None => match pairs.next() {
                    Some([one, two]) => target.fences(one, two)?,
                    _ => return Err(Fault::internal("outliers without their figures")),
                },
            };
            targets.push((target.slot, fences));
        }
        Ok(Box::new(Outliers { targets }))
    }
}

#[cfg(test)]
mod tests {
    use crate::everywhere::same_everywhere;
    use crate::laws::plan;

    fn column(values: &[&str]) -> Vec<u8> {
        format!(
            "x,end\n{}",
            values
                .iter()
                .map(|value| format!("{value},e\n"))
                .collect::<String>()
        )
        .into_bytes()
    }

    fn kept(step: &str, values: &[&str]) -> Vec<String> {
        let bytes = column(values);
        let recipe = format!("tidemill = 1\n[[step]]\noutliers = {{ x = {step} }}\n");
        let (_, rows, _) = same_everywhere(plan(&recipe, &bytes), &bytes);
        rows.lines()
            .skip(1)
            .map(|line| line.trim_end_matches(",e").to_string())
            .collect()
    }

    /// The quartiles of 1, 2, ..., 9 are 3 and 7, so the fences are -3 and 13; what lies on a fence stays.
    #[test]
    fn fences_by_the_quartiles() {
        let values = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        assert_eq!(kept("\"tukey\"", &values), values);
        // With 100 in place of 9 they are still 3 and 7; with 13 too.
        let far = ["1", "2", "3", "4", "5", "6", "7", "8", "100"];
        assert_eq!(kept("\"tukey\"", &far)[7..], ["8", ""]);
        let on = ["1", "2", "3", "4", "5", "6", "7", "8", "13"];
        assert_eq!(kept("\"tukey\"", &on)[8], "13");
        let beyond = ["1", "2", "3", "4", "5", "6", "7", "8", "13.01"];
        assert_eq!(kept("\"tukey\"", &beyond)[8], "");
        assert_eq!(
            kept("{ method = \"tukey\", factor = 0 }", &values),
            ["", "", "3", "4", "5", "6", "7", "", ""]
        );
    }

    /// The mean of 1, 2, 3, 4, 5 is 3 and their deviation the root of 2.5, 1.58...
    #[test]
    fn fences_by_deviations_percentiles_and_statement() {
        let values = ["1", "2", "3", "4", "5"];
        assert_eq!(
            kept("{ method = \"zscore\", factor = 1 }", &values),
            ["", "2", "3", "4", ""]
        );
        assert_eq!(
            kept("{ method = \"zscore\", factor = 1.3 }", &values),
            values
        );
        // The 30th percentile is 2.2, and the 70th 3.8.
        assert_eq!(
            kept("{ method = \"quantiles\", factor = 30 }", &values),
            ["", "", "3", "", ""]
        );
        assert_eq!(
            kept("{ lower = 2 }", &["1.99", "2", "inf", "NA", "x", "-inf"]),
            ["", "2", "inf", "NA", "x", ""]
        );
        assert_eq!(
            kept(
                "{ lower = 2, upper = 3 }",
                &["1", "2.0", "3.1", "inf", "NA"]
            ),
            ["", "2.0", "", "", "NA"]
        );
    }

    /// Where there is nothing to learn from there is nothing far.
    #[test]
    fn nothing_is_far_from_nothing() {
        for method in ["tukey", "zscore", "quantiles"] {
            for values in [&[][..], &["NA", ""], &["7"]] {
                assert_eq!(kept(&format!("\"{method}\""), values), values);
            }
        }
    }
}
