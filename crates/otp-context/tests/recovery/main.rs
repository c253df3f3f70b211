//! Recovery codes: what they are made of, digests by another implementation, keys at rest.
#![cfg(test)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

mod codes;
mod sets;
mod vectors;

use std::collections::VecDeque;
use std::sync::Mutex;

use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_context::{EntropyError, OtpContext};

const STRONG: &str = "pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq";

fn wallet(text: &str, current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(text).unwrap()).unwrap()
}

fn ours() -> Wallet {
    wallet(&format!("2025: old{STRONG}\n2026: {STRONG}"), "2026")
}

fn context() -> OtpContext {
    OtpContext::new().with_wallet(ours())
}

/// A source of entropy that gives these bytes and then none.
fn source(bytes: Vec<u8>) -> impl Fn(&mut [u8]) -> Result<(), EntropyError> + Send + Sync {
    let bytes = Mutex::new(VecDeque::from(bytes));
    move |buffer| {
        let mut bytes = bytes.lock().unwrap();
        if bytes.len() < buffer.len() {
            return Err(EntropyError::Unavailable);
        }
        buffer.iter_mut().for_each(|slot| *slot = bytes.pop_front().unwrap());
        Ok(())
    }
}
