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

/// Another client acts between the charge and the spend.
#[test]
fn credential_spent_removed_or_replaced_meanwhile_accepts_no_code() {
    type Act = fn(&dyn Store, &CredentialId, &str);
    let spend: Act = |memory, id, typed| {
        let _ = accepted(plain(memory).verify(id, typed).unwrap());
    };
    let remove: Act = |memory, id, _| assert!(memory.remove(id).unwrap());
    let replace: Act = |memory, id, _| {
        assert!(memory.remove(id).unwrap());
        let other = plain(memory);
        other.enroll(id, &other.context().new_totp("alice").unwrap()).unwrap();
    };
    for (act, reason) in [(spend, REPLAYED), (remove, Reason::Unknown), (replace, Reason::Stale)] {
        let (store, alice) = (Arc::new(Meddler::new()), CredentialId::new("alice").unwrap());
        let verifier = plain(Arc::clone(&store));
        let credential = verifier.context().new_totp("alice").unwrap();
        verifier.import(&alice, &credential).unwrap();
        let typed = Phone::of(&credential).code(NOW);
        let (id, same) = (alice.clone(), typed.clone());
        store.after("charge", move |memory| act(memory, &id, &same));
        assert_eq!(rejected(verifier.verify(&alice, &typed).unwrap()).reason(), reason);
    }
}

fn plain<S: Store>(store: S) -> Verifier<S> {
    let context = OtpContext::new().with_clock(|| Ok(otp_core::UnixTime::from_secs(NOW)));
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
