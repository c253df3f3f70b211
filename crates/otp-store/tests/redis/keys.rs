//! The keys of a store.

use super::*;

#[tokio::test]
async fn ids_are_listed_byte_for_byte() {
    let redis = open(&prefix()).await;
    let texts = ["a", "ab", "a b", "1", "1:a", "a:1", ":", "-", "+", "[", "(", "é", "\u{10ffff}"];
    let mut ids = BTreeSet::new();
    for account in texts {
        for name in texts.into_iter().chain([""]) {
            ids.insert(id(account, name));
        }
    }
    for id in &ids {
        assert!(redis.insert(id, &entry(id.name(), 1, 0, false)).await.unwrap());
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = redis.list(after.as_ref(), 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        seen.extend(page);
    }
    assert_eq!(seen, Vec::from_iter(ids.clone()));
    assert_eq!(redis.list(None, usize::MAX).await.unwrap(), seen);
    assert_eq!(redis.list(None, 0).await.unwrap(), []);
    for account in texts {
        let account = AccountId::new(account).unwrap();
        let stored = redis.credentials(&account).await.unwrap();
        let expected = ids.iter().filter(|id| *id.account() == account);
        assert!(stored.iter().map(|(id, _)| id).eq(expected), "{account}");
        assert!(stored.iter().all(|(id, entry)| entry.record.as_str() == id.name()), "{account}");
    }
    for account in texts {
        let account = AccountId::new(account).unwrap();
        redis.store_recovery(&account, &codes(account.as_str())).await.unwrap();
    }
    let mut accounts = texts.map(|account| AccountId::new(account).unwrap());
    accounts.sort();
    assert_eq!(redis.list_recovery(None, usize::MAX).await.unwrap(), accounts);
    assert_eq!(redis.list_recovery(Some(&accounts[4]), 3).await.unwrap(), accounts[5..8]);
    assert_eq!(redis.list_recovery(None, 0).await.unwrap(), []);
    for id in &ids {
        let stored = redis.find(id).await.unwrap().unwrap();
        assert_eq!(stored.record.as_str(), id.name());
        assert!(redis.remove(id).await.unwrap());
    }
    assert_eq!(redis.list(None, usize::MAX).await.unwrap(), []);
}

#[tokio::test]
async fn removal_leaves_only_the_schema() {
    let prefix = prefix();
    let redis = open(&prefix).await;
    let (alice, phone, alice2) = (id("alice", ""), id("alice", "phone"), id("alice2", ""));
    for id in [&alice, &phone, &alice2] {
        assert!(redis.insert(id, &entry("record", 7, 0, false)).await.unwrap());
        let _ = redis.charge(id, &charge(&waits(), 9, 6, false)).await.unwrap();
    }
    assert!(redis.remove(&alice).await.unwrap());
    assert!(!redis.remove(&alice).await.unwrap());
    let left = redis.find(&phone).await.unwrap().unwrap();
    assert_eq!(left.account.throttle.failures(), 2, "the account is lost");
    assert!(redis.remove(&phone).await.unwrap());
    assert_eq!(redis.find(&alice2).await.unwrap().unwrap().account.throttle.failures(), 1);
    assert!(redis.remove(&alice2).await.unwrap());
    assert_eq!(all_keys(&prefix).await, BTreeSet::from([format!("{prefix}schema")]));
}

#[tokio::test]
async fn flushed_script_is_sent_again() {
    let (redis, alice) = confirmed(&prefix(), 1).await;
    command(&[b"SCRIPT", b"FLUSH"]).await;
    assert_eq!(redis.spend(&alice, &spend(7, 5, 0)).await.unwrap(), SpendReply::Done);
    assert_eq!(redis.find(&alice).await.unwrap().unwrap().next, 6);
}

/// Calls are dropped at every stage. The other calls get their own replies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_call_takes_its_reply_with_it() {
    let redis = Arc::new(open(&prefix()).await);
    let ids: Vec<_> = (0..50).map(|n| id(&format!("user{n}"), "")).collect();
    for id in &ids {
        assert!(redis.insert(id, &entry(id.account().as_str(), 7, 0, false)).await.unwrap());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..3000_usize {
        let (redis, id) = (Arc::clone(&redis), ids[task % 50].clone());
        tasks.spawn(async move {
            // Of every seven calls one is dropped at once, and one never.
            let patience = match task % 7 {
                0 => Duration::MAX,
                1 => Duration::ZERO,
                _ => Duration::from_micros((task as u64 * 7) % 900),
            };
            match tokio::time::timeout(patience, redis.find(&id)).await {
                Err(_) => false,
                Ok(found) => {
                    assert_eq!(found.unwrap().unwrap().record.as_str(), id.account().as_str());
                    true
                }
            }
        });
        if task % 16 == 0 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
    let answered = tasks.join_all().await;
    let count = answered.iter().filter(|answered| **answered).count();
    assert!(count >= 400 && count < answered.len() - 400, "{count} of {} answered", answered.len());
    for id in &ids {
        assert_eq!(redis.find(id).await.unwrap().unwrap().record.as_str(), id.account().as_str());
    }
}

#[tokio::test]
async fn keys_do_not_expire() {
    let prefix = prefix();
    let (redis, alice) = confirmed(&prefix, 1).await;
    let _ = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    redis.store_recovery(alice.account(), &codes("alice")).await.unwrap();
    let keys = all_keys(&prefix).await;
    assert_eq!(keys.len(), 6);
    for key in keys {
        assert_eq!(command(&[b"TTL", key.as_bytes()]).await, ::redis::Value::Int(-1), "{key}");
    }
}
