use std::sync::{Arc, Mutex};

use otp_context::OtpContext;
use otp_store::{
    AsyncStore, CredentialId, Error, Memory, Reason, Store, Verifier, VerifierOptions,
};

use crate::calls::calls;
use crate::driver::{Driver, verifier};
use crate::site::{NOW, Phone, Site, accepted, rejected, totp};

crate::scenarios![
    only_an_unconfirmed_credential_is_replaced,
    counter_spent_elsewhere_stays_spent,
    imported_credential_verifies_at_once,
    removed_credential_is_unknown,
    credential_replaced_meanwhile_accepts_no_code,
    code_spent_meanwhile_is_a_replay,
];

fn only_an_unconfirmed_credential_is_replaced(driver: Driver) {
    let site = Site::new(driver);
    let (old, new) = (site.enroll(totp()), site.enroll(totp()));
    let verdict = site.verifier.confirm(&site.alice, &old.code(NOW)).unwrap();
    assert_eq!(rejected(verdict).failures(), 1);
    let verdict = site.verifier.confirm(&site.alice, &new.code(NOW)).unwrap();
    assert_eq!(accepted(verdict).failures_before(), 1);
    let credential = site.verifier.context().new_totp("alice").unwrap();
    let again = site.verifier.enroll(&site.alice, &credential);
    assert!(matches!(again, Err(Error::Enrolled)));
    site.at(60);
    let _ = accepted(site.verify(&new.code(NOW + 60)));
}

fn counter_spent_elsewhere_stays_spent(driver: Driver) {
    for imported in [false, true] {
        let site = Site::new(driver);
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
            site.verifier.confirm(&site.alice, typed).unwrap()
        };
        let replayed = Reason::Code(otp_core::Rejected::Replayed);
        assert_eq!(rejected(verify(&spent)).reason(), replayed);
        let status = site.verifier.status(&site.alice).unwrap();
        assert_eq!((status.next(), status.confirmed()), (next, imported));
        if imported {
            site.verifier.remove(&site.alice).unwrap();
        }
        let _ = accepted(verify(&phone.code(NOW + 30)));
    }
}

fn imported_credential_verifies_at_once(driver: Driver) {
    let site = Site::new(driver);
    let (unconfirmed, credential) =
        (site.enroll(totp()), site.verifier.context().new_totp("alice").unwrap());
    site.verifier.import(&site.alice, &credential).unwrap();
    assert!(matches!(site.reason(&unconfirmed.code(NOW)), Reason::Code(_)));
    assert_eq!(accepted(site.verify(&Phone::of(&credential).code(NOW))).failures_before(), 1);
    for again in [
        site.verifier.import(&site.alice, &credential),
        site.verifier.enroll(&site.alice, &credential),
    ] {
        assert!(matches!(again, Err(Error::Enrolled)));
    }
}

fn removed_credential_is_unknown(driver: Driver) {
    let site = Site::new(driver);
    let old = site.enrolled(totp());
    site.verifier.remove(&site.alice).unwrap();
    site.at(60);
    assert_eq!(site.reason(&old.code(NOW + 60)), Reason::Unknown);
    let new = site.enrolled(totp());
    site.at(120);
    assert!(matches!(site.reason(&old.code(NOW + 120)), Reason::Code(_)));
    let _ = accepted(site.verify(&new.code(NOW + 120)));
}

fn credential_replaced_meanwhile_accepts_no_code(driver: Driver) {
    for (replaced, reason) in [(true, Reason::Stale), (false, Reason::Unknown)] {
        let (store, alice, phone) = meddled();
        let id = alice.clone();
        store.after_charging(move |memory| {
            assert!(Store::remove(memory, &id).unwrap());
            if replaced {
                let other = plain(memory);
                let credential = other.context().new_totp("alice").unwrap();
                other.enroll(&id, &credential).unwrap();
            }
        });
        let waited = Waited(Arc::clone(&store));
        let verifier = verifier(driver, waited, later(), VerifierOptions::new()).unwrap();
        let verdict = verifier.verify(&alice, &phone.code(NOW + 60)).unwrap();
        assert_eq!(rejected(verdict).reason(), reason);
    }
}

fn code_spent_meanwhile_is_a_replay(driver: Driver) {
    let (store, alice, phone) = meddled();
    let (id, typed) = (alice.clone(), phone.code(NOW + 60));
    let same = typed.clone();
    store.after_charging(move |memory| {
        let _ = accepted(plain_later(memory).verify(&id, &same).unwrap());
    });
    let waited = Waited(Arc::clone(&store));
    let verifier = verifier(driver, waited, later(), VerifierOptions::new()).unwrap();
    let verdict = verifier.verify(&alice, &typed).unwrap();
    assert_eq!(rejected(verdict).reason(), Reason::Code(otp_core::Rejected::Replayed));
}

/// Makes a store with a confirmed credential, and the user's phone.
fn meddled() -> (Arc<Meddler>, CredentialId, Phone) {
    let store = Arc::new(Meddler::new());
    let alice = CredentialId::new("alice").unwrap();
    let verifier = plain(&store.memory);
    let credential = verifier.context().new_totp("alice").unwrap();
    let phone = Phone::of(&credential);
    verifier.enroll(&alice, &credential).unwrap();
    let _ = accepted(verifier.confirm(&alice, &phone.code(NOW)).unwrap());
    (store, alice, phone)
}

fn at(seconds: u64) -> OtpContext {
    OtpContext::new().with_clock(move || Ok(otp_core::UnixTime::from_secs(seconds)))
}

fn later() -> OtpContext {
    at(NOW + 60)
}

fn plain(memory: &Memory) -> Verifier<&Memory> {
    Verifier::new(memory, at(NOW).with_plain_keys(), VerifierOptions::new()).unwrap()
}

fn plain_later(memory: &Memory) -> Verifier<&Memory> {
    Verifier::new(memory, later().with_plain_keys(), VerifierOptions::new()).unwrap()
}

type Deed = Box<dyn FnOnce(&Memory) + Send>;

/// A store in which another client acts once, at the worst moment.
pub(crate) struct Meddler {
    memory: Memory,
    after_reading: Mutex<Option<Deed>>,
    after_charging: Mutex<Option<Deed>>,
}

impl Meddler {
    pub(crate) fn new() -> Self {
        let (after_reading, after_charging) = (Mutex::new(None), Mutex::new(None));
        Self { memory: Memory::new(10), after_reading, after_charging }
    }

    pub(crate) fn after_reading(&self, deed: impl FnOnce(&Memory) + Send + 'static) {
        *self.after_reading.lock().unwrap() = Some(Box::new(deed));
    }

    pub(crate) fn after_charging(&self, deed: impl FnOnce(&Memory) + Send + 'static) {
        *self.after_charging.lock().unwrap() = Some(Box::new(deed));
    }

    /// Lets the other client act after a call of this name.
    fn meddle(&self, call: &str) {
        let deed = match call {
            "find" => self.after_reading.lock().unwrap().take(),
            "charge" | "charge_account" => self.after_charging.lock().unwrap().take(),
            _ => None,
        };
        if let Some(deed) = deed {
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

/// Makes a store usable by either verifier.
pub(crate) struct Waited<S>(pub(crate) S);

macro_rules! waited {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        impl<S: Store> Store for Waited<S> {
            $(fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                self.0.$name($($argument),*)
            })*
        }

        impl<S: Store + Sync> AsyncStore for Waited<S> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                self.0.$name($($argument),*)
            })*
        }
    };
}

calls!(waited);
