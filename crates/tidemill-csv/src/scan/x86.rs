//! x86-64: SSE2, which every such machine has, and AVX2 with the bit instructions that came along,
//! chosen at run time.

use std::arch::x86_64::*;

use super::{Found, Marks, Parity, Vector, parity_with, separators_with, stops_with};

#[derive(Clone, Copy)]
pub(crate) struct Sse2;

/// Made only inside functions that enable these features.
#[derive(Clone, Copy)]
struct Avx2;

#[inline]
pub(crate) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn parity_avx2(text: &[u8], follows: u64, marks: Marks) -> Parity {
    parity_with(Avx2, text, follows, marks)
}

#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn separators_avx2(
    text: &[u8],
    marks: Marks,
    quotes: bool,
    crs: bool,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    separators_with(Avx2, text, marks, quotes, crs, ends)
}

#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn stops_avx2(text: &[u8], bytes: [u8; 6], places: &mut Vec<u32>) {
    stops_with(Avx2, text, bytes, places);
}

type Four = [__m128i; 4];
type Two = [__m256i; 2];

impl Vector for Sse2 {
    type Bytes = Four;

    #[inline(always)]
    fn load(chunk: &[u8; 64]) -> Four {
        let at = chunk.as_ptr().cast::<__m128i>();
        // SAFETY: SSE2 is part of x86-64; the four loads of 16 bytes lie in the 64 of the chunk,
        // and need no alignment.
        unsafe {
            [
                _mm_loadu_si128(at),
                _mm_loadu_si128(at.add(1)),
                _mm_loadu_si128(at.add(2)),
                _mm_loadu_si128(at.add(3)),
            ]
        }
    }

    #[inline(always)]
    fn equal(bytes: Four, byte: u8) -> Four {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let wanted = _mm_set1_epi8(byte as i8);
            bytes.map(|bytes| _mm_cmpeq_epi8(bytes, wanted))
        }
    }

    #[inline(always)]
    fn or(a: Four, b: Four) -> Four {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            [
                _mm_or_si128(a[0], b[0]),
                _mm_or_si128(a[1], b[1]),
                _mm_or_si128(a[2], b[2]),
                _mm_or_si128(a[3], b[3]),
            ]
        }
    }

    #[inline(always)]
    fn bits(found: Four) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        let [a, b, c, d] = unsafe { found.map(|found| _mm_movemask_epi8(found) as u32 as u64) };
        a | b << 16 | c << 32 | d << 48
    }
}

impl Vector for Avx2 {
    type Bytes = Two;

    #[inline(always)]
    fn load(chunk: &[u8; 64]) -> Two {
        let at = chunk.as_ptr().cast::<__m256i>();
        // SAFETY: an `Avx2` is made only where AVX2 is enabled; the two loads of 32 bytes lie in
        // the 64 of the chunk, and need no alignment.
        unsafe { [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))] }
    }

    #[inline(always)]
    fn equal(bytes: Two, byte: u8) -> Two {
        // SAFETY: an `Avx2` is made only where AVX2 is enabled.
        unsafe {
            let wanted = _mm256_set1_epi8(byte as i8);
            [
                _mm256_cmpeq_epi8(bytes[0], wanted),
                _mm256_cmpeq_epi8(bytes[1], wanted),
            ]
        }
    }

    #[inline(always)]
    fn or(a: Two, b: Two) -> Two {
        // SAFETY: an `Avx2` is made only where AVX2 is enabled.
        unsafe { [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])] }
    }

    #[inline(always)]
    fn bits(found: Two) -> u64 {
        // SAFETY: an `Avx2` is made only where AVX2 is enabled.
        let (a, b) = unsafe {
            (
                _mm256_movemask_epi8(found[0]),
                _mm256_movemask_epi8(found[1]),
            )
        };
        a as u32 as u64 | (b as u32 as u64) << 32
    }

    /// A carry-less product with all ones is a prefix xor.
    #[inline(always)]
    fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: an `Avx2` is made only where PCLMULQDQ is enabled too.
        unsafe {
            let product =
                _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }
}
