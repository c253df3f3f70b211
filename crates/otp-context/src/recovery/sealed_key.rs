use core::fmt;
use core::str::FromStr;

use otp_core::Secret;

use crate::EntropyError;
use crate::recovery::opened_key::KEY;
use crate::recovery::{RecoveryOwner, RecoverySetId};
use crate::wallet::sealed_key::{Bound, Form, number};
use crate::wallet::{OpenedKey, SealedKey, Tag, Wallet, WalletError};

/// The key of a set of recovery codes, sealed by a [`Wallet`] for storage in a database.
///
/// Its text is `$otp-recovery$v=1$xc20p$`*tag*`$`*nonce*`$`*body*, as that of a [`SealedKey`]. It is bound to
/// its account and its set, and no wallet opens it as the key of a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRecoveryKey(SealedKey);

impl SealedRecoveryKey {
    /// The version of this form.
    pub const VERSION: u8 = 1;

    const FORM: Form = Form { name: "otp-recovery", version: Self::VERSION };

    /// Returns the tag of the application secret that sealed it.
    #[must_use]
    pub const fn tag(&self) -> &Tag {
        self.0.tag()
    }

    pub(crate) fn seal(
        wallet: &Wallet,
        key: &Secret,
        owner: RecoveryOwner<'_>,
        set: RecoverySetId,
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<Self, WalletError> {
        wallet.seal_bound(key, &bound(wallet.current(), owner, set), fill).map(Self)
    }

    pub(crate) fn unseal(
        &self,
        wallet: &Wallet,
        owner: RecoveryOwner<'_>,
        set: RecoverySetId,
    ) -> Result<OpenedKey, WalletError> {
        wallet.unseal_bound(&self.0, &bound(self.tag(), owner, set))
    }
}

/// Returns the associated data of a sealed key, in fixed order. That of a credential begins otherwise.
fn bound(tag: &Tag, owner: RecoveryOwner<'_>, set: RecoverySetId) -> Bound {
    Bound::new(&[
        SealedRecoveryKey::FORM.name,
        &number(SealedRecoveryKey::VERSION.into()),
        SealedKey::CIPHER,
        tag.as_str(),
        owner.namespace(),
        owner.account(),
        &number(set.get()),
    ])
}

impl fmt::Display for SealedRecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, &Self::FORM)
    }
}

impl fmt::Debug for SealedRecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedRecoveryKey")
            .field("tag", &self.tag().as_str())
            .finish_non_exhaustive()
    }
}

/// Reads the text of a sealed key.
///
/// # Errors
///
/// - [`WalletError::Form`]: not such a text, not the canonical one, or no key of 32 bytes.
/// - [`WalletError::Version`]: another version or cipher.
/// - [`WalletError::Tag`]: a malformed tag.
impl FromStr for SealedRecoveryKey {
    type Err = WalletError;

    fn from_str(text: &str) -> Result<Self, WalletError> {
        let sealed = SealedKey::read(text, &Self::FORM)?;
        match sealed.split() {
            Some((_, ciphertext, _)) if ciphertext.len() == KEY => Ok(Self(sealed)),
            _ => Err(WalletError::Form),
        }
    }
}
