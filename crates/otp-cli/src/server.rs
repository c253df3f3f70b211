use std::env;

use otp_store::Store;

use crate::failure::Failure;
use crate::location::{Engine, with_password};

/// Connects to a database server, with the password that the environment has for it.
pub(crate) fn connect(engine: Engine, url: &str) -> Result<Box<dyn Store>, Failure> {
    let variable = engine.password();
    let password = match env::var(variable).map(zeroize::Zeroizing::new) {
        Ok(password) => password,
        Err(env::VarError::NotPresent) => zeroize::Zeroizing::default(),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::invalid(variable, "must be UTF-8"));
        }
    };
    let url = with_password(engine, url, &password);
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => {
            Ok(Box::new(otp_store::Blocking::open(otp_store::Postgres::connect(&url))?))
        }
        #[cfg(feature = "redis")]
        Engine::Redis => Ok(Box::new(otp_store::Blocking::open(otp_store::Redis::connect(&url))?)),
        #[cfg(not(all(feature = "postgres", feature = "redis")))]
        engine => {
            drop(url);
            let (name, feature) = (engine.name(), engine.feature());
            let message =
                format!("db: this otp is built without {name}; build it with --features {feature}");
            Err(Failure::usage("db", message))
        }
    }
}
