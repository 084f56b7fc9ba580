//! Looking at rows: a preview, typed rows, and what their columns are.

use tidemill_core::plan::{Form, Target};
use wasm_bindgen::prelude::*;

use crate::{Mill, mill, parsed, thrown};

#[wasm_bindgen]
impl Mill {
    /// A mill whose runs give rows as JSON, an array a line. `fields` are patterns of the result's
    /// columns, in the order wanted; nothing is all of them.
    pub fn rows(
        recipe: &str,
        name: &str,
        window: &[u8],
        fields: Option<Vec<String>>,
        encoding: Option<String>,
    ) -> Result<Mill, JsValue> {
        let target = Target {
            rows: true,
            form: Form::Json,
            fields,
            ..Target::default()
        };
        mill(recipe, name, window, encoding, target)
    }

    /// The columns of the rows: `[{"name": ..., "type": ...}]`.
    pub fn columns(&self) -> String {
        tidemill_core::preview::columns(&self.plan)
    }
}

/// A recipe tried on the first bytes of an input, as JSON; `complete` says that they are all.
#[wasm_bindgen]
pub fn preview(
    recipe: &str,
    name: &str,
    window: &[u8],
    complete: bool,
    rows: u32,
    encoding: Option<String>,
) -> Result<String, JsValue> {
    let recipe = parsed(recipe, encoding)?;
    tidemill_core::preview::of_recipe(&recipe, name, window, complete, rows as usize)
        .map(|preview| preview.json())
        .map_err(thrown)
}
