//! What happens when the module panics: optimised, it cannot.
#![allow(unsafe_code)]

use core::panic::PanicInfo;

/// Imports a function that does not exist, so a module without imports has no path to it.
#[cfg(not(debug_assertions))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn a_panic_path_survived() -> !;
    }
    // SAFETY: never called: a module that imports it is not loaded.
    unsafe { a_panic_path_survived() }
}

#[cfg(debug_assertions)]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
