//! Attempts: what a user types, and the verdict on it.

use otp_context::Credential;
use otp_core::{Code, Hotp, Rejected};

use super::{AsyncVerifier, Verifier, charged};
use crate::protocol::{AfterCharge, AwaitingSpend, evaluate};
use crate::{
    AccountId, AsyncStore, Attempt, ChargeRequest, CredentialId, Entry, Error, SpendReply, Store,
    UnspentMatch, Verdict,
};

/// The methods of both verifiers, which differ in `async`, `.await` and `Send`.
macro_rules! methods {
    ($($async:ident)?, [$($await:tt)*], $($send:ident)?) => {
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

    /// Verifies a code of any confirmed credential of an account. [`Accepted::id`](crate::Accepted::id)
    /// names the one that matched.
    ///
    /// It is one attempt, compared with every credential whose codes have that length. It costs the
    /// account as many guesses as all their windows have counters
    /// ([`ChargeRequest::budget`](crate::ChargeRequest::budget)), so several credentials give an
    /// attacker no more chances. If one of them has spent the code, it is a replay.
    ///
    /// The time reveals how many credentials an account has. For an unknown account the code is
    /// compared with one decoy key. A credential whose key does not open is left out if another one opens.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`]. [`Error::NotCompared`] only if no key of the account opens, or
    /// stored data is damaged.
    pub $($async)? fn verify_account(
        &self,
        account: &AccountId,
        typed: &str,
    ) -> Result<Verdict, Error> {
        let mut left_out = Vec::new();
        let verdict = self.decide_account(account, typed, &mut left_out) $($await)*;
        for (id, error) in &left_out {
            self.events.not_compared(id, error);
        }
        self.events.verdict(account, None, false, verdict)
    }

    $($async)? fn decide_account(
        &self,
        account: &AccountId,
        typed: &str,
        left_out: &mut Vec<(CredentialId, Error)>,
    ) -> Result<Verdict, Error> {
        let Some((attempt, charge)) = self.protocol.begin(&[typed], true)? else {
            let entries = self.store.credentials(account) $($await)*?;
            let first = entries.into_iter().map(|(_, entry)| entry).find(|entry| entry.confirmed);
            return self.protocol.malformed(&[typed], first, true);
        };
        let reply = self.store.charge_account(account, &charge) $($await)*;
        let charged =
            charged(reply, |reply| self.protocol.charged_account(attempt, reply, left_out));
        self.finish(account, &charge, charged) $($await)*
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
        let verdict = self.decide_one(id, typed, confirmed, evaluate) $($await)*;
        self.events.verdict(id.account(), Some(id.name()), !confirmed, verdict)
    }

    $($async)? fn decide_one<const N: usize>(
        &self,
        id: &CredentialId,
        typed: &[&str; N],
        confirmed: bool,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<UnspentMatch, Rejected>,
    ) -> Result<Verdict, Error> {
        let Some((attempt, charge)) = self.protocol.begin(typed, confirmed)? else {
            return self.protocol.malformed(typed, self.store.find(id) $($await)*?, confirmed);
        };
        let reply = self.store.charge(id, &charge) $($await)*;
        let charged =
            charged(reply, |reply| self.protocol.charged(id, attempt, reply, evaluate));
        self.finish(id.account(), &charge, charged) $($await)*
    }

    /// Takes back a charge whose code was not compared, and returns the error.
    pub(super) $($async)? fn give_back(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
        error: Error,
    ) -> Error {
        if matches!(error, Error::NotCompared(_)) {
            // If this fails, too, the failure stays counted. The first error is the cause.
            let _taken_back = self.store.take_back(account, charge.attempt()) $($await)*;
        }
        error
    }

    /// Spends the counters that matched, or takes back a charge whose code was not compared.
    $($async)? fn finish(
        &self,
        account: &AccountId,
        charge: &ChargeRequest,
        charged: Result<AfterCharge, Error>,
    ) -> Result<Verdict, Error> {
        let awaiting = match charged {
            Ok(AfterCharge::Decided(verdict)) => return Ok(verdict),
            Ok(AfterCharge::AwaitingSpend(awaiting)) => awaiting,
            Err(error) => return Err(self.give_back(account, charge, error) $($await)*),
        };
        let reply = match self.spend(account, &awaiting) $($await)* {
            // The reply may be lost and the counter spent: the same attempt may ask again.
            Err(error) if error.is_transient() => self.spend(account, &awaiting) $($await)*?,
            reply => reply?,
        };
        Ok(awaiting.spent(reply))
    }

    $($async)? fn spend(
        &self,
        account: &AccountId,
        awaiting: &AwaitingSpend,
    ) -> Result<SpendReply, Error> {
        match awaiting.one() {
            Some((id, spend)) => self.store.spend(id, spend) $($await)*,
            None => self.store.spend_all(account, &awaiting.all()) $($await)*,
        }
    }
    };
}

impl<S: Store> Verifier<S> {
    methods!(, [], );
}

impl<S: AsyncStore> AsyncVerifier<S> {
    methods!(async, [.await], Send);
}
