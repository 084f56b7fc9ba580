//! Cleaning kernels, one file each.

pub mod cast;
pub mod dedupe;
pub mod derive;
pub mod drop;
pub mod drop_missing;
pub mod fill;
pub mod filter;
pub mod limit;
pub mod number;
pub mod rename;
pub mod select;
pub mod trim;
