use std::sync::{Mutex, PoisonError};

use tokio_postgres::{Client, SimpleQueryMessage};

use crate::EngineErrorKind::{self, Unfit};

/// How many server starts to remember.
const STARTS: usize = 64;

/// The identity of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Shared by a primary and all its standbys.
    system: String,
    /// Increases with each promotion.
    timeline: u32,
    /// The start time, which distinguishes servers at one timeline.
    started: String,
}

impl Server {
    /// Identifies a primary, or returns `None` if it hides its identity.
    pub(super) async fn of(client: &Client) -> Result<Option<Self>, tokio_postgres::Error> {
        let row = answer(
            client,
            "SELECT (SELECT system_identifier FROM pg_control_system()),
                 left(pg_walfile_name(pg_current_wal_lsn()), 8),
                 extract(epoch FROM pg_postmaster_start_time())",
        )
        .await?;
        let Some([Some(system), Some(timeline), Some(started)]) = row else { return Ok(None) };
        let timeline = u32::from_str_radix(&timeline, 16).ok();
        Ok(timeline.map(|timeline| Self { system, timeline, started }))
    }

    /// Returns the writable server that was promoted last.
    pub(super) fn newest(servers: Vec<Self>) -> Result<Option<Self>, EngineErrorKind> {
        let mut newest: Option<Self> = None;
        for server in servers {
            newest = Some(match newest {
                None => server,
                Some(other) if other.system != server.system => return Err(OTHER_SYSTEM),
                Some(other) if other.timeline > server.timeline => other,
                Some(other) if other.timeline < server.timeline => server,
                Some(other) if other.started != server.started => return Err(TWO_PRIMARIES),
                Some(other) => other,
            });
        }
        Ok(newest)
    }
}

const OTHER_SYSTEM: EngineErrorKind = Unfit("this is a different database cluster");
const OLDER: EngineErrorKind = Unfit("this is a former primary: another server was promoted");
const TWO_PRIMARIES: EngineErrorKind = Unfit("two servers are writable");

/// The server that a store uses. Two writable servers would both accept a code.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    current: Option<Server>,
    /// Starts of servers at the current timeline that a later start replaced.
    ended: Vec<String>,
}

impl Known {
    /// Admits a server as the current one, or returns why not.
    pub(super) fn admit(&self, server: &Server) -> Result<(), EngineErrorKind> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &state.current {
            if current.system != server.system {
                return Err(OTHER_SYSTEM);
            }
            if current.timeline > server.timeline {
                return Err(OLDER);
            }
            if current.timeline < server.timeline {
                state.ended.clear();
            } else if state.ended.contains(&server.started) {
                return Err(TWO_PRIMARIES);
            } else if current.started != server.started {
                let ended = current.started.clone();
                state.ended.truncate(STARTS);
                state.ended.insert(0, ended);
            }
        }
        state.current = Some(server.clone());
        Ok(())
    }

    /// Returns whether a connection leads to the current server, as far as the server tells.
    pub(super) fn is_current(&self, server: Option<&Server>) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        server.is_none_or(|server| state.current.as_ref() == Some(server))
    }
}

/// Returns the columns of the only row, or `None` if the server refuses.
pub(super) async fn answer<const N: usize>(
    client: &Client,
    question: &str,
) -> Result<Option<[Option<String>; N]>, tokio_postgres::Error> {
    let answers = match client.simple_query(question).await {
        Ok(answers) => answers,
        Err(error) if error.as_db_error().is_some() && !super::failure::is_lost(&error) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(Some(row(answers)))
}

/// Returns the columns of the last row.
pub(super) fn row<const N: usize>(answers: Vec<SimpleQueryMessage>) -> [Option<String>; N] {
    let row = answers.into_iter().rev().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    core::array::from_fn(|place| {
        row.as_ref().and_then(|row| row.try_get(place).ok().flatten()).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Known, OLDER, OTHER_SYSTEM, Server, TWO_PRIMARIES};

    fn server(system: &str, timeline: u32, started: &str) -> Server {
        Server { system: system.to_owned(), timeline, started: started.to_owned() }
    }

    #[test]
    fn server_promoted_last_is_the_newest() {
        let (old, new) = (server("a", 1, "x"), server("a", 2, "y"));
        for servers in [vec![old.clone(), new.clone()], vec![new.clone(), old.clone()]] {
            assert_eq!(Server::newest(servers).unwrap(), Some(new.clone()));
        }
        assert_eq!(Server::newest(vec![]).unwrap(), None);
        assert_eq!(Server::newest(vec![old.clone(), old.clone()]).unwrap(), Some(old.clone()));
        let fork = server("a", 1, "z");
        assert_eq!(Server::newest(vec![old.clone(), fork]).unwrap_err(), TWO_PRIMARIES);
        assert_eq!(Server::newest(vec![old, server("b", 3, "y")]).unwrap_err(), OTHER_SYSTEM);
    }

    #[test]
    fn former_server_is_refused() {
        let known = Known::default();
        let [first, restarted] = ["x", "y"].map(|started| server("a", 1, started));
        let promoted = server("a", 2, "z");
        assert!(!known.is_current(Some(&first)));
        assert!(known.is_current(None), "a server that hides what it is");
        known.admit(&first).unwrap();
        known.admit(&first).unwrap();
        assert!(known.is_current(Some(&first)));
        known.admit(&restarted).unwrap();
        assert!(!known.is_current(Some(&first)));
        assert_eq!(known.admit(&first).unwrap_err(), TWO_PRIMARIES);
        known.admit(&promoted).unwrap();
        assert!(known.is_current(Some(&promoted)));
        for old in [&first, &restarted] {
            assert_eq!(known.admit(old).unwrap_err(), OLDER);
        }
        assert_eq!(known.admit(&server("b", 3, "z")).unwrap_err(), OTHER_SYSTEM);
        assert!(known.is_current(Some(&promoted)));
    }
}
