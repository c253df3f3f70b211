use otp_context::wallet::Tag;
use otp_context::{Credential, OtpContext};
use otp_core::{Code, Hotp, Rejected};

use crate::protocol::{Judge, Judged};
use crate::verifier::evaluate;
use crate::{
    AsyncStore, Attempt, CredentialId, Entry, Error, Matched, Resealed, Rules, Status, Verdict,
};

/// [`Verifier`](crate::Verifier), word for word, over a store that is waited for.
///
/// Opening a key and looking for a code take microseconds and are done in place. Only
/// [`AsyncVerifier::resync`] over a wide reach, and what [`AsyncVerifier::resync_found`] is given to
/// search, take longer: where other tasks wait for the thread, let a thread of its own do it.
///
/// A future that is dropped may have counted an attempt, or spent a counter; it never lets anybody
/// in.
#[derive(Debug)]
pub struct AsyncVerifier<S> {
    store: S,
    judge: Judge,
}

impl<S: AsyncStore> AsyncVerifier<S> {
    /// A verifier over a store, with a wallet in the context to seal keys. It accepts nothing of a
    /// key that lies in the store as it is: whoever can write there could put one in that he knows.
    ///
    /// With [`OtpContext::with_plain_keys`] it takes keys as they are, and stores them so where the
    /// context has no wallet: whoever reads the database, or a backup of it, can then make codes.
    /// With a wallet that is for the time until every key is sealed ([`AsyncVerifier::reseal`]).
    ///
    /// How far off a code may be is said by the rules alone: the context's leeway and look-ahead are
    /// for credentials that consume codes themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Context`]:
    ///
    /// - the context has no wallet, and was not made for plain keys;
    /// - the rules' window or look-ahead is too wide for its codes;
    /// - there is no entropy.
    pub fn new(store: S, context: OtpContext, rules: Rules) -> Result<Self, Error> {
        Ok(Self { store, judge: Judge::new(context, rules)? })
    }

    /// The same with keys bound to one of several applications or tenants, too: for those that share
    /// application secrets. Else somebody who can write to the database of one can put in the sealed
    /// key of an account with the same name from another.
    ///
    /// It must not change: keys open under the namespace alone that they were sealed under. The
    /// command `otp` takes it as `--namespace`.
    ///
    /// # Errors
    ///
    /// [`Error::Context`]: there is no entropy.
    pub fn with_namespace(self, namespace: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { judge: self.judge.with_namespace(namespace.into())?, ..self })
    }

    /// The store beneath.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The context: what makes the credentials to enrol.
    #[must_use]
    pub const fn context(&self) -> &OtpContext {
        self.judge.context()
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        self.judge.rules()
    }

    /// Stores a new credential, which verifies nothing until its first code confirms it
    /// ([`AsyncVerifier::confirm`]). One that was never confirmed is replaced.
    ///
    /// What it has spent stays spent: nothing below its [`next`](Credential::next) is accepted.
    ///
    /// # Errors
    ///
    /// - [`Error::Enrolled`]: the id has a confirmed credential.
    /// - [`Error::Context`]: the key cannot be sealed.
    /// - Those of [`AsyncStore::insert`].
    pub async fn enroll(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = self.judge.entry(credential, id)?;
        if self.store.insert(id, &entry).await? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Stores a credential that its user has used elsewhere: it verifies at once, from its
    /// [`next`](Credential::next) counter on.
    ///
    /// A key that passlib encrypted may be a wrong one as long as no code has matched: enroll it, and
    /// let the user's next code confirm it.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncVerifier::enroll`].
    pub async fn import(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = Entry { confirmed: true, ..self.judge.entry(credential, id)? };
        if self.store.insert(id, &entry).await? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Confirms a new credential by its first code, which is spent by that.
    ///
    /// # Errors
    ///
    /// [`Error::Enrolled`] if it is confirmed already, and any other [`Error`] if the store or the
    /// context cannot answer.
    pub async fn confirm(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], false, evaluate).await
    }

    /// Verifies a code of a confirmed credential.
    ///
    /// # Errors
    ///
    /// Any [`Error`] if the store or the context cannot answer: nobody is let in.
    pub async fn verify(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], true, evaluate).await
    }

    /// Brings a counter or a clock back into step by codes that follow one another (RFC 4226
    /// § 7.4, RFC 6238 § 6), up to `reach` steps away; it costs an attempt like any other.
    ///
    /// A clock that is off stays accepted only within the rules' drift. Fewer than two codes do
    /// not compile.
    ///
    /// An id that nobody has costs the search too, and no attempt: ask after the first factor, and
    /// keep the reach as small as your users' clocks allow.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncVerifier::verify`].
    pub async fn resync<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        reach: u16,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_run(credential, entry.generation, reach)
        })
        .await
    }

    /// Brings an HOTP counter back that was lost by more than [`AsyncVerifier::resync`] reaches: `find`
    /// searches as far as it likes and names the counter of the last code, which is checked
    /// ([`Attempt::evaluate_found`]). It costs an attempt like any other. For an operator: the wider
    /// the range, the better a guess.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncVerifier::verify`].
    pub async fn resync_found<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        find: impl FnOnce(&Hotp, &[Code; N], u64) -> Option<u64> + Send,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_found(credential, entry.generation, find)
        })
        .await
    }

    async fn decide<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        confirmed: bool,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<Matched, Rejected>,
    ) -> Result<Verdict, Error> {
        let Some((attempt, charge)) = self.judge.begin(typed, confirmed)? else {
            return self.judge.malformed(typed, self.store.find(id).await?, confirmed);
        };
        let judged = match self.store.charge(id, &charge).await {
            Ok(charged) => self.judge.charged(id, attempt, charged, evaluate),
            Err(damage @ Error::Corrupt(_)) => Err(Error::NotCompared(Box::new(damage))),
            Err(error) => Err(error),
        };
        let pending = match judged {
            Ok(Judged::Done(verdict)) => return Ok(verdict),
            Ok(Judged::Spend(pending)) => pending,
            Err(error) => {
                if matches!(error, Error::NotCompared(_)) {
                    // If that fails, too, the failure stays counted, and the first error says more.
                    let _taken_back = self.store.take_back(id, charge.attempt()).await;
                }
                return Err(error);
            }
        };
        let advanced = match self.store.advance(id, pending.advance()).await {
            // The answer may be lost and the counter spent: the same attempt may ask again.
            Err(error) if error.is_transient() => self.store.advance(id, pending.advance()).await?,
            answer => answer?,
        };
        Ok(pending.advanced(advanced))
    }

    /// Where a credential stands.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - Those of [`AsyncStore::find`].
    pub async fn status(&self, id: &CredentialId) -> Result<Status, Error> {
        Judge::status(&self.store.find(id).await?.ok_or(Error::Unknown)?)
    }

    /// Opens a credential's key and changes nothing. Returns the tag of the application secret that
    /// sealed it, or `None` for a plain key.
    ///
    /// A tag alone says less: two application secrets may have the same tag.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - [`Error::Unsealed`]: its key is not sealed, and the context takes no plain keys.
    /// - [`Error::Context`]: the key cannot be opened.
    /// - [`Error::Corrupt`]: what is stored is not valid.
    /// - Those of [`AsyncStore::find`].
    pub async fn check_key(&self, id: &CredentialId) -> Result<Option<Tag>, Error> {
        self.judge.check_key(id, &self.store.find(id).await?.ok_or(Error::Unknown)?)
    }

    /// Seals a credential's key anew under the current tag of the wallet, if that is due. Another
    /// enrolment meanwhile is not undone.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - [`Error::Unsealed`]: its key is not sealed, and the context takes no plain keys.
    /// - [`Error::Context`]: the key cannot be opened or sealed.
    /// - [`Error::Corrupt`]: the stored record is not valid.
    /// - Those of [`AsyncStore::reseal`].
    pub async fn reseal(&self, id: &CredentialId) -> Result<Resealed, Error> {
        let entry = self.store.find(id).await?.ok_or(Error::Unknown)?;
        let Some(new) = self.judge.resealed(id, &entry)? else { return Ok(Resealed::NotDue) };
        let done = self.store.reseal(id, &entry.record, &new).await?;
        Ok(if done { Resealed::Done } else { Resealed::Lost })
    }

    /// Forgets how far the clock of a credential is off, so that codes are looked for around the
    /// server's own time alone.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - Those of [`AsyncStore::reset_drift`].
    pub async fn reset_drift(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.reset_drift(id).await? { Ok(()) } else { Err(Error::Unknown) }
    }

    /// Clears the failures and the lock of the credential's account.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no credential, of this name or another.
    /// - Those of [`AsyncStore::unlock`].
    pub async fn unlock(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.unlock(id).await? { Ok(()) } else { Err(Error::Unknown) }
    }

    /// Revokes a credential: it is gone, and verifications of it under way accept nothing.
    ///
    /// What it has spent is forgotten with it. If the same key is stored again, a code that was used
    /// before the removal is accepted once more, as long as it is within the window. To store a key
    /// again, keep its [`Status::next`] and enroll a credential that begins there
    /// ([`Record::with_next`](crate::Record::with_next)).
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - Those of [`AsyncStore::remove`].
    pub async fn remove(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.remove(id).await? { Ok(()) } else { Err(Error::Unknown) }
    }
}
