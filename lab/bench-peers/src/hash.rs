use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use otp_core::{Algorithm, Hotp, Totp};

const KEY: &[u8; 64] = b"1234567890123456789012345678901234567890123456789012345678901234";

/// A hash, under the names that everybody gives it.
pub trait Hash: 'static {
    const ALGORITHM: Algorithm;
    const TOTP_RS: totp_rs::Algorithm;
    #[cfg(feature = "totp-rfc")]
    const TOTP_RFC: totp_rfc::Algorithm;
    const LIBREAUTH: libreauth::hash::HashFunction;
    type Mac: Mac + KeyInit + Clone + 'static;

    fn totp_lite(time: u64) -> String;

    /// Two compressions as they come from the hash crate, each of what the one before gave.
    fn bare() -> impl FnMut() -> u64 + 'static;

    fn name() -> &'static str {
        Self::ALGORITHM.name()
    }

    /// A key as long as the hash (RFC 4226 § 4 R6, RFC 6238 § 5.1).
    fn key() -> &'static [u8] {
        &KEY[..Self::ALGORITHM.output_size()]
    }

    fn totp() -> Totp {
        Totp::new(Self::ALGORITHM, Self::key()).unwrap()
    }

    fn hotp() -> Hotp {
        Hotp::new(Self::ALGORITHM, Self::key()).unwrap()
    }

    fn totp_rs(key: &[u8], skew: u16) -> totp_rs::Totp {
        let builder = totp_rs::Builder::new().with_algorithm(Self::TOTP_RS).with_skew(skew);
        builder.with_secret(key.to_vec()).build().unwrap()
    }

    #[cfg(feature = "totp-rfc")]
    fn totp_rfc() -> (totp_rfc::Totp, totp_rfc::Secret<'static>) {
        let digits = totp_rfc::Digits::new(6).unwrap();
        let totp = totp_rfc::Totp::new(Self::TOTP_RFC, digits, 30, 0).unwrap();
        (totp, totp_rfc::Secret::new(Self::key()).unwrap())
    }
}

/// HMAC as one writes it down: a function of key and counter, which hashes the key in each time.
#[inline(never)]
pub fn naive<H: Hash>(key: &[u8], counter: u64) -> u32 {
    finish(<H::Mac as KeyInit>::new_from_slice(key).unwrap(), counter)
}

/// HMAC whose key is hashed in once.
pub fn prepared<H: Hash>() -> impl Fn(u64) -> u32 + 'static {
    let mac = <H::Mac as KeyInit>::new_from_slice(H::key()).unwrap();
    move |counter| finish(mac.clone(), counter)
}

#[inline(always)]
fn finish(mut mac: impl Mac, counter: u64) -> u32 {
    mac.update(&counter.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
    (word & 0x7fff_ffff) % 1_000_000
}

macro_rules! hash {
    ($name:ident, $totp_rs:ident, $hash:ty, $compress:path, [$word:ty; $words:literal], $block:literal) => {
        pub struct $name;

        impl Hash for $name {
            const ALGORITHM: Algorithm = Algorithm::$name;
            const TOTP_RS: totp_rs::Algorithm = totp_rs::Algorithm::$totp_rs;
            #[cfg(feature = "totp-rfc")]
            const TOTP_RFC: totp_rfc::Algorithm = totp_rfc::Algorithm::$name;
            const LIBREAUTH: libreauth::hash::HashFunction = libreauth::hash::HashFunction::$name;
            type Mac = Hmac<$hash>;

            fn totp_lite(time: u64) -> String {
                totp_lite::totp_custom::<totp_lite::$name>(30, 6, Self::key(), time)
            }

            fn bare() -> impl FnMut() -> u64 + 'static {
                let mut block = [0; $block];
                move || {
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
                }
            }
        }
    };
}

hash!(Sha1, SHA1, sha1::Sha1, sha1::block_api::compress, [u32; 5], 64);
hash!(Sha256, SHA256, sha2::Sha256, sha2::block_api::compress256, [u32; 8], 64);
hash!(Sha512, SHA512, sha2::Sha512, sha2::block_api::compress512, [u64; 8], 128);
