//! x86-64 with AVX-512 and VBMI2 (Ice Lake, Zen 4 and later), chosen at run time: 64 bytes are one register, a comparison
//! is a bit mask at once, and the places of a mask's bits are written without a loop over them.

use std::arch::x86_64::*;

use super::{Found, Lanes, Marks, Masks, Parity, parity_with, separators_with, stops_with};

/// Made only inside functions that enable these features.
#[derive(Clone, Copy)]
struct Avx512;

#[inline]
pub(crate) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vbmi2")
        && super::x86::has_avx2()
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn parity(text: &[u8], follows: u64, marks: Marks) -> Parity {
    parity_with(Avx512, text, follows, marks)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn separators(
    text: &[u8],
    marks: Marks,
    quotes: bool,
    crs: bool,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    separators_with(Avx512, text, marks, quotes, crs, ends)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx2,bmi1,lzcnt,popcnt,pclmulqdq")]
pub(crate) fn stops(text: &[u8], bytes: [u8; 6], places: &mut Vec<u32>) {
    stops_with(Avx512, text, bytes, places);
}

/// 0 to 63, a byte each.
const PLACES: [u8; 64] = {
    let mut places = [0; 64];
    let mut at = 0;
    while at < 64 {
        places[at] = at as u8;
        at += 1;
    }
    places
};

#[inline(always)]
fn load(chunk: &[u8; 64]) -> __m512i {
    // SAFETY: an `Avx512` is made only where AVX-512 is enabled; the 64 bytes are the chunk, and need no alignment.
    unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) }
}

#[inline(always)]
fn equal(bytes: __m512i, byte: u8) -> u64 {
    // SAFETY: an `Avx512` is made only where AVX-512 BW is enabled.
    unsafe { _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8)) }
}

impl Lanes for Avx512 {
    #[inline(always)]
    fn masks(self, chunk: &[u8; 64], marks: Marks) -> Masks {
        let bytes = load(chunk);
        Masks {
            quote: equal(bytes, marks.quote),
            delimiter: equal(bytes, marks.delimiter),
            lf: equal(bytes, b'\n'),
            cr: equal(bytes, b'\r'),
        }
    }

    #[inline(always)]
    fn quote_special(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = load(chunk);
        let ends = equal(bytes, b'\n') | equal(bytes, b'\r');
        (
            equal(bytes, marks.quote),
            equal(bytes, marks.delimiter) | ends,
        )
    }

    #[inline(always)]
    fn separators(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = load(chunk);
        let lf = equal(bytes, b'\n');
        (lf | equal(bytes, marks.delimiter), lf)
    }

    #[inline(always)]
    fn any_of(self, chunk: &[u8; 64], of: [u8; 6]) -> u64 {
        let bytes = load(chunk);
        of.iter().fold(0, |any, &byte| any | equal(bytes, byte))
    }

    /// A carry-less product with all ones is a prefix xor.
    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        // SAFETY: an `Avx512` is made only where PCLMULQDQ is enabled too.
        unsafe {
            let product =
                _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }

    /// The bytes 0 to 63 that have a bit are pressed together, widened, and moved to `base`, sixteen at a time.
    #[inline(always)]
    fn places(self, ends: &mut Vec<u32>, base: u32, bits: u64) {
        let len = ends.len();
        let count = bits.count_ones() as usize;
        if ends.capacity() - len < 64 {
            ends.reserve(64.max(len / 2));
        }
        // SAFETY: an `Avx512` is made only where AVX-512 with BW and VBMI2 is enabled. The spare capacity is at
        // least 64, of which each store fills another sixteen, and those below `count` are the places wanted.
        unsafe {
            let pressed = _mm512_maskz_compress_epi8(bits, load(&PLACES));
            let base = _mm512_set1_epi32(base as i32);
            let out = ends.as_mut_ptr().add(len);
            let write = |at: usize, sixteen: __m128i| {
                let places = _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base);
                _mm512_storeu_si512(out.add(at).cast(), places);
            };
            write(0, _mm512_castsi512_si128(pressed));
            if count > 16 {
                write(16, _mm512_extracti32x4_epi32::<1>(pressed));
                if count > 32 {
                    write(32, _mm512_extracti32x4_epi32::<2>(pressed));
                    write(48, _mm512_extracti32x4_epi32::<3>(pressed));
                }
            }
            ends.set_len(len + count);
        }
    }
}
