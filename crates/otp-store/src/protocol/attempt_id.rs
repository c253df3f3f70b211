use core::fmt;

use otp_context::{EntropyError, OtpContext};

/// The id of one attempt, by which a store recognises a repeated request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptId([u8; 16]);

impl AttemptId {
    /// Restores a stored id.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Makes a new id from the context's entropy.
    pub(crate) fn new(context: &OtpContext) -> Result<Self, EntropyError> {
        let mut bytes = [0; 16];
        context.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Returns its bytes, which are no secret.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttemptId({:032x})", u128::from_be_bytes(self.0))
    }
}
