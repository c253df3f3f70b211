use otp_core::Algorithm;

/// The number of codes that are computed at once: that of the 32-bit words in the widest registers.
pub(crate) const LANES: usize = 16;

/// The width of the registers that a run of lanes is compiled for.
///
/// A value that names an extension exists only on a processor with that extension.
#[derive(Clone, Copy)]
pub(crate) enum Width {
    /// The registers that the build's target always has.
    Plain,
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    Avx2(fearless_simd::Avx2),
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    Avx512(fearless_simd::Avx512),
}

impl Width {
    /// Returns the widths that this processor has, narrowest first.
    pub(crate) fn all() -> [Option<Self>; 3] {
        #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
        {
            let level = fearless_simd::Level::new();
            let avx2 = level.as_avx2().map(Self::Avx2);
            [Some(Self::Plain), avx2, level.as_avx512().map(Self::Avx512)]
        }
        #[cfg(not(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64"))))]
        [Some(Self::Plain), None, None]
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx2(_) => "AVX2",
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx512(_) => "AVX-512",
        }
    }

    pub(crate) const fn bits(self) -> u32 {
        match self {
            Self::Plain if cfg!(target_feature = "avx512f") => 512,
            Self::Plain if cfg!(target_feature = "avx2") => 256,
            Self::Plain => 128,
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx2(_) => 256,
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx512(_) => 512,
        }
    }

    /// Runs a function compiled for this width.
    ///
    /// The function and all that it calls must be `#[inline(always)]`. Otherwise they are compiled for
    /// the plain width.
    #[inline(always)]
    pub(crate) fn run<T>(self, work: impl FnOnce() -> T) -> T {
        #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
        use fearless_simd::Simd as _;
        match self {
            Self::Plain => work(),
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx2(token) => token.vectorize(work),
            #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
            Self::Avx512(token) => token.vectorize(work),
        }
    }

    /// Returns the fewest codes for which a run of lanes is faster than codes one by one.
    ///
    /// Measured on a processor with SHA extensions. A run takes the same time for any number of codes.
    pub(crate) fn worth(self, algorithm: Algorithm) -> usize {
        const NEVER: usize = LANES + 1;
        match (algorithm, self.bits()) {
            (Algorithm::Sha1, 512) => 6,
            (Algorithm::Sha1, 256) => 10,
            (Algorithm::Sha1, _) => 15,
            (Algorithm::Sha256, 512) => 7,
            (Algorithm::Sha256, 256) => 14,
            (Algorithm::Sha256, _) if !has_sha() => 12,
            (Algorithm::Sha512, 512) => 4,
            (Algorithm::Sha512, 256) => 8,
            _ => NEVER,
        }
    }
}

/// Returns whether otp-core uses the processor's own SHA-256, which is faster than narrow lanes.
fn has_sha() -> bool {
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    return std::is_x86_feature_detected!("sha");
    #[cfg(not(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64"))))]
    true
}
