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

proptest! {
    #[test]
    fn nothing_else_is_read(name in "\\PC{0,12}") {
        let read = name.parse::<Algorithm>();
        let known = ["SHA1", "SHA256", "SHA512", "SHA2256", "SHA2512"];
        let mut bare = name.to_ascii_uppercase();
        for prefix in ["ALGORITHM.", "HMAC"] {
            bare = bare.strip_prefix(prefix).unwrap_or(&bare).to_owned();
        }
        bare.retain(|letter| !"-_/ ".contains(letter));
        prop_assert_eq!(read.is_ok(), known.contains(&bare.as_str()));
    }
}

#[test]
fn all_of_them() {
    assert_eq!(Algorithm::ALL, [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]);
    assert_eq!(Algorithm::ALL.iter().map(|a| a.output_size()).collect::<Vec<_>>(), [20, 32, 64]);
    assert_eq!(Algorithm::default(), Algorithm::Sha1);
}
