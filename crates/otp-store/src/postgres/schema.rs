use core::time::Duration;

use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, GenericClient, IsolationLevel, Row};

use super::failure::{HIDDEN, failure};
use crate::{EngineErrorKind, Error};

/// How long to wait for others that create or migrate.
pub(super) const WAIT: Duration = Duration::from_secs(60);

/// The migrations from each version of the schema to the next, the first from an empty database. A
/// migration only adds. From version 2 on `otp_schema` names the oldest version that may still
/// write. A migration raises it if older programs may not write any more.
///
/// Every attempt rewrites rows. The fill factor leaves room in their pages, so that the indexes
/// need no change.
pub(super) const STEPS: &[&str] = &[
    r#"
CREATE TABLE otp_throttle (
    account      text COLLATE "C" PRIMARY KEY,
    failures     bigint NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 4294967295),
    locked_until bigint NOT NULL DEFAULT 0 CHECK (locked_until >= 0)
) WITH (fillfactor = 60);

CREATE TABLE otp_credential (
    account    text COLLATE "C" NOT NULL REFERENCES otp_throttle,
    name       text COLLATE "C" NOT NULL,
    record     text COLLATE "C" NOT NULL,
    hotp       boolean  NOT NULL,
    length     smallint NOT NULL CHECK (length BETWEEN 5 AND 10),
    generation bigint   NOT NULL CHECK (generation >= 0),
    confirmed  boolean  NOT NULL,
    next       bigint   NOT NULL CHECK (next >= 0),
    drift      smallint NOT NULL,
    attempt    bytea    CHECK (length(attempt) = 16),
    PRIMARY KEY (account, name)
) WITH (fillfactor = 60);
"#,
    // The attempt that an account was last charged for, and the lock before that charge. A program
    // of version 1 charges without writing them, so it may not write any more. PostgreSQL parses
    // every CHECK for each statement, a sixth of its work for a log-in. So the reader checks
    // instead.
    "
ALTER TABLE otp_throttle
    ADD COLUMN charged bytea,
    ADD COLUMN found_until bigint,
    DROP CONSTRAINT IF EXISTS otp_throttle_failures_check,
    DROP CONSTRAINT IF EXISTS otp_throttle_locked_until_check;
ALTER TABLE otp_credential
    DROP CONSTRAINT IF EXISTS otp_credential_length_check,
    DROP CONSTRAINT IF EXISTS otp_credential_generation_check,
    DROP CONSTRAINT IF EXISTS otp_credential_next_check,
    DROP CONSTRAINT IF EXISTS otp_credential_attempt_check;
ALTER TABLE otp_schema ADD COLUMN oldest integer NOT NULL DEFAULT 2;
",
    // The guesses of an account, and those before its last charge. An older program does not count
    // them. A failure was compared with three counters, unless the options said otherwise. How often
    // trust was revoked. And sets of recovery codes: the set's id and sealed key, and for each code its
    // digest and the attempt that spent it. An older program removes an account with its last
    // credential.
    r#"
ALTER TABLE otp_throttle
    ADD COLUMN guesses bigint NOT NULL DEFAULT 0,
    ADD COLUMN found_guesses bigint,
    ADD COLUMN trust_epoch bigint NOT NULL DEFAULT 0,
    ADD COLUMN recovery_set bigint,
    ADD COLUMN recovery_key text COLLATE "C";
CREATE TABLE otp_recovery (
    account text COLLATE "C" NOT NULL REFERENCES otp_throttle,
    digest  bytea NOT NULL,
    attempt bytea,
    PRIMARY KEY (account, digest)
);
UPDATE otp_throttle
    SET guesses = LEAST(failures * 3, 4294967295), charged = NULL, found_until = NULL
    WHERE failures > 0 OR charged IS NOT NULL;
UPDATE otp_schema SET oldest = 3;
"#,
];

/// Refuses a database of another origin, and one to which only newer programs may write.
pub(super) async fn check(client: &impl GenericClient, steps: &[&str]) -> Result<(), Error> {
    let needed = steps.len();
    match version(client).await? {
        0 => Err(missing(client).await?),
        found if found < needed => {
            Err(Error::Outdated { found: short(found), needed: short(needed) })
        }
        found if found == needed => Ok(()),
        _ => {
            let rows =
                client.query_typed("SELECT oldest FROM otp_schema", &[]).await.map_err(failure)?;
            let oldest: Option<i32> = rows.first().and_then(|row| row.try_get(0).ok());
            let oldest = oldest.and_then(|oldest| usize::try_from(oldest).ok());
            if oldest.is_some_and(|oldest| oldest <= needed) { Ok(()) } else { Err(Error::Newer) }
        }
    }
}

/// Creates the tables in a database without them. Does not change existing tables. If they exist,
/// the role needs no right to create anything.
pub(super) async fn create(
    client: &mut Client,
    steps: &[&str],
    wait: Duration,
) -> Result<(), Error> {
    if version(client).await? > 0 {
        return Ok(());
    }
    take(client, steps, wait, |version| version == 0).await
}

/// Migrates a database to the newest version.
pub(super) async fn migrate(
    client: &mut Client,
    steps: &[&str],
    wait: Duration,
) -> Result<(), Error> {
    match check(client, steps).await {
        Err(Error::Outdated { .. }) => take(client, steps, wait, |version| version > 0).await,
        checked => checked,
    }
}

/// Runs the missing migrations in one transaction, which concurrent calls wait for.
async fn take(
    client: &mut Client,
    steps: &[&str],
    wait: Duration,
    from: impl FnOnce(usize) -> bool,
) -> Result<(), Error> {
    let transaction = client.build_transaction();
    let transaction = transaction
        .isolation_level(IsolationLevel::ReadCommitted)
        .start()
        .await
        .map_err(failure)?;
    // "otpstore" in ASCII.
    transaction
        .batch_execute(&format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {};
             SET LOCAL client_min_messages = warning;
             SELECT set_config('synchronous_commit', 'on', true)
             WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
             SELECT pg_advisory_xact_lock(x'6f747073746f7265'::bigint)",
            wait.as_millis()
        ))
        .await
        .map_err(failure)?;
    let version = version(&transaction).await?;
    if !from(version) || version >= steps.len() {
        return Ok(());
    }
    if version == 0 {
        if let [_, schemas] = path(&transaction).await?
            && schemas.is_empty()
        {
            return Err(missing(&transaction).await?);
        }
        transaction
            .batch_execute(
                "CREATE TABLE otp_schema (
                     one     boolean PRIMARY KEY DEFAULT true CHECK (one),
                     version integer NOT NULL
                 );
                 INSERT INTO otp_schema (version) VALUES (0)",
            )
            .await
            .map_err(failure)?;
    }
    for step in steps.iter().skip(version) {
        transaction.batch_execute(step).await.map_err(failure)?;
    }
    let newest = format!("UPDATE otp_schema SET version = {}", steps.len());
    transaction.batch_execute(&newest).await.map_err(failure)?;
    transaction.commit().await.map_err(failure)?;
    Ok(())
}

/// Makes the error that names what is missing, and where.
async fn missing(client: &impl GenericClient) -> Result<Error, Error> {
    let [path, schemas] = path(client).await?;
    Ok(Error::Missing(if schemas.is_empty() {
        format!("existing schema in the search_path: {path}")
    } else {
        format!("table otp_schema in the schemas of the search_path: {schemas}")
    }))
}

/// Returns the `search_path`, and those of its schemas that exist and are usable.
async fn path(client: &impl GenericClient) -> Result<[String; 2], Error> {
    let rows = client
        .query_typed(
            "SELECT current_setting('search_path'), array_to_string(current_schemas(false), ', ')",
            &[],
        )
        .await
        .map_err(failure)?;
    let row = rows.first().ok_or(Error::Foreign)?;
    Ok([column(row, 0)?, column(row, 1)?])
}

fn column<'r, T: FromSql<'r>>(row: &'r Row, place: usize) -> Result<T, Error> {
    row.try_get(place).map_err(failure)
}

fn short(version: usize) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}

/// Returns the version of a database, or 0 if it has no tables of this crate.
async fn version(client: &impl GenericClient) -> Result<usize, Error> {
    // `to_regclass` takes no lock, so it may reply from before this one. Nothing here is prepared,
    // for poolers that do not keep prepared statements.
    let rows = client
        .query_typed(
            "SELECT coalesce(bool_or(relname = 'otp_schema'), false),
                 coalesce(bool_or(relname <> 'otp_schema'), false),
                 coalesce(bool_or(relpersistence <> 'p'), false),
                 coalesce(bool_or(row_security_active(oid)), false)
             FROM pg_catalog.pg_class
             WHERE relname IN ('otp_schema', 'otp_throttle', 'otp_credential', 'otp_recovery')
                 AND pg_table_is_visible(oid)",
            &[],
        )
        .await
        .map_err(failure)?;
    let row = rows.first().ok_or(Error::Foreign)?;
    match (column(row, 0)?, column(row, 1)?, column(row, 2)?, column(row, 3)?) {
        (false, false, ..) => return Ok(0),
        (false, true, ..) => return Err(Error::Foreign),
        // A crash empties unlogged tables.
        (true, _, true, _) => return Err(EngineErrorKind::Unfit("its tables are UNLOGGED").into()),
        (true, _, _, true) => return Err(HIDDEN.into()),
        (true, ..) => {}
    }
    let rows = client.query_typed("SELECT version FROM otp_schema", &[]).await.map_err(failure)?;
    let version: Option<i32> = rows.first().and_then(|row| row.try_get(0).ok());
    match usize::try_from(version.ok_or(Error::Foreign)?) {
        Ok(version) if version > 0 => Ok(version),
        _ => Err(Error::Foreign),
    }
}

#[cfg(all(test, feature = "server-tests"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use core::time::Duration;

    use tokio_postgres::{Client, NoTls};

    use super::{STEPS, WAIT, check, create, migrate};
    use crate::{EngineErrorKind, Error};

    const FIRST: &str = "CREATE TABLE a (x integer)";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y integer;
        ALTER TABLE otp_schema ADD COLUMN oldest integer NOT NULL DEFAULT 1";

    async fn client() -> Client {
        let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        client
    }

    async fn empty(schema: &str) -> Client {
        let client = client().await;
        let statements = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema};
             SET search_path = {schema}"
        );
        client.batch_execute(&statements).await.unwrap();
        client
    }

    #[tokio::test]
    async fn each_migration_runs_once_in_order_and_only_when_asked() {
        let mut client = empty("otp_steps").await;
        for missing in [check(&client, &[FIRST]).await, migrate(&mut client, &[FIRST], WAIT).await]
        {
            let Err(Error::Missing(place)) = missing else { panic!("{missing:?}") };
            assert!(place.contains("otp_schema") && place.ends_with(": otp_steps"), "{place}");
        }
        create(&mut client, &[FIRST], WAIT).await.unwrap();
        create(&mut client, &[FIRST, SECOND], WAIT).await.unwrap();
        let outdated = check(&client, &[FIRST, SECOND]).await;
        assert!(matches!(outdated, Err(Error::Outdated { found: 1, needed: 2 })));
        migrate(&mut client, &[FIRST, SECOND], WAIT).await.unwrap();
        migrate(&mut client, &[FIRST, SECOND], WAIT).await.unwrap();
        check(&client, &[FIRST, SECOND]).await.unwrap();
        client.batch_execute("INSERT INTO a (x, y) VALUES (1, 2)").await.unwrap();
    }

    #[tokio::test]
    async fn failures_of_schema_2_become_guesses() {
        let mut client = empty("otp_guesses").await;
        let before = STEPS.get(..2).unwrap();
        create(&mut client, before, WAIT).await.unwrap();
        let rows =
            "INSERT INTO otp_throttle (account, failures, locked_until, charged, found_until)
            VALUES ('alice', 5, 9, decode(repeat('07', 16), 'hex'), 8), ('bob', 0, 0, NULL, NULL),
                ('by hand', 0, 7, decode(repeat('07', 16), 'hex'), 0),
                ('most', 4294967295, 9223372036854775807, NULL, NULL)";
        client.batch_execute(rows).await.unwrap();
        migrate(&mut client, STEPS, WAIT).await.unwrap();
        let kept = client
            .query_one(
                "SELECT count(*) FROM otp_throttle WHERE (account, failures, locked_until, guesses) IN
                     (VALUES ('alice', 5, 9, 15), ('bob', 0, 0, 0), ('by hand', 0, 7, 0),
                      ('most', 4294967295, 9223372036854775807, 4294967295))
                     AND charged IS NULL AND found_until IS NULL AND found_guesses IS NULL
                     AND trust_epoch = 0 AND recovery_set IS NULL AND recovery_key IS NULL",
                &[],
            )
            .await
            .unwrap();
        assert_eq!(kept.get::<_, i64>(0), 4);
        // A program of version 2 does not count guesses.
        assert!(matches!(check(&client, before).await, Err(Error::Newer)));
    }

    #[tokio::test]
    async fn newer_schema_opens_as_long_as_this_version_may_write() {
        let mut client = empty("otp_newer").await;
        create(&mut client, &[FIRST, SECOND], WAIT).await.unwrap();
        check(&client, &[FIRST]).await.unwrap();
        migrate(&mut client, &[FIRST], WAIT).await.unwrap();
        client.batch_execute("UPDATE otp_schema SET oldest = 2").await.unwrap();
        assert!(matches!(check(&client, &[FIRST]).await, Err(Error::Newer)));
        assert!(matches!(migrate(&mut client, &[FIRST], WAIT).await, Err(Error::Newer)));
    }

    #[tokio::test]
    async fn failed_migration_changes_nothing() {
        let mut client = empty("otp_failing_step").await;
        create(&mut client, &[FIRST], WAIT).await.unwrap();
        let steps = [FIRST, "CREATE TABLE b (x integer)", "no statement"];
        assert!(migrate(&mut client, &steps, WAIT).await.is_err());
        assert!(client.batch_execute("SELECT * FROM b").await.is_err());
        migrate(&mut client, steps.get(..2).unwrap(), WAIT).await.unwrap();
        client.batch_execute("SELECT * FROM b").await.unwrap();
    }

    /// A session that holds the lock does not block a migration for ever.
    #[tokio::test]
    async fn waiting_for_another_migration_ends() {
        let mut client = empty("otp_waiting").await;
        let other = self::client().await;
        let lock = "BEGIN; SELECT pg_advisory_xact_lock(x'6f747073746f7265'::bigint)";
        other.batch_execute(lock).await.unwrap();
        let refused = create(&mut client, &[FIRST], Duration::from_millis(10));
        let refused = tokio::time::timeout(2 * WAIT, refused).await.unwrap();
        let Err(Error::Engine(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind(), EngineErrorKind::Busy);
        other.batch_execute("ROLLBACK").await.unwrap();
        create(&mut client, &[FIRST], WAIT).await.unwrap();
    }
}
