use alloc::sync::Arc;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::connection::Connection;
use super::failure::{failure, is_of_the_schema};
use super::keys::Keys;
use super::options::RedisOptions;
use super::reply::Reply;
use super::script::{Script, Scripts};
use super::server;
use crate::{EngineError, EngineErrorKind, Error};

/// A connection that is reopened after a loss. The server is checked each time, since another one
/// may have taken over.
pub(super) struct Reconnecting {
    options: RedisOptions,
    keys: Keys,
    scripts: Scripts,
    current: Mutex<Option<Arc<Connection>>>,
    /// Held by the call that opens a connection, while the others wait for it.
    opening: tokio::sync::Mutex<()>,
}

impl Reconnecting {
    /// Makes the value without connecting.
    fn new(options: RedisOptions) -> Self {
        Self {
            keys: Keys::new(options.prefix.clone()),
            scripts: Scripts::new(),
            options,
            current: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
        }
    }

    pub(super) async fn open(options: RedisOptions) -> Result<Self, Error> {
        let reconnecting = Self::new(options);
        reconnecting.connection(reconnecting.deadline()).await?;
        Ok(reconnecting)
    }

    /// First creates the schema, only now: a server without it later has lost everything.
    pub(super) async fn create(options: RedisOptions) -> Result<Self, Error> {
        let reconnecting = Self::new(options);
        let work = async {
            let connection = Connection::open(&reconnecting.options).await?;
            server::settings(&connection, &reconnecting.options).await?;
            server::create(&connection, &reconnecting.keys).await
        };
        timeout_at(reconnecting.deadline(), work).await.unwrap_or_else(|_| Err(late()))?;
        reconnecting.connection(reconnecting.deadline()).await?;
        Ok(reconnecting)
    }

    pub(super) const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) const fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Runs a script with the schema key and these keys, in one round trip if the server knows it.
    /// If the schema has changed, the server is checked again.
    pub(super) async fn run(
        &self,
        script: &Script,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Reply, Error> {
        let deadline = self.deadline();
        let mut connection = self.connection(deadline).await?;
        let mut reply = self.run_on(&connection, deadline, script, keys, &arguments).await;
        if matches!(&reply, Ok(Err(error)) if is_of_the_schema(error)) {
            self.forget(&connection);
            connection = self.connection(deadline).await?;
            reply = self.run_on(&connection, deadline, script, keys, &arguments).await;
        }
        self.answered(&connection, reply).map(Reply::new)
    }

    async fn run_on(
        &self,
        connection: &Connection,
        deadline: Instant,
        script: &Script,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Result<Value, RedisError>, Elapsed> {
        let arguments = |command: &mut Cmd| {
            command.arg(&connection.schema);
            arguments(command);
        };
        let work = async {
            let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
            match connection.ask(&script.by_hash(keys, arguments)).await {
                Err(error) if error.kind() == unknown => {
                    connection.ask(&script.by_text(keys, arguments)).await
                }
                reply => reply,
            }
        };
        timeout_at(deadline, work).await
    }

    /// Sends a command.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, Error> {
        let deadline = self.deadline();
        let connection = self.connection(deadline).await?;
        let reply = timeout_at(deadline, connection.ask(command)).await;
        self.answered(&connection, reply)
    }

    fn answered(
        &self,
        connection: &Arc<Connection>,
        reply: Result<Result<Value, RedisError>, Elapsed>,
    ) -> Result<Value, Error> {
        let error = match reply {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => failure(&error),
            Err(_) => late(),
        };
        if let Error::Engine(engine) = &error {
            use EngineErrorKind::{Interrupted, ReadOnly, TimedOut};

            // A silent server may stay silent, and a former primary has a successor.
            if matches!(engine.kind(), Interrupted | ReadOnly | TimedOut) {
                self.forget(connection);
            }
        }
        Err(error)
    }

    /// Returns the open connection, or opens another.
    async fn connection(&self, deadline: Instant) -> Result<Arc<Connection>, Error> {
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        timeout_at(deadline, self.reopen()).await.unwrap_or_else(|_| Err(late()))
    }

    async fn reopen(&self) -> Result<Arc<Connection>, Error> {
        let _alone = self.opening.lock().await;
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let mut connection = Connection::open(&self.options).await?;
        connection.schema = server::check(&connection, &self.keys, &self.options).await?;
        let connection = Arc::new(connection);
        *self.slot() = Some(Arc::clone(&connection));
        Ok(connection)
    }

    fn current(&self) -> Option<Arc<Connection>> {
        let patience = self.options.patience;
        let works = |connection: &&Arc<Connection>| {
            !connection.is_closed() && !connection.is_silent(patience)
        };
        self.slot().as_ref().filter(works).cloned()
    }

    fn forget(&self, lost: &Arc<Connection>) {
        self.slot().take_if(|connection| Arc::ptr_eq(connection, lost));
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        // A panic cannot leave the value half changed.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.options.patience).unwrap_or(now)
    }
}

impl fmt::Debug for Reconnecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnecting").field("options", &self.options).finish_non_exhaustive()
    }
}

fn late() -> Error {
    EngineError::from(EngineErrorKind::TimedOut).into()
}
