use alloc::sync::Arc;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::answer::Answer;
use super::failure::{failure, is_of_the_schema};
use super::keys::Keys;
use super::live::Live;
use super::options::RedisOptions;
use super::script::{Script, Scripts};
use super::server;
use crate::{EngineError, EngineErrorKind, Error};

/// The way to a server: one connection, opened anew when it is lost, and its server looked at
/// anew each time, since another one may have taken over.
pub(super) struct Link {
    options: RedisOptions,
    keys: Keys,
    scripts: Scripts,
    current: Mutex<Option<Arc<Live>>>,
    /// Who holds it opens a connection; the others wait for that one.
    opening: tokio::sync::Mutex<()>,
}

impl Link {
    /// The way to a server that is not connected to yet.
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
        let link = Self::new(options);
        link.live(link.deadline()).await?;
        Ok(link)
    }

    /// Makes the schema first, this once: a server that loses it later has lost all.
    pub(super) async fn create(options: RedisOptions) -> Result<Self, Error> {
        let link = Self::new(options);
        let work = async {
            let live = Live::open(&link.options).await?;
            server::settings(&live, &link.options).await?;
            server::create(&live, &link.keys).await
        };
        timeout_at(link.deadline(), work).await.unwrap_or_else(|_| Err(late()))?;
        link.live(link.deadline()).await?;
        Ok(link)
    }

    pub(super) const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) const fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Runs a script on keys, which follow that of the schema, in one round trip if the server
    /// knows it. If the schema is another by now, the server is checked anew.
    pub(super) async fn run(
        &self,
        script: &Script,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Answer, Error> {
        let deadline = self.deadline();
        let mut live = self.live(deadline).await?;
        let mut answer = self.run_on(&live, deadline, script, keys, &arguments).await;
        if matches!(&answer, Ok(Err(error)) if is_of_the_schema(error)) {
            self.forget(&live);
            live = self.live(deadline).await?;
            answer = self.run_on(&live, deadline, script, keys, &arguments).await;
        }
        self.answered(&live, answer).map(Answer::new)
    }

    async fn run_on(
        &self,
        live: &Live,
        deadline: Instant,
        script: &Script,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Result<Value, RedisError>, Elapsed> {
        let arguments = |command: &mut Cmd| {
            command.arg(&live.schema);
            arguments(command);
        };
        let work = async {
            let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
            match live.ask(&script.by_hash(keys, arguments)).await {
                Err(error) if error.kind() == unknown => {
                    live.ask(&script.by_text(keys, arguments)).await
                }
                answer => answer,
            }
        };
        timeout_at(deadline, work).await
    }

    /// Sends a command.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, Error> {
        let deadline = self.deadline();
        let live = self.live(deadline).await?;
        let answer = timeout_at(deadline, live.ask(command)).await;
        self.answered(&live, answer)
    }

    fn answered(
        &self,
        live: &Arc<Live>,
        answer: Result<Result<Value, RedisError>, Elapsed>,
    ) -> Result<Value, Error> {
        let error = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => failure(&error),
            Err(_) => late(),
        };
        if let Error::Engine(engine) = &error {
            use EngineErrorKind::{Interrupted, ReadOnly, TimedOut};

            // What does not answer may never do, and what has become a replica has a successor.
            if matches!(engine.kind(), Interrupted | ReadOnly | TimedOut) {
                self.forget(live);
            }
        }
        Err(error)
    }

    /// The connection there is, or else another.
    async fn live(&self, deadline: Instant) -> Result<Arc<Live>, Error> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        timeout_at(deadline, self.reopen()).await.unwrap_or_else(|_| Err(late()))
    }

    async fn reopen(&self) -> Result<Arc<Live>, Error> {
        let _alone = self.opening.lock().await;
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let mut live = Live::open(&self.options).await?;
        live.schema = server::check(&live, &self.keys, &self.options).await?;
        let live = Arc::new(live);
        *self.slot() = Some(Arc::clone(&live));
        Ok(live)
    }

    fn current(&self) -> Option<Arc<Live>> {
        let patience = self.options.patience;
        let works = |live: &&Arc<Live>| !live.is_closed() && !live.is_silent(patience);
        self.slot().as_ref().filter(works).cloned()
    }

    fn forget(&self, lost: &Arc<Live>) {
        self.slot().take_if(|live| Arc::ptr_eq(live, lost));
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Live>>> {
        // Nothing in here can panic half-way.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.options.patience).unwrap_or(now)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("options", &self.options).finish_non_exhaustive()
    }
}

fn late() -> Error {
    EngineError::from(EngineErrorKind::TimedOut).into()
}
