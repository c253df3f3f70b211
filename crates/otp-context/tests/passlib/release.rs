//! passlib 1.7.4.

use otp_context::OtpContext;
use otp_context::wallet::passlib::{PasslibKey, PasslibWallet, group_size};
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, Tag, Wallet};
use otp_core::{CodeFormat, Period, Secret, SecretText, UnixTime};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::miscellany;
use crate::recorded::{OWNER, algorithm, alike, bytes, digits, plain, secret, totp_kind, verified};
use crate::recording::{list, text};

/// What otp-uri and otp-serde answer for.
const ELSEWHERE: [&str; 6] =
    ["meta", "uri_parse", "to_uri", "json_parse", "from_source", "wallets"];
const HERE: [&str; 9] = [
    "rfc",
    "totp",
    "match_small_times",
    "match_collisions",
    "key_decoding",
    "normalize_token",
    "using_roundtrip",
    "wallet",
    "misc",
];

pub(crate) fn compare(all: &Value, ledger: &mut Ledger) {
    for section in all.as_object().unwrap().keys() {
        let known = HERE.contains(&section.as_str()) || ELSEWHERE.contains(&section.as_str());
        assert!(known, "section {section} is not compared");
    }
    tokens(&all["rfc"]["totp"], "rfc", ledger);
    totp(all, ledger);
    matching(all, ledger);
    keys(all, ledger);
    codes(&all["normalize_token"], ledger);
    round_trips(&all["using_roundtrip"], ledger);
    wallets(all, ledger);
    miscellany::compare(&all["misc"], ledger);
}

fn tokens(cases: &Value, name: &str, ledger: &mut Ledger) {
    for (place, case) in list(cases) {
        let credential = OtpContext::new().import(totp_kind(case), secret(&case["key_hex"]));
        let time = UnixTime::from_secs(case["time"].as_u64().unwrap());
        let ours = credential.totp().unwrap().generate(time).code().text();
        ledger.compare(format!("{name}/{place}"), &ours.as_str(), &text(&case["token"]));
    }
}

fn totp(all: &Value, ledger: &mut Ledger) {
    for case in all["totp"].as_array().unwrap() {
        let id = format!("totp/{}", text(&case["id"]));
        let context = OtpContext::new();
        let credential = context.import(totp_kind(case), secret(&case["key_hex"]));
        let (base32, hex) = (credential.secret().reveal_base32(), credential.secret().reveal_hex());
        let ours = json!({
            "base32_key": base32.as_str(),
            "hex_key": hex.as_str(),
            "base32": grouped(&base32, "-").as_str(),
            "base32_space": grouped(&base32, " ").as_str(),
            "base32_none": grouped(&base32, "").as_str(),
            "hex": grouped(&hex, "-").as_str(),
            "hex_space": grouped(&hex, " ").as_str(),
        });
        for (field, theirs) in [("base32_key", &case["base32_key"]), ("hex_key", &case["hex_key"])]
        {
            ledger.compare(format!("{id}/{field}"), &ours[field], theirs);
        }
        for (field, theirs) in case["pretty"].as_object().unwrap() {
            ledger.compare(format!("{id}/pretty/{field}"), &ours[field], theirs);
        }
        for (place, theirs) in list(&case["tokens"]) {
            let time = UnixTime::from_secs(theirs["time"].as_u64().unwrap());
            let ours = credential.totp().unwrap().generate(time);
            let ours = json!({
                "time": time.as_secs(),
                "token": ours.code().text().as_str(),
                "counter": ours.counter(),
                "start_time": ours.start().as_secs(),
                "expire_time": ours.expires().as_secs(),
            });
            ledger.compare(format!("{id}/tokens/{place}"), &ours, theirs);
        }
        for (place, theirs) in list(&case["matches"]) {
            let next = theirs["last_counter"].as_u64().map_or(0, |last| last + 1);
            let record = plain(totp_kind(case), &case["key_hex"]).with_next(next);
            let (ours, theirs) = alike(verified(&record, theirs, theirs), &theirs["result"]);
            ledger.compare(format!("{id}/matches/{place}"), &ours, &theirs);
        }
        for (place, encrypted) in list(&case["json_encrypted"]) {
            let wallet = wallet(&all["wallets"][text(&encrypted["wallet"])]);
            let opened = decrypt(&wallet, &encrypted["enckey"]);
            let theirs = json!({"ok": {
                "key_hex": case["key_hex"],
                "needs_recrypt": encrypted["needs_recrypt"],
            }});
            ledger.compare(format!("{id}/json_encrypted/{place}"), &opened, &theirs);
        }
    }
}

fn matching(all: &Value, ledger: &mut Ledger) {
    for (place, case) in list(&all["match_small_times"]) {
        let last = case["last_counter"].as_i64();
        let record = plain(totp_kind(case), &case["key_hex"]);
        let ours = match last.map(u64::try_from) {
            Some(Err(_)) => json!({"err": "ValueError"}),
            Some(Ok(last)) => verified(&record.with_next(last + 1), case, case),
            None => verified(&record, case, case),
        };
        let (ours, theirs) = alike(ours, &case["result"]);
        ledger.compare(format!("match_small_times/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&all["match_collisions"]) {
        for (turn, result) in list(&case["results"]) {
            let next = result["last_counter"].as_u64().map_or(0, |last| last + 1);
            let record = plain(totp_kind(case), &case["key_hex"]).with_next(next);
            let (ours, theirs) = alike(verified(&record, case, case), &result["result"]);
            ledger.compare(format!("match_collisions/{place}/{turn}"), &ours, &theirs);
        }
    }
}

fn keys(all: &Value, ledger: &mut Ledger) {
    for (place, case) in list(&all["key_decoding"]) {
        let input = text(&case["input"]);
        let read = match case["format"].as_str() {
            Some("base32") => Secret::from_base32(input).ok(),
            Some("hex") => Secret::from_hex(input).ok(),
            // No other format has a function.
            _ => None,
        };
        let ours = read.map(|secret| secret.reveal_hex().as_str().to_owned());
        let theirs = case["result"]["ok"].as_str().map(str::to_owned);
        ledger.compare(format!("key_decoding/{place}"), &ours, &theirs);
    }
}

fn codes(cases: &Value, ledger: &mut Ledger) {
    for (place, case) in list(cases) {
        let format = CodeFormat::Decimal(digits(&case["digits"]));
        // A code is a text.
        let read = case["input"].as_str().and_then(|input| format.parse(input).ok());
        let ours = read.map(|code| code.text().as_str().to_owned());
        let theirs = case["normalize"]["ok"].as_str().map(str::to_owned);
        ledger.compare(format!("normalize_token/{place}"), &ours, &theirs);
    }
}

fn round_trips(cases: &Value, ledger: &mut Ledger) {
    for (place, case) in list(cases) {
        let (factory, object) = (&case["factory"], &case["object"]);
        let context = OtpContext::new()
            .with_algorithm(algorithm(&factory["alg"]))
            .with_digits(digits(&factory["digits"]))
            .with_period(
                factory["period"]
                    .as_u64()
                    .map_or(Period::THIRTY, |period| Period::from_secs(period).unwrap()),
            )
            .with_issuer(factory["issuer"].as_str().unwrap_or_default());
        let credential = context
            .import(totp_kind(object), secret(&object["key_hex"]))
            .with_issuer(object["issuer"].as_str().unwrap_or_default())
            .with_account("l");
        let record = credential.to_plain_record().unwrap();
        let uri = credential.key_uri().unwrap().to_string();
        let same = context.open(&record, OWNER).unwrap();
        let other = OtpContext::new().open(&record, OWNER).unwrap();
        let read = context.from_uri(&uri).unwrap();
        let reloaded = [
            ("reloaded_same_factory", same),
            ("reloaded_plain", other),
            ("uri_same_factory", read),
        ];
        for (name, ours) in reloaded {
            let fields =
                |kind: otp_uri::OtpKind, issuer: Option<&str>| json!([format!("{kind:?}"), issuer]);
            let theirs = fields(totp_kind(&case[name]), case[name]["issuer"].as_str());
            let ours = fields(ours.kind(), ours.issuer());
            // The round trip itself, whatever passlib made of it.
            assert_eq!(ours, fields(totp_kind(object), object["issuer"].as_str()));
            ledger.compare(format!("using_roundtrip/{place}/{name}"), &ours, &theirs);
        }
    }
}

pub(crate) fn wallet(case: &Value) -> PasslibWallet {
    let mut secrets = ApplicationSecrets::new();
    for (tag, secret) in case["secrets"].as_object().unwrap() {
        let secret = match secret.get("hex") {
            Some(hex) => bytes(hex),
            None => text(secret).into(),
        };
        let secret = ApplicationSecret::new(secret).unwrap();
        secrets = secrets.with(tag.parse().unwrap(), secret).unwrap();
    }
    let wallet = PasslibWallet::new(secrets).unwrap();
    let wallet = match case["default_tag_arg"].as_str().or(case["default_tag"].as_str()) {
        Some(tag) => wallet.with_current(tag.parse().unwrap()).unwrap(),
        None => wallet,
    };
    let cost = case["encrypt_cost"].as_u64().unwrap_or(14) as u8;
    wallet.with_cost(cost).unwrap()
}

pub(crate) fn decrypt(wallet: &PasslibWallet, enckey: &Value) -> Value {
    // The reader of the JSON finds missing and mistyped fields.
    let fields = || {
        Some((
            enckey["v"].as_u64()?,
            enckey["c"].as_u64()?,
            enckey["t"].as_str()?,
            enckey["s"].as_str()?,
            enckey["k"].as_str()?,
        ))
    };
    let Some((version, cost, tag, salt, key)) = fields() else { return Value::Null };
    let opened =
        PasslibKey::from_fields(version, cost, tag, salt, key).and_then(|key| wallet.open(&key));
    match opened {
        Ok(opened) => json!({"ok": {
            "key_hex": opened.secret().reveal_hex().as_str(),
            "needs_recrypt": opened.stale().is_some(),
        }}),
        Err(_) => Value::Null,
    }
}

fn wallets(all: &Value, ledger: &mut Ledger) {
    for (name, case) in all["wallets"].as_object().unwrap() {
        let wallet = wallet(
            &json!({"secrets": case["secrets"], "default_tag_arg": case["default_tag_arg"]}),
        );
        ledger.compare(
            format!("wallets/{name}"),
            &wallet.current().as_str(),
            &text(&case["default_tag"]),
        );
    }
    let cases = &all["wallet"];
    for (place, case) in list(&cases["parse"]) {
        let source = text(&case["source"]);
        if source.trim_start().starts_with(['[', '{']) {
            continue; // JSON
        }
        let ours = ApplicationSecrets::parse(source).ok().map(|secrets| {
            let all: serde_json::Map<_, _> = secrets
                .iter()
                .map(|(tag, secret)| {
                    let hex = Secret::new(secret.reveal()).unwrap().reveal_hex();
                    (tag.to_string(), json!(hex.as_str()))
                })
                .collect();
            let current = PasslibWallet::new(secrets).unwrap().current().to_string();
            json!({"secrets": all, "default_tag": current, "has_secrets": true})
        });
        let theirs = case["result"].get("ok").cloned();
        ledger.compare(format!("wallet/parse/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["default_tag"]) {
        let wallet = wallet(&json!({"secrets": case["secrets"]}));
        ledger.compare(
            format!("wallet/default_tag/{place}"),
            &wallet.current().as_str(),
            &text(&case["result"]),
        );
    }
    let opener = &cases["decrypt_wallet"];
    let secrets: serde_json::Map<_, _> = opener["secrets_hex"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(tag, hex)| (tag.clone(), json!({"hex": hex})))
        .collect();
    let opener = wallet(&json!({
        "secrets": secrets,
        "encrypt_cost": opener["encrypt_cost"],
        "default_tag": opener["default_tag"],
    }));
    for (place, case) in list(&cases["decrypt"]) {
        let ours = decrypt(&opener, &case["enckey"]);
        let theirs = case["result"].get("ok").map_or(Value::Null, |ok| json!({"ok": ok}));
        ledger.compare(format!("wallet/decrypt/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["trace"]) {
        let secrets = json!({"1": {"hex": case["secret_hex"]}});
        let wallet = wallet(&json!({"secrets": secrets, "encrypt_cost": case["cost"]}));
        let key = secret(&case["plaintext_hex"]);
        let sealed = wallet.seal(&key, |salt| {
            salt.copy_from_slice(&bytes(&case["salt_hex"]));
            Ok(())
        });
        let sealed = sealed.unwrap();
        let ours = json!([sealed.salt_base32(), sealed.key_base32(), sealed.cost()]);
        let theirs = json!([case["s"], case["k"], case["cost"]]);
        ledger.compare(format!("wallet/trace/{place}"), &ours, &theirs);
        assert!(*wallet.open(&sealed).unwrap().secret() == key);
    }
    for (place, case) in list(&cases["changed"]) {
        changed(place, case, ledger);
    }
}

fn changed(place: usize, case: &Value, ledger: &mut Ledger) {
    let theirs = &case["result"]["ok"];
    let json: Value = serde_json::from_str(text(&case["json"])).unwrap();
    let context = OtpContext::new().with_passlib_wallet(wallet(&case["wallet"]));
    let ours = match json.get("enckey") {
        // The wallet of passlib alone, as in a database that it shares.
        Some(enckey) => match decrypt(context.passlib_wallet().unwrap(), enckey) {
            Value::Null => Value::Null,
            opened => json!([opened["ok"]["key_hex"], opened["ok"]["needs_recrypt"]]),
        },
        None => {
            let secrets = ApplicationSecrets::parse("1: abcdefghijklmnopqrstuvwxyz012345").unwrap();
            let wallet = Wallet::new("1".parse::<Tag>().unwrap(), &secrets).unwrap();
            let key = Secret::from_base32(text(&json["key"])).unwrap();
            let record = otp_context::Record::new(
                otp_uri::OtpKind::default(),
                otp_context::StoredKey::Plain(key),
            );
            let credential =
                context.with_wallet(wallet).with_plain_keys().open(&record, OWNER).unwrap();
            json!([credential.secret().reveal_hex().as_str(), credential.changed()])
        }
    };
    let theirs = match theirs {
        Value::Null => Value::Null,
        ok => json!([ok["key_hex"], ok["changed"]]),
    };
    ledger.compare(format!("wallet/changed/{place}"), &ours, &theirs);
}

fn grouped(text: &SecretText, separator: &str) -> SecretText {
    text.grouped(group_size(text.as_str().len()), separator)
}
