use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_context::{Credential, OtpContext};
use otp_core::{Algorithm, Digits, Rejected, UnixTime};
use otp_store::conformance::Faulty;
use otp_store::{
    Accepted, CredentialId, Entry, Error, Memory, Reason, RecordText, Rejection, Status, Store,
    Verdict, Verifier, VerifierOptions,
};
use otp_uri::{Generator, OtpKind};

pub(crate) const NOW: u64 = 1_700_000_010;

pub(crate) const MISMATCH: Reason = Reason::Code(Rejected::Mismatch);
pub(crate) const REPLAYED: Reason = Reason::Code(Rejected::Replayed);

/// A server of a service.
pub(crate) type Server = Verifier<Arc<Faulty<Memory>>>;

/// A service with a clock, a store and a server.
pub(crate) struct Site {
    pub(crate) store: Arc<Faulty<Memory>>,
    pub(crate) verifier: Server,
    pub(crate) alice: CredentialId,
    clock: Arc<AtomicU64>,
}

impl Site {
    /// Makes a service with plain-text keys.
    pub(crate) fn new() -> Self {
        Self::with(OtpContext::new(), VerifierOptions::new())
    }

    /// Makes a service with a wallet.
    pub(crate) fn sealed(current: &str) -> Self {
        Self::with(OtpContext::new().with_wallet(wallet(current)), VerifierOptions::new())
    }

    pub(crate) fn with(context: OtpContext, options: VerifierOptions) -> Self {
        let store = Arc::new(Faulty::new(Memory::new(100)));
        let clock = Arc::new(AtomicU64::new(NOW));
        let verifier = server(&store, &clock, context, options).unwrap();
        Self { store, verifier, alice: CredentialId::new("alice").unwrap(), clock }
    }

    /// Makes another server with the same store and clock.
    pub(crate) fn beside(&self, context: OtpContext) -> Server {
        self.beside_with(context, VerifierOptions::new()).unwrap()
    }

    pub(crate) fn beside_with(
        &self,
        context: OtpContext,
        options: VerifierOptions,
    ) -> Result<Server, Error> {
        server(&self.store, &self.clock, context, options)
    }

    /// Makes another server with another current secret.
    pub(crate) fn beside_sealed(&self, current: &str) -> Server {
        self.beside(OtpContext::new().with_wallet(wallet(current)))
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
        let _ = accepted(self.confirm(&first));
        phone
    }

    pub(crate) fn confirm(&self, typed: &str) -> Verdict {
        self.verifier.confirm(&self.alice, typed).unwrap()
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

    pub(crate) fn status(&self) -> Status {
        self.verifier.status(&self.alice).unwrap()
    }

    pub(crate) fn failures(&self) -> u32 {
        self.status().throttle().failures()
    }

    /// Returns Alice's credential as the store holds it.
    pub(crate) fn stored(&self) -> Entry {
        Store::find(self.store.store(), &self.alice).unwrap().unwrap()
    }

    /// Puts a record in place of Alice's, as an attacker with write access can.
    pub(crate) fn put(&self, record: &RecordText) {
        let store = self.store.store();
        assert!(Store::reseal(store, &self.alice, &self.stored().record, record).unwrap());
    }

    /// Returns the id of another credential of Alice.
    pub(crate) fn named(&self, name: &str) -> CredentialId {
        self.alice.clone().with_name(name).unwrap()
    }
}

/// Makes a server with the site's clock, and with entropy that makes equal keys in every run. A context
/// without a wallet accepts plain-text keys.
fn server(
    store: &Arc<Faulty<Memory>>,
    clock: &Arc<AtomicU64>,
    context: OtpContext,
    options: VerifierOptions,
) -> Result<Server, Error> {
    let context = if context.has_wallet() { context } else { context.with_plain_keys() };
    let (clock, state) = (Arc::clone(clock), AtomicU64::new(7));
    let context =
        context.with_clock(move || Ok(UnixTime::from_secs(clock.load(Ordering::Relaxed))));
    let context = context.with_entropy(move |buffer| {
        for byte in buffer {
            let number = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[0];
        }
        Ok(())
    });
    Verifier::new(Arc::clone(store), context, options)
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
    wallet_of(current, SECRETS)
}

pub(crate) fn wallet_of(current: &str, secrets: &str) -> Wallet {
    Wallet::new(current.parse().unwrap(), &ApplicationSecrets::parse(secrets).unwrap()).unwrap()
}
