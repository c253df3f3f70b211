use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use otp_context::wallet::Tag;
use otp_context::{Credential, OtpContext};
use otp_store::{
    Accepted, AccountId, AnyVerdict, AsyncStore, AsyncVerifier, CredentialId, Error, Event,
    RecoveryCodes, RecoveryVerdict, Resealed, Status, Store, TrustToken, TrustVerdict, Verdict,
    Verifier, VerifierOptions,
};

/// Selects one of the two verifiers.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    Blocking,
    Async,
}

/// The methods of both verifiers.
pub(crate) trait Verify {
    fn context(&self) -> &OtpContext;
    fn options(&self) -> &VerifierOptions;
    fn enroll(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error>;
    fn import(&self, id: &CredentialId, credential: &Credential) -> Result<(), Error>;
    fn confirm(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error>;
    fn verify(&self, id: &CredentialId, typed: &str) -> Result<Verdict, Error>;
    fn resync(&self, id: &CredentialId, typed: [&str; 2], reach: u16) -> Result<Verdict, Error>;
    fn status(&self, id: &CredentialId) -> Result<Status, Error>;
    fn check_key(&self, id: &CredentialId) -> Result<Option<Tag>, Error>;
    fn reseal(&self, id: &CredentialId) -> Result<Resealed, Error>;
    fn verify_account(&self, account: &AccountId, typed: &str) -> Result<Verdict, Error>;
    fn credentials(&self, account: &AccountId) -> Result<Vec<(CredentialId, Status)>, Error>;
    fn unlock(&self, account: &AccountId) -> Result<(), Error>;
    fn trust(&self, accepted: &Accepted) -> Result<TrustToken, Error>;
    fn trusted(
        &self,
        account: &AccountId,
        token: &str,
        max_age: Duration,
    ) -> Result<TrustVerdict, Error>;
    fn revoke_trust(&self, account: &AccountId) -> Result<(), Error>;
    fn new_recovery_codes(&self, accepted: &Accepted) -> Result<RecoveryCodes, Error>;
    fn replace_recovery_codes(&self, account: &AccountId) -> Result<RecoveryCodes, Error>;
    fn recover(&self, account: &AccountId, typed: &str) -> Result<RecoveryVerdict, Error>;
    fn verify_any(&self, account: &AccountId, typed: &str) -> Result<AnyVerdict, Error>;
    fn recovery_codes_left(&self, account: &AccountId) -> Result<Option<u32>, Error>;
    fn remove_recovery_codes(&self, account: &AccountId) -> Result<(), Error>;
    fn check_recovery_key(&self, account: &AccountId) -> Result<Option<Tag>, Error>;
    fn reseal_recovery(&self, account: &AccountId) -> Result<Resealed, Error>;
    fn remove(&self, id: &CredentialId) -> Result<(), Error>;
}

/// Makes a verifier of either kind over a store that never waits.
pub(crate) fn verifier<S: Store + AsyncStore + 'static>(
    driver: Driver,
    store: S,
    context: OtpContext,
    options: VerifierOptions,
) -> Result<Box<dyn Verify>, Error> {
    if !context.has_wallet() {
        return tolerant(driver, store, context, options);
    }
    Ok(match driver {
        Driver::Blocking => Box::new(Verifier::new(store, context, options)?),
        Driver::Async => Box::new(AsyncVerifier::new(store, context, options)?),
    })
}

/// Makes a verifier that accepts plain-text keys.
pub(crate) fn tolerant<S: Store + AsyncStore + 'static>(
    driver: Driver,
    store: S,
    context: OtpContext,
    options: VerifierOptions,
) -> Result<Box<dyn Verify>, Error> {
    Ok(match driver {
        Driver::Blocking => Box::new(Verifier::new(store, context.with_plain_keys(), options)?),
        Driver::Async => Box::new(AsyncVerifier::new(store, context.with_plain_keys(), options)?),
    })
}

/// Makes a verifier that accepts plain-text keys and reports its events.
pub(crate) fn reporting<S: Store + AsyncStore + 'static>(
    driver: Driver,
    store: S,
    context: OtpContext,
    report: impl Fn(Event) + Send + Sync + 'static,
) -> Result<Box<dyn Verify>, Error> {
    let (context, options) = (context.with_plain_keys(), VerifierOptions::new());
    Ok(match driver {
        Driver::Blocking => Box::new(Verifier::new(store, context, options)?.with_events(report)),
        Driver::Async => Box::new(AsyncVerifier::new(store, context, options)?.with_events(report)),
    })
}

/// Makes a verifier whose keys are bound to an application.
pub(crate) fn namespaced<S: Store + AsyncStore + 'static>(
    driver: Driver,
    store: S,
    context: OtpContext,
    namespace: &str,
) -> Result<Box<dyn Verify>, Error> {
    let options = VerifierOptions::new();
    Ok(match driver {
        Driver::Blocking => {
            Box::new(Verifier::new(store, context, options)?.with_namespace(namespace)?)
        }
        Driver::Async => {
            Box::new(AsyncVerifier::new(store, context, options)?.with_namespace(namespace)?)
        }
    })
}

/// Returns the value of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future is not ready"),
    }
}

macro_rules! both {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl<S: Store> Verify for Verifier<S> {
            fn context(&self) -> &OtpContext { self.context() }
            fn options(&self) -> &VerifierOptions { self.options() }
            $(fn $name(&self, $($argument: $type),*) -> Result<$answer, Error> {
                self.$name($($argument),*)
            })*
            fn resync(&self, id: &CredentialId, typed: [&str; 2], reach: u16) -> Result<Verdict, Error> {
                self.resync(id, &typed, reach)
            }
        }

        impl<S: AsyncStore> Verify for AsyncVerifier<S> {
            fn context(&self) -> &OtpContext { self.context() }
            fn options(&self) -> &VerifierOptions { self.options() }
            $(fn $name(&self, $($argument: $type),*) -> Result<$answer, Error> {
                ready(self.$name($($argument),*))
            })*
            fn resync(&self, id: &CredentialId, typed: [&str; 2], reach: u16) -> Result<Verdict, Error> {
                ready(self.resync(id, &typed, reach))
            }
        }
    };
}

both! {
    enroll(id: &CredentialId, credential: &Credential) -> ();
    import(id: &CredentialId, credential: &Credential) -> ();
    confirm(id: &CredentialId, typed: &str) -> Verdict;
    verify(id: &CredentialId, typed: &str) -> Verdict;
    status(id: &CredentialId) -> Status;
    check_key(id: &CredentialId) -> Option<Tag>;
    reseal(id: &CredentialId) -> Resealed;
    verify_account(account: &AccountId, typed: &str) -> Verdict;
    credentials(account: &AccountId) -> Vec<(CredentialId, Status)>;
    unlock(account: &AccountId) -> ();
    trust(accepted: &Accepted) -> TrustToken;
    trusted(account: &AccountId, token: &str, max_age: Duration) -> TrustVerdict;
    revoke_trust(account: &AccountId) -> ();
    new_recovery_codes(accepted: &Accepted) -> RecoveryCodes;
    replace_recovery_codes(account: &AccountId) -> RecoveryCodes;
    recover(account: &AccountId, typed: &str) -> RecoveryVerdict;
    verify_any(account: &AccountId, typed: &str) -> AnyVerdict;
    recovery_codes_left(account: &AccountId) -> Option<u32>;
    remove_recovery_codes(account: &AccountId) -> ();
    check_recovery_key(account: &AccountId) -> Option<Tag>;
    reseal_recovery(account: &AccountId) -> Resealed;
    remove(id: &CredentialId) -> ();
}
