//! Every form, with values for it. The tests of each format run over this list.

pub mod make;
pub mod samples;
pub mod seeds;

use otp_context::Record;
use otp_context::replay::{Drift, Throttle, Tracker};
use otp_context::wallet::{ApplicationSecrets, SealedKey, Tag};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime, Window};
use otp_uri::{KeyUri, Label, OtpKind};
use serde::Serialize;

use crate::format::Format;

/// Wraps a module and its `option`, and checks that they read what they write.
///
/// Each use makes a new value of its seed, since keys and trackers have no `Clone`.
macro_rules! forms {
    ($($name:ident: $value:ty, $module:literal, $twin:literal, $seed:ty, $make:path, $same:path;)*) => {
        $(
            pub mod $name {
                use super::*;

                #[derive(serde::Serialize, serde::Deserialize)]
                pub struct One {
                    #[serde(with = $module)]
                    pub value: $value,
                }

                #[derive(serde::Serialize, serde::Deserialize)]
                pub struct Twin {
                    #[serde(with = $twin)]
                    pub some: Option<$value>,
                    #[serde(default, with = $twin)]
                    pub none: Option<$value>,
                }

                pub fn round_trip<F: Format>(seed: &$seed) {
                    let bytes = F::encode(&One { value: $make(seed) }).unwrap();
                    let read: One = F::decode(&bytes).unwrap();
                    assert!($same(&read.value, &$make(seed)));
                    assert_eq!(F::encode(&read).unwrap(), bytes);

                    let bytes = F::encode(&Twin { some: Some($make(seed)), none: None }).unwrap();
                    let read: Twin = F::decode(&bytes).unwrap();
                    assert!($same(&read.some.unwrap(), &$make(seed)) && read.none.is_none());
                }

                /// A truncated value is refused.
                pub fn truncated<F: Format>(seed: &$seed) {
                    let bytes = F::encode(&One { value: $make(seed) }).unwrap();
                    for length in 0..bytes.len() {
                        assert!(F::decode::<One>(&bytes[..length]).is_err());
                    }
                }
            }
        )*

        /// Defines a test for each form.
        macro_rules! round_trips {
            ($format:ty) => {
                $(
                    #[test]
                    fn $name() {
                        let mut runner = proptest::test_runner::TestRunner::default();
                        runner
                            .run(&$crate::forms::seeds::$name(), |seed| {
                                $crate::forms::$name::round_trip::<$format>(&seed);
                                Ok(())
                            })
                            .unwrap();
                        let config = proptest::test_runner::Config::with_cases(8);
                        let mut runner = proptest::test_runner::TestRunner::new(config);
                        runner
                            .run(&$crate::forms::seeds::$name(), |seed| {
                                $crate::forms::$name::truncated::<$format>(&seed);
                                Ok(())
                            })
                            .unwrap();
                    }
                )*
            };
        }

        /// Returns the wire form of each sample, by name.
        pub fn golden<F: Format>() -> Vec<(&'static str, Vec<u8>)> {
            let mut forms = Vec::new();
            $(
                for seed in samples::$name() {
                    let one = $name::One { value: $make(&seed) };
                    forms.push((stringify!($name), F::encode(&one).unwrap()));
                }
            )*
            forms
        }

        /// Reads a wire form and writes it again.
        pub fn again<F: Format>(name: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
            match name {
                $(stringify!($name) => F::decode::<$name::One>(bytes).and_then(|one| F::encode(&one)),)*
                _ => panic!("no such form"),
            }
        }

        /// Returns the error of reading, if any.
        pub fn refusal<F: Format>(name: &str, bytes: &[u8]) -> Option<String> {
            match name {
                $(stringify!($name) => F::decode::<$name::One>(bytes).err(),)*
                _ => panic!("no such form"),
            }
        }
    };
}

forms! {
    algorithm: Algorithm, "otp_serde::algorithm", "otp_serde::algorithm::option", Algorithm, make::copy, make::equal;
    digits: Digits, "otp_serde::digits", "otp_serde::digits::option", Digits, make::copy, make::equal;
    period: Period, "otp_serde::period", "otp_serde::period::option", Period, make::copy, make::equal;
    window: Window, "otp_serde::window", "otp_serde::window::option", Window, make::copy, make::equal;
    counter: u64, "otp_serde::counter", "otp_serde::counter::option", u64, make::copy, make::equal;
    time: UnixTime, "otp_serde::time", "otp_serde::time::option", UnixTime, make::copy, make::equal;
    tracker: Tracker, "otp_serde::tracker", "otp_serde::tracker::option", u64, make::tracker, make::equal;
    throttle: Throttle, "otp_serde::throttle", "otp_serde::throttle::option", Throttle, make::copy, make::equal;
    drift: Drift, "otp_serde::drift", "otp_serde::drift::option", Drift, make::copy, make::equal;
    secret: Secret, "otp_serde::secret", "otp_serde::secret::option", Vec<u8>, make::secret, make::equal;
    label: Label, "otp_serde::label", "otp_serde::label::option", Label, make::clone, make::equal;
    kind: OtpKind, "otp_serde::otp_kind", "otp_serde::otp_kind::option", OtpKind, make::copy, make::equal;
    key_uri_text: KeyUri, "otp_serde::key_uri_text", "otp_serde::key_uri_text::option", (Label, Vec<u8>, OtpKind), make::key_uri, make::equal;
    key_uri_fields: KeyUri, "otp_serde::key_uri_fields", "otp_serde::key_uri_fields::option", (Label, Vec<u8>, OtpKind), make::key_uri, make::equal;
    tag: Tag, "otp_serde::tag", "otp_serde::tag::option", Tag, make::clone, make::equal;
    sealed_key: SealedKey, "otp_serde::sealed_key", "otp_serde::sealed_key::option", SealedKey, make::clone, make::equal;
    secrets: ApplicationSecrets, "otp_serde::secrets", "otp_serde::secrets::option", Vec<(Tag, String)>, make::secrets, make::same_secrets;
    record: Record, "otp_serde::record", "otp_serde::record::option", Stored, make::sealed_record, make::same_record;
    revealed_record: Record, "otp_serde::revealed_record", "otp_serde::revealed_record::option", Stored, make::record, make::same_record;
}

/// The seed of a record.
#[derive(Clone, Debug)]
pub struct Stored {
    pub kind: OtpKind,
    pub account: Option<String>,
    pub issuer: Option<String>,
    pub next: u64,
    pub key: Vec<u8>,
    pub sealed: SealedKey,
    pub is_sealed: bool,
}

/// A format that buffers its input gives the same value.
pub fn buffered<F: Format>() {
    #[derive(Serialize, serde::Deserialize)]
    struct Outer {
        id: u8,
        #[serde(flatten)]
        inner: revealed_record::One,
        #[serde(flatten)]
        rest: Rest,
    }

    #[derive(Serialize, serde::Deserialize)]
    struct Rest {
        #[serde(with = "otp_serde::throttle")]
        throttle: Throttle,
        #[serde(with = "otp_serde::secrets")]
        secrets: ApplicationSecrets,
    }

    for seed in samples::revealed_record() {
        let throttle = samples::throttle()[1];
        let secrets = make::secrets(&samples::secrets()[1]);
        let inner = revealed_record::One { value: make::record(&seed) };
        let bytes = F::encode(&Outer { id: 7, inner, rest: Rest { throttle, secrets } }).unwrap();
        let read: Outer = F::decode(&bytes).unwrap();
        assert!(make::same_record(&read.inner.value, &make::record(&seed)));
        assert_eq!((read.id, read.rest.throttle), (7, throttle));
        assert!(make::same_secrets(&read.rest.secrets, &make::secrets(&samples::secrets()[1])));
    }
}
