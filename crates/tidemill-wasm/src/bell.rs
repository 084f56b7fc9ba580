//! What wakes the host's thread: a counter in shared memory on which it waits with `Atomics.wait` or
//! `Atomics.waitAsync`.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use wasm_bindgen::prelude::*;

static COUNT: AtomicI32 = AtomicI32::new(0);
static DEAD: AtomicBool = AtomicBool::new(false);

/// The counter goes up, and whoever waits on it wakes.
pub fn ring() {
    COUNT.fetch_add(1, Ordering::Release);
    #[cfg(target_feature = "atomics")]
    // SAFETY: the address is that of a static, aligned as the instruction wants it.
    unsafe {
        core::arch::wasm32::memory_atomic_notify(COUNT.as_ptr(), u32::MAX);
    }
}

pub fn count() -> i32 {
    COUNT.load(Ordering::Acquire)
}

/// Blocks until the counter is no longer what was `seen`, or some time has passed.
pub fn wait(seen: i32) {
    #[cfg(target_feature = "atomics")]
    // SAFETY: the address is that of a static, aligned as the instruction wants it.
    unsafe {
        core::arch::wasm32::memory_atomic_wait32(COUNT.as_ptr(), seen, 100_000_000);
    }
    #[cfg(not(target_feature = "atomics"))]
    let _ = seen;
}

/// The address of the counter, in bytes.
pub fn address() -> u32 {
    COUNT.as_ptr() as usize as u32
}

/// A thread of the pool is gone, and with it the instance. A host that sees one end with an
/// error calls this, since not every trap comes by a panic.
#[wasm_bindgen]
pub fn died() {
    DEAD.store(true, Ordering::Release);
    ring();
}

/// Whether a thread of the pool is gone.
#[wasm_bindgen]
pub fn dead() -> bool {
    DEAD.load(Ordering::Acquire)
}
