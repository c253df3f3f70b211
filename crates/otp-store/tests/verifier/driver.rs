use core::pin::pin;
use core::task::{Context, Poll, Waker};

use otp_context::wallet::Tag;
use otp_context::{Credential, OtpContext};
use otp_store::{
    AsyncStore, AsyncVerifier, CredentialId, Error, Resealed, Status, Store, Verdict, Verifier,
    VerifierOptions,
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
    fn unlock(&self, id: &CredentialId) -> Result<(), Error>;
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
    unlock(id: &CredentialId) -> ();
    remove(id: &CredentialId) -> ();
}
