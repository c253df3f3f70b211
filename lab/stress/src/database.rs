use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use otp_store::{Blocking, Error, Postgres, PostgresOptions, Redis, Sqlite, Store};

/// A store behind blocking calls.
pub type Handle = Box<dyn Store + Send + Sync>;

/// A database and its address.
#[derive(Clone)]
pub enum Database {
    Sqlite(String),
    Postgres(String),
    Redis(String),
}

impl Database {
    pub fn parse(url: &str) -> Result<Self> {
        let local = ["//127.0.0.1", "@127.0.0.1", "//localhost", "@localhost"];
        Ok(match url.split_once(':') {
            Some(("sqlite", path)) => Self::Sqlite(path.to_owned()),
            Some((_, rest)) if !local.iter().any(|host| rest.contains(host)) => {
                bail!("trials run only on this machine")
            }
            Some(("postgres", _)) => Self::Postgres(url.to_owned()),
            Some(("redis", _)) => Self::Redis(url.to_owned()),
            _ => bail!("{url}: not sqlite:, postgres: or redis:"),
        })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
            Self::Redis(_) => "Redis",
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{path}"),
            Self::Postgres(url) | Self::Redis(url) => url.clone(),
        }
    }

    /// Opens the store as soon as the server replies, since it may just have been killed.
    pub fn open(&self) -> Result<Handle, Error> {
        self.answering(Self::try_open)
    }

    fn answering(&self, open: impl Fn(&Self) -> Result<Handle, Error>) -> Result<Handle, Error> {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            match open(self) {
                Err(Error::Engine(_)) if Instant::now() < end => {
                    thread::sleep(Duration::from_millis(20));
                }
                answer => return answer,
            }
        }
    }

    fn try_open(&self) -> Result<Handle, Error> {
        Ok(match self {
            Self::Sqlite(path) => Box::new(Sqlite::create(path)?),
            Self::Postgres(url) => {
                let options = PostgresOptions::new().with_connections(4);
                Box::new(Blocking::open(Postgres::create_with(url, options))?)
            }
            Self::Redis(url) => Box::new(Blocking::open(Redis::create(url))?),
        })
    }

    /// Opens a server with unsafe settings, to measure what is lost.
    pub fn open_weak(&self) -> Result<Handle, Error> {
        self.answering(Self::try_open_weak)
    }

    fn try_open_weak(&self) -> Result<Handle, Error> {
        match self {
            Self::Redis(url) => {
                let options = Redis::options(url)?.with_weaker_durability();
                Ok(Box::new(Blocking::open(options.create())?))
            }
            _ => self.try_open(),
        }
    }
}
