use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use otp_store::{AccountId, Event};
use rusqlite::{Connection, OptionalExtension};

use crate::Stop;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS users (
        account TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, password TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS events (
        id INTEGER PRIMARY KEY, account TEXT NOT NULL, time INTEGER NOT NULL, text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_of_account ON events (account, id);
";

/// The application's own rows: users and events.
pub struct Database {
    connection: Mutex<Connection>,
    /// The hash of no user's password, so that an unknown name takes as long as a known one.
    decoy: String,
}

impl Database {
    pub fn open(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        let decoy = Argon2::default().hash_password(b"decoy")?.to_string();
        Ok(Self { connection: Mutex::new(connection), decoy })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a user, and returns the new account, or `None` if the name is taken.
    pub fn sign_up(&self, name: &str, password: &str) -> Result<Option<AccountId>, Stop> {
        let hash = Argon2::default().hash_password(password.as_bytes())?.to_string();
        // Random: encrypted keys are bound to the account's id, so no id may ever be used again.
        let statement = "INSERT INTO users VALUES (lower(hex(randomblob(16))), ?, ?)
             ON CONFLICT DO NOTHING RETURNING account";
        let row = self.connection().query_row(statement, [name, &hash], |row| row.get(0));
        let account: Option<String> = row.optional()?;
        Ok(account.map(AccountId::new).transpose()?)
    }

    /// Returns the account and the name as it was signed up, if the password is right.
    pub fn log_in(&self, name: &str, password: &str) -> Result<Option<(AccountId, String)>, Stop> {
        let statement = "SELECT account, name, password FROM users WHERE name = ?";
        let row = self.connection().query_row(statement, [name.trim()], |row| row.try_into());
        let user: Option<(String, String, String)> = row.optional()?;
        let hash = PasswordHash::new(user.as_ref().map_or(&self.decoy, |(_, _, hash)| hash))?;
        let is_right = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        let Some((account, name, _)) = user.filter(|_| is_right) else { return Ok(None) };
        Ok(Some((AccountId::new(account)?, name)))
    }

    /// Writes an event of the library, if the owner of the account understands it.
    pub fn record(&self, event: &Event) {
        let text = match event {
            Event::Confirmed { id } => format!("Authenticator “{}” added", id.name()),
            Event::Removed { id } => format!("Authenticator “{}” removed", id.name()),
            Event::Accepted { id, .. } => format!("Code of “{}” accepted", id.name()),
            Event::Recovered { left, .. } => format!("Recovery code used, {left} left"),
            Event::RecoveryCodesMade { .. } => "New recovery codes made".into(),
            Event::TrustGiven { .. } => "Browser trusted for 30 days".into(),
            Event::TrustRevoked { .. } => "Trusted browsers forgotten".into(),
            // It costs no attempt, so an attacker could fill the list with it.
            Event::Rejected { reason, .. } if reason.name() == "malformed" => return,
            Event::Rejected { .. } => "Wrong code".into(),
            Event::Locked { .. } => "Code refused after too many wrong ones".into(),
            _ => return,
        };
        self.note(event.account(), &text);
    }

    pub fn note(&self, account: &AccountId, text: &str) {
        let statement = "INSERT INTO events (account, time, text) VALUES (?, unixepoch(), ?)";
        if let Err(error) = self.connection().execute(statement, [account.as_str(), text]) {
            eprintln!("{text}: {error}");
        }
    }

    /// Returns time and text of the ten newest events, the newest first.
    pub fn events(&self, account: &AccountId) -> Result<Vec<(String, String)>, Stop> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT strftime('%Y-%m-%d %H:%M', time, 'unixepoch'), text FROM events
             WHERE account = ? ORDER BY id DESC LIMIT 10",
        )?;
        let events = statement.query_map([account.as_str()], |row| row.try_into())?;
        Ok(events.collect::<Result<_, _>>()?)
    }
}
