//! Classification of bytes, 64 at a time, into bit masks.
//!
//! The loops are written once, over a trait with one implementation for each instruction set, and
//! inlined into an entry point per set. The scalar twin is always compiled, and the tests hold
//! every set that the machine has to it.

mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// An instruction set that this machine has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Isa(Kind);

#[allow(dead_code, reason = "each target makes some of them")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Scalar,
    Sse2,
    Avx2,
    Avx512,
    Neon,
    Simd128,
}

impl Isa {
    pub const SCALAR: Isa = Isa(Kind::Scalar);

    /// All sets that this machine has, the best one first.
    pub fn available() -> Vec<Isa> {
        let present = COMPILED.iter().filter(|kind| kind.is_present());
        present.map(|&kind| Isa(kind)).collect()
    }

    /// The best set; the standard library remembers what it detected.
    #[inline]
    pub fn best() -> Isa {
        let best = COMPILED.iter().find(|kind| kind.is_present());
        best.map_or(Isa::SCALAR, |&kind| Isa(kind))
    }
}

/// What this build has code for, the best one first.
const COMPILED: &[Kind] = &[
    #[cfg(target_arch = "x86_64")]
    Kind::Avx512,
    #[cfg(target_arch = "x86_64")]
    Kind::Avx2,
    #[cfg(target_arch = "x86_64")]
    Kind::Sse2,
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Kind::Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Kind::Simd128,
    Kind::Scalar,
];

impl Kind {
    #[inline]
    fn is_present(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => x86::has_avx2(),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx512::is_there(),
            _ => true,
        }
    }
}

/// The bytes that the masks are about.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) delimiter: u8,
    /// A byte that the loop may ask for; without quotes in the text any byte does.
    pub(crate) quote: u8,
}

/// 64 bytes, one bit each, the first byte in the lowest bit.
#[derive(Clone, Copy)]
pub(crate) struct Masks {
    pub(crate) quote: u64,
    pub(crate) delimiter: u64,
    pub(crate) lf: u64,
    pub(crate) cr: u64,
}

pub(crate) trait Lanes: Copy {
    fn masks(self, chunk: &[u8; 64], marks: Marks) -> Masks;

    /// The quotes, and the delimiters and line ends together.
    fn quote_special(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64);

    /// The delimiters and LFs together, and the LFs.
    fn separators(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64);

    /// All of the bytes together.
    fn any_of(self, chunk: &[u8; 64], bytes: [u8; 6]) -> u64;

    /// Each bit the parity of the bits up to it.
    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        shift_xor(bits)
    }

    /// Appends the places of the bits, counted from `base`.
    #[inline(always)]
    fn places(self, ends: &mut Vec<u32>, base: u32, bits: u64) {
        places(ends, base, bits);
    }
}

/// The four operations of an instruction set that [`Lanes`] is made of.
#[allow(
    dead_code,
    reason = "a target without vectors has the scalar twin alone"
)]
pub(crate) trait Vector: Copy {
    /// 64 bytes, or as many flags.
    type Bytes: Copy;

    fn load(chunk: &[u8; 64]) -> Self::Bytes;
    fn equal(bytes: Self::Bytes, byte: u8) -> Self::Bytes;
    fn or(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    /// One bit a flag.
    fn bits(found: Self::Bytes) -> u64;

    #[inline(always)]
    fn prefix_xor(bits: u64) -> u64 {
        shift_xor(bits)
    }
}

impl<V: Vector> Lanes for V {
    #[inline(always)]
    fn masks(self, chunk: &[u8; 64], marks: Marks) -> Masks {
        let bytes = V::load(chunk);
        Masks {
            quote: V::bits(V::equal(bytes, marks.quote)),
            delimiter: V::bits(V::equal(bytes, marks.delimiter)),
            lf: V::bits(V::equal(bytes, b'\n')),
            cr: V::bits(V::equal(bytes, b'\r')),
        }
    }

    #[inline(always)]
    fn quote_special(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = V::load(chunk);
        let ends = V::or(V::equal(bytes, b'\n'), V::equal(bytes, b'\r'));
        let special = V::or(V::equal(bytes, marks.delimiter), ends);
        (V::bits(V::equal(bytes, marks.quote)), V::bits(special))
    }

    #[inline(always)]
    fn separators(self, chunk: &[u8; 64], marks: Marks) -> (u64, u64) {
        let bytes = V::load(chunk);
        let lf = V::equal(bytes, b'\n');
        let separators = V::or(lf, V::equal(bytes, marks.delimiter));
        (V::bits(separators), V::bits(lf))
    }

    #[inline(always)]
    fn any_of(self, chunk: &[u8; 64], [a, b, c, d, e, f]: [u8; 6]) -> u64 {
        let bytes = V::load(chunk);
        let ab = V::or(V::equal(bytes, a), V::equal(bytes, b));
        let cd = V::or(V::equal(bytes, c), V::equal(bytes, d));
        let ef = V::or(V::equal(bytes, e), V::equal(bytes, f));
        V::bits(V::or(V::or(ab, cd), ef))
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        V::prefix_xor(bits)
    }
}

#[inline(always)]
pub(crate) fn shift_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// What the parity of quotes says of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Parity {
    /// Entered outside quotes, each quote opens, closes or is half of a doubled one.
    pub(crate) outside: bool,
    /// The same, entered inside.
    pub(crate) inside: bool,
    /// The number of quotes is odd.
    pub(crate) odd: bool,
}

/// Cuts a text into chunks of 64, the last one filled up with zeros, and says which bits count. A
/// macro, since a closure would not have the instruction set of the function around it.
macro_rules! for_chunks {
    ($text:expr, |$base:ident, $chunk:ident, $valid:ident| $body:block) => {
        let (whole, rest) = $text.as_chunks::<64>();
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        for n in 0..whole.len() + usize::from(!rest.is_empty()) {
            let $base = n * 64;
            let ($chunk, $valid) = match whole.get(n) {
                Some(chunk) => (chunk, !0),
                None => (&last, !0 >> (64 - rest.len())),
            };
            $body
        }
    };
}

#[inline(always)]
fn parity_with<L: Lanes>(lanes: L, text: &[u8], mut follows: u64, marks: Marks) -> Parity {
    // Bit 0 of `follows` and `leads`: the byte before is one that a quote may follow; it is a quote
    // that closes if the block is entered outside, inside.
    let (mut leads_out, mut leads_in) = (0, 0);
    let (mut bad_out, mut bad_in) = (0, 0);
    let mut carry = 0u64;
    for_chunks!(text, |_base, chunk, valid| {
        let (quote, special) = lanes.quote_special(chunk, marks);
        let (quote, special) = (quote & valid, special & valid);
        let either = quote | special;
        let inside = lanes.prefix_xor(quote) ^ carry;
        carry = ((inside as i64) >> 63) as u64;
        let (odd, even) = (quote & inside, quote & !inside);
        let stray = !(either << 1 | follows);
        let past = !either & valid;
        bad_out |= odd & stray | (even << 1 | leads_out) & past;
        bad_in |= even & stray | (odd << 1 | leads_in) & past;
        (leads_out, leads_in) = (even >> 63, odd >> 63);
        follows = either >> 63;
        if bad_out != 0 && bad_in != 0 {
            break;
        }
    });
    Parity {
        outside: bad_out == 0,
        inside: bad_in == 0,
        odd: carry != 0,
    }
}

/// Tries both hypotheses on a block whose first quote is at `first`.
pub(crate) fn parity(isa: Isa, block: &[u8], first: usize, delimiter: u8, quote: u8) -> Parity {
    let marks = Marks { delimiter, quote };
    // What precedes the first quote has no quote; only the byte before it counts.
    let before = first.checked_sub(1).map(|at| block[at]);
    let follows = before.is_none_or(|byte| matches!(byte, b'\n' | b'\r') || byte == delimiter);
    let text = &block[first..];
    let parity = match isa.0 {
        // SAFETY: an `Isa` of this kind is only made when the machine has AVX-512 and its company.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::parity(text, follows as u64, marks) },
        // SAFETY: an `Isa` of this kind is only made when the machine has AVX2 and its company.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { x86::parity_avx2(text, follows as u64, marks) },
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => parity_with(x86::Sse2, text, follows as u64, marks),
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Kind::Neon => parity_with(neon::Neon, text, follows as u64, marks),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Kind::Simd128 => parity_with(wasm::Simd128, text, follows as u64, marks),
        _ => parity_with(scalar::Scalar, text, follows as u64, marks),
    };
    // `odd` is only complete if the loop ran to the end, and only then is it asked for.
    parity
}

/// The separators found in a span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    /// The LFs among them.
    pub(crate) rows: usize,
    /// All line ends, those in quotes too.
    pub(crate) lines: u64,
}

/// Appends the places of all delimiters and LFs outside quotes to `ends`. `None` if a quote stands
/// where it is neither opening, closing nor doubled, if the text ends inside quotes, or if a CR
/// outside quotes is not half of a CRLF; `ends` is then of no use.
///
/// `quotes` and `crs` say which of these bytes the text has; a loop without them is faster.
pub(crate) fn separators(
    isa: Isa,
    text: &[u8],
    marks: Marks,
    quotes: bool,
    crs: bool,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    match isa.0 {
        // SAFETY: an `Isa` of this kind is only made when the machine has AVX-512 and its company.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::separators(text, marks, quotes, crs, ends) },
        // SAFETY: an `Isa` of this kind is only made when the machine has AVX2 and its company.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { x86::separators_avx2(text, marks, quotes, crs, ends) },
        #[cfg(target_arch = "x86_64")]
        Kind::Sse2 => separators_with(x86::Sse2, text, marks, quotes, crs, ends),
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Kind::Neon => separators_with(neon::Neon, text, marks, quotes, crs, ends),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Kind::Simd128 => separators_with(wasm::Simd128, text, marks, quotes, crs, ends),
        _ => separators_with(scalar::Scalar, text, marks, quotes, crs, ends),
    }
}

#[inline(always)]
fn separators_with<L: Lanes>(
    lanes: L,
    text: &[u8],
    marks: Marks,
    quotes: bool,
    crs: bool,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    match (quotes, crs) {
        (false, false) => separators_plain(lanes, text, marks, ends),
        (false, true) => separators_all::<L, false, true>(lanes, text, marks, ends),
        (true, false) => separators_all::<L, true, false>(lanes, text, marks, ends),
        (true, true) => separators_all::<L, true, true>(lanes, text, marks, ends),
    }
}

#[inline(always)]
fn separators_plain<L: Lanes>(
    lanes: L,
    text: &[u8],
    marks: Marks,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    let mut rows = 0;
    for_chunks!(text, |base, chunk, valid| {
        let (separators, lf) = lanes.separators(chunk, marks);
        rows += (lf & valid).count_ones() as usize;
        lanes.places(ends, base as u32, separators & valid);
    });
    Some(Found {
        rows,
        lines: rows as u64,
    })
}

#[inline(always)]
fn separators_all<L: Lanes, const QUOTES: bool, const CRS: bool>(
    lanes: L,
    text: &[u8],
    marks: Marks,
    ends: &mut Vec<u32>,
) -> Option<Found> {
    let (mut rows, mut lines) = (0, 0u64);
    let (mut carry, mut follows, mut leads, mut cr_before, mut lone) = (0u64, 1, 0, 0, 0);
    let mut bad = 0;
    for_chunks!(text, |base, chunk, valid| {
        let masks = lanes.masks(chunk, marks);
        let (lf, delimiter) = (masks.lf & valid, masks.delimiter & valid);
        let quote = if QUOTES { masks.quote & valid } else { 0 };
        let cr = if CRS { masks.cr & valid } else { 0 };
        let mut inside = carry;
        if QUOTES {
            let either = quote | delimiter | lf | cr;
            inside ^= lanes.prefix_xor(quote);
            carry = ((inside as i64) >> 63) as u64;
            let closing = quote & !inside;
            bad |= quote & inside & !(either << 1 | follows);
            bad |= (closing << 1 | leads) & !either & valid;
            leads = closing >> 63;
            follows = either >> 63;
        }
        rows += (lf & !inside).count_ones() as usize;
        if QUOTES {
            lines += u64::from(lf.count_ones());
        }
        if CRS {
            let outside = cr & !inside;
            bad |= (outside << 1 | lone) & !lf;
            lone = outside >> 63;
            if QUOTES {
                let pairs = lf & (cr << 1 | cr_before);
                // The CR of a pair may be in the chunk before, where it was counted.
                lines += u64::from(cr.count_ones());
                lines -= u64::from(pairs.count_ones());
                cr_before = cr >> 63;
            }
        }
        lanes.places(ends, base as u32, (delimiter | lf) & !inside);
        if bad != 0 {
            break;
        }
    });
    if !QUOTES {
        lines = rows as u64;
    }
    // A CR in the last byte has no LF after it: the zeros after the text cannot be one, and at a
    // whole chunk's end the carry tells.
    (bad == 0 && carry == 0 && lone == 0).then_some(Found { rows, lines })
}

#[inline(always)]
fn stops_with<L: Lanes>(lanes: L, text: &[u8], bytes: [u8; 6], places_of: &mut Vec<u32>) {
    for_chunks!(text, |base, chunk, valid| {
        lanes.places(places_of, base as u32, lanes.any_of(chunk, bytes) & valid);
    });
}

/// The places of the bytes with a meaning, for the state machine to step from one to the next.
pub(crate) struct Stops<'a> {
    isa: Isa,
    text: &'a [u8],
    bytes: [u8; 6],
    window: Vec<u32>,
    taken: usize,
    /// Where the window begins, and where the next one will.
    base: usize,
    next: usize,
}

impl<'a> Stops<'a> {
    /// Small, since the machine often needs only the first few.
    const FIRST: usize = 256;
    const WINDOW: usize = 4096;

    pub(crate) fn new(isa: Isa, text: &'a [u8], bytes: [u8; 6]) -> Stops<'a> {
        Stops {
            isa,
            text,
            bytes,
            window: Vec::new(),
            taken: 0,
            base: 0,
            next: 0,
        }
    }

    /// The next one; the text's length after the last.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> usize {
        if self.taken == self.window.len() && !self.refill() {
            return self.text.len();
        }
        let place = self.base + self.window[self.taken] as usize;
        self.taken += 1;
        place
    }

    /// Goes on from another place.
    pub(crate) fn seek(&mut self, to: usize) {
        self.window.clear();
        self.taken = 0;
        self.next = to;
    }

    #[inline(never)]
    fn refill(&mut self) -> bool {
        self.window.clear();
        self.taken = 0;
        while self.window.is_empty() && self.next < self.text.len() {
            let size = if self.next == 0 {
                Self::FIRST
            } else {
                Self::WINDOW
            };
            self.base = self.next;
            self.next = self.text.len().min(self.base + size);
            let (text, bytes) = (&self.text[self.base..self.next], self.bytes);
            match self.isa.0 {
                // SAFETY: an `Isa` of this kind is only made when the machine has AVX-512 and its
                // company.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { avx512::stops(text, bytes, &mut self.window) },
                // SAFETY: an `Isa` of this kind is only made when the machine has AVX2 and its
                // company.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { x86::stops_avx2(text, bytes, &mut self.window) },
                #[cfg(target_arch = "x86_64")]
                Kind::Sse2 => stops_with(x86::Sse2, text, bytes, &mut self.window),
                #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
                Kind::Neon => stops_with(neon::Neon, text, bytes, &mut self.window),
                #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                Kind::Simd128 => stops_with(wasm::Simd128, text, bytes, &mut self.window),
                _ => stops_with(scalar::Scalar, text, bytes, &mut self.window),
            }
        }
        !self.window.is_empty()
    }
}

/// Appends the places of the bits. Four are written at a time whether they are there or not, which
/// costs less than asking for each (Langdale and Lemire, "Parsing gigabytes of JSON per second",
/// 2019, section 3.2).
#[inline(always)]
fn places(ends: &mut Vec<u32>, base: u32, mut bits: u64) {
    let len = ends.len();
    let count = bits.count_ones() as usize;
    if ends.capacity() - len < 64 {
        ends.reserve(64.max(len / 2));
    }
    let spare = ends.spare_capacity_mut();
    let mut at = 0;
    while at < count {
        for place in &mut spare[at..at + 4] {
            place.write(base.wrapping_add(bits.trailing_zeros()));
            bits &= bits.wrapping_sub(1);
        }
        at += 4;
    }
    // SAFETY: the spare capacity was at least 64, `count` is at most 64, and the loop wrote every
    // place below `count`.
    unsafe { ends.set_len(len + count) };
}
