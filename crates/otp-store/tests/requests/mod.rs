//! Requests to a store as a verifier makes them, and their replies. The values have no other
//! constructors.

use alloc::sync::Arc;
use core::fmt::Debug;

use otp_context::OtpContext;
use otp_context::recovery::{RecoveryCodeSize, RecoveryOwner, RecoverySet, RecoverySetId};
use otp_context::replay::ThrottlePolicy;
use otp_core::{Algorithm, Digits, Secret, UnixTime};
use otp_store::{
    Account, AccountCopy, AsyncStore, Attempt, AttemptId, ChargeRequest, CredentialId,
    EngineErrorKind, Entry, Error, RecordText, SpendReply, SpendRequest, VerifierOptions,
};
use otp_uri::OtpKind;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

pub(crate) fn id(account: &str) -> CredentialId {
    CredentialId::new(account).unwrap()
}

/// Returns a TOTP credential without a confirmed code.
pub(crate) fn entry(generation: u64) -> Entry {
    Entry::new(RecordText::new(format!("{{\"record\":{generation}}}")), false, 6, generation)
}

fn begin(typed: &str, now: u64, options: &VerifierOptions) -> Attempt {
    let now = UnixTime::from_secs(now);
    Attempt::begin(&OtpContext::new(), &[typed], now, options).unwrap().unwrap()
}

/// Returns a charge on a credential that is confirmed or not, with a code of six digits.
pub(crate) fn charge(confirmed: bool, now: u64, policy: ThrottlePolicy) -> ChargeRequest {
    let attempt = begin("123456", now, &VerifierOptions::new().with_policy(policy));
    if confirmed { attempt.charge().unwrap() } else { attempt.confirming().charge().unwrap() }
}

/// Returns the spend of a counter by an attempt of its own.
pub(crate) fn spend(generation: u64, counter: u64) -> SpendRequest {
    spend_of(generation, counter, |attempt| attempt)
}

/// Returns the spend of a counter by an attempt of its own, which may confirm the credential.
fn spend_of(generation: u64, counter: u64, change: fn(Attempt) -> Attempt) -> SpendRequest {
    let kind = OtpKind::Hotp { algorithm: Algorithm::Sha1, digits: Digits::EIGHT, counter };
    let credential = OtpContext::new().import(kind, Secret::new(b"12345678901234567890").unwrap());
    let typed = credential.hotp().unwrap().generate(counter).text().to_string();
    let attempt = change(begin(&typed, 0, &VerifierOptions::new().with_look_ahead(0)));
    *attempt.evaluate(&credential, generation, 0).unwrap().spend()
}

/// Spends a counter of alice's credential without a name, whose generation is 7.
pub(crate) async fn spent(store: &impl AsyncStore, counter: u64) -> SpendReply {
    store.spend(&id("alice"), &spend(7, counter)).await.unwrap()
}

/// Makes numbered calls at the same moment, and returns their replies.
pub(crate) async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    call: impl Fn(usize) -> F,
) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(count));
    let calls = (0..count).map(|number| {
        let (barrier, call) = (Arc::clone(&barrier), call(number));
        async move {
            barrier.wait().await;
            call.await
        }
    });
    calls.collect::<JoinSet<_>>().join_all().await
}

/// Returns the kind of a failure.
#[track_caller]
pub(crate) fn kind<T: Debug>(reply: Result<T, Error>) -> EngineErrorKind {
    let Err(Error::Engine(error)) = reply else { panic!("{reply:?}") };
    error.kind()
}

/// Returns a new set of recovery codes of an account, without a key.
pub(crate) fn codes(account: &str) -> RecoverySet {
    let (context, owner) = (OtpContext::new().with_plain_keys(), RecoveryOwner::new(account));
    context.new_recovery_codes(owner, RecoveryCodeSize::Long).unwrap().1
}

/// The calls that [`call`] makes, without `confirming_spend`: all but that of a recovery code.
pub(crate) const CALLS: &str = "insert find credentials confirm charge charge_account clamp take_back \
    spend spend_all reseal reset_drift unlock remove list revoke_trust store_recovery recovery \
    charge_recovery reseal_recovery remove_recovery list_recovery copy restore";

/// Makes a call about alice's credential without a name, and returns its reply as text.
pub(crate) async fn call(store: &impl AsyncStore, name: &str) -> Result<String, Error> {
    call_about(&id("alice"), store, name).await
}

/// Makes a call about a credential, and returns its reply as text.
pub(crate) async fn call_about(
    id: &CredentialId,
    store: &impl AsyncStore,
    name: &str,
) -> Result<String, Error> {
    fn text(reply: impl Debug) -> String {
        format!("{reply:?}")
    }
    let (account, record) = (id.account(), entry(7).record);
    let at =
        |confirmed, now| charge(confirmed, now, ThrottlePolicy::unlimited().with_backoff(&[900]));
    let set = RecoverySetId::new(5).unwrap();
    Ok(match name {
        "insert" => text(store.insert(id, &entry(7)).await?),
        "find" => text(store.find(id).await?),
        "credentials" => text(store.credentials(account).await?),
        "confirm" => text(store.charge(id, &at(false, 1_000_000)).await?),
        "charge" => text(store.charge(id, &at(true, 1_000_000)).await?),
        "charge_account" => text(store.charge_account(account, &at(true, 1_000_000)).await?),
        // The clock was set back.
        "clamp" => text(store.charge(id, &at(false, 5_000)).await?),
        "take_back" => text(store.take_back(account, AttemptId::from_bytes([7; 16])).await?),
        "spend" => text(store.spend(id, &spend(7, 1)).await?),
        "confirming_spend" => text(store.spend(id, &spend_of(7, 1, Attempt::confirming)).await?),
        "spend_all" => text(store.spend_all(account, &[(id.name(), spend(7, 1))]).await?),
        "reseal" => text(store.reseal(id, &record, &entry(8).record).await?),
        "reset_drift" => text(store.reset_drift(id).await?),
        "unlock" => text(store.unlock(account).await?),
        "remove" => text(store.remove(id).await?),
        "list" => text(store.list(None, 9).await?),
        "revoke_trust" => text(store.revoke_trust(account).await?),
        "store_recovery" => text(store.store_recovery(account, &codes(account.as_str())).await?),
        "recovery" => text(store.recovery(account).await?),
        "charge_recovery" => text(store.charge_recovery(account, &at(true, 1_000_000)).await?),
        "reseal_recovery" => text(store.reseal_recovery(account, set, "key", "new").await?),
        "remove_recovery" => text(store.remove_recovery(account).await?),
        "list_recovery" => text(store.list_recovery(None, 9).await?),
        "copy" => text(store.copy(account).await?),
        "restore" => text(store.restore(&bob()).await?),
        _ => panic!("there is no call {name}"),
    })
}

/// Returns an account to restore.
pub(crate) fn bob() -> AccountCopy {
    let (bob, account) = (id("bob"), Account::default());
    let credentials = vec![(bob.clone(), entry(7))];
    AccountCopy::new(bob.account().clone(), account, credentials, None).unwrap().unwrap()
}
