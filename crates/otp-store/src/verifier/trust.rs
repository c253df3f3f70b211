//! Trusted browsers.

use core::time::Duration;

use super::{AsyncVerifier, Verifier, known, silent};
use crate::{Accepted, AccountId, AsyncStore, Error, Event, Store, TrustToken, TrustVerdict};

/// The methods of both verifiers, which differ in `async` and `.await`.
macro_rules! methods {
    ($($async:ident)?, [$($await:tt)*]) => {
    /// Makes a token for a cookie, so that this browser needs no code for a time ([`Self::trusted`]).
    ///
    /// It needs a code that was accepted at most five minutes ago. The store keeps no row for a browser:
    /// the token holds a MAC under a key of the wallet.
    ///
    /// # Errors
    ///
    /// - [`Error::OldProof`]: the code was accepted more than five minutes ago, or its credential is gone.
    /// - [`Error::NewProof`]: the code confirmed a new credential, and the account has another one.
    /// - [`Error::Context`]: the context has no wallet.
    /// - Those of the store's `credentials`.
    pub $($async)? fn trust(&self, accepted: &Accepted) -> Result<TrustToken, Error> {
        let account = accepted.id().account();
        let entries = self.proven(accepted) $($await)*?;
        let token = self.protocol.trust(account, &entries);
        let given = Event::TrustGiven { account: account.clone() };
        self.events.done(account, token, |_| Some(given))
    }

    /// Judges the token of a browser. Ask for the password first: the log-in of a trusted browser has one
    /// factor, so never let it change factors.
    ///
    /// Trust ends after `max_age`, when a credential is added, removed or enrolled again, when the
    /// recovery codes are replaced, by [`Self::revoke_trust`], and when the application secret is dropped
    /// from the wallet. Re-encrypting keys does not end it. A locked account stays open to its trusted
    /// browsers, so that strangers cannot lock its owner out.
    ///
    /// # Errors
    ///
    /// - [`Error::Context`]: the context has no wallet, or no time.
    /// - Those of the store's `credentials`.
    pub $($async)? fn trusted(
        &self,
        account: &AccountId,
        token: &str,
        max_age: Duration,
    ) -> Result<TrustVerdict, Error> {
        let entries = self.store.credentials(account) $($await)*;
        let entries = self.events.done(account, entries, silent)?;
        let verdict = self.protocol.trusted(account, token, max_age, &entries);
        self.events.done(account, verdict, |verdict| match verdict {
            TrustVerdict::Trusted(_) => None,
            TrustVerdict::Distrusted(why) => {
                Some(Event::Distrusted { account: account.clone(), why: *why })
            }
        })
    }

    /// Ends the trust in all browsers of an account: after a change of the password, or by an operator.
    ///
    /// # Errors
    ///
    /// - [`Error::Unknown`]: the account has neither a credential nor recovery codes.
    /// - Those of the store's `revoke_trust`.
    pub $($async)? fn revoke_trust(&self, account: &AccountId) -> Result<(), Error> {
        let revoked = known(self.store.revoke_trust(account) $($await)*);
        let event = Event::TrustRevoked { account: account.clone() };
        self.events.done(account, revoked, |()| Some(event))
    }
    };
}

impl<S: Store> Verifier<S> {
    methods!(, []);
}

impl<S: AsyncStore> AsyncVerifier<S> {
    methods!(async, [.await]);
}
