#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::passlib_keys::check(data));
