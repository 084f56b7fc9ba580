#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tidemill_tests::fuzz::drivers_equal_the_session(data));
