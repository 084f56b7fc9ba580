//! The text of numbers: of a float, as every host of the core prints it.
//!
//! The decision that shaped it: the digits are those of ECMAScript's `Number::toString`, so that a report
//! made natively and the same report made in a page are the same bytes, whichever side did the printing.

/// The shortest text that reads back as `value`, in the notation of ECMA-262, `Number::toString`
/// (`1e21` and larger, and below `1e-6`, are in scientific form). Minus zero is `0`.
///
/// What is not finite has no text there is agreement on; the caller decides, and `null` is returned.
pub fn f64_text(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    // Adding zero turns minus zero into zero and changes nothing else.
    ryu_js::Buffer::new().format_finite(value + 0.0).to_owned()
}

/// The decimal digits of an integer, without an allocation.
pub(crate) struct Digits {
    bytes: [u8; 39],
    start: usize,
}

impl Digits {
    pub(crate) fn of(mut value: u128) -> Digits {
        let mut digits = Digits {
            bytes: [b'0'; 39],
            start: 39,
        };
        // Division of 128 bits is a call into the runtime: one of them yields nineteen digits.
        const CHUNK: u128 = 10_000_000_000_000_000_000;
        loop {
            let mut low = (value % CHUNK) as u64;
            value /= CHUNK;
            let stop = if value == 0 {
                digits.start - 1
            } else {
                digits.start - 19
            };
            while low > 0 || digits.start > stop {
                digits.start -= 1;
                digits.bytes[digits.start] = b'0' + (low % 10) as u8;
                low /= 10;
            }
            if value == 0 {
                return digits;
            }
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_notation_is_that_of_ecmascript() {
        // Each line follows from the steps of ECMA-262, 6.1.6.1.20.
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.000001, "0.000001"),
            (0.0000001, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(f64_text(value), text);
        }
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_standard_library(wide: u128, shift in 0u32..128) {
            for value in [wide, wide >> shift, u128::from(wide as u64), 10u128.pow(shift % 39)] {
                let text = value.to_string();
                let digits = Digits::of(value);
                prop_assert_eq!(digits.as_bytes(), text.as_bytes());
            }
        }

        #[test]
        fn the_text_reads_back_as_the_same_number(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(f64_text(value).parse::<f64>(), Ok(value));
        }
    }
}
