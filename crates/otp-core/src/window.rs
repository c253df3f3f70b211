/// The number of steps to look at before and after the expected counter.
///
/// RFC 6238 § 5.2 says: "We RECOMMEND that at most one time step is allowed as the network delay"
/// ([`Window::ONE`]). RFC 4226 § 7.4 calls the HOTP side the look-ahead and wants it low. Every counter
/// in the window is one more code to compute, and one more that a guess may hit: a look-ahead of 100
/// makes a guess 101 times as likely to succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Steps before the expected counter.
    pub behind: u8,
    /// Steps after the expected counter.
    pub ahead: u8,
}

impl Window {
    /// The expected counter alone.
    pub const ZERO: Self = Self::new(0, 0);
    /// One step on either side, the default.
    pub const ONE: Self = Self::new(1, 1);

    /// Makes a window.
    #[must_use]
    pub const fn new(behind: u8, ahead: u8) -> Self {
        Self { behind, ahead }
    }

    /// Returns the number of counters in it: 1 to 511.
    #[must_use]
    pub fn size(self) -> u16 {
        u16::from(self.behind).saturating_add(u16::from(self.ahead)).saturating_add(1)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::ONE
    }
}
