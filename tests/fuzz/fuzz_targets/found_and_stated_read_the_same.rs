#![no_main]
libfuzzer_sys::fuzz_target!(
    |data: &[u8]| tidemill_tests::fuzz::found_and_stated_read_the_same(data)
);
