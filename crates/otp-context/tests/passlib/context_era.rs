//! passlib of the `OTPContext` era, 2016.

use otp_context::OtpContext;
use otp_context::replay::ClockOffset;
use otp_context::wallet::passlib::{PasslibError, PasslibKey, UnreleasedFormat};
use otp_core::{Algorithm, Secret, Totp, UnixTime};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::recorded::{
    algorithm, digits, fields, hex, hotp, list, period, read, record, secret, text, totp, wallet,
};
use crate::verified::{alike, decrypt, has_only, spent, stepped, verified};

/// The first four are otp-uri's and otp-serde's.
const SECTIONS: &str = "\
    meta hotp_uri_parse hotp_to_uri to_json_encrypt context_new default_offset gen_c_match \
    hotp hotp_ctor legacy_string_v1_v2 legacy_xor_v0 suggest_offset totp_stateful \
    totp_verify_reuse totp_verify_small_time";

pub(crate) fn compare(ledger: &mut Ledger) {
    let all = read("passlib-otpcontext.json");
    has_only(&all, SECTIONS);
    list(&all["hotp"]).for_each(|case| token(case, ledger));
    ledger.each("hotp_ctor", &all["hotp_ctor"], |case| {
        let number = |name| case["kw"].get(name).map_or(Some(0), Value::as_u64);
        let ours = number("counter").zip(number("start")).map(|(counter, _)| {
            let key = json!({"key_hex": "3030303030303030303030303030303030303030"});
            let record = record(hotp(&key, counter), &key);
            // There is no lowest legitimate counter beside the lowest unspent one.
            json!([record.next(), record.kind().name(), null])
        });
        [json!(ours), fields(&case["result"], &["counter", "type", "start"])]
    });
    for (run, case) in list(&all["totp_stateful"]).enumerate() {
        let mut next = 0;
        ledger.each(&format!("totp_stateful/{run}"), &case["steps"], |step| {
            let before = next;
            let record = record(totp(case), case).with_next(before);
            let (ours, after) = stepped(&record, step, &step["args"]);
            next = after;
            let [mut ours, mut theirs] = alike(ours, &step["result"]);
            for side in [&mut ours, &mut theirs] {
                if let Some(ok) = side.get_mut("ok").and_then(Value::as_object_mut) {
                    // The fraction of a second is a case of its own.
                    ok.remove("remaining");
                }
            }
            let ours = json!([ours, next.checked_sub(1), next != before]);
            [ours, json!([theirs, step["last_counter"], step["changed"]])]
        });
    }
    ledger.each("totp_verify_reuse", &all["totp_verify_reuse"], |case| {
        let record = spent(case, &case["args"]["last_counter"]);
        alike(verified(&record, case, &case["args"]), &case["result"])
    });
    ledger.each("totp_verify_small_time", &all["totp_verify_small_time"], |case| {
        alike(verified(&spent(case, &Value::Null), case, case), &case["result"])
    });
    ledger.each("context_new", &all["context_new"], |case| {
        let ours = new(&case["args"]);
        [json!(ours), fields(&case["result"], &["type", "digits", "keylen", "bound"])]
    });
    predecessors(&all, ledger);
    offsets(&all, ledger);
}

fn token(case: &Value, ledger: &mut Ledger) {
    let id = format!("hotp/{}", text(&case["id"]));
    let mut next = case["counter"].as_u64().unwrap();
    let credential = OtpContext::new().import(hotp(case, next), secret(&case["key_hex"]));
    let code = |counter: &Value| {
        // A counter below zero cannot be said.
        let code = credential.hotp().unwrap().generate(counter.as_u64()?);
        Some(code.text().to_string())
    };
    ledger.each(&format!("{id}/tokens"), &case["tokens"], |pair| {
        [json!(code(&pair[0])), pair[1].clone()]
    });
    ledger.each(&format!("{id}/generate"), &case["generate"], |pair| {
        [json!(code(&pair[0])), pair[1]["ok"].clone()]
    });
    let at = |counter| record(hotp(case, counter), case).with_next(counter);
    ledger.each(&format!("{id}/verify"), &case["verify"], |theirs| {
        let record = at(theirs["counter"].as_u64().unwrap());
        alike(verified(&record, theirs, theirs), &theirs["result"])
    });
    ledger.each(&format!("{id}/stateful"), &case["stateful"], |step| {
        let before = next;
        let (ours, after) = stepped(&at(before), step, step);
        next = after;
        let [ours, theirs] = alike(ours, &step["result"]);
        let ours = json!([ours, next, next != before]);
        [ours, json!([theirs, step["counter"], step["changed"]])]
    });
}

fn new(args: &Value) -> Option<Value> {
    let context = OtpContext::new()
        .with_digits(digits(&args["digits"]))
        .with_algorithm(algorithm(&args["alg"]));
    let made = match args["type"].as_str() {
        // A new key is not given.
        _ if args.get("key").is_some() => None,
        Some("totp") | None => context.new_totp("a").ok(),
        Some("hotp") => {
            let counter = args["counter"].as_u64().unwrap_or_default();
            let size = algorithm(&args["alg"]).output_size();
            context.new_credential("a", hotp(args, counter), size).ok()
        }
        Some(_) => None,
    };
    made.map(|credential| {
        let (kind, length) = (credential.kind(), credential.secret().len());
        let bound = credential.context().totp_kind() == context.totp_kind();
        json!([kind.name(), kind.format().length(), length, bound])
    })
}

fn predecessors(all: &Value, ledger: &mut Ledger) {
    ledger.each("legacy_xor_v0", &all["legacy_xor_v0"], |case| {
        let enckey = &case["enckey"];
        let refused = PasslibKey::from_fields(0, 8, "2", text(&enckey["s"]), text(&enckey["k"]));
        let xor = PasslibError::UnreleasedFormat(UnreleasedFormat::Xor);
        assert_eq!(refused.unwrap_err(), xor);
        let ours = decrypt(&wallet(case), enckey);
        [json!(ours), fields(&case["result"], &["key_hex", "needs_recrypt"])]
    });
    ledger.each("legacy_string", &all["legacy_string_v1_v2"], |case| {
        let found = UnreleasedFormat::recognise(text(&case["enckey"]));
        assert_eq!(found.is_some(), case["result"].get("ok").is_some());
        [Value::Null, case["result"]["ok"].clone()]
    });
}

fn offsets(all: &Value, ledger: &mut Ledger) {
    for (place, case) in list(&all["gen_c_match"]).enumerate() {
        let key = Secret::from_base32(text(&case["key_base32"])).unwrap();
        let record = spent(&json!({"key_hex": hex(&key)}), &Value::Null);
        let (ours, theirs) = (verified(&record, case, case), &case["result"]);
        let id = format!("gen_c_match/{place}");
        if theirs.get("err").is_some() {
            ledger.compare(id, alike(ours, theirs));
            continue;
        }
        let (ours, theirs) = (&ours["ok"], &theirs["ok"]);
        for (field, ours) in [
            ("counter", &ours["counter"]),
            ("time", &ours["time"]),
            ("counter_skipped", &ours["skipped"]),
            ("next_offset", &Value::Null),
        ] {
            ledger.compare(format!("{id}/{field}"), [ours.clone(), theirs[field].clone()]);
        }
    }
    ledger.each("suggest_offset", &all["suggest_offset"], |case| {
        let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890").unwrap();
        let totp = totp.with_period(period(&case["period"]));
        let known = list(&case["history"]).map(|entry| {
            let time = UnixTime::from_secs(entry[0].as_f64().unwrap() as u64);
            let step = totp.counter_at(time).wrapping_add_signed(entry[1].as_i64().unwrap());
            ClockOffset::find(&totp, totp.generate(totp.start_of(step)).code(), time, 8)
        });
        let ours = known.reduce(|one, other| one?.narrow(other?)).flatten();
        [json!(ours.map(|offset| offset.seconds())), case["result"].clone()]
    });
    ledger.compare("default_offset".into(), [json!(0), all["default_offset"][0].clone()]);
}
