//! What somebody else has changed.

use super::*;

#[tokio::test]
async fn a_field_that_is_damaged_lets_nobody_in() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let (credential, account) =
        (format!("{prefix}credential:5:alice:"), format!("{prefix}account:alice"));
    let damages: [(&str, &str, &[&str]); 10] = [
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
        ("lock", "lock", &["", "-1", "closed", "nan", "inf", "9007199254740993", "0x10"]),
    ];
    for (field, part, values) in damages {
        let key = if matches!(field, "failures" | "lock") { &account } else { &credential };
        let (key, field) = (key.as_bytes(), field.as_bytes());
        let ::redis::Value::BulkString(sound) = command(&[b"HGET", key, field]).await else {
            panic!("no {part}")
        };
        for value in values.iter().map(|value| Some(value.as_bytes())).chain([None]) {
            // A record is text, and only text can be told from other bytes.
            let value = if part == "record" { value.map(|_| &b"\xff"[..]) } else { value };
            match value {
                Some(value) => command(&[b"HSET", key, field, value]).await,
                None => command(&[b"HDEL", key, field]).await,
            };
            let shown = value.map(String::from_utf8_lossy);
            let found = redis.find(&alice).await;
            assert!(
                matches!(found, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {found:?}"
            );
            let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await;
            assert!(
                matches!(charged, Err(Error::Corrupt(found)) if found == part),
                "{part} {shown:?} {charged:?}"
            );
            command(&[b"HSET", key, field, &sound]).await;
            assert!(redis.unlock(&alice).await.unwrap());
        }
    }
    // The control: sound again, it lets in.
    let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    assert!(matches!(charged, Charged::Permitted(_)));
}

#[tokio::test]
async fn a_counter_that_is_damaged_is_never_advanced() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let key = format!("{prefix}credential:5:alice:");
    for value in ["", "x", "-1", " 1", "1.0"] {
        command(&[b"HSET", key.as_bytes(), b"next", value.as_bytes()]).await;
        let answer = redis.advance(&alice, &advance(7, 1000, 0)).await;
        assert!(matches!(answer, Err(Error::Corrupt(_))), "{value:?} {answer:?}");
    }
    command(&[b"HDEL", key.as_bytes(), b"next"]).await;
    assert!(matches!(redis.advance(&alice, &advance(7, 1000, 0)).await, Err(Error::Corrupt(_))));
    command(&[b"HSET", key.as_bytes(), b"next", b"1"]).await;
    assert_eq!(redis.advance(&alice, &advance(7, 1000, 0)).await.unwrap(), Advanced::Done);
}

#[tokio::test]
async fn what_is_not_ours_stays_as_it_is() {
    for (schema, newer) in
        [("otp-store 2", true), ("otp-store 4000000000", true), ("7", false), ("", false)]
    {
        let prefix = prefix();
        let key = format!("{prefix}schema");
        command(&[b"SET", key.as_bytes(), schema.as_bytes()]).await;
        let refused =
            Redis::options(&url()).unwrap().with_prefix(prefix.as_str()).connect().await.err();
        match newer {
            true => assert!(matches!(refused, Some(Error::Newer)), "{schema} {refused:?}"),
            false => assert!(matches!(refused, Some(Error::Foreign)), "{schema} {refused:?}"),
        }
        let left = command(&[b"GET", key.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(schema.into()));
    }
    // Another type under the schema's key, or an index without one.
    for key in ["schema", "index"] {
        let prefix = prefix();
        command(&[b"LPUSH", format!("{prefix}{key}").as_bytes(), b"x"]).await;
        let refused =
            Redis::options(&url()).unwrap().with_prefix(prefix.as_str()).connect().await.err();
        assert!(matches!(refused, Some(Error::Foreign)), "{key} {refused:?}");
    }
}

#[tokio::test]
async fn a_key_of_another_type_is_refused_and_nothing_is_half_done() {
    for key in ["credential:5:alice:", "account:alice", "index"] {
        let prefix = prefix();
        let (redis, alice) = (open(&prefix).await, id("alice", ""));
        let foreign = format!("{prefix}{key}");
        command(&[b"SET", foreign.as_bytes(), b"x"]).await;
        let refused = redis.insert(&alice, &entry("record", 7, 0, false)).await;
        assert!(matches!(refused, Err(Error::Corrupt(_))), "{key} {refused:?}");
        let keys: BTreeSet<String> = ::redis::cmd("KEYS")
            .arg(format!("{prefix}*"))
            .query_async(&mut raw().await)
            .await
            .unwrap();
        assert_eq!(keys, BTreeSet::from([format!("{prefix}schema"), foreign.clone()]));
        if key != "index" {
            let charged = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await;
            assert!(matches!(charged, Err(Error::Corrupt("key"))), "{key} {charged:?}");
            let advanced = redis.advance(&alice, &advance(7, 1, 0)).await;
            assert!(matches!(advanced, Err(Error::Corrupt("key"))), "{key} {advanced:?}");
        }
        let left = command(&[b"GET", foreign.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(b"x".to_vec()));
    }
}

#[tokio::test]
async fn no_key_expires() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let _ = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    let keys: Vec<String> =
        ::redis::cmd("KEYS").arg(format!("{prefix}*")).query_async(&mut raw().await).await.unwrap();
    assert_eq!(keys.len(), 4);
    for key in keys {
        assert_eq!(command(&[b"TTL", key.as_bytes()]).await, ::redis::Value::Int(-1), "{key}");
    }
}
