//! Keys that are lost, or another program's.

use otp_store::{AsyncStore as _, SpendReply};

use crate::requests::{call, entry, spend};
use crate::site::{ACCOUNT, CREDENTIAL, Site, corrupt};

const KEYS: [&str; 3] = [CREDENTIAL, ACCOUNT, "index"];
/// The calls that read all credentials of an account.
const OF_THE_ACCOUNT: &str = "credentials charge_account";

#[tokio::test]
async fn key_of_another_type_is_refused_without_a_partial_change() {
    for key in KEYS {
        let site = Site::empty().await;
        site.replace(key).await;
        site.all_corrupt("insert", "key", key).await;
        site.are_only(&["schema", key]).await;
        if key != "index" {
            site.all_corrupt("charge spend", "key", key).await;
            // Without an account, the type of its credential's key does not matter.
            let part = if key == ACCOUNT { "key" } else { "throttle" };
            site.all_corrupt("unlock", part, key).await;
        }
        assert_eq!(site.text(key).await, "x");
    }
}

/// Another program's key replaces one of the store's.
#[tokio::test]
async fn failed_removal_changes_nothing() {
    for key in KEYS {
        let site = Site::new().await;
        site.replace(key).await;
        site.all_corrupt("remove", "key", key).await;
        site.put_back(key).await;
        assert_eq!(site.find().await.next, 1, "{key}");
        assert_eq!(site.redis.list(None, 9).await.unwrap(), core::slice::from_ref(&site.alice));
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
        ("record", "{\"record\":7}"),
    ];
    for key in [CREDENTIAL, ACCOUNT] {
        let site = Site::empty().await;
        site.run::<()>("HSET", key, &foreign).await;
        // Without the account it is unknown whether the credential existed.
        let refused = match key {
            ACCOUNT => "insert unlock revoke_trust store_recovery",
            _ => "insert find charge spend remove reseal",
        };
        site.all_corrupt(refused, "throttle", key).await;
        site.all_corrupt(OF_THE_ACCOUNT, "throttle", key).await;
        if key == ACCOUNT {
            assert_eq!(call(&site.redis, "remove").await.unwrap(), "false");
        }
        site.are_only(&["schema", key]).await;
        assert_eq!(site.fields(key).await, 6);
    }
}

/// The credential exists, and its account's key is another program's.
#[tokio::test]
async fn redis_log_in_does_not_write_to_a_foreign_account() {
    let site = Site::new().await;
    site.lose(ACCOUNT).await;
    let foreign = [("failures", "3"), ("guesses", "9"), ("lock", "open"), ("charge", "")];
    site.run::<()>("HSET", ACCOUNT, &foreign).await;
    site.all_corrupt("charge spend confirming_spend spend_all", "throttle", "").await;
    site.all_corrupt(OF_THE_ACCOUNT, "throttle", "").await;
    assert_eq!((site.fields(ACCOUNT).await, site.failures().await), (4, 3));
    assert_eq!(site.run::<u64>("HGET", CREDENTIAL, "next").await, 1);
}

/// One of two credentials is lost. The other one alone is not charged for both.
#[tokio::test]
async fn redis_account_with_a_lost_credential_is_not_charged() {
    let site = Site::new().await;
    let mut phone = entry(8);
    phone.confirmed = true;
    let id = site.alice.clone().with_name("phone").unwrap();
    assert!(site.redis.insert(&id, &phone).await.unwrap());
    let lost = format!("{CREDENTIAL}phone");
    site.rename(&lost, "aside").await;
    let both = [("", spend(7, 5)), ("phone", spend(8, 5))];
    site.all_corrupt(OF_THE_ACCOUNT, "throttle", "").await;
    corrupt(&site.redis.spend_all(site.account(), &both).await, "throttle", "spend_all");
    assert_eq!(site.failures().await, 0);
    assert_eq!(site.find().await.next, 1, "a part is spent");
    // The control.
    site.rename("aside", &lost).await;
    for name in OF_THE_ACCOUNT.split(' ') {
        assert!(call(&site.redis, name).await.is_ok());
    }
    assert_eq!(site.redis.spend_all(site.account(), &both).await.unwrap(), SpendReply::Done);
}

/// Either of the two keys of a credential is lost.
#[tokio::test]
async fn redis_lost_key_of_a_pair_is_corrupt() {
    let calls = "find charge confirm spend insert remove unlock revoke_trust spend_all credentials \
                 charge_account";
    for lost in [CREDENTIAL, ACCOUNT] {
        let site = Site::new().await;
        site.lose(lost).await;
        site.all_corrupt(calls, "throttle", lost).await;
        assert_eq!(site.redis.list(None, 9).await.unwrap(), core::slice::from_ref(&site.alice));
    }
}
