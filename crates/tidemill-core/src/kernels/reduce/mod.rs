//! Reduction kernels, one file each.

mod cells;
pub mod count;
pub mod distinct;
mod extreme;
mod figures;
pub mod max;
pub mod mean;
pub mod min;
pub mod missing;
mod moments;
mod over;
pub mod profile;
pub mod rows;
pub mod std;
pub mod sum;
pub mod variance;
