//! Records in passlib's JSON are read back, and the text equals passlib's.

use otp_context::wallet::passlib::PasslibKey;
use otp_context::{Record, StoredKey};
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::OtpKind;
use proptest::prelude::*;

use crate::forms::{make, samples, seeds};

/// Records that passlib has a form for.
fn records() -> impl Strategy<Value = Record> {
    let encrypted = (0_u64..=24, seeds::tag(), prop::collection::vec(any::<u8>(), 0..40));
    (seeds::record(), encrypted, any::<bool>()).prop_map(|(seed, (cost, tag, salt), encrypt)| {
        let plain = make::secret(&seed.key);
        let key = plain.reveal_base32();
        let salt = data_of(&salt);
        let key = if encrypt {
            let tag = tag.as_str();
            StoredKey::Passlib(PasslibKey::from_fields(1, cost, tag, &salt, key.as_str()).unwrap())
        } else {
            StoredKey::Plain(plain)
        };
        let kind = if seed.kind == OtpKind::Steam { OtpKind::default() } else { seed.kind };
        let name = |name: Option<String>| name.unwrap_or_default().replace(':', ";");
        // In passlib 0 means that no counter is spent, so a spent counter 0 is lost.
        let next = if seed.next == 1 { 2 } else { seed.next };
        Record::new(kind, key)
            .with_account(&name(seed.account))
            .with_issuer(&name(seed.issuer))
            .with_next(next)
    })
}

fn data_of(bytes: &[u8]) -> String {
    let mut buffer = vec![0; otp_core::base32::encoded_len(bytes.len())];
    otp_core::base32::encode(bytes, &mut buffer).unwrap().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json(record in records()) {
        let text = passlib::reveal_json(&record).unwrap().to_string();
        let read = serde_json::from_str::<PasslibRecord>(&text).unwrap().0;
        prop_assert!(make::same_record(&read, &record), "{}", text);
        let again = passlib::reveal_json(&read).unwrap().to_string();
        prop_assert_eq!(&again, &text);

        // Another writer of sorted JSON gives the same text.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let sorted = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(ascii(&sorted), text);
    }

    /// In another format with named fields, the same fields give an equal record.
    #[test]
    fn cbor(record in records()) {
        let text = passlib::reveal_json(&record).unwrap().to_string();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        let read: PasslibRecord = ciborium::from_reader(bytes.as_slice()).unwrap();
        prop_assert!(make::same_record(&read.0, &record));
    }
}

/// Escapes all characters outside ASCII.
fn ascii(json: &str) -> String {
    json.chars()
        .flat_map(|character| match character {
            '\0'..='~' => vec![character.to_string()],
            _ => character
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect(),
        })
        .collect()
}

/// Pins the form of a record of each kind. The vectors have more.
#[test]
fn golden() {
    let key = || StoredKey::Plain(otp_core::Secret::new(b"12345678901234567890").unwrap());
    let [_, long, hotp, _]: [OtpKind; 4] = samples::kind().try_into().unwrap();
    let name = "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}é漢🔑";
    for (record, json) in [
        (
            Record::new(OtpKind::default(), key()),
            r#"{"key":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","type":"totp","v":1}"#,
        ),
        (
            Record::new(long, key()).with_account(name).with_issuer("I").with_next(8),
            r#"{"alg":"sha512","digits":8,"issuer":"I","key":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","label":"\"\\/\b\f\n\r\t\u0001\u007f\u00e9\u6f22\ud83d\udd11","last_counter":7,"period":60,"type":"totp","v":1}"#,
        ),
        (
            Record::new(hotp, key()),
            r#"{"alg":"sha256","counter":5,"key":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","type":"hotp","v":1}"#,
        ),
    ] {
        assert_eq!(passlib::reveal_json(&record).unwrap().to_string(), json);
        let read = serde_json::from_str::<PasslibRecord>(json).unwrap().0;
        assert!(make::same_record(&read, &record));
    }
}

/// passlib writes 0 if no counter is spent. The first counter that it can express is 1.
#[test]
fn last_counter_of_zero_means_no_spent_counter() {
    for (last, next) in [(0, 0), (1, 2), (u64::MAX - 1, u64::MAX)] {
        let json =
            format!(r#"{{"key":"JBSWY3DPEHPK3PXP","last_counter":{last},"type":"totp","v":1}}"#);
        let read = serde_json::from_str::<PasslibRecord>(&json).unwrap().0;
        assert_eq!(read.next(), next);
    }
}
