//! aarch64: NEON, which every such machine has. It has no movemask; the bits are weighted and
//! added pairwise instead.

use std::arch::aarch64::*;

use super::Vector;

#[derive(Clone, Copy)]
pub(crate) struct Neon;

type Four = [uint8x16_t; 4];

impl Vector for Neon {
    type Bytes = Four;

    #[inline(always)]
    fn load(chunk: &[u8; 64]) -> Four {
        let at = chunk.as_ptr();
        // SAFETY: NEON is part of aarch64; the four loads of 16 bytes lie in the 64 of the chunk.
        unsafe {
            [
                vld1q_u8(at),
                vld1q_u8(at.add(16)),
                vld1q_u8(at.add(32)),
                vld1q_u8(at.add(48)),
            ]
        }
    }

    #[inline(always)]
    fn equal(bytes: Four, byte: u8) -> Four {
        // SAFETY: NEON is part of aarch64.
        unsafe {
            let wanted = vdupq_n_u8(byte);
            bytes.map(|bytes| vceqq_u8(bytes, wanted))
        }
    }

    #[inline(always)]
    fn or(a: Four, b: Four) -> Four {
        // SAFETY: NEON is part of aarch64.
        unsafe {
            [
                vorrq_u8(a[0], b[0]),
                vorrq_u8(a[1], b[1]),
                vorrq_u8(a[2], b[2]),
                vorrq_u8(a[3], b[3]),
            ]
        }
    }

    #[inline(always)]
    fn bits(found: Four) -> u64 {
        const WEIGHTS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: NEON is part of aarch64; the load is of the 16 bytes of `WEIGHTS`.
        unsafe {
            let weights = vld1q_u8(WEIGHTS.as_ptr());
            let [a, b, c, d] = found.map(|found| vandq_u8(found, weights));
            let sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
            vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)))
        }
    }
}
