//! Reading the numbers that most fields are: a sign, up to eighteen digits and a point.
//!
//! The decision that shaped it: a field is read as words of eight bytes, all its digits at once, without a loop over
//! them; what does not fit that form is `None` and left to [`parse`](super::parse), which is never contradicted. The
//! functions for up to eight bytes are `inline(always)`: called, an `Option<Small>` would come back through memory.

/// A number as most fields hold it: `mantissa * 10^exponent`, at most eighteen digits, exponent -18 to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Small {
    pub mantissa: i64,
    pub exponent: i8,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const ZEROS: u64 = ONES * b'0' as u64;

/// `point ^ '0'`: what a point is after the digits have been turned into their values.
const POINT: u64 = (b'.' ^ b'0') as u64;

/// The number in `text`, if it is a sign, up to eighteen digits and at most one point. `None` says nothing about
/// the field; ask [`parse`](super::parse).
#[inline(always)]
pub fn parse_small(text: &[u8]) -> Option<Small> {
    let len = text.len();
    if len > 8 {
        let (negative, body) = ascii_sign(text);
        return long(body, negative);
    }
    // Overlapping loads gather a short field without a loop over its length.
    let word = if len >= 4 {
        let low = u64::from(u32::from_le_bytes(*text.first_chunk()?));
        let high = u64::from(u32::from_le_bytes(*text.last_chunk()?));
        low | high << (8 * (len - 4))
    } else {
        let byte = |at: usize| text.get(at).map(|&byte| u64::from(byte) << (8 * at));
        byte(0)? | byte(len / 2)? | byte(len - 1)?
    };
    short(word, len)
}

/// [`parse_small`] of `buffer[start..start + len]`, fastest where the buffer goes on for eight bytes or more after
/// `start`, whatever they are. Near the end of it the answer is the same; a range that is not in it is `None`.
#[inline(always)]
pub fn parse_at(buffer: &[u8], start: usize, len: usize) -> Option<Small> {
    let rest = buffer.get(start..)?;
    if len > 8 {
        let (negative, body) = ascii_sign(rest.get(..len)?);
        return long(body, negative);
    }
    match rest.first_chunk() {
        Some(word) if len > 0 => short(u64::from_le_bytes(*word), len),
        _ => parse_small(rest.get(..len)?),
    }
}

#[inline(always)]
fn ascii_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// A field of one to eight bytes, the first of them lowest in `word`; the bytes beyond it are ignored.
#[inline(always)]
fn short(word: u64, len: usize) -> Option<Small> {
    let digits = align(word, len);
    if not_digits(digits) == 0 {
        // Nothing but digits: neither a sign nor a point has to be looked for.
        return Some(small(combine(digits), false, 0));
    }
    signed_or_pointed(word, len)
}

#[inline(always)]
fn signed_or_pointed(word: u64, len: usize) -> Option<Small> {
    let first = word as u8;
    let negative = first == b'-';
    let signed = negative | (first == b'+');
    // A zero in place of the sign changes nothing, and is cheaper than moving what comes after it. Both the mask here
    // and the one in `small` are there to have no branch: in a column of differences the sign is a coin toss.
    let mask = 0xff & 0u64.wrapping_sub(u64::from(signed));
    let word = word ^ ((word ^ u64::from(b'0')) & mask);
    let body = len - usize::from(signed);
    let digits = align(word, len);
    if not_digits(digits) == 0 {
        return (body > 0).then(|| small(combine(digits), negative, 0));
    }
    let (digits, decimals) = squeeze(digits)?;
    if not_digits(digits) != 0 || body == 1 {
        return None;
    }
    Some(small(combine(digits), negative, -(decimals as i8)))
}

/// The values of the first `len` bytes, one to eight, at the upper end of a word. What was in front of the number
/// becomes zeros, which do not change it.
#[inline(always)]
fn align(word: u64, len: usize) -> u64 {
    (word ^ ZEROS) << (64 - 8 * len)
}

/// A number of eight to nineteen bytes, its sign taken off.
#[inline(never)]
fn long(body: &[u8], negative: bool) -> Option<Small> {
    match body.len() {
        8..=16 => two_words(body, negative),
        17..=19 => three_words(body, negative),
        _ => None,
    }
}

/// Eight to sixteen bytes: the last eight and, in front of them, what is left, both at the upper end of a word.
#[inline(always)]
fn two_words(body: &[u8], negative: bool) -> Option<Small> {
    let len = body.len();
    let mut head = match len {
        8 => 0,
        _ => (u64::from_le_bytes(*body.first_chunk()?) ^ ZEROS) << (128 - 8 * len),
    };
    let mut tail = u64::from_le_bytes(*body.last_chunk()?) ^ ZEROS;
    let mut decimals = 0;
    if not_digits(head) | not_digits(tail) != 0 {
        if let Some((squeezed, after)) = squeeze(tail) {
            // The last byte of the head moves into the place that became free.
            tail = squeezed | head >> 56;
            head <<= 8;
            decimals = after;
        } else {
            let (squeezed, after) = squeeze(head)?;
            head = squeezed;
            decimals = after + 8;
        }
        if not_digits(head) | not_digits(tail) != 0 {
            return None;
        }
    }
    let magnitude = combine(head) * 100_000_000 + combine(tail);
    Some(small(magnitude, negative, -(decimals as i8)))
}

/// Seventeen to nineteen bytes: the last sixteen and, in front of them, what is left.
fn three_words(body: &[u8], negative: bool) -> Option<Small> {
    let len = body.len();
    let mut head = (u64::from_le_bytes(*body.first_chunk()?) ^ ZEROS) << (192 - 8 * len);
    let mut tail = u128::from_le_bytes(*body.last_chunk()?) ^ wide(ZEROS);
    let all_digits = |head: u64, tail: u128| {
        not_digits(head) | not_digits(tail as u64) | not_digits((tail >> 64) as u64) == 0
    };
    let mut decimals = 0;
    if all_digits(head, tail) {
        if len > 18 {
            return None;
        }
    } else {
        if let Some((squeezed, after)) = squeeze_wide(tail) {
            tail = squeezed | u128::from(head >> 56);
            head <<= 8;
            decimals = after;
        } else {
            let (squeezed, after) = squeeze(head)?;
            head = squeezed;
            decimals = after + 16;
        }
        if !all_digits(head, tail) {
            return None;
        }
    }
    let magnitude = combine(head) * 10_000_000_000_000_000
        + combine(tail as u64) * 100_000_000
        + combine((tail >> 64) as u64);
    Some(small(magnitude, negative, -(decimals as i8)))
}

/// `word` in both halves.
fn wide(word: u64) -> u128 {
    u128::from(word) << 64 | u128::from(word)
}

/// The high bit of some byte is set if any byte is more than nine.
#[inline(always)]
fn not_digits(word: u64) -> u64 {
    (word.wrapping_add(ONES * (0x80 - 10)) | word) & HIGH
}

/// Takes the first point out of a right-aligned word, and says how many bytes follow it. `None` without a point.
#[inline(always)]
fn squeeze(word: u64) -> Option<(u64, u32)> {
    let other = word ^ (ONES * POINT);
    // The lowest bit set marks the first zero byte; only bits above it may be wrong
    // (Mycroft's test; see Warren, "Hacker's Delight", 6-1).
    let found = other.wrapping_sub(ONES) & !other & HIGH;
    if found == 0 {
        return None;
    }
    // All bytes up to the point, with it; those in front of it move up into its place.
    let head = found ^ (found - 1);
    Some((word << 8 & head | word & !head, head.leading_zeros() / 8))
}

/// [`squeeze`] for a word of sixteen bytes.
fn squeeze_wide(word: u128) -> Option<(u128, u32)> {
    let other = word ^ wide(ONES * POINT);
    let found = other.wrapping_sub(wide(ONES)) & !other & wide(HIGH);
    if found == 0 {
        return None;
    }
    let head = found ^ (found - 1);
    Some((word << 8 & head | word & !head, head.leading_zeros() / 8))
}

/// The number of eight digits, the first lowest in `digits`, in three multiplications
/// (Lemire, "Quickly parsing eight digits", 2022).
#[inline(always)]
fn combine(digits: u64) -> u64 {
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let left = (pairs & MASK).wrapping_mul(100 + (1_000_000 << 32));
    let right = ((pairs >> 16) & MASK).wrapping_mul(1 + (10_000 << 32));
    left.wrapping_add(right) >> 32
}

#[inline(always)]
fn small(magnitude: u64, negative: bool, exponent: i8) -> Small {
    // At most eighteen digits, so neither the cast nor the negation (of two's complement) can overflow.
    let flip = -i64::from(negative);
    Small {
        mantissa: (magnitude as i64 ^ flip) - flip,
        exponent,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decimal::{Decimal, Parsed, parse};
    use super::*;
    use proptest::prelude::*;

    /// What `parse_small` promises, said slowly.
    fn small_by_rule(text: &[u8]) -> Option<Small> {
        let body = text
            .strip_prefix(b"-")
            .or(text.strip_prefix(b"+"))
            .unwrap_or(text);
        let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
        let points = body.iter().filter(|&&byte| byte == b'.').count();
        if digits + points != body.len() || points > 1 || !(1..=18).contains(&digits) {
            return None;
        }
        let mut mantissa = 0i64;
        for byte in body.iter().filter(|byte| byte.is_ascii_digit()) {
            mantissa = mantissa * 10 + i64::from(byte - b'0');
        }
        let decimals = body
            .iter()
            .rev()
            .position(|&byte| byte == b'.')
            .unwrap_or(0);
        Some(Small {
            mantissa: if text[0] == b'-' { -mantissa } else { mantissa },
            exponent: -(decimals as i8),
        })
    }

    /// All three readers on `text`, alone and inside of buffers with all kinds of neighbours.
    fn check_small(text: &[u8]) {
        let expect = small_by_rule(text);
        let shown = String::from_utf8_lossy(text);
        assert_eq!(parse_small(text), expect, "{shown}");
        if let Some(small) = expect {
            let Parsed::Number(Decimal { mantissa, exponent }) = parse(text) else {
                panic!("{shown}");
            };
            let pair = (i128::from(small.mantissa), i16::from(small.exponent));
            assert_eq!((mantissa, exponent), pair, "{shown}");
        }
        for neighbour in [b'7', b'.', b',', b'-', 0, 0xff] {
            for after in [0, 1, 7, 8, 31, 32, 40] {
                let mut buffer = vec![neighbour; 3];
                buffer.extend_from_slice(text);
                buffer.resize(buffer.len() + after, neighbour);
                assert_eq!(parse_at(&buffer, 3, text.len()), expect, "{shown}");
            }
        }
    }

    #[test]
    fn every_length_and_every_place_of_the_point() {
        let digits = b"9876543210987654321098765";
        for len in 0..=22 {
            for sign in ["", "-", "+"] {
                let plain = [sign.as_bytes(), &digits[..len]].concat();
                check_small(&plain);
                for point in 0..=len {
                    let mut text = plain.clone();
                    text.insert(sign.len() + point, b'.');
                    check_small(&text);
                }
            }
        }
    }

    #[test]
    fn any_byte_in_any_place() {
        for len in 1..=20 {
            for place in 0..len {
                for byte in 0..=255 {
                    let mut text = vec![b'1'; len];
                    text[place] = byte;
                    let expect = small_by_rule(&text);
                    assert_eq!(parse_small(&text), expect, "{text:?}");
                    assert_eq!(parse_at(&text, 0, len), expect, "{text:?}");
                    // Beside a point, which takes the other path.
                    text.insert(len / 2, b'.');
                    assert_eq!(parse_small(&text), small_by_rule(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_range_outside_the_buffer_is_none() {
        let buffer = [b'1'; 40];
        assert_eq!(parse_at(&buffer, 40, 1), None);
        assert_eq!(parse_at(&buffer, 41, 0), None);
        assert_eq!(parse_at(&buffer, 39, 2), None);
        assert_eq!(parse_at(&buffer, 30, 18), None);
        assert_eq!(parse_at(&buffer, usize::MAX, usize::MAX), None);
        assert_eq!(
            parse_at(&buffer, 39, 1),
            Some(Small {
                mantissa: 1,
                exponent: 0
            })
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn the_three_readers_agree(text in "[-+]?[0-9]{0,12}[.]?[0-9]{0,12}") {
            check_small(text.as_bytes());
        }

        #[test]
        fn the_three_readers_agree_on_noise(text in "[-+.0-9e ,]{0,22}") {
            check_small(text.as_bytes());
        }
    }
}
