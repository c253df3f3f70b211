//! The control of `cargo xtask miri`: a byte behind the end is read.

#![allow(unsafe_code, reason = "safe code has no undefined behaviour to show")]

fn main() {
    let bytes = [0_u8; 4];
    let behind = bytes.as_ptr().wrapping_add(bytes.len());
    // SAFETY: there is none.
    let byte = unsafe { behind.read() };
    println!("{byte}");
}
