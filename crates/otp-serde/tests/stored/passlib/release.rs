use otp_context::{OtpContext, StoredKey};
use otp_core::Repairs;
use otp_serde::passlib;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::recorded::{
    OWNER, context, fields, fields_with, outcome, parse, plain_json, record, totp, wallet,
};
use super::recording::{list, text};

pub(crate) fn compare(recorded: &Value, ledger: &mut Ledger) {
    for (_, case) in list(&recorded["totp"]) {
        totp_object(recorded, case, ledger);
    }
    for (place, case) in list(&recorded["json_parse"]) {
        let ours = parse(text(&case["json"])).as_ref().map(fields);
        ledger.compare(format!("json_parse/{place}"), &ours, &outcome(&case["result"]));
    }
    for (place, case) in list(&recorded["from_source"]) {
        let source = text(&case["source"]);
        assert!(!source.starts_with("otpauth://"), "a URI");
        let ours = parse(source).as_ref().map(fields);
        ledger.compare(format!("from_source/{place}"), &ours, &outcome(&case["result"]));
    }
    for (place, case) in list(&recorded["using_roundtrip"]) {
        using(&format!("using_roundtrip/{place}"), case, ledger);
    }
    for (place, case) in list(&recorded["wallet"]["parse"]) {
        let source = text(&case["source"]);
        if source.trim_start().starts_with(['{', '[']) {
            secrets(&format!("wallet/parse/{place}"), source, &case["result"], ledger);
        }
    }
    for (place, case) in list(&recorded["wallet"]["decrypt"]) {
        encrypted_key(&format!("wallet/decrypt/{place}"), recorded, case, ledger);
    }
    for (place, case) in list(&recorded["wallet"]["changed"]) {
        changed(&format!("wallet/changed/{place}"), case, ledger);
    }
}

fn totp_object(recorded: &Value, case: &Value, ledger: &mut Ledger) {
    let name = format!("totp/{}", text(&case["id"]));
    let made = record(totp(case), case);
    plain_json(&name, &made, case, fields, ledger);

    for (place, encrypted) in list(&case["json_encrypted"]) {
        let name = format!("{name}/json_encrypted/{place}");
        let json = text(&encrypted["json"]);
        let described = &recorded["wallets"][text(&encrypted["wallet"])];
        let wallet = wallet(described, &described["secrets"]);
        let read = parse(json).unwrap();
        let StoredKey::Passlib(key) = read.key() else { panic!("the key is plain") };
        let opened = wallet.open(key).unwrap();
        ledger.compare(
            format!("{name}/needs_recrypt"),
            &Some(opened.stale().is_some()),
            &encrypted["needs_recrypt"].as_bool(),
        );
        let ours = Some(fields_with(&read, opened.secret()));
        ledger.compare(format!("{name}/parsed"), &ours, &outcome(&case["construct"]));
        let verbatim = passlib::to_json(&read).unwrap().to_string();
        ledger.compare(format!("{name}/verbatim"), &verbatim.as_str(), &json);

        // With passlib's salt, the written text equals passlib's.
        let salt = text(&encrypted["enckey"]["s"]);
        let salt = otp_core::Secret::read_base32(salt, Repairs::NONE).unwrap().0;
        let sealed = wallet.seal(made_secret(&made), |buffer| {
            buffer.copy_from_slice(salt.reveal());
            Ok(())
        });
        let again = otp_context::Record::new(read.kind(), StoredKey::Passlib(sealed.unwrap()))
            .with_account(case["label"].as_str().unwrap_or_default())
            .with_issuer(case["issuer"].as_str().unwrap_or_default());
        let again = passlib::to_json(&again).unwrap().to_string();
        ledger.compare(format!("{name}/written"), &again.as_str(), &json);
    }
}

fn made_secret(record: &otp_context::Record) -> &otp_core::Secret {
    let StoredKey::Plain(secret) = record.key() else { panic!("the key is encrypted") };
    secret
}

/// Checks values that passlib loses if an application's defaults differ from those of the format.
fn using(name: &str, case: &Value, ledger: &mut Ledger) {
    let factory = &case["factory"];
    let otp_uri::OtpKind::Totp { algorithm, digits, period } = totp(factory) else { panic!() };
    let ours = OtpContext::new()
        .with_algorithm(algorithm)
        .with_digits(digits)
        .with_period(period)
        .with_issuer(text(&factory["issuer"]));
    let made = record(totp(&case["object"]), &case["object"]);
    let json = passlib::reveal_json(&made).unwrap().to_string();
    ledger.compare(format!("{name}/json"), &json.as_str(), &text(&case["json"]));
    for (context, reloaded) in
        [(ours, "reloaded_same_factory"), (OtpContext::new(), "reloaded_plain")]
    {
        // The text of this crate: passlib's text has lost the values already.
        let credential = context.open(&parse(&json).unwrap(), OWNER).unwrap();
        let fields = fields(&credential.to_plain_record().unwrap());
        let theirs = outcome(&json!({ "ok": case[reloaded] }));
        ledger.compare(format!("{name}/{reloaded}"), &Some(fields), &theirs);
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Stored(#[serde(with = "otp_serde::secrets")] otp_context::wallet::ApplicationSecrets);

fn secrets(name: &str, source: &str, result: &Value, ledger: &mut Ledger) {
    let ours = serde_json::from_str::<Stored>(source).ok().map(|Stored(secrets)| {
        let hex = |secret: &otp_context::wallet::ApplicationSecret| -> String {
            secret.reveal().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let entries = secrets.iter().map(|(tag, secret)| (tag.to_string(), json!(hex(secret))));
        Value::Object(entries.collect())
    });
    let theirs = result.get("ok").map(|ok| ok["secrets"].clone());
    ledger.compare(name.into(), &ours, &theirs);
}

fn encrypted_key(name: &str, recorded: &Value, case: &Value, ledger: &mut Ledger) {
    let described = &recorded["wallet"]["decrypt_wallet"][0];
    let described =
        if described.is_null() { &recorded["wallet"]["decrypt_wallet"] } else { described };
    let hex = described["secrets_hex"].as_object().unwrap();
    let secrets: serde_json::Map<_, _> =
        hex.iter().map(|(tag, hex)| (tag.clone(), json!({ "hex": hex }))).collect();
    let wallet = wallet(described, &Value::Object(secrets));
    let json = json!({ "v": 1, "type": "totp", "enckey": case["enckey"] }).to_string();
    let ours = parse(&json).and_then(|record| {
        let StoredKey::Passlib(key) = record.key() else { panic!("the key is plain") };
        let opened = wallet.open(key).ok()?;
        let (key, stale) = (opened.secret().reveal_hex(), opened.stale().is_some());
        Some(json!({ "key_hex": key.as_str(), "needs_recrypt": stale }))
    });
    ledger.compare(name.into(), &ours, &case["result"].get("ok").cloned());
}

fn changed(name: &str, case: &Value, ledger: &mut Ledger) {
    let json = text(&case["json"]);
    let wallet = wallet(&case["wallet"], &case["wallet"]["secrets"]);
    let record = parse(json).unwrap();
    // passlib does not wait for a code to match.
    let is_stale = match record.key() {
        StoredKey::Passlib(key) => wallet.open(key).is_ok_and(|opened| opened.stale().is_some()),
        _ => false,
    };
    let ours = context(wallet).open(&record, OWNER).ok().map(|credential| {
        let key = credential.secret().reveal_hex();
        (key.as_str().to_owned(), credential.changed() || is_stale)
    });
    let theirs = case["result"]
        .get("ok")
        .map(|ok| (text(&ok["key_hex"]).to_owned(), ok["changed"].as_bool().unwrap()));
    ledger.compare(name.into(), &ours, &theirs);
}
