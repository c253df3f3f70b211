use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::database::Database;
use crate::postgres;
use crate::server::{Server, free_port};

/// A database, and the servers that have it or follow the one that does.
pub struct Place {
    pub database: Database,
    pub servers: Vec<Server>,
    pub folder: TempDir,
}

impl Place {
    pub fn start(store: &str) -> Result<Self> {
        match store {
            "postgres" => postgres::start(),
            "redis" => Self::redis(true),
            _ => {
                let folder = tempfile::tempdir()?;
                let database = Database::Sqlite(folder.path().join("otp.db"));
                Ok(Self { database, servers: Vec::new(), folder })
            }
        }
    }

    /// Starts Redis so that it keeps acknowledged changes, or nothing.
    pub fn redis(durable: bool) -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
        command.args(["--appendfsync", "always", "--appendonly"]);
        command.arg(if durable { "yes" } else { "no" }).arg("--dir").arg(folder.path());
        let server = Server::start(command, folder.path().join("log"), port)?;
        let database = Database::Redis(format!("redis://127.0.0.1:{port}"));
        Ok(Self { database, servers: vec![server], folder })
    }

    /// Makes an empty file for the accepted codes.
    pub fn log(&self) -> Result<PathBuf> {
        let log = self.folder.path().join("codes");
        fs::write(&log, "")?;
        Ok(log)
    }

    /// Makes two empty databases.
    pub fn two_databases(&self) -> Result<[Database; 2]> {
        Ok(match &self.database {
            Database::Sqlite(path) => {
                ["few", "many"].map(|name| Database::Sqlite(path.with_extension(name)))
            }
            Database::Postgres(url) => {
                [postgres::database(url, "few")?, postgres::database(url, "many")?]
            }
            Database::Redis(url) => [1, 2].map(|number| Database::Redis(format!("{url}/{number}"))),
        })
    }
}
