//! passlib of the `OTPContext` era, 2016.

use otp_context::replay::ClockOffset;
use otp_context::wallet::passlib::{PasslibKey, UnreleasedFormat};
use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_context::{Error, OtpContext};
use otp_core::{Algorithm, Period, Secret, Totp, UnixTime};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::recorded::{
    OWNER, algorithm, alike, at, digits, hotp_kind, plain, refused, secret, token, totp_kind,
    verified,
};
use crate::recording::{list, text};
use crate::release::{decrypt, wallet};

const ELSEWHERE: [&str; 3] = ["meta", "hotp_uri_parse", "hotp_to_uri"];
const HERE: [&str; 12] = [
    "hotp",
    "hotp_ctor",
    "totp_stateful",
    "totp_verify_reuse",
    "totp_verify_small_time",
    "context_new",
    "to_json_encrypt",
    "suggest_offset",
    "default_offset",
    "legacy_xor_v0",
    "gen_c_match",
    "legacy_string_v1_v2",
];

pub(crate) fn compare(all: &Value, ledger: &mut Ledger) {
    for section in all.as_object().unwrap().keys() {
        let known = HERE.contains(&section.as_str()) || ELSEWHERE.contains(&section.as_str());
        assert!(known, "section {section} is not compared");
    }
    hotp(all, ledger);
    totp(all, ledger);
    contexts(all, ledger);
    predecessors(all, ledger);
}

fn hotp(all: &Value, ledger: &mut Ledger) {
    for case in all["hotp"].as_array().unwrap() {
        let id = format!("hotp/{}", text(&case["id"]));
        let counter = case["counter"].as_u64().unwrap();
        let kind = hotp_kind(case, counter);
        let credential = OtpContext::new().import(kind, secret(&case["key_hex"]));
        let hotp = credential.hotp().unwrap();
        for (place, pair) in list(&case["tokens"]) {
            let ours = hotp.generate(pair[0].as_u64().unwrap()).text();
            ledger.compare(format!("{id}/tokens/{place}"), &ours.as_str(), &text(&pair[1]));
        }
        for (place, pair) in list(&case["generate"]) {
            // A counter below zero cannot be said.
            let ours = pair[0].as_u64().map(|counter| hotp.generate(counter).text().to_string());
            let theirs = pair[1]["ok"].as_str().map(str::to_owned);
            ledger.compare(format!("{id}/generate/{place}"), &ours, &theirs);
        }
        for (place, theirs) in list(&case["verify"]) {
            let counter = theirs["counter"].as_u64().unwrap();
            let record = plain(hotp_kind(case, counter), &case["key_hex"]);
            let mut step = theirs.clone();
            step["time"] = 0.into();
            let (ours, theirs) = alike(verified(&record, &step, theirs), &theirs["result"]);
            ledger.compare(format!("{id}/verify/{place}"), &ours, &theirs);
        }
        let mut record = plain(kind, &case["key_hex"]);
        for (place, theirs) in list(&case["stateful"]) {
            let mut step = theirs.clone();
            step["time"] = 0.into();
            let before = record.next();
            let ours = if theirs["op"] == "advance" {
                let mut credential = at(0).open(&record, OWNER).unwrap();
                let made = credential.next_token().unwrap();
                record = record.with_next(credential.next());
                assert_eq!(credential.changed(), theirs["changed"].as_bool().unwrap());
                json!({"ok": token(&made, 0.0)})
            } else {
                let ours = verified(&record, &step, theirs);
                if let Some(next) = ours["ok"]["next_counter"].as_u64() {
                    record = record.with_next(next);
                }
                ours
            };
            let (ours, result) = alike(ours, &theirs["result"]);
            let ours = json!([ours, record.next(), record.next() != before]);
            let theirs = json!([result, theirs["counter"], theirs["changed"]]);
            ledger.compare(format!("{id}/stateful/{place}"), &ours, &theirs);
        }
    }
    for (place, case) in list(&all["hotp_ctor"]) {
        let kw = &case["kw"];
        let counter = kw.get("counter").map_or(Some(0), Value::as_u64);
        let start = kw.get("start").map_or(Some(0), Value::as_u64);
        let ours = counter.zip(start).map(|(counter, _)| {
            let kind = hotp_kind(&json!({}), counter);
            let record = plain(kind, &json!("3030303030303030303030303030303030303030"));
            json!([record.next(), kind.name(), null_start()])
        });
        let theirs = case["result"].get("ok");
        let theirs = theirs.map(|ok| json!([ok["counter"], ok["type"], ok["start"]]));
        ledger.compare(format!("hotp_ctor/{place}"), &ours, &theirs);
    }
}

/// There is no lowest legitimate counter beside the lowest unspent one.
fn null_start() -> Value {
    Value::Null
}

fn totp(all: &Value, ledger: &mut Ledger) {
    for (run, case) in list(&all["totp_stateful"]) {
        let mut record = plain(totp_kind(case), &case["key_hex"]);
        for (place, theirs) in list(&case["steps"]) {
            let now = theirs["at"].as_f64().unwrap();
            let before = record.next();
            let mut credential = at(now as u64).open(&record, OWNER).unwrap();
            let ours = if theirs["op"] == "advance" {
                match credential.next_token() {
                    Ok(made) => json!({"ok": token(&made, now)}),
                    // What passlib's `reuse` is with us.
                    Err(Error::Used { .. }) if theirs["args"]["reuse"] == true => {
                        json!({"ok": token(&credential.token().unwrap(), now)})
                    }
                    Err(error) => refused(&error, None),
                }
            } else {
                let ours = verified(&record, theirs, &theirs["args"]);
                if let Some(counter) = ours["ok"]["counter"].as_u64() {
                    record = record.with_next((counter + 1).max(before));
                }
                ours
            };
            record = {
                let next = record.next().max(credential.next());
                record.with_next(next)
            };
            let (mut ours, mut result) = alike(ours, &theirs["result"]);
            for side in [&mut ours, &mut result] {
                if let Some(ok) = side.get_mut("ok").and_then(Value::as_object_mut) {
                    // The fraction of a second is a case of its own.
                    ok.remove("remaining");
                }
            }
            let last = record.next().checked_sub(1);
            let ours = json!([ours, last, record.next() != before]);
            let theirs = json!([result, theirs["last_counter"], theirs["changed"]]);
            ledger.compare(format!("totp_stateful/{run}/{place}"), &ours, &theirs);
        }
    }
    for (place, case) in list(&all["totp_verify_reuse"]) {
        let next = case["args"]["last_counter"].as_u64().map_or(0, |last| last + 1);
        let record = plain(totp_kind(case), &case["key_hex"]).with_next(next);
        let (ours, theirs) = alike(verified(&record, case, &case["args"]), &case["result"]);
        ledger.compare(format!("totp_verify_reuse/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&all["totp_verify_small_time"]) {
        let record = plain(totp_kind(case), &case["key_hex"]);
        let (ours, theirs) = alike(verified(&record, case, case), &case["result"]);
        ledger.compare(format!("totp_verify_small_time/{place}"), &ours, &theirs);
    }
}

fn contexts(all: &Value, ledger: &mut Ledger) {
    for (place, case) in list(&all["context_new"]) {
        let args = &case["args"];
        let context = OtpContext::new()
            .with_digits(digits(&args["digits"]))
            .with_algorithm(algorithm(&args["alg"]));
        let made = match args["type"].as_str() {
            // A new key is not given.
            _ if args.get("key").is_some() => None,
            Some("totp") | None => context.new_totp("a").ok(),
            Some("hotp") => {
                let counter = args["counter"].as_u64().unwrap_or_default();
                let size = algorithm(&args["alg"]).output_size();
                context.new_credential("a", hotp_kind(args, counter), size).ok()
            }
            Some(_) => None,
        };
        let ours = made.map(|credential| {
            let bound = credential.context().totp_kind() == context.totp_kind();
            json!({
                "type": credential.kind().name(),
                "digits": credential.kind().format().length(),
                "keylen": credential.secret().len(),
                "bound": bound,
            })
        });
        ledger.compare(format!("context_new/{place}"), &ours, &case["result"].get("ok").cloned());
    }
    for (place, case) in list(&all["to_json_encrypt"]) {
        let context = OtpContext::new();
        let context = if case["context"] == "secrets" {
            let secrets = ApplicationSecrets::parse("1: abcdefghijklmnopqrstuvwxyz012345").unwrap();
            context.with_wallet(Wallet::new("1".parse().unwrap(), &secrets).unwrap())
        } else {
            context
        };
        let credential = context.new_totp("a").unwrap();
        let encrypt = case["encrypt"].as_bool().unwrap_or_else(|| context.has_wallet());
        let record = if encrypt { credential.seal(OWNER) } else { credential.to_plain_record() };
        let ours =
            record.ok().map(|record| matches!(record.key(), otp_context::StoredKey::Plain(_)));
        let keys = case["result"]["ok"].as_array();
        let theirs = keys.map(|keys| keys.contains(&json!("key")));
        ledger.compare(format!("to_json_encrypt/{place}"), &ours, &theirs);
    }
}

fn predecessors(all: &Value, ledger: &mut Ledger) {
    for (place, case) in list(&all["legacy_xor_v0"]) {
        let secrets: serde_json::Map<_, _> = case["secrets_hex"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(tag, hex)| (tag.clone(), json!({"hex": hex})))
            .collect();
        let ours = decrypt(&wallet(&json!({"secrets": secrets})), &case["enckey"]);
        ledger.compare(format!("legacy_xor_v0/{place}"), &ours, &case["result"]);
        let enckey = &case["enckey"];
        let refused = PasslibKey::from_fields(0, 8, "2", text(&enckey["s"]), text(&enckey["k"]));
        assert_eq!(
            refused.unwrap_err(),
            otp_context::wallet::passlib::PasslibError::UnreleasedFormat(UnreleasedFormat::Xor)
        );
    }
    for (place, case) in list(&all["legacy_string_v1_v2"]) {
        let found = UnreleasedFormat::recognise(text(&case["enckey"]));
        assert_eq!(found.is_some(), case["result"].get("ok").is_some(), "{place}");
        let ours: Option<String> = None;
        let theirs = case["result"]["ok"].as_str().map(str::to_owned);
        ledger.compare(format!("legacy_string/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&all["gen_c_match"]) {
        let key = Secret::from_base32(text(&case["key_base32"])).unwrap();
        let record = plain(totp_kind(&json!({})), &json!(key.reveal_hex().as_str()));
        let ours = verified(&record, case, case);
        let theirs = &case["result"];
        if theirs.get("err").is_some() {
            let (ours, theirs) = alike(ours, theirs);
            ledger.compare(format!("gen_c_match/{place}"), &ours, &theirs);
            continue;
        }
        let (ours, theirs) = (&ours["ok"], &theirs["ok"]);
        for (field, ours) in [
            ("counter", &ours["counter"]),
            ("time", &ours["time"]),
            ("counter_skipped", &ours["skipped"]),
            ("next_offset", &Value::Null),
        ] {
            ledger.compare(format!("gen_c_match/{place}/{field}"), ours, &theirs[field]);
        }
    }
    for (place, case) in list(&all["suggest_offset"]) {
        let period = Period::from_secs(case["period"].as_u64().unwrap()).unwrap();
        let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890").unwrap().with_period(period);
        let known = case["history"].as_array().unwrap().iter().map(|entry| {
            let time = UnixTime::from_secs(entry[0].as_f64().unwrap() as u64);
            let step = totp.counter_at(time).wrapping_add_signed(entry[1].as_i64().unwrap());
            ClockOffset::find(&totp, totp.generate(totp.start_of(step)).code(), time, 8)
        });
        let ours =
            known.reduce(|one, other| one?.narrow(other?)).flatten().map(|offset| offset.seconds());
        let theirs = case["result"].as_i64();
        ledger.compare(format!("suggest_offset/{place}"), &ours, &theirs);
    }
    ledger.compare("default_offset".into(), &0, &all["default_offset"].as_i64().unwrap_or(0));
}
