use std::time::Duration;

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension};
use tokio::runtime::{Builder, Runtime};

use crate::database::Database;

/// A table of numbers in the same kinds of databases, for programs without care: the controls.
pub struct Naive {
    link: Link,
    runtime: Runtime,
}

enum Link {
    Sqlite(Connection),
    Postgres(tokio_postgres::Client),
    Redis(redis::aio::MultiplexedConnection),
}

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS naive (key bigint PRIMARY KEY, value bigint NOT NULL)";

impl Naive {
    /// Opens the table and sets the number of key 0 to 0.
    pub fn create(database: &Database) -> Result<Self> {
        let mut naive = Self::open(database)?;
        naive.execute(TABLE)?;
        naive.write(0, 0)?;
        Ok(naive)
    }

    pub fn open(database: &Database) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let link = match database {
            Database::Sqlite(path) => {
                let connection = Connection::open(path.with_extension("naive"))?;
                connection.busy_timeout(Duration::from_secs(30))?;
                connection.pragma_update(None, "journal_mode", "WAL")?;
                connection.pragma_update(None, "synchronous", "FULL")?;
                Link::Sqlite(connection)
            }
            Database::Postgres(url) => Link::Postgres(runtime.block_on(async {
                let (client, task) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                drop(tokio::spawn(task));
                anyhow::Ok(client)
            })?),
            Database::Redis(url) => {
                let client = redis::Client::open(url.as_str())?;
                Link::Redis(runtime.block_on(client.get_multiplexed_async_connection())?)
            }
        };
        Ok(Self { link, runtime })
    }

    /// Runs statements of SQL, where the database knows it.
    pub fn execute(&self, statements: &str) -> Result<()> {
        match &self.link {
            Link::Sqlite(connection) => connection.execute_batch(statements)?,
            Link::Postgres(client) => self.runtime.block_on(client.batch_execute(statements))?,
            Link::Redis(_) => {}
        }
        Ok(())
    }

    /// Takes one of `most` from a key, and returns whether any was left: reads, checks, then writes.
    pub fn take(&mut self, key: i64, most: i64) -> Result<bool> {
        let taken = self.read(key)?;
        if taken < most {
            self.write(key, taken + 1)?;
        }
        Ok(taken < most)
    }

    /// Returns the number of a key, which is 0 if it was never written.
    pub fn read(&mut self, key: i64) -> Result<i64> {
        let select = "SELECT value FROM naive WHERE key = $1";
        Ok(match &mut self.link {
            Link::Sqlite(connection) => {
                connection.query_row(select, [key], |row| row.get(0)).optional()?
            }
            Link::Postgres(client) => {
                let row = self.runtime.block_on(client.query_opt(select, &[&key]))?;
                row.map(|row| row.try_get(0)).transpose()?
            }
            Link::Redis(connection) => {
                let mut get = redis::cmd("GET");
                get.arg(format!("naive:{key}"));
                self.runtime.block_on(get.query_async(connection))?
            }
        }
        .unwrap_or(0))
    }

    pub fn write(&mut self, key: i64, value: i64) -> Result<()> {
        let insert = "INSERT INTO naive VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        match &mut self.link {
            Link::Sqlite(connection) => {
                connection.prepare_cached(insert)?.execute([key, value])?;
            }
            Link::Postgres(client) => {
                self.runtime.block_on(client.execute(insert, &[&key, &value]))?;
            }
            Link::Redis(connection) => {
                let mut set = redis::cmd("SET");
                set.arg(format!("naive:{key}")).arg(value);
                self.runtime.block_on(set.query_async::<()>(connection))?;
            }
        }
        Ok(())
    }
}
