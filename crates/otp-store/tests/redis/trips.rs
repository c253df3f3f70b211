//! What a log-in costs the server.

use alloc::collections::BTreeMap;
use core::sync::atomic::AtomicU64;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{AsyncVerifier, RecoveryVerdict, Verdict};

use super::*;
use crate::server::{SAFE, Server};

/// Returns how often each command has run.
async fn commands(server: &Server) -> BTreeMap<String, u64> {
    let stats = server.command(&["INFO", "commandstats"]).await.unwrap();
    let stats: String = ::redis::from_redis_value(stats).unwrap();
    let calls = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split_once(',')?.0.parse().ok()?))
    };
    stats.lines().filter_map(calls).collect()
}

#[tokio::test]
async fn redis_log_in_takes_two_scripts() {
    let server = Server::start(&SAFE);
    let clock = Arc::new(AtomicU64::new(1_700_000_000));
    let time = Arc::clone(&clock);
    let context = OtpContext::new()
        .with_plain_keys()
        .with_clock(move || Ok(UnixTime::from_secs(time.load(Ordering::SeqCst))));
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let verifier = AsyncVerifier::new(server.open().await, context, options).unwrap();
    let alice = id("alice", "");
    let credential = verifier.context().new_totp("alice@example.com").unwrap();
    verifier.enroll(&alice, &credential).await.unwrap();
    let recovery_codes = verifier.replace_recovery_codes(alice.account()).await.unwrap();
    let code = || {
        let now = clock.fetch_add(30, Ordering::SeqCst) + 30;
        credential.totp().unwrap().generate(UnixTime::from_secs(now)).code().text().to_string()
    };
    let confirmed = verifier.confirm(&alice, &code()).await.unwrap();
    assert!(matches!(confirmed, Verdict::Accepted(_)));
    let mut counts = Vec::new();
    for of_the_account in [false, true, false, true] {
        server.command(&["CONFIG", "RESETSTAT"]).await.unwrap();
        let verdict = if of_the_account {
            verifier.verify_account(alice.account(), &code()).await
        } else {
            verifier.verify(&alice, &code()).await
        };
        assert!(matches!(verdict, Ok(Verdict::Accepted(_))), "{verdict:?}");
        counts.push(commands(&server).await);
    }
    // The first two calls teach the server the scripts.
    for (counted, names) in counts[2..].iter().zip([0, 1]) {
        let of = |name: &str| counted.get(name).copied().unwrap_or_default();
        assert_eq!((of("evalsha"), of("eval")), (2, 0), "{counted:?}");
        // The schema, the account and the credential are read twice, and the two hashes written.
        assert_eq!([of("get"), of("hmget"), of("hset")], [2, 4, 3], "{counted:?}");
        assert_eq!(of("hkeys"), names, "{counted:?}");
    }
    // A recovery takes two scripts, too. The first one teaches the server the scripts.
    let mut counted = BTreeMap::new();
    for code in recovery_codes.iter().take(2) {
        server.command(&["CONFIG", "RESETSTAT"]).await.unwrap();
        let verdict = verifier.recover(alice.account(), code.reveal().as_str()).await;
        assert!(matches!(verdict, Ok(RecoveryVerdict::Accepted(_))), "{verdict:?}");
        counted = commands(&server).await;
    }
    let of = |name: &str| counted.get(name).copied().unwrap_or_default();
    assert_eq!((of("evalsha"), of("eval")), (2, 0), "{counted:?}");
    assert_eq!([of("get"), of("hmget"), of("hkeys"), of("hset")], [2, 5, 2, 3], "{counted:?}");
}
