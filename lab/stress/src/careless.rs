use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rusqlite::Connection;
use tokio::runtime::{Builder, Runtime};

use crate::database::Database;
use crate::naive::connect;

/// The controls of the kills: stores that answer before the answer is on disk. PostgreSQL with
/// `synchronous_commit=off`; SQLite with a transaction that is committed every so often.
pub struct Careless {
    link: Link,
    runtime: Runtime,
}

enum Link {
    Sqlite(Connection),
    Postgres(tokio_postgres::Client),
}

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS careless (one int PRIMARY KEY, next bigint NOT NULL);
    INSERT INTO careless VALUES (1, 0) ON CONFLICT DO NOTHING;";
/// The number of replies before a commit in SQLite.
const HELD: u64 = 32;

impl Careless {
    pub fn open(database: &Database) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let link = match database {
            Database::Sqlite(path) => {
                let connection = Connection::open(format!("{path}.careless"))?;
                connection.execute_batch(TABLE)?;
                Link::Sqlite(connection)
            }
            Database::Postgres(url) => {
                // As soon as the server replies.
                let end = Instant::now() + Duration::from_secs(60);
                let client = loop {
                    match runtime.block_on(connect(url)) {
                        Err(_) if Instant::now() < end => {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        answer => break answer?,
                    }
                };
                runtime.block_on(client.batch_execute(TABLE))?;
                runtime.block_on(client.batch_execute("SET synchronous_commit = off"))?;
                Link::Postgres(client)
            }
            Database::Redis(_) => bail!("the control of Redis is a server without a log"),
        };
        Ok(Self { link, runtime })
    }

    pub fn next(&self) -> Result<u64> {
        let next: i64 = match &self.link {
            Link::Sqlite(connection) => {
                connection.query_row("SELECT next FROM careless", [], |row| row.get(0))?
            }
            Link::Postgres(client) => {
                let row = client.query_one("SELECT next FROM careless", &[]);
                self.runtime.block_on(row)?.try_get(0)?
            }
        };
        Ok(u64::try_from(next)?)
    }

    pub fn spend_all(&self, mut log: &File, end: Instant) -> Result<()> {
        let first = self.next()?;
        for counter in first.. {
            if Instant::now() > end {
                break;
            }
            let next = i64::try_from(counter + 1)?;
            match &self.link {
                Link::Sqlite(connection) => {
                    if counter % HELD == 0 || counter == first {
                        let _ = connection.execute_batch("COMMIT");
                        connection.execute_batch("BEGIN")?;
                    }
                    connection.execute("UPDATE careless SET next = ?1", [next])?;
                }
                Link::Postgres(client) => {
                    let update = "UPDATE careless SET next = $1";
                    self.runtime.block_on(client.execute(update, &[&next]))?;
                }
            }
            log.write_all(format!("0 {counter}\n").as_bytes())?;
        }
        Ok(())
    }
}
