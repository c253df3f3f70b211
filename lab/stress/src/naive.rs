use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use rusqlite::Connection;
use tokio::runtime::{Builder, Runtime};

use crate::database::Database;

/// The controls in the same databases: a number that is read, checked and written back, and recovery
/// codes that are read, checked and then deleted.
pub struct Naive {
    links: Vec<Mutex<Link>>,
    runtime: Runtime,
}

enum Link {
    Sqlite(Connection),
    Postgres(tokio_postgres::Client),
    Redis(redis::aio::MultiplexedConnection),
}

impl Naive {
    pub fn create(database: &Database) -> Result<()> {
        let naive = Self::open(database, 1)?;
        let mut link = naive.links[0].lock().unwrap_or_else(PoisonError::into_inner);
        let tables = "DROP TABLE IF EXISTS naive; CREATE TABLE naive (next bigint NOT NULL);
            INSERT INTO naive VALUES (0); DROP TABLE IF EXISTS naive_code;
            CREATE TABLE naive_code (code bigint NOT NULL)";
        match &mut *link {
            Link::Sqlite(connection) => connection.execute_batch(tables)?,
            Link::Postgres(client) => naive.runtime.block_on(client.batch_execute(tables))?,
            Link::Redis(_) => naive.write(&mut link, 0)?,
        }
        Ok(())
    }

    /// Opens a connection for each thread.
    pub fn open(database: &Database, threads: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let links = (0..threads).map(|_| Ok(Mutex::new(link(database, &runtime)?)));
        let links = links.collect::<Result<_>>()?;
        Ok(Self { links, runtime })
    }

    /// Spends a counter, and returns whether it was unspent.
    pub fn spend(&self, thread: usize, counter: u64) -> Result<bool> {
        let mut link = self.links[thread].lock().unwrap_or_else(PoisonError::into_inner);
        let unspent = self.read(&mut link)? <= counter;
        if unspent {
            self.write(&mut link, counter + 1)?;
        }
        Ok(unspent)
    }

    /// Takes one of `most` attempts, and returns whether any was left.
    pub fn guess(&self, thread: usize, most: u64) -> Result<bool> {
        let mut link = self.links[thread].lock().unwrap_or_else(PoisonError::into_inner);
        let failures = self.read(&mut link)?;
        if failures < most {
            self.write(&mut link, failures + 1)?;
        }
        Ok(failures < most)
    }

    /// Adds a recovery code.
    pub fn offer(&self, code: u64) -> Result<()> {
        let mut link = self.links[0].lock().unwrap_or_else(PoisonError::into_inner);
        self.change(&mut link, "INSERT INTO naive_code VALUES ($1)", "SADD", code)
    }

    /// Spends a recovery code, and returns whether it was unspent.
    pub fn recover(&self, thread: usize, code: u64) -> Result<bool> {
        let mut link = self.links[thread].lock().unwrap_or_else(PoisonError::into_inner);
        let number = i64::try_from(code)?;
        let select = "SELECT EXISTS (SELECT 1 FROM naive_code WHERE code = $1)";
        let unspent = match &mut *link {
            Link::Sqlite(connection) => connection.query_row(select, [number], |row| row.get(0))?,
            Link::Postgres(client) => {
                self.runtime.block_on(client.query_one(select, &[&number]))?.try_get(0)?
            }
            Link::Redis(connection) => {
                let mut find = redis::cmd("SISMEMBER");
                let find = find.arg("naive_code").arg(code);
                self.runtime.block_on(find.query_async(connection))?
            }
        };
        if unspent {
            self.change(&mut link, "DELETE FROM naive_code WHERE code = $1", "SREM", code)?;
        }
        Ok(unspent)
    }

    /// Changes the table of recovery codes by a statement of SQL or a command of Redis.
    fn change(&self, link: &mut Link, statement: &str, command: &str, code: u64) -> Result<()> {
        let number = i64::try_from(code)?;
        match link {
            Link::Sqlite(connection) => {
                connection.execute(statement, [number])?;
            }
            Link::Postgres(client) => {
                self.runtime.block_on(client.execute(statement, &[&number]))?;
            }
            Link::Redis(connection) => {
                let mut change = redis::cmd(command);
                let change = change.arg("naive_code").arg(code);
                self.runtime.block_on(change.query_async::<()>(connection))?;
            }
        }
        Ok(())
    }

    fn read(&self, link: &mut Link) -> Result<u64> {
        let number: i64 = match link {
            Link::Sqlite(connection) => {
                connection.query_row("SELECT next FROM naive", [], |row| row.get(0))?
            }
            Link::Postgres(client) => {
                let row = client.query_one("SELECT next FROM naive", &[]);
                self.runtime.block_on(row)?.try_get(0)?
            }
            Link::Redis(connection) => {
                self.runtime.block_on(redis::cmd("GET").arg("naive").query_async(connection))?
            }
        };
        Ok(u64::try_from(number)?)
    }

    fn write(&self, link: &mut Link, next: u64) -> Result<()> {
        let next = i64::try_from(next)?;
        match link {
            Link::Sqlite(connection) => {
                connection.execute("UPDATE naive SET next = ?1", [next])?;
            }
            Link::Postgres(client) => {
                let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&next];
                let update = client.execute("UPDATE naive SET next = $1", &parameters);
                self.runtime.block_on(update)?;
            }
            Link::Redis(connection) => {
                let mut set = redis::cmd("SET");
                set.arg("naive").arg(next);
                self.runtime.block_on(set.query_async::<()>(connection))?;
            }
        }
        Ok(())
    }
}

fn link(database: &Database, runtime: &Runtime) -> Result<Link> {
    Ok(match database {
        Database::Sqlite(path) => {
            let connection = Connection::open(format!("{path}.naive"))?;
            connection.busy_timeout(std::time::Duration::from_secs(30))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            Link::Sqlite(connection)
        }
        Database::Postgres(url) => Link::Postgres(runtime.block_on(connect(url))?),
        Database::Redis(url) => {
            let client = redis::Client::open(url.as_str())?;
            Link::Redis(runtime.block_on(client.get_multiplexed_async_connection())?)
        }
    })
}

/// Connects a client of PostgreSQL, which the runtime drives.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    drop(tokio::spawn(connection));
    Ok(client)
}
