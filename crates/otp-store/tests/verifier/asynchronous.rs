//! Each group of methods of the asynchronous verifier. They have the text of the blocking one.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Mutex};

use otp_context::OtpContext;
use otp_core::UnixTime;
use otp_store::conformance::{Fault, Faulty};
use otp_store::{
    AsyncVerifier, CredentialId, EngineErrorKind, Memory, RecoveryVerdict, Resealed, TrustVerdict,
    VerifierOptions,
};

use crate::site::{NOW, Phone, accepted, hotp, rejected, wallet};

/// Returns the value of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future is not ready"),
    }
}

#[test]
fn asynchronous_verifier_accepts_each_code_once() {
    let (events, alice) = (Arc::new(Mutex::new(Vec::new())), CredentialId::new("alice").unwrap());
    let (report, account) = (Arc::clone(&events), alice.account());
    let context = OtpContext::new().with_wallet(wallet("2026"));
    let context = context.with_clock(|| Ok(UnixTime::from_secs(NOW)));
    let store = Faulty::new(Memory::new(10));
    let verifier = AsyncVerifier::new(store, context, VerifierOptions::new()).unwrap();
    let verifier = verifier.with_events(move |event| report.lock().unwrap().push(event.name()));
    let token = verifier.context().new_credential("alice", hotp(0), 20).unwrap();
    let phone = Phone::of(&token);
    ready(verifier.enroll(&alice, &token)).unwrap();
    let _ = accepted(ready(verifier.confirm(&alice, &phone.code(0))).unwrap());
    assert_eq!(ready(verifier.reseal(&alice)).unwrap(), Resealed::NotDue);

    // The reply to the spend is lost.
    verifier.store().plan([None, Some(Fault::After(EngineErrorKind::Interrupted))]);
    let proof = accepted(ready(verifier.verify(&alice, &phone.code(1))).unwrap());
    let replayed = rejected(ready(verifier.verify_account(account, &phone.code(1))).unwrap());
    assert_eq!((replayed.reason().name(), replayed.failures()), ("replayed", 1));
    let typed = [phone.code(40), phone.code(41)];
    let typed = typed.each_ref().map(String::as_str);
    let _ = accepted(ready(verifier.resync(&alice, &typed, 100)).unwrap());

    let codes = ready(verifier.new_recovery_codes(&proof)).unwrap();
    let code = codes.iter().next().unwrap().reveal();
    for spent in [false, true] {
        let verdict = ready(verifier.recover(account, code.as_str())).unwrap();
        assert_eq!(matches!(verdict, RecoveryVerdict::Rejected(_)), spent, "{verdict:?}");
    }
    let token = ready(verifier.trust(&proof)).unwrap();
    for revoked in [false, true] {
        let trusted = verifier.trusted(account, token.reveal(), Duration::from_secs(60));
        let trusted = matches!(ready(trusted).unwrap(), TrustVerdict::Trusted(_));
        assert_eq!(trusted, !revoked);
        ready(verifier.revoke_trust(account)).unwrap();
    }
    ready(verifier.remove(&alice)).unwrap();
    let expected = ["enrolled", "confirmed", "accepted", "rejected", "accepted"];
    assert_eq!(events.lock().unwrap()[..5], expected);
}
