//! Exact decimal numbers: reading them, adding them up, and rounding once at the end.
//!
//! The decision that shaped it: a field is never turned into a float on the way in. It stays an integer
//! times a power of ten, sums are integers, and the only rounding is the one that makes the final `f64`.
//! Addition of integers is associative, so how the rows were cut among threads cannot show in a result;
//! and reading an integer is cheaper than reading a float.

mod parse;
mod small;

pub mod buckets;
pub mod decimal;
pub mod float_sum;
pub mod moments;
pub mod pairs;
pub mod powers;
pub mod quantile;
pub mod round;
pub mod sum;
pub mod text;

pub use decimal::{Decimal, Parsed, Small, parse, parse_at, parse_small};
pub use moments::Moments;
pub use sum::{Exact, Sum};
pub use text::f64_text;
