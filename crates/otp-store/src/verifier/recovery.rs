//! Recovery codes.

use otp_context::recovery::{RecoveryCode, RecoveryCodes};
use otp_context::wallet::Tag;

use super::{AsyncVerifier, Verifier, charged, known, silent};
use crate::protocol::{AfterRecoveryCharge, Protocol};
use crate::{
    Accepted, AccountId, AnyVerdict, AsyncStore, CredentialId, Entry, Error, Event,
    RecoveryVerdict, Resealed, Store,
};

/// The methods of both verifiers, which differ in `async` and `.await`.
macro_rules! methods {
    ($($async:ident)?, [$($await:tt)*]) => {
    /// Makes ten recovery codes in place of the account's old ones. Show them now: they cannot be read
    /// again.
    ///
    /// It needs a code that was accepted at most five minutes ago. So an attacker with a stolen session
    /// makes no codes.
    ///
    /// # Errors
    ///
    /// - [`Error::OldProof`]: the code was accepted more than five minutes ago, or its credential is gone.
    /// - [`Error::NewProof`]: the code confirmed a new credential, and the account has another one.
    /// - [`Error::Context`]: there is no entropy, or without a wallet the options do not ask for codes of 24
    ///   symbols ([`VerifierOptions::with_recovery_codes`](crate::VerifierOptions::with_recovery_codes)).
    /// - Those of the store's `store_recovery`.
    pub $($async)? fn new_recovery_codes(
        &self,
        accepted: &Accepted,
    ) -> Result<RecoveryCodes, Error> {
        self.proven(accepted) $($await)*?;
        self.replace_recovery_codes(accepted.id().account()) $($await)*
    }

    /// Checks a proof, and returns the credentials of its account.
    pub(super) $($async)? fn proven(
        &self,
        accepted: &Accepted,
    ) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let account = accepted.id().account();
        let entries = self.store.credentials(account) $($await)*;
        let entries = self.events.done(account, entries, silent)?;
        self.protocol.check_proof(accepted, &entries)?;
        Ok(entries)
    }

    /// Makes ten recovery codes in place of the account's old ones, without a proof: for operators.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new_recovery_codes`], except those of the proof.
    pub $($async)? fn replace_recovery_codes(
        &self,
        account: &AccountId,
    ) -> Result<RecoveryCodes, Error> {
        let (codes, set) = self.protocol.new_recovery_codes(account)?;
        let stored = self.store.store_recovery(account, &set) $($await)*;
        let made = Event::RecoveryCodesMade { account: account.clone() };
        self.events.done(account, stored, |()| Some(made)).map(|()| codes)
    }

    /// Spends a recovery code. It costs the account an attempt like any code, and a success clears the
    /// failures. A malformed text costs none.
    ///
    /// # Errors
    ///
    /// - [`Error::NotCompared`]: the key of the set does not open, or the stored data is damaged. It
    ///   costs no attempt. Tell an operator.
    /// - Any other [`Error`] if the store or the context cannot answer: the user is not let in.
    pub $($async)? fn recover(
        &self,
        account: &AccountId,
        typed: &str,
    ) -> Result<RecoveryVerdict, Error> {
        let verdict = self.decide_recovery(account, typed) $($await)*;
        self.events.recovery(account, verdict)
    }

    $($async)? fn decide_recovery(
        &self,
        account: &AccountId,
        typed: &str,
    ) -> Result<RecoveryVerdict, Error> {
        let (attempt, charge) = match self.protocol.begin_recovery(typed)? {
            Ok(begun) => begun,
            Err(why) => {
                let entry = self.store.recovery(account) $($await)*?;
                return Ok(Protocol::malformed_recovery(why, entry));
            }
        };
        let reply = self.store.charge_recovery(account, &charge) $($await)*;
        let charged =
            charged(reply, |reply| self.protocol.charged_recovery(account, attempt, reply));
        let awaiting = match charged {
            Ok(AfterRecoveryCharge::Decided(verdict)) => return Ok(verdict),
            Ok(AfterRecoveryCharge::AwaitingSpend(awaiting)) => awaiting,
            Err(error) => return Err(self.give_back(account, &charge, error) $($await)*),
        };
        let spend = &awaiting.spend;
        let reply = match self.store.spend_recovery(account, spend) $($await)* {
            // The reply may be lost and the code spent: the same attempt may ask again.
            Err(error) if error.is_transient() => {
                self.store.spend_recovery(account, spend) $($await)*?
            }
            reply => reply?,
        };
        Ok(awaiting.spent(account, reply))
    }

    /// Verifies a text that is either a one-time code of any credential ([`Self::verify_account`]) or a
    /// recovery code ([`Self::recover`]): for a login form with one field. The shape of the text
    /// decides, since no text is both.
    ///
    /// # Errors
    ///
    /// Those of the two.
    pub $($async)? fn verify_any(
        &self,
        account: &AccountId,
        typed: &str,
    ) -> Result<AnyVerdict, Error> {
        Ok(if RecoveryCode::parse(typed).is_ok() {
            AnyVerdict::Recovery(self.recover(account, typed) $($await)*?)
        } else {
            AnyVerdict::Code(self.verify_account(account, typed) $($await)*?)
        })
    }

    /// Returns how many recovery codes an account has left, or `None` if it has no set.
    ///
    /// # Errors
    ///
    /// Those of the store's `recovery`.
    pub $($async)? fn recovery_codes_left(
        &self,
        account: &AccountId,
    ) -> Result<Option<u32>, Error> {
        let entry = self.store.recovery(account) $($await)*;
        Ok(self.events.done(account, entry, silent)?.map(|entry| entry.left))
    }

    /// Removes the account's recovery codes. Call it when a user turns the second factor off.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has none.
    /// - Those of the store's `remove_recovery`.
    pub $($async)? fn remove_recovery_codes(&self, account: &AccountId) -> Result<(), Error> {
        let removed = known(self.store.remove_recovery(account) $($await)*);
        let event = Event::RecoveryCodesRemoved { account: account.clone() };
        self.events.done(account, removed, |()| Some(event))
    }

    /// Opens the key of an account's recovery codes and changes nothing, as [`Self::check_key`] does for
    /// a credential.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no recovery codes.
    /// - [`Error::Context`]: the key cannot be opened.
    /// - [`Error::Corrupt`]: the stored key is not valid.
    /// - Those of the store's `recovery`.
    pub $($async)? fn check_recovery_key(
        &self,
        account: &AccountId,
    ) -> Result<Option<Tag>, Error> {
        let entry = self.store.recovery(account) $($await)*?.ok_or(Error::Unknown)?;
        self.protocol.check_recovery_key(account, &entry)
    }

    /// Re-encrypts the key of an account's recovery codes under the current tag of the wallet, if that
    /// is due. The codes stay as they are.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has no recovery codes.
    /// - [`Error::Context`]: the key cannot be opened or encrypted.
    /// - [`Error::Corrupt`]: the stored key is not valid.
    /// - Those of the store's `reseal_recovery`.
    pub $($async)? fn reseal_recovery(&self, account: &AccountId) -> Result<Resealed, Error> {
        let resealed = self.try_reseal_recovery(account) $($await)*;
        self.events.done(account, resealed, |resealed| {
            let done = *resealed == Resealed::Done;
            done.then(|| Event::RecoveryCodesResealed { account: account.clone() })
        })
    }

    $($async)? fn try_reseal_recovery(&self, account: &AccountId) -> Result<Resealed, Error> {
        let entry = self.store.recovery(account) $($await)*?.ok_or(Error::Unknown)?;
        let Some(new) = self.protocol.resealed_recovery(account, &entry)? else {
            return Ok(Resealed::NotDue);
        };
        let done = self.store.reseal_recovery(account, entry.set, &entry.key, &new) $($await)*?;
        Ok(if done { Resealed::Done } else { Resealed::Lost })
    }
    };
}

impl<S: Store> Verifier<S> {
    methods!(, []);
}

impl<S: AsyncStore> AsyncVerifier<S> {
    methods!(async, [.await]);
}
