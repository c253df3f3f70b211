use otp_context::wallet::Tag;
use otp_context::{Credential, OtpContext};
use otp_core::{Code, Hotp, Rejected};

use crate::protocol::{AfterCharge, Protocol, evaluate};
use crate::{
    AsyncStore, Attempt, CredentialId, Entry, Error, Resealed, Status, Store, UnspentMatch,
    Verdict, VerifierOptions,
};

/// Verifies codes so that each is accepted once, even if two requests arrive together.
///
/// One call reads the code, has the store count the attempt, looks for the code in the whole window,
/// and has the store spend the counter that matched. No other path accepts a code. A malformed code
/// costs no attempt, since it can never match.
///
/// An unknown credential gets the same public answer as a wrong code, after the same work on a decoy
/// key. It has no row to write to, and the time of a database can reveal that.
///
/// The time is that of the context's clock. The context's wallet encrypts keys, and its entropy makes
/// the ids of attempts. For a store with `async` calls see [`AsyncVerifier`].
#[derive(Debug)]
pub struct Verifier<S> {
    store: S,
    protocol: Protocol,
}

/// A [`Verifier`] over a store with `async` calls.
///
/// Opening a key and looking for a code take microseconds and are done in place. Only
/// [`AsyncVerifier::resync`] over a wide reach, and the search of [`AsyncVerifier::resync_found`], take
/// longer: give them a thread of their own where other tasks wait for this one.
///
/// A future that is dropped may have counted an attempt, or spent a counter. It lets no user in.
#[derive(Debug)]
pub struct AsyncVerifier<S> {
    store: S,
    protocol: Protocol,
}

/// The methods of both verifiers, which differ in `async`, `.await` and `Send`.
macro_rules! methods {
    ($($async:ident)?, [$($await:tt)*], $($send:ident)?) => {
    /// Makes a verifier over a store. The context's wallet encrypts keys. Plain-text keys are refused:
    /// anyone with write access to the database could insert a key of their own.
    ///
    /// With [`OtpContext::with_plain_keys`] plain-text keys are accepted, and a context without a
    /// wallet stores keys in plain text: anyone who reads the database, or a backup of it, can then
    /// make codes. With a wallet, set it only until every key is encrypted ([`Self::reseal`]).
    ///
    /// # Errors
    ///
    /// [`Error::Context`]:
    ///
    /// - the context has no wallet, and was not made for plain-text keys;
    /// - there is no entropy.
    ///
    /// [`Error::Window`]: the window or the look-ahead is too wide for the codes.
    pub fn new(store: S, context: OtpContext, options: VerifierOptions) -> Result<Self, Error> {
        Ok(Self { store, protocol: Protocol::new(context, options)? })
    }

    /// Binds keys to an application or tenant, too. Set it where several applications share application
    /// secrets: otherwise anyone with write access to one database could copy the encrypted key of an
    /// account with the same name from another.
    ///
    /// The namespace must not change: a key opens only under the namespace that it was encrypted
    /// under. The command `otp` takes it as `--namespace`.
    ///
    /// # Errors
    ///
    /// [`Error::Context`]: there is no entropy.
    pub fn with_namespace(self, namespace: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { protocol: self.protocol.with_namespace(namespace.into())?, ..self })
    }

    /// Returns the store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Returns the context, which makes the credentials to enrol.
    #[must_use]
    pub const fn context(&self) -> &OtpContext {
        self.protocol.context()
    }

    /// Returns the options.
    #[must_use]
    pub const fn options(&self) -> &VerifierOptions {
        self.protocol.options()
    }

    /// Stores a new credential. Its first code has to confirm it ([`Self::confirm`]) before it verifies
    /// any. It replaces a credential that was never confirmed.
    ///
    /// Spent counters stay spent: no counter below its [`next`](Credential::next) is accepted.
    ///
    /// # Errors
    ///
    /// - [`Error::Enrolled`]: the id has a confirmed credential.
    /// - [`Error::Context`]: the key cannot be encrypted.
    /// - Those of the store's `insert`.
    pub $($async)? fn enroll(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = self.protocol.entry(credential, id)?;
        if self.store.insert(id, &entry) $($await)*? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Stores a credential that is in use elsewhere. It verifies at once, from its
    /// [`next`](Credential::next) counter on.
    ///
    /// A key that passlib encrypted may be wrong until a code has matched. Enroll such a credential,
    /// and let the user's next code confirm it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::enroll`].
    pub $($async)? fn import(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = Entry { confirmed: true, ..self.protocol.entry(credential, id)? };
        if self.store.insert(id, &entry) $($await)*? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Confirms a new credential by its first code, and spends that code.
    ///
    /// # Errors
    ///
    /// [`Error::Enrolled`] if it is confirmed already, and any other [`Error`] if the store or the
    /// context cannot answer.
    pub $($async)? fn confirm(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], false, evaluate) $($await)*
    }

    /// Verifies a code of a confirmed credential.
    ///
    /// # Errors
    ///
    /// - [`Error::NotCompared`]: the key does not open, or the stored data is damaged. It costs no
    ///   attempt. Tell an operator.
    /// - Any other [`Error`] if the store or the context cannot answer: the user is not let in.
    pub $($async)? fn verify(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], true, evaluate) $($await)*
    }

    /// Resynchronises a counter or a clock by codes that follow one another (RFC 4226 § 7.4, RFC 6238
    /// § 6), up to `reach` steps away. It costs an attempt like any other.
    ///
    /// Later codes of a clock that is off are accepted only within the options' drift. Fewer than two
    /// codes do not compile.
    ///
    /// For an unknown id the search takes as long, and costs no attempt. So call it after the first
    /// factor, and keep the reach as small as your users' clocks allow.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`].
    pub $($async)? fn resync<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        reach: u16,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_run(credential, entry.generation, reach)
        }) $($await)*
    }

    /// Resynchronises an HOTP counter that is further away than [`Self::resync`] reaches. `find`
    /// searches any range and returns the counter of the last code, which is then checked
    /// ([`Attempt::evaluate_found`]). It costs an attempt like any other.
    ///
    /// It is for operators: the wider the range, the better an attacker's chance.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`].
    pub $($async)? fn resync_found<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        find: impl FnOnce(&Hotp, &[Code; N], u64) -> Option<u64> $(+ $send)?,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_found(credential, entry.generation, find)
        }) $($await)*
    }

    $($async)? fn decide<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        confirmed: bool,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<UnspentMatch, Rejected>,
    ) -> Result<Verdict, Error> {
        let Some((attempt, charge)) = self.protocol.begin(typed, confirmed)? else {
            return self.protocol.malformed(typed, self.store.find(id) $($await)*?, confirmed);
        };
        let charged = match self.store.charge(id, &charge) $($await)* {
            Ok(reply) => self.protocol.charged(id, attempt, reply, evaluate),
            Err(damage @ Error::Corrupt(_)) => Err(Error::NotCompared(Box::new(damage))),
            Err(error) => Err(error),
        };
        let awaiting = match charged {
            Ok(AfterCharge::Decided(verdict)) => return Ok(verdict),
            Ok(AfterCharge::AwaitingSpend(awaiting)) => awaiting,
            Err(error) => {
                if matches!(error, Error::NotCompared(_)) {
                    // If this fails, too, the failure stays counted. The first error is the cause.
                    let _taken_back = self.store.take_back(id, charge.attempt()) $($await)*;
                }
                return Err(error);
            }
        };
        let reply = match self.store.spend(id, awaiting.spend()) $($await)* {
            // The reply may be lost and the counter spent: the same attempt may ask again.
            Err(error) if error.is_transient() => self.store.spend(id, awaiting.spend()) $($await)*?,
            reply => reply?,
        };
        Ok(awaiting.spent(reply))
    }

    /// Returns the state of a credential.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - Those of the store's `find`.
    pub $($async)? fn status(&self, id: &CredentialId) -> Result<Status, Error> {
        Protocol::status(&self.store.find(id) $($await)*?.ok_or(Error::Unknown)?)
    }

    /// Opens a credential's key and changes nothing. Returns the tag of the application secret that
    /// encrypted it, or `None` for a plain-text key.
    ///
    /// A tag alone does not show that a key opens: two application secrets may have the same tag.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - [`Error::PlainKey`]: its key is in plain text, and the context refuses that.
    /// - [`Error::Context`]: the key cannot be opened.
    /// - [`Error::Corrupt`]: the stored record is not valid.
    /// - Those of the store's `find`.
    pub $($async)? fn check_key(&self, id: &CredentialId) -> Result<Option<Tag>, Error> {
        self.protocol.check_key(id, &self.store.find(id) $($await)*?.ok_or(Error::Unknown)?)
    }

    /// Re-encrypts a credential's key under the current tag of the wallet, if that is due. It does not
    /// undo an enrolment that happens at the same time.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - [`Error::PlainKey`]: its key is in plain text, and the context refuses that.
    /// - [`Error::Context`]: the key cannot be opened or encrypted.
    /// - [`Error::Corrupt`]: the stored record is not valid.
    /// - Those of the store's `reseal`.
    pub $($async)? fn reseal(&self, id: &CredentialId) -> Result<Resealed, Error> {
        let entry = self.store.find(id) $($await)*?.ok_or(Error::Unknown)?;
        let Some(new) = self.protocol.resealed(id, &entry)? else { return Ok(Resealed::NotDue) };
        let done = self.store.reseal(id, &entry.record, &new) $($await)*?;
        Ok(if done { Resealed::Done } else { Resealed::Lost })
    }

    /// Resets the learnt clock drift of a credential, so that codes are looked for around the server's
    /// own time alone.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - Those of the store's `reset_drift`.
    pub $($async)? fn reset_drift(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.reset_drift(id) $($await)*? { Ok(()) } else { Err(Error::Unknown) }
    }

    /// Clears the failures and the lock of the credential's account.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no credential, of this name or another.
    /// - Those of the store's `unlock`.
    pub $($async)? fn unlock(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.unlock(id) $($await)*? { Ok(()) } else { Err(Error::Unknown) }
    }

    /// Removes a credential. A verification of it that is under way accepts no code.
    ///
    /// Its spent counters are forgotten with it. If the same key is stored again, a code that was used
    /// before the removal is accepted once more, as long as it is within the window. To store a key
    /// again, keep its [`Status::next`] and enroll a credential that begins there
    /// ([`Record::with_next`](crate::Record::with_next)).
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - Those of the store's `remove`.
    pub $($async)? fn remove(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.remove(id) $($await)*? { Ok(()) } else { Err(Error::Unknown) }
    }
    };
}

impl<S: Store> Verifier<S> {
    methods!(, [], );
}

impl<S: AsyncStore> AsyncVerifier<S> {
    methods!(async, [.await], Send);
}
