#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tidemill_tests::fuzz::pieces_decode_as_one(data));
