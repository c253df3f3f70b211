//! The script of docs/guide/server.md for a restored database.

use super::*;

const PAGE: &str = include_str!("../../../../docs/guide/server.md");

#[tokio::test]
async fn script_raises_counters_and_failures_of_a_restored_database() {
    let (_, script) = PAGE.split_once("```lua\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    // With special characters of a pattern.
    let prefix = format!("{}[1]*:", prefix());
    let redis = open(&prefix).await;
    let ids = ["hotp", "totp"].map(|name| CredentialId::new(name).unwrap());
    for (id, hotp) in ids.iter().zip([true, false]) {
        assert!(redis.insert(id, &entry("record", 7, 5, hotp)).await.unwrap());
    }
    let often = format!("{prefix}{{4:totp}}:account");
    command(&[b"HSET", often.as_bytes(), b"failures", b"40", b"guesses", b"80"]).await;
    let paper = AccountId::new("paper").unwrap();
    redis.store_recovery(&paper, &codes("paper")).await.unwrap();
    let count = command(&[b"EVAL", script.as_bytes(), b"0", prefix.as_bytes()]).await;
    assert_eq!(count, ::redis::Value::Int(2));
    for (id, next, failures, guesses) in [(&ids[0], 15, 8, 24), (&ids[1], 5, 40, 80)] {
        let found = redis.find(id).await.unwrap().unwrap();
        assert_eq!((found.next, found.account.throttle.failures()), (next, failures), "{id}");
        assert_eq!(found.account.guesses, guesses, "{id}");
    }
    let account = redis.recovery(&paper).await.unwrap().unwrap().account;
    assert_eq!((account.throttle.failures(), account.guesses), (8, 24));
}
