//! What a log-in costs the server.

use alloc::collections::BTreeMap;

use otp_context::OtpContext;
use otp_context::recovery::RecoveryCodeSize;
use otp_store::{AsyncVerifier, RecoveryVerdict, Verdict, VerifierOptions};

use crate::requests::id;
use crate::server::{SAFE, Server};

/// Checks how often commands have run since the statistics were reset.
async fn have_run(server: &Server, expected: &[(&str, u64)]) {
    let stats = server.command(&["INFO", "commandstats"]).await.unwrap();
    let stats: String = redis::from_redis_value(stats).unwrap();
    let calls = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split_once(',')?.0.parse().ok()?))
    };
    let counted: BTreeMap<String, u64> = stats.lines().filter_map(calls).collect();
    for (name, times) in expected {
        assert_eq!(counted.get(*name).copied().unwrap_or_default(), *times, "{name} {counted:?}");
    }
}

#[tokio::test]
async fn redis_log_in_takes_two_scripts() {
    let server = Server::start(SAFE);
    let context = OtpContext::new().with_plain_keys();
    let options = VerifierOptions::new().with_recovery_codes(RecoveryCodeSize::Long);
    let verifier = AsyncVerifier::new(server.open().await, context, options).unwrap();
    let alice = id("alice");
    let credential = verifier.context().new_hotp("alice@example.com").unwrap();
    verifier.enroll(&alice, &credential).await.unwrap();
    let recovery_codes = verifier.replace_recovery_codes(alice.account()).await.unwrap();
    let code = |counter| credential.hotp().unwrap().generate(counter).text().to_string();
    let confirmed = verifier.confirm(&alice, &code(0)).await.unwrap();
    assert!(matches!(confirmed, Verdict::Accepted(_)));
    // The first two calls teach the server the scripts.
    for (counter, of_the_account, taught) in
        [(1, false, false), (2, true, false), (3, false, true), (4, true, true)]
    {
        server.command(&["CONFIG", "RESETSTAT"]).await.unwrap();
        let verdict = if of_the_account {
            verifier.verify_account(alice.account(), &code(counter)).await
        } else {
            verifier.verify(&alice, &code(counter)).await
        };
        assert!(matches!(verdict, Ok(Verdict::Accepted(_))), "{verdict:?}");
        if taught {
            // The schema, the account and the credential are read twice, and the two hashes written.
            let counts = [("evalsha", 2), ("eval", 0), ("get", 2), ("hmget", 4), ("hset", 3)];
            have_run(&server, &counts).await;
            have_run(&server, &[("hkeys", of_the_account.into())]).await;
        }
    }
    // A recovery takes two scripts, too.
    for (code, taught) in recovery_codes.iter().zip([false, true]) {
        server.command(&["CONFIG", "RESETSTAT"]).await.unwrap();
        let verdict = verifier.recover(alice.account(), code.reveal().as_str()).await;
        assert!(matches!(verdict, Ok(RecoveryVerdict::Accepted(_))), "{verdict:?}");
        if taught {
            let counts = [("evalsha", 2), ("eval", 0), ("get", 2), ("hmget", 5), ("hkeys", 2)];
            have_run(&server, &counts).await;
            have_run(&server, &[("hset", 3)]).await;
        }
    }
}
