//! Comparisons of codes, each of many pairs between two marks, to be watched by `lab/branches`.
#![no_std]
#![no_main]

use core::hint::black_box;

use otp_core::{Code, CodeFormat, hazmat};

/// The pairs that each comparison is given. `lab/branches` counts on it.
const PAIRS: u32 = 64;

#[board::entry]
fn main() -> ! {
    for compare in [compare, compare_steam, compare_until_it_differs] {
        let mut typed = 0_u32;
        for number in 0..PAIRS {
            // Equal, or with another last digit, another first digit, or nothing in common.
            let truncated = match number % 4 {
                0 => typed,
                1 => typed ^ 1,
                2 => typed.wrapping_add(100_000),
                _ => typed.rotate_left(16),
            };
            board::mark();
            black_box(black_box(compare)(black_box(typed), black_box(truncated)));
            board::mark();
            // The first pair is of zeros.
            typed = typed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        }
    }
    board::exit(true)
}

fn code(truncated: u32) -> Code {
    hazmat::code(truncated, CodeFormat::default())
}

/// Reduces a truncated MAC to digits and compares it, as verifying does at each counter.
#[inline(never)]
fn compare(typed: u32, truncated: u32) -> bool {
    code(typed) == code(truncated)
}

/// Compares codes of Steam Guard.
#[inline(never)]
fn compare_steam(typed: u32, truncated: u32) -> bool {
    hazmat::code(typed, CodeFormat::Steam) == hazmat::code(truncated, CodeFormat::Steam)
}

/// The control: digit by digit, until one differs.
#[inline(never)]
fn compare_until_it_differs(typed: u32, truncated: u32) -> bool {
    let (typed, right) = (code(typed).text(), code(truncated).text());
    for (typed, right) in typed.as_bytes().iter().zip(right.as_bytes()) {
        if typed != right {
            return false;
        }
    }
    true
}
