use ::redis::{Cmd, Value};
use tokio::time::timeout;

use super::connection::Connection;
use super::failure::{failure, is_of_the_schema};
use super::keys::{self, Keys, counted};
use super::options::RedisOptions;
use super::reply::Reply;
use super::scan::Scan;
use super::schema::{CURRENT, FIRST, MOVING, RECOUNTING, SECOND, judge};
use super::script::{Script, script};
use super::server;
use crate::{CredentialId, EngineError, EngineErrorKind, Error};

/// The prefixes of account and credential keys in schema 1.
const ACCOUNT: &str = "account:";
const CREDENTIAL: &str = "credential:";

/// Migrates to the schema of this version.
///
/// First the schema key changes to "moving" or "recounting", so no older program can connect. Then
/// each credential of version 1 moves in one step, and each account of version 2 gets its guesses in
/// one step. An interrupted migration continues from there, and concurrent ones share the work.
pub(super) async fn run(options: &RedisOptions) -> Result<(), Error> {
    let patience = options.patience;
    let keys = Keys::new(options.prefix.clone());
    let connection =
        timeout(patience, Connection::open(options)).await.unwrap_or_else(|_| Err(late()))?;
    server::settings(&connection, options).await?;
    let migration = Migration { connection, keys, options };
    loop {
        let schema = server::stored_schema(&migration.connection, &migration.keys, options).await?;
        if schema == FIRST.as_bytes() {
            migration.step(FIRST, MOVING).await?;
        } else if schema == MOVING.as_bytes() {
            migration.move_all().await?;
            migration.step(MOVING, RECOUNTING).await?;
        } else if schema == SECOND.as_bytes() {
            migration.step(SECOND, RECOUNTING).await?;
        } else if schema == RECOUNTING.as_bytes() {
            migration.recount_all().await?;
            migration.step(RECOUNTING, CURRENT).await?;
        } else {
            return judge(&schema);
        }
    }
}

struct Migration<'a> {
    connection: Connection,
    keys: Keys,
    options: &'a RedisOptions,
}

impl Migration<'_> {
    /// Moves every credential of schema 1, and deletes the accounts that remain.
    async fn move_all(&self) -> Result<(), Error> {
        let script = script!("begin", "move");
        // Repeats until a walk finds no more.
        let mut moved = true;
        while moved {
            moved = false;
            for key in self.scan(CREDENTIAL).await? {
                let Some(id) = self.first_credential(&key) else { continue };
                moved |= self.move_credential(&script, &id).await?;
            }
        }
        let script = script!("begin", "drop");
        for key in self.scan(ACCOUNT).await? {
            let Some(account) = self.keys.rest(&key, ACCOUNT) else { continue };
            let key = self.keys.key(&format!("{ACCOUNT}{account}"));
            self.run(&script, &[key], MOVING, |_| {}).await?;
        }
        Ok(())
    }

    async fn move_credential(&self, script: &Script, id: &CredentialId) -> Result<bool, Error> {
        let (account, name) = (id.account(), id.name());
        let keys = [
            self.keys.account(account),
            self.keys.credential(account, name),
            self.keys.index(),
            self.keys.key(&format!("{ACCOUNT}{account}")),
            self.keys.key(&format!("{CREDENTIAL}{}:{account}:{name}", account.as_str().len())),
        ];
        let arguments = |command: &mut Cmd| {
            command.arg(keys::field(name)).arg(keys::place(id));
        };
        match self.run(script, &keys, MOVING, arguments).await? {
            Some(mut reply) => reply.done("unknown"),
            None => Ok(false),
        }
    }

    /// Gives every account of schema 2 its guesses. No program creates an account meanwhile.
    async fn recount_all(&self) -> Result<(), Error> {
        let script = script!("begin", "number", "names", "recount");
        for key in self.scan("{").await? {
            let Some(account) = self.keys.of_account(&key) else { continue };
            let key = self.keys.account(&account);
            self.run(&script, &[key], RECOUNTING, |_| {}).await?;
        }
        Ok(())
    }

    /// Returns the id of a credential's key in schema 1.
    fn first_credential(&self, key: &[u8]) -> Option<CredentialId> {
        let (account, rest) = counted(self.keys.rest(key, CREDENTIAL)?)?;
        CredentialId::new(account).ok()?.with_name(rest.strip_prefix(':')?).ok()
    }

    async fn step(&self, from: &str, to: &str) -> Result<(), Error> {
        let arguments = |command: &mut Cmd| {
            command.arg(to);
        };
        self.run(&script!("begin", "step"), &[], from, arguments).await.map(drop)
    }

    async fn scan(&self, beginning: &str) -> Result<Vec<Vec<u8>>, Error> {
        let (mut found, mut scan) = (Vec::new(), Scan::new(self.keys.pattern(beginning)));
        while let Some(command) = scan.command() {
            found.extend(scan.page(self.ask(&command).await?)?);
        }
        Ok(found)
    }

    /// Runs a script. Returns `None` under another schema, where it does nothing.
    async fn run(
        &self,
        script: &Script,
        keys: &[String],
        schema: &str,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Option<Reply>, Error> {
        let keys = [&[self.keys.schema()], keys].concat();
        let command = script.by_text(&keys, |command| {
            command.arg(schema);
            arguments(command);
        });
        match timeout(self.options.patience, self.connection.ask(&command)).await {
            Ok(Ok(value)) => Ok(Some(Reply::new(value))),
            Ok(Err(error)) if is_of_the_schema(&error) => Ok(None),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(late()),
        }
    }

    async fn ask(&self, command: &Cmd) -> Result<Value, Error> {
        let reply = timeout(self.options.patience, self.connection.ask(command)).await;
        reply.map_err(|_| late())?.map_err(|error| failure(&error))
    }
}

fn late() -> Error {
    EngineError::from(EngineErrorKind::TimedOut).into()
}
