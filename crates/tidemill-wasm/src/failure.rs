//! Failures as plain objects, of which the package makes its error classes.

use js_sys::{Object, Reflect};
use tidemill_core::{Failure, Fault, FaultKind, RecipeError};
use wasm_bindgen::prelude::*;

pub fn over() -> JsValue {
    fault(Fault::internal("a run that is over was used again"))
}

pub fn fault(fault: Fault) -> JsValue {
    thrown(Failure::Fault(fault))
}

pub fn thrown(failure: Failure) -> JsValue {
    let object = Object::new();
    let set = |key: &str, value: &str| {
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&object, &key.into(), &value.into());
    };
    let four = |place: &str, found: &str, expected: &str, hint: Option<&str>| {
        set("place", place);
        set("found", found);
        set("expected", expected);
        if let Some(hint) = hint {
            set("hint", hint);
        }
    };
    match &failure {
        Failure::Recipe(RecipeError {
            place,
            found,
            expected,
            hint,
        }) => {
            set("name", "RecipeError");
            four(place, found, expected, hint.as_deref());
        }
        Failure::Fault(fault) => {
            set("name", "Fault");
            set(
                "kind",
                match fault.kind {
                    FaultKind::Io => "io",
                    FaultKind::Input => "input",
                    FaultKind::Limit => "limit",
                    FaultKind::State => "state",
                    FaultKind::Internal => "internal",
                },
            );
            four(
                &fault.place,
                &fault.found,
                &fault.expected,
                fault.hint.as_deref(),
            );
        }
    }
    object.into()
}
