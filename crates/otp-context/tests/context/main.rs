//! The front end of an application: new keys, credentials, their memory, their records.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::cast_precision_loss)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::string_slice)]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]

mod clock;
mod credential;
mod keys;
mod migration;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_context::wallet::{ApplicationSecrets, KeyOwner, Wallet};
use otp_context::{Credential, Error, OtpContext, Tolerance};
use otp_core::{Rejected, Secret, UnixTime};

const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone");
const STRONG: &str = "pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d";
const ANY: Tolerance = Tolerance::new();
const REPLAYED: Error = Error::Rejected(Rejected::Replayed);
const MISMATCH: Error = Error::Rejected(Rejected::Mismatch);
/// The time of the clock, and its step.
const NOW: u64 = 1_700_000_000;
const STEP: u64 = 56_666_666;

/// A context whose clock the test moves.
fn context() -> (OtpContext, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(NOW));
    let hands = clock.clone();
    let context = OtpContext::new()
        .with_clock(move || Ok(UnixTime::from_secs(hands.load(Ordering::Relaxed))));
    (context, clock)
}

fn wallet(text: &str, current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(text).unwrap()).unwrap()
}

fn key() -> Secret {
    Secret::new(b"12345678901234567890").unwrap()
}

/// The code of a counter.
fn typed(credential: &Credential, counter: u64) -> String {
    let code = match (credential.totp(), credential.hotp()) {
        (Some(totp), None) => totp.hotp().generate(counter),
        (None, Some(hotp)) => hotp.generate(counter),
        _ => panic!("one generator"),
    };
    code.text().to_string()
}
