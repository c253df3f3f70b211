//! Keys as Base32 and hex, and the owned key. The law of `keys` has the rest.

use otp_core::{Error, Repairs, Secret, base32, hex};
use proptest::prelude::*;

/// Each repair alone: the text that needs it and no other, and what is said if it is refused.
#[test]
fn each_repair_is_reported_and_each_can_be_refused() {
    let at = |position| Error::KeyCharacter { position };
    for (texts, repair, refusal) in [
        ("my|mY", Repairs::CASE, None),
        ("M Y|-MY-", Repairs::SEPARATORS, None),
        ("M\tY|MY\r\n|M\u{2009}Y|M\u{a0}Y", Repairs::WHITESPACE, None),
        ("MY======", Repairs::PADDING, Some(Error::KeyEnding)),
        ("MY=|MY=======|MY==============", Repairs::STRAY_PADDING, Some(Error::KeyEnding)),
        ("MZ", Repairs::BITS, Some(Error::KeyEnding)),
        ("MYA", Repairs::LENGTH, Some(Error::KeyLength)),
    ] {
        for text in texts.split('|') {
            let mut buffer = [0xaa; 20];
            for accept in [repair, Repairs::ALL] {
                let read = base32::decode(text, accept, &mut buffer);
                assert_eq!(read, Ok((&b"f"[..], repair)), "{text:?}");
            }
            let place = text.chars().position(|letter| !"MY".contains(letter)).unwrap();
            let refused = base32::decode(text, Repairs::ALL.without(repair), &mut buffer);
            assert_eq!(refused, Err(refusal.unwrap_or(at(place))), "{text:?}");
        }
    }
    for (text, meant, position) in [("8A", "BA", 0), ("B0OA", "BOOA", 1), ("80OA", "BOOA", 0)] {
        let (mut buffer, mut other) = ([0; 20], [0; 20]);
        let read = base32::decode(text, Repairs::TYPOS, &mut buffer);
        let (key, _) = base32::decode(meant, Repairs::NONE, &mut other).unwrap();
        assert_eq!(read, Ok((key, Repairs::TYPOS)));
        assert_eq!(base32::decode(text, Repairs::URI, &mut buffer), Err(at(position)));
    }
}

/// A name before the key, or two keys: never a key of all the letters.
#[test]
fn letters_after_an_equals_sign_are_refused() {
    let mut buffer = [0; 20];
    for text in ["=MY", "M=Y", "key=MY", "MY======MY", "MZXW6YTB=MZXW6YTB", "MY = MY", "a=8"] {
        assert_eq!(base32::decode(text, Repairs::ALL, &mut buffer), Err(Error::KeyPadding));
    }
    for text in ["=6162", "61=62", "dec=6162", "6162==61"] {
        assert_eq!(hex::decode(text, Repairs::ALL, &mut buffer), Err(Error::KeyPadding));
    }
}

#[test]
fn lengths_are_those_of_the_rfc_and_do_not_overflow() {
    let encoded: Vec<usize> = (0..=10).map(base32::encoded_len).collect();
    assert_eq!(encoded, [0, 2, 4, 5, 7, 8, 10, 12, 13, 15, 16]);
    for bytes in 0..300 {
        assert_eq!(base32::decoded_len(base32::encoded_len(bytes)), bytes);
    }
    assert_eq!(base32::encoded_len(usize::MAX), usize::MAX);
    assert!(base32::decoded_len(usize::MAX) > usize::MAX / 2);
}

#[test]
fn secret_has_at_least_one_byte() {
    assert_eq!(Secret::new(b"").unwrap_err(), Error::EmptyKey);
    assert_eq!(Secret::try_from(vec![0]).unwrap().len(), 1);
    for text in ["", " ", "-", "=", "========"] {
        assert_eq!(Secret::from_base32(text).unwrap_err(), Error::EmptyKey, "{text:?}");
        assert_eq!(Secret::from_hex(text).unwrap_err(), Error::EmptyKey, "{text:?}");
    }
    // One letter has no whole byte, even where it may be dropped.
    assert_eq!(Secret::read_base32("J", Repairs::URI).unwrap_err(), Error::EmptyKey);
    assert_eq!(Secret::read_base32("J", Repairs::TYPED).unwrap_err(), Error::KeyLength);
    let made = Secret::fill_with(0, |_| Ok::<(), Error>(()));
    assert_eq!(made.unwrap_err(), Error::EmptyKey);
}

#[test]
fn secret_is_made_in_place() {
    let secret = Secret::fill_with(3, |key| {
        assert_eq!(key, [0; 3]);
        key.copy_from_slice(b"abc");
        Ok::<(), Error>(())
    });
    assert_eq!(secret.unwrap().reveal(), b"abc");
    // A source that fails gives no key.
    let failed = Secret::fill_with(3, |_| Err(Error::KeyLength));
    assert_eq!(failed.unwrap_err(), Error::KeyLength);
}

proptest! {
    #[test]
    fn secrets_are_equal_if_their_bytes_are(
        a in prop::collection::vec(any::<u8>(), 1..5), b in prop::collection::vec(any::<u8>(), 1..5),
        same: bool,
    ) {
        let b = if same { a.clone() } else { b };
        let [one, other] = [&a, &b].map(|key| Secret::try_from(key.clone()).unwrap());
        prop_assert_eq!((one == other, one.len()), (a == b, a.len()));
    }
}
