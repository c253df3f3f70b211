//! What passlib 1.7.4 does besides: groups of keys, names, tags, times.

use std::time::{Duration, SystemTime};

use otp_context::wallet::ApplicationSecret;
use otp_context::wallet::passlib::group_size;
use otp_context::{OtpContext, unix_time};
use otp_core::{Algorithm, Digits, Hotp, Period, Secret};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::recorded::{algorithm, bytes, digits, fields, list, record, text, totp};
use crate::verified::{at, token};

pub(crate) fn compare(cases: &Value, ledger: &mut Ledger) {
    for case in list(&cases["group_size"]) {
        let length = case[0].as_u64().unwrap() as usize;
        // A text of that length, if a key has one.
        let grouped = (1..=length).find_map(|bytes| {
            let secret = Secret::try_from(vec![0; bytes]).unwrap();
            let texts = [secret.reveal_hex(), secret.reveal_base32()];
            texts.into_iter().find(|text| text.as_str().len() == length)
        });
        let ours = grouped.map(|text| {
            text.grouped(group_size(length), "-").as_str().replace(|letter| letter != '-', "x")
        });
        let ours = json!([group_size(length), ours]);
        ledger.compare(format!("group_size/{length}"), [ours, json!([case[1], case[2]])]);
    }
    ledger.each("generate_secret", &cases["generate_secret"], |case| {
        let letters = case["charset_len"].as_u64().unwrap() as usize;
        let alphabet = ApplicationSecret::ALPHANUMERIC.get(..letters).unwrap();
        let bits = case["entropy"].as_u64().unwrap() as u32;
        let ours = ApplicationSecret::generate(bits, alphabet, otp_context::fill).unwrap().len();
        [json!(ours), case["length"].clone()]
    });
    ledger.each("extra_algs", &cases["extra_algs"], |case| {
        let ours = text(&case["alg"]).parse::<Algorithm>().ok().map(|algorithm| {
            let hotp = Hotp::new(algorithm, &bytes(&case["key_hex"])).unwrap();
            hotp.with_format(digits(&case["digits"])).generate(1).text().to_string()
        });
        [json!(ours), case["token"]["ok"].clone()]
    });
    ledger.each("alg_names", &cases["alg_names"], |case| {
        let ours = match case["input"].as_str() {
            Some(input) => input.parse().ok(),
            None => Some(Algorithm::default()),
        };
        [json!(ours.map(|it| it.name().to_lowercase())), case["result"]["ok"].clone()]
    });
    ledger.each("ctor", &cases["ctor"], |case| {
        let kw = &case["kw"];
        let digits = kw["digits"].as_u64().map_or(Ok(Digits::SIX), |it| Digits::new(it as u8));
        let period = kw["period"].as_i64().map_or(Some(Period::THIRTY), |period| {
            Period::from_secs(u64::try_from(period).ok()?).ok()
        });
        let ours = digits.ok().zip(period).map(|(digits, period)| {
            let names = json!({"key_hex": "00", "label": kw["label"], "issuer": kw["issuer"]});
            let record = record(totp(&names), &names);
            json!([digits.get(), period.as_secs(), record.account(), record.issuer()])
        });
        [json!(ours), fields(&case["result"], &["digits", "period", "label", "issuer"])]
    });
    ledger.each("new_sizes", &cases["new_sizes"], |case| {
        let context = OtpContext::new().with_algorithm(algorithm(&case["kw"]["alg"]));
        let new = match case["kw"]["size"].as_u64() {
            Some(size) => context.new_credential("a", context.totp_kind(), size as usize),
            None => context.new_totp("a"),
        };
        [json!(new.ok().map(|made| made.secret().len())), case["result"]["ok"].clone()]
    });
    for (place, case) in list(&cases["totp_token"]).enumerate() {
        let context = at(case["generate_time"].as_u64().unwrap());
        let key = Secret::from_base32(text(&case["key"])).unwrap();
        let credential = context.import(context.totp_kind(), key);
        let ours = token(&credential.token().unwrap(), case["now"].as_f64().unwrap());
        for (field, ours) in ours.as_object().unwrap() {
            let outcomes = [ours.clone(), case[field].clone()];
            ledger.compare(format!("totp_token/{place}/{field}"), outcomes);
        }
    }
    ledger.each("normalize_time", &cases["normalize_time"], |case| {
        let ours = seconds(text(&case["kind"]), text(&case["input"]));
        // Seconds are whole.
        [json!(ours), json!(case["result"]["ok"].as_i64())]
    });
}

/// The seconds of a recorded input of Python's, of which each kind has one.
fn seconds(kind: &str, input: &str) -> Option<i64> {
    let day = |day: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * day);
    let time = match (kind, input) {
        ("int", "0") => day(0),
        ("float", "-1.5") => day(0) - Duration::from_millis(1500),
        ("none", "None") => return at(1_700_000_000).now().ok().map(|time| time.as_secs() as i64),
        ("naive", "datetime.datetime(2020, 1, 1, 0, 0, 59, 999999)") => {
            day(18_262) + Duration::from_micros(59_999_999)
        }
        // The first second of 2020, two hours ahead of UTC.
        ("aware+2", _) => day(18_262) - Duration::from_secs(2 * 3600),
        // A text is no time.
        ("str", "'59'") => return None,
        _ => panic!("{kind} {input}"),
    };
    unix_time(time).ok().map(|time| time.as_secs() as i64)
}
