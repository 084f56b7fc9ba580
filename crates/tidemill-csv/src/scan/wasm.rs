//! wasm32 with simd128, chosen when the module is compiled: a module with vectors does not load at
//! all where there are none.

use std::arch::wasm32::*;

use super::Vector;

#[derive(Clone, Copy)]
pub(crate) struct Simd128;

type Four = [v128; 4];

impl Vector for Simd128 {
    type Bytes = Four;

    #[inline(always)]
    fn load(chunk: &[u8; 64]) -> Four {
        let at = chunk.as_ptr().cast::<v128>();
        // SAFETY: the four loads of 16 bytes lie in the 64 of the chunk, and need no alignment.
        unsafe {
            [
                v128_load(at),
                v128_load(at.add(1)),
                v128_load(at.add(2)),
                v128_load(at.add(3)),
            ]
        }
    }

    #[inline(always)]
    fn equal(bytes: Four, byte: u8) -> Four {
        let wanted = u8x16_splat(byte);
        bytes.map(|bytes| u8x16_eq(bytes, wanted))
    }

    #[inline(always)]
    fn or(a: Four, b: Four) -> Four {
        [
            v128_or(a[0], b[0]),
            v128_or(a[1], b[1]),
            v128_or(a[2], b[2]),
            v128_or(a[3], b[3]),
        ]
    }

    #[inline(always)]
    fn bits(found: Four) -> u64 {
        let [a, b, c, d] = found.map(|found| u8x16_bitmask(found) as u64);
        a | b << 16 | c << 32 | d << 48
    }
}
