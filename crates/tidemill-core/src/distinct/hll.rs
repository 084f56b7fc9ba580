//! HyperLogLog: the number of distinct values in 16 KiB, whatever that number is.
//!
//! The decision that shaped it: the estimate has the same bits on every host. It is Otmar Ertl's improved
//! raw estimator ("New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284,
//! Algorithm 6), which needs no table of empirical corrections and no logarithm: its two series use only the
//! four operations and the square root, which IEEE 754 rounds correctly everywhere. The hash is fixed too,
//! since the registers are part of a frozen state.

use super::Counts;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The bits of a hash that choose its register (p of the paper).
const PRECISION: u32 = 14;
/// m of the paper.
pub const REGISTERS: usize = 1 << PRECISION;
/// The bits of a hash that are left for its rank (q of the paper); a register holds 0 to q + 1.
const RANK_BITS: usize = 64 - PRECISION as usize;
/// 1 / (2 ln 2), the limit of alpha for many registers.
const ALPHA_INF: f64 = 0.721_347_520_444_481_7;

/// The hash that sketches are made of: rapidhash v3 with its default secrets. It is part of the format of a
/// frozen state.
#[inline]
#[must_use]
pub fn sketch_hash(value: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(value)
}

/// A HyperLogLog sketch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Hll {
    registers: Vec<u8>,
}

impl Hll {
    #[must_use]
    pub fn new() -> Self {
        Self {
            registers: vec![0; REGISTERS],
        }
    }

    #[inline]
    pub fn insert_hash(&mut self, hash: u64) {
        let index = (hash >> RANK_BITS) as usize;
        // The bit below the last of the rank stops the count of zeros at q, so that the rank is q + 1 at
        // most.
        let rank = ((hash << PRECISION) | (1 << (PRECISION - 1))).leading_zeros() as u8 + 1;
        if let Some(register) = self.registers.get_mut(index)
            && *register < rank
        {
            *register = rank;
        }
    }

    /// Inserts every value of a dictionary.
    pub fn insert_counts(&mut self, counts: &Counts) {
        for (value, _) in counts.iter() {
            self.insert_hash(sketch_hash(value));
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (register, more) in self.registers.iter_mut().zip(&other.registers) {
            *register = (*register).max(*more);
        }
    }

    /// The number of distinct values, to the nearest integer.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let mut histogram = [0u32; RANK_BITS + 2];
        for register in &self.registers {
            histogram[usize::from(*register)] += 1;
        }
        let m = REGISTERS as f64;
        let mut z = m * tau(1.0 - f64::from(histogram[RANK_BITS + 1]) / m);
        for count in histogram[1..=RANK_BITS].iter().rev() {
            z = 0.5 * (z + f64::from(*count));
        }
        z += m * sigma(f64::from(histogram[0]) / m);
        // A cast saturates, so that the infinite estimate of full registers is the largest integer.
        (ALPHA_INF * m * m / z).round() as u64
    }

    /// The standard error of an estimate relative to it: 1.04 / sqrt(m).
    #[must_use]
    pub const fn relative_error() -> f64 {
        0.0081
    }
}

impl Default for Hll {
    fn default() -> Self {
        Self::new()
    }
}

/// Refuses what no sketch writes, so that an estimate can trust its registers.
impl<'de> Deserialize<'de> for Hll {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let registers = Vec::<u8>::deserialize(deserializer)?;
        if registers.len() != REGISTERS {
            return Err(D::Error::custom(format!(
                "a sketch has {REGISTERS} registers, found {}",
                registers.len()
            )));
        }
        if let Some(register) = registers
            .iter()
            .find(|register| usize::from(**register) > RANK_BITS + 1)
        {
            return Err(D::Error::custom(format!(
                "a register is at most {}, found {register}",
                RANK_BITS + 1
            )));
        }
        Ok(Self { registers })
    }
}

/// x + sum over k >= 1 of x^(2^k) * 2^(k-1): the share of the empty registers.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 * 2^-k) / 3: the share of the full registers.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sketch(values: std::ops::Range<u64>) -> Hll {
        let mut sketch = Hll::new();
        for value in values {
            sketch.insert_hash(sketch_hash(&value.to_le_bytes()));
        }
        sketch
    }

    /// Within four standard errors at every size: small ones, where registers are empty, and those around
    /// 2.5 m to 5 m, where the first HyperLogLog changed its formula and was biased.
    #[test]
    fn estimates_are_within_the_error_it_states() {
        assert_eq!(Hll::new().estimate(), 0);
        for n in [1, 2, 10] {
            assert_eq!(sketch(0..n).estimate(), n);
        }
        let mut growing = Hll::new();
        let mut n = 0u64;
        for size in [
            100, 1000, 10_000, 30_000, 40_960, 60_000, 81_920, 131_072, 200_000, 1_000_000,
        ] {
            while n < size {
                growing.insert_hash(sketch_hash(&n.to_le_bytes()));
                n += 1;
            }
            let error = growing.estimate().abs_diff(size) as f64 / size as f64;
            assert!(
                error < 4.0 * Hll::relative_error(),
                "{size}: off by {error}"
            );
        }
    }

    /// From the paper's Algorithm 6 as written out in Python: the same number on every host.
    #[test]
    fn estimates_are_the_same_everywhere() {
        for (size, estimate) in [(1000, 991), (100_000, 98_556), (300_000, 298_640)] {
            assert_eq!(sketch(0..size).estimate(), estimate);
        }
    }

    /// Over many sketches, bias and spread are those of the paper.
    #[test]
    fn estimates_are_unbiased_and_spread_as_stated() {
        let (size, runs) = (20_000u64, 60u64);
        let errors: Vec<f64> = (0..runs)
            .map(|run| sketch(run * size..(run + 1) * size).estimate() as f64 / size as f64 - 1.0)
            .collect();
        let bias = errors.iter().sum::<f64>() / runs as f64;
        let spread = (errors.iter().map(|error| error * error).sum::<f64>() / runs as f64).sqrt();
        assert!(
            bias.abs() < 3.0 * Hll::relative_error() / (runs as f64).sqrt(),
            "bias {bias}"
        );
        assert!(spread < 1.3 * Hll::relative_error(), "spread {spread}");
    }

    /// From rapidhash v3 as written out in Python. The hash is part of the format of frozen states, so a
    /// new version of the crate may not change it unseen.
    #[test]
    fn the_hash_is_the_hash_of_rapidhash_v3() {
        for (value, hash) in [
            (&b""[..], 0x0338_dc4b_e2ce_cdae),
            (b"a", 0x599f_47df_33a2_e1eb),
            (b"tidemill", 0x6304_20e0_00ae_bcfc),
            (b"a value of more than sixteen bytes", 0xb760_701b_4453_c188),
        ] {
            assert_eq!(sketch_hash(value), hash, "{:#018x}", sketch_hash(value));
        }
    }

    /// Ranks are 1 to q + 1 and the register is the hash's top bits, at the edges of both.
    #[test]
    fn a_hash_goes_to_its_register_with_its_rank() {
        for (hash, index, rank) in [
            (0, 0, 51),
            (1, 0, 50),
            (u64::MAX, REGISTERS - 1, 1),
            (1 << 49, 0, 1),
            (1 << 50, 1, 51),
            ((1 << 50) | (1 << 40), 1, 10),
        ] {
            let mut sketch = Hll::new();
            sketch.insert_hash(hash);
            assert_eq!(sketch.registers[index], rank, "{hash:#x}");
            assert_eq!(
                sketch
                    .registers
                    .iter()
                    .filter(|register| **register > 0)
                    .count(),
                1
            );
            sketch.insert_hash((hash >> 50) << 50 | ((1 << 50) - 1));
            assert_eq!(
                sketch.registers[index], rank,
                "a lower rank changes nothing"
            );
        }
    }

    /// The two series against their closed values: sigma(x) and tau(x) of the paper satisfy
    /// sigma(x) = x + sum x^(2^k) 2^(k-1), and at 1/2 the sum is short enough to write out.
    #[test]
    fn the_series_at_known_points() {
        assert_eq!(sigma(0.0), 0.0);
        assert_eq!(sigma(1.0), f64::INFINITY);
        let by_terms: f64 =
            0.5 + 0.25 + 2.0 / 16.0 + 4.0 / 256.0 + 8.0 / 65_536.0 + 16.0 / 4_294_967_296.0;
        assert!((sigma(0.5) - by_terms).abs() < 1e-15);
        assert_eq!((tau(0.0), tau(1.0)), (0.0, 0.0));
        let roots = [
            0.5f64.sqrt(),
            0.5f64.sqrt().sqrt(),
            0.5f64.sqrt().sqrt().sqrt(),
        ];
        let first: f64 = roots
            .iter()
            .zip([0.5, 0.25, 0.125])
            .map(|(x, y)| (1.0 - x) * (1.0 - x) * y)
            .sum();
        let bound = (0.5 - first) / 3.0;
        assert!(tau(0.5) < bound && tau(0.5) > bound - 1e-3);
    }

    #[test]
    fn full_registers_are_the_largest_estimate() {
        let full = Hll {
            registers: vec![51; REGISTERS],
        };
        assert_eq!(full.estimate(), u64::MAX);
        let nearly = Hll {
            registers: vec![50; REGISTERS],
        };
        assert!(nearly.estimate() > 1 << 60);
    }

    #[test]
    fn what_no_sketch_writes_is_refused() {
        for (registers, reason) in [
            (vec![0; 3], "16384 registers, found 3"),
            (vec![52; REGISTERS], "at most 51, found 52"),
        ] {
            let frozen = serde_json::to_string(&registers).unwrap();
            let error = serde_json::from_str::<Hll>(&frozen)
                .unwrap_err()
                .to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn the_sketch_of_a_union_is_the_join_of_the_sketches(ends in prop::collection::vec(0u64..3000, 6)) {
            let parts: Vec<_> = ends.chunks(2).map(|pair| pair[0].min(pair[1])..pair[0].max(pair[1])).collect();
            let mut whole = Hll::new();
            for value in parts.iter().cloned().flatten() {
                whole.insert_hash(sketch_hash(&value.to_le_bytes()));
            }
            let [a, b, c] = [0, 1, 2].map(|part| sketch(parts[part].clone()));
            let (mut left, mut right) = (a.clone(), c);
            left.merge(&b);
            left.merge(&right);
            right.merge(&b);
            right.merge(&a);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
            let frozen = serde_json::to_string(&left).unwrap();
            prop_assert_eq!(serde_json::from_str::<Hll>(&frozen).unwrap(), whole);
        }
    }
}
