//! Reading a key makes the repairs it is allowed to and no others; what was read, written
//! canonically, reads back equal without any.
//!
//! Input: the repairs allowed, a byte; the size of a buffer that may be too small, a byte; the rest
//! is the text, and once more the key.

#[cfg(test)]
mod controls;

use arbitrary::Unstructured;
use otp_core::{Error, Repairs, Secret, base32, hex};

use crate::bytes::Bytes;

type Read<'b> = Result<(&'b [u8], Repairs), Error>;

/// A way to write and read keys.
struct Encoding {
    encode: for<'b> fn(&[u8], &'b mut [u8]) -> Result<&'b str, Error>,
    decode: for<'b> fn(&str, Repairs, &'b mut [u8]) -> Read<'b>,
    /// Digits of so many bits each.
    alphabet: &'static [u8],
    bits: usize,
}

const BASE32: Encoding = Encoding {
    encode: base32::encode,
    decode: base32::decode,
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    bits: 5,
};
const HEX: Encoding =
    Encoding { encode: hex::encode, decode: hex::decode, alphabet: b"0123456789abcdef", bits: 4 };

/// The law.
pub fn check(data: &[u8]) {
    against(data, &BASE32);
    against(data, &HEX);
}

fn against(data: &[u8], encoding: &Encoding) {
    let mut bytes = Bytes(data);
    let (allowed, size) = (repairs(bytes.byte()), bytes.byte());
    let rest = bytes.rest();
    encoding.writes(rest);
    if let Ok(text) = core::str::from_utf8(rest) {
        encoding.reads(text, allowed, usize::from(size));
        secrets(text);
    }
}

impl Encoding {
    /// Writing gives the bits in order, and reads back.
    fn writes(&self, key: &[u8]) {
        let bits: Vec<bool> =
            key.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        let digit = |bits: &[bool]| {
            let full = bits.iter().copied().chain(core::iter::repeat(false)).take(self.bits);
            self.alphabet[full.fold(0, |value, bit| value * 2 + usize::from(bit))] as char
        };
        let expected: String = bits.chunks(self.bits).map(digit).collect();
        let mut buffer = vec![0; expected.len()];
        let written = (self.encode)(key, &mut buffer);
        assert_eq!(written, Ok(expected.as_str()), "it is written otherwise");
        let mut read = vec![0xaa; expected.len()];
        let read = (self.decode)(&expected, Repairs::NONE, &mut read);
        assert_eq!(read, Ok((key, Repairs::NONE)), "what is written is read otherwise");
        if let Some(shorter) = expected.len().checked_sub(1) {
            let needed = expected.len();
            let short = (self.encode)(key, &mut buffer[..shorter]).err();
            assert_eq!(short, Some(Error::Buffer { needed }), "it is written without room");
        }
    }

    fn reads(&self, text: &str, allowed: Repairs, size: usize) {
        let mut buffer = vec![0xaa; text.len() + 5];
        let all =
            (self.decode)(text, Repairs::ALL, &mut buffer).map(|(key, made)| (key.to_vec(), made));
        let some = (self.decode)(text, allowed, &mut buffer);
        match (&all, &some) {
            (Ok((key, made)), Ok(read)) => {
                assert_eq!((key.as_slice(), *made), *read, "another key or repair");
                assert!(allowed.contains(*made), "a repair was made that is not allowed");
                self.writes(key);
            }
            (Ok((_, made)), Err(_)) => {
                assert!(!allowed.contains(*made), "it is refused although its repairs are allowed");
            }
            (Err(_), Ok(_)) => panic!("allowing more reads less"),
            (Err(_), Err(_)) => {}
        }
        if let Ok((key, Repairs::NONE)) = &all
            && self.bits == 5
        {
            // Hex has two cases, and neither is a repair.
            let mut again = vec![0; text.len()];
            assert_eq!((self.encode)(key, &mut again), Ok(text), "a repair is not told");
        }
        if some.is_err() {
            assert!(buffer.iter().all(|byte| *byte == 0), "something of the key is left");
        }
        self.reads_into(text, size, all.map(|(key, _)| key));
    }

    /// A buffer that is too small is an error, and nothing is left in it.
    fn reads_into(&self, text: &str, size: usize, all: Result<Vec<u8>, Error>) {
        let mut buffer = vec![0xaa; size];
        let read = (self.decode)(text, Repairs::ALL, &mut buffer).map(|(key, _)| key.to_vec());
        match (&all, &read) {
            (Ok(key), Ok(read)) => assert_eq!(key, read, "another key in a smaller buffer"),
            (Ok(key), Err(error)) => {
                assert!(key.len() > size, "a key that fits is refused");
                assert!(matches!(error, Error::Buffer { .. }), "{error}");
                assert!(buffer.iter().all(|byte| *byte == 0), "something of the key is left");
            }
            (Err(_), read) => assert!(read.is_err(), "a smaller buffer reads more"),
        }
    }
}

/// The owned key says the same.
fn secrets(text: &str) {
    let Ok(secret) = Secret::from_base32(text) else { return };
    let canonical = secret.reveal_base32();
    assert!(Secret::from_base32(canonical.as_str()).as_ref() == Ok(&secret));
    assert!(Secret::from_hex(secret.reveal_hex().as_str()).as_ref() == Ok(&secret));
    let grouped = canonical.grouped(4, "-");
    assert_eq!(grouped.as_str().replace('-', ""), canonical.as_str());
    assert!(Secret::from_base32(grouped.as_str()).as_ref() == Ok(&secret));
}

fn repairs(byte: u8) -> Repairs {
    otp_arbitrary::repairs(&mut Unstructured::new(&[byte])).unwrap_or(Repairs::NONE)
}
