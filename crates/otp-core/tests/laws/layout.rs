//! Sizes, and who may be sent where.

use otp_core::hazmat::{self, MacError, Midstates};
use otp_core::{
    Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch, Malformed, Period,
    Rejected, Repairs, Secret, SecretText, Totp, TotpMatch, TotpToken, UnixTime, Window,
};

// Servers with thousands of keys and devices with kilobytes of memory rely on these sizes.
const _: () = assert!(size_of::<Hotp>() <= 144);
const _: () = assert!(size_of::<Totp>() <= 160);
const _: () = assert!(size_of::<Code>() <= 8);
const _: () = assert!(size_of::<CodeText>() <= 12);
const _: () = assert!(size_of::<TotpToken>() <= 32);
const _: () = assert!(size_of::<HotpMatch>() <= 24);
const _: () = assert!(size_of::<TotpMatch>() <= 56);
const _: () = assert!(size_of::<Result<HotpMatch, Rejected>>() <= 32);
const _: () = assert!(size_of::<Error>() <= 16);
const _: () = assert!(size_of::<Rejected>() <= 2);
const _: () = assert!(size_of::<Window>() == 2);
const _: () = assert!(size_of::<Repairs>() == 1);

/// A prepared key is two states and nothing else: 40, 64 and 128 bytes.
#[test]
fn a_prepared_key_is_two_states() {
    let sizes = Algorithm::ALL.iter().map(|algorithm| {
        match hazmat::midstates(&Hotp::new(*algorithm, b"key").unwrap()) {
            Midstates::Sha1 { inner, outer } => size_of_val(inner) + size_of_val(outer),
            Midstates::Sha256 { inner, outer } => size_of_val(inner) + size_of_val(outer),
            Midstates::Sha512 { inner, outer } => size_of_val(inner) + size_of_val(outer),
            _ => panic!("no other algorithm"),
        }
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [40, 64, 128]);
}

#[test]
fn everything_goes_to_any_thread() {
    fn anywhere<T: Send + Sync + Unpin + 'static>() {}
    anywhere::<(Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, HotpMatch)>();
    anywhere::<(Malformed, Period, Rejected, Repairs, Secret, SecretText, Totp, TotpMatch)>();
    anywhere::<(TotpToken, UnixTime, Window, Midstates<'static>, MacError<Error>)>();
}

#[test]
fn plain_values_are_copied() {
    fn copied<T: Copy>() {}
    copied::<(Algorithm, Code, CodeFormat, CodeText, Digits, Error, Malformed, Period)>();
    copied::<(Rejected, Repairs, TotpToken, UnixTime, Window)>();
}
