mod verify;

use alloc::string::String;
use core::fmt;

use otp_core::{Hotp, Secret, Totp, UnixTime};
use otp_uri::{Finding, Findings, Generator, KeyUri, Label, OtpKind};

use crate::record::name;
use crate::replay::Tracker;
#[cfg(feature = "wallet")]
use crate::wallet::KeyOwner;
use crate::wallet::Reseal;
use crate::{Error, KeyWeakness, OtpContext, Record, StoredKey, Token};

/// A user's key with its label, its parameters and the lowest unspent counter.
///
/// A context makes it ([`OtpContext::new_totp`], [`OtpContext::from_uri`], [`OtpContext::open`]). It
/// keeps a handle on that context. It borrows nothing, so it can be held across threads and `await`s.
///
/// The first code that it consumes confirms an enrolment, and is spent like any other.
///
/// It holds a key, so it can be neither printed nor serialised. Two copies would each accept the same
/// code, so it cannot be cloned:
///
/// ```compile_fail,E0277
/// # fn show(credential: &otp_context::Credential) {
/// println!("{credential}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn store(credential: &otp_context::Credential) -> serde_json::Result<String> {
/// serde_json::to_string(credential)
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn keep(credential: otp_context::Credential) {
/// let _twin = credential.clone();
/// # }
/// ```
pub struct Credential {
    context: OtpContext,
    account: Option<String>,
    issuer: Option<String>,
    kind: OtpKind,
    secret: Secret,
    generator: Generator,
    tracker: Tracker,
    moved: bool,
    reseal: Option<Reseal>,
    /// Whether the key is known to be the right one: it is authentic, or a code has matched.
    is_proven: bool,
    findings: Findings,
}

impl Credential {
    pub(crate) fn new(context: OtpContext, kind: OtpKind, secret: Secret) -> Self {
        let next = match kind {
            OtpKind::Hotp { counter, .. } => counter,
            _ => 0,
        };
        Self {
            generator: Generator::new(kind, &secret),
            context,
            account: None,
            issuer: None,
            kind,
            secret,
            tracker: Tracker::resume(next),
            moved: false,
            reseal: None,
            is_proven: true,
            findings: Findings::default(),
        }
    }

    /// Moves it to another context. If only the new context has a wallet, the key should be encrypted
    /// now ([`Credential::reseal`]). A context without a wallet encrypts no key.
    #[must_use]
    pub fn with_context(self, context: OtpContext) -> Self {
        let reseal = match (self.context.has_wallet(), context.has_wallet()) {
            // Without a wallet only a key that passlib encrypted is unproven, or has a reason.
            (false, true) if !self.is_proven || self.reseal.is_some() => {
                Some(Reseal::Unauthenticated)
            }
            (false, true) => Some(Reseal::Plain),
            (true, false) => None,
            _ => self.reseal,
        };
        Self { context, reseal, ..self }
    }

    pub(crate) fn with_reseal(self, reseal: Option<Reseal>) -> Self {
        Self { reseal, ..self }
    }

    pub(crate) fn with_findings(self, findings: Findings) -> Self {
        Self { findings, ..self }
    }

    /// Takes over a record's label and counter.
    pub(crate) fn resume(self, record: &Record, reseal: Option<Reseal>, is_proven: bool) -> Self {
        Self {
            account: record.account().map(Into::into),
            issuer: record.issuer().map(Into::into),
            tracker: Tracker::resume(record.next()),
            reseal,
            is_proven,
            ..self
        }
    }

    /// Sets the account's name. A blank name clears it.
    #[must_use]
    pub fn with_account(self, account: &str) -> Self {
        Self { account: name(account), ..self }
    }

    /// Sets the issuer's name. A blank name clears it.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        Self { issuer: name(issuer), ..self }
    }

    /// Returns its context.
    #[must_use]
    pub const fn context(&self) -> &OtpContext {
        &self.context
    }

    /// Returns the account's name.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the issuer's name.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns its type and parameters, for HOTP with the next counter.
    #[must_use]
    pub const fn kind(&self) -> OtpKind {
        match self.kind {
            OtpKind::Hotp { algorithm, digits, .. } => {
                OtpKind::Hotp { algorithm, digits, counter: self.tracker.next() }
            }
            kind => kind,
        }
    }

    /// Returns the key.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Returns the generator of its codes, HOTP or TOTP.
    #[must_use]
    pub const fn generator(&self) -> &Generator {
        &self.generator
    }

    /// Returns the TOTP generator, also for Steam Guard: for codes of any time, and for verification
    /// without memory.
    #[must_use]
    pub const fn totp(&self) -> Option<&Totp> {
        match &self.generator {
            Generator::Totp(totp) => Some(totp),
            Generator::Hotp(_) => None,
        }
    }

    /// Returns the HOTP generator: for codes of any counter, and for verification without memory.
    #[must_use]
    pub const fn hotp(&self) -> Option<&Hotp> {
        match &self.generator {
            Generator::Hotp(hotp) => Some(hotp),
            Generator::Totp(_) => None,
        }
    }

    /// Returns the findings of the URI that it was read from.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.findings.iter()
    }

    /// Returns the faults of its key.
    pub fn weaknesses(&self) -> impl Iterator<Item = KeyWeakness> + use<> {
        KeyWeakness::of(self.secret.reveal())
    }

    /// Returns its URI, for HOTP with the next counter. The URI shows the key.
    ///
    /// # Errors
    ///
    /// - [`Error::NoAccount`]: it has no account.
    /// - [`Error::Uri`]: the account or the issuer cannot be part of a URI.
    pub fn key_uri(&self) -> Result<KeyUri, Error> {
        let label = Label::new(self.account().ok_or(Error::NoAccount)?)?;
        let label = match self.issuer() {
            Some(issuer) => label.with_issuer(issuer)?,
            None => label,
        };
        Ok(KeyUri::new(label, self.copy_secret()?, self.kind())?)
    }

    /// Returns the lowest unspent counter: store it after a code was consumed or made.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.tracker.next()
    }

    /// Returns the last spent counter, and `None` if no counter is spent.
    #[must_use]
    pub const fn last_counter(&self) -> Option<u64> {
        self.tracker.next().checked_sub(1)
    }

    /// Returns when the last spent time step ends. It is `None` for HOTP, and if no step is spent.
    #[must_use]
    pub fn spent_until(&self) -> Option<UnixTime> {
        let _ = self.last_counter()?;
        Some(self.totp()?.start_of(self.next()))
    }

    /// Returns whether it should be stored again: a code was spent, or the key should be re-encrypted.
    ///
    /// A key that passlib encrypted counts only after a code has matched ([`Credential::reseal`]).
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.moved || self.reseal().is_some()
    }

    /// Returns why the key should be encrypted again, if so.
    ///
    /// A key that passlib encrypted may be wrong: only a matching code shows that it is right. Until then
    /// this is `None`.
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        if self.is_proven { self.reseal } else { None }
    }

    /// Returns the code of now, or of the next counter, without spending it.
    ///
    /// # Errors
    ///
    /// [`Error::Clock`]: the clock cannot be read.
    pub fn token(&self) -> Result<Token, Error> {
        Ok(match &self.generator {
            Generator::Totp(totp) => Token::Totp(totp.generate(self.context.now()?)),
            Generator::Hotp(hotp) => {
                Token::Hotp { code: hotp.generate(self.next()), counter: self.next() }
            }
        })
    }

    /// Returns the code of now, or of the next counter, and spends it: for the side that shows codes.
    ///
    /// # Errors
    ///
    /// - [`Error::Used`]: the code of this time step is spent, or the clock went back. A spent code is
    ///   not shown again. [`Credential::token`] shows it anyway.
    /// - [`Error::Exhausted`]: counter `u64::MAX` is never used, since no counter could follow it.
    /// - [`Error::Clock`]: the clock cannot be read.
    pub fn next_token(&mut self) -> Result<Token, Error> {
        let token = self.token()?;
        if let Some(totp) = self.totp()
            && token.counter() < self.next()
        {
            return Err(Error::Used { until: totp.start_of(self.next()) });
        }
        let next = token.counter().checked_add(1).ok_or(Error::Exhausted)?;
        self.spend(next);
        Ok(token)
    }

    /// Returns the record to store. The context's wallet encrypts the key for one user and credential.
    ///
    /// # Errors
    ///
    /// - [`Error::NoWallet`]: the context has none.
    /// - [`Error::Wallet`]: those of [`Wallet::seal`](crate::wallet::Wallet::seal).
    #[cfg(feature = "wallet")]
    pub fn seal(&self, owner: KeyOwner<'_>) -> Result<Record, Error> {
        let wallet = self.context().wallet().ok_or(Error::NoWallet)?;
        let sealed =
            wallet.seal(self.secret(), self.kind(), owner, |buffer| self.context().fill(buffer))?;
        Ok(self.record(StoredKey::Sealed(sealed)))
    }

    /// Returns the record to store, with its key encrypted as passlib does. Use it only for a database
    /// that passlib still reads.
    ///
    /// # Errors
    ///
    /// - [`Error::NoWallet`]: the context has no application secrets of passlib.
    /// - [`Error::Passlib`]: there is no entropy.
    #[cfg(feature = "passlib")]
    pub fn seal_for_passlib(&self) -> Result<Record, Error> {
        let wallet = self.context().passlib_wallet().ok_or(Error::NoWallet)?;
        let sealed = wallet.seal(self.secret(), |buffer| self.context().fill(buffer))?;
        Ok(self.record(StoredKey::Passlib(sealed)))
    }

    /// Returns the record with its key in plain text. Anyone who reads it can make codes.
    ///
    /// # Errors
    ///
    /// It does not fail in practice.
    pub fn to_plain_record(&self) -> Result<Record, Error> {
        Ok(self.record(StoredKey::Plain(self.copy_secret()?)))
    }

    pub(crate) fn copy_secret(&self) -> Result<Secret, Error> {
        copy(self.secret())
    }

    fn record(&self, key: StoredKey) -> Record {
        Record::new(self.kind(), key)
            .with_account(self.account().unwrap_or_default())
            .with_issuer(self.issuer().unwrap_or_default())
            .with_next(self.next())
    }

    fn spend(&mut self, next: u64) {
        self.moved |= next > self.tracker.next();
        self.tracker.spend(next);
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind())
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}

/// Copies a secret.
pub(crate) fn copy(secret: &Secret) -> Result<Secret, Error> {
    Ok(Secret::new(secret.reveal())?)
}
