//! The keys of a store.

use core::time::Duration;

use alloc::sync::Arc;

use otp_store::{AsyncStore as _, SpendReply};
use tokio::task::JoinSet;

use crate::requests::{codes, id, spent};
use crate::site::{Site, charge, command, entry};

#[tokio::test]
async fn keys_do_not_expire_and_removal_leaves_only_the_schema() {
    let site = Site::new().await;
    let (redis, alice2) = (&site.redis, id("alice2"));
    let phone = site.add("phone").await;
    assert!(redis.insert(&alice2, &entry()).await.unwrap());
    redis.store_recovery(site.account(), &codes("alice")).await.unwrap();
    let _ = redis.charge(&site.alice, &charge()).await.unwrap();
    let keys = site.all().await;
    assert_eq!(keys.len(), 9);
    for key in keys {
        assert_eq!(command::<i64>(&["TTL", &site.name(&key)]).await, -1, "{key}");
    }
    for removed in [&site.alice, &phone] {
        assert!(redis.remove(removed).await.unwrap());
    }
    assert!(redis.remove_recovery(site.account()).await.unwrap());
    assert!(redis.remove(&alice2).await.unwrap());
    site.are_only(&["schema"]).await;
    // Recovery codes without a credential.
    redis.store_recovery(site.account(), &codes("alice")).await.unwrap();
    assert_eq!(site.all().await.len(), 4);
    assert!(redis.remove_recovery(site.account()).await.unwrap());
    site.are_only(&["schema"]).await;
}

#[tokio::test]
async fn flushed_script_is_sent_again() {
    let site = Site::new().await;
    command::<()>(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(spent(&site.redis, 5).await, SpendReply::Done);
    assert_eq!(site.find().await.next, 6);
}

/// Calls are dropped at every stage. The other calls get their own replies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_call_takes_its_reply_with_it() {
    let site = Site::empty().await;
    let (redis, ids) = (Arc::new(site.redis), (0..50).map(|n| id(&format!("user{n}"))));
    let ids: Vec<_> = ids.collect();
    for (generation, id) in (0..).zip(&ids) {
        assert!(redis.insert(id, &crate::requests::entry(generation)).await.unwrap());
    }
    let mut tasks = JoinSet::new();
    for task in 0..3000_usize {
        let (redis, place) = (Arc::clone(&redis), task % 50);
        let id = ids[place].clone();
        tasks.spawn(async move {
            // Of every seven calls one is dropped at once, and one never.
            let patience = match task % 7 {
                0 => Duration::MAX,
                1 => Duration::ZERO,
                _ => Duration::from_micros((task as u64 * 7) % 900),
            };
            let Ok(found) = tokio::time::timeout(patience, redis.find(&id)).await else {
                return false;
            };
            assert_eq!(found.unwrap().unwrap().generation, place as u64);
            true
        });
        if task % 16 == 0 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
    let answered = tasks.join_all().await;
    let count = answered.iter().filter(|answered| **answered).count();
    assert!(count >= 400 && count < answered.len() - 400, "{count} of {} answered", answered.len());
}
