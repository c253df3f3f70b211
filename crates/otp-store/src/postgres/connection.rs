use alloc::collections::BTreeMap;
use core::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, IsolationLevel, NoTls, Row, SimpleQueryMessage, Statement};

use super::failure::connecting;
use super::question::Question;
use super::target::Target;
use crate::{CredentialId, EngineErrorKind, Error};

/// A connection that nobody else uses, so that no transaction but ours is ever open on it and no
/// setting changes.
pub(super) struct Connection {
    pub(super) client: Client,
    prepared: BTreeMap<Question, Statement>,
}

impl Connection {
    pub(super) async fn query(
        &mut self,
        question: Question,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.prepared(question).await?;
        self.client.query(&statement, parameters).await
    }

    async fn prepared(&mut self, question: Question) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.prepared.get(&question) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(question.text()).await?;
        self.prepared.insert(question, statement.clone());
        Ok(statement)
    }

    /// Removes a credential, and with the last one its account's throttle, in a transaction of
    /// three statements: each must see what was done before it began.
    pub(super) async fn remove(
        &mut self,
        id: &CredentialId,
    ) -> Result<bool, tokio_postgres::Error> {
        let delete = self.prepared(Question::Delete).await?;
        let hold = self.prepared(Question::Hold).await?;
        let tidy = self.prepared(Question::Tidy).await?;
        let transaction = self.client.build_transaction();
        // It is rolled back if it is dropped.
        let transaction =
            transaction.isolation_level(IsolationLevel::ReadCommitted).start().await?;
        let removed = transaction.query_opt(&delete, &[&id.account(), &id.name()]).await?;
        transaction.query_opt(&hold, &[&id.account()]).await?;
        transaction.execute(&tidy, &[&id.account()]).await?;
        transaction.commit().await?;
        Ok(removed.is_some())
    }
}

/// Opens connections, each with the settings that the promises rest on.
pub(super) struct Manager {
    pub(super) target: Target,
    pub(super) timeout: Duration,
}

impl Manager {
    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        match &self.target.tls {
            None => {
                let (client, connection) = self.target.config.connect(NoTls).await?;
                drive(connection);
                Ok(client)
            }
            #[cfg(feature = "tls")]
            Some(tls) => {
                let (client, connection) = self.target.config.connect(tls.0.clone()).await?;
                drive(connection);
                Ok(client)
            }
            #[cfg(not(feature = "tls"))]
            Some(tls) => match *tls {},
        }
    }
}

/// Lets a connection work. How it ends is told to whoever uses its client.
fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static) {
    drop(tokio::spawn(async { connection.await.unwrap_or_default() }));
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        let client = self.connect().await.map_err(connecting)?;
        let milliseconds = self.timeout.as_millis();
        // A transaction in which we fall silent must not hold its locks for long either.
        let answers = client
            .simple_query(&format!(
                "SET default_transaction_isolation = 'read committed';
                 SET statement_timeout = {milliseconds};
                 SET idle_in_transaction_session_timeout = {milliseconds};
                 SELECT set_config('synchronous_commit', 'on', false)
                 WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
                 SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),
                     current_setting('synchronous_commit'), current_setting('fsync'),
                     current_setting('full_page_writes'), current_setting('server_encoding')"
            ))
            .await?;
        let row = answers.iter().rev().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let settings = [0, 1, 2, 3, 4, 5].map(|place| row.and_then(|row| row.get(place)));
        check(settings.map(Option::unwrap_or_default))?;
        Ok(Connection { client, prepared: BTreeMap::new() })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.client.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}

/// Refuses a server that can only be read, or that may forget what it has acknowledged.
fn check(
    [standby, read_only, commit, fsync, pages, encoding]: [&str; 6],
) -> Result<(), EngineErrorKind> {
    if standby != "f" || read_only != "off" {
        return Err(EngineErrorKind::ReadOnly);
    }
    if !matches!(commit, "on" | "remote_apply") {
        return Err(EngineErrorKind::Unsafe("synchronous_commit"));
    }
    if fsync != "on" {
        return Err(EngineErrorKind::Unsafe("fsync"));
    }
    if pages != "on" {
        return Err(EngineErrorKind::Unsafe("full_page_writes"));
    }
    // Others could not hold every account, or would order them in another way.
    if !matches!(encoding, "UTF8" | "SQL_ASCII") {
        return Err(EngineErrorKind::Unsafe("server_encoding"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::EngineErrorKind::{ReadOnly, Unsafe};

    #[test]
    fn a_setting_that_could_lose_something_is_refused() {
        let good = ["f", "off", "on", "on", "on", "UTF8"];
        assert_eq!(check(good), Ok(()));
        for (place, value, expected) in [
            (0, "t", Err(ReadOnly)),
            (1, "on", Err(ReadOnly)),
            (2, "off", Err(Unsafe("synchronous_commit"))),
            (2, "local", Err(Unsafe("synchronous_commit"))),
            (2, "remote_write", Err(Unsafe("synchronous_commit"))),
            (2, "remote_apply", Ok(())),
            (3, "off", Err(Unsafe("fsync"))),
            (4, "off", Err(Unsafe("full_page_writes"))),
            (5, "LATIN1", Err(Unsafe("server_encoding"))),
        ] {
            let mut settings = good;
            settings[place] = value;
            assert_eq!(check(settings), expected, "{value}");
        }
        assert!(check([""; 6]).is_err(), "no answer is no permission");
    }
}
