/// What a command found, which settles the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes, or done.
    Yes,
    /// No.
    No,
    /// What was asked about cannot be judged.
    Malformed,
}

impl Answer {
    /// Yes only if both are.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Yes { other } else { self }
    }

    pub(crate) const fn status(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Malformed => 2,
        }
    }
}
