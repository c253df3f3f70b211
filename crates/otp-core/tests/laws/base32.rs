//! Base32, against a reader that writes the bits down one by one.

use otp_core::{Error, Repairs, base32};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::{data, repairs::sets};

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What reading gives, each refusal as the crate names it.
type Read = Result<(Vec<u8>, Repairs), Error>;

/// The model: a string of bits, and everything decided at the end.
fn model(text: &str, accept: Repairs) -> Read {
    let mut bits = String::new();
    let (mut made, mut letters, mut pads) = (Repairs::NONE, 0, 0);
    for (position, character) in text.chars().enumerate() {
        let (letter, repair) = if character == '=' {
            pads += 1;
            continue;
        } else if character == '8' {
            ('B', Repairs::TYPOS)
        } else if character == '0' {
            ('O', Repairs::TYPOS)
        } else if character == ' ' || character == '-' {
            ('-', Repairs::SEPARATORS)
        } else if character.is_whitespace() {
            ('-', Repairs::WHITESPACE)
        } else if ALPHABET.contains(character) {
            (character, Repairs::NONE)
        } else if character.is_ascii() && ALPHABET.contains(character.to_ascii_uppercase()) {
            (character.to_ascii_uppercase(), Repairs::CASE)
        } else {
            return Err(Error::KeyCharacter { position });
        };
        if !accept.contains(repair) {
            return Err(Error::KeyCharacter { position });
        }
        made |= repair;
        if let Some(value) = ALPHABET.find(letter) {
            bits += &format!("{value:05b}");
            letters += 1;
            if pads > 0 {
                return Err(Error::KeyPadding);
            }
        }
    }

    let bytes = bits.len() / 8;
    let key = (0..bytes).map(|i| u8::from_str_radix(&bits[8 * i..8 * i + 8], 2).unwrap()).collect();
    if bits[8 * bytes..].contains('1') {
        made |= Repairs::BITS;
    }
    if [1, 3, 6].contains(&(letters % 8)) {
        made |= Repairs::LENGTH;
    }
    if pads > 0 {
        // The table of RFC 4648 § 6.
        let right = match letters % 8 {
            2 => pads == 6,
            4 => pads == 4,
            5 => pads == 3,
            7 => pads == 1,
            _ => false,
        };
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

fn read(text: &str, accept: Repairs) -> Read {
    let mut buffer = vec![0xaa; base32::decoded_len(text.len())];
    let read = base32::decode(text, accept, &mut buffer);
    let read = read.map(|(key, made)| (key.to_vec(), made));
    if read.is_err() {
        assert!(buffer.iter().all(|byte| *byte == 0), "nothing of the key is left");
    }
    read
}

proptest! {
    #[test]
    fn there_and_back(key in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut buffer = vec![b'!'; base32::encoded_len(key.len()) + 3];
        let text = base32::encode(&key, &mut buffer).unwrap().to_owned();
        prop_assert_eq!(text.len(), base32::encoded_len(key.len()));
        prop_assert!(text.chars().all(|letter| ALPHABET.contains(letter)), "canonical");
        prop_assert!(buffer.ends_with(b"!!!"), "no more is written");
        prop_assert!(base32::decoded_len(text.len()) >= key.len());
        // The canonical form needs no repair at all.
        prop_assert_eq!(read(&text, Repairs::NONE), Ok((key, Repairs::NONE)));
    }

    #[test]
    fn agrees_with_the_model(
        text in "[A-Z2-7]{0,9}[A-Za-z2-7]{0,9}[A-Za-z2-7018 \t\u{2009}-]{0,9}[=]{0,7}[ =A-]{0,2}",
        accept in sets(),
    ) {
        prop_assert_eq!(read(&text, accept), model(&text, accept));
        prop_assert_eq!(read(&text, Repairs::ALL), model(&text, Repairs::ALL));
    }

    #[test]
    fn agrees_with_the_model_on_anything(text in "\\PC{0,20}", accept in sets()) {
        prop_assert_eq!(read(&text, accept), model(&text, accept));
    }

    /// To accept more changes no result, only refusals.
    #[test]
    fn accepting_more_loses_nothing(text in "[A-Za-z2-708 -]{0,20}[ =-]{0,9}", some in sets(), more in sets()) {
        if let Ok(read_with_some) = read(&text, some) {
            prop_assert!(some.contains(read_with_some.1));
            prop_assert_eq!(read(&text, some | more), Ok(read_with_some));
        }
    }

    #[test]
    fn a_short_buffer_is_refused(key in prop::collection::vec(any::<u8>(), 1..40), less in 1_usize..40) {
        let mut text = vec![0; base32::encoded_len(key.len())];
        let needed = text.len();
        let text = base32::encode(&key, &mut text).unwrap();
        let mut short = vec![0xaa; key.len().saturating_sub(less)];
        let refusal = base32::decode(text, Repairs::NONE, &mut short).unwrap_err();
        prop_assert_eq!(refusal, Error::Buffer { needed: key.len() }, "letters alone");
        prop_assert!(short.iter().all(|byte| *byte == 0));
        let mut short = vec![0; needed.saturating_sub(less)];
        prop_assert_eq!(base32::encode(&key, &mut short), Err(Error::Buffer { needed }));
    }
}

proptest! {
    /// What is said to be needed is enough at once, whatever has to be repaired.
    #[test]
    fn what_is_needed_is_enough(text in "[A-Z2-7]{2,24}[A-Za-z2-708 -]{0,24}={0,9}", room in 0_usize..30) {
        let mut short = vec![0xaa; room];
        match base32::decode(&text, Repairs::ALL, &mut short) {
            Err(Error::Buffer { needed }) => {
                prop_assert_eq!(needed, base32::decoded_len(text.len()));
                prop_assert!(base32::decode(&text, Repairs::ALL, &mut vec![0; needed]).is_ok());
            }
            read => prop_assert!(read.is_ok()),
        }
    }
}

/// Each repair alone: the text that needs it and no other.
#[test]
fn each_repair_is_reported_and_each_can_be_refused() {
    let key = b"f".to_vec();
    for (text, repair) in [
        ("my", Repairs::CASE),
        ("mY", Repairs::CASE),
        ("M Y", Repairs::SEPARATORS),
        ("-MY-", Repairs::SEPARATORS),
        ("M\tY", Repairs::WHITESPACE),
        ("MY\r\n", Repairs::WHITESPACE),
        ("M\u{2009}Y", Repairs::WHITESPACE),
        ("M\u{a0}Y", Repairs::WHITESPACE),
        ("MY======", Repairs::PADDING),
        ("MY=", Repairs::STRAY_PADDING),
        ("MY=======", Repairs::STRAY_PADDING),
        ("MY==============", Repairs::STRAY_PADDING),
        ("MZ", Repairs::BITS),
        ("MYA", Repairs::LENGTH),
    ] {
        assert_eq!(read(text, repair), Ok((key.clone(), repair)), "{text:?}");
        assert_eq!(read(text, Repairs::ALL), Ok((key.clone(), repair)), "{text:?}");
        let refusal = read(text, Repairs::ALL.without(repair)).unwrap_err();
        let strange = |letter| !"MY".contains(letter);
        let wanted = match repair {
            Repairs::LENGTH => Error::KeyLength,
            Repairs::PADDING | Repairs::STRAY_PADDING | Repairs::BITS => Error::KeyEnding,
            _ => Error::KeyCharacter { position: text.chars().position(strange).unwrap() },
        };
        assert_eq!(refusal, wanted, "{text:?}");
    }
    for (text, meant, position) in [("8A", "BA", 0), ("B0OA", "BOOA", 1), ("80OA", "BOOA", 0)] {
        let (key, none) = read(meant, Repairs::NONE).unwrap();
        assert_eq!(none, Repairs::NONE);
        assert_eq!(read(text, Repairs::TYPOS), Ok((key, Repairs::TYPOS)));
        assert_eq!(read(text, Repairs::URI), Err(Error::KeyCharacter { position }));
    }
}

/// Padding that looks right after whole groups is not.
#[test]
fn padding_after_nothing_is_stray() {
    for text in ["========", "=", "MZXW6YTB========", "MZXW6YTB=", "MZXW6YTBMY="] {
        assert_eq!(read(text, Repairs::PADDING), Err(Error::KeyEnding), "{text:?}");
        assert_eq!(read(text, Repairs::STRAY_PADDING).unwrap().1, Repairs::STRAY_PADDING);
    }
    assert_eq!(read("MZXW6YTBMY======", Repairs::PADDING).unwrap().1, Repairs::PADDING);
}

/// A name before the key, or two keys: never a key of all the letters.
#[test]
fn letters_after_an_equals_sign_are_refused() {
    for text in ["=MY", "M=Y", "key=MY", "MY======MY", "MZXW6YTB=MZXW6YTB", "MY = MY", "a=8"] {
        for accept in [Repairs::ALL, Repairs::TYPED, Repairs::URI] {
            let read = read(text, accept);
            assert!(matches!(read, Err(Error::KeyPadding | Error::KeyCharacter { .. })), "{text}");
        }
        assert_eq!(read(text, Repairs::ALL), Err(Error::KeyPadding), "{text:?}");
    }
    // Separators are no letters.
    assert_eq!(read("MY= \n-=", Repairs::ALL).unwrap().0, b"f");
}

#[test]
fn what_is_never_read() {
    for text in [
        "1",
        "9",
        "M1",
        "MY!",
        "M_Y",
        "M+Y",
        "M\0",
        "M\u{2010}Y",
        "\u{feff}MY",
        // Full width, long s, the Kelvin sign, Cyrillic: letters that look or fold alike.
        "\u{ff2d}",
        "\u{17f}",
        "\u{212a}",
        "\u{41c}",
    ] {
        let position = text.chars().position(|letter| !"MY".contains(letter)).unwrap();
        assert_eq!(read(text, Repairs::ALL), Err(Error::KeyCharacter { position }), "{text:?}");
    }
    // The position counts characters, not bytes.
    assert_eq!(read("\u{2009}\u{2009}!", Repairs::ALL), Err(Error::KeyCharacter { position: 2 }));
}

#[test]
fn lengths() {
    let encoded: Vec<usize> = (0..=10).map(base32::encoded_len).collect();
    assert_eq!(encoded, [0, 2, 4, 5, 7, 8, 10, 12, 13, 15, 16]);
    for bytes in 0..300 {
        assert_eq!(base32::decoded_len(base32::encoded_len(bytes)), bytes);
    }
    // Nothing overflows.
    assert_eq!(base32::encoded_len(usize::MAX), usize::MAX);
    assert!(base32::decoded_len(usize::MAX) > usize::MAX / 2);
}

#[derive(Deserialize)]
pub struct KeyDecoding {
    pub key_decoding: Vec<Row>,
}

#[derive(Deserialize)]
pub struct Row {
    pub input: String,
    pub format: Value,
    pub result: Value,
}

/// Typed keys read as they did in passlib, errors included.
#[test]
fn typed_keys_as_in_passlib() {
    let recorded: KeyDecoding = data::read("passlib-1.7.4.json");
    let rows: Vec<_> = recorded.key_decoding.iter().filter(|row| row.format == "base32").collect();
    assert!(rows.len() > 20);
    for row in rows {
        let ours = read(&row.input, Repairs::TYPED).map(|(key, _)| key);
        let theirs = row.result["ok"].as_str().map(data::bytes);
        assert_eq!(ours.ok(), theirs, "{:?}", row.input);
        // An empty key is where they part: a reader gives it, a secret is not made of it.
        let secret = otp_core::Secret::from_base32(&row.input).ok();
        let kept = theirs.filter(|key| !key.is_empty());
        assert_eq!(secret.map(|secret| secret.reveal().to_vec()), kept);
    }
}
