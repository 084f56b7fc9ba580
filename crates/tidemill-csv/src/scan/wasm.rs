//! wasm32 with simd128, chosen when the module is compiled: a module with vectors does not load at
//! all where there are none.

use std::arch::wasm32::*;

use super::{Lanes, Marks, Masks};

#[derive(Clone, Copy)]
pub(crate) struct Simd128;

type Four = [v128; 4];

impl Simd128 {
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

impl Lanes for Simd128 {
    #[inline(always)]
    fn masks(self, chunk: &[u8; 64], marks: Marks) -> Masks {
        let bytes = Self::load(chunk);
        Masks {
            quote: Self::bits(Self::equal(bytes, marks.quote)),
            delimiter: Self::bits(Self::equal(bytes, marks.delimiter)),
            lf: Self::bits(Self::equal(bytes, b'\n')),
            cr: Self::bits(Self::equal(bytes, b'\r')),
        }
    }

    #[inline(always)]
    fn quote_special(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = Self::load(chunk);
        let ends = Self::or(Self::equal(bytes, b'\n'), Self::equal(bytes, b'\r'));
        let special = Self::or(Self::equal(bytes, marks.delimiter), ends);
        (
            Self::bits(Self::equal(bytes, marks.quote)),
            Self::bits(special),
        )
    }

    #[inline(always)]
    fn separators(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = Self::load(chunk);
        let lf = Self::equal(bytes, b'\n');
        let separators = Self::or(lf, Self::equal(bytes, marks.delimiter));
        (Self::bits(separators), Self::bits(lf))
    }

    #[inline(always)]
    fn any_of(self, chunk: &[u8; 64], [a, b, c, d, e, f]: [u8; 6]) -> u64 {
        let bytes = Self::load(chunk);
        let ab = Self::or(Self::equal(bytes, a), Self::equal(bytes, b));
        let cd = Self::or(Self::equal(bytes, c), Self::equal(bytes, d));
        let ef = Self::or(Self::equal(bytes, e), Self::equal(bytes, f));
        Self::bits(Self::or(Self::or(ab, cd), ef))
    }
}
