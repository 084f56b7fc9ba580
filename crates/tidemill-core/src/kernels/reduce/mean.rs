//! `mean(x)`: the exact sum divided by the count, rounded once.

use super::moments::Total;
use super::over::Over;
use crate::kernels::Described;
use crate::number::moments::Moments;
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Mean;

impl Described for Mean {
    const HELP: &'static str = "the mean of the present numbers";
}

impl Over for Mean {
    type Gathered = Total;

    fn answer(&self, total: &Total, _: Type) -> Figure {
        let (count, s1) = (total.count, total.sum.clone());
        Figure::float(
            Moments {
                count,
                s1,
                ..Moments::default()
            }
            .mean(),
        )
    }
}
