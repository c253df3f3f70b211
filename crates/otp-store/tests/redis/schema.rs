//! The schema: creating it, missing it, and finding another one.

use otp_store::{AsyncStore as _, Error, SpendReply};

use crate::requests::{CALLS, at_once, call, spent};
use crate::site::{Keys, Site, entry};

fn missing<T: core::fmt::Debug>(reply: Result<T, Error>, keys: &Keys, case: &str) {
    let error = reply.unwrap_err();
    let Error::Missing(place) = &error else { panic!("{case}: {error:?}") };
    assert!(place.contains(&keys.name("schema")), "{case}: {place}");
}

#[tokio::test]
async fn redis_empty_server_is_missing() {
    let keys = Keys::new();
    missing(keys.connect().await, &keys, "connect");
    missing(keys.options().migrate().await, &keys, "migrate");
    keys.are_only(&[]).await;
    // The control.
    keys.create().await;
    assert!(keys.connect().await.is_ok());
}

/// Sixteen create a store at once. Later ones change nothing.
#[tokio::test]
async fn redis_concurrent_creations_succeed() {
    let keys = Keys::new();
    for exists in [false, true] {
        let created = at_once(16, |_| keys.options().create()).await;
        let stores: Vec<_> = created.into_iter().map(Result::unwrap).collect();
        if exists {
            assert_eq!(call(&stores[0], "spend").await.unwrap(), "Replayed");
        } else {
            keys.are_only(&["schema"]).await;
            call(&stores[0], "insert").await.unwrap();
            assert_eq!(call(&stores[1], "spend").await.unwrap(), "Done");
        }
    }
}

/// `FLUSHDB` under a running service, or a server that starts empty.
#[tokio::test]
async fn redis_flushed_database_is_missing_in_every_call() {
    let site = Site::new().await;
    for key in site.all().await {
        site.lose(&key).await;
    }
    for name in CALLS.split(' ') {
        missing(call(&site.redis, name).await, &site, name);
    }
    missing(site.redis.check_index().await, &site, "check_index");
    site.are_only(&[]).await;
    // Created again, it is a store without credentials, also for existing connections.
    site.create().await;
    assert_eq!(site.redis.find(&site.alice).await.unwrap(), None);
}

#[tokio::test]
async fn foreign_schema_is_refused_and_unchanged() {
    for (schema, newer) in [
        ("otp-store 2", true),
        ("otp-store 4000000000", true),
        ("otp-store 4 4", true),
        ("7", false),
        ("", false),
    ] {
        let keys = Keys::new();
        keys.set_schema(schema).await;
        for refused in keys.refusals().await {
            assert_eq!(matches!(refused, Error::Newer), newer, "{schema} {refused:?}");
            assert_eq!(matches!(refused, Error::Foreign), !newer, "{schema} {refused:?}");
        }
        assert_eq!(keys.text("schema").await, schema);
    }
    // The schema key has another type, or an index exists without a schema.
    for (key, missing) in [("schema", false), ("index", true), ("recovery", true)] {
        let keys = Keys::new();
        keys.run::<()>("LPUSH", key, "x").await;
        let [connected, created] = keys.refusals().await;
        assert_eq!(matches!(connected, Error::Missing(_)), missing, "{key} {connected:?}");
        assert_eq!(matches!(connected, Error::Foreign), !missing, "{key} {connected:?}");
        assert!(matches!(created, Error::Foreign), "{key} {created:?}");
    }
}

#[tokio::test]
async fn later_schema_that_permits_this_version_is_opened() {
    let site = Site::new().await;
    site.set_schema("otp-store 4 3").await;
    assert!(site.connect().await.unwrap().find(&site.alice).await.unwrap().is_some());
    // Also by a store that was opened before the change.
    assert_eq!(spent(&site.redis, 1).await, SpendReply::Done);
    site.set_schema("otp-store 5 4").await;
    let refused = site.redis.insert(&site.alice, &entry()).await;
    assert!(matches!(refused, Err(Error::Newer)), "{refused:?}");
}
