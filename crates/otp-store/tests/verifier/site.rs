use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_context::{Credential, OtpContext};
use otp_core::{Algorithm, Digits, UnixTime};
use otp_store::conformance::Faulty;
use otp_store::{
    Accepted, CredentialId, Event, Memory, Reason, Rejection, Verdict, VerifierOptions,
};
use otp_uri::{Generator, OtpKind};

use crate::driver::{Driver, Verify, reporting, tolerant, verifier};

pub(crate) const NOW: u64 = 1_700_000_010;

/// A service with a clock, a store and a verifier.
pub(crate) struct Site {
    pub(crate) store: Arc<Faulty<Memory>>,
    pub(crate) verifier: Box<dyn Verify>,
    pub(crate) alice: CredentialId,
    clock: Arc<AtomicU64>,
    driver: Driver,
}

impl Site {
    /// Makes a service with plain-text keys.
    pub(crate) fn new(driver: Driver) -> Self {
        Self::with(driver, OtpContext::new(), VerifierOptions::new())
    }

    pub(crate) fn with(driver: Driver, context: OtpContext, options: VerifierOptions) -> Self {
        let store = Arc::new(Faulty::new(Memory::new(100)));
        let clock = Arc::new(AtomicU64::new(NOW));
        let site = |verifier| Self {
            store: Arc::clone(&store),
            verifier,
            alice: CredentialId::new("alice").unwrap(),
            clock: Arc::clone(&clock),
            driver,
        };
        let context = ticking(&clock, context);
        site(verifier(driver, Arc::clone(&store), context, options).unwrap())
    }

    /// Makes another server with the same store and clock.
    pub(crate) fn beside(&self, context: OtpContext, options: VerifierOptions) -> Box<dyn Verify> {
        let context = ticking(&self.clock, context);
        verifier(self.driver, Arc::clone(&self.store), context, options).unwrap()
    }

    /// Makes another server that reports its events.
    pub(crate) fn reporting(
        &self,
        context: OtpContext,
        report: impl Fn(Event) + Send + Sync + 'static,
    ) -> Box<dyn Verify> {
        let context = ticking(&self.clock, context);
        reporting(self.driver, Arc::clone(&self.store), context, report).unwrap()
    }

    /// Makes another server that also accepts plain-text keys.
    pub(crate) fn tolerant_beside(&self, context: OtpContext) -> Box<dyn Verify> {
        let context = ticking(&self.clock, context);
        tolerant(self.driver, Arc::clone(&self.store), context, VerifierOptions::new()).unwrap()
    }

    /// Sets the clock, in seconds after [`NOW`].
    pub(crate) fn at(&self, seconds: u64) -> &Self {
        self.clock.store(NOW + seconds, Ordering::Relaxed);
        self
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Enrols Alice with a new key, unconfirmed.
    pub(crate) fn enroll(&self, kind: OtpKind) -> Phone {
        let credential =
            self.verifier.context().new_credential("alice@example.com", kind, 20).unwrap();
        self.verifier.enroll(&self.alice, &credential).unwrap();
        Phone::of(&credential)
    }

    /// Enrols Alice and confirms by the current code.
    pub(crate) fn enrolled(&self, kind: OtpKind) -> Phone {
        let phone = self.enroll(kind);
        let first = match kind {
            OtpKind::Hotp { counter, .. } => phone.code(counter),
            _ => phone.code(self.now()),
        };
        let _ = accepted(self.verifier.confirm(&self.alice, &first).unwrap());
        phone
    }

    pub(crate) fn verify(&self, typed: &str) -> Verdict {
        self.verifier.verify(&self.alice, typed).unwrap()
    }

    pub(crate) fn rejected(&self, typed: &str) -> Rejection {
        rejected(self.verify(typed))
    }

    pub(crate) fn reason(&self, typed: &str) -> Reason {
        self.rejected(typed).reason()
    }

    pub(crate) fn failures(&self) -> u32 {
        self.verifier.status(&self.alice).unwrap().throttle().failures()
    }
}

/// Sets the site's clock, and entropy that makes equal keys in every run.
fn ticking(clock: &Arc<AtomicU64>, context: OtpContext) -> OtpContext {
    let clock = Arc::clone(clock);
    let state = AtomicU64::new(7);
    context.with_clock(move || Ok(UnixTime::from_secs(clock.load(Ordering::Relaxed)))).with_entropy(
        move |buffer| {
            for byte in buffer {
                let number = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
                let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                *byte = mixed.to_be_bytes()[0];
            }
            Ok(())
        },
    )
}

/// A user's authenticator.
pub(crate) struct Phone(Generator);

impl Phone {
    pub(crate) fn of(credential: &Credential) -> Self {
        Self(credential.key_uri().unwrap().generator())
    }

    /// Returns the code at a time in seconds, or of a counter.
    pub(crate) fn code(&self, at: u64) -> String {
        let code = match &self.0 {
            Generator::Totp(totp) => totp.generate(UnixTime::from_secs(at)).code(),
            Generator::Hotp(hotp) => hotp.generate(at),
        };
        code.text().to_string()
    }

    /// Returns a code that differs from those of the counters from 0 on and of the steps around the
    /// time.
    pub(crate) fn wrong(&self, now: u64) -> String {
        let right: Vec<_> = match &self.0 {
            Generator::Totp(_) => (0..40).map(|step| self.code(now + step * 30 - 600)).collect(),
            Generator::Hotp(_) => (0..40).map(|counter| self.code(counter)).collect(),
        };
        let length = right[0].len();
        let mut guesses = "23456789".chars().map(|digit| digit.to_string().repeat(length));
        guesses.find(|guess| !right.contains(guess)).unwrap()
    }
}

#[track_caller]
pub(crate) fn accepted(verdict: Verdict) -> Accepted {
    match verdict {
        Verdict::Accepted(accepted) => accepted,
        other => panic!("not accepted: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn rejected(verdict: Verdict) -> Rejection {
    match verdict {
        Verdict::Rejected(rejection) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

pub(crate) fn totp() -> OtpKind {
    OtpKind::default()
}

pub(crate) fn hotp(counter: u64) -> OtpKind {
    OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter }
}

const SECRETS: &str = "2025: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq
2026: Wm3Bv1qJY0uR8kT5xZ2cN7dP4gH6sL9aQ0eF3iU1oVy";

/// Makes a wallet of two application secrets, one of them current.
pub(crate) fn wallet(current: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(SECRETS).unwrap()).unwrap()
}
