//! What passlib's calls are with us, as its recordings would have it.

use otp_context::wallet::passlib::{PasslibKey, PasslibWallet};
use otp_context::{Error, OtpContext, Record, Token, Tolerance};
use otp_core::{Rejected, UnixTime};
use otp_uri::OtpKind;
use serde_json::{Value, json};

use crate::recorded::{OWNER, hex, record, totp};

/// A context whose clock stands still.
pub(crate) fn at(time: u64) -> OtpContext {
    OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(time)))
}

/// Fails on a section of recordings that would not be compared.
pub(crate) fn has_only(all: &Value, sections: &str) {
    let mut found = all.as_object().unwrap().keys();
    let unknown = found.find(|section| sections.split(' ').all(|known| known != *section));
    assert_eq!(unknown, None, "a section is not compared");
}

/// A TOTP record whose counters up to a recorded one are spent.
pub(crate) fn spent(case: &Value, last: &Value) -> Record {
    record(totp(case), case).with_next(last.as_u64().map_or(0, |last| last + 1))
}

/// `verify`, `match` and `consume`.
pub(crate) fn verified(record: &Record, case: &Value, args: &Value) -> Value {
    let inexpressible = json!({"err": "ValueError"});
    let is_totp = !matches!(record.kind(), OtpKind::Hotp { .. });
    let when = case.get("at").or(case.get("time")).map_or(Some(0.0), Value::as_f64);
    let Some(time) = when.filter(|time| *time >= 0.0) else { return inexpressible };
    let window = args.get("window").filter(|window| !window.is_null());
    let default = if is_totp { 30 } else { 1 };
    let Some(window) = window.map_or(Some(default), Value::as_u64) else { return inexpressible };
    let skew = args["skew"].as_i64().unwrap_or_default() as i32;
    let tolerance = if is_totp {
        Tolerance::new().with_seconds(window as u32).with_skew(skew)
    } else {
        Tolerance::new().with_look_ahead(window as u8)
    };
    let tolerance = if args["reuse"] == true { tolerance.with_reuse() } else { tolerance };

    let mut credential = at(time as u64).open(record, OWNER).unwrap();
    let Some(typed) = case["token"].as_str() else { return json!({"err": "a code is a text"}) };
    let hit = match credential.consume(typed, tolerance) {
        Ok(hit) => hit,
        Err(error) => return refused(&error, credential.spent_until()),
    };
    let (counter, expected) = (hit.counter(), hit.expected());
    let skipped = counter as i64 - expected as i64;
    let mut ok = json!({"counter": counter, "expected_counter": expected, "skipped": skipped});
    if let Some((period, expires)) = hit.period().zip(hit.expires()) {
        let time = hit.time().unwrap().as_secs();
        ok["time"] = time.into();
        ok["period"] = period.as_secs().into();
        ok["expire_time"] = expires.as_secs().into();
        // A negative skew is counted here, and not by passlib.
        let until = hit.remember_until().unwrap().as_secs();
        ok["cache_time"] = (until - u64::from(skew.min(0).unsigned_abs())).into();
        ok["tuple"] = json!([counter, time]);
    } else {
        ok["next_counter"] = hit.next().into();
        ok["tuple"] = json!([counter, expected]);
    }
    json!({"ok": ok})
}

/// `advance` and `verify` of an object that remembers. The record is what it was before the step.
pub(crate) fn stepped(record: &Record, step: &Value, args: &Value) -> (Value, u64) {
    if step["op"] != "advance" {
        let ours = verified(record, step, args);
        let next = ours["ok"]["counter"].as_u64().map_or(0, |counter| counter + 1);
        return (ours, next.max(record.next()));
    }
    let now = step["at"].as_f64().unwrap_or_default();
    let mut credential = at(now as u64).open(record, OWNER).unwrap();
    let ours = match credential.next_token() {
        Ok(made) => json!({"ok": token(&made, now)}),
        // What passlib's `reuse` is with us.
        Err(Error::Used { .. }) if args["reuse"] == true => {
            json!({"ok": token(&credential.token().unwrap(), now)})
        }
        Err(error) => refused(&error, None),
    };
    assert_eq!(credential.changed(), credential.next() != record.next());
    (ours, credential.next())
}

fn refused(error: &Error, spent_until: Option<UnixTime>) -> Value {
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
pub(crate) fn alike(mut ours: Value, theirs: &Value) -> [Value; 2] {
    let mut theirs = theirs.clone();
    if let Some(fields) = theirs.as_object_mut() {
        fields.retain(|name, _| !["mro", "warn"].contains(&name.as_str()));
    }
    if let Some(ok) = theirs.get_mut("ok").and_then(Value::as_object_mut) {
        // The period and the window.
        ok.retain(|name, _| !["window", "cache_seconds"].contains(&name.as_str()));
    }
    let fields = ours.get_mut("ok").and_then(Value::as_object_mut);
    if let (Some(ours), Some(theirs)) = (fields, theirs["ok"].as_object()) {
        ours.retain(|name, _| theirs.contains_key(name));
    }
    [ours, theirs]
}

pub(crate) fn token(token: &Token, now: f64) -> Value {
    let code = token.code().text();
    let Some(token) = token.totp() else { return json!(code.as_str()) };
    let (now, expires) = (UnixTime::from_secs(now as u64), token.expires().as_secs());
    json!({
        "token": code.as_str(),
        "counter": token.counter(),
        "start_time": token.start().as_secs(),
        "expire_time": expires,
        "remaining": token.remaining(now),
        "valid": token.is_valid_at(now),
        "tuple": [code.as_str(), expires],
    })
}

/// Opens a key that passlib encrypted.
pub(crate) fn decrypt(wallet: &PasslibWallet, enckey: &Value) -> Option<(Value, bool)> {
    let [version, cost] = ["v", "c"].map(|name| enckey[name].as_u64());
    let [tag, salt, key] = ["t", "s", "k"].map(|name| enckey[name].as_str());
    let key = PasslibKey::from_fields(version?, cost?, tag?, salt?, key?).ok()?;
    let opened = wallet.open(&key).ok()?;
    Some((hex(opened.secret()), opened.stale().is_some()))
}
