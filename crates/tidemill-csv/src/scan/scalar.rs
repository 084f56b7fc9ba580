//! The masks by plain loops: the twin that the vector versions are held to, and what is left for
//! machines without vectors. The loops are of a form that compilers vectorise themselves.

use super::{Lanes, Marks, Masks};

#[derive(Clone, Copy)]
pub(crate) struct Scalar;

#[inline(always)]
fn mask(chunk: &[u8; 64], is: impl Fn(u8) -> bool) -> u64 {
    let mut bits = 0;
    for (n, &byte) in chunk.iter().enumerate() {
        bits |= (is(byte) as u64) << n;
    }
    bits
}

impl Lanes for Scalar {
    #[inline(always)]
    fn masks(self, chunk: &[u8; 64], marks: Marks) -> Masks {
        Masks {
            quote: mask(chunk, |b| b == marks.quote),
            delimiter: mask(chunk, |b| b == marks.delimiter),
            lf: mask(chunk, |b| b == b'\n'),
            cr: mask(chunk, |b| b == b'\r'),
        }
    }

    #[inline(always)]
    fn quote_special(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let special = |b| b == marks.delimiter || b == b'\n' || b == b'\r';
        (mask(chunk, |b| b == marks.quote), mask(chunk, special))
    }

    #[inline(always)]
    fn separators(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        (
            mask(chunk, |b| b == marks.delimiter || b == b'\n'),
            mask(chunk, |b| b == b'\n'),
        )
    }

    #[inline(always)]
    fn any_of(self, chunk: &[u8; 64], bytes: [u8; 6]) -> u64 {
        mask(chunk, |b| bytes.contains(&b))
    }
}
