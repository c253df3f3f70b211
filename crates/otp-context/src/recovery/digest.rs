use core::fmt;

use subtle::ConstantTimeEq as _;

/// The digest of a recovery code, which is stored instead of the code.
///
/// Comparing two digests takes constant time.
#[derive(Clone, Copy)]
pub struct RecoveryDigest([u8; 32]);

impl RecoveryDigest {
    /// Takes a stored digest.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for RecoveryDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for RecoveryDigest {}

impl fmt::Debug for RecoveryDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryDigest").finish_non_exhaustive()
    }
}
