//! Each call of the asynchronous verifier, which has the text of the blocking one.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Mutex};

use otp_store::conformance::{Fault, Faulty};
use otp_store::{
    AnyVerdict, AsyncVerifier, EngineErrorKind, Error, Memory, RecordText, RecoveryVerdict,
    Resealed, Store, TrustVerdict,
};

use crate::site::{NOW, Phone, Server, Site, accepted, hotp, rejected, totp};

/// Returns the value of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future is not ready"),
    }
}

type Names = Arc<Mutex<Vec<&'static str>>>;

/// Makes an asynchronous verifier of the same store as a blocking one. Adds the names of its events.
fn asynchronous(server: &Server, events: &Names) -> AsyncVerifier<Arc<Faulty<Memory>>> {
    let (store, context) = (Arc::clone(server.store()), server.context().clone());
    let events = Arc::clone(events);
    let verifier = AsyncVerifier::new(store, context, *server.options()).unwrap();
    verifier.with_events(move |event| events.lock().unwrap().push(event.name()))
}

#[test]
fn asynchronous_verifier_accepts_each_code_once() {
    let (site, events) = (Site::sealed("2026"), Names::default());
    let verifier = asynchronous(&site.verifier, &events);
    let later = asynchronous(&site.beside_sealed("2025"), &events);
    let (alice, account, tablet) = (&site.alice, site.alice.account(), site.named("tablet"));
    let token = verifier.context().new_credential("alice", hotp(0), 20).unwrap();
    let phone = Phone::of(&token);
    ready(verifier.enroll(alice, &token)).unwrap();
    let _ = accepted(ready(verifier.confirm(alice, &phone.code(0))).unwrap());
    let other = verifier.context().new_totp("alice").unwrap();
    ready(verifier.import(&tablet, &other)).unwrap();
    assert!(ready(verifier.status(&tablet)).unwrap().confirmed());
    let listed = ready(verifier.credentials(account)).unwrap();
    assert_eq!(listed, site.verifier.credentials(account).unwrap());

    // The reply to the spend is lost.
    site.store.plan([None, Some(Fault::After(EngineErrorKind::Interrupted))]);
    let _ = accepted(ready(verifier.verify(alice, &phone.code(1))).unwrap());
    let replayed = rejected(ready(verifier.verify_account(account, &phone.code(1))).unwrap());
    assert_eq!((replayed.reason().name(), site.failures()), ("replayed", 1));
    ready(verifier.unlock(account)).unwrap();
    assert_eq!(site.failures(), 0);
    let typed = [40, 41].map(|counter| phone.code(counter));
    let typed = typed.each_ref().map(String::as_str);
    let _ = accepted(ready(verifier.resync(alice, &typed, 100)).unwrap());
    let typed = [70_000, 70_001].map(|counter| phone.code(counter));
    let typed = typed.each_ref().map(String::as_str);
    let found = verifier.resync_found(alice, &typed, |_, _, _| Some(70_001));
    assert_eq!(accepted(ready(found).unwrap()).counter(), 70_001);
    ready(verifier.reset_drift(&tablet)).unwrap();

    assert_eq!(ready(verifier.reseal(alice)).unwrap(), Resealed::NotDue);
    assert_eq!(ready(later.reseal(alice)).unwrap(), Resealed::Done);
    assert_eq!(ready(verifier.check_key(alice)).unwrap().unwrap().as_str(), "2025");
    ready(verifier.remove(alice)).unwrap();
    assert!(matches!(ready(verifier.status(alice)), Err(Error::Unknown)));
    let expected = "enrolled confirmed enrolled accepted rejected unlocked accepted accepted \
                    drift_reset resealed removed";
    assert_eq!(events.lock().unwrap().join(" "), expected);
}

#[test]
fn asynchronous_recovery_codes_and_trust_work() {
    let (site, events) = (Site::sealed("2026"), Names::default());
    let verifier = asynchronous(&site.verifier, &events);
    let later = asynchronous(&site.beside_sealed("2025"), &events);
    let (phone, account) = (site.enrolled(totp()), site.alice.account());
    let proof = accepted(site.at(60).verify(&phone.code(NOW + 60)));
    let left = || ready(verifier.recovery_codes_left(account)).unwrap();
    let _ = ready(verifier.replace_recovery_codes(account)).unwrap();
    let codes = ready(verifier.new_recovery_codes(&proof)).unwrap();
    let mut codes = codes.iter().map(|code| code.reveal());
    let (code, another) = (codes.next().unwrap(), codes.next().unwrap());
    for spent in [false, true] {
        let verdict = ready(verifier.recover(account, code.as_str())).unwrap();
        assert_eq!(matches!(verdict, RecoveryVerdict::Rejected(_)), spent, "{verdict:?}");
    }
    let verdict = ready(verifier.verify_any(account, another.as_str())).unwrap();
    assert!(matches!(verdict, AnyVerdict::Recovery(RecoveryVerdict::Accepted(_))));
    assert_eq!(left(), Some(8));
    assert_eq!(ready(later.reseal_recovery(account)).unwrap(), Resealed::Done);
    assert_eq!(ready(verifier.check_recovery_key(account)).unwrap().unwrap().as_str(), "2025");
    ready(verifier.remove_recovery_codes(account)).unwrap();
    assert_eq!(left(), None);

    let token = ready(verifier.trust(&proof)).unwrap();
    for revoked in [false, true] {
        let trusted = verifier.trusted(account, token.reveal(), Duration::from_secs(60));
        let trusted = matches!(ready(trusted).unwrap(), TrustVerdict::Trusted(_));
        assert_eq!(trusted, !revoked);
        ready(verifier.revoke_trust(account)).unwrap();
    }
    let expected = "recovery_codes_made recovery_codes_made recovered rejected recovered \
                    recovery_codes_resealed recovery_codes_removed trust_given trust_revoked \
                    distrusted trust_revoked";
    assert_eq!(events.lock().unwrap().join(" "), expected);
}

/// The charge is taken back, which no reply shows.
#[test]
fn asynchronous_attempt_without_a_comparison_costs_nothing() {
    let site = Site::sealed("2026");
    let verifier = asynchronous(&site.verifier, &Names::default());
    let (phone, account) = (site.enrolled(totp()), site.alice.account());
    let codes = ready(verifier.replace_recovery_codes(account)).unwrap();
    let code = codes.iter().next().unwrap().reveal();
    site.put(&RecordText::new("{}".to_owned()));
    let set = Store::recovery(&*site.store, account).unwrap().unwrap();
    assert!(Store::reseal_recovery(&*site.store, account, set.set, &set.key, "{}").unwrap());
    for refused in [
        ready(verifier.verify(&site.alice, &phone.wrong(NOW))).map(drop),
        ready(verifier.verify_account(account, &phone.wrong(NOW))).map(drop),
        ready(verifier.recover(account, code.as_str())).map(drop),
    ] {
        assert!(matches!(refused, Err(Error::NotCompared(_))), "{refused:?}");
    }
    assert_eq!(site.stored().account.throttle.failures(), 0);
}
