//! The comparison of codes, to be read as machine code.
//!
//! Built for processors without an operating system, and nothing else.

#![no_std]
#![allow(unsafe_code, reason = "names to find the functions by")]

use otp_core::{Code, CodeFormat, hazmat};

fn code(truncated: u32) -> Code {
    hazmat::code(truncated, CodeFormat::default())
}

/// Reduces a truncated MAC to digits and compares it, as verifying does at each counter.
#[unsafe(no_mangle)]
pub extern "C" fn compare(typed: u32, truncated: u32) -> bool {
    code(typed) == code(truncated)
}

/// Compares codes of Steam Guard.
#[unsafe(no_mangle)]
pub extern "C" fn compare_steam(typed: u32, truncated: u32) -> bool {
    hazmat::code(typed, CodeFormat::Steam) == hazmat::code(truncated, CodeFormat::Steam)
}

/// The control: digit by digit, until one differs.
#[unsafe(no_mangle)]
pub extern "C" fn compare_until_it_differs(typed: u32, truncated: u32) -> bool {
    let (typed, right) = (code(typed).text(), code(truncated).text());
    for (typed, right) in typed.as_bytes().iter().zip(right.as_bytes()) {
        if typed != right {
            return false;
        }
    }
    true
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
