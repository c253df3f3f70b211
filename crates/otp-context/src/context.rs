mod open;
#[cfg(feature = "wallet")]
mod recovery;

use alloc::sync::Arc;
use core::fmt;

use otp_core::{Algorithm, Digits, Period, Secret, UnixTime};
use otp_uri::{Label, OtpKind};

use crate::record::name;
#[cfg(feature = "wallet")]
use crate::wallet::Wallet;
#[cfg(feature = "passlib")]
use crate::wallet::passlib::PasslibWallet;
use crate::{ClockError, Credential, EntropyError, Error, entropy};

type Clock = dyn Fn() -> Result<UnixTime, ClockError> + Send + Sync;
type Entropy = dyn Fn(&mut [u8]) -> Result<(), EntropyError> + Send + Sync;

/// An application's front end: defaults for new credentials, a clock, entropy, a wallet.
///
/// It is a handle: `Clone` shares the clock and the wallets. Put it into the state of a web application;
/// every credential holds one, too. A handle never changes. `with_…` makes another context, which is
/// also how to make one credential with other parameters.
///
/// The defaults are for new credentials only. Records and URIs are complete, so changing a default
/// changes no existing credential.
///
/// ```
/// use otp_context::wallet::{ApplicationSecrets, KeyOwner, Wallet};
/// use otp_context::{OtpContext, Tolerance};
///
/// let secrets = ApplicationSecrets::parse(
///     "2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq",
/// )?;
/// let context = OtpContext::new()
///     .with_issuer("ACME Co")
///     .with_wallet(Wallet::new("2026".parse()?, &secrets)?);
///
/// // Enrol: show the URI, and store the record after a code has confirmed it.
/// let mut credential = context.new_totp("alice@example.com")?;
/// let uri = credential.key_uri()?.to_string();
/// # let typed = credential.token()?.code().text();
/// let _confirmed = credential.consume(typed.as_str(), Tolerance::new())?;
/// let record = credential.seal(KeyOwner::new("alice", "phone"))?;
///
/// // Log in: the code that confirmed the credential is spent.
/// let mut credential =
///     context.open(&record, KeyOwner::new("alice", "phone"))?;
/// assert!(credential.consume(typed.as_str(), Tolerance::new()).is_err());
/// assert!(!credential.changed());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct OtpContext {
    issuer: Option<Arc<str>>,
    algorithm: Algorithm,
    digits: Digits,
    period: Period,
    clock: Arc<Clock>,
    entropy: Arc<Entropy>,
    plain: bool,
    #[cfg(feature = "wallet")]
    wallet: Option<Arc<Wallet>>,
    #[cfg(feature = "passlib")]
    passlib: Option<Arc<PasslibWallet>>,
}

#[cfg(all(feature = "std", feature = "sha1"))]
impl OtpContext {
    /// Makes a context with the operating system's clock and entropy, SHA-1, six digits and thirty
    /// seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::with_sources(Algorithm::Sha1, crate::now, crate::fill)
    }
}

#[cfg(all(feature = "std", feature = "sha1"))]
impl Default for OtpContext {
    fn default() -> Self {
        Self::new()
    }
}

impl OtpContext {
    /// Makes a context with the caller's clock and entropy, for devices without an operating system. The
    /// other defaults are those of `OtpContext::new`.
    #[must_use]
    pub fn with_sources(
        algorithm: Algorithm,
        clock: impl Fn() -> Result<UnixTime, ClockError> + Send + Sync + 'static,
        entropy: impl Fn(&mut [u8]) -> Result<(), EntropyError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            issuer: None,
            algorithm,
            digits: Digits::SIX,
            period: Period::THIRTY,
            clock: Arc::new(clock),
            entropy: Arc::new(entropy),
            plain: false,
            #[cfg(feature = "wallet")]
            wallet: None,
            #[cfg(feature = "passlib")]
            passlib: None,
        }
    }

    /// Sets the clock. Default: the operating system's.
    ///
    /// ```
    /// use otp_context::OtpContext;
    /// use otp_core::UnixTime;
    ///
    /// let context = OtpContext::new().with_clock(|| Ok(UnixTime::from_secs(59)));
    /// assert_eq!(context.now()?.as_secs(), 59);
    /// # Ok::<(), otp_context::ClockError>(())
    /// ```
    #[must_use]
    pub fn with_clock(
        self,
        clock: impl Fn() -> Result<UnixTime, ClockError> + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Sets the source of entropy. Default: the operating system's.
    #[must_use]
    pub fn with_entropy(
        self,
        entropy: impl Fn(&mut [u8]) -> Result<(), EntropyError> + Send + Sync + 'static,
    ) -> Self {
        Self { entropy: Arc::new(entropy), ..self }
    }

    /// Sets the issuer of new credentials. A blank name clears it.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        Self { issuer: name(issuer).map(Into::into), ..self }
    }

    /// Sets the algorithm of new credentials. Many authenticator apps ignore it.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// Sets the number of digits of new credentials.
    #[must_use]
    pub fn with_digits(self, digits: Digits) -> Self {
        Self { digits, ..self }
    }

    /// Sets the period of new credentials.
    #[must_use]
    pub fn with_period(self, period: Period) -> Self {
        Self { period, ..self }
    }

    /// Sets the wallet, which encrypts keys.
    #[cfg(feature = "wallet")]
    #[must_use]
    pub fn with_wallet(self, wallet: impl Into<Arc<Wallet>>) -> Self {
        Self { wallet: Some(wallet.into()), ..self }
    }

    /// Sets the application secrets of passlib, which open its keys.
    #[cfg(feature = "passlib")]
    #[must_use]
    pub fn with_passlib_wallet(self, wallet: impl Into<Arc<PasslibWallet>>) -> Self {
        Self { passlib: Some(wallet.into()), ..self }
    }

    /// Opens plain-text keys, too, though the context has a wallet, and recovery codes without a key: for
    /// the time until every key is sealed.
    ///
    /// Without this call a context with a wallet refuses them: anyone with write access to the
    /// database could insert a key of their own. A context without a wallet opens them anyway.
    #[must_use]
    pub fn with_plain_keys(self) -> Self {
        Self { plain: true, ..self }
    }

    /// Returns the time of its clock.
    ///
    /// # Errors
    ///
    /// Those of the clock.
    pub fn now(&self) -> Result<UnixTime, ClockError> {
        (self.clock)()
    }

    /// Returns the issuer of new credentials.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the wallet.
    #[cfg(feature = "wallet")]
    #[must_use]
    pub fn wallet(&self) -> Option<&Wallet> {
        self.wallet.as_deref()
    }

    /// Returns the application secrets of passlib.
    #[cfg(feature = "passlib")]
    #[must_use]
    pub fn passlib_wallet(&self) -> Option<&PasslibWallet> {
        self.passlib.as_deref()
    }

    /// Returns whether it opens plain-text keys although it has a wallet
    /// ([`OtpContext::with_plain_keys`]).
    #[must_use]
    pub const fn allows_plain_keys(&self) -> bool {
        self.plain
    }

    /// Returns whether it has a wallet, so that credentials can be sealed. Application secrets of
    /// passlib do not count.
    #[must_use]
    pub const fn has_wallet(&self) -> bool {
        #[cfg(feature = "wallet")]
        return self.wallet.is_some();
        #[cfg(not(feature = "wallet"))]
        return false;
    }

    /// Returns the type and parameters of new TOTP credentials.
    #[must_use]
    pub const fn totp_kind(&self) -> OtpKind {
        let Self { algorithm, digits, period, .. } = *self;
        OtpKind::Totp { algorithm, digits, period }
    }

    /// Returns the type and parameters of new HOTP credentials.
    #[must_use]
    pub const fn hotp_kind(&self) -> OtpKind {
        let Self { algorithm, digits, .. } = *self;
        OtpKind::Hotp { algorithm, digits, counter: 0 }
    }

    /// Makes a TOTP credential with a new key, as long as the algorithm's hash (RFC 6238 § 5.1).
    ///
    /// # Errors
    ///
    /// - [`Error::Uri`]: the account is blank.
    /// - [`Error::Entropy`]: there is no entropy. There is no fallback.
    pub fn new_totp(&self, account: &str) -> Result<Credential, Error> {
        self.new_credential(account, self.totp_kind(), self.algorithm.output_size())
    }

    /// Makes an HOTP credential with a new key, beginning at counter 0.
    ///
    /// # Errors
    ///
    /// Those of [`OtpContext::new_totp`].
    pub fn new_hotp(&self, account: &str) -> Result<Credential, Error> {
        self.new_credential(account, self.hotp_kind(), self.algorithm.output_size())
    }

    /// Makes a credential of any type with a new key of so many bytes.
    ///
    /// # Errors
    ///
    /// - Those of [`OtpContext::new_totp`].
    /// - [`Error::Entropy`]: fewer than 16 bytes or more than 128.
    pub fn new_credential(
        &self,
        account: &str,
        kind: OtpKind,
        bytes: usize,
    ) -> Result<Credential, Error> {
        let label = Label::new(account)?;
        let secret = entropy::secret_from(bytes, |buffer| self.fill(buffer))?;
        let issuer = self.issuer().unwrap_or_default();
        Ok(self.import(kind, secret).with_account(label.account()).with_issuer(issuer))
    }

    /// Makes a credential with an existing key of any length, without account or issuer.
    ///
    /// [`Credential::weaknesses`] returns the faults of the key.
    #[must_use]
    pub fn import(&self, kind: OtpKind, secret: Secret) -> Credential {
        Credential::new(self.clone(), kind, secret)
    }

    /// Fills a buffer from its source of entropy.
    ///
    /// # Errors
    ///
    /// Those of the source of entropy.
    pub fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        (self.entropy)(buffer)
    }
}

impl fmt::Debug for OtpContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtpContext")
            .field("issuer", &self.issuer)
            .field("totp", &self.totp_kind())
            .finish_non_exhaustive()
    }
}
