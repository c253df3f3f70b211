use core::fmt;

use crate::EntropyError;
use crate::recovery::{
    OpenedRecoveryKey, RecoveryCode, RecoveryCodeSize, RecoveryDigest, RecoverySetId,
    SealedRecoveryKey,
};

/// The number of codes of a set.
const COUNT: usize = 10;

/// The ten codes of a new set, to be shown once. They are wiped on drop.
#[must_use = "the codes cannot be shown again"]
pub struct RecoveryCodes([RecoveryCode; COUNT]);

impl RecoveryCodes {
    pub(crate) fn generate(
        size: RecoveryCodeSize,
        fill: impl Fn(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<Self, EntropyError> {
        let mut codes = core::array::from_fn(|_| RecoveryCode::blank(size));
        codes.iter_mut().try_for_each(|code| code.draw(&fill))?;
        Ok(Self(codes))
    }

    pub(crate) fn digests(&self, key: &OpenedRecoveryKey<'_>) -> [RecoveryDigest; COUNT] {
        self.0.each_ref().map(|code| key.digest(code))
    }

    /// Returns the codes in their order.
    pub fn iter(&self) -> core::slice::Iter<'_, RecoveryCode> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a RecoveryCodes {
    type Item = &'a RecoveryCode;
    type IntoIter = core::slice::Iter<'a, RecoveryCode>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryCodes").finish_non_exhaustive()
    }
}

/// A new set of recovery codes at rest: what an application stores, instead of the codes.
#[derive(Debug)]
pub struct RecoverySet {
    pub(crate) id: RecoverySetId,
    pub(crate) key: Option<SealedRecoveryKey>,
    pub(crate) digests: [RecoveryDigest; COUNT],
}

impl RecoverySet {
    /// Returns the set's id.
    #[must_use]
    pub const fn id(&self) -> RecoverySetId {
        self.id
    }

    /// Returns the set's sealed key: a column of text. A set that was made without a wallet has none, and the
    /// column is empty.
    #[must_use]
    pub const fn key(&self) -> Option<&SealedRecoveryKey> {
        self.key.as_ref()
    }

    /// Returns the digest of each code, in the order of the codes: a row each.
    #[must_use]
    pub const fn digests(&self) -> &[RecoveryDigest; COUNT] {
        &self.digests
    }
}
