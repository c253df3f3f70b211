use std::collections::HashSet;

use crate::otp::{Run, otp};

fn new(options: &[&str]) -> Run {
    otp("", &[&["new", "--json"], options].concat())
}

#[test]
fn uri_and_secret_give_the_same_code() {
    for options in [
        &["--type", "totp", "--digits", "8", "--algorithm", "SHA256"][..],
        &["--type", "hotp", "--digits", "7", "--counter", "9"],
        &["--type", "steam"],
    ] {
        let object = new(&[&["--account", "a b+c@d"], options].concat()).object();
        let time: &[&str] = if options[1] == "hotp" { &[] } else { &["--time", "1000"] };
        let from_uri = otp(object["uri"].as_str().unwrap(), &[&["code"], time].concat());
        let secret = object["secret_base32"].as_str().unwrap();
        let from_secret = otp(secret, &[&["code"], options, time].concat());
        assert_eq!(from_uri.line(), from_secret.line(), "{options:?}");
    }
}

#[test]
fn key_length_is_that_of_the_hash_or_of_the_option() {
    // Base32 has eight letters for five bytes.
    for (options, letters) in [
        (&["--algorithm", "SHA1"][..], 32),
        (&["--algorithm", "SHA256"], 52),
        (&["--algorithm", "SHA512"], 103),
        (&["--type", "steam"], 32),
        (&["--bytes", "16"], 26),
        (&["--bytes", "128"], 205),
    ] {
        let object = new(&[&["--account", "a"], options].concat()).object();
        assert_eq!(object["secret_base32"].as_str().unwrap().len(), letters, "{options:?}");
    }
}

#[test]
fn new_keys_differ() {
    let made: HashSet<String> = (0..20)
        .map(|_| new(&["--account", "a"]).object()["secret_base32"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(made.len(), 20);
}
