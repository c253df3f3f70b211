use otp_context::{Policy, Throttle};
use otp_core::{Algorithm, Code, Rejected, Totp, UnixTime, Window};
use otp_uri::Generator;

use crate::row::Credential;
use crate::verdict::{Accepted, Reason, Rejection, Verdict};
use crate::{CredentialId, Error, Sqlite};

/// Verifies codes so that each is accepted once, however many ask at the same time.
///
/// One call reads the code, charges the attempt, looks for the code in the whole window and spends
/// the counter that it matched; nothing else accepts one. A malformed code costs no attempt, since
/// it can never match.
#[derive(Debug)]
pub struct Verifier {
    store: Sqlite,
    totp: Window,
    hotp: Window,
}

impl Verifier {
    /// One step on either side for TOTP (RFC 6238 § 5.2), five counters of look-ahead for HOTP.
    #[must_use]
    pub const fn new(store: Sqlite) -> Self {
        Self { store, totp: Window::ONE, hotp: Window::new(1, 5) }
    }

    /// The store beneath.
    #[must_use]
    pub const fn store(&self) -> &Sqlite {
        &self.store
    }

    /// Verifies a code of a confirmed credential.
    ///
    /// An unknown credential gives the same public answer as a wrong code, after the same work on
    /// a dummy key.
    ///
    /// # Errors
    ///
    /// [`Error`] if the store cannot answer: nobody is let in.
    pub fn verify(&self, id: &CredentialId, typed: &str, now: UnixTime) -> Result<Verdict, Error> {
        self.decide(id, typed, now, true)
    }

    /// Confirms a new credential by its first code, which is spent by that.
    ///
    /// # Errors
    ///
    /// [`Error::Enrolled`] if it is confirmed already, and any other [`Error`] if the store cannot
    /// answer.
    pub fn confirm(&self, id: &CredentialId, typed: &str, now: UnixTime) -> Result<Verdict, Error> {
        self.decide(id, typed, now, false)
    }

    fn decide(
        &self,
        id: &CredentialId,
        typed: &str,
        now: UnixTime,
        confirmed: bool,
    ) -> Result<Verdict, Error> {
        let Some(credential) = self.store.load(id)? else {
            return Ok(self.unknown(typed, now));
        };
        match (confirmed, credential.status.confirmed) {
            (true, false) => return Ok(self.unknown(typed, now)),
            (false, true) => return Err(Error::Enrolled),
            _ => {}
        }
        let code = match credential.generator.parse(typed) {
            Ok(code) => code,
            Err(malformed) => {
                let reason = Reason::Code(malformed.into());
                return Ok(rejected(reason, credential.status.throttle));
            }
        };
        let policy = self.policy(&credential)?;
        let Some(charged) = self.store.charge(id, credential.generation, &policy, now)? else {
            return Ok(rejected(Reason::Stale, credential.status.throttle));
        };
        let permit = match charged.permit {
            Ok(permit) => permit,
            Err(locked) => return Ok(Verdict::Locked(locked.lock())),
        };
        let throttle = charged.throttle;
        let (counter, drift) = match self.find(&credential, code, now) {
            Ok(hit) => hit,
            Err(reason) => return Ok(rejected(Reason::Code(reason), throttle)),
        };
        if self.store.advance(id, credential.generation, counter)? {
            return Ok(Verdict::Accepted(Accepted::new(counter, drift, permit.failures_before())));
        }
        // Somebody else spent it first, or the credential is another by now.
        let reason = match self.store.load(id)? {
            Some(stored) if stored.generation == credential.generation => {
                Reason::Code(Rejected::Replayed)
            }
            _ => Reason::Stale,
        };
        Ok(rejected(reason, throttle))
    }

    /// The counter to spend and the drift.
    fn find(
        &self,
        credential: &Credential,
        code: Code,
        now: UnixTime,
    ) -> Result<(u64, i32), Rejected> {
        let next = credential.status.next;
        match &credential.generator {
            Generator::Totp(totp) => {
                totp.verify(code, now, self.totp, next).map(|hit| (hit.counter(), hit.drift()))
            }
            Generator::Hotp(hotp) => {
                hotp.verify(code, next, self.hotp).map(|hit| (hit.counter(), hit.drift()))
            }
        }
    }

    fn policy(&self, credential: &Credential) -> Result<Policy, Error> {
        let (format, window) = match &credential.generator {
            Generator::Totp(totp) => (totp.format(), self.totp),
            // Counters behind are only looked at to tell a replay.
            Generator::Hotp(hotp) => (hotp.format(), Window::new(0, self.hotp.ahead)),
        };
        Policy::new(format, window).map_err(Error::Window)
    }

    /// As much work as a wrong code takes, and the same answer.
    fn unknown(&self, typed: &str, now: UnixTime) -> Verdict {
        if let Ok(dummy) = Totp::new(Algorithm::Sha1, &[0; 20])
            && let Ok(code) = dummy.parse(typed)
        {
            // Every step is spent for this one, so it cannot match.
            let _ = core::hint::black_box(dummy.verify(code, now, self.totp, u64::MAX));
        }
        rejected(Reason::Unknown, Throttle::default())
    }
}

const fn rejected(reason: Reason, throttle: Throttle) -> Verdict {
    Verdict::Rejected(Rejection::new(reason, throttle))
}
