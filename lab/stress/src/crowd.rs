use anyhow::{Result, ensure};
use otp_store::CredentialId;
use rusqlite::Connection;

use crate::database::Database;
use crate::naive::connect;

/// Returns the id of one of many credentials.
pub fn id(number: usize) -> Result<CredentialId> {
    Ok(CredentialId::new(format!("crowd-{number}"))?)
}

/// Copies the credential `template` `size` times, directly in the database.
pub async fn fill(database: &Database, size: usize) -> Result<()> {
    match database {
        Database::Sqlite(path) => sqlite(path, size),
        Database::Postgres(url) => postgres(url, size).await,
        Database::Redis(url) => redis(url, size).await,
    }
}

fn sqlite(path: &str, size: usize) -> Result<()> {
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    {
        let mut throttle = transaction.prepare("INSERT INTO throttle (account) VALUES (?1)")?;
        let mut credential = transaction.prepare(
            "INSERT INTO credential SELECT ?1, name, record, hotp, length, generation, confirmed,
                 next, drift, attempt FROM credential WHERE account = 'template'",
        )?;
        for number in 0..size {
            let id = id(number)?;
            throttle.execute([id.account().as_str()])?;
            credential.execute([id.account().as_str()])?;
        }
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

async fn postgres(url: &str, size: usize) -> Result<()> {
    let client = connect(url).await?;
    let last = i64::try_from(size)? - 1;
    let throttles = "INSERT INTO otp_throttle (account)
        SELECT 'crowd-' || number FROM generate_series(0, $1::bigint) AS number";
    client.execute(throttles, &[&last]).await?;
    let credentials = "INSERT INTO otp_credential SELECT 'crowd-' || number, name, record, hotp,
        length, generation, confirmed, next, drift, attempt
        FROM otp_credential, generate_series(0, $1::bigint) AS number WHERE account = 'template'";
    client.execute(credentials, &[&last]).await?;
    for statement in ["VACUUM ANALYZE otp_throttle", "VACUUM ANALYZE otp_credential", "CHECKPOINT"]
    {
        client.batch_execute(statement).await?;
    }
    Ok(())
}

async fn redis(url: &str, size: usize) -> Result<()> {
    let client = redis::Client::open(url)?;
    let link = client.get_multiplexed_async_connection().await?;
    let hash = async |key: &str| -> Result<Vec<Vec<u8>>> {
        Ok(redis::cmd("HGETALL").arg(key).query_async(&mut link.clone()).await?)
    };
    let credential = hash("otp:{8:template}:credential:").await?;
    let account = hash("otp:{8:template}:account").await?;
    ensure!(!credential.is_empty() && !account.is_empty(), "no template");
    let sync = async |value: &str| -> Result<()> {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("appendfsync").arg(value);
        Ok(set.query_async(&mut link.clone()).await?)
    };
    sync("no").await?;
    for begin in (0..size).step_by(1000) {
        let mut pipeline = redis::pipe();
        for number in begin..size.min(begin + 1000) {
            let id = id(number)?;
            let name = id.account().as_str();
            let key = |rest: &str| format!("otp:{{{}:{name}}}:{rest}", name.len());
            pipeline.cmd("HSET").arg(key("credential:")).arg(&credential).ignore();
            pipeline.cmd("HSET").arg(key("account")).arg(&account).ignore();
            let place = format!("{name}\0");
            pipeline.cmd("ZADD").arg("otp:index").arg(0).arg(place).ignore();
        }
        pipeline.query_async::<()>(&mut link.clone()).await?;
    }
    sync("always").await
}
