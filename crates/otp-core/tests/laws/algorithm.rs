//! The names of the hashes.

use otp_core::{Algorithm, Error};
use proptest::prelude::*;

/// Spellings in use, with the number of the hash in place of `#`.
const SPELLINGS: &str = "SHA#|sha#|Sha#|SHA-#|sha_#|SHA/#|SHA #|HmacSHA#|HMACSHA#|HMAC-SHA-#|\
    hmac_sha#|Algorithm.SHA#|algorithm.sha-#| SHA# ";

/// An unknown name is an error: a guess would make wrong codes.
const UNKNOWN: &str = "| |-|1|256|SHA|SHA2|SHA-333|SHA11|SHA1X|SHA2561|SHA224|SHA384|SHA3-256|\
    SHA3256|SHA512/256|SHA2-1|MD5|HmacMD5|Hmac|HmacHmacSHA1|Algorithm.|HmacAlgorithm.SHA1|SHA1\0|\
    SHA256\0|\0SHA1|SHA1\n|SHA\t1|ＳＨＡ１|SHА1|ſha1|SHA１|SHA01|a very long name that is no algorithm";

#[test]
fn every_spelling_in_use_is_read_and_no_other_name() {
    for (numbers, algorithm) in [
        ("1", Algorithm::Sha1),
        ("256 2-256 2256", Algorithm::Sha256),
        ("512 2-512 2512", Algorithm::Sha512),
    ] {
        for number in numbers.split(' ') {
            for name in SPELLINGS.replace('#', number).split('|') {
                assert_eq!(name.parse(), Ok(algorithm), "{name:?}");
            }
        }
    }
    for name in UNKNOWN.split('|') {
        assert_eq!(name.parse::<Algorithm>(), Err(Error::Algorithm), "{name:?}");
    }
}

#[test]
fn all_algorithms_have_a_name_and_a_size() {
    let rows = [
        (Algorithm::Sha1, "SHA1", 20),
        (Algorithm::Sha256, "SHA256", 32),
        (Algorithm::Sha512, "SHA512", 64),
    ];
    assert_eq!(Algorithm::ALL, rows.map(|(algorithm, ..)| algorithm));
    for (algorithm, name, size) in rows {
        assert_eq!((algorithm.name(), algorithm.output_size()), (name, size));
        assert_eq!(format!("[{algorithm:>7}]"), format!("[{name:>7}]"));
    }
    assert_eq!(Algorithm::default(), Algorithm::Sha1);
}

/// The model: prefixes and separators taken away, one table.
fn model(name: &str) -> Option<Algorithm> {
    let mut bare = name.to_ascii_uppercase();
    for prefix in ["ALGORITHM.", "HMAC"] {
        bare = bare.strip_prefix(prefix).unwrap_or(&bare).to_owned();
    }
    bare.retain(|letter| !"-_/ ".contains(letter));
    match bare.as_str() {
        "SHA1" => Some(Algorithm::Sha1),
        "SHA256" | "SHA2256" => Some(Algorithm::Sha256),
        "SHA512" | "SHA2512" => Some(Algorithm::Sha512),
        _ => None,
    }
}

/// Names as programs write them, every second one with a letter put in, left out or changed.
fn near_valid() -> impl Strategy<Value = String> {
    let written =
        "(Algorithm\\.|algorithm\\.)?(Hmac|HMAC)?[-_/ ]?(sha|SHA|Sha)[-_/ ]?(2[-_/]?)?(1|256|512)";
    let typo = ("[-_/ .0-9A-Za-zſ\0]", any::<prop::sample::Index>(), 0..3);
    (written, prop::option::of(typo)).prop_map(|(mut name, typo)| {
        if let Some((letter, place, what)) = typo {
            let place = place.index(name.len());
            let end = if what == 0 { place } else { place + 1 };
            name.replace_range(place..end, if what == 1 { "" } else { &letter });
        }
        name
    })
}

proptest! {
    #[test]
    fn names_are_read_as_the_model_does(name in prop_oneof![near_valid(), "\\PC{0,12}"]) {
        prop_assert_eq!(name.parse().ok(), model(&name), "{:?}", name);
    }
}
