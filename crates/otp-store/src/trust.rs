use core::fmt;

use otp_core::UnixTime;
use zeroize::Zeroizing;

use crate::AccountId;

/// A token for the cookie of a trusted browser ([`Verifier::trust`](crate::Verifier::trust)).
///
/// A thief of it needs no code, so set the cookie `Secure`, `HttpOnly` and `SameSite`.
#[must_use = "the browser is trusted by this token alone"]
pub struct TrustToken(pub(crate) Zeroizing<String>);

impl TrustToken {
    /// Returns the text of the cookie: ASCII letters, digits and `~_.-`, at most 210 bytes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TrustToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustToken").finish_non_exhaustive()
    }
}

/// The verdict on a token of a trusted browser.
#[derive(Debug)]
#[must_use = "only `Trusted` may spare the user a code"]
pub enum TrustVerdict {
    /// The browser is trusted: ask for no code.
    Trusted(Trusted),
    /// The browser is not trusted: ask for a code.
    Distrusted(Distrust),
}

/// Proof that a browser is trusted. The log-in has one factor, the password: never use it to change
/// factors. It cannot be copied.
#[derive(Debug)]
#[must_use = "this spares the user a code"]
pub struct Trusted {
    pub(crate) account: AccountId,
    pub(crate) since: UnixTime,
}

impl Trusted {
    /// Returns the account.
    #[must_use]
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// Returns the time at which the token was given.
    #[must_use]
    pub const fn since(&self) -> UnixTime {
        self.since
    }
}

/// The reason why a browser is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distrust {
    /// The token is too old, or its application secret was dropped from the wallet.
    Expired,
    /// A credential was added, removed or enrolled again, or the recovery codes were replaced.
    FactorsChanged,
    /// The account's trust was revoked ([`Verifier::revoke_trust`](crate::Verifier::revoke_trust)).
    Revoked,
    /// The token was not made for this account of this application, or its time is in the future.
    Forged,
}

impl Distrust {
    /// Returns the reason as one word, for logs and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::FactorsChanged => "factors_changed",
            Self::Revoked => "revoked",
            Self::Forged => "forged",
        }
    }
}
