//! What happens when the program panics: in an optimised build there is no such program.
#![allow(unsafe_code)]

use core::panic::PanicInfo;

/// The proof that no panic is left: this handler calls a function that does not exist, so an image
/// links only if the optimiser removed every path to it.
#[cfg(not(any(debug_assertions, feature = "stop-on-panic")))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_path_survived() -> !;
    }
    // SAFETY: never called, since nothing that calls it can be linked.
    unsafe { a_panic_path_survived() }
}

/// Unoptimised, checks that never fail are still there, and some of the text encodings' always:
/// then the emulator ends with exit code 101.
#[cfg(any(debug_assertions, feature = "stop-on-panic"))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    crate::say(&["panic"]);
    semihosting::process::exit(101)
}
