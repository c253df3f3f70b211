//! The compression functions: the only file that names a hash crate.
//!
//! Each stays a call of its own. With AVX enabled at compile time and fat LTO, inlining one next to
//! vector code makes it tens of times slower: the processor then switches between two encodings of its
//! instructions.

#![cfg_attr(
    any(feature = "sha1", feature = "sha256", feature = "sha512"),
    expect(clippy::disallowed_methods, reason = "the file that hashes")
)]

#[cfg(feature = "sha1")]
#[inline(never)]
pub(crate) fn sha1(state: &mut [u32; 5], block: &[u8; 64]) {
    sha1::block_api::compress(state, core::slice::from_ref(block));
}

#[cfg(feature = "sha256")]
#[inline(never)]
pub(crate) fn sha256(state: &mut [u32; 8], block: &[u8; 64]) {
    sha2::block_api::compress256(state, core::slice::from_ref(block));
}

#[cfg(feature = "sha512")]
#[inline(never)]
pub(crate) fn sha512(state: &mut [u64; 8], block: &[u8; 128]) {
    sha2::block_api::compress512(state, core::slice::from_ref(block));
}
