use otp_core::Algorithm;

/// How many codes are computed side by side: as many as 32-bit words fit the widest registers.
pub(crate) const LANES: usize = 16;

/// How wide the registers are that a run of lanes is compiled for.
///
/// A value that names an extension can only be had where the processor has it.
#[derive(Clone, Copy)]
pub(crate) enum Width {
    /// Whatever the build takes for granted.
    Plain,
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    Avx2(fearless_simd::Avx2),
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    Avx512(fearless_simd::Avx512),
}

impl Width {
    /// Those that this processor has, narrowest first.
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
    /// It and whatever it calls must be `#[inline(always)]`, or it is compiled for none.
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

    /// From how many codes on a run of lanes is quicker than one code after the other.
    ///
    /// Measured on a processor with SHA extensions: a run takes its time however few of its lanes
    /// are wanted.
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

/// Whether the core's SHA-256 is the processor's own, and so faster than narrow lanes.
fn has_sha() -> bool {
    #[cfg(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64")))]
    return std::is_x86_feature_detected!("sha");
    #[cfg(not(all(feature = "std", any(target_arch = "x86", target_arch = "x86_64"))))]
    true
}
