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
        let column = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let account = self.connection().query_row(statement, [name, &hash], column).optional()?;
        Ok(account.map(AccountId::new).transpose()?)
    }

    /// Returns the account and the name as it was signed up, if the password is right.
    pub fn log_in(&self, name: &str, password: &str) -> Result<Option<(AccountId, String)>, Stop> {
        let statement = "SELECT account, name, password FROM users WHERE name = ?";
        let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let user = self.connection().query_row(statement, [name.trim()], columns).optional()?;
        let (account, name, hash): (Option<String>, _, _) = match user {
            Some((account, name, hash)) => (Some(account), name, hash),
            None => (None, String::new(), self.decoy.clone()),
        };
        let hash = PasswordHash::new(&hash)?;
        let is_right = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        let account = account.filter(|_| is_right).map(AccountId::new).transpose()?;
        Ok(account.map(|account| (account, name)))
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
        let events =
            statement.query_map([account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(events.collect::<Result<_, _>>()?)
    }
}
