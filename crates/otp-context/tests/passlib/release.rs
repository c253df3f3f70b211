//! passlib 1.7.4.

use otp_context::wallet::passlib::{PasslibWallet, group_size};
use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_context::{OtpContext, Record, StoredKey};
use otp_core::{CodeFormat, Secret, SecretText, UnixTime};
use otp_uri::OtpKind;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::miscellany;
use crate::recorded::{
    OWNER, bytes, context, digits, fields, hex, list, read, secret, text, totp, wallet,
};
use crate::verified::{alike, decrypt, has_only, spent, verified};

/// The first five are otp-uri's and otp-serde's.
const SECTIONS: &str = "\
    meta uri_parse to_uri json_parse from_source key_decoding match_collisions \
    match_small_times misc normalize_token rfc totp using_roundtrip wallet wallets";

pub(crate) fn compare(ledger: &mut Ledger) {
    let all = read("passlib-1.7.4.json");
    has_only(&all, SECTIONS);
    ledger.each("rfc", &all["rfc"]["totp"], |case| {
        let credential = OtpContext::new().import(totp(case), secret(&case["key_hex"]));
        let time = UnixTime::from_secs(case["time"].as_u64().unwrap());
        let code = credential.totp().unwrap().generate(time).code();
        [json!(code.text().as_str()), case["token"].clone()]
    });
    list(&all["totp"]).for_each(|case| object(case, ledger));
    ledger.each("match_small_times", &all["match_small_times"], |case| {
        let is_negative = case["last_counter"].as_i64().is_some_and(|last| last < 0);
        let ours = match is_negative {
            true => json!({"err": "ValueError"}),
            false => verified(&spent(case, &case["last_counter"]), case, case),
        };
        alike(ours, &case["result"])
    });
    for (place, case) in list(&all["match_collisions"]).enumerate() {
        ledger.each(&format!("match_collisions/{place}"), &case["results"], |turn| {
            let record = spent(case, &turn["last_counter"]);
            alike(verified(&record, case, case), &turn["result"])
        });
    }
    ledger.each("key_decoding", &all["key_decoding"], |case| {
        let input = text(&case["input"]);
        let read = match case["format"].as_str() {
            Some("base32") => Secret::from_base32(input).ok(),
            Some("hex") => Secret::from_hex(input).ok(),
            // No other format has a function.
            _ => None,
        };
        [read.map_or(Value::Null, |secret| hex(&secret)), case["result"]["ok"].clone()]
    });
    ledger.each("normalize_token", &all["normalize_token"], |case| {
        let format = CodeFormat::Decimal(digits(&case["digits"]));
        // A code is a text.
        let read = case["input"].as_str().and_then(|input| format.parse(input).ok());
        let ours = read.map(|code| code.text().to_string());
        [json!(ours), case["normalize"]["ok"].clone()]
    });
    ledger.each("using_roundtrip", &all["using_roundtrip"], round_trip);
    wallets(&all, ledger);
    miscellany::compare(&all["misc"], ledger);
}

fn object(case: &Value, ledger: &mut Ledger) {
    let id = format!("totp/{}", text(&case["id"]));
    let credential = OtpContext::new().import(totp(case), secret(&case["key_hex"]));
    let (base32, hex) = (credential.secret().reveal_base32(), credential.secret().reveal_hex());
    let grouped = |text: &SecretText, separator| {
        let grouped = text.grouped(group_size(text.as_str().len()), separator);
        json!(grouped.as_str())
    };
    for (field, ours) in [
        ("base32_key", grouped(&base32, "")),
        ("hex_key", grouped(&hex, "")),
        ("pretty/base32", grouped(&base32, "-")),
        ("pretty/base32_space", grouped(&base32, " ")),
        ("pretty/base32_none", grouped(&base32, "")),
        ("pretty/hex", grouped(&hex, "-")),
        ("pretty/hex_space", grouped(&hex, " ")),
    ] {
        let theirs = case.pointer(&format!("/{field}")).expect("a recorded field");
        ledger.compare(format!("{id}/{field}"), [ours, theirs.clone()]);
    }
    ledger.each(&format!("{id}/tokens"), &case["tokens"], |theirs| {
        let time = UnixTime::from_secs(theirs["time"].as_u64().unwrap());
        let ours = credential.totp().unwrap().generate(time);
        let ours = json!({
            "time": time.as_secs(),
            "token": ours.code().text().as_str(),
            "counter": ours.counter(),
            "start_time": ours.start().as_secs(),
            "expire_time": ours.expires().as_secs(),
        });
        [ours, theirs.clone()]
    });
    ledger.each(&format!("{id}/matches"), &case["matches"], |theirs| {
        let record = spent(case, &theirs["last_counter"]);
        alike(verified(&record, theirs, theirs), &theirs["result"])
    });
}

/// By way of the URI; otp-serde's tests have the way by JSON.
fn round_trip(case: &Value) -> [Value; 2] {
    let (context, object) = (context(&case["factory"]), &case["object"]);
    let issuer = object["issuer"].as_str().unwrap_or_default();
    let credential = context.import(totp(object), secret(&object["key_hex"]));
    let uri = credential.with_issuer(issuer).with_account("l").key_uri().unwrap().to_string();
    let read = context.from_uri(&uri).unwrap();
    let fields = |kind: OtpKind, issuer: Option<&str>| json!([format!("{kind:?}"), issuer]);
    let ours = fields(read.kind(), read.issuer());
    // The round trip itself, whatever passlib made of it.
    assert_eq!(ours, fields(totp(object), object["issuer"].as_str()));
    let theirs = &case["uri_same_factory"];
    [ours, fields(totp(theirs), theirs["issuer"].as_str())]
}

fn wallets(all: &Value, ledger: &mut Ledger) {
    let default_tag = |wallet: &PasslibWallet| json!(wallet.current().as_str());
    for (name, case) in all["wallets"].as_object().unwrap() {
        let made = json!({"secrets": case["secrets"], "default_tag_arg": case["default_tag_arg"]});
        let ours = default_tag(&wallet(&made));
        ledger.compare(format!("wallets/{name}"), [ours, case["default_tag"].clone()]);
    }
    let cases = &all["wallet"];
    for (place, case) in list(&cases["parse"]).enumerate() {
        let source = text(&case["source"]);
        if source.trim_start().starts_with(['[', '{']) {
            continue; // JSON
        }
        let ours = ApplicationSecrets::parse(source).ok().map(|secrets| {
            let entries = secrets.iter().map(|(tag, secret)| {
                (tag.to_string(), hex(&Secret::new(secret.reveal()).unwrap()))
            });
            let entries = Value::Object(entries.collect());
            json!([entries, default_tag(&PasslibWallet::new(secrets).unwrap())])
        });
        let theirs = fields(&case["result"], &["secrets", "default_tag"]);
        ledger.compare(format!("wallet/parse/{place}"), [json!(ours), theirs]);
    }
    ledger.each("wallet/default_tag", &cases["default_tag"], |case| {
        let made = json!({"secrets": case["secrets"]});
        [default_tag(&wallet(&made)), case["result"].clone()]
    });
    ledger.each("wallet/trace", &cases["trace"], |case| {
        let made = json!({"secrets_hex": {"1": case["secret_hex"]}, "encrypt_cost": case["cost"]});
        let (wallet, key) = (wallet(&made), secret(&case["plaintext_hex"]));
        let sealed = wallet.seal(&key, |salt| {
            salt.copy_from_slice(&bytes(&case["salt_hex"]));
            Ok(())
        });
        let sealed = sealed.unwrap();
        assert!(*wallet.open(&sealed).unwrap().secret() == key);
        let ours = json!([sealed.salt_base32(), sealed.key_base32(), sealed.cost()]);
        [ours, json!([case["s"], case["k"], case["cost"]])]
    });
    ledger.each("wallet/changed", &cases["changed"], |case| {
        let ours = changed(case);
        [json!(ours), fields(&case["result"], &["key_hex", "changed"])]
    });
}

/// The key of a record, and whether it is to be stored again.
fn changed(case: &Value) -> Option<(Value, bool)> {
    let json: Value = serde_json::from_str(text(&case["json"])).unwrap();
    let passlib = wallet(&case["wallet"]);
    if let Some(enckey) = json.get("enckey") {
        // The wallet of passlib alone, as in a database that it shares.
        return decrypt(&passlib, enckey);
    }
    let secrets = ApplicationSecrets::parse("1: abcdefghijklmnopqrstuvwxyz012345").unwrap();
    let context = OtpContext::new()
        .with_passlib_wallet(passlib)
        .with_wallet(Wallet::new("1".parse().unwrap(), &secrets).unwrap())
        .with_plain_keys();
    let key = Secret::from_base32(text(&json["key"])).unwrap();
    let record = Record::new(OtpKind::default(), StoredKey::Plain(key));
    let credential = context.open(&record, OWNER).unwrap();
    Some((hex(credential.secret()), credential.changed()))
}
