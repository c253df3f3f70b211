//! The emulated boards: start-up, messages, exit code and a panic handler that cannot be linked.
//!
//! A product has its own: nothing of this is needed by the crates beside it.
#![no_std]

mod flash;
mod panic;

pub use crate::flash::Flash;

/// Marks the function that the board starts.
#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
/// Marks the function that the board starts.
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

/// Prints a line where the emulator was started.
pub fn say(parts: &[&str]) {
    for byte in parts.iter().flat_map(|part| part.bytes()) {
        semihosting::sys::arm_compat::sys_writec(byte);
    }
    semihosting::sys::arm_compat::sys_writec(b'\n');
}

/// Ends the emulator with exit code 0 if all is well, else 1.
pub fn exit(well: bool) -> ! {
    semihosting::process::exit(i32::from(!well))
}

/// Where a count of instructions begins and, called again, ends.
#[inline(never)]
pub fn mark() {
    core::hint::black_box(());
}
