use std::env;

#[cfg(feature = "postgres")]
use otp_store::Postgres;
#[cfg(feature = "redis")]
use otp_store::Redis;
use otp_store::Store;
#[cfg(any(feature = "postgres", feature = "redis"))]
use otp_store::{Blocking, Error};
use zeroize::Zeroizing;

use crate::accounts::database_url::{Engine, with_password};
use crate::failure::Failure;

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
            Err(not_built(engine))
        }
    }
}

/// Connects to the database of a server, and creates the tables or keys that are missing.
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
            Err(not_built(engine))
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
            Err(not_built(engine))
        }
    }
}

/// Returns where an index of a Redis server differs from its keys, and corrects it if asked. Other
/// servers have no such index.
#[cfg(feature = "redis")]
pub(crate) fn index(
    engine: Engine,
    url: &str,
    repair: bool,
) -> Result<Vec<(otp_store::CredentialId, &'static str)>, Failure> {
    use otp_store::IndexDifference::{
        Damaged, DamagedRecovery, Gone, GoneRecovery, Unlisted, UnlistedRecovery,
    };

    if engine != Engine::Redis {
        return Ok(Vec::new());
    }
    let url = whole(engine, url)?;
    let mut found = Vec::new();
    done(async {
        let store = Redis::connect(&url).await?;
        found = if repair { store.repair_index().await? } else { store.check_index().await? };
        Ok(())
    })?;
    let messages = found.into_iter().filter_map(|difference| match difference {
        Unlisted(id) => Some((id, "credential is not in the index; --repair adds it")),
        Gone(id) => Some((id, "index lists a credential that is gone; --repair drops it")),
        Damaged(id) => Some((id, "stored throttle is not valid")),
        UnlistedRecovery(account) => {
            Some((account.into(), "recovery codes are not in the index; --repair adds them"))
        }
        GoneRecovery(account) => {
            Some((account.into(), "index lists recovery codes that are gone; --repair drops them"))
        }
        DamagedRecovery(account) => Some((account.into(), "stored recovery codes are not valid")),
        _ => None,
    });
    Ok(messages.collect())
}

#[cfg(not(feature = "redis"))]
pub(crate) fn index(
    _: Engine,
    _: &str,
    _: bool,
) -> Result<Vec<(otp_store::CredentialId, &'static str)>, Failure> {
    Ok(Vec::new())
}

/// Returns the URL with the password of the environment, if there is one.
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
fn not_built(engine: Engine) -> Failure {
    let (name, feature) = (engine.name(), engine.feature());
    let message =
        format!("db: this otp is built without {name}; build it with --features {feature}");
    Failure::usage("db", message)
}
