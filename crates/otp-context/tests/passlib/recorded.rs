use otp_context::wallet::KeyOwner;
use otp_context::{Error, OtpContext, Record, StoredKey, Token, Tolerance};
use otp_core::{Algorithm, Digits, Period, Rejected, Secret, UnixTime};
use otp_uri::OtpKind;
use serde_json::{Value, json};

use crate::recording::text;

pub(crate) const OWNER: KeyOwner<'static> = KeyOwner::new("user", "credential");

pub(crate) fn bytes(hex: &Value) -> Vec<u8> {
    if text(hex).is_empty() {
        return Vec::new();
    }
    Secret::from_hex(text(hex)).unwrap().reveal().to_vec()
}

pub(crate) fn secret(hex: &Value) -> Secret {
    Secret::try_from(bytes(hex)).unwrap()
}

pub(crate) fn algorithm(value: &Value) -> Algorithm {
    value.as_str().map_or(Algorithm::Sha1, |name| name.parse().unwrap())
}

pub(crate) fn digits(value: &Value) -> Digits {
    value.as_u64().map_or(Digits::SIX, |digits| Digits::new(digits as u8).unwrap())
}

pub(crate) fn totp_kind(case: &Value) -> OtpKind {
    let period = case["period"].as_u64().map_or(Ok(Period::THIRTY), Period::from_secs);
    OtpKind::Totp {
        algorithm: algorithm(&case["alg"]),
        digits: digits(&case["digits"]),
        period: period.unwrap(),
    }
}

pub(crate) fn hotp_kind(case: &Value, counter: u64) -> OtpKind {
    OtpKind::Hotp { algorithm: algorithm(&case["alg"]), digits: digits(&case["digits"]), counter }
}

/// A context whose clock stands still.
pub(crate) fn at(time: u64) -> OtpContext {
    OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(time)))
}

pub(crate) fn plain(kind: OtpKind, key: &Value) -> Record {
    Record::new(kind, StoredKey::Plain(secret(key)))
}

/// What passlib's `verify`, `match` and `consume` are with us, as its recordings would have it.
pub(crate) fn verified(record: &Record, case: &Value, args: &Value) -> Value {
    let inexpressible = json!({"err": "ValueError"});
    let when = case.get("at").unwrap_or(&case["time"]);
    let Some(time) = when.as_f64().filter(|time| *time >= 0.0) else { return inexpressible };
    let is_totp = !matches!(record.kind(), OtpKind::Hotp { .. });
    let default = if is_totp { 30 } else { 1 };
    let window = args.get("window").filter(|window| !window.is_null());
    let Some(window) = window.map_or(Some(default), Value::as_u64) else { return inexpressible };
    let skew = args.get("skew").and_then(Value::as_i64).unwrap_or_default() as i32;
    let tolerance = if is_totp {
        Tolerance::new().with_seconds(window as u32).with_skew(skew)
    } else {
        Tolerance::new().with_look_ahead(window as u8)
    };
    let reuse = args.get("reuse").and_then(Value::as_bool).unwrap_or_default();
    let tolerance = if reuse { tolerance.with_reuse() } else { tolerance };

    let mut credential = at(time as u64).open(record, OWNER).unwrap();
    let Some(typed) = case["token"].as_str() else { return json!({"err": "a code is a text"}) };
    match credential.consume(typed, tolerance) {
        Ok(hit) => {
            let mut ok = json!({"counter": hit.counter(), "expected_counter": hit.expected(), "skipped": hit.counter() as i64 - hit.expected() as i64});
            if let Some((period, expires)) = hit.period().zip(hit.expires()) {
                let (period, expires) = (period.as_secs(), expires.as_secs());
                ok["time"] = hit.time().unwrap().as_secs().into();
                ok["period"] = period.into();
                ok["expire_time"] = expires.into();
                // A negative skew is counted here, and not by passlib.
                let until = hit.remember_until().unwrap().as_secs();
                ok["cache_time"] = (until - u64::from(skew.min(0).unsigned_abs())).into();
                ok["tuple"] = json!([hit.counter(), hit.time().unwrap().as_secs()]);
            } else {
                ok["next_counter"] = hit.next().into();
                ok["tuple"] = json!([hit.counter(), hit.expected()]);
            }
            json!({"ok": ok})
        }
        Err(error) => refused(&error, credential.spent_until()),
    }
}

pub(crate) fn refused(error: &Error, spent_until: Option<UnixTime>) -> Value {
    let expires = spent_until.map(UnixTime::as_secs);
    match error {
        Error::Rejected(Rejected::Malformed(_)) => json!({"err": "MalformedTokenError"}),
        Error::Rejected(Rejected::Replayed) => {
            json!({"err": "UsedTokenError", "expire_time": expires})
        }
        Error::Rejected(_) => json!({"err": "InvalidTokenError"}),
        Error::Used { until } => json!({"err": "UsedTokenError", "expire_time": until.as_secs()}),
        other => json!({"err": format!("{other:?}")}),
    }
}

/// A recorded result without Python's class hierarchy and warnings, and without what it repeats of
/// the question; of ours only the fields that it has.
pub(crate) fn alike(ours: Value, theirs: &Value) -> (Value, Value) {
    let mut theirs = theirs.clone();
    if let Some(fields) = theirs.as_object_mut() {
        fields.remove("mro");
        fields.remove("warn");
    }
    if let Some(ok) = theirs.get_mut("ok").and_then(Value::as_object_mut) {
        ok.remove("window");
        // The period and the window.
        ok.remove("cache_seconds");
    }
    let mut ours = ours;
    let fields = ours.get_mut("ok").and_then(Value::as_object_mut);
    if let (Some(ours), Some(theirs)) = (fields, theirs["ok"].as_object()) {
        ours.retain(|name, _| theirs.contains_key(name));
    }
    (ours, theirs)
}

pub(crate) fn token(token: &Token, now: f64) -> Value {
    let code = token.code().text();
    match token.totp() {
        None => json!(code.as_str()),
        Some(token) => {
            let now = UnixTime::from_secs(now as u64);
            json!({
                "token": code.as_str(),
                "counter": token.counter(),
                "start_time": token.start().as_secs(),
                "expire_time": token.expires().as_secs(),
                "remaining": token.remaining(now),
                "valid": token.is_valid_at(now),
                "tuple": [code.as_str(), token.expires().as_secs()],
            })
        }
    }
}
