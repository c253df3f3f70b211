//! Codes that others computed.

use otp_core::{Algorithm, CodeFormat, Digits, Hotp, Period, Totp, UnixTime, hazmat};
use serde::Deserialize;

use crate::{data, oracle};

#[derive(Deserialize)]
struct Rfc4226 {
    secret_hex: String,
    digits: u8,
    vectors: Vec<HotpVector>,
}

#[derive(Deserialize)]
struct HotpVector {
    counter: u64,
    hmac_sha1: String,
    truncated_hex: String,
    truncated: u32,
    hotp: String,
}

#[test]
fn rfc_4226_appendix_d() {
    let file: Rfc4226 = data::read("rfc4226.json");
    let key = data::bytes(&file.secret_hex);
    let hotp = Hotp::new(Algorithm::Sha1, &key).unwrap().with_format(data::decimal(file.digits));
    assert_eq!(file.vectors.len(), 10);
    for vector in file.vectors {
        let mac = data::bytes(&vector.hmac_sha1);
        assert_eq!(oracle::mac(Algorithm::Sha1, &key, vector.counter), mac);

        let truncated = hazmat::truncate(&mac).unwrap();
        assert_eq!(truncated, vector.truncated);
        assert_eq!(format!("{truncated:x}"), vector.truncated_hex.trim_start_matches('0'));

        assert_eq!(hazmat::code(truncated, hotp.format()).text().as_str(), vector.hotp);
        assert_eq!(hotp.generate(vector.counter).text().as_str(), vector.hotp);
        // Ten digits show the whole truncated value.
        let ten = Hotp::new(Algorithm::Sha1, &key).unwrap().with_format(Digits::TEN);
        let text = format!("{:010}", vector.truncated);
        assert_eq!(ten.generate(vector.counter).text().as_str(), text);
    }
}

#[derive(Deserialize)]
struct Rfc6238 {
    digits: u8,
    period: u64,
    t0: u64,
    secrets_hex: std::collections::HashMap<String, String>,
    vectors: Vec<TotpVector>,
}

#[derive(Deserialize)]
struct TotpVector {
    time: u64,
    time_step_hex: String,
    algorithm: String,
    totp: String,
}

#[test]
fn rfc_6238_appendix_b() {
    let file: Rfc6238 = data::read("rfc6238.json");
    assert_eq!(file.vectors.len(), 18);
    for vector in file.vectors {
        let key = data::bytes(&file.secrets_hex[&vector.algorithm]);
        let totp = Totp::new(data::algorithm(&vector.algorithm), &key)
            .unwrap()
            .with_format(data::decimal(file.digits))
            .with_period(Period::from_secs(file.period).unwrap())
            .with_t0(UnixTime::from_secs(file.t0));
        let token = totp.generate(UnixTime::from_secs(vector.time));
        assert_eq!(format!("{:016X}", token.counter()), vector.time_step_hex);
        assert_eq!(token.code().text().as_str(), vector.totp);
    }
}

#[derive(Deserialize)]
struct CrossChecked {
    vectors: Vec<Agreed>,
    t0_vectors: Vec<Agreed>,
}

#[derive(Deserialize)]
struct Agreed {
    id: String,
    alg: String,
    key: String,
    digits: u8,
    mode: String,
    counter: Option<u64>,
    period: Option<u64>,
    time: Option<u64>,
    #[serde(default)]
    t0: u64,
    code: String,
}

impl Agreed {
    fn holds(&self) -> bool {
        let (algorithm, key) = (data::algorithm(&self.alg), data::bytes(&self.key));
        let format = data::decimal(self.digits);
        let code = match self.mode.as_str() {
            "hotp" => {
                let hotp = Hotp::new(algorithm, &key).unwrap().with_format(format);
                hotp.generate(self.counter.unwrap())
            }
            "totp" => Totp::new(algorithm, &key)
                .unwrap()
                .with_format(format)
                .with_period(Period::from_secs(self.period.unwrap()).unwrap())
                .with_t0(UnixTime::from_secs(self.t0))
                .generate(UnixTime::from_secs(self.time.unwrap()))
                .code(),
            mode => panic!("no such mode: {mode}"),
        };
        code.text().as_str() == self.code
    }
}

/// The names of those that do not hold.
fn failing(vectors: &[Agreed]) -> Vec<&str> {
    vectors.iter().filter(|vector| !vector.holds()).map(|vector| vector.id.as_str()).collect()
}

#[test]
fn codes_that_others_agree_on() {
    let file: CrossChecked = data::read("codes-cross-checked.json");
    assert_eq!((file.vectors.len(), file.t0_vectors.len()), (279, 12));
    assert_eq!(failing(&file.vectors), [""; 0]);
    assert_eq!(failing(&file.t0_vectors), [""; 0]);
    assert!(file.t0_vectors.iter().any(|vector| vector.t0 > 0));
}

/// Control: one wrong bit anywhere in a vector is noticed.
#[test]
fn a_damaged_vector_fails() {
    let mut file: CrossChecked = data::read("codes-cross-checked.json");
    file.vectors.truncate(20);
    for vector in &mut file.vectors {
        let mut key = data::bytes(&vector.key);
        key[0] ^= 1;
        vector.key = key.iter().map(|byte| format!("{byte:02x}")).collect();
    }
    assert_eq!(failing(&file.vectors).len(), 20);
}

#[derive(Deserialize)]
struct Steam {
    alphabet: String,
    digits: u8,
    period: u64,
    vectors: Vec<SteamVector>,
}

#[derive(Deserialize)]
struct SteamVector {
    secret_base32: String,
    time: u64,
    code: String,
}

#[test]
fn steam_guard() {
    let file: Steam = data::read("steam.json");
    assert_eq!(CodeFormat::Steam.length(), file.digits);
    for vector in &file.vectors {
        let secret = otp_core::Secret::from_base32(&vector.secret_base32).unwrap();
        let totp = Totp::steam(secret.reveal()).unwrap();
        assert_eq!(totp.algorithm(), Algorithm::Sha1);
        assert_eq!(totp.period().as_secs(), file.period);
        let code = totp.generate(UnixTime::from_secs(vector.time)).code();
        assert_eq!(code.text().as_str(), vector.code);
        assert!(vector.code.chars().all(|letter| file.alphabet.contains(letter)));
    }
    // Each letter of the alphabet, and no other, is read.
    for letter in '\0'..='\u{17f}' {
        let text: String = core::iter::repeat_n(letter, 5).collect();
        let known = file.alphabet.contains(letter.to_ascii_uppercase());
        assert_eq!(CodeFormat::Steam.parse(&text).is_ok(), known, "{letter:?}");
    }
}
