use std::sync::{Arc, Mutex};

use otp_context::OtpContext;
use otp_store::{CredentialId, Error, Memory, Reason, Store, Verifier, VerifierOptions};

use crate::calls::calls;
use crate::site::{NOW, Phone, REPLAYED, Site, accepted, rejected, totp};

/// An imported credential is confirmed at once.
#[test]
fn credential_is_replaced_until_it_is_confirmed_and_unknown_once_removed() {
    for imports in [false, true] {
        let site = Site::new();
        let (verifier, alice) = (&site.verifier, &site.alice);
        let old = site.enroll(totp());
        let credential = verifier.context().new_totp("alice").unwrap();
        let new = Phone::of(&credential);
        let store = || match imports {
            true => verifier.import(alice, &credential),
            false => verifier.enroll(alice, &credential),
        };
        let judge = |typed: &str| if imports { site.verify(typed) } else { site.confirm(typed) };
        store().unwrap();
        assert_eq!(rejected(judge(&old.code(NOW))).failures(), 1);
        assert_eq!(accepted(judge(&new.code(NOW))).failures_before(), 1);
        assert!(matches!(store(), Err(Error::Enrolled)));

        verifier.remove(alice).unwrap();
        assert_eq!(site.at(60).reason(&new.code(NOW + 60)), Reason::Unknown);
        let newest = site.enrolled(totp());
        assert!(matches!(site.at(120).reason(&new.code(NOW + 120)), Reason::Code(_)));
        let _ = accepted(site.verify(&newest.code(NOW + 120)));
    }
}

#[test]
fn counter_spent_elsewhere_stays_spent() {
    for imported in [false, true] {
        let site = Site::new();
        let mut credential = site.verifier.context().new_totp("alice").unwrap();
        let phone = Phone::of(&credential);
        let spent = phone.code(NOW);
        let next = credential.consume(&spent, otp_context::Tolerance::new()).unwrap().next();
        let verify = |typed: &str| {
            if imported {
                site.verifier.import(&site.alice, &credential).unwrap();
                return site.verifier.verify(&site.alice, typed).unwrap();
            }
            site.verifier.enroll(&site.alice, &credential).unwrap();
            site.confirm(typed)
        };
        assert_eq!(rejected(verify(&spent)).reason(), REPLAYED);
        let status = site.status();
        assert_eq!((status.next(), status.confirmed()), (next, imported));
        if imported {
            site.verifier.remove(&site.alice).unwrap();
        }
        let _ = accepted(verify(&phone.code(NOW + 30)));
    }
}

#[test]
fn credential_replaced_meanwhile_accepts_no_code() {
    for (replaced, reason) in [(true, Reason::Stale), (false, Reason::Unknown)] {
        let (store, alice, phone) = meddled();
        let id = alice.clone();
        store.after("charge", move |memory| {
            assert!(memory.remove(&id).unwrap());
            if replaced {
                let other = plain(memory, NOW);
                let credential = other.context().new_totp("alice").unwrap();
                other.enroll(&id, &credential).unwrap();
            }
        });
        let verdict = plain(store, NOW + 60).verify(&alice, &phone.code(NOW + 60)).unwrap();
        assert_eq!(rejected(verdict).reason(), reason);
    }
}

#[test]
fn code_spent_meanwhile_is_a_replay() {
    let (store, alice, phone) = meddled();
    let (id, typed) = (alice.clone(), phone.code(NOW + 60));
    let same = typed.clone();
    store.after("charge", move |memory| {
        let _ = accepted(plain(memory, NOW + 60).verify(&id, &same).unwrap());
    });
    let verdict = plain(store, NOW + 60).verify(&alice, &typed).unwrap();
    assert_eq!(rejected(verdict).reason(), REPLAYED);
}

/// Makes a store with a confirmed credential, and the user's phone.
fn meddled() -> (Arc<Meddler>, CredentialId, Phone) {
    let (store, alice) = (Arc::new(Meddler::new()), CredentialId::new("alice").unwrap());
    let verifier = plain(&store.memory, NOW);
    let credential = verifier.context().new_totp("alice").unwrap();
    let phone = Phone::of(&credential);
    verifier.enroll(&alice, &credential).unwrap();
    let _ = accepted(verifier.confirm(&alice, &phone.code(NOW)).unwrap());
    (store, alice, phone)
}

fn plain<S: Store>(store: S, now: u64) -> Verifier<S> {
    let context = OtpContext::new().with_clock(move || Ok(otp_core::UnixTime::from_secs(now)));
    Verifier::new(store, context.with_plain_keys(), VerifierOptions::new()).unwrap()
}

type Deed = Box<dyn FnOnce(&dyn Store) + Send>;

/// A store in which another client acts once, at the worst moment.
pub(crate) struct Meddler {
    memory: Memory,
    deed: Mutex<Option<(&'static str, Deed)>>,
}

impl Meddler {
    pub(crate) fn new() -> Self {
        Self { memory: Memory::new(10), deed: Mutex::new(None) }
    }

    /// Lets the other client act after the next call of this name.
    pub(crate) fn after(&self, call: &'static str, deed: impl FnOnce(&dyn Store) + Send + 'static) {
        *self.deed.lock().unwrap() = Some((call, Box::new(deed)));
    }

    fn meddle(&self, call: &str) {
        let deed = self.deed.lock().unwrap().take_if(|(after, _)| *after == call);
        if let Some((_, deed)) = deed {
            deed(&self.memory);
        }
    }
}

macro_rules! meddling {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl Store for Meddler {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                let reply = Store::$name(&self.memory, $($argument),*);
                self.meddle(stringify!($name));
                reply
            })*
        }
    };
}

calls!(meddling);
