//! Every recorded outcome of passlib about its JSON is reproduced, or `exceptions.json` lists the
//! difference with its reason.

#[path = "../../../otp-context/tests/passlib/ledger.rs"]
mod ledger;
#[path = "../../../otp-context/tests/passlib/recorded.rs"]
mod recorded;

use std::collections::BTreeSet;

use otp_context::wallet::ApplicationSecrets;
use otp_context::wallet::passlib::PasslibWallet;
use otp_context::{OtpContext, Record, StoredKey};
use otp_core::{Repairs, Secret};
use otp_serde::passlib::{PasslibRecord, reveal_json, to_json};
use otp_uri::OtpKind;
use serde_json::{Value, json};

use ledger::{Exceptions, Ledger};
use recorded::{OWNER, context, fields, hex, hotp, list, read, record, secret, text, totp, wallet};

/// Reasons without a recorded case. `refusals.txt` has cases of them, and otp-context's recordings.
const UNRECORDED: [&str; 3] = ["bounds", "closed-algorithms", "predecessor-encoding"];

#[test]
fn recorded_outcomes_are_reproduced_or_listed() {
    let mut ledger = Ledger::default();
    release(&read("passlib-1.7.4.json"), &mut ledger);
    context_era(&read("passlib-otpcontext.json"), &mut ledger);

    let exceptions: Exceptions =
        serde_json::from_str(include_str!("passlib/exceptions.json")).unwrap();
    let readme = include_str!("../../README.md");
    let (_, table) = readme.split_once("| Reason | Difference |\n|---|---|\n").unwrap();
    let rows = table.lines().map_while(|line| line.strip_prefix("| `")?.split('`').next());
    let known: BTreeSet<_> = exceptions.keys().map(String::as_str).chain(UNRECORDED).collect();
    assert_eq!(rows.collect::<BTreeSet<_>>(), known, "each reason is explained");
    ledger.settle(&exceptions);
}

/// Reads passlib's JSON.
fn parse(json: &Value) -> Option<Record> {
    serde_json::from_str::<PasslibRecord>(text(json)).ok().map(|stored| stored.0)
}

/// Returns the text of a record with a key in plain text, or encrypted by passlib.
fn written(record: &Record) -> Value {
    match record.key() {
        StoredKey::Plain(_) => json!(reveal_json(record).unwrap().to_string()),
        _ => json!(to_json(record).unwrap().to_string()),
    }
}

const TOTP: &[&str] = &["key_hex", "alg", "digits", "period", "label", "issuer"];
const HOTP: &[&str] = &["key_hex", "alg", "digits", "label", "issuer", "type", "counter", "start"];

/// Returns the fields of a record as passlib has them, if there is one.
fn ours(record: Option<&Record>, key: Option<&Secret>, names: &[&str]) -> Value {
    let Some(record) = record else { return Value::Null };
    let key = match (key, record.key()) {
        (Some(key), _) | (None, StoredKey::Plain(key)) => key,
        _ => panic!("the key is encrypted"),
    };
    let kind = record.kind();
    let (counter, period) = match kind {
        OtpKind::Hotp { counter, .. } => (Some(counter), None),
        OtpKind::Totp { period, .. } => (None, Some(period.as_secs())),
        _ => panic!("not of passlib"),
    };
    let ok = json!({
        "type": kind.name(),
        "key_hex": hex(key),
        "alg": kind.algorithm().name().to_lowercase(),
        "digits": kind.format().length(),
        "period": period,
        "label": record.account(),
        "issuer": record.issuer(),
        "counter": counter,
        "start": 0,
    });
    fields(&json!({ "ok": ok }), names)
}

/// Compares the JSON of a record with a plain-text key, and the values in passlib's JSON.
fn plain(id: &str, made: &Record, case: &Value, names: &[&str], ledger: &mut Ledger) {
    let plain = &case["json_plain"];
    ledger.compare(format!("{id}/json_plain"), [written(made), plain.clone()]);
    let read = ours(parse(plain).as_ref(), None, names);
    let theirs = fields(&case["json_plain_parsed"], names);
    ledger.compare(format!("{id}/json_plain_parsed"), [read, theirs]);
}

fn release(all: &Value, ledger: &mut Ledger) {
    for case in list(&all["totp"]) {
        let id = format!("totp/{}", text(&case["id"]));
        let made = record(totp(case), case);
        plain(&id, &made, case, TOTP, ledger);
        for (place, encrypted) in list(&case["json_encrypted"]).enumerate() {
            let wallet = wallet(&all["wallets"][text(&encrypted["wallet"])]);
            let id = format!("{id}/json_encrypted/{place}");
            encrypted_object(&id, &wallet, case, encrypted, ledger);
        }
    }
    for (section, document) in [("json_parse", "json"), ("from_source", "source")] {
        ledger.each(section, &all[section], |case| {
            let read = parse(&case[document]);
            [ours(read.as_ref(), None, TOTP), fields(&case["result"], TOTP)]
        });
    }
    for (place, case) in list(&all["using_roundtrip"]).enumerate() {
        round_trip(&format!("using_roundtrip/{place}"), case, ledger);
    }
    for (place, case) in list(&all["wallet"]["parse"]).enumerate() {
        let source = text(&case["source"]);
        if source.trim_start().starts_with(['{', '[']) {
            let read =
                otp_serde::secrets::deserialize(&mut serde_json::Deserializer::from_str(source));
            let ours = read.ok().map(|secrets| {
                let hex = |secret: &[u8]| hex(&Secret::new(secret).unwrap());
                let entries = secrets.iter().map(|(tag, it)| (tag.to_string(), hex(it.reveal())));
                Value::Object(entries.collect())
            });
            let theirs = case["result"]["ok"]["secrets"].clone();
            ledger.compare(format!("wallet/parse/{place}"), [json!(ours), theirs]);
        }
    }
    let opener = wallet(&all["wallet"]["decrypt_wallet"]);
    ledger.each("wallet/decrypt", &all["wallet"]["decrypt"], |case| {
        let ours = decrypted(&opener, &case["enckey"]);
        [json!(ours), fields(&case["result"], &["key_hex", "needs_recrypt"])]
    });
}

fn encrypted_object(
    id: &str,
    wallet: &PasslibWallet,
    case: &Value,
    encrypted: &Value,
    ledger: &mut Ledger,
) {
    let json = &encrypted["json"];
    let read = parse(json).unwrap();
    let StoredKey::Passlib(key) = read.key() else { panic!("the key is plain") };
    let opened = wallet.open(key).unwrap();
    let is_stale = json!(opened.stale().is_some());
    ledger.compare(format!("{id}/needs_recrypt"), [is_stale, encrypted["needs_recrypt"].clone()]);
    let fields_now = ours(Some(&read), Some(opened.secret()), TOTP);
    ledger.compare(format!("{id}/parsed"), [fields_now, fields(&case["construct"], TOTP)]);
    ledger.compare(format!("{id}/verbatim"), [written(&read), json.clone()]);

    // With passlib's salt, the written text equals passlib's.
    let salt = text(&encrypted["enckey"]["s"]);
    let salt = Secret::read_base32(salt, Repairs::NONE).unwrap().0;
    let sealed = wallet.seal(&secret(&case["key_hex"]), |buffer| {
        buffer.copy_from_slice(salt.reveal());
        Ok(())
    });
    let again = Record::new(read.kind(), StoredKey::Passlib(sealed.unwrap()))
        .with_account(case["label"].as_str().unwrap_or_default())
        .with_issuer(case["issuer"].as_str().unwrap_or_default());
    ledger.compare(format!("{id}/written"), [written(&again), json.clone()]);
}

/// Compares values that passlib loses if an application's defaults differ from those of the format.
fn round_trip(id: &str, case: &Value, ledger: &mut Ledger) {
    let object = &case["object"];
    let json = written(&record(totp(object), object));
    ledger.compare(format!("{id}/json"), [json.clone(), case["json"].clone()]);
    let same = context(&case["factory"]);
    for (name, context) in [("reloaded_same_factory", same), ("reloaded_plain", OtpContext::new())]
    {
        // The text of this crate: passlib's text has lost the values already.
        let credential = context.open(&parse(&json).unwrap(), OWNER).unwrap();
        let ours = ours(Some(&credential.to_plain_record().unwrap()), None, TOTP);
        ledger.compare(format!("{id}/{name}"), [ours, fields(&json!({"ok": case[name]}), TOTP)]);
    }
}

/// Opens a key that passlib encrypted, by way of a record in JSON.
fn decrypted(wallet: &PasslibWallet, enckey: &Value) -> Option<(Value, bool)> {
    let json = json!({ "v": 1, "type": "totp", "enckey": enckey }).to_string();
    let record = parse(&json!(json))?;
    let StoredKey::Passlib(key) = record.key() else { panic!("the key is plain") };
    let opened = wallet.open(key).ok()?;
    Some((hex(opened.secret()), opened.stale().is_some()))
}

fn context_era(all: &Value, ledger: &mut Ledger) {
    for case in list(&all["hotp"]) {
        let id = format!("hotp/{}", text(&case["id"]));
        let made = record(hotp(case, case["counter"].as_u64().unwrap()), case);
        plain(&id, &made, case, HOTP, ledger);

        let json = &case["json_encrypted"];
        let read = parse(json).unwrap();
        let StoredKey::Passlib(key) = read.key() else { panic!("the key is plain") };
        let described =
            json!({"secrets": case["json_encrypted_secret"], "encrypt_cost": key.cost()});
        let opened = wallet(&described).open(key).unwrap().into_secret();
        ledger.compare(format!("{id}/json_encrypted"), [hex(&opened), case["key_hex"].clone()]);
        let verbatim = [written(&read), json.clone()];
        ledger.compare(format!("{id}/json_encrypted/verbatim"), verbatim);

        let last = list(&case["stateful"]).last().unwrap();
        let after = made.with_next(last["counter"].as_u64().unwrap());
        ledger.compare(format!("{id}/json_after"), [written(&after), case["json_after"].clone()]);
    }
    for (place, case) in list(&all["totp_stateful"]).enumerate() {
        let last = list(&case["steps"]).last().unwrap()["last_counter"].as_u64().unwrap();
        let made = record(totp(case), case).with_next(last + 1);
        let theirs = &case["json_after"];
        let read = parse(theirs).unwrap();
        assert_eq!((read.next(), read.kind()), (made.next(), made.kind()));
        let outcomes = [written(&made), theirs.clone()];
        ledger.compare(format!("totp_stateful/{place}/json_after"), outcomes);
    }
    ledger.each("to_json_encrypt", &all["to_json_encrypt"], |case| {
        let ours = names(text(&case["context"]), &case["encrypt"]);
        [json!(ours), case["result"]["ok"].clone()]
    });
}

/// Returns the names of the fields that passlib's `to_json(encrypt=...)` writes.
fn names(described: &str, encrypt: &Value) -> Option<Vec<String>> {
    let context = match described {
        "secrets" => {
            let secrets = json!({"secrets": {"1": "abcdef"}, "encrypt_cost": 4});
            OtpContext::new().with_passlib_wallet(wallet(&secrets))
        }
        _ => OtpContext::new(),
    };
    assert!(PasslibWallet::new(ApplicationSecrets::new()).is_err(), "a wallet of no secrets");
    let kind = context.totp_kind();
    let credential = context.import(kind, Secret::new(&[7; 20]).unwrap());
    // For "auto" the caller decides.
    let encrypt = encrypt.as_bool().unwrap_or(context.passlib_wallet().is_some());
    let record = if encrypt { credential.seal_for_passlib() } else { credential.to_plain_record() };
    let json: Value = serde_json::from_str(text(&written(&record.ok()?))).unwrap();
    Some(json.as_object().unwrap().keys().cloned().collect())
}
