//! Tidemill's core: one engine of chunked cleaning and reduction kernels for every host.
//!
//! It knows no file system, clock, environment or browser. A host lends it a [`source::Source`], a
//! [`sink::Sink`] and a [`watch::Watch`], and gets a [`report::Report`]. The same recipe over the
//! same bytes gives the same bytes, whatever the host, the threads and the block size.

pub mod audit;
mod bucket;
pub mod chunk;
pub mod collect;
pub mod column;
pub mod correlation;
pub mod decode;
pub mod detect;
pub mod distinct;
pub mod document;
pub mod error;
#[cfg(any(test, feature = "testing"))]
pub mod everywhere;
pub mod explain;
pub mod expr;
pub mod files;
pub mod finish;
mod json;
pub mod kernels;
mod keys;
#[cfg(test)]
mod laws;
pub mod number;
pub mod options;
pub mod parcel;
pub mod partial;
pub mod plan;
#[cfg(feature = "parallel")]
pub mod pool;
pub mod preview;
pub mod push;
pub mod recipe;
pub mod reduce;
pub mod reduction;
pub mod report;
pub mod run;
pub mod schema;
pub mod schema_answers;
pub mod schema_json;
pub mod scratch;
pub mod seen;
pub mod session;
mod shape;
mod sheet;
pub mod sink;
pub mod sniff;
pub mod source;
pub mod spill;
pub mod step;
pub mod suggest;
mod totals;
mod unicode;
pub mod value;
pub mod variants;
pub mod watch;
pub mod work;
mod write;
pub mod writing;

pub use error::{Failure, Fault, FaultKind, RecipeError};
