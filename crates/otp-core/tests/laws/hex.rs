//! Hex, against `format!` and `from_str_radix`.

use otp_core::{Error, Repairs, Secret, hex};
use proptest::prelude::*;

use crate::{base32::KeyDecoding, data, repairs::sets};

type Read = Result<(Vec<u8>, Repairs), Error>;

fn read(text: &str, accept: Repairs) -> Read {
    let mut buffer = vec![0xaa; text.len() / 2];
    let read = hex::decode(text, accept, &mut buffer).map(|(key, made)| (key.to_vec(), made));
    if read.is_err() {
        assert!(buffer.iter().all(|byte| *byte == 0), "nothing of the key is left");
    }
    read
}

/// The model: what may be passed over is taken out first.
fn model(text: &str, accept: Repairs) -> Read {
    let (mut digits, mut made) = (String::new(), Repairs::NONE);
    for (position, character) in text.chars().enumerate() {
        let repair = match character {
            '0'..='9' | 'a'..='f' | 'A'..='F' => {
                if text.chars().take(position).any(|before| before == '=') {
                    return Err(Error::KeyPadding);
                }
                digits.push(character);
                continue;
            }
            ' ' | '-' => Repairs::SEPARATORS,
            '=' => Repairs::STRAY_PADDING,
            _ if character.is_whitespace() => Repairs::WHITESPACE,
            _ => return Err(Error::KeyCharacter { position }),
        };
        if !accept.contains(repair) {
            return Err(Error::KeyCharacter { position });
        }
        made |= repair;
    }
    if digits.len() % 2 == 1 { Err(Error::KeyLength) } else { Ok((data::bytes(&digits), made)) }
}

proptest! {
    #[test]
    fn there_and_back(key in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut buffer = vec![b'!'; key.len() * 2 + 1];
        let text = hex::encode(&key, &mut buffer).unwrap().to_owned();
        let wanted: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(&text, &wanted);
        prop_assert_eq!(buffer.last(), Some(&b'!'));
        prop_assert_eq!(read(&text, Repairs::NONE), Ok((key.clone(), Repairs::NONE)));
        prop_assert_eq!(read(&text.to_uppercase(), Repairs::NONE), Ok((key, Repairs::NONE)));
    }

    #[test]
    fn agrees_with_the_model(text in "[0-9a-fA-F =\t\u{2009}-]{0,20}[0-9a-fg:x ]{0,3}", accept in sets()) {
        prop_assert_eq!(read(&text, accept), model(&text, accept));
        prop_assert_eq!(read(&text, Repairs::ALL), model(&text, Repairs::ALL));
    }

    #[test]
    fn agrees_with_the_model_on_anything(text in "\\PC{0,20}", accept in sets()) {
        prop_assert_eq!(read(&text, accept), model(&text, accept));
    }
}

#[test]
fn a_short_buffer_is_refused() {
    assert_eq!(hex::encode(b"abc", &mut [0; 5]), Err(Error::Buffer { needed: 6 }));
    assert_eq!(hex::encode(b"abc", &mut [0; 6]), Ok("616263"));
    for (text, needed) in [("616263", 3), ("6-1 62-63", 4), ("616263646566", 6)] {
        for room in 0..=2 {
            let mut buffer = vec![0xaa; room];
            let read = hex::decode(text, Repairs::TYPED, &mut buffer);
            assert_eq!(read, Err(Error::Buffer { needed }));
            assert_eq!(buffer, vec![0; room]);
        }
        assert!(hex::decode(text, Repairs::TYPED, &mut vec![0; needed]).is_ok());
    }
}

#[test]
fn each_repair_is_reported_and_each_can_be_refused() {
    for (text, repair, position) in [
        ("61 62", Repairs::SEPARATORS, 2),
        ("6-162", Repairs::SEPARATORS, 1),
        ("6162\n", Repairs::WHITESPACE, 4),
        ("6162==", Repairs::STRAY_PADDING, 4),
    ] {
        assert_eq!(read(text, repair), Ok((b"ab".to_vec(), repair)));
        let refused = read(text, Repairs::ALL.without(repair));
        assert_eq!(refused, Err(Error::KeyCharacter { position }));
    }
    for (text, position) in [("0x61", 1), ("61:62", 2), ("6g", 1), ("6１", 1), ("61\0", 2)] {
        assert_eq!(read(text, Repairs::ALL), Err(Error::KeyCharacter { position }), "{text:?}");
    }
    for text in ["=6162", "61=62", "dec=6162", "6162==61"] {
        assert_eq!(read(text, Repairs::ALL), Err(Error::KeyPadding), "{text:?}");
    }
    assert_eq!(read("616", Repairs::ALL), Err(Error::KeyLength));
    assert_eq!(read("", Repairs::NONE), Ok((vec![], Repairs::NONE)));
}

/// Typed keys read as they did in passlib, errors included.
#[test]
fn typed_keys_as_in_passlib() {
    let recorded: KeyDecoding = data::read("passlib-1.7.4.json");
    let rows: Vec<_> = recorded.key_decoding.iter().filter(|row| row.format == "hex").collect();
    assert!(rows.len() >= 5);
    for row in rows {
        let theirs = row.result["ok"].as_str().map(data::bytes);
        assert_eq!(read(&row.input, Repairs::TYPED).ok().map(|(key, _)| key), theirs);
        let secret = Secret::from_hex(&row.input).ok();
        assert_eq!(secret.map(|secret| secret.reveal().to_vec()), theirs, "{:?}", row.input);
    }
    // The rest of the rows have no format at all, which is an error in both.
    let rest =
        recorded.key_decoding.iter().filter(|row| row.format != "hex" && row.format != "base32");
    assert!(rest.into_iter().all(|row| row.result["err"] == "ValueError"));
}
