use otp_context::wallet::Tag;
use otp_context::{Credential, OtpContext};
use otp_core::{Code, Hotp, Rejected};

use crate::protocol::{Judge, Judged};
use crate::{
    Attempt, CredentialId, Entry, Error, Matched, Resealed, Rules, Status, Store, Verdict,
};

/// Verifies codes so that each is accepted once, however many ask at the same time.
///
/// One call reads the code, has the attempt counted, looks for the code in the whole window and
/// has the counter spent that it matched; nothing else accepts one. A malformed code costs no
/// attempt, since it can never match.
///
/// An unknown credential gets the same public answer as a wrong code, after the same work on a
/// dummy key. It has no row to write to, which a database makes visible in time.
///
/// Time is that of the context's clock, keys are sealed by its wallet, attempts take their ids
/// from its entropy. For a store that is waited for, see [`AsyncVerifier`](crate::AsyncVerifier).
#[derive(Debug)]
pub struct Verifier<S> {
    store: S,
    judge: Judge,
}

impl<S: Store> Verifier<S> {
    /// A verifier over a store, with a wallet in the context to seal keys. It accepts nothing of a
    /// key that lies in the store as it is: whoever can write there could put one in that he knows.
    ///
    /// With [`OtpContext::with_plain_keys`] it takes keys as they are, and stores them so where the
    /// context has no wallet: whoever reads the database, or a backup of it, can then make codes.
    /// With a wallet that is for the time until every key is sealed ([`Verifier::reseal`]).
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
    /// ([`Verifier::confirm`]). One that was never confirmed is replaced.
    ///
    /// What it has spent stays spent: nothing below its [`next`](Credential::next) is accepted.
    ///
    /// # Errors
    ///
    /// - [`Error::Enrolled`]: the id has a confirmed credential.
    /// - [`Error::Context`]: the key cannot be sealed.
    /// - Those of [`Store::insert`].
    pub fn enroll(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = self.judge.entry(credential, id)?;
        if self.store.insert(id, &entry)? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Stores a credential that its user has used elsewhere: it verifies at once, from its
    /// [`next`](Credential::next) counter on.
    ///
    /// A key that passlib encrypted may be a wrong one as long as no code has matched: enroll it, and
    /// let the user's next code confirm it.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::enroll`].
    pub fn import(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error> {
        let entry = Entry { confirmed: true, ..self.judge.entry(credential, id)? };
        if self.store.insert(id, &entry)? { Ok(()) } else { Err(Error::Enrolled) }
    }

    /// Confirms a new credential by its first code, which is spent by that.
    ///
    /// # Errors
    ///
    /// [`Error::Enrolled`] if it is confirmed already, and any other [`Error`] if the store or the
    /// context cannot answer.
    pub fn confirm(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], false, evaluate)
    }

    /// Verifies a code of a confirmed credential.
    ///
    /// # Errors
    ///
    /// - [`Error::NotCompared`]: the key does not open, or what is stored is damaged. It costs no
    ///   attempt, and an operator should be told.
    /// - Any other [`Error`] if the store or the context cannot answer: nobody is let in.
    pub fn verify(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error> {
        self.decide(id, &[typed], true, evaluate)
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
    /// Those of [`Verifier::verify`].
    pub fn resync<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        reach: u16,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_run(credential, entry.generation, reach)
        })
    }

    /// Brings an HOTP counter back that was lost by more than [`Verifier::resync`] reaches: `find`
    /// searches as far as it likes and names the counter of the last code, which is checked
    /// ([`Attempt::evaluate_found`]). It costs an attempt like any other. For an operator: the wider
    /// the range, the better a guess.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`].
    pub fn resync_found<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        find: impl FnOnce(&Hotp, &[Code; N], u64) -> Option<u64>,
    ) -> Result<Verdict, Error> {
        self.decide(id, typed, true, |attempt, credential, entry| {
            attempt.evaluate_found(credential, entry.generation, find)
        })
    }

    fn decide<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        confirmed: bool,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<Matched, Rejected>,
    ) -> Result<Verdict, Error> {
        let Some((attempt, charge)) = self.judge.begin(typed, confirmed)? else {
            return self.judge.malformed(typed, self.store.find(id)?, confirmed);
        };
        let judged = match self.store.charge(id, &charge) {
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
                    let _taken_back = self.store.take_back(id, charge.attempt());
                }
                return Err(error);
            }
        };
        let advanced = match self.store.advance(id, pending.advance()) {
            // The answer may be lost and the counter spent: the same attempt may ask again.
            Err(error) if error.is_transient() => self.store.advance(id, pending.advance())?,
            answer => answer?,
        };
        Ok(pending.advanced(advanced))
    }

    /// Where a credential stands.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - Those of [`Store::find`].
    pub fn status(&self, id: &CredentialId) -> Result<Status, Error> {
        Judge::status(&self.store.find(id)?.ok_or(Error::Unknown)?)
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
    /// - Those of [`Store::find`].
    pub fn check_key(&self, id: &CredentialId) -> Result<Option<Tag>, Error> {
        self.judge.check_key(id, &self.store.find(id)?.ok_or(Error::Unknown)?)
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
    /// - Those of [`Store::reseal`].
    pub fn reseal(&self, id: &CredentialId) -> Result<Resealed, Error> {
        let entry = self.store.find(id)?.ok_or(Error::Unknown)?;
        let Some(new) = self.judge.resealed(id, &entry)? else { return Ok(Resealed::NotDue) };
        let done = self.store.reseal(id, &entry.record, &new)?;
        Ok(if done { Resealed::Done } else { Resealed::Lost })
    }

    /// Forgets how far the clock of a credential is off, so that codes are looked for around the
    /// server's own time alone.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: there is none of this id.
    /// - Those of [`Store::reset_drift`].
    pub fn reset_drift(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.reset_drift(id)? { Ok(()) } else { Err(Error::Unknown) }
    }

    /// Clears the failures and the lock of the credential's account.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no credential, of this name or another.
    /// - Those of [`Store::unlock`].
    pub fn unlock(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.unlock(id)? { Ok(()) } else { Err(Error::Unknown) }
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
    /// - Those of [`Store::remove`].
    pub fn remove(&self, id: &CredentialId) -> Result<(), Error> {
        if self.store.remove(id)? { Ok(()) } else { Err(Error::Unknown) }
    }
}

pub(crate) fn evaluate(
    attempt: Attempt,
    credential: &Credential,
    entry: &Entry,
) -> Result<Matched, Rejected> {
    attempt.evaluate(credential, entry.generation, entry.drift)
}
