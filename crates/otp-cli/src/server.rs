use std::env;

#[cfg(feature = "postgres")]
use otp_store::Postgres;
#[cfg(feature = "redis")]
use otp_store::Redis;
use otp_store::Store;
#[cfg(any(feature = "postgres", feature = "redis"))]
use otp_store::{Blocking, Error};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::location::{Engine, with_password};

/// Connects to the database of a server.
pub(crate) fn connect(engine: Engine, url: &str) -> Result<Box<dyn Store>, Failure> {
    let url = whole(engine, url)?;
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => boxed(Postgres::connect(&url)),
        #[cfg(feature = "redis")]
        Engine::Redis => boxed(Redis::connect(&url)),
        #[cfg(not(all(feature = "postgres", feature = "redis")))]
        engine => {
            drop(url);
            Err(left_out(engine))
        }
    }
}

/// Connects likewise, and makes the tables or keys that are missing.
pub(crate) fn create(engine: Engine, url: &str) -> Result<Box<dyn Store>, Failure> {
    let url = whole(engine, url)?;
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => boxed(Postgres::create(&url)),
        #[cfg(feature = "redis")]
        Engine::Redis => boxed(Redis::create(&url)),
        #[cfg(not(all(feature = "postgres", feature = "redis")))]
        engine => {
            drop(url);
            Err(left_out(engine))
        }
    }
}

/// Brings the schema of a server's database up to date.
pub(crate) fn migrate(engine: Engine, url: &str) -> Result<(), Failure> {
    let url = whole(engine, url)?;
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => done(Postgres::migrate(&url)),
        #[cfg(feature = "redis")]
        Engine::Redis => done(Redis::migrate(&url)),
        #[cfg(not(all(feature = "postgres", feature = "redis")))]
        engine => {
            drop(url);
            Err(left_out(engine))
        }
    }
}

/// The URL with the password that the environment has for it.
fn whole(engine: Engine, url: &str) -> Result<Zeroizing<String>, Failure> {
    let variable = engine.password();
    let password = match env::var(variable).map(Zeroizing::new) {
        Ok(password) => password,
        Err(env::VarError::NotPresent) => Zeroizing::default(),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::invalid(variable, "must be UTF-8"));
        }
    };
    Ok(with_password(engine, url, &password))
}

#[cfg(any(feature = "postgres", feature = "redis"))]
fn boxed<S: otp_store::AsyncStore + 'static>(
    open: impl Future<Output = Result<S, Error>>,
) -> Result<Box<dyn Store>, Failure> {
    Ok(Box::new(Blocking::open(open)?))
}

#[cfg(any(feature = "postgres", feature = "redis"))]
fn done(work: impl Future<Output = Result<(), Error>>) -> Result<(), Failure> {
    Ok(Blocking::open(work).map(drop)?)
}

#[cfg(not(all(feature = "postgres", feature = "redis")))]
fn left_out(engine: Engine) -> Failure {
    let (name, feature) = (engine.name(), engine.feature());
    let message =
        format!("db: this otp is built without {name}; build it with --features {feature}");
    Failure::usage("db", message)
}
