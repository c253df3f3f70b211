//! The front end of an application: new keys, credentials, their memory, their records.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::string_slice
)]

mod clock;
mod credential;
mod defaults;
mod keys;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_context::OtpContext;
use otp_context::wallet::{ApplicationSecrets, KeyOwner, Wallet};
use otp_core::UnixTime;

const ALICE: KeyOwner<'static> = KeyOwner::new("alice", "phone");

/// A context whose clock the test moves.
fn context() -> (OtpContext, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(1_700_000_000));
    let hands = clock.clone();
    let context = OtpContext::new()
        .with_clock(move || Ok(UnixTime::from_secs(hands.load(Ordering::Relaxed))));
    (context, clock)
}

fn wallet(text: &str, current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(text).unwrap()).unwrap()
}
