use std::path::PathBuf;

use otp_store::{Blocking, Error, Postgres, PostgresOptions, Redis, Sqlite, Store};
use serde::{Deserialize, Serialize};

/// A store behind blocking calls.
pub type Handle = Box<dyn Store + Send + Sync>;

/// A database, by its path or its URL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
    Redis(String),
}

impl Database {
    pub fn open(&self) -> Result<Handle, Error> {
        Ok(match self {
            Self::Sqlite(path) => Box::new(Sqlite::create(path)?),
            Self::Postgres(url) => {
                // One for each client. They open on demand.
                let options = PostgresOptions::new().with_connections(64);
                Box::new(Blocking::open(Postgres::create_with(url, options))?)
            }
            Self::Redis(url) => Box::new(Blocking::open(Redis::create(url))?),
        })
    }

    /// Returns the path or the URL.
    pub fn address(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) | Self::Redis(url) => url.clone(),
        }
    }
}
