use alloc::sync::Arc;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::answer::Answer;
use super::failure::failure;
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
    pub(super) async fn open(options: RedisOptions) -> Result<Self, Error> {
        let link = Self {
            keys: Keys::new(options.prefix.clone()),
            scripts: Scripts::new(),
            options,
            current: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
        };
        link.live(link.deadline()).await?;
        Ok(link)
    }

    pub(super) const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) const fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Runs a script, in one round trip if the server knows it.
    pub(super) async fn run(
        &self,
        script: &Script,
        keys: &[String],
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Answer, Error> {
        let deadline = self.deadline();
        let live = self.live(deadline).await?;
        let work = async {
            let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
            match live.ask(&script.by_hash(keys, &arguments)).await {
                Err(error) if error.kind() == unknown => {
                    live.ask(&script.by_text(keys, &arguments)).await
                }
                answer => answer,
            }
        };
        let answer = timeout_at(deadline, work).await;
        self.answered(&live, answer)
    }

    /// Sends a command.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Answer, Error> {
        let deadline = self.deadline();
        let live = self.live(deadline).await?;
        let answer = timeout_at(deadline, live.ask(command)).await;
        self.answered(&live, answer)
    }

    fn answered(
        &self,
        live: &Arc<Live>,
        answer: Result<Result<Value, RedisError>, Elapsed>,
    ) -> Result<Answer, Error> {
        let error = match answer {
            Ok(Ok(value)) => return Ok(Answer::new(value)),
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
        let live = Live::open(&self.options).await?;
        server::check(&live, &self.keys, &self.scripts, self.options.weaker).await?;
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
