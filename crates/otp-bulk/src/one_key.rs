use otp_core::hazmat::{Midstates, midstates};
use otp_core::{Algorithm, Hotp};
use zeroize::DefaultIsZeroes;

use crate::lanes::{Lanes, Truncated};
use crate::width::{LANES, Width};

/// The lanes of one key, ready for any sixteen counters in a row.
#[expect(clippy::large_enum_variant, reason = "a single value exists, and there is no heap")]
pub(crate) enum OneKey {
    Sha1(Lanes<u32, 5>),
    Sha256(Lanes<u32, 8>),
    Sha512(Lanes<u64, 8>),
}

impl OneKey {
    /// Returns lanes without a key, if there are lanes for the hash.
    pub(crate) fn zeros(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Sha1 => Self::Sha1(Lanes::new()),
            Algorithm::Sha256 => Self::Sha256(Lanes::new()),
            Algorithm::Sha512 => Self::Sha512(Lanes::new()),
            _ => return None,
        })
    }

    /// Writes the key directly into the lanes, so that there is no other copy of it. Returns `None` for
    /// a key of another hash.
    pub(crate) fn set(&mut self, hotp: &Hotp) -> Option<()> {
        match (self, midstates(hotp)) {
            (Self::Sha1(lanes), Midstates::Sha1 { inner, outer }) => lanes.fill((inner, outer)),
            (Self::Sha256(lanes), Midstates::Sha256 { inner, outer }) => lanes.fill((inner, outer)),
            (Self::Sha512(lanes), Midstates::Sha512 { inner, outer }) => lanes.fill((inner, outer)),
            _ => return None,
        }
        Some(())
    }

    /// Returns the truncated MACs of `first` and the counters after it.
    pub(crate) fn truncated(&mut self, width: Width, first: u64) -> Option<[u32; LANES]> {
        fn of<W: DefaultIsZeroes, const N: usize>(
            lanes: &mut Lanes<W, N>,
            width: Width,
            first: u64,
        ) -> Option<[u32; LANES]>
        where
            Lanes<W, N>: Truncated,
        {
            lanes.count_from(first);
            lanes.truncated(width)
        }
        match self {
            Self::Sha1(lanes) => of(lanes, width, first),
            Self::Sha256(lanes) => of(lanes, width, first),
            Self::Sha512(lanes) => of(lanes, width, first),
        }
    }
}
