//! `distinct(x)`: how many different values a column has. Numbers are compared by value where
//! the column is cast or used as numbers, texts by their bytes. Exact up to 2^17 values, then a
//! sketch of all of them (law 2).

use crate::column::Kind;
use crate::distinct::{Distinct as State, EXACT_VALUES, Hll};
use crate::kernels::Described;
use crate::reduce::{Needs, Reducer, View};
use crate::report::Figure;
use crate::value::class::Type;

#[derive(Default)]
pub struct Distinct;

impl Described for Distinct {
    const HELP: &'static str =
        "the number of different values: exact up to 131,072, then within 1 %";
}

impl Reducer for Distinct {
    type State = State;

    fn needs(&self) -> Needs {
        Needs::Text
    }

    fn zero(&self) -> State {
        State::new(EXACT_VALUES)
    }

    fn update_row(&self, state: &mut State, view: &View<'_>, row: usize) {
        match view.typed() {
            None => {
                let text = view.cells().get(row);
                if !view.missing.text(text) {
                    state.add(text);
                }
            }
            Some(typed) => {
                if let (Kind::Present | Kind::Wide, Some(value)) =
                    (typed.kind[row], typed.value(row))
                {
                    let value = value.normalized();
                    let mut key = [0u8; 18];
                    key[..16].copy_from_slice(&value.mantissa.to_le_bytes());
                    key[16..].copy_from_slice(&value.exponent.to_le_bytes());
                    state.add(&key);
                }
            }
        }
    }

    fn merge(&self, into: &mut State, from: &State) {
        into.merge(from);
    }

    fn finish(&self, state: &State, _: Type) -> Figure {
        match state.value() {
            (count, true) => Figure::Count(count),
            (estimate, false) => Figure::Estimate(estimate, Hll::relative_error()),
        }
    }
}
