mod connection;
mod failure;
mod manager;
mod options;
mod parameters;
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
use crate::{CredentialId, Durability, EngineErrorKind, Error};

/// How long to wait for a server that should have stopped a statement itself.
const GRACE: Duration = Duration::from_secs(1);
/// How often to ask again if others were first. Each time means that some of them were served.
const TRIES: usize = 64;

/// What is done to the schema before a store opens.
#[derive(Clone, Copy)]
enum Preparation {
    None,
    Create,
    Migrate,
}

/// Credentials and what is spent of them, in a PostgreSQL database (12 or later) that many
/// processes share.
///
/// A charge is one statement and an advance is one, each a transaction of its own on connections
/// that only the store uses: one round trip, and on the primary's disk before the call returns
/// (`synchronous_commit` is `on`, or `remote_apply` if the server says so). A pool of yours cannot
/// be brought along, since a transaction left open on one of its connections would take what is
/// spent back.
///
/// It takes tables of its own, whose names begin with `otp_`, in the first schema of the
/// `search_path`. Their creation needs the right to; afterwards `SELECT`, `INSERT`, `UPDATE` and
/// `DELETE` are enough.
///
/// A pooler may stand in between in session mode. In transaction mode it must keep prepared
/// statements, as PgBouncer does from 1.21 on, or the store must use none
/// ([`PostgresOptions::with_pooler`]). Otherwise calls fail: every statement checks that it was meant.
/// In transaction mode give the store a database user of its own, and so a pool of its own. Settings
/// of a session stay with the server's connection: other programs would get `statement_timeout` and
/// others from the store, and the store theirs.
///
/// A log-in that waits for a connection does not hold up one that has begun: a quarter of the
/// connections is kept for calls that finish an attempt. One account gets a quarter of them to begin
/// attempts and a quarter to finish them.
///
/// What the driver reads and writes is not wiped from memory, so seal the keys.
pub struct Postgres {
    pool: Pool<Manager>,
    shares: Shares,
    timeout: Duration,
}

impl Postgres {
    /// What it promises. It is [`Durability::Disk`] if no standby ever takes over, or only one that
    /// `synchronous_standby_names` makes the primary wait for.
    pub const DURABILITY: Durability = Durability::DiskExceptFailover;

    /// Connects to a database that was created before. It creates nothing and changes no schema.
    ///
    /// The URL is `postgres://user:password@host:port/database?parameters` with the parameters of
    /// libpq that `tokio_postgres::Config` knows. Beside them,
    ///
    /// - `sslmode` is `disable`, or one of `require`, `verify-ca` and `verify-full`, which all
    ///   mean the strictest: encrypted, to a server whose certificate is valid for its name
    ///   (feature `tls`). Without it, only a loopback address or a Unix socket is talked to in
    ///   plain text. `allow` and `prefer`, which settle for plain text, are refused.
    /// - `sslrootcert` is a PEM file of the authorities to trust; without it, those of the
    ///   operating system are.
    ///
    /// Of several hosts it asks all, and takes the one that was promoted last. Later it never goes
    /// back to a former primary. A host whose packets vanish costs `connect_timeout`, which is the
    /// timeout divided by the number of hosts and one more, unless the URL says otherwise. One that
    /// takes the connection and then says nothing is waited for until the timeout.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: a part of the URL is not valid or not known.
    /// - [`Error::Missing`]: the tables are not there. An account that is not found would else mean
    ///   that its user has no second factor.
    /// - [`Error::Outdated`]: their schema is older than this version needs ([`Postgres::migrate`]).
    /// - [`Error::Newer`]: newer programs write it, and this version may not.
    /// - [`Error::Foreign`]: other tables have our names.
    /// - [`Error::Engine`]: the server cannot be reached or trusted, refuses the user, is a
    ///   standby or read only, has `fsync` or `full_page_writes` off, or is not fit
    ///   ([`EngineErrorKind::Unfit`]): two servers can be written to, the tables are `UNLOGGED` or
    ///   written by a subscription, or row level security hides rows.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url, PostgresOptions::new()).await
    }

    /// Connects likewise, with options.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn connect_with(url: &str, options: PostgresOptions) -> Result<Self, Error> {
        Self::prepared(url, options, Preparation::None).await
    }

    /// Creates the tables where they are missing, and connects. An older schema stays.
    ///
    /// Many may do it at once. Others that create or migrate are waited for, up to a minute, and no
    /// client-side timeout ends that wait if the server falls silent: wrap the call in a longer one.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`]; [`Error::Missing`] if no schema of the `search_path` is there.
    pub async fn create(url: &str) -> Result<Self, Error> {
        Self::create_with(url, PostgresOptions::new()).await
    }

    /// Creates likewise, with options.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::create`].
    pub async fn create_with(url: &str, options: PostgresOptions) -> Result<Self, Error> {
        Self::prepared(url, options, Preparation::Create).await
    }

    /// Brings the schema of a database up to date, in one transaction. Programs of an older version
    /// must be stopped first. Do it after a backup. It waits as [`Postgres::create`] does.
    ///
    /// A schema that is up to date, or newer, stays as it is.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn migrate(url: &str) -> Result<(), Error> {
        Self::migrate_with(url, PostgresOptions::new()).await
    }

    /// Migrates likewise, with options.
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

    /// Names what cannot be checked because the server hides it from the role: `timeline`, so that a
    /// former primary that comes back goes unnoticed, and `subscriptions`.
    #[must_use]
    pub fn unchecked(&self) -> Vec<&'static str> {
        self.pool.manager().unchecked()
    }

    async fn connection(&self) -> Result<Object<Manager>, Error> {
        self.pool.get().await.map_err(waiting)
    }

    /// Waits for a connection, and for the right to take one.
    async fn share(
        &self,
        stage: Stage,
        account: Option<&str>,
    ) -> Result<(Share, Object<Manager>), Error> {
        let share = timeout(self.timeout, self.shares.wait(stage, account)).await;
        let share = share.map_err(|_| waiting(PoolError::Timeout(TimeoutType::Wait)))?;
        Ok((share, self.connection().await?))
    }

    /// Runs one statement, which is one transaction.
    async fn rows(
        &self,
        statement: Statement,
        account: Option<&str>,
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

    /// Asks about a credential, or about its account.
    async fn ask(
        &self,
        statement: Statement,
        id: &CredentialId,
        parameters: Parameters,
    ) -> Result<Row, Error> {
        let rows = self.rows(statement, Some(id.account()), parameters).await?;
        rows.into_iter().next().ok_or_else(|| EngineErrorKind::Interrupted.into())
    }

    /// Asks for a change, and says whether there was anything to change.
    async fn change(
        &self,
        statement: Statement,
        id: &CredentialId,
        parameters: Parameters,
    ) -> Result<bool, Error> {
        done(&self.ask(statement, id, parameters).await?)
    }

    /// How long to wait for an answer.
    const fn patience(&self) -> Duration {
        self.timeout.saturating_add(GRACE)
    }

    /// Cuts a lock, if it is still the one that was seen.
    async fn clamp(&self, id: &CredentialId, seen: Lock, lock: Lock) -> Result<bool, Error> {
        let (seen, lock) = (locked_until(seen), locked_until(lock));
        let parameters = parameters![id.account().to_owned(), seen, lock];
        self.change(Statement::Clamp, id, parameters).await
    }
}

/// Sees a statement through though its caller gives up: until it is answered its connection counts as
/// one in use. Else whoever hangs up as fast as he asks would have the database work on all of it at
/// once.
async fn see_through<T: Send + 'static>(
    statement: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(statement).await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        // The runtime ends.
        Err(_) => Err(EngineErrorKind::Interrupted.into()),
    })
}

/// Takes a connection back, unless it is lost.
///
/// A statement that does not answer is not cancelled: that could end the wait for a standby and
/// report success.
fn answered<T>(
    connection: Object<Manager>,
    pool: &Pool<Manager>,
    answer: Result<Result<T, Failure>, Elapsed>,
) -> Result<T, Error> {
    match answer {
        // While it was asked, another server was promoted.
        Ok(Ok(_)) if !pool.manager().known.is_current(connection.server.as_ref()) => {
            Err(EngineErrorKind::Interrupted.into())
        }
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => {
            if failure.is_lost() {
                drop(Object::take(connection));
                // What ended one may have ended all, and the next call shall get a new one.
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
