/// The size of a recovery code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecoveryCodeSize {
    /// 16 symbols, 80 bits. Its digest needs a key, and so a wallet.
    #[default]
    Standard,
    /// 24 symbols, 120 bits: above the 112 bits from which on NIST SP 800-63B takes a plain hash.
    Long,
}

impl RecoveryCodeSize {
    pub(crate) const ALL: [Self; 2] = [Self::Standard, Self::Long];

    /// Returns the number of symbols: 16 or 24.
    #[must_use]
    pub const fn symbols(self) -> u8 {
        match self {
            Self::Standard => 16,
            Self::Long => 24,
        }
    }

    /// Returns the number of random bits: 80 or 120.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Standard => 80,
            Self::Long => 120,
        }
    }
}
