//! What passlib 1.7.4 does besides: groups of keys, names, tags, times.

use std::time::{Duration, SystemTime};

use otp_context::wallet::ApplicationSecret;
use otp_context::wallet::passlib::group_size;
use otp_context::{OtpContext, unix_time};
use otp_core::{Algorithm, Digits, Hotp, Period, Secret};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::recorded::{algorithm, at, bytes, digits, plain, token, totp_kind};
use crate::recording::{list, text};

pub(crate) fn compare(cases: &Value, ledger: &mut Ledger) {
    for case in cases["group_size"].as_array().unwrap() {
        let (length, theirs) = (case[0].as_u64().unwrap() as usize, text(&case[2]));
        // A text of that length, if a key has one.
        let grouped = (1..=length).find_map(|bytes| {
            let secret = Secret::try_from(vec![0; bytes]).unwrap();
            let texts = [secret.reveal_hex(), secret.reveal_base32()];
            texts.into_iter().find(|text| text.as_str().len() == length)
        });
        let ours = grouped.map(|text| {
            text.grouped(group_size(length), "-").as_str().replace(|letter| letter != '-', "x")
        });
        ledger.compare(format!("group_size/{length}"), &ours.as_deref(), &Some(theirs));
    }
    for (place, case) in list(&cases["generate_secret"]) {
        let alphabet = ApplicationSecret::ALPHANUMERIC
            .get(..case["charset_len"].as_u64().unwrap() as usize)
            .unwrap();
        let bits = case["entropy"].as_u64().unwrap() as u32;
        let ours = ApplicationSecret::generate(bits, alphabet, otp_context::fill).unwrap().len();
        let theirs = case["length"].as_u64().unwrap() as usize;
        ledger.compare(format!("generate_secret/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["extra_algs"]) {
        let ours = text(&case["alg"]).parse::<Algorithm>().ok().map(|algorithm| {
            let hotp = Hotp::new(algorithm, &bytes(&case["key_hex"])).unwrap();
            hotp.with_format(digits(&case["digits"])).generate(1).text().as_str().to_owned()
        });
        let theirs = case["token"]["ok"].as_str().map(str::to_owned);
        ledger.compare(format!("extra_algs/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["alg_names"]) {
        let name = |algorithm: Algorithm| algorithm.name().to_lowercase();
        let ours = match case["input"].as_str() {
            Some(input) => input.parse().ok().map(name),
            None => Some(name(Algorithm::default())),
        };
        let theirs = case["result"]["ok"].as_str().map(str::to_owned);
        ledger.compare(format!("alg_names/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["ctor"]) {
        let kw = &case["kw"];
        let digits =
            kw["digits"].as_u64().map_or(Ok(Digits::SIX), |digits| Digits::new(digits as u8));
        let period = kw["period"].as_i64().map_or(Some(Period::THIRTY), |period| {
            Period::from_secs(u64::try_from(period).ok()?).ok()
        });
        let ours = digits.ok().zip(period).map(|(digits, period)| {
            let record = plain(totp_kind(&json!({})), &json!("00"))
                .with_account(kw["label"].as_str().unwrap_or_default())
                .with_issuer(kw["issuer"].as_str().unwrap_or_default());
            json!([digits.get(), period.as_secs(), record.account(), record.issuer()])
        });
        let theirs = case["result"].get("ok");
        let theirs =
            theirs.map(|ok| json!([ok["digits"], ok["period"], ok["label"], ok["issuer"]]));
        ledger.compare(format!("ctor/{place}"), &ours, &theirs);
    }
    for (place, case) in list(&cases["new_sizes"]) {
        let context = OtpContext::new().with_algorithm(algorithm(&case["kw"]["alg"]));
        let new = match case["kw"]["size"].as_u64() {
            Some(size) => context.new_credential("a", context.totp_kind(), size as usize),
            None => context.new_totp("a"),
        };
        let ours = new.ok().map(|credential| credential.secret().len() as u64);
        ledger.compare(format!("new_sizes/{place}"), &ours, &case["result"]["ok"].as_u64());
    }
    for (place, case) in list(&cases["totp_token"]) {
        let now = case["now"].as_f64().unwrap();
        let context = at(case["generate_time"].as_u64().unwrap());
        let key = Secret::from_base32(text(&case["key"])).unwrap();
        let credential = context.import(context.totp_kind(), key);
        let ours = token(&credential.token().unwrap(), now);
        for (field, ours) in ours.as_object().unwrap() {
            ledger.compare(format!("totp_token/{place}/{field}"), ours, &case[field]);
        }
    }
    for (place, case) in list(&cases["normalize_time"]) {
        let (kind, input) = (text(&case["kind"]), text(&case["input"]));
        let ours = match kind {
            "int" => Some(input.parse().unwrap()),
            "float" => {
                let seconds: f64 = input.parse().unwrap();
                let length = Duration::from_secs_f64(seconds.abs());
                let time = if seconds < 0.0 {
                    SystemTime::UNIX_EPOCH - length
                } else {
                    SystemTime::UNIX_EPOCH + length
                };
                unix_time(time).ok().map(|time| time.as_secs() as i64)
            }
            "none" => at(1_700_000_000).now().ok().map(|time| time.as_secs() as i64),
            "naive" | "aware+2" => Some(datetime(input)),
            // A text is no time.
            _ => None,
        };
        ledger.compare(format!("normalize_time/{place}"), &ours, &case["result"]["ok"].as_i64());
    }
}

/// An instant of Python's, through the standard library's.
fn datetime(input: &str) -> i64 {
    let numbers: Vec<i64> = input
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    assert_eq!(&numbers[..3], [2020, 1, 1], "the day that is 18262 days after the epoch");
    let offset = if input.contains("timezone") { *numbers.last().unwrap() } else { 0 };
    let fields = if offset == 0 { &numbers[3..] } else { &numbers[3..numbers.len() - 1] };
    let seconds: i64 = fields.iter().take(3).zip([3600, 60, 1]).map(|(n, unit)| n * unit).sum();
    let micros = fields.get(3).copied().unwrap_or_default();
    let since = Duration::from_secs((18_262 * 86_400 + seconds - offset) as u64)
        + Duration::from_micros(micros as u64);
    unix_time(SystemTime::UNIX_EPOCH + since).unwrap().as_secs() as i64
}
