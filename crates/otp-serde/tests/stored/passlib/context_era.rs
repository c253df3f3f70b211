use otp_context::wallet::ApplicationSecrets;
use otp_context::{OtpContext, Record, StoredKey};
use otp_serde::passlib;
use otp_uri::OtpKind;
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::recorded::{context, parse, plain_json, record, totp, wallet};
use super::recording::{list, text};

pub(crate) fn compare(recorded: &Value, ledger: &mut Ledger) {
    for (_, case) in list(&recorded["hotp"]) {
        hotp_object(case, ledger);
    }
    for (place, case) in list(&recorded["totp_stateful"]) {
        let last = case["steps"].as_array().unwrap().last().unwrap()["last_counter"].as_u64();
        let made = record(totp(case), case).with_next(last.unwrap() + 1);
        let ours = passlib::reveal_json(&made).unwrap().to_string();
        let theirs = text(&case["json_after"]);
        ledger.compare(format!("totp_stateful/{place}/json_after"), &ours.as_str(), &theirs);
        let read = parse(theirs).unwrap();
        assert_eq!((read.next(), read.kind()), (made.next(), made.kind()));
    }
    for (place, case) in list(&recorded["to_json_encrypt"]) {
        let ours = to_json(&case["context"], &case["encrypt"]);
        let theirs = case["result"].get("ok").cloned();
        ledger.compare(format!("to_json_encrypt/{place}"), &ours, &theirs);
    }
    for name in ["legacy_xor_v0", "legacy_string_v1_v2"] {
        for (place, case) in list(&recorded[name]) {
            let json = json!({ "v": 1, "type": "totp", "enckey": case["enckey"] }).to_string();
            let (ours, theirs) = (parse(&json).is_some(), case["result"].get("ok").is_some());
            ledger.compare(format!("{name}/{place}"), &ours, &theirs);
        }
    }
}

fn hotp_object(case: &Value, ledger: &mut Ledger) {
    let name = format!("hotp/{}", text(&case["id"]));
    let OtpKind::Totp { algorithm, digits, .. } = totp(case) else { panic!() };
    let counter = case["counter"].as_u64().unwrap();
    let made = record(OtpKind::Hotp { algorithm, digits, counter }, case);
    plain_json(&name, &made, case, fields, ledger);

    let json = text(&case["json_encrypted"]);
    let read = parse(json).unwrap();
    let StoredKey::Passlib(key) = read.key() else { panic!("the key is plain") };
    let cost = json!({ "encrypt_cost": key.cost() });
    let wallet = wallet(&cost, &case["json_encrypted_secret"]);
    let opened = wallet.open(key).unwrap().into_secret();
    let ours = opened.reveal_hex().as_str().to_owned();
    ledger.compare(format!("{name}/json_encrypted"), &ours.as_str(), &text(&case["key_hex"]));
    let again = passlib::to_json(&read).unwrap().to_string();
    ledger.compare(format!("{name}/json_encrypted/verbatim"), &again.as_str(), &json);

    let last = case["stateful"].as_array().unwrap().last().unwrap();
    let after = made.with_next(last["counter"].as_u64().unwrap());
    let ours = passlib::reveal_json(&after).unwrap().to_string();
    let theirs = text(&case["json_after"]);
    ledger.compare(format!("{name}/json_after"), &ours.as_str(), &theirs);
}

fn fields(record: &Record) -> Value {
    let StoredKey::Plain(secret) = record.key() else { panic!("the key is encrypted") };
    let OtpKind::Hotp { algorithm, digits, counter } = record.kind() else { panic!("not HOTP") };
    json!({
        "type": "hotp",
        "key_hex": secret.reveal_hex().as_str(),
        "alg": algorithm.name().to_lowercase(),
        "digits": digits.get(),
        "label": record.account(),
        "issuer": record.issuer(),
        "counter": counter,
        "start": 0,
    })
}

/// Returns the fields that passlib's `to_json(encrypt=...)` writes.
fn to_json(described: &Value, encrypt: &Value) -> Option<Value> {
    let context = match text(described) {
        "secrets" => {
            let secrets = json!({ "1": "abcdef" });
            context(wallet(&json!({ "encrypt_cost": 4 }), &secrets))
        }
        "no secrets" => {
            assert!(
                otp_context::wallet::passlib::PasslibWallet::new(ApplicationSecrets::new())
                    .is_err()
            );
            OtpContext::new()
        }
        _ => OtpContext::new(),
    };
    let kind = context.totp_kind();
    let credential = context.import(kind, otp_core::Secret::new(&[7; 20]).unwrap());
    // For "auto" the caller decides.
    let encrypt = encrypt.as_bool().unwrap_or(context.passlib_wallet().is_some());
    let json = if encrypt {
        passlib::to_json(&credential.seal_for_passlib().ok()?).ok()?.to_string()
    } else {
        passlib::reveal_json(&credential.to_plain_record().ok()?).ok()?.to_string()
    };
    Some(super::recorded::names(&json))
}
