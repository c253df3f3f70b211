use crate::EntropyError;

/// The id of a set of recovery codes: a random number below 2^63, so that every database can store it.
///
/// It differs from that of every earlier set of the account. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecoverySetId(u64);

impl RecoverySetId {
    const LARGEST: u64 = u64::MAX >> 1;

    /// Takes a stored id. Returns `None` from 2^63 on.
    #[must_use]
    pub const fn new(id: u64) -> Option<Self> {
        if id <= Self::LARGEST { Some(Self(id)) } else { None }
    }

    /// Makes an id of 63 random bits.
    ///
    /// # Errors
    ///
    /// Those of `fill`. There is no fallback.
    pub fn generate(
        fill: impl FnOnce(&mut [u8]) -> Result<(), EntropyError>,
    ) -> Result<Self, EntropyError> {
        let mut bytes = [0; 8];
        fill(&mut bytes)?;
        Ok(Self(u64::from_be_bytes(bytes) & Self::LARGEST))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}
