//! The published vectors through `otp code --json` and `otp match`.

use serde_json::Value;

use crate::otp::otp;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn rows<'v>(file: &'v Value, name: &str) -> &'v Vec<Value> {
    file[name].as_array().unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        number => number.to_string(),
    }
}

/// The code is made, and found.
fn check(key: &str, options: &[&str], code: &str) {
    let made = otp(key, &[&["code", "--json"], options].concat());
    assert_eq!(made.object()["code"], code, "{options:?}");
    let found = otp(key, &[&["match", "--json", code], options].concat());
    assert_eq!((found.status, &found.object()["drift"]), (0, &0.into()), "{options:?}");
}

#[test]
fn rfc_4226_appendix_d() {
    let file = read(include_str!("../../../../vectors/rfc4226.json"));
    let key = file["secret_hex"].as_str().unwrap();
    for row in rows(&file, "vectors") {
        let counter = text(&row["counter"]);
        check(
            key,
            &["--hex", "--type", "hotp", "--counter", &counter],
            row["hotp"].as_str().unwrap(),
        );
    }
}

#[test]
fn rfc_6238_appendix_b() {
    let file = read(include_str!("../../../../vectors/rfc6238.json"));
    for row in rows(&file, "vectors") {
        let algorithm = row["algorithm"].as_str().unwrap();
        let key = file["secrets_hex"][algorithm].as_str().unwrap();
        let time = text(&row["time"]);
        let options = ["--hex", "--digits", "8", "--algorithm", algorithm, "--time", &time];
        check(key, &options, row["totp"].as_str().unwrap());
    }
}

#[test]
fn steam_guard() {
    let file = read(include_str!("../../../../vectors/steam.json"));
    for row in rows(&file, "vectors") {
        let key = row["secret_base32"].as_str().unwrap();
        let time = text(&row["time"]);
        check(key, &["--type", "steam", "--time", &time], row["code"].as_str().unwrap());
    }
}

#[test]
fn codes_that_independent_implementations_agree_on() {
    let file = read(include_str!("../../../../vectors/codes-cross-checked.json"));
    let (mut seen, mut late) = (0, 0);
    for row in rows(&file, "vectors").iter().chain(rows(&file, "t0_vectors")) {
        let mut options = vec!["--hex".to_owned()];
        for (field, option) in [
            ("mode", "--type"),
            ("alg", "--algorithm"),
            ("digits", "--digits"),
            ("period", "--period"),
            ("time", "--time"),
            ("t0", "--t0"),
            ("counter", "--counter"),
        ] {
            if !row[field].is_null() {
                options.extend([option.to_owned(), text(&row[field])]);
            }
        }
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        // The command takes no time after 9999, which would be milliseconds.
        if row["time"].as_u64().is_some_and(|time| time > 253_402_300_799) {
            let run = otp(row["key"].as_str().unwrap(), &[&["code", "--json"], &*options].concat());
            run.failure(2, "invalid", "time");
            late += 1;
            continue;
        }
        let made = otp(row["key"].as_str().unwrap(), &[&["code", "--json"], &*options].concat());
        assert_eq!(made.object()["code"], row["code"], "{}", row["id"]);
        seen += 1;
    }
    assert_eq!((seen, late), (231, 60));
}
