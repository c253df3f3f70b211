//! The crates totp-rs and totp-rfc against the vectors: what they compute, and what they read.

use std::fs;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize)]
struct Codes {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    r#type: String,
    algorithm: String,
    secret_hex: String,
    digits: u8,
    counter: Option<u64>,
    period: Option<u64>,
    #[serde(default)]
    t0: u64,
    time: Option<u64>,
    code: String,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/../../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn key(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Checks each code that a crate can compute. Returns how many there are.
fn check(compute: impl Fn(&Vector) -> Option<String>) -> usize {
    let files = ["rfc4226", "rfc6238", "steam", "codes-cross-checked"];
    let vectors = files.into_iter().flat_map(|name| read::<Codes>(name).vectors);
    let computed = vectors.filter_map(|vector| Some((compute(&vector)?, vector)));
    computed.map(|(code, vector)| assert_eq!(code, vector.code, "{}", vector.id)).count()
}

fn totp_rs(vector: &Vector) -> Option<String> {
    let algorithm = match (vector.r#type.as_str(), vector.algorithm.as_str()) {
        ("steam", _) => totp_rs::Algorithm::Steam,
        (_, "SHA1") => totp_rs::Algorithm::SHA1,
        (_, "SHA256") => totp_rs::Algorithm::SHA256,
        _ => totp_rs::Algorithm::SHA512,
    };
    // It has neither HOTP nor T0; a code of ten digits is documented to panic.
    let (period, time) = (vector.period?, vector.time?);
    let builder = totp_rs::Builder::new()
        .with_algorithm(algorithm)
        .with_digits(vector.digits)
        .with_secret(key(&vector.secret_hex))
        .with_step_duration(period);
    let can = vector.digits < 10 && vector.t0 == 0;
    can.then(|| builder.build_noncompliant().generate(time).to_string())
}

fn totp_rfc(vector: &Vector) -> Option<String> {
    let algorithm = match vector.algorithm.as_str() {
        "SHA1" => totp_rfc::Algorithm::Sha1,
        "SHA256" => totp_rfc::Algorithm::Sha256,
        _ => totp_rfc::Algorithm::Sha512,
    };
    // It has no Steam Guard, six to eight digits, keys of at least 16 bytes, and HOTP over SHA-1.
    let digits = totp_rfc::Digits::new(vector.digits).ok()?;
    let key = key(&vector.secret_hex);
    let secret = totp_rfc::Secret::new(&key).ok()?;
    let code = match vector.counter {
        Some(counter) if vector.algorithm == "SHA1" => {
            totp_rfc::Hotp::new(digits).generate(&secret, counter)
        }
        Some(_) => return None,
        None => totp_rfc::Totp::new(algorithm, digits, vector.period?, vector.t0)
            .ok()?
            .generate(&secret, vector.time?)
            .ok()?,
    };
    Some(code.to_string())
}

#[test]
fn codes_agree() {
    assert_eq!((check(totp_rs), check(totp_rfc)), (221, 191));
}

/// What totp-rs makes of a URI: none if it refuses, or whether the code of second 59 is right, too.
fn reads(case: &Value) -> Option<bool> {
    let totp = totp_rs::Totp::from_url(case["uri"].as_str().unwrap()).ok()?;
    let mut expect = case["expect"].clone();
    expect["id"] = case["id"].clone();
    expect["time"] = 59.into();
    expect["code"] = "".into();
    let vector: Vector = serde_json::from_value(expect.clone()).unwrap();
    Some(
        Some(totp.generate(59).to_string()) == totp_rs(&vector)
            && totp.account_name() == expect["account"].as_str().unwrap_or_default()
            && totp.issuer() == expect["issuer"].as_str()
            && Some(totp.step()) == vector.period,
    )
}

#[test]
fn uris_differ_where_flags_say_so() {
    let file: Value = read("otpauth-uris");
    let (mut accepted, mut otherwise) = (Vec::new(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap().to_owned();
        if case["expect"] == "reject" {
            if totp_rs::Totp::from_url(case["uri"].as_str().unwrap()).is_ok() {
                accepted.push(id);
            }
            continue;
        }
        match reads(case) {
            Some(true) => {}
            Some(false) => otherwise.push(id),
            // It has no HOTP. Each other refusal is a choice that a reader has.
            None => {
                assert!(case["flags"] != Value::Array(vec![]) || case["expect"]["type"] == "hotp")
            }
        }
    }
    let refused_by_us =
        ["ol-badpct-label", "ol-badpct-param", "py-dup-enc", "q-dup-digits", "q-userinfo"];
    assert_eq!(accepted, refused_by_us);
    assert_eq!(otherwise, ["ha-empty-prefix-3A", "py-steam-ign", "q-steam-type-min"]);
}

/// Its documentation names no panic here. Without overflow checks the result is a time long past.
#[test]
#[should_panic(expected = "overflow")]
fn totp_rs_overflows_near_the_end_of_time() {
    let totp = totp_rs::Builder::new().with_secret(vec![1; 20]).build_noncompliant();
    let _ = totp.next_step(u64::MAX);
}
