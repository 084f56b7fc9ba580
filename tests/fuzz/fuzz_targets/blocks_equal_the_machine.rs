#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tidemill_tests::fuzz::blocks_equal_the_machine(data));
