use otp_core::Secret;

use crate::recovery::{RecoveryCode, RecoveryDigest, RecoveryOwner, RecoverySetId};
use crate::wallet::Reseal;
use crate::wallet::derivation;
use crate::wallet::sealed_key::number;

/// The bytes of a set's key.
pub(crate) const KEY: usize = 32;

/// What computes the digests of one set: the set's opened key, its account and its id.
///
/// It is made by [`OtpContext::open_recovery_key`](crate::OtpContext::open_recovery_key). The key is wiped on
/// drop.
#[derive(Debug)]
pub struct OpenedRecoveryKey<'a> {
    pub(crate) owner: RecoveryOwner<'a>,
    pub(crate) set: RecoverySetId,
    /// None in a set that was made without a wallet.
    pub(crate) key: Option<Secret>,
    pub(crate) reseal: Option<Reseal>,
}

impl OpenedRecoveryKey<'_> {
    /// Returns the digest of a code, as it is stored if the code is one of the set.
    #[must_use]
    pub fn digest(&self, code: &RecoveryCode) -> RecoveryDigest {
        RecoveryDigest::new(derivation::digest(
            self.key.as_ref().map(Secret::reveal),
            &[
                b"otp recovery v1",
                self.owner.namespace().as_bytes(),
                self.owner.account().as_bytes(),
                number(self.set.get()).as_bytes(),
                number(code.size().symbols().into()).as_bytes(),
                code.symbols(),
            ],
        ))
    }

    /// Returns why the key should be re-encrypted, if so
    /// ([`OtpContext::reseal_recovery_key`](crate::OtpContext::reseal_recovery_key)).
    #[must_use]
    pub const fn reseal(&self) -> Option<Reseal> {
        self.reseal
    }
}
