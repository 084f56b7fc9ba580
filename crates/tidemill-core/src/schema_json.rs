//! schema_json
