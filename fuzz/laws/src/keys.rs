//! Reading a key makes the repairs that it is allowed to and no others, as a plain reader does that
//! decides at the end. Writing gives the bits in order, and reads back without any repair.
//!
//! Input: the repairs allowed, a byte; the size of a buffer that may be too small, a byte; the rest
//! is the text, and once more the key.

use otp_core::{Error, Repairs, Secret, base32, hex};

use crate::bytes::Bytes;

type Read<K = Vec<u8>> = Result<(K, Repairs), Error>;

/// A way to write and read keys.
struct Encoding {
    encode: for<'b> fn(&[u8], &'b mut [u8]) -> Result<&'b str, Error>,
    decode: for<'b> fn(&str, Repairs, &'b mut [u8]) -> Read<&'b [u8]>,
    /// The plain reader.
    model: fn(&str, Repairs) -> Read,
    /// The size of a buffer for the key of a text of so many bytes.
    room: fn(usize) -> usize,
    /// Digits of so many bits each.
    alphabet: &'static str,
    bits: usize,
}

const BASE32: Encoding = Encoding {
    encode: base32::encode,
    decode: base32::decode,
    model: plain_base32,
    room: base32::decoded_len,
    alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    bits: 5,
};
const HEX: Encoding = Encoding {
    encode: hex::encode,
    decode: hex::decode,
    model: plain_hex,
    room: |text| text / 2,
    alphabet: "0123456789abcdef",
    bits: 4,
};

/// The law.
pub fn check(data: &[u8]) {
    against(data, &BASE32);
    against(data, &HEX);
    secrets(data.get(2..).unwrap_or_default());
}

fn against(data: &[u8], encoding: &Encoding) {
    let mut bytes = Bytes(data);
    let (allowed, size) = (repairs(bytes.byte()), bytes.byte());
    let rest = bytes.rest();
    encoding.writes(rest);
    if let Ok(text) = core::str::from_utf8(rest) {
        for accept in [allowed, Repairs::ALL] {
            let expected = (encoding.model)(text, accept);
            assert_eq!(encoding.reads(text, accept, text.len() + 5), expected, "read otherwise");
        }
        encoding.reads_into(text, usize::from(size));
    }
}

impl Encoding {
    /// The digits of a key, by its bits.
    fn written(&self, key: &[u8]) -> String {
        let bits: String = key.iter().map(|byte| format!("{byte:08b}")).collect();
        let digit = |bits: &[u8]| {
            let bits = core::str::from_utf8(bits).expect("zeros and ones");
            let place = usize::from_str_radix(&format!("{bits:0<width$}", width = self.bits), 2);
            char::from(self.alphabet.as_bytes()[place.expect("a few bits")])
        };
        bits.as_bytes().chunks(self.bits).map(digit).collect()
    }

    fn writes(&self, key: &[u8]) {
        let expected = self.written(key);
        let needed = expected.len();
        let mut buffer = vec![b'!'; needed + 3];
        let written = (self.encode)(key, &mut buffer);
        assert_eq!(written, Ok(expected.as_str()), "it is written otherwise");
        assert!(buffer.ends_with(b"!!!"), "more is written");
        let read = self.reads(&expected, Repairs::NONE, (self.room)(needed));
        assert_eq!(read, Ok((key.to_vec(), Repairs::NONE)), "what is written is read otherwise");
        if let Some(shorter) = needed.checked_sub(1) {
            let short = (self.encode)(key, &mut buffer[..shorter]).err();
            assert_eq!(short, Some(Error::Buffer { needed }), "it is written without room");
        }
    }

    /// Reads into a buffer of a size. Nothing of a refused key is left there.
    fn reads(&self, text: &str, accept: Repairs, size: usize) -> Read {
        let mut buffer = vec![0xaa; size];
        let read = (self.decode)(text, accept, &mut buffer).map(|(key, made)| (key.to_vec(), made));
        if read.is_err() {
            assert!(buffer.iter().all(|byte| *byte == 0), "something of the key is left");
        }
        read
    }

    /// A buffer that is too small is an error, which says at once how much is enough.
    fn reads_into(&self, text: &str, size: usize) {
        let read = self.reads(text, Repairs::ALL, size);
        match ((self.model)(text, Repairs::ALL), read) {
            (Ok((key, made)), Err(error)) => {
                let needed = (self.room)(text.len());
                assert_eq!(error, Error::Buffer { needed }, "another size is needed");
                assert!(key.len() > size, "a key that fits is refused");
                assert_eq!(self.reads(text, Repairs::ALL, needed), Ok((key, made)));
            }
            (Err(_), read) => assert!(read.is_err(), "a smaller buffer reads more"),
            (expected, read) => assert_eq!(read, expected, "another key in a smaller buffer"),
        }
    }
}

/// A string of bits, and everything decided at the end.
fn plain_base32(text: &str, accept: Repairs) -> Read {
    let (mut bits, mut made) = (String::new(), Repairs::NONE);
    let (mut letters, mut pads) = (0, 0);
    for (position, character) in text.chars().enumerate() {
        let upper = character.to_ascii_uppercase();
        let (letter, repair) = match character {
            '=' => {
                pads += 1;
                continue;
            }
            '8' => ('B', Repairs::TYPOS),
            '0' => ('O', Repairs::TYPOS),
            _ if BASE32.alphabet.contains(character) => (character, Repairs::NONE),
            _ if BASE32.alphabet.contains(upper) => (upper, Repairs::CASE),
            _ => ('-', between(character).ok_or(Error::KeyCharacter { position })?),
        };
        if !accept.contains(repair) {
            return Err(Error::KeyCharacter { position });
        }
        made |= repair;
        if let Some(value) = BASE32.alphabet.find(letter) {
            bits += &format!("{value:05b}");
            letters += 1;
            if pads > 0 {
                return Err(Error::KeyPadding);
            }
        }
    }

    let (key, rest) = bytes(&bits);
    if rest.contains('1') {
        made |= Repairs::BITS;
    }
    if [1, 3, 6].contains(&(letters % 8)) {
        made |= Repairs::LENGTH;
    }
    if pads > 0 {
        // The table of RFC 4648 § 6.
        let right = [(2, 6), (4, 4), (5, 3), (7, 1)].contains(&(letters % 8, pads));
        made |= if right { Repairs::PADDING } else { Repairs::STRAY_PADDING };
    }
    let refused = made.without(accept);
    if refused.contains(Repairs::LENGTH) {
        Err(Error::KeyLength)
    } else if refused.is_empty() {
        Ok((key, made))
    } else {
        Err(Error::KeyEnding)
    }
}

fn plain_hex(text: &str, accept: Repairs) -> Read {
    let (mut bits, mut made) = (String::new(), Repairs::NONE);
    for (position, character) in text.chars().enumerate() {
        if let Some(value) = character.to_digit(16) {
            if text.chars().take(position).any(|before| before == '=') {
                return Err(Error::KeyPadding);
            }
            bits += &format!("{value:04b}");
            continue;
        }
        let padding = (character == '=').then_some(Repairs::STRAY_PADDING);
        let repair = padding.or(between(character)).ok_or(Error::KeyCharacter { position })?;
        if !accept.contains(repair) {
            return Err(Error::KeyCharacter { position });
        }
        made |= repair;
    }
    let (key, rest) = bytes(&bits);
    if rest.is_empty() { Ok((key, made)) } else { Err(Error::KeyLength) }
}

/// The repair that passes over a character between the digits.
fn between(character: char) -> Option<Repairs> {
    match character {
        ' ' | '-' => Some(Repairs::SEPARATORS),
        _ => character.is_whitespace().then_some(Repairs::WHITESPACE),
    }
}

/// The whole bytes of a string of bits, and the rest.
fn bytes(bits: &str) -> (Vec<u8>, &str) {
    let (whole, rest) = bits.split_at(bits.len() - bits.len() % 8);
    let byte = |place| u8::from_str_radix(&whole[place..place + 8], 2).expect("eight bits");
    ((0..whole.len()).step_by(8).map(byte).collect(), rest)
}

/// The owned key says the same.
fn secrets(key: &[u8]) {
    let Ok(secret) = Secret::new(key) else {
        assert!(key.is_empty(), "a key is refused");
        return;
    };
    assert_eq!(secret.reveal(), key);
    let (base32, hex) = (secret.reveal_base32(), secret.reveal_hex());
    assert_eq!(base32.as_str(), BASE32.written(key));
    assert_eq!(hex.as_str(), HEX.written(key));
    assert_eq!(Secret::from_hex(hex.grouped(5, "-").as_str()).as_ref(), Ok(&secret));
    let grouped = base32.grouped(4, " ");
    assert_eq!(grouped.as_str().replace(' ', ""), base32.as_str());
    let groups = grouped.as_str().contains(' ');
    let made = if groups { Repairs::SEPARATORS } else { Repairs::NONE };
    assert_eq!(Secret::read_base32(grouped.as_str(), Repairs::TYPED), Ok((secret, made)));
}

fn repairs(byte: u8) -> Repairs {
    use Repairs as R;
    [
        R::CASE,
        R::SEPARATORS,
        R::WHITESPACE,
        R::PADDING,
        R::STRAY_PADDING,
        R::TYPOS,
        R::BITS,
        R::LENGTH,
    ]
    .into_iter()
    .enumerate()
    .filter(|(place, _)| byte >> place & 1 == 1)
    .fold(Repairs::NONE, |set, (_, repair)| set | repair)
}

#[cfg(test)]
mod tests {
    use super::{BASE32, Encoding, HEX, against};
    use crate::control::notices;
    use otp_core::{Error, Repairs, base32};

    /// For each law a reader or writer that breaks it.
    #[test]
    fn reader_or_writer_with_one_flaw_does_not() {
        let is_noticed = |words, input: &[u8], flaw: fn(&mut Encoding)| {
            let mut flawed = BASE32;
            flaw(&mut flawed);
            notices(words, || against(input, &flawed));
        };
        is_noticed("read otherwise", b"\x01\x20jbswy3dp", |never_repairs| {
            never_repairs.decode = |text, _, buffer| base32::decode(text, Repairs::NONE, buffer);
        });
        is_noticed("read otherwise", b"\0\x20jbswy3dp", |always_repairs| {
            always_repairs.decode = |text, _, buffer| base32::decode(text, Repairs::ALL, buffer);
        });
        is_noticed("read otherwise", b"\x01\x20mzxw6ytb", |silent| {
            silent.decode = |text, accept, buffer| {
                base32::decode(text, accept, buffer).map(|(key, _)| (key, Repairs::NONE))
            };
        });
        is_noticed("it is written otherwise", b"\0\x20key", |forgetful| {
            forgetful.encode = |key, buffer| base32::encode(&key[..key.len() - 1], buffer);
        });
        is_noticed("it is written without room", b"\0\x20key", |short| {
            short.encode = |key, buffer| {
                let fits = buffer.len() >= base32::encoded_len(key.len());
                base32::encode(if fits { key } else { &[] }, buffer)
            };
        });
        is_noticed("what is written is read otherwise", b"\0\x20key", |reader_of_hex| {
            reader_of_hex.decode = HEX.decode;
        });
        is_noticed("something of the key is left", b"\0\x20mzxw6!", |careless| {
            careless.decode = |text, accept, buffer| {
                let error = base32::decode(text, accept, &mut vec![0; text.len()]).err();
                buffer.fill(1);
                error.map_or_else(|| base32::decode(text, accept, buffer), Err)
            };
        });
        is_noticed("a key that fits is refused", b"\0\x05MZXW6YTB", |greedy| {
            greedy.decode = |text, accept, buffer| {
                let (fits, needed) = (buffer.len() >= text.len(), base32::decoded_len(text.len()));
                if fits || text != "MZXW6YTB" {
                    return base32::decode(text, accept, buffer);
                }
                buffer.fill(0);
                Err(Error::Buffer { needed })
            };
        });
        is_noticed("another key in a smaller buffer", b"\0\x05MZXW6YTBMZXW6YTB", |cutting| {
            cutting.decode = |text, accept, buffer| {
                let fits = buffer.len() >= base32::decoded_len(text.len());
                base32::decode(if fits { text } else { &text[..8] }, accept, buffer)
            };
        });
    }
}
