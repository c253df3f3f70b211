use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use otp_core::Algorithm;

const KEY: &[u8; 64] = b"1234567890123456789012345678901234567890123456789012345678901234";

/// A hash, under the names that everybody gives it.
pub trait Hash: 'static {
    const ALGORITHM: Algorithm;
    const TOTP_RS: totp_rs::Algorithm;
    #[cfg(feature = "totp-rfc")]
    const TOTP_RFC: totp_rfc::Algorithm;
    const LIBREAUTH: libreauth::hash::HashFunction;
    type Mac: Mac + KeyInit + Clone + 'static;
    type Bare: FnMut() -> u64 + 'static;

    fn totp_lite(key: &[u8], time: u64) -> String;

    /// Two compressions as they come from the hash crate, each of what the one before gave.
    fn bare() -> Self::Bare;

    /// A key as long as the hash (RFC 4226 § 4 R6, RFC 6238 § 5.1).
    fn key() -> &'static [u8] {
        &KEY[..Self::ALGORITHM.output_size()]
    }
}

/// HMAC as one writes it down: a function of key and counter, which hashes the key in each time.
#[inline(never)]
pub fn naive<H: Hash>(key: &[u8], counter: u64) -> u32 {
    naive_inlined::<H>(key, counter)
}

/// Inlined, so that the compiler sees the caller too. In a loop over one known key it takes some of
/// the work out of the loop.
#[inline(always)]
pub fn naive_inlined<H: Hash>(key: &[u8], counter: u64) -> u32 {
    let mut mac = <H::Mac as KeyInit>::new_from_slice(key).unwrap();
    mac.update(&counter.to_be_bytes());
    code(&mac.finalize().into_bytes())
}

/// HMAC whose key was hashed in once.
pub fn prepared<M: Mac + Clone>(prepared: &M, counter: u64) -> u32 {
    let mut mac = prepared.clone();
    mac.update(&counter.to_be_bytes());
    code(&mac.finalize().into_bytes())
}

pub fn prepare<H: Hash>(key: &[u8]) -> H::Mac {
    <H::Mac as KeyInit>::new_from_slice(key).unwrap()
}

fn code(mac: &[u8]) -> u32 {
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
    (word & 0x7fff_ffff) % 1_000_000
}

macro_rules! hash {
    ($name:ident, $hash:ty, $compress:path, [$word:ty; $words:literal], $block:literal) => {
        pub struct $name;

        impl Hash for $name {
            const ALGORITHM: Algorithm = Algorithm::$name;
            const TOTP_RS: totp_rs::Algorithm = totp_rs_name!($name);
            #[cfg(feature = "totp-rfc")]
            const TOTP_RFC: totp_rfc::Algorithm = totp_rfc::Algorithm::$name;
            const LIBREAUTH: libreauth::hash::HashFunction = libreauth::hash::HashFunction::$name;
            type Mac = Hmac<$hash>;
            type Bare = Box<dyn FnMut() -> u64>;

            fn totp_lite(key: &[u8], time: u64) -> String {
                totp_lite::totp_custom::<totp_lite::$name>(30, 6, key, time)
            }

            fn bare() -> Self::Bare {
                let mut block = [0; $block];
                Box::new(move || {
                    let mut first: $word = 0;
                    for seed in [1, 2] {
                        let mut state: [$word; $words] = [seed; $words];
                        $compress(&mut state, core::slice::from_ref(&block));
                        for (slot, word) in block.chunks_exact_mut(size_of::<$word>()).zip(&state) {
                            slot.copy_from_slice(&word.to_be_bytes());
                        }
                        first = state[0];
                    }
                    first as u64
                })
            }
        }
    };
}

macro_rules! totp_rs_name {
    (Sha1) => {
        totp_rs::Algorithm::SHA1
    };
    (Sha256) => {
        totp_rs::Algorithm::SHA256
    };
    (Sha512) => {
        totp_rs::Algorithm::SHA512
    };
}

hash!(Sha1, sha1::Sha1, sha1::block_api::compress, [u32; 5], 64);
hash!(Sha256, sha2::Sha256, sha2::block_api::compress256, [u32; 8], 64);
hash!(Sha512, sha2::Sha512, sha2::block_api::compress512, [u64; 8], 128);
