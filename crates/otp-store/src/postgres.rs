mod connection;
mod copy;
mod failure;
mod manager;
mod options;
mod parameters;
mod recovery;
mod row;
mod schema;
mod server;
mod share;
mod statement;
mod store;
mod target;
mod tls;

use core::fmt;
use core::time::Duration;
use std::panic::resume_unwind;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use otp_context::replay::Lock;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_postgres::Row;

use self::failure::{Failure, waiting};
use self::manager::Manager;
pub use self::options::PostgresOptions;
use self::parameters::{Parameters, parameters};
use self::row::done;
use self::share::{Share, Shares, Stage};
use self::statement::Statement;
use self::target::Target;
use crate::column::locked_until;
use crate::{Account, AccountId, Durability, EngineErrorKind, Error};

/// How long to wait, after its own timeout, for a server that should have stopped a statement.
const GRACE: Duration = Duration::from_secs(1);
/// How often to retry when other calls were first. Each retry means that some of them succeeded.
const TRIES: usize = 64;

/// How to prepare the schema before a store opens.
#[derive(Clone, Copy)]
enum Preparation {
    None,
    Create,
    Migrate,
}

/// Credentials and their spent counters in a PostgreSQL database (12 or later), which many
/// processes share.
///
/// A charge is one statement, and a spend is one statement. Each takes one round trip, in a
/// transaction of its own on a connection that only the store uses. It is on the primary's disk
/// before the call returns (`synchronous_commit` is `on`, or `remote_apply` if the server sets
/// that). The store accepts no pool of yours: a transaction left open on one of its connections
/// could roll a spend back.
///
/// The store has tables of its own, whose names begin with `otp_`, in the first schema of the
/// `search_path`. To create them, the role needs the right to create tables. Afterwards `SELECT`,
/// `INSERT`, `UPDATE` and `DELETE` suffice.
///
/// A pooler in session mode works. In transaction mode it must keep prepared statements, as
/// PgBouncer does from 1.21 on, or the store must use none ([`PostgresOptions::with_pooler`]).
/// Otherwise calls fail, since every statement checks that it is the intended one. In transaction
/// mode give the store a database user of its own, and so a pool of its own. Settings of a session
/// stay with the server's connection: other programs would get `statement_timeout` and others from
/// the store, and the store theirs.
///
/// A log-in that waits for a connection does not delay one that has begun: a quarter of the
/// connections is reserved for calls that finish an attempt. One account gets at most a quarter of
/// the connections to begin attempts, and a quarter to finish them.
///
/// The driver's buffers are not wiped from memory, so encrypt the keys.
pub struct Postgres {
    pool: Pool<Manager>,
    shares: Shares,
    timeout: Duration,
}

impl Postgres {
    /// How long the store keeps an acknowledged change. It is [`Durability::Disk`] if no standby ever
    /// takes over, or only one that `synchronous_standby_names` makes the primary wait for.
    pub const DURABILITY: Durability = Durability::DiskExceptFailover;

    /// Connects to an existing database. It creates nothing and changes no schema.
    ///
    /// The URL is `postgres://user:password@host:port/database?parameters` with the parameters of
    /// libpq that `tokio_postgres::Config` supports, and two more:
    ///
    /// - `sslmode` is `disable`, `require`, `verify-ca` or `verify-full`. The last three all mean
    ///   the strictest mode: encrypted, to a server whose certificate is valid for its name
    ///   (feature `tls`). Without `sslmode`, only a loopback address or a Unix socket may be in
    ///   plain text. `allow` and `prefer`, which fall back to plain text, are refused.
    /// - `sslrootcert` is a PEM file of the root certificates to trust. Default: those of the
    ///   operating system.
    ///
    /// If the URL has several hosts, the store asks all and takes the one that was promoted last.
    /// Later it never returns to a former primary. A host that drops packets costs
    /// `connect_timeout`. Its default is the timeout divided by one more than the number of hosts.
    /// A host that accepts the connection and then stays silent costs the whole timeout.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: a part of the URL is not valid or not supported.
    /// - [`Error::Missing`]: the tables do not exist. In an empty database no account has a second
    ///   factor.
    /// - [`Error::Outdated`]: the schema is older than this version needs ([`Postgres::migrate`]).
    /// - [`Error::Newer`]: a newer version wrote it, and does not permit this version to write.
    /// - [`Error::Foreign`]: other tables have these names.
    /// - [`Error::Engine`]: the server cannot be reached or trusted, refuses the user, is a standby
    ///   or read only, has `fsync` or `full_page_writes` off, or is unfit
    ///   ([`EngineErrorKind::Unfit`]). Unfit means that two servers are writable, that the tables
    ///   are `UNLOGGED` or written by a subscription, or that row level security hides rows.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url, PostgresOptions::new()).await
    }

    /// Connects with these options. [`Postgres::connect`] uses the defaults.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn connect_with(url: &str, options: PostgresOptions) -> Result<Self, Error> {
        Self::prepared(url, options, Preparation::None).await
    }

    /// Creates the missing tables, and connects. It does not migrate an older schema.
    ///
    /// Concurrent calls are safe. A call waits up to a minute for others that create or migrate. No
    /// client-side timeout ends that wait if the server falls silent: put a longer one around the
    /// call.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`], and [`Error::Missing`] if no schema of the `search_path`
    /// exists.
    pub async fn create(url: &str) -> Result<Self, Error> {
        Self::create_with(url, PostgresOptions::new()).await
    }

    /// Creates and connects with these options. [`Postgres::create`] uses the defaults.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::create`].
    pub async fn create_with(url: &str, options: PostgresOptions) -> Result<Self, Error> {
        Self::prepared(url, options, Preparation::Create).await
    }

    /// Brings the schema of a database up to date, in one transaction. First make a backup, and
    /// stop programs of an older version. It waits for others as [`Postgres::create`] does.
    ///
    /// A schema that is up to date or newer does not change.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn migrate(url: &str) -> Result<(), Error> {
        Self::migrate_with(url, PostgresOptions::new()).await
    }

    /// Migrates with these options. [`Postgres::migrate`] uses the defaults.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn migrate_with(url: &str, options: PostgresOptions) -> Result<(), Error> {
        Self::prepared(url, options, Preparation::Migrate).await.map(drop)
    }

    async fn prepared(
        url: &str,
        options: PostgresOptions,
        preparation: Preparation,
    ) -> Result<Self, Error> {
        let PostgresOptions { connections, timeout, pooler } = options;
        let manager = Manager::new(Target::parse(url, timeout)?, timeout, pooler);
        manager.survey().await?;
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(timeout))
            .create_timeout(Some(timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| EngineErrorKind::Other)?;
        let store = Self { pool, shares: Shares::new(connections), timeout };
        let mut connection = store.connection().await?;
        let (client, steps) = (&mut connection.client, schema::STEPS);
        match preparation {
            Preparation::None => {}
            Preparation::Create => schema::create(client, steps, schema::WAIT).await?,
            Preparation::Migrate => schema::migrate(client, steps, schema::WAIT).await?,
        }
        schema::check(&connection.client, steps).await?;
        connection.confirmed()?;
        drop(connection);
        Ok(store)
    }

    /// Names the checks that the role's rights prevent: `timeline`, so that a former primary that
    /// returns goes unnoticed, and `subscriptions`.
    #[must_use]
    pub fn unchecked(&self) -> Vec<&'static str> {
        self.pool.manager().unchecked()
    }

    async fn connection(&self) -> Result<Object<Manager>, Error> {
        self.pool.get().await.map_err(waiting)
    }

    /// Waits for a connection, and first for the right to take one.
    async fn share(
        &self,
        stage: Stage,
        account: Option<&AccountId>,
    ) -> Result<(Share, Object<Manager>), Error> {
        let share =
            timeout(self.timeout, self.shares.wait(stage, account.map(AccountId::as_str))).await;
        let share = share.map_err(|_| waiting(PoolError::Timeout(TimeoutType::Wait)))?;
        Ok((share, self.connection().await?))
    }

    /// Runs one statement in a transaction of its own.
    async fn rows(
        &self,
        statement: Statement,
        account: Option<&AccountId>,
        parameters: Parameters,
    ) -> Result<Vec<Row>, Error> {
        let (share, mut connection) = self.share(statement.stage(), account).await?;
        let (pool, patience) = (self.pool.clone(), self.patience());
        see_through(async move {
            let answer = timeout(patience, connection.ask(statement, &parameters)).await;
            let rows = answered(connection, &pool, answer);
            drop(share);
            rows
        })
        .await
    }

    /// Runs a statement about an account or one of its credentials, and returns its row.
    async fn ask(
        &self,
        statement: Statement,
        account: &AccountId,
        parameters: Parameters,
    ) -> Result<Row, Error> {
        let rows = self.rows(statement, Some(account), parameters).await?;
        rows.into_iter().next().ok_or_else(|| EngineErrorKind::Interrupted.into())
    }

    /// Runs a statement that changes rows, and returns whether it changed any.
    async fn change(
        &self,
        statement: Statement,
        account: &AccountId,
        parameters: Parameters,
    ) -> Result<bool, Error> {
        done(&self.ask(statement, account, parameters).await?)
    }

    /// Runs statements in one transaction, and returns whether the first changed any row.
    async fn change_all(
        &self,
        account: &AccountId,
        changes: Vec<(Statement, Parameters)>,
    ) -> Result<bool, Error> {
        let (share, mut connection) = self.share(Stage::Begins, Some(account)).await?;
        let (pool, patience) = (self.pool.clone(), self.patience());
        see_through(async move {
            let answer = timeout(patience, connection.change_all(&changes)).await;
            let changed = answered(connection, &pool, answer);
            drop(share);
            changed
        })
        .await
    }

    /// Returns how long to wait for a reply.
    const fn patience(&self) -> Duration {
        self.timeout.saturating_add(GRACE)
    }

    /// Replaces a lock, if the account has not changed since it was read.
    async fn clamp(&self, account: &AccountId, seen: &Account, lock: Lock) -> Result<bool, Error> {
        let parameters = parameters![
            account.as_str().to_owned(),
            locked_until(seen.throttle.lock()),
            locked_until(lock),
            i64::from(seen.guesses),
        ];
        self.change(Statement::Clamp, account, parameters).await
    }
}

/// Completes a statement even if its caller gives up, and until then counts its connection as in
/// use. Otherwise a client that hangs up as fast as it asks would make the database run all its
/// requests at once.
async fn see_through<T: Send + 'static>(
    statement: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(statement).await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        // The runtime shuts down.
        Err(_) => Err(EngineErrorKind::Interrupted.into()),
    })
}

/// Returns a connection to the pool, unless it is lost.
///
/// A statement without a reply is not cancelled: that could end the wait for a standby and report
/// success.
fn answered<T>(
    connection: Object<Manager>,
    pool: &Pool<Manager>,
    answer: Result<Result<T, Failure>, Elapsed>,
) -> Result<T, Error> {
    match answer {
        // Another server was promoted during the statement.
        Ok(Ok(_)) if !pool.manager().known.is_current(connection.server.as_ref()) => {
            Err(EngineErrorKind::Interrupted.into())
        }
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => {
            if failure.is_lost() {
                drop(Object::take(connection));
                // What ended one connection may have ended all: the next call gets a new one.
                let _dropped = pool.retain(|_, _| false);
            }
            Err(failure.into())
        }
        Err(_) => {
            drop(Object::take(connection));
            Err(EngineErrorKind::TimedOut.into())
        }
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
