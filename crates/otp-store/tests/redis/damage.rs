//! Fields that another program has changed.

use otp_context::replay::{Lock, Throttle};
use otp_core::UnixTime;
use otp_store::{AsyncStore as _, SpendReply};

use crate::requests::{call, call_about, spend};
use crate::site::{ACCOUNT, CREDENTIAL, Site, charge, corrupt};

/// The fields of a credential and of an account, each with values that are not valid.
const DAMAGES: [(&str, &str, &[u8]); 13] = [
    // A record is text, so only bytes that are not text are invalid.
    (CREDENTIAL, "record", b"\xff"),
    (CREDENTIAL, "hotp", b"|2|true"),
    (CREDENTIAL, "length", b"|4|11|06|-6|six"),
    (CREDENTIAL, "generation", b"|-1|07|7.0|18446744073709551616|7 "),
    (CREDENTIAL, "confirmed", b"|2|yes"),
    (CREDENTIAL, "next", b"|-1|+1|01|1e3|nil|18446744073709551616"),
    (CREDENTIAL, "drift", b"|32768|-0|x"),
    (CREDENTIAL, "attempt", b"x|0123456789abcdef0"),
    (ACCOUNT, "failures", b"|-1|00|4294967296|1e2|0x1|99999999999999999"),
    (ACCOUNT, "guesses", b"|-1|00|4294967296|x"),
    (ACCOUNT, "trust", b"|-1|00|18446744073709551616|x"),
    (ACCOUNT, "lock", b"|-1|closed|nan|inf|9007199254740993|0x10"),
    (
        ACCOUNT,
        "charge",
        b"x|0123456789abcdef|0123456789abcdefopen|0123456789abcdef3:closed|0123456789abcdef:open\
          |0123456789abcdef03:open|0123456789abcdef4294967296:open",
    ),
];

/// Checks that a code is never compared, and so costs no attempt: it is not charged, or taken back.
async fn costs_nothing(site: &Site, part: &str, case: &str) {
    let counted = site.get(ACCOUNT, "failures").await;
    for of_the_account in [false, true] {
        let charge = charge();
        let charged = if of_the_account {
            site.redis.charge_account(site.account(), &charge).await.map(drop)
        } else {
            site.redis.charge(&site.alice, &charge).await.map(drop)
        };
        corrupt(&charged, part, case);
        if part != "confirmed" {
            let _taken_back = site.redis.take_back(site.account(), charge.attempt()).await;
        }
        assert_eq!(site.get(ACCOUNT, "failures").await, counted, "{case}");
    }
}

#[tokio::test]
async fn damaged_field_accepts_no_code() {
    let site = Site::new().await;
    let (redis, alice) = (&site.redis, &site.alice);
    for (key, field, values) in DAMAGES {
        let part = if field == "next" { "counter" } else { field };
        let sound = site.get(key, field).await;
        for value in values.split(|byte| *byte == b'|').map(Some).chain([None]) {
            match value {
                Some(value) => site.set(key, field, value).await,
                None => site.delete(key, field).await,
            }
            let case = format!("{field} {:?}", value.map(String::from_utf8_lossy));
            site.all_corrupt("find credentials", part, &case).await;
            // The next charge replaces the last one.
            if field != "charge" {
                costs_nothing(&site, part, &case).await;
            }
            if key == ACCOUNT && value.is_none() {
                // An account without one of its fields gets no other credential.
                let phone = alice.clone().with_name("phone").unwrap();
                corrupt(&call_about(&phone, redis, "insert").await, "throttle", &case);
            }
            match field {
                "confirmed" => site.all_corrupt("insert", part, &case).await,
                "trust" => site.all_corrupt("revoke_trust", part, &case).await,
                "record" => {
                    let spent = redis.spend(alice, &spend(8, 1000)).await;
                    assert_eq!(spent.unwrap(), SpendReply::Stale);
                }
                _ => {}
            }
            site.set(key, field, &sound).await;
            assert_eq!(call(redis, "unlock").await.unwrap(), "true");
        }
    }
    // The control: with valid values it lets the user in.
    assert!(call(redis, "charge").await.unwrap().starts_with("Permitted"));
}

#[tokio::test]
async fn damaged_counter_is_never_spent() {
    let site = Site::new().await;
    for value in ["", "x", "-1", " 1", "1.0"] {
        site.set(CREDENTIAL, "next", value).await;
        site.all_corrupt("spend", "counter", value).await;
    }
    site.delete(CREDENTIAL, "next").await;
    site.all_corrupt("spend", "counter", "no counter").await;
    site.set(CREDENTIAL, "next", 1).await;
    assert_eq!(call(&site.redis, "spend").await.unwrap(), "Done");
}

#[tokio::test]
async fn redis_damaged_charge_is_not_taken_back() {
    let (site, charge) = (Site::new().await, charge());
    let _ = site.redis.charge(&site.alice, &charge).await.unwrap();
    let value = |found: &str| [&charge.attempt().as_bytes()[..], found.as_bytes()].concat();
    for found in ["", "open", ":open", "03:open", "4294967296:open", "3:", "3:closed", "3:hard"] {
        site.set(ACCOUNT, "charge", value(found)).await;
        let refused = site.redis.take_back(site.account(), charge.attempt()).await;
        corrupt(&refused, "charge", found);
        assert_eq!(site.failures().await, 1);
    }
    // The control.
    site.set(ACCOUNT, "charge", value("5:1700000000")).await;
    assert!(site.redis.take_back(site.account(), charge.attempt()).await.unwrap());
    let found = site.find().await.account;
    let until = Lock::Until(UnixTime::from_secs(1_700_000_000));
    assert_eq!((found.throttle, found.guesses), (Throttle::resume(0, until), 5));
}
