//! What killed an instance. On WebAssembly a panic, and memory that is refused, end in a trap: JavaScript
//! sees `unreachable` and no more. So both leave a note first, which can be read after the trap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, Once};

use tidemill_core::{Fault, FaultKind};
use wasm_bindgen::prelude::*;

use crate::failure::fault;

/// The size of the first request for memory that was refused.
static REFUSED: AtomicUsize = AtomicUsize::new(0);
/// The most memory that the host allows, in MiB.
static LIMIT: AtomicU32 = AtomicU32::new(4096);
/// The first panic. Where the note is taken there may be no memory, so it has its own.
static PANIC: Mutex<Note> = Mutex::new(Note {
    place: Text::EMPTY,
    what: Text::EMPTY,
});
/// Given back when a note is read, so that there is memory to tell it.
static BALLAST: AtomicPtr<[u8; 64 << 10]> = AtomicPtr::new(std::ptr::null_mut());

struct Note {
    place: Text,
    what: Text,
}

/// As much of a text as fits.
struct Text {
    bytes: [u8; 400],
    len: usize,
}

impl Text {
    const EMPTY: Text = Text {
        bytes: [0; 400],
        len: 0,
    };

    fn read(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..self.len]).into_owned()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.bytes[self.len..];
        let fits = text.floor_char_boundary(room.len());
        room[..fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.len += fits;
        Ok(())
    }
}

/// The allocator of the standard library, and a note where it refuses.
struct Noting;

// SAFETY: every call goes to `System` as it came, and its answer back.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps to the contract of `alloc`.
        noted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.realloc(at, layout, size) }, size)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

fn noted(at: *mut u8, size: usize) -> *mut u8 {
    if at.is_null() {
        let _ = REFUSED.compare_exchange(0, size, Ordering::Relaxed, Ordering::Relaxed);
        // Nothing in the core asks for memory that it can do without.
        #[cfg(feature = "threads")]
        crate::bell::died();
    }
    at
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

#[wasm_bindgen(start)]
pub fn begin() {
    // Every thread begins here.
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(note));
        let ballast = Box::into_raw(Box::new([0; 64 << 10]));
        BALLAST.store(ballast, Ordering::Relaxed);
    });
}

fn note(panic: &PanicHookInfo<'_>) {
    if let Ok(mut note) = PANIC.try_lock()
        && note.what.len == 0
    {
        let _ = match panic.payload_as_str() {
            Some(what) => write!(note.what, "a panic: {what}"),
            None => write!(note.what, "a panic"),
        };
        if let Some(place) = panic.location() {
            let _ = write!(note.place, "{place}");
        }
    }
    #[cfg(feature = "threads")]
    crate::bell::died();
}

/// Tells how much memory the host allows, in MiB, for what is said when it is not enough.
#[wasm_bindgen]
pub fn limit(mib: u32) {
    LIMIT.store(mib, Ordering::Relaxed);
}

/// What killed this instance, if it is known: a Fault to be shown in place of the trap. After a trap
/// nothing else of the instance may be called.
#[wasm_bindgen]
pub fn trouble() -> Option<js_sys::Object> {
    let ballast = BALLAST.swap(std::ptr::null_mut(), Ordering::Relaxed);
    if !ballast.is_null() {
        // SAFETY: it came from `Box::into_raw`, and the swap gives it to one caller only.
        drop(unsafe { Box::from_raw(ballast) });
    }
    told().map(|told| fault(told).unchecked_into())
}

fn told() -> Option<Fault> {
    if let Ok(note) = PANIC.try_lock()
        && note.what.len > 0
    {
        let mut told = Fault::internal(note.what.read());
        told.place = note.place.read();
        return Some(told);
    }
    match REFUSED.load(Ordering::Relaxed) {
        0 => None,
        size => {
            let limit = LIMIT.load(Ordering::Relaxed);
            let found = format!("no memory for {size} more bytes");
            let expected = format!("to stay under the limit of {limit} MiB");
            Some(
                Fault::new(FaultKind::Limit, "memory", found, expected).hint(
                    "allow more memory, use fewer threads, or group by what has fewer different values",
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_told_and_a_panic_comes_first() {
        assert_eq!(told(), None);
        limit(256);
        let mut byte = 0;
        assert_eq!(noted(&raw mut byte, 5), &raw mut byte);
        assert_eq!(told(), None);
        assert!(noted(std::ptr::null_mut(), 77).is_null());
        assert!(noted(std::ptr::null_mut(), 9).is_null());
        let refused = told().unwrap();
        assert_eq!(refused.kind, FaultKind::Limit);
        assert_eq!(refused.found, "no memory for 77 more bytes");
        assert_eq!(refused.expected, "to stay under the limit of 256 MiB");

        begin();
        let long = "ä".repeat(1000);
        for what in ["at first", long.as_str()] {
            let what = what.to_string();
            assert!(std::panic::catch_unwind(move || panic!("{what}")).is_err());
        }
        let panicked = told().unwrap();
        assert_eq!(panicked.kind, FaultKind::Internal);
        assert_eq!(panicked.found, "a panic: at first");
        assert!(
            panicked
                .place
                .starts_with("crates/tidemill-wasm/src/trouble.rs:")
        );
    }

    #[test]
    fn a_text_takes_whole_characters_only() {
        let mut text = Text::EMPTY;
        assert!(write!(text, "x{}", "ä".repeat(1000)).is_ok());
        assert_eq!(text.read(), format!("x{}", "ä".repeat(199)));
    }
}
