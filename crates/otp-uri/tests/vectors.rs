//! The collected URIs of other implementations are read, written and refused as they expect.
//!
//! `exceptions.json` lists the differences, each with a reason and with our outcome. The test fails for a
//! difference that is not listed, for an entry that agrees, and for an entry with another outcome.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects, clippy::std_instead_of_alloc)]

use std::collections::{BTreeMap, BTreeSet};

use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::{ErrorKind, KeyUri, Label, OtpKind, ParsedUri};
use serde_json::{Map, Value, json};

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The rows of a list in such a file.
fn rows(name: &str, list: &str) -> Vec<Value> {
    vectors(name)[list].as_array().unwrap().clone()
}

/// A case: its name, the expected outcome, and ours.
type Case = (String, Value, Value);

/// Returns our outcome of each case that differs.
fn differences(cases: impl IntoIterator<Item = Case>) -> BTreeMap<String, Value> {
    let differs = |(id, expected, actual): Case| (expected != actual).then_some((id, actual));
    cases.into_iter().filter_map(differs).collect()
}

/// Returns the listed differences of a file.
fn listed(file: &str) -> BTreeMap<String, Value> {
    let exceptions: Value = serde_json::from_str(include_str!("exceptions.json")).unwrap();
    let list = exceptions[file].as_array().expect("a list for each file").iter();
    list.map(|exception| {
        let reason = exception["reason"].as_str().unwrap();
        assert!(exceptions["reasons"][reason].is_string(), "{reason:?} is not a reason");
        (exception["case"].as_str().unwrap().to_owned(), exception["here"].clone())
    })
    .collect()
}

fn assert_agree(file: &str, cases: impl IntoIterator<Item = Case>) {
    let mut cases = cases.into_iter().peekable();
    assert!(cases.peek().is_some(), "no cases in {file}");
    assert_eq!(differences(cases), listed(file), "{file}");
}

/// Returns a value in the form of the vectors.
fn fields(uri: &KeyUri, prefix: Option<&str>) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.into(), value);
    set("type", json!(uri.kind().name()));
    set("account", json!(uri.label().account()));
    set("issuer", json!(uri.label().issuer()));
    set("secret_hex", json!(uri.secret().reveal_hex().as_str()));
    set("algorithm", json!(uri.kind().algorithm().name()));
    set("digits", json!(uri.kind().format().length()));
    match *uri.kind() {
        OtpKind::Totp { period, .. } => set("period", json!(period.as_secs())),
        OtpKind::Hotp { counter, .. } => set("counter", json!(counter)),
        _ => set("period", json!(30)),
    };
    if let Some(prefix) = prefix
        && uri.label().issuer() != Some(prefix)
    {
        set("label_issuer", json!(prefix));
    }
    Value::Object(fields)
}

fn outcome(result: Result<ParsedUri, otp_uri::Error>) -> Value {
    match result {
        Ok(parsed) => fields(&parsed.uri, parsed.prefix.as_deref()),
        Err(error) if error.kind() == ErrorKind::Unsupported => json!("unsupported"),
        Err(_) => json!("reject"),
    }
}

/// Returns the expected outcome of the tolerant reader. Two types are recognised and refused.
fn expected(case: &Value) -> Value {
    let mut expect = case["expect"].clone();
    if matches!(expect["type"].as_str(), Some("yandex" | "motp")) {
        return json!("unsupported");
    }
    // This crate reads a missing account as an empty one.
    if expect["account"].is_null() && expect.is_object() {
        expect["account"] = json!("");
    }
    expect
}

#[test]
fn tolerant_reader_reads_the_collection() {
    let case = |case: &Value| {
        let mut actual = outcome(KeyUri::parse(case["uri"].as_str().unwrap()));
        let expected = expected(case);
        if expected == "reject" && actual == "unsupported" {
            actual = json!("reject");
        }
        (case["id"].as_str().unwrap().to_owned(), expected, actual)
    };
    assert_agree("otpauth-uris", rows("otpauth-uris", "cases").iter().map(case));
}

/// Returns the findings for a case, in the words of the flags.
fn said(uri: &str) -> BTreeSet<String> {
    match KeyUri::parse(uri) {
        Ok(reading) => reading.findings.iter().map(|it| it.code().to_owned()).collect(),
        Err(error) => BTreeSet::from([error.kind().name().to_owned()]),
    }
}

/// Two flags are no findings: they name the effect of a misreading.
#[test]
fn findings_agree_with_the_flags() {
    let file = vectors("otpauth-uris");
    let explained = file["meta"]["flags"].as_object().unwrap();
    let mut used = BTreeSet::new();
    for case in file["cases"].as_array().unwrap() {
        let flags = case["flags"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        let mut flags: BTreeSet<String> = flags.map(str::to_owned).collect();
        used.extend(flags.clone());
        flags.retain(|flag| flag != "wrong_code" && flag != "large_counter");
        assert_eq!(said(case["uri"].as_str().unwrap()), flags, "{}", case["id"]);
    }
    assert!(used.iter().eq(explained.keys()), "{used:?}");
}

/// The specifications have only TOTP and HOTP.
#[test]
fn strict_reader_accepts_only_valid_uris() {
    let (mut valid, mut invalid) = (0, 0);
    for case in rows("otpauth-uris", "cases") {
        let text = case["uri"].as_str().unwrap();
        let strict = KeyUri::parse_strict(text).ok();
        let tolerant = KeyUri::parse(text).ok().map(|parsed| parsed.uri);
        let is_valid = case["spec"] == "valid";
        assert_eq!(strict, tolerant.filter(|_| is_valid), "{}", case["id"]);
        assert_eq!(strict.is_some(), is_valid, "{}", case["id"]);
        valid += u32::from(is_valid);
        invalid += u32::from(case["spec"] == "invalid");
    }
    assert!(valid > 50 && invalid > 50);
}

/// Returns a value in passlib's form.
fn passlib_fields(parsed: &ParsedUri, shape: &Value) -> Value {
    let uri = &parsed.uri;
    let (period, counter) = match *uri.kind() {
        OtpKind::Totp { period, .. } => (Some(period.as_secs()), None),
        OtpKind::Hotp { counter, .. } => (None, Some(counter)),
        _ => (None, None),
    };
    let all = json!({
        "type": uri.kind().name(),
        "key_hex": uri.secret().reveal_hex().as_str(),
        "alg": uri.kind().algorithm().name().to_lowercase(),
        "digits": uri.kind().format().length(),
        "period": period,
        "label": uri.label().account(),
        "issuer": uri.label().issuer(),
        "changed": false,
        "counter": counter,
        "start": counter,
    });
    let Some(shape) = shape.as_object() else { return all };
    Value::Object(shape.keys().map(|key| (key.clone(), all[key].clone())).collect())
}

fn passlib_reading(case: &Value) -> Case {
    let text = case["uri"].as_str().unwrap();
    let ok = &case["result"]["ok"];
    let expected = if ok.is_null() { json!("reject") } else { ok.clone() };
    let actual = match KeyUri::parse(text) {
        Ok(parsed) => {
            // This crate has a finding where passlib warns.
            let warns = case["result"]["warn"].is_array();
            assert!(!warns || !parsed.findings.is_empty(), "no finding in {text}");
            passlib_fields(&parsed, ok)
        }
        Err(_) => json!("reject"),
    };
    (text.into(), expected, actual)
}

#[test]
fn passlib_readings() {
    for (name, list) in [("passlib-1.7.4", "uri_parse"), ("passlib-otpcontext", "hotp_uri_parse")] {
        assert_agree(list, rows(name, list).iter().map(passlib_reading));
    }
}

/// Writes the value of a case: the arguments of a constructor, and optionally another label and issuer.
fn passlib_writing(case: &Value, is_hotp: bool) -> Case {
    let fields = if is_hotp { &case["kw"] } else { &case["ctor"] };
    let chosen = |place: usize, name: &str| {
        let given = case["args"].get(place).and_then(Value::as_str);
        given.or(fields[name].as_str()).unwrap_or_default().to_owned()
    };
    let algorithm: Algorithm = fields["alg"].as_str().unwrap_or("sha1").parse().unwrap();
    let digits = Digits::new(u8::try_from(fields["digits"].as_u64().unwrap_or(6)).unwrap());
    let digits = digits.unwrap();
    let kind = if is_hotp {
        OtpKind::Hotp { algorithm, digits, counter: fields["counter"].as_u64().unwrap_or(0) }
    } else {
        let period = Period::from_secs(fields["period"].as_u64().unwrap_or(30)).unwrap();
        OtpKind::Totp { algorithm, digits, period }
    };
    let write = || {
        let issuer = chosen(1, "issuer");
        let label = Label::new(&chosen(0, "label"))?;
        let label = if issuer.is_empty() { label } else { label.with_issuer(&issuer)? };
        let secret = Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap();
        Ok::<_, otp_uri::Error>(KeyUri::new(label, secret, kind)?.to_string())
    };
    let ok = &case["result"]["ok"];
    let expected = if ok.is_null() { json!("reject") } else { ok.clone() };
    let id = serde_json::to_string(&json!([fields, case["args"]])).unwrap();
    (id, expected, write().map_or(json!("reject"), Value::String))
}

#[test]
fn passlib_writings() {
    for (name, list) in [("passlib-1.7.4", "to_uri"), ("passlib-otpcontext", "hotp_to_uri")] {
        let is_hotp = list == "hotp_to_uri";
        assert_agree(list, rows(name, list).iter().map(|case| passlib_writing(case, is_hotp)));
    }
}

/// A control: the comparison notices a difference that is not listed, an entry that agrees, and an entry
/// with another outcome.
#[test]
fn control_differences_are_noticed() {
    let honest: Vec<_> = rows("passlib-1.7.4", "uri_parse").iter().map(passlib_reading).collect();
    let listed = listed("uri_parse");
    let place = honest.iter().position(|(id, ..)| listed.contains_key(id)).unwrap();
    for outcome in [honest[place].1.clone(), json!("another")] {
        let mut wrong = honest.clone();
        wrong[place].2 = outcome;
        assert_ne!(differences(wrong), listed);
    }
    let different = honest.into_iter().chain([("new".into(), json!(1), json!(2))]);
    assert_ne!(differences(different), listed);
}

/// Returns the outcome of an export. If all accounts are refused, so is the export.
#[cfg(feature = "migration")]
fn outcome_of_export(text: &str) -> Value {
    use otp_uri::migration::{Batch, Page};

    let Ok(page) = Page::parse(text) else { return json!("reject") };
    let account = |account: Result<ParsedUri, _>| {
        account.map_or(json!("reject"), |parsed| fields(&parsed.uri, None))
    };
    let accounts: Vec<Value> = page.accounts().map(account).collect();
    if !accounts.is_empty() && accounts.iter().all(|account| account == "reject") {
        return json!("reject");
    }
    let Batch { id, index, size } = page.batch();
    let batch = json!({ "size": size, "index": index, "id": id });
    json!({ "version": page.version(), "batch": batch, "accounts": accounts })
}

#[cfg(feature = "migration")]
#[test]
fn exports_are_read_as_collected() {
    let case = |case: &Value| {
        let mut expected = case["expect"].clone();
        let accounts = expected.get_mut("accounts").and_then(Value::as_array_mut);
        for account in accounts.into_iter().flatten().filter_map(Value::as_object_mut) {
            account.remove("name_field");
        }
        let actual = outcome_of_export(case["uri"].as_str().unwrap());
        (case["id"].as_str().unwrap().to_owned(), expected, actual)
    };
    assert_agree("migration-uris", rows("migration-uris", "cases").iter().map(case));
}
