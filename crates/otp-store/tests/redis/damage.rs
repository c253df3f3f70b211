//! Keys that another program has changed.

use super::*;

#[tokio::test]
async fn damaged_field_accepts_no_code() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let (credential, account) = keys(&prefix);
    let damages: [(&str, &str, &[&str]); 13] = [
        ("record", "record", &["\u{1}\u{fffd}"]),
        ("hotp", "hotp", &["", "2", "true"]),
        ("length", "length", &["", "4", "11", "06", "-6", "six"]),
        ("generation", "generation", &["", "-1", "07", "7.0", "18446744073709551616", "7 "]),
        ("confirmed", "confirmed", &["", "2", "yes"]),
        ("next", "counter", &["", "-1", "+1", "01", "1e3", "nil", "18446744073709551616"]),
        ("drift", "drift", &["", "32768", "-0", "x"]),
        ("attempt", "attempt", &["x", "0123456789abcdef0"]),
        (
            "failures",
            "failures",
            &["", "-1", "00", "4294967296", "1e2", "0x1", "99999999999999999"],
        ),
        ("guesses", "guesses", &["", "-1", "00", "4294967296", "x"]),
        ("trust", "trust", &["", "-1", "00", "18446744073709551616", "x"]),
        ("lock", "lock", &["", "-1", "closed", "nan", "inf", "9007199254740993", "0x10"]),
        (
            "charge",
            "charge",
            &[
                "x",
                "0123456789abcdef",
                "0123456789abcdefopen",
                "0123456789abcdef3:closed",
                "0123456789abcdef:open",
                "0123456789abcdef03:open",
                "0123456789abcdef4294967296:open",
            ],
        ),
    ];
    for (field, part, values) in damages {
        let of_the_account = matches!(field, "failures" | "guesses" | "trust" | "lock" | "charge");
        let key = if of_the_account { &account } else { &credential };
        let (key, field) = (key.as_bytes(), field.as_bytes());
        let ::redis::Value::BulkString(sound) = command(&[b"HGET", key, field]).await else {
            panic!("no {part}")
        };
        for value in values.iter().map(|value| Some(value.as_bytes())).chain([None]) {
            // A record is text, so only bytes that are not text are invalid.
            let value = if part == "record" { value.map(|_| &b"\xff"[..]) } else { value };
            match value {
                Some(value) => command(&[b"HSET", key, field, value]).await,
                None => command(&[b"HDEL", key, field]).await,
            };
            let shown = value.map(String::from_utf8_lossy);
            let counted = command(&[b"HGET", account.as_bytes(), b"failures"]).await;
            let found = redis.find(&alice).await;
            assert!(
                matches!(found, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {found:?}"
            );
            let found = redis.credentials(alice.account()).await;
            assert!(
                matches!(found, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {found:?}"
            );
            if part == "charge" {
                // The next charge replaces the value.
                command(&[b"HSET", key, field, &sound]).await;
                continue;
            }
            let charge = charge(&waits(), 9, 6, true);
            for of_the_account in [false, true] {
                let charged = if of_the_account {
                    redis.charge_account(alice.account(), &charge).await.map(drop)
                } else {
                    redis.charge(&alice, &charge).await.map(drop)
                };
                assert!(
                    matches!(charged, Err(Error::Corrupt(found)) if found == part),
                    "{part} {shown:?} {charged:?}"
                );
                // A code that is never compared costs no attempt: it is not charged, or taken back.
                if part != "confirmed" {
                    let _taken_back = redis.take_back(alice.account(), charge.attempt()).await;
                }
                let failures = command(&[b"HGET", account.as_bytes(), b"failures"]).await;
                assert_eq!(failures, counted, "{part} {shown:?}");
            }
            if part == "confirmed" {
                let replaced = redis.insert(&alice, &entry("other", 8, 0, false)).await;
                assert!(matches!(replaced, Err(Error::Corrupt("confirmed"))), "{replaced:?}");
            }
            if part == "trust" {
                let revoked = redis.revoke_trust(alice.account()).await;
                assert!(matches!(revoked, Err(Error::Corrupt("trust"))), "{shown:?} {revoked:?}");
            }
            if part == "record" {
                let spent = redis.spend(&alice, &spend(8, 1000, 0)).await;
                assert_eq!(spent.unwrap(), SpendReply::Stale);
            }
            command(&[b"HSET", key, field, &sound]).await;
            assert!(redis.unlock(alice.account()).await.unwrap());
        }
    }
    // The control: with a valid value it lets the user in.
    let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    assert!(matches!(charged, ChargeReply::Permitted(_)));
}

#[tokio::test]
async fn redis_damaged_charge_is_not_taken_back() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let (_, account) = keys(&prefix);
    let charge = charge(&waits(), 9, 6, true);
    let _ = redis.charge(&alice, &charge).await.unwrap();
    for found in ["", "open", ":open", "03:open", "4294967296:open", "3:", "3:closed", "3:hard"] {
        let value = [&charge.attempt().as_bytes()[..], found.as_bytes()].concat();
        command(&[b"HSET", account.as_bytes(), b"charge", &value]).await;
        let refused = redis.take_back(alice.account(), charge.attempt()).await;
        assert!(matches!(refused, Err(Error::Corrupt("charge"))), "{found:?} {refused:?}");
        let failures = command(&[b"HGET", account.as_bytes(), b"failures"]).await;
        assert_eq!(failures, ::redis::Value::BulkString(b"1".to_vec()));
    }
    // The control.
    let value = [&charge.attempt().as_bytes()[..], b"5:1700000000"].concat();
    command(&[b"HSET", account.as_bytes(), b"charge", &value]).await;
    assert!(redis.take_back(alice.account(), charge.attempt()).await.unwrap());
    let found = redis.find(&alice).await.unwrap().unwrap().account;
    let until = Lock::Until(UnixTime::from_secs(1_700_000_000));
    assert_eq!((found.throttle, found.guesses), (Throttle::resume(0, until), 5));
}

#[tokio::test]
async fn damaged_counter_is_never_spent() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let (key, _) = keys(&prefix);
    for value in ["", "x", "-1", " 1", "1.0"] {
        command(&[b"HSET", key.as_bytes(), b"next", value.as_bytes()]).await;
        let answer = redis.spend(&alice, &spend(7, 1000, 0)).await;
        assert!(matches!(answer, Err(Error::Corrupt(_))), "{value:?} {answer:?}");
    }
    command(&[b"HDEL", key.as_bytes(), b"next"]).await;
    assert!(matches!(redis.spend(&alice, &spend(7, 1000, 0)).await, Err(Error::Corrupt(_))));
    command(&[b"HSET", key.as_bytes(), b"next", b"1"]).await;
    assert_eq!(redis.spend(&alice, &spend(7, 1000, 0)).await.unwrap(), SpendReply::Done);
}

/// Returns the keys of alice's credential without a name, and of her account.
fn keys(prefix: &str) -> (String, String) {
    (format!("{prefix}{{5:alice}}:credential:"), format!("{prefix}{{5:alice}}:account"))
}

#[tokio::test]
async fn foreign_keys_are_refused_and_unchanged() {
    for (schema, newer) in [
        ("otp-store 2", true),
        ("otp-store 4000000000", true),
        ("otp-store 4 4", true),
        ("7", false),
        ("", false),
    ] {
        let prefix = prefix();
        let key = format!("{prefix}schema");
        command(&[b"SET", key.as_bytes(), schema.as_bytes()]).await;
        for refused in refusals(&prefix).await {
            match newer {
                true => assert!(matches!(refused, Error::Newer), "{schema} {refused:?}"),
                false => assert!(matches!(refused, Error::Foreign), "{schema} {refused:?}"),
            }
        }
        let left = command(&[b"GET", key.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(schema.into()));
    }
    // The schema key has another type, or an index exists without a schema.
    for (key, missing) in [("schema", false), ("index", true), ("recovery", true)] {
        let prefix = prefix();
        command(&[b"LPUSH", format!("{prefix}{key}").as_bytes(), b"x"]).await;
        let [connected, created] = refusals(&prefix).await;
        assert_eq!(matches!(connected, Error::Missing(_)), missing, "{key} {connected:?}");
        assert_eq!(matches!(connected, Error::Foreign), !missing, "{key} {connected:?}");
        assert!(matches!(created, Error::Foreign), "{key} {created:?}");
    }
}

/// Returns the errors of connecting and creating.
async fn refusals(prefix: &str) -> [Error; 2] {
    let options = || options(prefix);
    [options().connect().await.unwrap_err(), options().create().await.unwrap_err()]
}

#[tokio::test]
async fn later_schema_that_permits_this_version_is_opened() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let schema = format!("{prefix}schema");
    command(&[b"SET", schema.as_bytes(), b"otp-store 4 3"]).await;
    assert!(options(&prefix).connect().await.unwrap().find(&alice).await.unwrap().is_some());
    // Also by a store that was opened before the change.
    assert_eq!(redis.spend(&alice, &spend(7, 1, 0)).await.unwrap(), SpendReply::Done);
    command(&[b"SET", schema.as_bytes(), b"otp-store 5 4"]).await;
    let refused = redis.spend(&alice, &spend(7, 2, 0)).await;
    assert!(matches!(refused, Err(Error::Newer)), "{refused:?}");
}

#[tokio::test]
async fn key_of_another_type_is_refused_without_a_partial_change() {
    for key in ["{5:alice}:credential:", "{5:alice}:account", "index"] {
        let prefix = prefix();
        let (redis, alice) = (open(&prefix).await, id("alice", ""));
        let foreign = format!("{prefix}{key}");
        command(&[b"SET", foreign.as_bytes(), b"x"]).await;
        let refused = redis.insert(&alice, &entry("record", 7, 0, false)).await;
        assert!(matches!(refused, Err(Error::Corrupt(_))), "{key} {refused:?}");
        let all = all_keys(&prefix).await;
        assert_eq!(all, BTreeSet::from([format!("{prefix}schema"), foreign.clone()]));
        if key != "index" {
            let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await;
            assert!(matches!(charged, Err(Error::Corrupt("key"))), "{key} {charged:?}");
            let spent = redis.spend(&alice, &spend(7, 1, 0)).await;
            assert!(matches!(spent, Err(Error::Corrupt("key"))), "{key} {spent:?}");
            let unlocked = redis.unlock(alice.account()).await;
            // Without an account, the type of its credential's key does not matter.
            let part = if key.ends_with(":account") { "key" } else { "throttle" };
            assert!(
                matches!(unlocked, Err(Error::Corrupt(found)) if found == part),
                "{key} {unlocked:?}"
            );
        }
        let left = command(&[b"GET", foreign.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(b"x".to_vec()));
    }
}

/// Another program's key replaces one of the store's.
#[tokio::test]
async fn failed_removal_changes_nothing() {
    for key in ["{5:alice}:credential:", "{5:alice}:account", "index"] {
        let prefix = prefix();
        let (redis, alice) = confirmed(&prefix, 1).await;
        let (foreign, aside) = (format!("{prefix}{key}"), format!("{prefix}aside"));
        command(&[b"RENAME", foreign.as_bytes(), aside.as_bytes()]).await;
        command(&[b"SET", foreign.as_bytes(), b"x"]).await;
        let refused = redis.remove(&alice).await;
        assert!(matches!(refused, Err(Error::Corrupt("key"))), "{key} {refused:?}");
        let left = command(&[b"GET", foreign.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(b"x".to_vec()));
        command(&[b"RENAME", aside.as_bytes(), foreign.as_bytes()]).await;
        assert_eq!(redis.find(&alice).await.unwrap().unwrap().next, 1, "{key}");
        assert_eq!(redis.list(None, 9).await.unwrap(), [alice]);
    }
}

#[tokio::test]
async fn redis_foreign_hash_is_neither_filled_nor_deleted() {
    // It has every field of an account, except the name of a credential.
    let foreign = [
        ("failures", "0"),
        ("guesses", "0"),
        ("lock", "open"),
        ("charge", ""),
        ("trust", "0"),
        ("record", "{}"),
    ];
    for place in ["{5:alice}:credential:", "{5:alice}:account"] {
        let prefix = prefix();
        let (redis, alice) = (open(&prefix).await, id("alice", ""));
        let key = format!("{prefix}{place}");
        for (field, value) in foreign {
            command(&[b"HSET", key.as_bytes(), field.as_bytes(), value.as_bytes()]).await;
        }
        let mut refused = vec![redis.insert(&alice, &entry("record", 7, 0, false)).await.map(drop)];
        if place.ends_with(":account") {
            // Without the account it is unknown whether the credential existed.
            refused.push(redis.unlock(alice.account()).await.map(drop));
            refused.push(redis.revoke_trust(alice.account()).await.map(drop));
            refused.push(redis.store_recovery(alice.account(), &codes("alice")).await);
            refused.extend(of_the_account(&redis, &alice).await);
            assert!(!redis.remove(&alice).await.unwrap());
        } else {
            refused.push(redis.find(&alice).await.map(drop));
            refused.extend(of_the_account(&redis, &alice).await);
            refused.push(redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.map(drop));
            refused.push(redis.spend(&alice, &spend(7, 1, 0)).await.map(drop));
            refused.push(redis.remove(&alice).await.map(drop));
            let record = RecordText::new("{}".to_owned());
            refused.push(redis.reseal(&alice, &record, &record).await.map(drop));
        }
        for refused in refused {
            assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{place} {refused:?}");
        }
        let left = BTreeSet::from([format!("{prefix}schema"), key.clone()]);
        assert_eq!(all_keys(&prefix).await, left);
        assert_eq!(command(&[b"HLEN", key.as_bytes()]).await, ::redis::Value::Int(6));
    }
}

/// The credential exists, and its account's key is another program's.
#[tokio::test]
async fn redis_log_in_does_not_write_to_a_foreign_account() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let key = format!("{prefix}{{5:alice}}:account");
    command(&[b"DEL", key.as_bytes()]).await;
    let fields = [("failures", "3"), ("guesses", "9"), ("lock", "open"), ("charge", "")];
    for (field, value) in fields {
        command(&[b"HSET", key.as_bytes(), field.as_bytes(), value.as_bytes()]).await;
    }
    for refused in [
        redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.map(drop),
        redis.spend(&alice, &spend(7, 1, 0)).await.map(drop),
        redis.spend(&alice, &attempt(&VerifierOptions::new(), 9, 1, true).1).await.map(drop),
        redis.spend_all(alice.account(), &[("", spend(7, 1, 0))]).await.map(drop),
    ]
    .into_iter()
    .chain(of_the_account(&redis, &alice).await)
    {
        assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{refused:?}");
    }
    assert_eq!(command(&[b"HLEN", key.as_bytes()]).await, ::redis::Value::Int(4));
    let failures = command(&[b"HGET", key.as_bytes(), b"failures"]).await;
    assert_eq!(failures, ::redis::Value::BulkString(b"3".to_vec()));
    let credential = format!("{prefix}{{5:alice}}:credential:");
    let next = command(&[b"HGET", credential.as_bytes(), b"next"]).await;
    assert_eq!(next, ::redis::Value::BulkString(b"1".to_vec()));
}

/// Returns the replies to calls that read all credentials of alice.
async fn of_the_account(redis: &Redis, alice: &CredentialId) -> [Result<(), Error>; 2] {
    let charge = charge(&waits(), 9, 6, true);
    [
        redis.credentials(alice.account()).await.map(drop),
        redis.charge_account(alice.account(), &charge).await.map(drop),
    ]
}

/// One of two credentials is lost. The other one alone is not charged for both.
#[tokio::test]
async fn redis_account_with_a_lost_credential_is_not_charged() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let mut phone = entry("record", 8, 0, false);
    phone.confirmed = true;
    assert!(redis.insert(&id("alice", "phone"), &phone).await.unwrap());
    let (credential, account) = keys(&prefix);
    let (lost, aside) = (format!("{credential}phone"), format!("{prefix}aside"));
    command(&[b"RENAME", lost.as_bytes(), aside.as_bytes()]).await;
    let both = [("", spend(7, 5, 0)), ("phone", spend(8, 5, 0))];
    let [found, charged] = of_the_account(&redis, &alice).await;
    for refused in [found, charged, redis.spend_all(alice.account(), &both).await.map(drop)] {
        assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{refused:?}");
    }
    let failures = command(&[b"HGET", account.as_bytes(), b"failures"]).await;
    assert_eq!(failures, ::redis::Value::BulkString(b"0".to_vec()));
    assert_eq!(redis.find(&alice).await.unwrap().unwrap().next, 1, "a part is spent");
    // The control.
    command(&[b"RENAME", aside.as_bytes(), lost.as_bytes()]).await;
    assert_eq!(of_the_account(&redis, &alice).await.map(|reply| reply.is_ok()), [true; 2]);
    assert_eq!(redis.spend_all(alice.account(), &both).await.unwrap(), SpendReply::Done);
}

/// Either of the two keys of a credential is lost.
#[tokio::test]
async fn redis_lost_key_of_a_pair_is_corrupt() {
    for lost in ["{5:alice}:credential:", "{5:alice}:account"] {
        let prefix = prefix();
        let (redis, alice) = confirmed(&prefix, 1).await;
        command(&[b"DEL", format!("{prefix}{lost}").as_bytes()]).await;
        for refused in [
            redis.find(&alice).await.map(drop),
            redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.map(drop),
            redis.charge(&alice, &charge(&waits(), 9, 6, false)).await.map(drop),
            redis.spend(&alice, &spend(7, 1, 0)).await.map(drop),
            redis.insert(&alice, &entry("record", 8, 0, false)).await.map(drop),
            redis.remove(&alice).await.map(drop),
            redis.unlock(alice.account()).await.map(drop),
            redis.revoke_trust(alice.account()).await.map(drop),
            redis.spend_all(alice.account(), &[("", spend(7, 1, 0))]).await.map(drop),
        ]
        .into_iter()
        .chain(of_the_account(&redis, &alice).await)
        {
            assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{lost} {refused:?}");
        }
        assert_eq!(redis.list(None, 9).await.unwrap(), [alice]);
    }
}
