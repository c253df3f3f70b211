use core::num::NonZeroU32;

use otp_context::recovery::{RecoveryCodeSize, RecoveryOwner, RecoverySet};
use otp_context::replay::{Throttle, ThrottlePolicy};
use otp_context::{OtpContext, Record, StoredKey};
use otp_core::{Algorithm, Code, Digits, Secret, UnixTime, Window};
use otp_uri::OtpKind;

use crate::{
    AccountId, Attempt, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error,
    RecordText, RecoverySpend, SpendRequest, Store, VerifierOptions,
};

/// A time in the middle of a step and of all ranges.
pub(super) const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

/// The material of a law: its own accounts, credentials, and requests to a store.
pub(super) struct Subject {
    context: OtpContext,
    secret: [u8; 20],
    prefix: String,
}

impl Subject {
    pub(super) fn new() -> Self {
        let context = OtpContext::new();
        let (mut secret, mut own) = ([0; 20], [0; 8]);
        done("entropy", context.fill(&mut secret).and_then(|()| context.fill(&mut own)));
        let prefix = format!("conformance-{:016x}-", u64::from_be_bytes(own));
        Self { context, secret, prefix }
    }

    /// Returns the id of an account's only credential.
    pub(super) fn id(&self, account: &str) -> CredentialId {
        done("an id", CredentialId::new(format!("{}{account}", self.prefix)))
    }

    pub(super) fn named(&self, account: &str, name: &str) -> CredentialId {
        done("an id", self.id(account).with_name(name))
    }

    /// Returns whether a credential belongs to this law.
    pub(super) fn owns(&self, id: &CredentialId) -> bool {
        id.account().as_str().starts_with(&self.prefix)
    }

    fn secret(&self) -> Secret {
        done("a key", Secret::new(&self.secret[..]))
    }

    /// Returns an HOTP credential that begins at a counter.
    pub(super) fn hotp(&self, counter: u64, generation: u64) -> Entry {
        self.entry(hotp(counter), generation)
    }

    pub(super) fn totp(&self, generation: u64) -> Entry {
        self.entry(OtpKind::default(), generation)
    }

    pub(super) fn entry(&self, kind: OtpKind, generation: u64) -> Entry {
        let record = Record::new(kind, StoredKey::Plain(self.secret()));
        let (hotp, length) = (matches!(kind, OtpKind::Hotp { .. }), kind.format().length());
        let text = done("a record", RecordText::write(&record));
        let mut entry = Entry::new(text, hotp, length, generation);
        entry.next = record.next();
        entry
    }

    /// Returns a charge with a code of this length.
    pub(super) fn charge(
        &self,
        policy: ThrottlePolicy,
        now: UnixTime,
        confirmed: bool,
        length: usize,
    ) -> ChargeRequest {
        self.charge_by(&VerifierOptions::new().with_policy(policy), now, confirmed, length)
    }

    /// Returns a charge under options that may give each type a policy of its own.
    pub(super) fn charge_by(
        &self,
        options: &VerifierOptions,
        now: UnixTime,
        confirmed: bool,
        length: usize,
    ) -> ChargeRequest {
        // Five characters are a Steam Guard code, whose alphabet has no 0 and no 1.
        let typed = "2".repeat(length);
        match Attempt::begin(&self.context, &[typed.as_str()], now, options) {
            Ok(Some(attempt)) if confirmed => done("a charge", attempt.charge()),
            Ok(Some(attempt)) => done("a charge", attempt.confirming().charge()),
            other => panic!("no attempt: {other:?}"),
        }
    }

    /// Returns a charge that no policy limits, with six digits.
    pub(super) fn free(&self, confirmed: bool) -> ChargeRequest {
        self.charge(ThrottlePolicy::unlimited(), NOW, confirmed, 6)
    }

    /// Returns the spend of a counter by an attempt of its own.
    pub(super) fn spend(&self, generation: u64, counter: u64) -> SpendRequest {
        let credential = self.context.import(hotp(counter), self.secret());
        let code = credential.hotp().map(|hotp| hotp.generate(counter));
        let options = VerifierOptions::new().with_look_ahead(0);
        self.matched(code, NOW, &options, &credential, generation, 0)
    }

    /// Returns the spends of one attempt whose code matches credentials of these generations, each at
    /// this counter.
    pub(super) fn spend_all(&self, generations: &[u64], counter: u64) -> Vec<SpendRequest> {
        let credential = self.context.import(hotp(counter), self.secret());
        let code = credential.hotp().map(|hotp| hotp.generate(counter).text());
        let typed = code.as_ref().map_or("", |text| text.as_str());
        let entries: Vec<_> =
            generations.iter().map(|generation| self.hotp(counter, *generation)).collect();
        let credentials: Vec<_> = entries.iter().map(|entry| (&credential, entry)).collect();
        let options = VerifierOptions::new().with_look_ahead(0);
        let matches = match Attempt::begin(&self.context, &[typed], NOW, &options) {
            Ok(Some(attempt)) => attempt.evaluate_all(&credentials),
            other => panic!("no attempt: {other:?}"),
        };
        match matches {
            Ok(matches) => matches.iter().map(|(_, matched)| *matched.spend()).collect(),
            Err(error) => panic!("the suite's own code does not match: {error:?}"),
        }
    }

    /// Returns the charge and the spend of an attempt that confirms a new HOTP credential by a
    /// counter.
    pub(super) fn confirming(
        &self,
        options: &VerifierOptions,
        now: UnixTime,
        generation: u64,
        counter: u64,
    ) -> (ChargeRequest, SpendRequest) {
        let credential = self.context.import(hotp(counter), self.secret());
        let code = credential.hotp().map(|hotp| hotp.generate(counter).text());
        let typed = code.as_ref().map_or("", |text| text.as_str());
        let options = options.with_look_ahead(0);
        let attempt = match Attempt::begin(&self.context, &[typed], now, &options) {
            Ok(Some(attempt)) => attempt.confirming(),
            other => panic!("no attempt: {other:?}"),
        };
        let charge = done("a charge", attempt.charge());
        match attempt.evaluate(&credential, generation, 0) {
            Ok(matched) => (charge, *matched.spend()),
            Err(error) => panic!("the suite's own code does not match: {error:?}"),
        }
    }

    /// Returns the spend of a time step that stores a drift, by an attempt of its own.
    pub(super) fn spend_with_drift(&self, generation: u64, step: u64, drift: i16) -> SpendRequest {
        let credential = self.context.import(OtpKind::default(), self.secret());
        let code = credential.totp().map(|totp| totp.hotp().generate(step));
        let seconds = step.saturating_mul(30);
        let off = u64::from(drift.unsigned_abs()).saturating_mul(30);
        let seconds =
            if drift < 0 { seconds.saturating_add(off) } else { seconds.saturating_sub(off) };
        let options = VerifierOptions::new().with_window(Window::new(0, 0)).with_drift(u8::MAX);
        let now = UnixTime::from_secs(seconds);
        self.matched(code, now, &options, &credential, generation, drift)
    }

    fn matched(
        &self,
        code: Option<Code>,
        now: UnixTime,
        options: &VerifierOptions,
        credential: &otp_context::Credential,
        generation: u64,
        drift: i16,
    ) -> SpendRequest {
        let typed = code.map(|code| code.text());
        let typed = typed.as_ref().map_or("", |text| text.as_str());
        let matched = match Attempt::begin(&self.context, &[typed], now, options) {
            Ok(Some(attempt)) => attempt.evaluate(credential, generation, drift),
            other => panic!("no attempt: {other:?}"),
        };
        match matched {
            Ok(matched) => *matched.spend(),
            Err(error) => panic!("the suite's own code does not match: {error:?}"),
        }
    }

    /// Returns ten recovery codes of a new set, each as a spend by an attempt of its own, and the set.
    pub(super) fn recovery(&self, account: &AccountId) -> ([RecoverySpend; 10], RecoverySet) {
        let (context, owner) = (self.context.clone(), RecoveryOwner::new(account.as_str()));
        let context = context.with_plain_keys();
        let made = context.new_recovery_codes(owner, RecoveryCodeSize::Long);
        let (_, set) = done("recovery codes", made);
        let spends = set.digests().map(|digest| {
            let attempt = done("entropy", AttemptId::new(&context));
            RecoverySpend::new(set.id(), digest, attempt)
        });
        (spends, set)
    }

    /// Returns the charge of an attempt on recovery codes.
    pub(super) fn recovery_charge(&self, policy: ThrottlePolicy, now: UnixTime) -> ChargeRequest {
        self.recovery_charge_by(&VerifierOptions::new().with_policy(policy), now)
    }

    pub(super) fn recovery_charge_by(
        &self,
        options: &VerifierOptions,
        now: UnixTime,
    ) -> ChargeRequest {
        let attempt = done("entropy", AttemptId::new(&self.context));
        done("a charge", ChargeRequest::recovery(options, now, attempt))
    }

    /// Returns a context with a fixed time.
    pub(super) fn context(&self, now: UnixTime) -> OtpContext {
        self.context.clone().with_clock(move || Ok(now))
    }
}

/// Returns an HOTP kind that begins at a counter.
pub(super) const fn hotp(counter: u64) -> OtpKind {
    OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX, counter }
}

/// Returns a policy with waits of 0, 0, 0 and then 5 seconds each, and a hard lock after `limit`
/// failures.
pub(super) fn policy(limit: u32) -> ThrottlePolicy {
    let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
    ThrottlePolicy::unlimited().with_limit(limit).with_backoff(&[0, 0, 0, 5])
}

/// Returns the value of a step that must not fail.
#[track_caller]
pub(super) fn done<T, E: core::error::Error>(what: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| match error.source() {
        Some(source) => panic!("{what}: {error}: {source}"),
        None => panic!("{what}: {error}"),
    })
}

/// Repeats a request after transient errors. Returns the reply and the number of these errors.
pub(super) fn asked<T>(mut ask: impl FnMut() -> Result<T, Error>) -> (Result<T, Error>, u32) {
    let mut lost = 0;
    loop {
        match ask() {
            Err(error) if error.is_transient() && lost < 100 => lost += 1,
            answer => return (answer, lost),
        }
    }
}

/// Returns a credential that must exist.
#[track_caller]
pub(super) fn found(store: &impl Store, id: &CredentialId) -> Entry {
    match done("find", store.find(id)) {
        Some(entry) => entry,
        None => panic!("an inserted credential is not found"),
    }
}

/// Returns the throttle of a credential's account.
#[track_caller]
pub(super) fn throttle(store: &impl Store, id: &CredentialId) -> Throttle {
    found(store, id).account.throttle
}

/// Returns the error of each call that reads a credential.
pub(super) fn refused_reads(
    subject: &Subject,
    store: &impl Store,
    id: &CredentialId,
) -> [(&'static str, Option<Error>); 8] {
    let (spend, account) = (subject.spend(1, 5), id.account());
    [
        ("find", store.find(id).err()),
        ("credentials", store.credentials(account).err()),
        ("copy", store.copy(account).err()),
        ("charge_account", store.charge_account(account, &subject.free(true)).err()),
        ("spend_all", store.spend_all(account, &[(id.name(), spend)]).err()),
        ("charge", store.charge(id, &subject.free(true)).err()),
        ("spend", store.spend(id, &spend).err()),
        ("unlock", store.unlock(id.account()).err()),
    ]
}

#[track_caller]
pub(super) fn inserted(store: &impl Store, id: &CredentialId, entry: &Entry) {
    assert!(done("insert", store.insert(id, entry)), "a new credential is refused as confirmed");
}

/// Inserts a credential and confirms it by its counter `first`.
#[track_caller]
pub(super) fn enrolled(
    subject: &Subject,
    store: &impl Store,
    id: &CredentialId,
    entry: &Entry,
    first: u64,
) {
    inserted(store, id, entry);
    let spend = subject.spend(entry.generation, first);
    let spent = done("spend", store.spend(id, &spend));
    assert_eq!(spent, crate::SpendReply::Done, "the first counter of a credential is not spent");
}

/// Returns the credential from a charge that must be permitted.
#[track_caller]
pub(super) fn permitted(store: &impl Store, id: &CredentialId, charge: &ChargeRequest) -> Entry {
    match done("charge", store.charge(id, charge)) {
        ChargeReply::Permitted(entry) => entry,
        other => panic!("an unlimited attempt is not permitted: {other:?}"),
    }
}
