//! Recovery codes whose keys another program has changed, and what a recovery costs.

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{AsyncVerifier, Reason, RecoveryVerdict};

use super::*;

/// A store with recovery codes of alice, who also has a credential.
struct Site {
    prefix: String,
    verifier: AsyncVerifier<Redis>,
    alice: CredentialId,
    codes: Vec<String>,
}

impl Site {
    async fn new() -> Self {
        let prefix = prefix();
        let (redis, alice) = confirmed(&prefix, 1).await;
        let context = OtpContext::new().with_plain_keys();
        let options = waits().with_recovery_codes(RecoveryCodeSize::Long);
        let verifier = AsyncVerifier::new(redis, context, options).unwrap();
        let codes = verifier.replace_recovery_codes(alice.account()).await.unwrap();
        let codes = codes.iter().map(|code| code.reveal().as_str().to_owned()).collect();
        Self { prefix, verifier, alice, codes }
    }

    fn redis(&self) -> &Redis {
        self.verifier.store()
    }

    fn account(&self) -> &AccountId {
        self.alice.account()
    }

    fn key(&self, key: &str) -> String {
        format!("{}{{5:alice}}:{key}", self.prefix)
    }

    /// Returns the replies to every call that reads the codes.
    async fn readings(&self) -> [Result<(), Error>; 4] {
        let (redis, account) = (self.redis(), self.account());
        let charge = charge(&waits(), 9, 6, true);
        let set = codes("alice").id();
        [
            redis.recovery(account).await.map(drop),
            redis.charge_recovery(account, &charge).await.map(drop),
            redis.reseal_recovery(account, set, "", "key").await.map(drop),
            compared(self.verifier.recover(account, &self.codes[0]).await),
        ]
    }

    async fn is_sound(&self) {
        let left = self.verifier.recovery_codes_left(self.account()).await.unwrap();
        assert_eq!(left, Some(10));
        let recovered = self.verifier.recover(self.account(), &self.codes[0]).await.unwrap();
        assert!(matches!(recovered, RecoveryVerdict::Accepted(_)), "{recovered:?}");
    }
}

fn all_are_corrupt(readings: [Result<(), Error>; 4], part: &str, shown: &str) {
    for reading in readings {
        assert!(
            matches!(&reading, Err(Error::Corrupt(found)) if *found == part),
            "{shown} {reading:?}"
        );
    }
}

/// Returns why a code was not compared.
fn compared(verdict: Result<RecoveryVerdict, Error>) -> Result<(), Error> {
    match verdict {
        Err(Error::NotCompared(why)) => Err(*why),
        other => other.map(drop),
    }
}

#[tokio::test]
async fn redis_damaged_recovery_codes_accept_no_code() {
    let digest = |byte: u8| vec![byte; 32];
    let damages: [(&[u8], Vec<u8>); 6] = [
        (b"key", vec![b'x'; 1025]),
        (b"x", Vec::new()),
        (&digest(7)[1..], Vec::new()),
        (&digest(7), vec![7; 15]),
        (&digest(7), vec![7; 17]),
        (&digest(7), b"1".to_vec()),
    ];
    for (field, value) in damages {
        let site = Site::new().await;
        let key = site.key("recovery");
        command(&[b"HSET", key.as_bytes(), field, &value]).await;
        all_are_corrupt(site.readings().await, "set", &format!("{field:?}"));
        let failures = site.redis().find(&site.alice).await.unwrap().unwrap();
        assert_eq!(failures.account.throttle.failures(), 0, "an attempt is counted");
        // The control.
        match field {
            b"key" => command(&[b"HSET", key.as_bytes(), b"key", b""]).await,
            field => command(&[b"HDEL", key.as_bytes(), field]).await,
        };
        site.is_sound().await;
    }
    // There is no key, or far too many codes.
    let site = Site::new().await;
    command(&[b"HDEL", site.key("recovery").as_bytes(), b"key"]).await;
    all_are_corrupt(site.readings().await, "set", "no key");
    let site = Site::new().await;
    for number in 0..100 {
        command(&[b"HSET", site.key("recovery").as_bytes(), &digest(number), b""]).await;
    }
    all_are_corrupt(site.readings().await, "set", "many codes");
}

#[tokio::test]
async fn redis_damaged_id_of_recovery_codes_is_corrupt() {
    for id in ["", "-1", "01", "9223372036854775808", "x"] {
        let site = Site::new().await;
        command(&[b"HSET", site.key("account").as_bytes(), b"set", id.as_bytes()]).await;
        let corrupt = |reading: Result<(), Error>| {
            assert!(matches!(reading, Err(Error::Corrupt("set"))), "{id} {reading:?}");
        };
        corrupt(site.redis().recovery(site.account()).await.map(drop));
        corrupt(site.redis().find(&site.alice).await.map(drop));
        corrupt(site.redis().credentials(site.account()).await.map(drop));
        corrupt(compared(site.verifier.recover(site.account(), &site.codes[0]).await));
    }
}

#[tokio::test]
async fn redis_lost_half_of_recovery_codes_is_corrupt() {
    for lost in ["recovery", "account"] {
        let site = Site::new().await;
        assert!(site.redis().remove(&site.alice).await.unwrap());
        let (key, aside) = (site.key(lost), format!("{}aside", site.prefix));
        command(&[b"RENAME", key.as_bytes(), aside.as_bytes()]).await;
        all_are_corrupt(site.readings().await, "set", lost);
        for refused in [
            site.redis().unlock(site.account()).await,
            site.redis().revoke_trust(site.account()).await,
        ] {
            assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{lost} {refused:?}");
        }
        if lost == "account" {
            // The failures are unknown.
            for refused in [
                site.redis().store_recovery(site.account(), &codes("alice")).await,
                site.redis().remove_recovery(site.account()).await.map(drop),
            ] {
                assert!(matches!(refused, Err(Error::Corrupt("throttle"))), "{refused:?}");
            }
        }
        command(&[b"RENAME", aside.as_bytes(), key.as_bytes()]).await;
        site.is_sound().await;
    }
}

#[tokio::test]
async fn redis_damaged_recovery_codes_are_replaced_and_removed() {
    for removes in [false, true] {
        for lost in [false, true] {
            let mut site = Site::new().await;
            let charge = charge(&waits(), 9, 6, true);
            let _ = site.redis().charge(&site.alice, &charge).await.unwrap();
            match lost {
                true => command(&[b"DEL", site.key("recovery").as_bytes()]).await,
                false => command(&[b"HDEL", site.key("recovery").as_bytes(), b"key"]).await,
            };
            if removes {
                assert!(site.redis().remove_recovery(site.account()).await.unwrap());
                assert_eq!(site.redis().recovery(site.account()).await.unwrap(), None);
            }
            let made = site.verifier.replace_recovery_codes(site.account()).await.unwrap();
            site.codes = made.iter().map(|code| code.reveal().as_str().to_owned()).collect();
            let found = site.redis().find(&site.alice).await.unwrap().unwrap();
            assert_eq!(found.account.throttle.failures(), 1, "failures are lost");
            site.is_sound().await;
        }
    }
}

#[tokio::test]
async fn redis_foreign_key_in_the_place_of_recovery_codes_is_unchanged() {
    let site = Site::new().await;
    for (key, index) in [(site.key("recovery"), false), (format!("{}recovery", site.prefix), true)]
    {
        let aside = format!("{}aside", site.prefix);
        command(&[b"RENAME", key.as_bytes(), aside.as_bytes()]).await;
        command(&[b"SET", key.as_bytes(), b"x"]).await;
        if !index {
            all_are_corrupt(site.readings().await, "key", &key);
        }
        for refused in [
            site.redis().store_recovery(site.account(), &codes("alice")).await,
            site.redis().remove_recovery(site.account()).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Error::Corrupt("key"))), "{key} {refused:?}");
        }
        let left = command(&[b"GET", key.as_bytes()]).await;
        assert_eq!(left, ::redis::Value::BulkString(b"x".to_vec()));
        command(&[b"RENAME", aside.as_bytes(), key.as_bytes()]).await;
    }
    site.is_sound().await;
}

/// A log-in works while the recovery codes are damaged.
#[tokio::test]
async fn redis_log_in_does_not_need_the_recovery_codes() {
    let site = Site::new().await;
    command(&[b"DEL", site.key("recovery").as_bytes()]).await;
    let charge = charge(&waits(), 9, 6, true);
    let charged = site.redis().charge(&site.alice, &charge).await.unwrap();
    assert!(matches!(charged, ChargeReply::Permitted(_)));
    let spent = site.redis().spend(&site.alice, &spend(7, 1, 0)).await.unwrap();
    assert_eq!(spent, SpendReply::Done);
}

/// The keys of one account's codes are copied to another account.
#[tokio::test]
async fn redis_copied_recovery_codes_accept_no_code() {
    let site = Site::new().await;
    let bob = AccountId::new("bob").unwrap();
    site.redis().store_recovery(&bob, &codes("bob")).await.unwrap();
    let of_bob = format!("{}{{3:bob}}:recovery", site.prefix);
    let from = site.key("recovery");
    command(&[b"COPY", from.as_bytes(), of_bob.as_bytes(), b"REPLACE"]).await;
    let set = command(&[b"HGET", site.key("account").as_bytes(), b"set"]).await;
    let ::redis::Value::BulkString(set) = set else { panic!("no set") };
    let account = format!("{}{{3:bob}}:account", site.prefix);
    command(&[b"HSET", account.as_bytes(), b"set", &set]).await;
    let verdict = site.verifier.recover(&bob, &site.codes[0]).await.unwrap();
    let RecoveryVerdict::Rejected(rejection) = verdict else { panic!("{verdict:?}") };
    assert!(matches!(rejection.reason(), Reason::Code(_)), "{rejection:?}");
    site.is_sound().await;
}

#[tokio::test]
async fn redis_recovery_codes_leave_only_the_schema() {
    let site = Site::new().await;
    let redis = site.redis();
    assert!(redis.remove(&site.alice).await.unwrap());
    assert!(redis.insert(&site.alice, &entry("record", 7, 0, true)).await.unwrap());
    assert!(redis.remove_recovery(site.account()).await.unwrap());
    assert!(redis.remove(&site.alice).await.unwrap());
    let schema = BTreeSet::from([format!("{}schema", site.prefix)]);
    assert_eq!(all_keys(&site.prefix).await, schema);
    // Without a credential.
    redis.store_recovery(site.account(), &codes("alice")).await.unwrap();
    assert_eq!(all_keys(&site.prefix).await.len(), 4);
    assert!(redis.remove_recovery(site.account()).await.unwrap());
    assert_eq!(all_keys(&site.prefix).await, schema);
}

#[tokio::test]
async fn redis_trust_epoch_ends_at_the_largest_number() {
    let site = Site::new().await;
    for (stored, expected) in
        [(41, 42), ((1 << 53) - 2, (1 << 53) - 1), ((1 << 53) - 1, (1 << 53) - 1)]
    {
        let value = u64::to_string(&stored);
        command(&[b"HSET", site.key("account").as_bytes(), b"trust", value.as_bytes()]).await;
        assert!(site.redis().revoke_trust(site.account()).await.unwrap());
        let found = site.redis().find(&site.alice).await.unwrap().unwrap();
        assert_eq!(found.account.trust_epoch, expected);
    }
}
