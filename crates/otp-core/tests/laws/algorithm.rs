//! The names of the hashes.

use otp_core::{Algorithm, Error};
use proptest::prelude::*;

#[test]
fn every_spelling_in_use() {
    for (number, algorithm) in
        [("1", Algorithm::Sha1), ("256", Algorithm::Sha256), ("512", Algorithm::Sha512)]
    {
        for spelling in [
            "SHA#",
            "sha#",
            "Sha#",
            "SHA-#",
            "sha_#",
            "SHA/#",
            "SHA #",
            "HmacSHA#",
            "HMACSHA#",
            "HMAC-SHA-#",
            "hmac_sha#",
            "Algorithm.SHA#",
            "algorithm.sha-#",
            " SHA# ",
        ] {
            let name = spelling.replace('#', number);
            assert_eq!(name.parse(), Ok(algorithm), "{name:?}");
        }
        assert_eq!(algorithm.name(), format!("SHA{number}"));
        assert_eq!(algorithm.to_string(), algorithm.name());
        assert_eq!(format!("[{algorithm:>7}]"), format!("[{:>7}]", algorithm.name()));
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
    }
    for (name, algorithm) in [
        ("SHA2-256", Algorithm::Sha256),
        ("sha2_512", Algorithm::Sha512),
        ("SHA2/512", Algorithm::Sha512),
        ("SHA2256", Algorithm::Sha256),
        ("HmacSHA2-256", Algorithm::Sha256),
    ] {
        assert_eq!(name.parse(), Ok(algorithm), "{name:?}");
    }
}

/// An unknown name is an error: a guess would make wrong codes.
#[test]
fn no_other_name() {
    for name in [
        "",
        " ",
        "-",
        "1",
        "256",
        "SHA",
        "SHA2",
        "SHA-2",
        "SHA-333",
        "SHA11",
        "SHA1X",
        "SHA2561",
        "SHA224",
        "SHA384",
        "SHA3-256",
        "SHA3256",
        "SHA512/256",
        "SHA2-1",
        "MD5",
        "HmacMD5",
        "Hmac",
        "HmacHmacSHA1",
        "Algorithm.",
        "HmacAlgorithm.SHA1",
        "SHA1\0",
        "SHA1\0\0\0",
        "SHA256\0",
        "\0SHA1",
        "SHA1\n",
        "SHA\t1",
        "ＳＨＡ１",
        "SHА1",
        "ſha1",
        "SHA１",
        "0",
        "SHA01",
        "a very long name that is no algorithm at all",
    ] {
        assert_eq!(name.parse::<Algorithm>(), Err(Error::Algorithm), "{name:?}");
    }
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
    fn near_valid_names_are_read_as_the_model_does(name in near_valid()) {
        prop_assert_eq!(name.parse().ok(), model(&name), "{:?}", name);
    }

    #[test]
    fn nothing_else_is_read(name in "\\PC{0,12}") {
        prop_assert_eq!(name.parse().ok(), model(&name));
    }
}

#[test]
fn all_of_them() {
    assert_eq!(Algorithm::ALL, [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]);
    assert_eq!(Algorithm::ALL.iter().map(|a| a.output_size()).collect::<Vec<_>>(), [20, 32, 64]);
    assert_eq!(Algorithm::default(), Algorithm::Sha1);
}
