//! `weighted_mean(x, w)`: the sum of the products over the sum of the weights, both exact, over the rows
//! in which both have a value.

use serde::{Deserialize, Serialize};

use crate::number::round::ratio;
use crate::number::sum::Sum;
use crate::reduce::{Asked, Gather, Kernel, Limits, Needs, View};
use crate::report::Figure;

pub struct WeightedMean;

/// The sums of the weights and of the products.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Weighted {
    weights: Sum,
    products: Sum,
}

impl Gather for Weighted {
    const NEEDS: Needs = Needs::Numbers;
    const COLUMNS: usize = 2;

    fn zero(_: &Limits) -> Weighted {
        Weighted::default()
    }

    fn row(&mut self, view: &View<'_>, row: usize) {
        if let (Some(values), Some(weights)) = (view.typed(), view.second())
            && let (Some(value), Some(weight)) = (values.value(row), weights.value(row))
        {
            self.weights.add_times(weight, 1);
            self.products.add_product(&[value, weight], 1);
        }
    }

    fn join(&mut self, other: &Weighted) {
        self.weights.merge(&other.weights);
        self.products.merge(&other.products);
    }
}

impl Kernel for WeightedMean {
    type Gathered = Weighted;
    const HELP: &'static str = "the mean of a column, weighted by a second one";

    fn answer(weighted: &Weighted, _: &Asked) -> Figure {
        if weighted.weights.is_zero() {
            return Figure::Null;
        }
        let (weights, products) = (weighted.weights.exact(), weighted.products.exact());
        let (sign, magnitude) = weights.mantissa.into_parts();
        let num = products.mantissa * num_bigint::BigInt::from_biguint(sign, 1u8.into());
        Figure::Float(ratio(
            &num,
            &magnitude,
            products.exponent - weights.exponent,
        ))
    }
}
