//! The capacity of the store in memory.
#![cfg(test)]

use otp_context::OtpContext;
use otp_store::{CredentialId, Error, Memory, RecoveryCodeSize, Store, Verifier, VerifierOptions};

#[test]
fn credentials_above_the_capacity_are_rejected() {
    let verifier =
        Verifier::new(Memory::new(2), OtpContext::new().with_plain_keys(), VerifierOptions::new())
            .unwrap();
    let credential = verifier.context().new_totp("a").unwrap();
    let id = |name: &str| CredentialId::new(name).unwrap();
    let enroll = |name| verifier.enroll(&id(name), &credential);
    assert!(enroll("a").is_ok() && enroll("b").is_ok());
    assert!(matches!(enroll("c"), Err(Error::Full)));
    // A replaced credential needs no additional room.
    assert!(enroll("a").is_ok());
    verifier.remove(&id("a")).unwrap();
    assert!(enroll("c").is_ok());
    assert!(matches!(enroll("d"), Err(Error::Full)));
    let ids = Store::list(verifier.store(), None, 9).unwrap();
    assert_eq!(ids, [id("b"), id("c")]);
}

#[test]
fn restored_account_needs_room_for_all_of_it() {
    let plain = OtpContext::new().with_plain_keys();
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let verifier = Verifier::new(Memory::new(3), plain, options).unwrap();
    let alice = CredentialId::new("alice").unwrap();
    for name in ["", "phone"] {
        let credential = verifier.context().new_totp("alice").unwrap();
        verifier.import(&alice.clone().with_name(name).unwrap(), &credential).unwrap();
    }
    let _ = verifier.replace_recovery_codes(alice.account()).unwrap();
    let copy = Store::copy(verifier.store(), alice.account()).unwrap().unwrap();
    let (small, enough) = (Memory::new(2), Memory::new(3));
    for _ in 0..2 {
        assert!(matches!(Store::restore(&small, &copy), Err(Error::Full)));
    }
    assert_eq!(Store::copy(&small, alice.account()).unwrap(), None);
    let entry = &copy.credentials()[0].1;
    assert!(Store::insert(&small, &alice, entry).unwrap(), "a refused account takes up room");
    assert!(Store::restore(&enough, &copy).unwrap());
    let bob = CredentialId::new("bob").unwrap();
    assert!(matches!(Store::insert(&enough, &bob, entry), Err(Error::Full)));
}
