use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, KeyOwner};
use otp_context::{OtpContext, Record, StoredKey};
use otp_core::Secret;
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::OtpKind;
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::recording::text;

pub(crate) const OWNER: KeyOwner<'static> = KeyOwner::new("user", "credential");

/// Returns passlib's outcome: the fields, or an error.
pub(crate) fn outcome(result: &Value) -> Option<Value> {
    let mut fields = result.get("ok")?.clone();
    // A record that was only read has not changed.
    fields.as_object_mut().unwrap().remove("changed");
    Some(fields)
}

/// Reads passlib's JSON, and returns the outcome in passlib's form.
pub(crate) fn parse(json: &str) -> Option<Record> {
    serde_json::from_str::<PasslibRecord>(json).ok().map(|stored| stored.0)
}

/// Returns the fields of a TOTP object of passlib 1.7.4.
pub(crate) fn fields(record: &Record) -> Value {
    let StoredKey::Plain(secret) = record.key() else { panic!("the key is encrypted") };
    fields_with(record, secret)
}

pub(crate) fn fields_with(record: &Record, secret: &Secret) -> Value {
    let OtpKind::Totp { algorithm, digits, period } = record.kind() else { panic!("not TOTP") };
    json!({
        "key_hex": secret.reveal_hex().as_str(),
        "alg": algorithm.name().to_lowercase(),
        "digits": digits.get(),
        "period": period.as_secs(),
        "label": record.account(),
        "issuer": record.issuer(),
    })
}

/// Returns the JSON of a record with a plain-text key, and the values in passlib's JSON.
pub(crate) fn plain_json(
    name: &str,
    made: &Record,
    case: &Value,
    fields: fn(&Record) -> Value,
    ledger: &mut Ledger,
) {
    let plain = text(&case["json_plain"]);
    let ours = passlib::reveal_json(made).unwrap().to_string();
    ledger.compare(format!("{name}/json_plain"), &ours.as_str(), &plain);
    let ours = parse(plain).as_ref().map(fields);
    let theirs = outcome(&case["json_plain_parsed"]);
    ledger.compare(format!("{name}/json_plain_parsed"), &ours, &theirs);
}

/// Creates a record of recorded fields, as an application does.
pub(crate) fn record(kind: OtpKind, case: &Value) -> Record {
    let key = StoredKey::Plain(Secret::from_hex(text(&case["key_hex"])).unwrap());
    Record::new(kind, key)
        .with_account(case["label"].as_str().unwrap_or_default())
        .with_issuer(case["issuer"].as_str().unwrap_or_default())
}

pub(crate) fn totp(case: &Value) -> OtpKind {
    let number = |name: &str, default| case.get(name).map_or(default, |n| n.as_u64().unwrap());
    OtpKind::Totp {
        algorithm: case.get("alg").map_or("sha1", text).parse().unwrap(),
        digits: u8::try_from(number("digits", 6)).unwrap().try_into().unwrap(),
        period: number("period", 30).try_into().unwrap(),
    }
}

/// Returns the secrets of a recorded wallet: texts, or objects with hex.
pub(crate) fn wallet(recorded: &Value, secrets: &Value) -> PasslibWallet {
    let mut taken = ApplicationSecrets::new();
    for (tag, secret) in secrets.as_object().unwrap() {
        let bytes = match secret {
            Value::String(text) => text.clone().into_bytes(),
            _ => Secret::from_hex(text(&secret["hex"])).unwrap().reveal().to_vec(),
        };
        let secret = ApplicationSecret::new(bytes).unwrap();
        taken = taken.with(tag.parse().unwrap(), secret).unwrap();
    }
    let cost = recorded["encrypt_cost"].as_u64().unwrap();
    let wallet = PasslibWallet::new(taken).unwrap().with_cost(cost.try_into().unwrap()).unwrap();
    match recorded["default_tag"].as_str() {
        Some(tag) => wallet.with_current(tag.parse().unwrap()).unwrap(),
        None => wallet,
    }
}

pub(crate) fn context(wallet: PasslibWallet) -> OtpContext {
    OtpContext::new().with_passlib_wallet(wallet)
}

/// Returns the names of the fields of a JSON object.
pub(crate) fn names(json: &str) -> Value {
    let value: Value = serde_json::from_str(json).unwrap();
    json!(value.as_object().unwrap().keys().collect::<Vec<_>>())
}
