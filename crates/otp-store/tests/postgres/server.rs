use alloc::sync::Arc;
use core::time::Duration;

use otp_store::{AsyncStore as _, EngineErrorKind, Error, Postgres, PostgresOptions};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use crate::proxy::Proxy;
use crate::requests::{call, entry, id};

/// Held exclusively by tests that change settings of the whole server.
pub(crate) static SERVER: RwLock<()> = RwLock::const_new(());

/// Long enough for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Returns a variable that must be set, so that a test without a server fails.
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run this test by `cargo xtask stores`"))
}

/// An empty database for one test.
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) url: String,
    _server: Option<RwLockReadGuard<'static, ()>>,
}

impl Database {
    pub(crate) async fn new(name: &str) -> Self {
        Self { _server: Some(SERVER.read().await), ..Self::alone(name).await }
    }

    /// Creates a database for a test that holds the server already.
    pub(crate) async fn alone(name: &str) -> Self {
        Self::on(&variable("OTP_TEST_POSTGRES"), name).await
    }

    /// Creates a database on another server.
    pub(crate) async fn on(primary: &str, name: &str) -> Self {
        let admin = client(primary).await;
        let name = format!("otp_test_{name}");
        for statement in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE template0"),
        ] {
            admin.batch_execute(&statement).await.unwrap();
        }
        let (server, _) = primary.rsplit_once('/').unwrap();
        Self { url: format!("{server}/{name}"), name, _server: None }
    }

    /// Creates a database and a store in which alice has a credential of generation 7.
    pub(crate) async fn enrolled(name: &str) -> (Self, Arc<Postgres>) {
        let database = Self::new(name).await;
        let store = database.store().await;
        store.insert(&id("alice"), &entry(7)).await.unwrap();
        (database, Arc::new(store))
    }

    /// Creates a database, a proxy to it, and a store behind the proxy in which alice has a credential.
    pub(crate) async fn proxied(
        name: &str,
        options: PostgresOptions,
    ) -> (Self, Proxy, Arc<Postgres>) {
        let (database, _) = Self::enrolled(name).await;
        let proxy = Proxy::to(&database.url).await;
        let url = database.url_at(&proxy.place);
        let store = answered(|| Postgres::connect_with(&url, options)).await;
        (database, proxy, Arc::new(store))
    }

    /// Creates the missing tables, and opens a store.
    pub(crate) async fn store(&self) -> Postgres {
        create(&self.url).await.unwrap()
    }

    pub(crate) async fn client(&self) -> Client {
        client(&self.url).await
    }

    pub(crate) async fn run(&self, statement: &str) {
        self.client().await.batch_execute(statement).await.unwrap();
    }

    /// Changes the database: its default settings, for example.
    pub(crate) async fn alter(&self, change: &str) {
        self.run(&format!("ALTER DATABASE {} {change}", self.name)).await;
    }

    /// Changes a setting of the whole server. The test must hold [`SERVER`] exclusively.
    pub(crate) async fn alter_system(&self, change: &str) {
        self.run(&format!("ALTER SYSTEM {change}")).await;
        self.run("SELECT pg_reload_conf()").await;
    }

    /// Creates a role that may log in, and returns the URL for it.
    pub(crate) async fn role(&self, name: &str) -> String {
        let create = format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'");
        self.run(&format!("DROP ROLE IF EXISTS {name}; {create}")).await;
        self.url_for(name, name)
    }

    /// Grants a role the rights on rows that a store needs.
    pub(crate) async fn grant_rows(&self, role: &str) {
        self.run(&format!(
            "GRANT SELECT ON otp_schema TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON otp_throttle, otp_credential, otp_recovery
                 TO {role}"
        ))
        .await;
    }

    /// Locks the rows that a query selects, until the client rolls back.
    pub(crate) async fn hold(&self, rows: &str) -> Client {
        let client = self.client().await;
        client.batch_execute(&format!("BEGIN; SELECT FROM {rows} FOR UPDATE")).await.unwrap();
        client
    }

    /// Returns the number that a query selects.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.client().await.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Returns how many connections of stores are in a state of `pg_stat_activity`.
    pub(crate) async fn count(&self, state: &str) -> i64 {
        self.number(&connections("count(*)", state)).await
    }

    /// Waits until this many connections of stores are in a state.
    pub(crate) async fn until(&self, count: i64, state: &str) {
        let (client, query) = (self.client().await, connections("count(*)", state));
        let asked = async {
            while client.query_one(&query, &[]).await.unwrap().get::<_, i64>(0) != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(timeout(PATIENCE, asked).await.is_ok(), "never {count} connections with {state}");
    }

    /// Calls `pg_terminate_backend` or `pg_cancel_backend` on the connections of stores in a state.
    pub(crate) async fn end(&self, function: &str, state: &str) {
        self.run(&connections(&format!("{function}(pid)"), state)).await;
    }

    /// Returns the URL for another user.
    pub(crate) fn url_for(&self, user: &str, password: &str) -> String {
        let (_, place) = self.url.rsplit_once('@').unwrap();
        format!("postgres://{user}:{password}@{place}")
    }

    /// Returns the URL with other hosts: those of proxies, or several.
    pub(crate) fn url_at(&self, hosts: &str) -> String {
        let (login, _) = self.url.rsplit_once('@').unwrap();
        format!("{login}@{hosts}/{}", self.name)
    }
}

/// Selects something of the connections of stores in a state.
fn connections(what: &str, state: &str) -> String {
    format!(
        "SELECT {what} FROM pg_stat_activity WHERE datname = current_database()
             AND application_name = 'otp-store' AND {state}"
    )
}

/// Returns the host and the port of a URL.
pub(crate) fn place(url: &str) -> &str {
    url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0
}

/// The state of a store that waits for a row.
pub(crate) const WAITS: &str = "wait_event_type = 'Lock'";

/// Starts a call about alice, which may have to wait.
pub(crate) fn start(
    store: &Arc<Postgres>,
    name: &'static str,
) -> JoinHandle<Result<String, Error>> {
    let store = Arc::clone(store);
    tokio::spawn(async move { call(&store, name).await })
}

/// Retries a call with a short timeout until it gets a reply.
pub(crate) async fn answered<T, F: Future<Output = Result<T, Error>>>(call: impl Fn() -> F) -> T {
    let asked = async {
        loop {
            match call().await {
                Ok(answer) => return answer,
                Err(Error::Engine(error)) if error.kind() == EngineErrorKind::TimedOut => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("no call gets a reply in time"))
}

/// The timeout of a store that has to give up. A busy machine connects within it.
pub(crate) const SHORT: Duration = Duration::from_secs(2);

/// Returns options with a timeout for a busy machine.
pub(crate) fn patient(connections: usize) -> PostgresOptions {
    PostgresOptions::new().with_connections(connections).with_timeout(PATIENCE)
}

pub(crate) async fn connect(url: &str) -> Result<Postgres, Error> {
    Postgres::connect_with(url, patient(16)).await
}

pub(crate) async fn create(url: &str) -> Result<Postgres, Error> {
    Postgres::create_with(url, patient(16)).await
}

pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}
