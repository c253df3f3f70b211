//! What the images share: inputs that the optimiser must not know.
#![no_std]

use core::hint::black_box;

use otp_core::{Algorithm, CodeFormat, Hotp, Period, UnixTime};

/// The two midstates of the widest hash: all that a prepared key keeps.
const MIDSTATES: usize = if cfg!(feature = "sha512") {
    128
} else if cfg!(feature = "sha256") {
    64
} else {
    40
};
// A word for the format of codes and one for the tag, if there is a choice of hash.
const _: () = assert!(size_of::<Hotp>() <= MIDSTATES + 2 * align_of::<Hotp>());

/// Starts the work of an image, and ends the emulator with exit code 0 if it succeeds.
#[inline(always)]
pub fn run<T, E>(work: impl FnOnce() -> Result<T, E>) -> ! {
    board::exit(black_box(work()).is_ok())
}

/// Does what is counted.
#[inline(always)]
pub fn count<T>(work: impl FnOnce() -> T) -> T {
    board::mark();
    let done = work();
    board::mark();
    done
}

/// A key of unknown length.
#[must_use]
pub fn key() -> &'static [u8] {
    black_box(b"12345678901234567890")
}

/// A time.
#[must_use]
pub fn time() -> UnixTime {
    UnixTime::from_secs(black_box(1_111_111_109))
}

/// An algorithm of this build; with one feature there is only one.
#[must_use]
pub fn algorithm() -> Algorithm {
    #[cfg(feature = "sha512")]
    let last = Algorithm::Sha512;
    #[cfg(all(feature = "sha256", not(feature = "sha512")))]
    let last = Algorithm::Sha256;
    #[cfg(not(any(feature = "sha256", feature = "sha512")))]
    let last = Algorithm::Sha1;
    black_box(last)
}

/// A code format.
#[must_use]
pub fn format() -> CodeFormat {
    black_box(CodeFormat::default())
}

/// A period.
#[must_use]
pub fn period() -> Period {
    black_box(Period::THIRTY)
}
