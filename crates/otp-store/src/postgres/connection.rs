use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, IsolationLevel, Row, Statement as PreparedStatement};

use super::failure::Failure;
use super::parameters::Parameters;
use super::row::done;
use super::server::Server;
use super::statement::Statement;

/// A connection that one call uses at a time, so that no other transaction is open on it and no
/// setting changes.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: Statements,
    unconfirmed: Unconfirmed,
    /// `None` if the server hides its identity.
    pub(super) server: Option<Server>,
}

/// The prepared statements, or `None` if statements are not prepared.
struct Statements(Option<BTreeMap<Statement, PreparedStatement>>);

impl Connection {
    pub(super) fn new(
        client: Client,
        unconfirmed: Unconfirmed,
        pooler: bool,
        server: Option<Server>,
    ) -> Self {
        let statements = Statements((!pooler).then(BTreeMap::new));
        Self { client, statements, unconfirmed, server }
    }

    /// Runs one statement in a transaction of its own. The reply has a row.
    pub(super) async fn ask(
        &mut self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, Failure> {
        let rows = self.statements.ask(&self.client, statement, parameters).await?;
        self.confirmed()?;
        Ok(rows)
    }

    /// Checks that the last commit is where the server promises.
    pub(super) fn confirmed(&self) -> Result<(), Failure> {
        self.unconfirmed.check()
    }

    /// Runs several statements in one transaction, since each must see what was committed before it
    /// began. Returns whether the first changed anything.
    pub(super) async fn change_all(
        &mut self,
        changes: &[(Statement, Parameters)],
    ) -> Result<bool, Failure> {
        let Self { client, statements, unconfirmed, .. } = self;
        let transaction = client.build_transaction();
        // Dropping it rolls it back.
        let transaction =
            transaction.isolation_level(IsolationLevel::ReadCommitted).start().await?;
        let mut changed = None;
        for (statement, parameters) in changes {
            let rows = statements.ask(transaction.client(), *statement, parameters).await?;
            // The reply was checked, so an error here is no failure.
            changed.get_or_insert(rows.first().is_some_and(|row| matches!(done(row), Ok(true))));
        }
        transaction.commit().await?;
        unconfirmed.check()?;
        Ok(changed == Some(true))
    }
}

impl Statements {
    async fn ask(
        &mut self,
        client: &Client,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, Failure> {
        let name = statement.name();
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&name];
        let mut types = vec![Type::TEXT];
        for (value, of) in parameters {
            values.push(&**value);
            types.push(of.clone());
        }
        let rows = match &mut self.0 {
            None => {
                let typed: Vec<_> = values.into_iter().zip(types).collect();
                client.query_typed(statement.text(), &typed).await?
            }
            Some(prepared) => {
                let prepared = match prepared.get(&statement) {
                    Some(known) => known,
                    None => {
                        let new = client.prepare_typed(statement.text(), &types).await?;
                        prepared.entry(statement).or_insert(new)
                    }
                };
                client.query(prepared, &values).await?
            }
        };
        let first = rows.first().ok_or(Failure::Strange)?;
        if first.try_get::<_, &str>(0).ok() != Some(name) {
            return Err(Failure::Strange);
        }
        match first.try_get(1) {
            Ok(false) => Ok(rows),
            Ok(true) => Err(Failure::Hidden),
            Err(_) => Err(Failure::Strange),
        }
    }
}

/// Whether the server has reported that it no longer waits for a standby. It then continues as if
/// the standby had the commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Unconfirmed(Arc<AtomicBool>);

impl Unconfirmed {
    /// Drives a connection until it ends, and listens for notices. The client gets the error that
    /// ends it.
    pub(super) fn listen<S, T>(&self, mut connection: tokio_postgres::Connection<S, T>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let said = Arc::clone(&self.0);
        drop(tokio::spawn(async move {
            // A notice arrives before the reply that follows it.
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                let AsyncMessage::Notice(notice) = message else { continue };
                // The message is translated, but not the code.
                if notice.routine() == Some("SyncRepWaitForLSN") {
                    said.store(true, Ordering::Release);
                }
                log::warn!("{}: {}", notice.severity(), notice.message());
            }
        }));
    }

    fn check(&self) -> Result<(), Failure> {
        if self.0.swap(false, Ordering::AcqRel) { Err(Failure::Unconfirmed) } else { Ok(()) }
    }
}
