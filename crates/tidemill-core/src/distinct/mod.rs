//! How many different values a column has: exact while they are few, then a sketch of all of them.
//!
//! The decision that shaped it: which of the two a state is depends on the set of values alone, never on
//! the order or the grouping in which they came. It is exact while the values are within the limits, and a
//! HyperLogLog of everything beyond. Since the sketch of a union is the join of the sketches, a thread that
//! switched early has lost nothing, and a frozen state is the same bytes on one thread and on sixteen.

pub mod counts;
mod frozen;
pub mod hll;

pub use counts::Counts;
pub use hll::{Hll, sketch_hash};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// The values a column may have and still be counted exactly (`[limits] exact_values`).
pub const EXACT_VALUES: usize = 1 << 17;

/// The distinct values of a column.
#[derive(Clone, Debug)]
pub struct Distinct {
    /// The values while they are exact, then none; the counts beside them are not part of the state.
    values: Counts,
    sketch: Option<Hll>,
}

impl Distinct {
    /// Exact up to `limit` values.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Counts::new(limit).into()
    }

    /// Exact up to `limit` values that have at most `byte_limit` bytes together.
    #[must_use]
    pub fn bounded(limit: usize, byte_limit: u64) -> Self {
        Counts::bounded(limit, byte_limit).into()
    }

    #[inline]
    pub fn add(&mut self, value: &[u8]) {
        if self.sketch.is_some() || !self.values.add(value, 1) {
            self.sketched().insert_hash(sketch_hash(value));
        }
    }

    /// Joins another column's values to these. Both have the limit of the one plan; were they to differ,
    /// the lower holds.
    pub fn merge(&mut self, other: &Self) {
        let limit = self.values.limit().min(other.values.limit());
        let byte_limit = self.values.byte_limit().min(other.values.byte_limit());
        if !self.values.lower_limits(limit, byte_limit) {
            self.sketched();
            self.values.lower_limits(limit, byte_limit);
        }
        match &other.sketch {
            Some(sketch) => self.sketched().merge(sketch),
            None => {
                if self.sketch.is_some() || !self.values.merge(&other.values) {
                    self.sketched().insert_counts(&other.values);
                }
            }
        }
    }

    /// How many there are, and whether that is exact; if not, [`Hll::relative_error`] is its standard error.
    #[must_use]
    pub fn value(&self) -> (u64, bool) {
        match &self.sketch {
            Some(sketch) => (sketch.estimate(), false),
            None => (self.values.len() as u64, true),
        }
    }

    /// The values sorted by bytes, while they are exact.
    #[must_use]
    pub fn values(&self) -> Option<Vec<&[u8]>> {
        let sorted = || {
            self.values
                .sorted()
                .into_iter()
                .map(|(value, _)| value)
                .collect()
        };
        self.sketch.is_none().then(sorted)
    }

    /// The bytes it takes in memory.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.values.memory()
            + if self.sketch.is_some() {
                hll::REGISTERS
            } else {
                0
            }
    }

    /// The sketch of everything so far, from here on the state.
    fn sketched(&mut self) -> &mut Hll {
        let values = &mut self.values;
        self.sketch.get_or_insert_with(|| {
            let mut sketch = Hll::new();
            sketch.insert_counts(values);
            *values = Counts::bounded(values.limit(), values.byte_limit());
            sketch
        })
    }
}

impl Default for Distinct {
    fn default() -> Self {
        Self::new(EXACT_VALUES)
    }
}

/// The values of a dictionary, with its limits.
impl From<Counts> for Distinct {
    fn from(values: Counts) -> Self {
        Self {
            values,
            sketch: None,
        }
    }
}

/// Equal values or equal sketches, whatever the order and the counts.
impl PartialEq for Distinct {
    fn eq(&self, other: &Self) -> bool {
        let limits = |state: &Self| (state.values.limit(), state.values.byte_limit());
        limits(self) == limits(other)
            && self.sketch == other.sketch
            && self.values() == other.values()
    }
}

/// The frozen form: the values sorted by bytes, or the sketch.
#[derive(Serialize, Deserialize)]
struct Frozen<'a> {
    limit: u64,
    byte_limit: u64,
    lengths: Vec<u64>,
    bytes: Vec<u8>,
    sketch: Option<Cow<'a, Hll>>,
}

impl Serialize for Distinct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.values.sorted();
        Frozen {
            limit: self.values.limit() as u64,
            byte_limit: self.values.byte_limit(),
            lengths: values.iter().map(|(value, _)| value.len() as u64).collect(),
            bytes: values
                .iter()
                .flat_map(|(value, _)| value.iter().copied())
                .collect(),
            sketch: self.sketch.as_ref().map(Cow::Borrowed),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let state = Frozen::deserialize(deserializer)?;
        let values = frozen::thaw(
            (state.limit, state.byte_limit),
            &state.lengths,
            &state.bytes,
            std::iter::repeat(1),
        );
        let values = values.map_err(D::Error::custom)?;
        if state.sketch.is_some() && !values.is_empty() {
            return Err(D::Error::custom(
                "a frozen state has exact values and a sketch of them",
            ));
        }
        Ok(Self {
            values,
            sketch: state.sketch.map(Cow::into_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn distinct(limit: usize, byte_limit: u64, cells: &[String]) -> Distinct {
        let mut distinct = Distinct::bounded(limit, byte_limit);
        for cell in cells {
            distinct.add(cell.as_bytes());
        }
        distinct
    }

    fn frozen(distinct: &Distinct) -> String {
        serde_json::to_string(distinct).unwrap()
    }

    #[test]
    fn exact_up_to_the_limit_and_then_a_sketch() {
        let cells: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let mut state = distinct(10, u64::MAX, &cells);
        state.add(b"3");
        assert_eq!(state.value(), (10, true));
        assert_eq!(state.values().map(|values| values.len()), Some(10));
        state.add(b"one more");
        assert_eq!(state.value(), (11, false));
        assert_eq!((state.values(), state.memory()), (None, hll::REGISTERS));
        assert_eq!(Distinct::new(0).value(), (0, true));
        assert_eq!(Distinct::default().value(), (0, true));
    }

    #[test]
    fn the_lower_of_two_limits_holds() {
        let cells: Vec<String> = (0..5).map(|n| n.to_string()).collect();
        let low = distinct(3, u64::MAX, &cells[..1]);
        let mut left = distinct(9, u64::MAX, &cells);
        left.merge(&low);
        let mut right = low.clone();
        right.merge(&distinct(9, u64::MAX, &cells));
        assert_eq!((left.value(), frozen(&left)), ((5, false), frozen(&right)));
        assert_eq!(left, right);
    }

    #[test]
    fn both_forms_at_once_are_refused() {
        let registers = serde_json::to_string(&Hll::new()).unwrap();
        let both = format!(
            r#"{{"limit":9,"byte_limit":9,"lengths":[1],"bytes":[97],"sketch":{registers}}}"#
        );
        let error = serde_json::from_str::<Distinct>(&both)
            .unwrap_err()
            .to_string();
        assert!(error.contains("exact values and a sketch"), "{error}");
    }

    #[test]
    fn counts_are_no_part_of_the_state() {
        let once = distinct(9, u64::MAX, &["a".to_string(), "b".to_string()]);
        let mut counts = Counts::new(9);
        assert!(counts.add(b"b", 7) && counts.add(b"a", 1));
        assert_eq!(
            (frozen(&counts.clone().into()), Distinct::from(counts)),
            (frozen(&once), once)
        );
    }

    proptest! {
        /// The cells are cut into parts, each part is a state, and the states are merged in a random order
        /// and grouping, some of them thawed from bytes first: every way gives the bytes of one pass, and
        /// which form it is depends on the set of values alone.
        #[test]
        fn any_order_and_any_grouping_is_one_pass(
            cells in prop::collection::vec("[ab]{0,3}", 0..40),
            limit in prop::sample::select(vec![0usize, 1, 3, 10, 15]),
            byte_limit in prop::sample::select(vec![0u64, 5, 12, u64::MAX]),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 8),
        ) {
            let whole = distinct(limit, byte_limit, &cells);
            let set: BTreeSet<_> = cells.iter().collect();
            let bytes: usize = set.iter().map(|cell| cell.len()).sum();
            prop_assert_eq!(whole.value().1, set.len() <= limit && bytes as u64 <= byte_limit);
            // Sketches of so few values are exact too, unless two fall into one register.
            prop_assert!(whole.value().0.abs_diff(set.len() as u64) <= 1);

            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(cells.len() + 1)).collect();
            at.extend([0, cells.len()]);
            at.sort_unstable();
            let mut states: Vec<Distinct> = at.windows(2).map(|ends| distinct(limit, byte_limit, &cells[ends[0]..ends[1]])).collect();
            states.push(Distinct::bounded(limit, byte_limit));
            for (left, right, thawed) in picks {
                if states.len() > 1 {
                    let mut state = states.swap_remove(left.index(states.len()));
                    if thawed {
                        state = serde_json::from_str(&frozen(&state)).unwrap();
                    }
                    let into = right.index(states.len());
                    states[into].merge(&state);
                }
            }
            prop_assert_eq!(states.len(), 1);
            prop_assert_eq!(frozen(&states[0]), frozen(&whole));
            prop_assert_eq!(&states[0], &whole);

            let mut reversed = cells.clone();
            reversed.reverse();
            prop_assert_eq!(frozen(&distinct(limit, byte_limit, &reversed)), frozen(&whole));
        }
    }
}
