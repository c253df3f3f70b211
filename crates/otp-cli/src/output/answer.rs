/// The answer of a command. It decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes, or done.
    Yes,
    /// No.
    No,
    /// The code that was asked about is malformed.
    Malformed,
}

impl Answer {
    /// Returns yes only if both answers are yes.
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
