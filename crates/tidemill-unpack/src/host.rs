//! What a JavaScript host calls. Only numbers go in and out, so no bindings are needed: packed bytes
//! are put where [`room`] says, and what they unpack to is at [`out`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::zip::{Archive, Refusal, streamed};
use crate::{Form, Unpacker};

/// What is given at a time.
const PIECE: usize = 4 << 20;
/// Answers of [`pull`] and [`look`]; what is lower is a failure, whose text is as long as it is lower.
const HUNGRY: i32 = 0;
const OVER: i32 = -1;
const FAILED: i32 = -2;

struct State {
    unpacker: Option<Unpacker>,
    archive: Option<Archive>,
    given: Vec<u8>,
    at: usize,
    last: bool,
    out: Vec<u8>,
}

static STATE: Mutex<State> = Mutex::new(State {
    unpacker: None,
    archive: None,
    given: Vec::new(),
    at: 0,
    last: false,
    out: Vec::new(),
});

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins with the first byte of what is packed as 0 gzip, 1 zstd, 2 bzip2, 3 xz, 4 as the archive says.
#[unsafe(no_mangle)]
pub extern "C" fn start(form: u32) {
    let mut state = state();
    let form = match form {
        0 => Some(Form::Gzip),
        1 => Some(Form::Zstd),
        2 => Some(Form::Bzip2),
        3 => Some(Form::Xz),
        _ => state.archive.as_ref().and_then(Archive::form),
    };
    state.unpacker = form.map(Unpacker::new);
    state.given.clear();
    (state.at, state.last) = (0, false);
}

/// Makes room for packed bytes, which the host puts there before it calls anything else; none are
/// the end.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    let mut state = state();
    state.given.resize(length, 0);
    (state.at, state.last) = (0, length == 0);
    state.given.as_mut_ptr()
}

/// Unpacks some more: how many bytes are at [`out`], or `HUNGRY`, or `OVER`, or a failure.
#[unsafe(no_mangle)]
pub extern "C" fn pull() -> i32 {
    let state = &mut *state();
    let Some(unpacker) = &mut state.unpacker else {
        return OVER;
    };
    state.out.resize(PIECE, 0);
    match unpacker.unpack(&state.given[state.at..], state.last, &mut state.out) {
        Ok((took, gave)) => {
            state.at += took;
            match gave {
                0 if state.last => OVER,
                0 => HUNGRY,
                gave => gave as i32,
            }
        }
        Err(damage) => {
            let text = format!("{damage}\n\na stream that can be read");
            state.failed(&text)
        }
    }
}

/// Where the bytes, or the text of the failure, are.
#[unsafe(no_mangle)]
pub extern "C" fn out() -> *const u8 {
    state().out.as_ptr()
}

/// Begins with an archive of so many bytes; of a stream, which has none, it says what is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn archive(length: f64) -> i32 {
    let mut state = state();
    if length < 0.0 {
        return state.refused(&streamed());
    }
    state.archive = Some(Archive::new(length as u64));
    HUNGRY
}

/// The first of the bytes that the archive wants to see.
#[unsafe(no_mangle)]
pub extern "C" fn from() -> f64 {
    let state = state();
    let wants = state.archive.as_ref().map(Archive::wants);
    wants.map_or(0.0, |wants| wants.start as f64)
}

/// The end of them.
#[unsafe(no_mangle)]
pub extern "C" fn to() -> f64 {
    let state = state();
    let wants = state.archive.as_ref().map(Archive::wants);
    wants.map_or(0.0, |wants| wants.end as f64)
}

/// Shows them to it: `HUNGRY` for more, `OVER` when those it wants now are the data, or a failure.
#[unsafe(no_mangle)]
pub extern "C" fn look() -> i32 {
    let state = &mut *state();
    let Some(archive) = &mut state.archive else {
        return OVER;
    };
    match archive.give(&state.given) {
        Ok(()) if archive.form().is_some() => OVER,
        Ok(()) => HUNGRY,
        Err(refusal) => state.refused(&refusal),
    }
}

impl State {
    fn refused(&mut self, refusal: &Refusal) -> i32 {
        let text = format!("{}\n{}\n{}", refusal.found, refusal.hint, refusal.expected);
        self.failed(&text)
    }

    /// What was found, the hint, and what was expected, a line each.
    fn failed(&mut self, text: &str) -> i32 {
        self.out.clear();
        self.out.extend_from_slice(text.as_bytes());
        FAILED - text.len() as i32
    }
}
