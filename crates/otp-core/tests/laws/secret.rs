//! The owned key, and the length of its text. The law of `keys` has the rest.

use otp_core::{Error, Repairs, Secret, base32};
use proptest::prelude::*;

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
