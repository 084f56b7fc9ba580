//! The same for Node: a text is put where [`room`] says, and read as often as is asked for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tidemill_csv::Index;

use crate::{boundaries, fields};

struct State {
    text: Vec<u8>,
    buffers: Vec<Vec<u8>>,
    index: Index,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    let state = &mut *state();
    let fresh = State {
        text: vec![0; length],
        buffers: Vec::new(),
        index: Index::new(),
    };
    state.insert(fresh).text.as_mut_ptr()
}

/// The number of fields of records of `width`; of 0, the number of spans.
#[unsafe(no_mangle)]
pub extern "C" fn read(width: usize) -> usize {
    match &mut *state() {
        None => 0,
        Some(state) if width == 0 => boundaries(&state.text, &mut state.buffers).0,
        Some(state) => fields(&state.text, width, &mut state.buffers, &mut state.index).1,
    }
}
