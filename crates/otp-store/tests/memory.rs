//! The capacity of the store in memory.
#![allow(missing_docs, clippy::unwrap_used)]

use otp_context::OtpContext;
use otp_store::{CredentialId, Error, Memory, Store, Verifier, VerifierOptions};

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
