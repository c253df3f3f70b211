use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::client;
use crate::database::Database;
use crate::race::{self, Kind};

/// What another process of this program does.
#[derive(Serialize, Deserialize)]
pub enum Role {
    /// Submits texts in a race.
    Racer { database: Database, kind: Kind, naive: bool },
    /// Logs in until it is killed.
    Client { database: Database, log: PathBuf, careless: bool },
}

impl Role {
    /// Reads the role that another process gave to this one.
    pub fn of_this_process(words: &[String]) -> Option<Self> {
        serde_json::from_str(words.first()?).ok()
    }

    /// Returns the command that starts a process in this role.
    pub fn command(&self) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(serde_json::to_string(self)?);
        Ok(command)
    }

    pub fn play(&self) -> Result<()> {
        match self {
            Self::Racer { database, kind, naive } => race::work(database, *kind, *naive),
            Self::Client { database, log, careless } => client::run(database, log, *careless),
        }
    }
}
