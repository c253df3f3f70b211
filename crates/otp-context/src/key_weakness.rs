use core::fmt;

/// The shortest sound key, in bytes (RFC 4226 § 4, R6).
const ENOUGH: usize = 16;
/// The shortest key that passlib's generator makes.
const SHORTEST_GENERATED: usize = 10;

/// A fault of a key that works, and a reason to replace it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyWeakness {
    /// The key has fewer than the 128 bits that RFC 4226 § 4 (R6) asks for.
    Short,
    /// The key has the pattern of passlib's generator, which let every byte share five bits with
    /// the next: of n bytes only 8 + 3 (n − 1) bits were random, so 65 of the 160 of a key of 20
    /// bytes. All releases of passlib up to 1.7.4 make such keys, and
    /// libpass up to 1.9.4 does.
    ///
    /// A sound key of n bytes has the pattern with odds of 1 in 2^(5 (n − 1)): 1 in 2^45 at 10 bytes, the
    /// shortest key that is checked, and 1 in 2^95 at 20 bytes.
    SharedBits,
}

impl KeyWeakness {
    /// Returns the faults of a key.
    ///
    /// ```
    /// use otp_context::KeyWeakness;
    /// use otp_core::Secret;
    ///
    /// // A key that passlib's own documentation prints.
    /// let secret = Secret::from_base32("S3JDVB7QD2R7JPXX")?;
    /// assert!(
    ///     KeyWeakness::of(secret.reveal())
    ///         .eq([KeyWeakness::Short, KeyWeakness::SharedBits])
    /// );
    /// # Ok::<(), otp_core::Error>(())
    /// ```
    pub fn of(key: &[u8]) -> impl Iterator<Item = Self> + use<> {
        let short = (key.len() < ENOUGH).then_some(Self::Short);
        let shared = shares_bits(key).then_some(Self::SharedBits);
        short.into_iter().chain(shared)
    }
}

impl fmt::Display for KeyWeakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "secret has fewer than 16 bytes",
            Self::SharedBits => "secret was made by a faulty generator: rotate it",
        })
    }
}

/// Whether the high five bits of every byte are the low five bits of the next.
fn shares_bits(key: &[u8]) -> bool {
    let pairs = key.iter().zip(key.iter().skip(1));
    // No early exit: the time must not reveal how long the pattern is.
    let differing = pairs.fold(0, |seen, (byte, next)| seen | ((byte >> 3) ^ (next & 31)));
    key.len() >= SHORTEST_GENERATED && differing == 0
}
