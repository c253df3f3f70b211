use std::fs;

use anyhow::Result;

use crate::postgres::Postgres;
use crate::process::{Folder, Server};
use crate::redis::Redis;

/// The database of a store.
pub enum Place {
    Sqlite(Folder),
    Postgres(Box<Postgres>),
    Redis(Redis),
}

impl Place {
    pub fn start(store: &str) -> Result<Self> {
        Ok(match store {
            "postgres" => Self::Postgres(Box::new(Postgres::start()?)),
            "redis" => Self::Redis(Redis::start(true)?),
            _ => Self::Sqlite(Folder::new("sqlite")?),
        })
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
            Self::Redis(_) => "Redis",
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("otp.db").display()),
            Self::Postgres(postgres) => postgres.url(),
            Self::Redis(redis) => redis.url(),
        }
    }

    /// Returns the server, which can be killed as the client can.
    pub const fn server(&mut self) -> Option<&mut Server> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => Some(&mut postgres.server),
            Self::Redis(redis) => Some(&mut redis.server),
        }
    }

    /// Makes an empty file for the accepted codes.
    pub fn log(&self) -> Result<String> {
        let log = match self {
            Self::Sqlite(folder) => folder.file("codes")?,
            Self::Postgres(postgres) => postgres.log()?,
            Self::Redis(redis) => redis.log()?,
        };
        fs::write(&log, "")?;
        Ok(log)
    }

    /// Makes two empty databases.
    pub fn two_databases(&self) -> Result<(String, String)> {
        Ok(match self {
            Self::Sqlite(folder) => {
                let [few, many] = ["few.db", "many.db"].map(|name| folder.path().join(name));
                (format!("sqlite:{}", few.display()), format!("sqlite:{}", many.display()))
            }
            Self::Postgres(postgres) => (postgres.database("few")?, postgres.database("many")?),
            Self::Redis(redis) => (format!("{}/1", redis.url()), format!("{}/2", redis.url())),
        })
    }
}
