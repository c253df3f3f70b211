use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail, ensure};
use otp_context::OtpContext;
use otp_context::replay::ThrottlePolicy;
use otp_store::{
    AsyncStore, AsyncVerifier, CredentialId, Postgres, PostgresOptions, Redis, Sqlite, Store,
    Verdict, Verifier, VerifierOptions,
};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};
use tokio_postgres::Statement;

use crate::database::Database;
use crate::naive::connect;
use crate::phone::{Phone, context, plain_context};

/// Whether the store runs the statements, or this program does directly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Store,
    Raw,
}

/// A database for verifications in either way.
#[derive(Clone)]
pub enum Service {
    Sqlite(Arc<Verifier<Sqlite>>, Arc<Mutex<Connection>>),
    Postgres(Arc<AsyncVerifier<Postgres>>, String),
    Redis(Arc<AsyncVerifier<Redis>>, redis::aio::MultiplexedConnection, Arc<[String; 2]>),
}

/// Joins a script to the parts that it needs.
macro_rules! script {
    ($($name:literal),+) => {
        concat!($(include_str!(concat!("../../../crates/otp-store/src/redis/lua/", $name, ".lua"))),+)
    };
}

const SCRIPTS: [&str; 2] = [
    script!("begin", "number", "charge", "count", "permitted"),
    script!("begin", "unspent", "spend"),
];

/// Ends a statement as the store does: with its name, two settings, and these columns.
macro_rules! reply {
    ($name:literal, $columns:literal) => {
        concat!(
            " SELECT '",
            $name,
            "' AS statement,
            row_security_active('otp_credential'::regclass)
                OR row_security_active('otp_throttle'::regclass) AS hidden,
            CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
                THEN set_config('synchronous_commit', 'on', true) END,
            CASE WHEN current_setting('client_min_messages') <> 'warning'
                THEN set_config('client_min_messages', 'warning', true) END, ",
            $columns
        )
    };
}

/// What the store's statements for PostgreSQL do. Keep them equal to those.
const CHARGE: &str = concat!(
    "WITH credential AS (
        SELECT account, name, record, hotp, length, generation, confirmed, next, drift, attempt
        FROM otp_credential WHERE $1 = 'charge 4' AND account = $2 AND name = $8
    ), policy AS (
        SELECT rules, rules[1] AS step, rules[2] AS most, rules[5] AS reopen,
            rules[4] - more AS left_over, more FROM (
            SELECT CASE WHEN hotp THEN $5::bigint[] ELSE $6::bigint[] END AS rules,
                CASE WHEN hotp THEN ($5::bigint[])[3] ELSE ($6::bigint[])[3] END AS more
            FROM credential
            WHERE confirmed = $9 AND length = $3 AND octet_length(record) <= 1048576 OFFSET 0
        ) AS chosen OFFSET 0
    ), ",
    include_str!("../../../crates/otp-store/src/postgres/charge.sql"),
    reply!(
        "charge 4",
        "credential.*, throttle.*, counted.failures AS counted_failures
    FROM (SELECT) AS one LEFT JOIN credential ON true
    LEFT JOIN otp_throttle AS throttle ON throttle.account = $2
    LEFT JOIN counted ON true"
    )
);
const SPEND: &str = concat!(
    "WITH spent AS (
        UPDATE otp_credential SET confirmed = true, next = $6, drift = $7, attempt = $8
        WHERE $1 = 'spend 3' AND account = $2 AND name = $3 AND generation = $4 AND next <= $5
        RETURNING account
    ), changed AS (
        UPDATE otp_throttle SET failures = 0, locked_until = 0, guesses = 0, charged = NULL,
            found_until = NULL, found_guesses = NULL
        WHERE account = (SELECT account FROM spent) RETURNING account
    )",
    reply!("spend 3", "EXISTS (SELECT FROM changed) AS done")
);

fn options() -> VerifierOptions {
    VerifierOptions::new().with_policy(ThrottlePolicy::nist())
}

impl Service {
    /// Opens the service. Keys are encrypted, or in plain text so that a record can be copied.
    pub async fn open(database: &Database, connections: usize, sealed: bool) -> Result<Self> {
        let context: OtpContext = if sealed { context()? } else { plain_context() };
        Ok(match database {
            Database::Sqlite(path) => {
                let store = Sqlite::create(path)?;
                let connection = Connection::open(path)?;
                connection.pragma_update(None, "synchronous", "FULL")?;
                connection.pragma_update(None, "secure_delete", "ON")?;
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
                let verifier = Verifier::new(store, context, options())?;
                Self::Sqlite(Arc::new(verifier), Arc::new(Mutex::new(connection)))
            }
            Database::Postgres(url) => {
                let pool = PostgresOptions::new().with_connections(connections);
                let store = Postgres::create_with(url, pool).await?;
                let verifier = AsyncVerifier::new(store, context, options())?;
                Self::Postgres(Arc::new(verifier), url.clone())
            }
            Database::Redis(url) => {
                let verifier = AsyncVerifier::new(Redis::create(url).await?, context, options())?;
                let client = redis::Client::open(url.as_str())?;
                let mut link = client.get_multiplexed_async_connection().await?;
                let mut hashes = Vec::new();
                for script in SCRIPTS {
                    let mut load = redis::cmd("SCRIPT");
                    hashes.push(load.arg("LOAD").arg(script).query_async(&mut link).await?);
                }
                let hashes = hashes.try_into().map_err(|_| anyhow::anyhow!("two scripts"))?;
                Self::Redis(Arc::new(verifier), link, Arc::new(hashes))
            }
        })
    }

    pub async fn enroll(&self, phone: &Phone) -> Result<()> {
        macro_rules! asynchronous {
            ($verifier:expr) => {{
                let _ = $verifier.store().remove(&phone.id).await?;
                $verifier.enroll(&phone.id, &phone.credential($verifier.context())?).await?;
                $verifier.confirm(&phone.id, &phone.code(0)).await?
            }};
        }
        let verdict = match self {
            Self::Sqlite(verifier, _) => return phone.enroll(verifier),
            Self::Postgres(verifier, _) => asynchronous!(verifier),
            Self::Redis(verifier, ..) => asynchronous!(verifier),
        };
        ensure!(matches!(verdict, Verdict::Accepted(_)), "cannot enrol");
        Ok(())
    }

    async fn generation(&self, id: &CredentialId) -> Result<u64> {
        let entry = match self {
            Self::Sqlite(verifier, _) => verifier.store().find(id)?,
            Self::Postgres(verifier, _) => verifier.store().find(id).await?,
            Self::Redis(verifier, ..) => verifier.store().find(id).await?,
        };
        Ok(entry.map_or(0, |entry| entry.generation))
    }
}

/// A user with a connection of their own, who logs in with one account or many. Every code is right.
pub struct User {
    service: Service,
    phone: Phone,
    accounts: Vec<(CredentialId, u64)>,
    generation: u64,
    turns: usize,
    link: Option<(tokio_postgres::Client, [Statement; 2])>,
}

impl User {
    /// Makes a user. All accounts have the key of `phone` and the generation of its credential, and
    /// counter 0 is spent.
    pub async fn new(
        service: &Service,
        phone: Phone,
        accounts: impl Iterator<Item = CredentialId>,
    ) -> Result<Self> {
        let link = match service {
            Service::Postgres(_, url) => {
                let client = connect(url).await?;
                let statements = [client.prepare(CHARGE).await?, client.prepare(SPEND).await?];
                Some((client, statements))
            }
            _ => None,
        };
        let generation = service.generation(&phone.id).await?;
        let accounts = accounts.map(|id| (id, 1)).collect();
        Ok(Self { service: service.clone(), phone, accounts, generation, turns: 0, link })
    }

    pub fn blocks(&self) -> bool {
        matches!(self.service, Service::Sqlite(..))
    }

    pub async fn verify(&mut self, way: Way) -> Result<()> {
        // Accounts in scattered order, each as often as any other.
        self.turns = self.turns.wrapping_add(0x9e37_79b9);
        let place = self.turns % self.accounts.len();
        let (id, next) = self.accounts[place].clone();
        self.accounts[place].1 = match way {
            Way::Store => self.by_store(&id, &self.phone.code(next)).await? + 1,
            Way::Raw => {
                self.raw(&id, next).await?;
                next + 1
            }
        };
        Ok(())
    }

    /// Returns the spent counter, which is a later one if that has the same code.
    async fn by_store(&self, id: &CredentialId, typed: &str) -> Result<u64> {
        let verdict = match &self.service {
            Service::Sqlite(verifier, _) => verifier.verify(id, typed)?,
            Service::Postgres(verifier, _) => verifier.verify(id, typed).await?,
            Service::Redis(verifier, ..) => verifier.verify(id, typed).await?,
        };
        match verdict {
            Verdict::Accepted(accepted) => Ok(accepted.counter()),
            other => bail!("not accepted: {other:?}"),
        }
    }

    async fn raw(&self, id: &CredentialId, counter: u64) -> Result<()> {
        match &self.service {
            Service::Sqlite(_, connection) => {
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                self.raw_sqlite(&mut connection, id, counter)
            }
            Service::Postgres(..) => self.raw_postgres(id, counter).await,
            Service::Redis(_, link, hashes) => {
                self.raw_redis(&mut link.clone(), hashes, id, counter).await
            }
        }
    }

    fn raw_sqlite(&self, link: &mut Connection, id: &CredentialId, counter: u64) -> Result<()> {
        const SELECT: &str = "SELECT record, hotp, length, generation, confirmed, next, drift,
            attempt, failures, locked_until
            FROM credential JOIN throttle USING (account) WHERE account = ?1 AND name = ?2";
        const THROTTLE: &str =
            "UPDATE throttle SET failures = ?2, locked_until = ?3 WHERE account = ?1";
        const CREDENTIAL: &str = "UPDATE credential SET confirmed = 1, next = ?3, drift = ?4,
            attempt = ?5 WHERE account = ?1 AND name = ?2";
        let keys = [id.account().as_str(), id.name()];
        let charge = link.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let record: String = charge.prepare_cached(SELECT)?.query_row(keys, |row| row.get(0))?;
        ensure!(!record.is_empty(), "no record");
        charge.prepare_cached(THROTTLE)?.execute(params![id.account().as_str(), 1, 0])?;
        charge.commit()?;
        let spend = link.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next: i64 = spend.prepare_cached(SELECT)?.query_row(keys, |row| row.get(5))?;
        let counter = i64::try_from(counter)?;
        ensure!(next <= counter, "spent");
        let values = params![keys[0], keys[1], counter + 1, 0, &[0_u8; 16]];
        spend.prepare_cached(CREDENTIAL)?.execute(values)?;
        spend.prepare_cached(THROTTLE)?.execute(params![id.account().as_str(), 0, 0])?;
        spend.commit()?;
        Ok(())
    }

    async fn raw_postgres(&self, id: &CredentialId, counter: u64) -> Result<()> {
        let Some((client, [charge, spend])) = &self.link else { return Ok(()) };
        let (account, name) = (id.account().as_str(), id.name());
        // Step, limit, guesses, budget and waits.
        let (rules, now) = (vec![0_i64, 100, 3, 300, 0, 0], 1_700_000_000_i64);
        let attempt = &[0_u8; 16][..];
        let row = client
            .query_one(
                charge,
                &[&"charge 4", &account, &6_i16, &now, &rules, &rules, &attempt, &name, &true],
            )
            .await?;
        ensure!(row.try_get::<_, i64>("counted_failures")? == 1, "not charged");
        let (generation, counter) = (i64::try_from(self.generation)?, i64::try_from(counter)?);
        let row = client
            .query_one(
                spend,
                &[
                    &"spend 3",
                    &account,
                    &name,
                    &generation,
                    &counter,
                    &(counter + 1),
                    &0_i16,
                    &attempt,
                ],
            )
            .await?;
        ensure!(row.try_get::<_, bool>("done")?, "not spent");
        Ok(())
    }

    async fn raw_redis(
        &self,
        link: &mut redis::aio::MultiplexedConnection,
        hashes: &[String; 2],
        id: &CredentialId,
        counter: u64,
    ) -> Result<()> {
        let account = id.account().as_str();
        let account = format!("otp:{{{}:{account}}}:", account.len());
        let keys = [
            "otp:schema".to_owned(),
            format!("{account}account"),
            format!("{account}credential:{}", id.name()),
        ];
        let (schema, field, attempt) = ("otp-store 3 3", format!("name:{}", id.name()), [0_u8; 16]);
        // Step, limit, guesses and waits of TOTP and of HOTP.
        let policy = [0_u32, 100, 3, 0, 0].map(u32::to_be_bytes).concat();
        let mut charge = redis::cmd("EVALSHA");
        charge.arg(&hashes[0]).arg(3).arg(&keys).arg(schema).arg(&field).arg(&attempt[..]);
        charge.arg("1700000000").arg("6").arg("1");
        charge.arg(&policy).arg(&policy);
        let charged: Vec<redis::Value> = charge.query_async(link).await?;
        let permitted = redis::Value::BulkString(b"permitted".to_vec());
        ensure!(charged.first() == Some(&permitted), "not charged: {charged:?}");
        let mut spend = redis::cmd("EVALSHA");
        spend.arg(&hashes[1]).arg(3).arg(&keys).arg(schema).arg(&field);
        spend.arg(self.generation).arg(counter).arg(counter + 1).arg(0).arg(&attempt[..]);
        let spent: String = spend.query_async(link).await?;
        ensure!(spent == "done", "not spent: {spent}");
        Ok(())
    }
}
