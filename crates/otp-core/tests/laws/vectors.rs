//! Codes that others computed.

use std::path::Path;

use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp, Period, Totp, UnixTime, hazmat};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model;

/// Reads one of the vector files.
pub fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    let text = std::fs::read_to_string(path).expect("the vector file is there");
    serde_json::from_str(&text).expect("the vector file has the expected shape")
}

/// Hex to bytes, without the crate's own reader.
fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// The format of so many digits.
fn decimal(digits: u8) -> CodeFormat {
    Digits::new(digits).unwrap().into()
}

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

/// A line of every file of codes in `vectors`.
#[derive(Deserialize)]
struct Vector {
    id: String,
    r#type: String,
    algorithm: String,
    secret_hex: String,
    digits: u8,
    #[serde(default)]
    counter: u64,
    #[serde(default)]
    period: u64,
    #[serde(default)]
    t0: u64,
    #[serde(default)]
    time: u64,
    code: String,
    step: Option<u64>,
    mac_hex: Option<String>,
    truncated: Option<u32>,
}

impl Vector {
    fn key(&self) -> Vec<u8> {
        bytes(&self.secret_hex)
    }

    /// The code, and the counter that it is of.
    fn computed(&self) -> (Code, u64) {
        let algorithm: Algorithm = self.algorithm.parse().unwrap();
        let totp = match self.r#type.as_str() {
            "hotp" => {
                let hotp = Hotp::new(algorithm, &self.key()).unwrap();
                let hotp = hotp.with_format(decimal(self.digits));
                return (hotp.generate(self.counter), self.counter);
            }
            "totp" => Totp::new(algorithm, &self.key())
                .unwrap()
                .with_format(decimal(self.digits))
                .with_period(Period::from_secs(self.period).unwrap())
                .with_t0(UnixTime::from_secs(self.t0)),
            "steam" => {
                let totp = Totp::steam(&self.key()).unwrap();
                assert_eq!((totp.algorithm(), totp.period().as_secs()), (algorithm, self.period));
                assert_eq!(totp.format().length(), self.digits);
                totp
            }
            other => panic!("no such type: {other}"),
        };
        let token = totp.generate(UnixTime::from_secs(self.time));
        (token.code(), token.counter())
    }

    fn holds(&self) -> bool {
        let (code, counter) = self.computed();
        code.text().as_str() == self.code && self.step.is_none_or(|step| step == counter)
    }
}

/// The vectors of a file, after each was checked.
fn checked(name: &str, count: usize) -> Vec<Vector> {
    let file: File = read(name);
    assert_eq!(file.vectors.len(), count);
    assert_eq!(failing(&file.vectors), [""; 0]);
    file.vectors
}

/// The names of those that do not hold.
fn failing(vectors: &[Vector]) -> Vec<&str> {
    vectors.iter().filter(|vector| !vector.holds()).map(|vector| vector.id.as_str()).collect()
}

#[test]
fn rfc_4226_appendix_d() {
    for vector in checked("rfc4226.json", 10) {
        let mac = bytes(vector.mac_hex.as_ref().unwrap());
        assert_eq!(model::mac(Algorithm::Sha1, &vector.key(), vector.counter), mac);
        let truncated = hazmat::truncate(&mac).unwrap();
        assert_eq!(Some(truncated), vector.truncated);
        let code = hazmat::code(truncated, decimal(vector.digits));
        assert_eq!(code.text().as_str(), vector.code);
        // Ten digits show the whole truncated value.
        let ten = Hotp::new(Algorithm::Sha1, &vector.key()).unwrap().with_format(Digits::TEN);
        assert_eq!(ten.generate(vector.counter).text().as_str(), format!("{truncated:010}"));
    }
}

#[test]
fn rfc_6238_appendix_b() {
    assert!(checked("rfc6238.json", 18).iter().all(|vector| vector.step.is_some()));
}

#[test]
fn codes_that_others_agree_on() {
    let vectors = checked("codes-cross-checked.json", 291);
    assert!(vectors.iter().any(|vector| vector.t0 > 0));
}

/// Control: one wrong bit anywhere in a vector is noticed.
#[test]
fn damaged_vector_fails() {
    let mut file: File = read("codes-cross-checked.json");
    file.vectors.truncate(20);
    for vector in &mut file.vectors {
        let mut key = vector.key();
        key[0] ^= 1;
        vector.secret_hex = key.iter().map(|byte| format!("{byte:02x}")).collect();
    }
    assert_eq!(failing(&file.vectors).len(), 20);
}

#[test]
fn steam_guard() {
    let vectors = checked("steam.json", 7);
    let file: serde_json::Value = read("steam.json");
    let alphabet = file["meta"]["alphabet"].as_str().unwrap();
    for vector in &vectors {
        assert!(vector.code.chars().all(|letter| alphabet.contains(letter)));
    }
    // Each letter of the alphabet, and no other, is read.
    for letter in '\0'..='\u{17f}' {
        let text: String = core::iter::repeat_n(letter, 5).collect();
        let known = alphabet.contains(letter.to_ascii_uppercase());
        assert_eq!(CodeFormat::Steam.parse(&text).is_ok(), known, "{letter:?}");
    }
}
