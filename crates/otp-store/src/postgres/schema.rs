use tokio_postgres::{Client, GenericClient, IsolationLevel};

use super::failure::HIDDEN;
use crate::{EngineErrorKind, Error};

/// What leads from each version of the schema to the next, the first from nothing. Rows are
/// rewritten at every attempt; the room left in their pages keeps the indexes out of that.
pub(super) const STEPS: &[&str] = &[r#"
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
"#];

/// Brings a database to the newest version, in one transaction that others who start at the same
/// time wait for. One that is there already needs no right to create anything.
pub(super) async fn migrate(client: &mut Client, steps: &[&str]) -> Result<(), Error> {
    if version(client, steps).await? == steps.len() {
        return Ok(());
    }
    let transaction = client.build_transaction();
    let transaction = transaction.isolation_level(IsolationLevel::ReadCommitted).start().await?;
    // "otpstore" in ASCII.
    transaction
        .batch_execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
             SELECT pg_advisory_xact_lock(x'6f747073746f7265'::bigint)",
        )
        .await?;
    let version = version(&transaction, steps).await?;
    if version == 0 {
        transaction
            .batch_execute(
                "CREATE TABLE otp_schema (
                     one     boolean PRIMARY KEY DEFAULT true CHECK (one),
                     version integer NOT NULL
                 );
                 INSERT INTO otp_schema (version) VALUES (0)",
            )
            .await?;
    }
    for step in steps.iter().skip(version) {
        transaction.batch_execute(step).await?;
    }
    let newest = format!("UPDATE otp_schema SET version = {}", steps.len());
    transaction.batch_execute(&newest).await?;
    transaction.commit().await?;
    Ok(())
}

/// The version of a database, 0 if there is nothing of ours.
async fn version(client: &impl GenericClient, steps: &[&str]) -> Result<usize, Error> {
    // `to_regclass` may answer from before the lock, since it takes none of its own.
    // Nothing here is prepared, for poolers that do not keep it.
    let rows = client
        .query_typed(
            "SELECT coalesce(bool_or(relname = 'otp_schema'), false),
                 coalesce(bool_or(relname <> 'otp_schema'), false),
                 coalesce(bool_or(relpersistence <> 'p'), false),
                 coalesce(bool_or(row_security_active(oid)), false)
             FROM pg_catalog.pg_class
             WHERE relname IN ('otp_schema', 'otp_throttle', 'otp_credential')
                 AND pg_table_is_visible(oid)",
            &[],
        )
        .await?;
    let row = rows.first().ok_or(Error::Foreign)?;
    match (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?) {
        (false, false, ..) => return Ok(0),
        (false, true, ..) => return Err(Error::Foreign),
        // A crash empties them.
        (true, _, true, _) => return Err(EngineErrorKind::Unfit("its tables are UNLOGGED").into()),
        (true, _, _, true) => return Err(HIDDEN.into()),
        (true, ..) => {}
    }
    let rows = client.query_typed("SELECT version FROM otp_schema", &[]).await?;
    let version: Option<i32> = rows.first().and_then(|row| row.try_get(0).ok());
    match usize::try_from(version.ok_or(Error::Foreign)?) {
        Ok(version) if version > steps.len() => Err(Error::Newer),
        Ok(version) if version > 0 => Ok(version),
        _ => Err(Error::Foreign),
    }
}

#[cfg(all(test, feature = "server-tests"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio_postgres::{Client, NoTls};

    use super::migrate;
    use crate::Error;

    async fn empty(schema: &str) -> Client {
        let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        let statements = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema};
             SET search_path = {schema}"
        );
        client.batch_execute(&statements).await.unwrap();
        client
    }

    #[tokio::test]
    async fn each_step_is_taken_once_and_in_order() {
        let mut client = empty("otp_steps").await;
        let first = "CREATE TABLE a (x integer)";
        let second = "ALTER TABLE a ADD COLUMN y integer";
        migrate(&mut client, &[first]).await.unwrap();
        migrate(&mut client, &[first, second]).await.unwrap();
        migrate(&mut client, &[first, second]).await.unwrap();
        client.batch_execute("INSERT INTO a (x, y) VALUES (1, 2)").await.unwrap();
        assert!(matches!(migrate(&mut client, &[first]).await, Err(Error::Newer)));
    }

    #[tokio::test]
    async fn a_step_that_fails_leaves_all_as_it_was() {
        let mut client = empty("otp_failing_step").await;
        migrate(&mut client, &["CREATE TABLE a (x integer)"]).await.unwrap();
        let steps = ["CREATE TABLE a (x integer)", "CREATE TABLE b (x integer)", "no statement"];
        assert!(migrate(&mut client, &steps).await.is_err());
        assert!(client.batch_execute("SELECT * FROM b").await.is_err());
        migrate(&mut client, &steps[..2]).await.unwrap();
        client.batch_execute("SELECT * FROM b").await.unwrap();
    }
}
