use otp_core::{Hotp, Totp};

/// The generator that a URI describes, with a prepared key.
#[derive(Debug)]
pub enum Generator {
    /// TOTP, Steam Guard included.
    Totp(Totp),
    /// HOTP; the counter is with [`Kind::Hotp`](crate::Kind::Hotp).
    Hotp(Hotp),
}
