//! The index is used only for listing.

use alloc::collections::BTreeSet;

use otp_store::{AccountId, AsyncStore as _, IndexDifference, SpendReply};

use crate::requests::{codes, id, spent};
use crate::site::{CREDENTIAL, Keys, Site, charge, entry};

#[tokio::test]
async fn redis_lost_index_loses_no_credential() {
    let site = Site::new().await;
    let phone = site.add("phone").await;
    assert_eq!(spent(&site.redis, 5).await, SpendReply::Done);
    let _ = site.redis.charge(&site.alice, &charge()).await.unwrap();
    site.lose("index").await;
    assert!(site.redis.remove(&phone).await.unwrap());
    let found = site.find().await;
    assert_eq!((found.next, found.account.throttle.failures()), (6, 1));
    assert_eq!(spent(&site.redis, 5).await, SpendReply::Replayed);
}

/// Removes an entry of an index, adds another one, and has them found and repaired.
async fn is_repaired(site: &Site, index: &str, [lost, added]: [(&str, IndexDifference); 2]) {
    assert_eq!(site.redis.check_index().await.unwrap(), []);
    site.run::<()>("ZREM", index, lost.0).await;
    site.run::<()>("ZADD", index, (0, added.0)).await;
    // Another key under the prefix is not reported.
    site.run::<()>("SET", "note", "x").await;
    let differences = [lost.1, added.1];
    assert_eq!(site.redis.check_index().await.unwrap(), differences);
    assert_eq!(site.redis.repair_index().await.unwrap(), differences);
    assert_eq!(site.redis.check_index().await.unwrap(), []);
}

/// Loses an index, and has the rest repaired. Damage is reported, and not repaired.
async fn damage_stays(
    site: &Site,
    index: &str,
    lost: IndexDifference,
    damaged: &[IndexDifference],
) {
    site.lose(index).await;
    let found = site.redis.repair_index().await.unwrap();
    assert_eq!(found, [&[lost], damaged].concat());
    assert_eq!(site.redis.check_index().await.unwrap(), damaged);
}

#[tokio::test]
async fn redis_check_reports_each_difference_and_repair_corrects_the_index() {
    use IndexDifference::{Damaged, Gone, Unlisted};

    let site = Site::new().await;
    let (alice, phone, bob) = (site.alice.clone(), site.add("phone").await, id("bob"));
    assert!(site.redis.insert(&bob, &entry()).await.unwrap());
    let differences = [("alice\0", Unlisted(alice.clone())), ("carol\0", Gone(id("carol")))];
    is_repaired(&site, "index", differences).await;
    let all = [alice.clone(), phone.clone(), bob.clone()];
    assert_eq!(site.redis.list(None, 9).await.unwrap(), all);
    site.lose(&format!("{CREDENTIAL}phone")).await;
    site.lose("{3:bob}:account").await;
    damage_stays(&site, "index", Unlisted(alice), &[Damaged(phone), Damaged(bob)]).await;
}

#[tokio::test]
async fn redis_check_reads_the_index_of_recovery_codes() {
    use IndexDifference::{DamagedRecovery, GoneRecovery, UnlistedRecovery};

    let site = Site::under(Keys::special()).await;
    let account = |name: &str| AccountId::new(name).unwrap();
    let all = ["alice", "bob", "carol", "dave"].map(account);
    for account in &all {
        site.redis.store_recovery(account, &codes(account.as_str())).await.unwrap();
    }
    let lost = UnlistedRecovery(account("alice"));
    let differences = [("alice", lost.clone()), ("eve", GoneRecovery(account("eve")))];
    is_repaired(&site, "recovery", differences).await;
    assert_eq!(site.redis.list_recovery(None, 9).await.unwrap(), all);
    site.lose("{3:bob}:recovery").await;
    site.lose("{5:carol}:account").await;
    site.delete("{4:dave}:recovery", "key").await;
    let damaged = ["bob", "carol", "dave"].map(|name| DamagedRecovery(account(name)));
    damage_stays(&site, "recovery", lost, &damaged).await;
}

#[tokio::test]
async fn redis_check_reads_all_pages() {
    let site = Site::under(Keys::special()).await;
    let ids: BTreeSet<_> = (0..2500).map(|n| id(&format!("user{n}"))).collect();
    for id in &ids {
        assert!(site.redis.insert(id, &entry()).await.unwrap());
    }
    assert_eq!(site.redis.check_index().await.unwrap(), []);
    site.lose("index").await;
    let unlisted: Vec<_> = ids.iter().cloned().map(IndexDifference::Unlisted).collect();
    assert_eq!(site.redis.repair_index().await.unwrap(), unlisted);
    assert_eq!(site.redis.list(None, 9999).await.unwrap(), Vec::from_iter(ids));
}
