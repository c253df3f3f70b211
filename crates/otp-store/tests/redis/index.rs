//! The index is used only for listing.

use super::*;

async fn three(prefix: &str) -> (Redis, [CredentialId; 3]) {
    let redis = open(prefix).await;
    let ids = [id("alice", ""), id("alice", "phone"), id("bob", "")];
    for id in &ids {
        assert!(redis.insert(id, &entry("record", 7, 0, true)).await.unwrap());
    }
    (redis, ids)
}

#[tokio::test]
async fn redis_lost_index_loses_no_credential() {
    let prefix = prefix();
    let (redis, [alice, phone, bob]) = three(&prefix).await;
    assert_eq!(redis.spend(&alice, &spend(7, 5, 0)).await.unwrap(), SpendReply::Done);
    let _ = redis.charge(&alice, &charge(&waits(), 9, 6, true)).await.unwrap();
    command(&[b"DEL", format!("{prefix}index").as_bytes()]).await;
    assert!(redis.remove(&phone).await.unwrap());
    let found = redis.find(&alice).await.unwrap().unwrap();
    assert_eq!((found.next, found.account.throttle.failures()), (6, 1));
    assert_eq!(redis.spend(&alice, &spend(7, 5, 0)).await.unwrap(), SpendReply::Replayed);
    assert!(redis.find(&bob).await.unwrap().is_some());
}

#[tokio::test]
async fn redis_check_reports_each_difference_and_repair_corrects_the_index() {
    use IndexDifference::{Damaged, Gone, Unlisted};

    let prefix = prefix();
    let (redis, [alice, phone, bob]) = three(&prefix).await;
    assert_eq!(redis.check_index().await.unwrap(), []);
    let index = format!("{prefix}index");
    command(&[b"ZREM", index.as_bytes(), b"alice\0"]).await;
    command(&[b"ZADD", index.as_bytes(), b"0", b"carol\0"]).await;
    // Another key under the prefix is not reported.
    command(&[b"SET", format!("{prefix}note").as_bytes(), b"x"]).await;
    let differences = [Unlisted(alice.clone()), Gone(id("carol", ""))];
    assert_eq!(redis.check_index().await.unwrap(), differences);
    assert_eq!(redis.repair_index().await.unwrap(), differences);
    assert_eq!(redis.check_index().await.unwrap(), []);
    assert_eq!(redis.list(None, 9).await.unwrap(), [alice, phone.clone(), bob.clone()]);
    // Damage is reported, and not repaired.
    command(&[b"DEL", format!("{prefix}{{5:alice}}:credential:phone").as_bytes()]).await;
    command(&[b"DEL", format!("{prefix}{{3:bob}}:account").as_bytes()]).await;
    command(&[b"DEL", index.as_bytes()]).await;
    let damaged = [Damaged(phone), Damaged(bob)];
    let found = redis.repair_index().await.unwrap();
    assert_eq!(found, [&[Unlisted(id("alice", ""))], &damaged[..]].concat());
    assert_eq!(redis.check_index().await.unwrap(), damaged);
}

#[tokio::test]
async fn redis_check_reads_all_pages() {
    let prefix = format!("{}[1]*:", prefix());
    let redis = open(&prefix).await;
    let ids: BTreeSet<_> = (0..2500).map(|n| id(&format!("user{n}"), "")).collect();
    for id in &ids {
        assert!(redis.insert(id, &entry("record", 7, 0, true)).await.unwrap());
    }
    assert_eq!(redis.check_index().await.unwrap(), []);
    command(&[b"DEL", format!("{prefix}index").as_bytes()]).await;
    let unlisted: Vec<_> = ids.iter().cloned().map(IndexDifference::Unlisted).collect();
    assert_eq!(redis.repair_index().await.unwrap(), unlisted);
    assert_eq!(redis.list(None, 9999).await.unwrap(), Vec::from_iter(ids));
}

#[tokio::test]
async fn redis_check_reads_the_index_of_recovery_codes() {
    use IndexDifference::{DamagedRecovery, GoneRecovery, UnlistedRecovery};

    let prefix = format!("{}[1]*:", prefix());
    let redis = open(&prefix).await;
    let account = |name: &str| AccountId::new(name).unwrap();
    for name in ["alice", "bob", "carol", "dave"] {
        redis.store_recovery(&account(name), &codes(name)).await.unwrap();
    }
    assert_eq!(redis.check_index().await.unwrap(), []);
    let index = format!("{prefix}recovery");
    command(&[b"ZREM", index.as_bytes(), b"alice"]).await;
    command(&[b"ZADD", index.as_bytes(), b"0", b"eve"]).await;
    let differences = [UnlistedRecovery(account("alice")), GoneRecovery(account("eve"))];
    assert_eq!(redis.check_index().await.unwrap(), differences);
    assert_eq!(redis.repair_index().await.unwrap(), differences);
    assert_eq!(redis.check_index().await.unwrap(), []);
    let all = ["alice", "bob", "carol", "dave"].map(account);
    assert_eq!(redis.list_recovery(None, 9).await.unwrap(), all);
    // Damage is reported, and not repaired.
    command(&[b"DEL", format!("{prefix}{{3:bob}}:recovery").as_bytes()]).await;
    command(&[b"DEL", format!("{prefix}{{5:carol}}:account").as_bytes()]).await;
    command(&[b"HDEL", format!("{prefix}{{4:dave}}:recovery").as_bytes(), b"key"]).await;
    command(&[b"DEL", index.as_bytes()]).await;
    let damaged = ["bob", "carol", "dave"].map(|name| DamagedRecovery(account(name)));
    let found = redis.repair_index().await.unwrap();
    assert_eq!(found, [&[UnlistedRecovery(account("alice"))], &damaged[..]].concat());
    assert_eq!(redis.check_index().await.unwrap(), damaged);
}
