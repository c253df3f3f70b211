use otp_core::Hotp;
use otp_core::hazmat::{Midstates, midstates};
use zeroize::DefaultIsZeroes;

use crate::engine::Engine;
use crate::lanes::{LANES, Lanes, Truncated};

/// The lanes of one key, ready for any sixteen counters in a row.
#[expect(clippy::large_enum_variant, reason = "there is one, and it is not moved")]
pub(crate) enum OneKey {
    Sha1(Lanes<u32, 5>),
    Sha256(Lanes<u32, 8>),
    Sha512(Lanes<u64, 8>),
}

impl OneKey {
    /// Of a key, if there are lanes for its hash.
    pub(crate) fn new(hotp: &Hotp) -> Option<Self> {
        Some(match midstates(hotp) {
            Midstates::Sha1 { inner, outer } => Self::Sha1(Lanes::of_one_key((inner, outer))),
            Midstates::Sha256 { inner, outer } => Self::Sha256(Lanes::of_one_key((inner, outer))),
            Midstates::Sha512 { inner, outer } => Self::Sha512(Lanes::of_one_key((inner, outer))),
            _ => return None,
        })
    }

    /// The truncated MACs of `first` and the counters after it.
    pub(crate) fn truncated(&mut self, engine: Engine, first: u64) -> Option<[u32; LANES]> {
        fn of<W: DefaultIsZeroes, const N: usize>(
            lanes: &mut Lanes<W, N>,
            engine: Engine,
            first: u64,
        ) -> Option<[u32; LANES]>
        where
            Lanes<W, N>: Truncated,
        {
            lanes.count_from(first);
            lanes.truncated(engine.width())
        }
        match self {
            Self::Sha1(lanes) => of(lanes, engine, first),
            Self::Sha256(lanes) => of(lanes, engine, first),
            Self::Sha512(lanes) => of(lanes, engine, first),
        }
    }
}
