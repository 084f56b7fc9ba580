#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tidemill_tests::fuzz::written_is_read_back(data));
