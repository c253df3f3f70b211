//! What an application and its operators do with credentials beside verifying codes.

use otp_context::Credential;
use otp_context::wallet::Tag;

use super::{AsyncVerifier, Verifier, known, silent};
use crate::protocol::Protocol;
use crate::{AccountId, AsyncStore, CredentialId, Entry, Error, Event, Resealed, Status, Store};

/// The methods of both verifiers, which differ in `async` and `.await`.
macro_rules! methods {
    ($($async:ident)?, [$($await:tt)*]) => {
    /// Stores a new credential. Its first code has to confirm it ([`Self::confirm`]) before it verifies
    /// any. It replaces a credential that was never confirmed.
    ///
    /// If the account has a confirmed credential, first ask for one of its codes. An attacker with a
    /// stolen session could otherwise enrol a factor of their own. Confirm only in a session that was
    /// asked: an enrolment begun before the first authenticator stays confirmable.
    ///
    /// Spent counters stay spent: no counter below its [`next`](Credential::next) is accepted.
    ///
    /// # Errors
    ///
    /// - [`Error::Enrolled`]: the id has a confirmed credential.
    /// - [`Error::DuplicateKey`]: another credential of the account has the key.
    /// - [`Error::TooManyCredentials`]: the account would be left with fewer than five attempts.
    /// - [`Error::Context`]: the key cannot be encrypted.
    /// - Those of the store's `credentials` and `insert`.
    pub $($async)? fn enroll(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        self.insert(id, credential, false) $($await)*
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
        self.insert(id, credential, true) $($await)*
    }

    $($async)? fn insert(
        &self,
        id: &CredentialId,
        credential: &Credential,
        confirmed: bool,
    ) -> Result<(), Error> {
        let inserted = self.try_insert(id, credential, confirmed) $($await)*;
        self.events.done(id.account(), inserted, |()| {
            Some(Event::Enrolled { id: id.clone(), confirmed })
        })
    }

    $($async)? fn try_insert(
        &self,
        id: &CredentialId,
        credential: &Credential,
        confirmed: bool,
    ) -> Result<(), Error> {
        let entries = self.store.credentials(id.account()) $($await)*?;
        self.protocol.admit(id, credential, &entries)?;
        let entry = Entry { confirmed, ..self.protocol.entry(credential, id)? };
        if self.store.insert(id, &entry) $($await)*? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Returns the state of a credential.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the id has no credential.
    /// - Those of the store's `find`.
    pub $($async)? fn status(&self, id: &CredentialId) -> Result<Status, Error> {
        let found = self.events.done(id.account(), self.store.find(id) $($await)*, silent)?;
        Protocol::status(&found.ok_or(Error::Unknown)?)
    }

    /// Returns the credentials of an account with their states, in ascending order of their names.
    ///
    /// An unknown account has none.
    ///
    /// # Errors
    ///
    /// Those of the store's `credentials`.
    pub $($async)? fn credentials(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(CredentialId, Status)>, Error> {
        let entries = self.store.credentials(account) $($await)*;
        let entries = self.events.done(account, entries, silent)?;
        entries.into_iter().map(|(id, entry)| Ok((id, Protocol::status(&entry)?))).collect()
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
        let found = self.events.done(id.account(), self.store.find(id) $($await)*, silent)?;
        self.protocol.check_key(id, &found.ok_or(Error::Unknown)?)
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
        let resealed = self.try_reseal(id) $($await)*;
        self.events.done(id.account(), resealed, |resealed| {
            let done = *resealed == Resealed::Done;
            done.then(|| Event::Resealed { id: id.clone() })
        })
    }

    $($async)? fn try_reseal(&self, id: &CredentialId) -> Result<Resealed, Error> {
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
        let reset = known(self.store.reset_drift(id) $($await)*);
        self.events.done(id.account(), reset, |()| Some(Event::DriftReset { id: id.clone() }))
    }

    /// Clears the failures, the guesses and the lock of an account.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no credential.
    /// - Those of the store's `unlock`.
    pub $($async)? fn unlock(&self, account: &AccountId) -> Result<(), Error> {
        let unlocked = known(self.store.unlock(account) $($await)*);
        self.events.done(account, unlocked, |()| {
            Some(Event::Unlocked { account: account.clone() })
        })
    }

    /// Removes a credential. A verification of it that is under way accepts no code. The account keeps its
    /// recovery codes ([`Self::remove_recovery_codes`]).
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
        let removed = known(self.store.remove(id) $($await)*);
        self.events.done(id.account(), removed, |()| Some(Event::Removed { id: id.clone() }))
    }
    };
}

impl<S: Store> Verifier<S> {
    methods!(, []);
}

impl<S: AsyncStore> AsyncVerifier<S> {
    methods!(async, [.await]);
}
