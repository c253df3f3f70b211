//! Recovery codes whose keys another program has changed.

use core::ops::Deref;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{
    AccountId, AsyncStore as _, AsyncVerifier, Error, Reason, RecoveryVerdict, Redis,
    VerifierOptions,
};

use crate::requests::{call, codes};
use crate::site::{self, ACCOUNT, CODES, corrupt};

/// The calls that read recovery codes, beside a recovery.
const READS: &str = "recovery charge_recovery reseal_recovery";
const WRITES: &str = "store_recovery remove_recovery";

/// A store with recovery codes of alice, who also has a credential.
struct Site {
    site: site::Site,
    verifier: AsyncVerifier<Redis>,
    codes: Vec<String>,
}

impl Deref for Site {
    type Target = site::Site;

    fn deref(&self) -> &site::Site {
        &self.site
    }
}

impl Site {
    async fn new() -> Self {
        let site = site::Site::new().await;
        let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
        let context = OtpContext::new().with_plain_keys();
        let verifier = AsyncVerifier::new(site.connect().await.unwrap(), context, options).unwrap();
        let mut site = Self { site, verifier, codes: Vec::new() };
        site.make_codes().await;
        site
    }

    async fn make_codes(&mut self) {
        let codes = self.verifier.replace_recovery_codes(self.account()).await.unwrap();
        self.codes = codes.iter().map(|code| code.reveal().as_str().to_owned()).collect();
    }

    async fn recover(&self) -> Result<RecoveryVerdict, Error> {
        self.verifier.recover(self.account(), &self.codes[0]).await
    }

    /// Checks that a recovery compares no code, because a part is corrupt.
    async fn is_not_compared(&self, part: &str, case: &str) {
        let Err(Error::NotCompared(why)) = self.recover().await else { panic!("{case}") };
        corrupt::<()>(&Err(*why), part, case);
    }

    /// Checks that no call reads the codes.
    async fn none_reads(&self, part: &str, case: &str) {
        self.all_corrupt(READS, part, case).await;
        self.is_not_compared(part, case).await;
    }

    async fn is_sound(&self) {
        let left = self.verifier.recovery_codes_left(self.account()).await.unwrap();
        assert_eq!(left, Some(10));
        let recovered = self.recover().await.unwrap();
        assert!(matches!(recovered, RecoveryVerdict::Accepted(_)), "{recovered:?}");
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
        site.set(CODES, field, &value).await;
        site.none_reads("set", &format!("{field:?}")).await;
        assert_eq!(site.failures().await, 0, "an attempt is counted");
        // The control.
        match field {
            b"key" => site.set(CODES, "key", "").await,
            field => site.delete(CODES, field).await,
        }
        site.is_sound().await;
    }
    // There is no key, or far too many codes.
    let site = Site::new().await;
    site.delete(CODES, "key").await;
    site.none_reads("set", "no key").await;
    let site = Site::new().await;
    for number in 0..100 {
        site.set(CODES, digest(number), "").await;
    }
    site.none_reads("set", "many codes").await;
}

#[tokio::test]
async fn redis_damaged_id_of_recovery_codes_is_corrupt() {
    for id in ["", "-1", "01", "9223372036854775808", "x"] {
        let site = Site::new().await;
        site.set(ACCOUNT, "set", id).await;
        site.all_corrupt("recovery find credentials", "set", id).await;
        site.is_not_compared("set", id).await;
    }
}

#[tokio::test]
async fn redis_lost_half_of_recovery_codes_is_corrupt() {
    for lost in [CODES, ACCOUNT] {
        let site = Site::new().await;
        assert!(site.redis.remove(&site.alice).await.unwrap());
        site.rename(lost, "aside").await;
        site.none_reads("set", lost).await;
        site.all_corrupt("unlock revoke_trust", "throttle", lost).await;
        if lost == ACCOUNT {
            // The failures are unknown.
            site.all_corrupt(WRITES, "throttle", lost).await;
        }
        site.rename("aside", lost).await;
        site.is_sound().await;
    }
}

/// A log-in works while the recovery codes are damaged. They can be replaced and removed.
#[tokio::test]
async fn redis_damaged_recovery_codes_are_replaced_and_removed() {
    for (removes, lost) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut site = Site::new().await;
        match lost {
            true => site.lose(CODES).await,
            false => site.delete(CODES, "key").await,
        }
        assert_eq!(call(&site.redis, "spend").await.unwrap(), "Done");
        assert!(call(&site.redis, "charge").await.unwrap().starts_with("Permitted"));
        if removes {
            assert_eq!(call(&site.redis, "remove_recovery").await.unwrap(), "true");
            assert_eq!(call(&site.redis, "recovery").await.unwrap(), "None");
        }
        site.make_codes().await;
        assert_eq!(site.failures().await, 1, "failures are lost");
        site.is_sound().await;
    }
}

#[tokio::test]
async fn redis_foreign_key_in_the_place_of_recovery_codes_is_unchanged() {
    let site = Site::new().await;
    for key in [CODES, "recovery"] {
        site.replace(key).await;
        if key == CODES {
            site.none_reads("key", key).await;
        }
        site.all_corrupt(WRITES, "key", key).await;
        site.put_back(key).await;
    }
    site.is_sound().await;
}

/// The keys of one account's codes are copied to another account.
#[tokio::test]
async fn redis_copied_recovery_codes_accept_no_code() {
    let site = Site::new().await;
    let bob = AccountId::new("bob").unwrap();
    site.redis.store_recovery(&bob, &codes("bob")).await.unwrap();
    site.run::<()>("COPY", CODES, &[&site.name("{3:bob}:recovery"), "REPLACE"]).await;
    let set = site.get(ACCOUNT, "set").await;
    site.set("{3:bob}:account", "set", set).await;
    let verdict = site.verifier.recover(&bob, &site.codes[0]).await.unwrap();
    let RecoveryVerdict::Rejected(rejection) = verdict else { panic!("{verdict:?}") };
    assert!(matches!(rejection.reason(), Reason::Code(_)), "{rejection:?}");
    site.is_sound().await;
}
