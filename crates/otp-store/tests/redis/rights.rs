//! Users with few rights.

use core::error::Error as _;

use otp_store::{AccountId, AsyncStore as _, EngineErrorKind, Error, Redis, RedisOptions};

use crate::requests::{CALLS, call, codes, id, kind};
use crate::server::PATIENCE;
use crate::site::{Keys, Site, command, entry, url};

/// The rights that the documentation requires.
const NEEDED: &str = "eval evalsha info config|get get exists hset hmget hkeys hdel del zadd zrem \
                      zrangebylex select";

/// Returns the options of a user with the rights that are needed, without one of them and with others,
/// on the keys under a prefix.
async fn user(keys: &Keys, without: &str, others: &[&str]) -> RedisOptions {
    let (name, own) = (keys.prefix.replace(':', "-"), format!("~{}*", keys.prefix));
    let needed = NEEDED.split(' ').filter(|right| *right != without);
    let rights: Vec<_> = needed.chain(others.iter().copied()).map(|it| format!("+{it}")).collect();
    let mut rule = vec!["ACL", "SETUSER", &name, "reset", "on", ">x", &own];
    rule.extend(rights.iter().map(String::as_str));
    command::<()>(&rule).await;
    let url = url().replace("//", &format!("//{name}:x@"));
    Redis::options(&url).unwrap().with_prefix(&keys.prefix).with_timeout(PATIENCE)
}

#[tokio::test]
async fn redis_missing_right_is_named_when_a_store_opens() {
    let site = Site::new().await;
    let keys = site.all().await;
    let probed = "evalsha info exists hset hmget hkeys hdel del zadd zrem zrangebylex";
    for refused in probed.split(' ') {
        // Only a script that the server knows needs `evalsha`.
        let error = match user(&site, refused, &[]).await.connect().await {
            Ok(redis) => call(&redis, "charge").await.unwrap_err(),
            Err(error) => error,
        };
        let Error::Engine(engine) = &error else { panic!("{refused} {error:?}") };
        assert_eq!(engine.kind(), EngineErrorKind::Denied, "{refused}");
        let words = engine.source().unwrap().to_string().to_uppercase();
        assert!(words.contains(&refused.to_uppercase()), "{refused} {words}");
        assert_eq!(site.all().await, keys, "{refused} leaves a key behind");
    }
    // Without this right the server's settings are unknown.
    let options = user(&site, "config|get", &[]).await;
    let hidden = kind(options.clone().connect().await);
    assert_eq!(hidden, EngineErrorKind::Unsafe("appendfsync"));
    assert!(options.with_weaker_durability().connect().await.is_ok());
    // Rights on keys under another prefix.
    let other = user(&Keys::new(), "", &[]).await.with_prefix(&site.prefix);
    assert_eq!(kind(other.connect().await), EngineErrorKind::Denied);
    // The control: with all rights every call works, on an account with and without recovery codes.
    let redis = user(&site, "", &[]).await.connect().await.unwrap();
    for name in [CALLS, "store_recovery", CALLS].join(" ").split(' ') {
        call(&redis, name).await.unwrap();
    }
}

#[tokio::test]
async fn documented_commands_suffice_for_the_other_calls() {
    let keys = Keys::new();
    let refused = user(&keys, "", &[]).await.create().await.unwrap_err();
    assert!(matches!(&refused, Error::Engine(error) if error.kind() == EngineErrorKind::Denied));
    let redis = user(&keys, "", &["set"]).await.create().await.unwrap();
    assert!(redis.insert(&id("alice"), &entry()).await.unwrap());
    assert!(redis.check_index().await.is_err());
    let redis = user(&keys, "", &["set", "scan", "zscore"]).await.connect().await.unwrap();
    assert_eq!(redis.check_index().await.unwrap(), []);
    keys.set_schema("otp-store 1").await;
    let rights = ["set", "scan", "zscore", "hlen", "hget", "rename"];
    user(&keys, "", &rights).await.migrate().await.unwrap();
}

/// The user loses a right while the store is open.
#[tokio::test]
async fn redis_call_without_its_rights_changes_nothing() {
    for refused in ["hset", "zadd", "del", "hdel", "zrem"] {
        let site = Site::new().await;
        let phone = site.add("phone").await;
        site.redis.store_recovery(site.account(), &codes("alice")).await.unwrap();
        let redis = user(&site, "", &[]).await.connect().await.unwrap();
        let everything = async || {
            let copy = site.redis.copy(site.account()).await.unwrap();
            (copy, site.redis.list(None, 9).await.unwrap(), site.all().await)
        };
        let before = everything().await;
        user(&site, refused, &[]).await;
        if matches!(refused, "del" | "hdel" | "zrem") {
            assert!(redis.remove(&phone).await.is_err(), "{refused}");
            assert!(redis.remove_recovery(site.account()).await.is_err(), "{refused}");
        } else {
            let new = phone.clone().with_name("tablet").unwrap();
            for id in [&phone, &new, &id("bob")] {
                let inserted = redis.insert(id, &crate::requests::entry(8)).await;
                assert!(inserted.is_err(), "{refused} {id}");
            }
            for account in ["alice", "bob"] {
                let stored = AccountId::new(account).unwrap();
                let stored = redis.store_recovery(&stored, &codes(account)).await;
                assert!(stored.is_err(), "{refused} {account}");
            }
        }
        assert_eq!(everything().await, before, "{refused}");
    }
}
