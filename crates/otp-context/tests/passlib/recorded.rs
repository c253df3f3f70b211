//! What recordings are made of; otp-serde's tests read the same.

use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, KeyOwner};
use otp_context::{OtpContext, Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::OtpKind;
use serde_json::{Value, json};

pub(crate) const OWNER: KeyOwner<'static> = KeyOwner::new("user", "credential");

/// Reads a file of recordings.
pub(crate) fn read(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Returns some fields of a recorded success, or nothing.
pub(crate) fn fields(result: &Value, names: &[&str]) -> Value {
    result.get("ok").map_or(Value::Null, |ok| names.iter().map(|name| ok[name].clone()).collect())
}

pub(crate) fn bytes(hex: &Value) -> Vec<u8> {
    match text(hex) {
        "" => Vec::new(),
        hex => Secret::from_hex(hex).unwrap().reveal().to_vec(),
    }
}

pub(crate) fn secret(hex: &Value) -> Secret {
    Secret::try_from(bytes(hex)).unwrap()
}

pub(crate) fn hex(secret: &Secret) -> Value {
    json!(secret.reveal_hex().as_str())
}

pub(crate) fn algorithm(value: &Value) -> Algorithm {
    value.as_str().map_or(Algorithm::Sha1, |name| name.parse().unwrap())
}

pub(crate) fn digits(value: &Value) -> Digits {
    let digits = value.as_u64().map_or(Ok(6), u8::try_from).unwrap();
    Digits::new(digits).unwrap()
}

pub(crate) fn period(value: &Value) -> Period {
    value.as_u64().map_or(Period::THIRTY, |period| Period::from_secs(period).unwrap())
}

pub(crate) fn totp(case: &Value) -> OtpKind {
    OtpKind::Totp {
        algorithm: algorithm(&case["alg"]),
        digits: digits(&case["digits"]),
        period: period(&case["period"]),
    }
}

pub(crate) fn hotp(case: &Value, counter: u64) -> OtpKind {
    OtpKind::Hotp { algorithm: algorithm(&case["alg"]), digits: digits(&case["digits"]), counter }
}

/// Makes a context with the recorded defaults of an application.
pub(crate) fn context(factory: &Value) -> OtpContext {
    OtpContext::new()
        .with_algorithm(algorithm(&factory["alg"]))
        .with_digits(digits(&factory["digits"]))
        .with_period(period(&factory["period"]))
        .with_issuer(text(&factory["issuer"]))
}

/// Makes a record of recorded fields, as an application does.
pub(crate) fn record(kind: OtpKind, case: &Value) -> Record {
    Record::new(kind, StoredKey::Plain(secret(&case["key_hex"])))
        .with_account(case["label"].as_str().unwrap_or_default())
        .with_issuer(case["issuer"].as_str().unwrap_or_default())
}

/// Makes a recorded wallet. A secret is a text, or an object with hex.
pub(crate) fn wallet(case: &Value) -> PasslibWallet {
    let secrets = case.get("secrets").or(case.get("secrets_hex")).unwrap().as_object().unwrap();
    let secrets = secrets.iter().fold(ApplicationSecrets::new(), |made, (tag, secret)| {
        let secret = match secret.get("hex") {
            Some(hex) => bytes(hex),
            None if case.get("secrets_hex").is_some() => bytes(secret),
            None => text(secret).into(),
        };
        made.with(tag.parse().unwrap(), ApplicationSecret::new(secret).unwrap()).unwrap()
    });
    let wallet = PasslibWallet::new(secrets).unwrap();
    let wallet = match case["default_tag_arg"].as_str().or(case["default_tag"].as_str()) {
        Some(tag) => wallet.with_current(tag.parse().unwrap()).unwrap(),
        None => wallet,
    };
    let cost = case["encrypt_cost"].as_u64().unwrap_or(14);
    wallet.with_cost(cost.try_into().unwrap()).unwrap()
}
