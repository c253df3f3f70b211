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

use deadpool::Runtime;
use deadpool::managed::{Object, Pool};
use otp_context::{Advance, Charge, Lock, Policy};
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
/// What the driver has read is not wiped from memory, so seal the keys.
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
    async fn ask(
        &self,
        question: Question,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let mut connection = self.connection().await?;
        let answer = connection.query(question, parameters);
        let answer = timeout(self.timeout.saturating_add(GRACE), answer).await;
        self.answered(connection, answer)
    }

    /// Takes a connection back, unless it is lost.
    ///
    /// A statement that does not answer is not cancelled: that could end the wait for a standby
    /// and report success.
    fn answered<T>(
        &self,
        connection: Object<Manager>,
        answer: Result<Result<T, tokio_postgres::Error>, impl Sized>,
    ) -> Result<T, Error> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if is_lost(&error) {
                    drop(Object::take(connection));
                    // What ended one may have ended all, and whoever asks again shall get a new
                    // one.
                    let _dropped = self.pool.retain(|_, _| false);
                }
                Err(error.into())
            }
            Err(_) => {
                drop(Object::take(connection));
                Err(EngineErrorKind::TimedOut.into())
            }
        }
    }

    /// Cuts a lock, if it is still the one that was seen.
    async fn clamp(&self, id: &CredentialId, seen: Lock, lock: Lock) -> Result<bool, Error> {
        let (seen, lock) = (locked_until(seen), locked_until(lock));
        let rows = self.ask(Question::Clamp, &[&id.account(), &seen, &lock]).await?;
        Ok(!rows.is_empty())
    }
}

impl AsyncStore for Postgres {
    async fn insert(&self, id: &CredentialId, entry: &Entry) -> Result<bool, Error> {
        let rows = self
            .ask(
                Question::Insert,
                &[
                    &id.account(),
                    &id.name(),
                    &entry.record.as_str(),
                    &entry.hotp,
                    &i16::from(entry.length),
                    &signed(entry.generation, "generation")?,
                    &signed(entry.next, "counter")?,
                    &entry.confirmed,
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    async fn find(&self, id: &CredentialId) -> Result<Option<Entry>, Error> {
        let rows = self.ask(Question::Find, &[&id.account(), &id.name()]).await?;
        rows.first().map(entry).transpose()
    }

    async fn charge(&self, id: &CredentialId, charge: &Charge) -> Result<Charged, Error> {
        let now = i64::try_from(charge.now().as_secs()).unwrap_or(i64::MAX);
        let (hotp, totp) = (charge.hotp_policy(), charge.totp_policy());
        let (hotp_waits, totp_waits) = (waits(hotp), waits(totp));
        for _ in 0..TRIES {
            let rows = self
                .ask(
                    Question::Charge,
                    &[
                        &id.account(),
                        &id.name(),
                        &charge.confirmed(),
                        &i16::from(charge.length()),
                        &now,
                        &hotp_waits,
                        &i64::from(hotp.step()),
                        &i64::from(hotp.limit()),
                        &totp_waits,
                        &i64::from(totp.step()),
                        &i64::from(totp.limit()),
                    ],
                )
                .await?;
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
            let rows = self
                .ask(
                    Question::Advance,
                    &[
                        &id.account(),
                        &id.name(),
                        &generation,
                        &counter,
                        &next,
                        &drift,
                        &&id_bytes.as_bytes()[..],
                    ],
                )
                .await?;
            let Some(row) = rows.first() else { return Ok(Advanced::Unknown) };
            if get(row, 0, "counter")? {
                return Ok(Advanced::Done);
            }
            let stored = unsigned(get(row, 2, "counter")?, "counter")?;
            if unsigned(get(row, 1, "generation")?, "generation")? != advance.generation() {
                return Ok(Advanced::Stale);
            }
            // If it looks unspent, somebody spent it after the statement began.
            if stored > advance.counter() {
                let last = attempt(get(row, 3, "attempt")?)?;
                let repeated = last == Some(advance.attempt()) && stored == advance.next();
                return Ok(if repeated { Advanced::Done } else { Advanced::Replayed });
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
        let (old, new) = (old.as_str(), new.as_str());
        let rows = self.ask(Question::Reseal, &[&id.account(), &id.name(), &old, &new]).await?;
        Ok(!rows.is_empty())
    }

    async fn unlock(&self, id: &CredentialId) -> Result<bool, Error> {
        Ok(!self.ask(Question::Unlock, &[&id.account()]).await?.is_empty())
    }

    async fn remove(&self, id: &CredentialId) -> Result<bool, Error> {
        let mut connection = self.connection().await?;
        let answer = connection.remove(id);
        let answer = timeout(self.timeout.saturating_add(GRACE), answer).await;
        self.answered(connection, answer)
    }

    async fn list(
        &self,
        after: Option<&CredentialId>,
        most: usize,
    ) -> Result<Vec<CredentialId>, Error> {
        let (account, name) = after.map_or(("", ""), |id| (id.account(), id.name()));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.ask(Question::List, &[&account, &name, &most]).await?;
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

/// Seconds to wait, as the database takes them.
fn waits(policy: &Policy) -> Vec<i64> {
    policy.waits().iter().copied().map(i64::from).collect()
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
