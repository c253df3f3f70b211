//! Users with few rights.

use core::error::Error as _;

use super::*;

/// The rights that the documentation requires.
const NEEDED: [&str; 15] = [
    "eval",
    "evalsha",
    "info",
    "config|get",
    "get",
    "exists",
    "hset",
    "hmget",
    "hkeys",
    "hdel",
    "del",
    "zadd",
    "zrem",
    "zrangebylex",
    "select",
];

/// Returns the options of a user with these rights on the keys under a prefix.
async fn user(prefix: &str, rights: &[&str]) -> RedisOptions {
    let name = prefix.replace(':', "-");
    let keys = format!("~{prefix}*");
    let rule = [&["ACL", "SETUSER", &name, "reset", "on", ">x", &keys], rights].concat();
    let rule: Vec<_> = rule.iter().map(|word| word.as_bytes()).collect();
    command(&rule).await;
    let url = url().replace("//", &format!("//{name}:x@"));
    Redis::options(&url).unwrap().with_prefix(prefix).with_timeout(PATIENCE)
}

fn needed(without: Option<&str>) -> Vec<String> {
    let needed = NEEDED.into_iter().filter(|command| Some(*command) != without);
    needed.map(|command| format!("+{command}")).collect()
}

async fn with(prefix: &str, rights: Vec<String>) -> RedisOptions {
    user(prefix, &rights.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn redis_missing_right_is_named_when_a_store_opens() {
    let prefix = prefix();
    let (_, alice) = confirmed(&prefix, 1).await;
    let keys = all_keys(&prefix).await;
    for refused in
        ["exists", "hset", "hmget", "hkeys", "hdel", "del", "zadd", "zrem", "zrangebylex"]
    {
        let error = with(&prefix, needed(Some(refused))).await.connect().await.unwrap_err();
        let Error::Engine(engine) = &error else { panic!("{refused} {error:?}") };
        assert_eq!(engine.kind(), EngineErrorKind::Denied, "{refused}");
        let words = engine.source().unwrap().to_string();
        assert!(words.contains(&refused.to_uppercase()), "{refused} {words}");
        assert_eq!(all_keys(&prefix).await, keys, "{refused} leaves a key behind");
    }
    // The control: with all rights every call works.
    let redis = with(&prefix, needed(None)).await.connect().await.unwrap();
    let phone = id("alice", "phone");
    assert!(redis.insert(&phone, &entry("record", 7, 0, true)).await.unwrap());
    let charge = charge(&waits(), 9, 6, true);
    assert!(matches!(redis.charge(&alice, &charge).await.unwrap(), ChargeReply::Permitted(_)));
    assert!(redis.take_back(alice.account(), charge.attempt()).await.unwrap());
    assert_eq!(redis.spend(&phone, &spend(7, 1, 0)).await.unwrap(), SpendReply::Done);
    let charged = redis.charge_account(alice.account(), &charge).await.unwrap();
    assert!(matches!(charged, ChargeReply::Permitted(_)));
    let both = [("", spend(7, 1, 0)), ("phone", spend(7, 2, 0))];
    assert_eq!(redis.spend_all(alice.account(), &both).await.unwrap(), SpendReply::Done);
    assert_eq!(redis.credentials(alice.account()).await.unwrap().len(), 2);
    let copy = redis.copy(alice.account()).await.unwrap().unwrap();
    assert!(!redis.restore(&copy).await.unwrap());
    assert!(redis.reset_drift(&phone).await.unwrap());
    assert!(redis.unlock(alice.account()).await.unwrap());
    let record = RecordText::new("record".to_owned());
    assert!(redis.reseal(&phone, &record, &record).await.unwrap());
    assert_eq!(redis.list(None, 9).await.unwrap(), [alice.clone(), phone.clone()]);
    assert!(redis.revoke_trust(alice.account()).await.unwrap());
    let set = codes("alice");
    redis.store_recovery(alice.account(), &set).await.unwrap();
    let charged = redis.charge_recovery(alice.account(), &charge).await.unwrap();
    assert!(matches!(charged, ChargeReply::Permitted(_)));
    assert!(redis.reseal_recovery(alice.account(), set.id(), "", "key").await.unwrap());
    assert!(redis.recovery(alice.account()).await.unwrap().is_some());
    assert_eq!(redis.list_recovery(None, 9).await.unwrap(), [alice.account().clone()]);
    assert!(redis.remove(&phone).await.unwrap() && redis.remove(&alice).await.unwrap());
    assert!(redis.remove_recovery(alice.account()).await.unwrap());
}

#[tokio::test]
async fn documented_commands_suffice_for_the_other_calls() {
    let prefix = prefix();
    let mut rights = needed(None);
    let refused = with(&prefix, rights.clone()).await.create().await.unwrap_err();
    assert!(matches!(&refused, Error::Engine(error) if error.kind() == EngineErrorKind::Denied));
    rights.push("+set".to_owned());
    let redis = with(&prefix, rights.clone()).await.create().await.unwrap();
    assert!(redis.insert(&id("alice", ""), &entry("record", 7, 0, true)).await.unwrap());
    assert!(redis.check_index().await.is_err());
    rights.extend(["+scan".to_owned(), "+zscore".to_owned()]);
    let redis = with(&prefix, rights.clone()).await.connect().await.unwrap();
    assert_eq!(redis.check_index().await.unwrap(), []);
    command(&[b"SET", format!("{prefix}schema").as_bytes(), b"otp-store 1"]).await;
    rights.extend(["+hlen", "+hget", "+rename"].map(str::to_owned));
    with(&prefix, rights).await.migrate().await.unwrap();
}

/// The user loses a right while the store is open.
#[tokio::test]
async fn redis_call_without_its_rights_changes_nothing() {
    for refused in ["hset", "zadd", "del", "hdel", "zrem"] {
        let prefix = prefix();
        let (whole, alice) = confirmed(&prefix, 1).await;
        let phone = id("alice", "phone");
        assert!(whole.insert(&phone, &entry("record", 7, 0, true)).await.unwrap());
        whole.store_recovery(alice.account(), &codes("alice")).await.unwrap();
        let redis = with(&prefix, needed(None)).await.connect().await.unwrap();
        let everything = async || {
            let mut all = Vec::new();
            for id in whole.list(None, 9).await.unwrap() {
                all.push((whole.find(&id).await.unwrap(), id));
            }
            let recovery = whole.recovery(alice.account()).await.unwrap();
            (all, recovery, all_keys(&prefix).await)
        };
        let before = everything().await;
        with(&prefix, needed(Some(refused))).await;
        let removes = matches!(refused, "del" | "hdel" | "zrem");
        if removes {
            assert!(redis.remove(&phone).await.is_err(), "{refused}");
            assert!(redis.remove_recovery(alice.account()).await.is_err(), "{refused}");
        } else {
            assert!(redis.insert(&phone, &entry("other", 8, 0, true)).await.is_err(), "{refused}");
            let new = id("alice", "tablet");
            assert!(redis.insert(&new, &entry("record", 7, 0, true)).await.is_err(), "{refused}");
            let bob = id("bob", "");
            assert!(redis.insert(&bob, &entry("record", 7, 0, true)).await.is_err(), "{refused}");
            for account in ["alice", "bob"] {
                let stored = AccountId::new(account).unwrap();
                let stored = redis.store_recovery(&stored, &codes(account)).await;
                assert!(stored.is_err(), "{refused} {account}");
            }
        }
        assert_eq!(everything().await, before, "{refused}");
        assert_eq!(whole.find(&alice).await.unwrap().unwrap().next, 1);
    }
}
