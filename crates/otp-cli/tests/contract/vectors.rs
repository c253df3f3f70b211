//! The published vectors through `otp code --json` and `otp match`.

use serde_json::Value;

use crate::otp::{SECRET, otp};

/// The fields of a vector and the options that they become.
const OPTIONS: [(&str, &str); 7] = [
    ("type", "--type"),
    ("algorithm", "--algorithm"),
    ("digits", "--digits"),
    ("period", "--period"),
    ("time", "--time"),
    ("t0", "--t0"),
    ("counter", "--counter"),
];

/// Generates and matches each code. Returns how many passed, and how many have a time that is
/// refused.
fn check(file: &str) -> (u32, u32) {
    let file: Value = serde_json::from_str(file).unwrap();
    let (mut seen, mut late) = (0, 0);
    for row in file["vectors"].as_array().unwrap() {
        let mut options = vec!["--hex".to_owned()];
        for (field, option) in OPTIONS {
            // Steam Guard has fixed parameters.
            let fixed = row["type"] == "steam" && !["type", "time"].contains(&field);
            if !fixed && let Some(value) = text(&row[field]) {
                options.extend([option.to_owned(), value]);
            }
        }
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let (key, code) = (row["secret_hex"].as_str().unwrap(), row["code"].as_str().unwrap());
        let made = otp(key, &[&["code", "--json"], &*options].concat());
        // The command refuses times after 9999, which are probably milliseconds.
        if row["time"].as_u64().is_some_and(|time| time > 253_402_300_799) {
            made.failure(2, "invalid", "time");
            late += 1;
            continue;
        }
        assert_eq!(made.object()["code"], code, "{row}");
        let found = otp(key, &[&["match", "--json", code], &*options].concat());
        assert_eq!((found.status, &found.object()["drift"]), (0, &0.into()), "{row}");
        seen += 1;
    }
    (seen, late)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        number => Some(number.to_string()),
    }
}

#[test]
fn rfc_4226_appendix_d() {
    assert_eq!(check(include_str!("../../../../vectors/rfc4226.json")), (10, 0));
}

#[test]
fn rfc_6238_appendix_b() {
    assert_eq!(check(include_str!("../../../../vectors/rfc6238.json")), (18, 0));
}

#[test]
fn steam_guard() {
    assert_eq!(check(include_str!("../../../../vectors/steam.json")), (7, 0));
}

#[test]
fn codes_that_independent_implementations_agree_on() {
    assert_eq!(check(include_str!("../../../../vectors/codes-cross-checked.json")), (231, 60));
}

#[test]
fn default_time_is_now() {
    let clock = || {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        since.as_secs() / 30
    };
    let before = clock();
    let counter = otp(SECRET, &["code", "--json"]).object()["counter"].as_u64().unwrap();
    assert!((before..=clock()).contains(&counter));
}
