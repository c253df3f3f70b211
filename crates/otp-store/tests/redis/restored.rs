//! The script of docs/guide/server.md for a restored database.

use otp_store::AsyncStore as _;

use crate::requests::{codes, id};
use crate::site::{Keys, Site, command, entry};

const PAGE: &str = include_str!("../../../../docs/guide/server.md");

#[tokio::test]
async fn script_raises_counters_and_failures_of_a_restored_database() {
    let (_, script) = PAGE.split_once("```lua\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    let site = Site::under(Keys::special()).await;
    let ids = ["hotp", "totp"].map(id);
    for (id, hotp) in ids.iter().zip([true, false]) {
        let mut entry = entry();
        (entry.hotp, entry.next) = (hotp, 5);
        assert!(site.redis.insert(id, &entry).await.unwrap());
    }
    site.set("{4:totp}:account", ("failures", 40), ("guesses", 80)).await;
    let paper = id("paper").account().clone();
    site.redis.store_recovery(&paper, &codes("paper")).await.unwrap();
    assert_eq!(command::<u32>(&["EVAL", script, "0", &site.prefix]).await, 2);
    for (id, next, failures, guesses) in [(&ids[0], 15, 8, 24), (&ids[1], 5, 40, 80)] {
        let found = site.redis.find(id).await.unwrap().unwrap();
        assert_eq!((found.next, found.account.throttle.failures()), (next, failures), "{id}");
        assert_eq!(found.account.guesses, guesses, "{id}");
    }
    let account = site.redis.recovery(&paper).await.unwrap().unwrap().account;
    assert_eq!((account.throttle.failures(), account.guesses), (8, 24));
}
