mod connection;
mod failure;
mod options;
mod question;
mod row;
mod schema;
mod target;
mod tls;

use core::fmt;
use core::time::Duration;
use std::panic::resume_unwind;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool};
use otp_context::{Advance, Charge, Lock, Policy};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use self::connection::Manager;
use self::failure::{is_lost, waiting};
pub use self::options::PostgresOptions;
use self::question::Question;
use self::row::{counted, entry, get};
use self::target::Target;
use crate::column::{attempt, locked_until, signed, unsigned};
use crate::{
    Advanced, AsyncStore, Charged, CredentialId, Durability, EngineErrorKind, Entry, Error,
    RecordText,
};

/// How long to wait for a server that should have stopped a statement itself.
const GRACE: Duration = Duration::from_secs(1);
/// How often to ask again if others were first. Each time means that some of them were served.
const TRIES: usize = 64;

/// What a statement is about, which outlives the call that asks.
type Parameters = Vec<Box<dyn ToSql + Send + Sync>>;

macro_rules! parameters {
    ($($value:expr),+ $(,)?) => {{
        let parameters: Parameters = vec![$(Box::new($value)),+];
        parameters
    }};
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
/// A pooler may stand in between in session mode, and in transaction mode if it keeps prepared
/// statements, as PgBouncer does from 1.21 on; behind one that does not, verifications fail, and
/// nobody gets in. In transaction mode the store needs a database user of its own there, and so a
/// pool of its own: settings of a session stay with the server's connection, so others would get
/// ours (`statement_timeout` among them), and theirs could take `synchronous_commit` from us.
///
/// What the driver reads and writes is not wiped from memory, so seal the keys.
pub struct Postgres {
    pool: Pool<Manager>,
    timeout: Duration,
}

impl Postgres {
    /// What it promises. It is [`Durability::Disk`] if no standby ever takes over, or only one that
    /// `synchronous_standby_names` makes the primary wait for.
    pub const DURABILITY: Durability = Durability::DiskExceptFailover;

    /// Connects to a database, and creates the tables or brings them up to date.
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
    /// Of several hosts it takes the first that can be written to. One whose packets vanish costs
    /// `connect_timeout`, which is the timeout divided by the number of hosts and one more, unless
    /// the URL says otherwise. One that takes the connection and then says nothing is waited for
    /// until the timeout, and no other host is asked.
    ///
    /// Where tables are to be created or brought up to date, others that do the same are waited for,
    /// up to a minute, and no client-side timeout ends it if the server falls silent: wrap the call in
    /// one that is longer.
    ///
    /// # Errors
    ///
    /// - [`Error::Url`]: a part of the URL is not valid or not known.
    /// - [`Error::Foreign`]: other tables have our names.
    /// - [`Error::Newer`]: a newer version of this library made the tables.
    /// - [`Error::Engine`]: the server cannot be reached or trusted, refuses the user, is a
    ///   standby or read only, or has `fsync` or `full_page_writes` off.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url, PostgresOptions::new()).await
    }

    /// Connects likewise, with options.
    ///
    /// # Errors
    ///
    /// Those of [`Postgres::connect`].
    pub async fn connect_with(url: &str, options: PostgresOptions) -> Result<Self, Error> {
        let PostgresOptions { connections, timeout } = options;
        let target = Target::parse(url, timeout)?;
        let pool = Pool::builder(Manager { target, timeout })
            .max_size(connections)
            .wait_timeout(Some(timeout))
            .create_timeout(Some(timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| EngineErrorKind::Other)?;
        let store = Self { pool, timeout };
        let mut connection = store.connection().await?;
        schema::migrate(&mut connection.client, schema::STEPS).await?;
        drop(connection);
        Ok(store)
    }

    async fn connection(&self) -> Result<Object<Manager>, Error> {
        self.pool.get().await.map_err(waiting)
    }

    /// Asks one question, which is one transaction.
    async fn ask(&self, question: Question, parameters: Parameters) -> Result<Vec<Row>, Error> {
        let mut connection = self.connection().await?;
        let (pool, patience) = (self.pool.clone(), self.patience());
        see_through(async move {
            let mut borrowed: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(parameters.len());
            for parameter in &parameters {
                borrowed.push(&**parameter);
            }
            let answer = timeout(patience, connection.query(question, &borrowed)).await;
            answered(connection, &pool, answer)
        })
        .await
    }

    /// How long to wait for an answer.
    const fn patience(&self) -> Duration {
        self.timeout.saturating_add(GRACE)
    }

    /// Cuts a lock, if it is still the one that was seen.
    async fn clamp(&self, id: &CredentialId, seen: Lock, lock: Lock) -> Result<bool, Error> {
        let (seen, lock) = (locked_until(seen), locked_until(lock));
        let parameters = parameters![id.account().to_owned(), seen, lock];
        let rows = self.ask(Question::Clamp, parameters).await?;
        Ok(!rows.is_empty())
    }
}

impl AsyncStore for Postgres {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let parameters = parameters![
            id.account().to_owned(),
            id.name().to_owned(),
            entry.record.as_str().to_owned(),
            entry.hotp,
            i16::from(entry.length),
            signed(entry.generation, "generation")?,
            signed(entry.next, "counter")?,
            entry.confirmed,
        ];
        Ok(!self.ask(Question::Insert, parameters).await?.is_empty())
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let parameters = parameters![id.account().to_owned(), id.name().to_owned()];
        let rows = self.ask(Question::Find, parameters).await?;
        rows.first().map(entry).transpose()
    }

    async fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        let now = i64::try_from(charge.now().as_secs()).unwrap_or(i64::MAX);
        let (hotp, totp) = (charge.hotp_policy(), charge.totp_policy());
        for _ in 0..TRIES {
            let parameters = parameters![
                id.account().to_owned(),
                id.name().to_owned(),
                charge.confirmed(),
                i16::from(charge.length()),
                now,
                waits(hotp),
                i64::from(hotp.step()),
                i64::from(hotp.limit()),
                waits(totp),
                i64::from(totp.step()),
                i64::from(totp.limit()),
            ];
            let rows = self.ask(Question::Charge, parameters).await?;
            let Some(row) = rows.first() else { return Ok(Charged::Unknown) };
            let entry = entry(row)?;
            if let Some(throttle) = counted(row)? {
                return Ok(Charged::Permitted(Entry { throttle, ..entry }));
            }
            let seen = entry.throttle;
            match entry.charge(charge) {
                // Others came in between, so the throttle that was read is out of date.
                Charged::Permitted(_) => {}
                Charged::Locked(throttle) if throttle != seen => {
                    if self.clamp(id, seen.lock(), throttle.lock()).await? {
                        return Ok(Charged::Locked(throttle));
                    }
                }
                refused => return Ok(refused),
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn advance(&self, id: &CredentialId, advance: &Advance) -> Result<Advanced, Error> {
        let next = signed(advance.next(), "counter")?;
        let counter = signed(advance.counter(), "counter")?;
        // Whatever does not fit is no generation of ours.
        let generation = i64::try_from(advance.generation()).unwrap_or(-1);
        let (id_bytes, drift) = (advance.attempt(), advance.drift());
        for _ in 0..TRIES {
            let parameters = parameters![
                id.account().to_owned(),
                id.name().to_owned(),
                generation,
                counter,
                next,
                drift,
                id_bytes.as_bytes().to_vec(),
            ];
            let rows = self.ask(Question::Advance, parameters).await?;
            let Some(row) = rows.first() else { return Ok(Advanced::Unknown) };
            if get(row, 0, "counter")? {
                return Ok(Advanced::Done);
            }
            let stored = unsigned(get(row, 2, "counter")?, "counter")?;
            if unsigned(get(row, 1, "generation")?, "generation")? != advance.generation() {
                return Ok(Advanced::Stale);
            }
            // If it looks unspent, or spent by this attempt, somebody was there after the statement
            // began.
            let last = attempt(get(row, 3, "attempt")?)?;
            let repeated = last == Some(advance.attempt()) && stored == advance.next();
            if stored > advance.counter() && !repeated {
                return Ok(Advanced::Replayed);
            }
        }
        Err(EngineErrorKind::Interrupted.into())
    }

    async fn reseal(
        &self,
        id: &CredentialId,
        old: &RecordText,
        new: &RecordText,
    ) -> Result<bool, Error> {
        let (account, name) = (id.account().to_owned(), id.name().to_owned());
        let (old, new) = (old.as_str().to_owned(), new.as_str().to_owned());
        Ok(!self.ask(Question::Reseal, parameters![account, name, old, new]).await?.is_empty())
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        let parameters = parameters![id.account().to_owned()];
        Ok(!self.ask(Question::Unlock, parameters).await?.is_empty())
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut connection = self.connection().await?;
        let (pool, patience, id) = (self.pool.clone(), self.patience(), id.clone());
        see_through(async move {
            let answer = timeout(patience, connection.remove(&id)).await;
            answered(connection, &pool, answer)
        })
        .await
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account(), id.name()));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let parameters = parameters![account.to_owned(), name.to_owned(), most];
        let rows = self.ask(Question::List, parameters).await?;
        rows.iter()
            .map(|row| {
                let account: String = get(row, 0, "account")?;
                let id = CredentialId::new(account)
                    .and_then(|id| id.with_name(get::<String>(row, 1, "account")?));
                id.map_err(|_| Error::Corrupt("account"))
            })
            .collect()
    }
}

/// Sees a question through though its caller gives up: until it is answered its connection counts as
/// one in use. Else whoever hangs up as fast as he asks would have the database work on all of it at
/// once.
async fn see_through<T: Send + 'static>(
    question: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(question).await.unwrap_or_else(|error| match error.try_into_panic() {
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
    answer: Result<Result<T, tokio_postgres::Error>, Elapsed>,
) -> Result<T, Error> {
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            if is_lost(&error) {
                drop(Object::take(connection));
                // What ended one may have ended all, and whoever asks again shall get a new one.
                let _dropped = pool.retain(|_, _| false);
            }
            Err(error.into())
        }
        Err(_) => {
            drop(Object::take(connection));
            Err(EngineErrorKind::TimedOut.into())
        }
    }
}

/// Seconds to wait, as the database takes them.
fn waits(policy: &Policy) -> Vec<i64> {
    policy.waits().iter().copied().map(i64::from).collect()
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
