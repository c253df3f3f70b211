use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls};

use super::connection::{Connection, Unconfirmed};
use super::failure::{connecting, failure};
use super::server::{Known, Server, answer, row};
use super::target::Target;
use crate::{EngineErrorKind, Error};

/// Opens connections to the only writable server, with the settings that the promises need.
pub(super) struct Manager {
    target: Target,
    timeout: Duration,
    pooler: bool,
    pub(super) known: Known,
    hides: Hides,
}

/// What servers hide from the role.
#[derive(Debug, Default)]
struct Hides {
    server: AtomicBool,
    subscriptions: AtomicBool,
}

impl Manager {
    pub(super) fn new(target: Target, timeout: Duration, pooler: bool) -> Self {
        Self { target, timeout, pooler, known: Known::default(), hides: Hides::default() }
    }

    /// Names the checks that servers' rights prevent.
    pub(super) fn unchecked(&self) -> Vec<&'static str> {
        let Hides { server, subscriptions } = &self.hides;
        [(server, "timeline"), (subscriptions, "subscriptions")]
            .into_iter()
            .filter_map(|(hidden, what)| hidden.load(Ordering::Relaxed).then_some(what))
            .collect()
    }

    /// Finds the server that was promoted last among several writable hosts, and admits only that.
    pub(super) async fn survey(&self) -> Result<(), EngineErrorKind> {
        if self.target.hosts.len() < 2 {
            return Ok(());
        }
        let mut servers = Vec::new();
        for host in &self.target.hosts {
            if let Ok(Ok(connection)) = timeout(self.timeout, self.open(host)).await {
                servers.extend(connection.server);
            }
        }
        match Server::newest(servers)? {
            Some(newest) => self.known.admit(&newest),
            None => Ok(()),
        }
    }

    async fn connect(
        &self,
        host: &Config,
        unconfirmed: &Unconfirmed,
    ) -> Result<Client, tokio_postgres::Error> {
        match &self.target.tls {
            None => {
                let (client, connection) = host.connect(NoTls).await?;
                unconfirmed.listen(connection);
                Ok(client)
            }
            #[cfg(feature = "tls")]
            Some(tls) => {
                let (client, connection) = host.connect(tls.0.clone()).await?;
                unconfirmed.listen(connection);
                Ok(client)
            }
            #[cfg(not(feature = "tls"))]
            Some(tls) => match *tls {},
        }
    }

    /// Opens a connection to a host, and makes the checks that involve no other server.
    async fn open(&self, host: &Config) -> Result<Connection, Error> {
        let unconfirmed = Unconfirmed::default();
        let client = self.connect(host, &unconfirmed).await.map_err(connecting)?;
        let milliseconds = self.timeout.as_millis();
        // If the client falls silent in a transaction, its locks must end soon, too.
        let settings = format!(
            "SET default_transaction_isolation = 'read committed';
             SET statement_timeout = {milliseconds};
             SET lock_timeout = 0;
             SET idle_in_transaction_session_timeout = {milliseconds};
             SET client_min_messages = warning;
             SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
             SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),
                 current_setting('synchronous_commit'), current_setting('fsync'),
                 current_setting('full_page_writes'), current_setting('server_encoding')"
        );
        let settings: [Option<String>; 6] =
            row(client.simple_query(&settings).await.map_err(failure)?);
        check(settings.each_ref().map(|value| value.as_deref().unwrap_or_default()))?;
        let subscribed = answer(
            &client,
            "SELECT EXISTS (
                 SELECT FROM pg_catalog.pg_subscription_rel
                 WHERE srrelid IN (to_regclass('otp_credential'), to_regclass('otp_throttle'),
                     to_regclass('otp_recovery'))
             )",
        )
        .await
        .map_err(failure)?;
        match subscribed {
            Some([Some(answer)]) if answer == "f" => {}
            Some(_) => return Err(SUBSCRIBED.into()),
            None => self.hides.subscriptions.store(true, Ordering::Relaxed),
        }
        let server = Server::of(&client).await.map_err(failure)?;
        if server.is_none() {
            self.hides.server.store(true, Ordering::Relaxed);
        }
        Ok(Connection::new(client, unconfirmed, self.pooler, server))
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    /// Connects to the first writable host.
    async fn create(&self) -> Result<Connection, Error> {
        let mut refused: Option<Error> = None;
        for host in &self.target.hosts {
            let opened = self.open(host).await.and_then(|connection| {
                if let Some(server) = &connection.server {
                    self.known.admit(server)?;
                }
                Ok(connection)
            });
            match opened {
                Ok(connection) => return Ok(connection),
                // Keeps an error that says more than that a host is no primary.
                Err(_) if refused.as_ref().is_some_and(says_why) => {}
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.unwrap_or(Error::Url("host")))
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.client.is_closed() {
            return Err(RecycleError::message("closed"));
        }
        if !self.known.is_current(connection.server.as_ref()) {
            return Err(RecycleError::message("to a former primary"));
        }
        Ok(())
    }
}

/// Both a subscriber and the server that it follows are writable.
const SUBSCRIBED: EngineErrorKind =
    EngineErrorKind::Unfit("a logical replication subscription writes to its tables");

fn says_why(error: &Error) -> bool {
    use EngineErrorKind::{Interrupted, ReadOnly, TimedOut, Unreachable};

    let Error::Engine(error) = error else { return true };
    !matches!(error.kind(), Interrupted | ReadOnly | TimedOut | Unreachable)
}

/// Refuses a server that is read only, or that may lose what it has acknowledged.
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
    // Other encodings could not hold every account, or would sort accounts differently.
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
    fn setting_that_could_lose_data_is_refused() {
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
