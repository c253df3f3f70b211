use super::subject::{NOW, Subject, done, enrolled, found, inserted, permitted, policy};
use crate::{Entry, SpendReply, Store};

/// Revoking trust raises a number of the account by one. Nothing else changes it, as long as the account
/// has a credential or recovery codes.
pub fn trust_epoch_only_grows<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, store) = (Subject::new(), open());
    let (phone, token) = (subject.named("alice", "phone"), subject.named("alice", "token"));
    let account = phone.account();
    assert!(!done("revoke_trust", store.revoke_trust(account)), "an unknown account is trusted");
    let bob = subject.id("bob");
    for (generation, id) in (1..).zip([&phone, &token, &bob]) {
        enrolled(&subject, &store, id, &subject.hotp(0, generation), 0);
    }
    let epoch = || found(&store, &phone).account.trust_epoch;
    assert_eq!(epoch(), 0, "a new account begins elsewhere");
    for expected in 1..=3 {
        let charged = permitted(&store, &phone, &subject.charge(policy(100), NOW, true, 6));
        let before = found(&store, &token);
        assert!(done("revoke_trust", store.revoke_trust(account)), "trust cannot be revoked");
        assert_eq!(epoch(), expected, "revoking does not raise the number by one");
        let mut after = found(&store, &token);
        after.account.trust_epoch = before.account.trust_epoch;
        assert_eq!(after, before, "revoking changes something else");
        assert_eq!(charged.account.trust_epoch, expected - 1, "a charge changes the number");
    }
    let spend = subject.spend(1, 7);
    assert_eq!(done("spend", store.spend(&phone, &spend)), SpendReply::Done, "not spent");
    assert_eq!(epoch(), 3, "a success changes the number");
    permitted(&store, &phone, &subject.free(true));
    assert!(done("unlock", store.unlock(account)), "an account cannot be unlocked");
    assert_eq!(epoch(), 3, "unlocking changes the number");
    let (codes, set) = subject.recovery(account);
    done("store_recovery", store.store_recovery(account, &set));
    let _ = done("spend_recovery", store.spend_recovery(account, &codes[0]));
    assert_eq!(epoch(), 3, "recovery codes change the number");
    assert!(done("remove", store.remove(&token)), "a credential cannot be removed");
    assert!(done("remove", store.remove(&phone)), "a credential cannot be removed");
    inserted(&store, &phone, &Entry { confirmed: true, ..subject.hotp(0, 9) });
    assert_eq!(epoch(), 3, "the number goes with the last credential, and codes are left");
    assert_eq!(found(&store, &bob).account.trust_epoch, 0, "another account's trust is revoked");
}
