mod attempts;
mod credentials;
mod recovery;
mod trust;

use otp_context::OtpContext;

use crate::event::Events;
use crate::protocol::Protocol;
use crate::{AsyncStore, Error, Event, Store, VerifierOptions};

/// Verifies codes so that each is accepted once, even if two requests arrive together.
///
/// One call reads the code, has the store count the attempt, looks for the code in the whole window,
/// and has the store spend the counter that matched. No other path accepts a code. A malformed code
/// costs no attempt, since it can never match.
///
/// An unknown credential gets the same public answer as a wrong code, after the same work on a decoy
/// key. It has no row to write to, and the time of a database can reveal that.
///
/// The time is that of the context's clock. The context's wallet encrypts keys, and its entropy makes
/// the ids of attempts. For a store with `async` calls see [`AsyncVerifier`].
#[derive(Debug)]
pub struct Verifier<S> {
    store: S,
    protocol: Protocol,
    events: Events,
}

/// A [`Verifier`] over a store with `async` calls.
///
/// Opening a key and looking for a code take microseconds and are done in place. Only
/// [`AsyncVerifier::resync`] over a wide reach, and the search of [`AsyncVerifier::resync_found`], take
/// longer: give them a thread of their own where other tasks wait for this one.
///
/// A future that is dropped may have counted an attempt, or spent a counter. It lets no user in.
#[derive(Debug)]
pub struct AsyncVerifier<S> {
    store: S,
    protocol: Protocol,
    events: Events,
}

/// The methods that neither verifier waits in.
macro_rules! methods {
    ($verifier:ident, $store:ident) => {
        impl<S: $store> $verifier<S> {
            /// Makes a verifier over a store. The context's wallet encrypts keys. Plain-text keys are refused:
            /// anyone with write access to the database could insert a key of their own.
            ///
            /// With [`OtpContext::with_plain_keys`] plain-text keys are accepted, and a context without a
            /// wallet stores keys in plain text: anyone who reads the database, or a backup of it, can then
            /// make codes. With a wallet, set it only until every key is encrypted ([`Self::reseal`]).
            ///
            /// # Errors
            ///
            /// [`Error::Context`]:
            ///
            /// - the context has no wallet, and was not made for plain-text keys;
            /// - there is no entropy.
            ///
            /// [`Error::Window`]: the window or the look-ahead is too wide for the codes.
            pub fn new(
                store: S,
                context: OtpContext,
                options: VerifierOptions,
            ) -> Result<Self, Error> {
                let protocol = Protocol::new(context, options)?;
                Ok(Self { store, protocol, events: Events::default() })
            }

            /// Binds keys to an application or tenant, too. Set it where several applications share application
            /// secrets: otherwise anyone with write access to one database could copy the encrypted key of an
            /// account with the same name from another.
            ///
            /// The namespace must not change: a key opens only under the namespace that it was encrypted
            /// under. The command `otp` takes it as `--namespace`.
            ///
            /// # Errors
            ///
            /// [`Error::Context`]: there is no entropy.
            pub fn with_namespace(self, namespace: impl Into<String>) -> Result<Self, Error> {
                Ok(Self { protocol: self.protocol.with_namespace(namespace.into())?, ..self })
            }

            /// Calls a function with each [`Event`]: every change, every verdict but a trusted browser, and every
            /// error of the store.
            ///
            /// The verifier calls it at the end of a call, on the thread of the call, when the store has
            /// committed every write. So it must not block: hand the event to a channel. If it panics, the panic
            /// goes on through the call. Then no user is let in, and no write is lost. A future that is dropped
            /// reports nothing, and a process that dies neither: the store's rows are the truth.
            ///
            /// ```
            /// use otp_store::{Memory, OtpContext, Verifier, VerifierOptions};
            ///
            /// let context = OtpContext::new().with_plain_keys();
            /// let (sender, events) = std::sync::mpsc::channel();
            /// let verifier =
            ///     Verifier::new(Memory::new(10), context, VerifierOptions::new())?
            ///         .with_events(move |event| drop(sender.send(event)));
            /// # let alice = otp_store::CredentialId::new("alice")?;
            /// # assert!(verifier.verify(&alice, "123456").is_ok());
            /// # assert_eq!(events.recv().unwrap().name(), "rejected");
            /// # Ok::<(), otp_store::Error>(())
            /// ```
            #[must_use]
            pub fn with_events(self, report: impl Fn(Event) + Send + Sync + 'static) -> Self {
                Self { events: Events::new(report), ..self }
            }

            /// Returns the store.
            #[must_use]
            pub const fn store(&self) -> &S {
                &self.store
            }

            /// Returns the context, which makes the credentials to enrol.
            #[must_use]
            pub const fn context(&self) -> &OtpContext {
                self.protocol.context()
            }

            /// Returns the options.
            #[must_use]
            pub const fn options(&self) -> &VerifierOptions {
                self.protocol.options()
            }
        }
    };
}

methods!(Verifier, Store);
methods!(AsyncVerifier, AsyncStore);

/// Reports nothing but an error of the store.
fn silent<T>(_: &T) -> Option<Event> {
    None
}

/// Turns a store's `false` into the error for an unknown id.
fn known(done: Result<bool, Error>) -> Result<(), Error> {
    if done? { Ok(()) } else { Err(Error::Unknown) }
}

/// Hands the reply to a charge on. Damage means that the code was not compared.
fn charged<R, A>(
    reply: Result<R, Error>,
    evaluate: impl FnOnce(R) -> Result<A, Error>,
) -> Result<A, Error> {
    match reply {
        Ok(reply) => evaluate(reply),
        Err(damage @ Error::Corrupt(_)) => Err(Error::NotCompared(Box::new(damage))),
        Err(error) => Err(error),
    }
}
