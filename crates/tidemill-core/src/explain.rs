//! explain
pub fn explain(_: &crate::plan::Plan) -> String { String::new() }
