//! The owned key.

use otp_core::{Error, Repairs, Secret};
use proptest::prelude::*;

#[test]
fn a_key_has_at_least_one_byte() {
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
fn made_in_place() {
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
    fn text_and_back(key in prop::collection::vec(any::<u8>(), 1..100)) {
        let secret = Secret::try_from(key.clone()).unwrap();
        prop_assert_eq!(secret.reveal(), &key[..]);
        prop_assert_eq!(secret.len(), key.len());
        let base32 = secret.reveal_base32();
        let hex = secret.reveal_hex();
        prop_assert_eq!(&Secret::from_base32(base32.as_str()).unwrap(), &secret);
        prop_assert_eq!(&Secret::from_hex(hex.as_str()).unwrap(), &secret);
        // Grouped text reads as the same key, with the separators as the one repair.
        let grouped = base32.grouped(4, " ");
        let (read, made) = Secret::read_base32(grouped.as_str(), Repairs::TYPED).unwrap();
        prop_assert_eq!(&read, &secret);
        let groups = grouped.as_str().contains(' ');
        prop_assert_eq!(made, if groups { Repairs::SEPARATORS } else { Repairs::NONE });
        prop_assert_eq!(&Secret::from_hex(hex.grouped(5, "-").as_str()).unwrap(), &secret);
    }

    #[test]
    fn equality(a in prop::collection::vec(any::<u8>(), 1..5), b in prop::collection::vec(any::<u8>(), 1..5)) {
        let equal = Secret::try_from(a.clone()).unwrap() == Secret::try_from(b.clone()).unwrap();
        prop_assert_eq!(equal, a == b);
        prop_assert_eq!(Secret::try_from(a.clone()).unwrap(), Secret::try_from(a).unwrap());
    }
}
