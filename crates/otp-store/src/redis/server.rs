use super::connection::Connection;
use super::failure::{denial, failure};
use super::keys::Keys;
use super::options::RedisOptions;
use super::reply::Reply;
use super::schema;
use super::script::script;
use crate::{EngineError, EngineErrorKind, Error};

/// Checks a server before the store uses it, and returns its schema. It must be the only primary
/// and lose no data. The keys under the prefix must be the store's. The user must have the needed
/// rights.
pub(super) async fn check(
    connection: &Connection,
    keys: &Keys,
    options: &RedisOptions,
) -> Result<Vec<u8>, Error> {
    settings(connection, options).await?;
    let schema = stored_schema(connection, keys, options).await?;
    schema::judge(&schema)?;
    rights(connection, keys, &schema).await?;
    Ok(schema)
}

/// Checks only the server.
pub(super) async fn settings(connection: &Connection, options: &RedisOptions) -> Result<(), Error> {
    let info = ask(connection, &::redis::cmd("INFO")).await?.text("info")?;
    decides(&info)?;
    keeps(&info)?;
    if options.weaker { Ok(()) } else { writes_first(connection, &info).await }
}

/// Returns the stored schema.
pub(super) async fn stored_schema(
    connection: &Connection,
    keys: &Keys,
    options: &RedisOptions,
) -> Result<Vec<u8>, Error> {
    let key = keys.schema();
    let mut command = ::redis::cmd("GET");
    command.arg(&key);
    let mut reply = match ask(connection, &command).await {
        Err(Error::Corrupt(_)) => return Err(Error::Foreign),
        reply => reply?,
    };
    let place = || {
        let database = options.server.redis_settings().db();
        format!("key {key} in database {database} of {}", options.server.addr())
    };
    reply.maybe("schema")?.ok_or_else(|| Error::Missing(place()))
}

/// Creates the schema, unless it exists.
pub(super) async fn create(connection: &Connection, keys: &Keys) -> Result<(), Error> {
    let create = script!("create");
    let command =
        create.by_text(&[keys.schema(), keys.index(), keys.recovery_index()], |command| {
            command.arg(schema::CURRENT);
        });
    match ask(connection, &command).await?.word()?.as_str() {
        "done" | "there" => Ok(()),
        _ => Err(Error::Foreign),
    }
}

/// Tries the commands that the user needs. A server that is full still opens.
async fn rights(connection: &Connection, keys: &Keys, schema: &[u8]) -> Result<(), Error> {
    let rights = script!("begin", "rights");
    let command = rights.by_text(&[keys.schema(), keys.scratch()], |command| {
        command.arg(schema);
    });
    let mut reply = ask(connection, &command).await?;
    while let Some((command, words)) = reply.pair("rights")? {
        denial(&command, &words)?;
    }
    Ok(())
}

async fn ask(connection: &Connection, command: &::redis::Cmd) -> Result<Reply, Error> {
    connection.ask(command).await.map(Reply::new).map_err(|error| super::failure::refusal(&error))
}

/// Checks that the server is a primary and not part of a cluster, in which fail-overs are routine.
fn decides(info: &str) -> Result<(), Error> {
    if field(info, "loading") == Some("1") {
        return Err(EngineError::from(EngineErrorKind::Busy).into());
    }
    if field(info, "cluster_enabled") != Some("0") {
        return Err(unsafe_("cluster-enabled"));
    }
    match field(info, "role") {
        Some("master") => Ok(()),
        _ => Err(EngineError::from(EngineErrorKind::ReadOnly).into()),
    }
}

/// Checks that nothing is evicted. Policies for keys with a time to live are permitted: the store's
/// keys have none.
fn keeps(info: &str) -> Result<(), Error> {
    let policy = field(info, "maxmemory_policy").unwrap_or_default();
    let bounded = field(info, "maxmemory") != Some("0");
    if bounded && policy != "noeviction" && !policy.starts_with("volatile-") {
        return Err(unsafe_("maxmemory-policy"));
    }
    Ok(())
}

/// Checks that the server writes to its disk before it replies, also while it rewrites its log.
async fn writes_first(connection: &Connection, info: &str) -> Result<(), Error> {
    if field(info, "aof_enabled") != Some("1") {
        return Err(unsafe_("appendonly"));
    }
    let mut command = ::redis::cmd("CONFIG");
    command.arg("GET").arg("*appendfsync*");
    let mut reply = match connection.ask(&command).await {
        Ok(value) => Reply::new(value),
        Err(error) => match failure(&error) {
            // A managed server hides its settings.
            Error::Engine(engine) if engine.kind() == EngineErrorKind::Denied => {
                return Err(unsafe_("appendfsync"));
            }
            error => return Err(error),
        },
    };
    let (mut always, mut pauses) = (false, true);
    while let Some((name, value)) = reply.pair("settings")? {
        match name.as_str() {
            "appendfsync" => always = value == "always",
            "no-appendfsync-on-rewrite" => pauses = value != "no",
            _ => {}
        }
    }
    match (always, pauses) {
        (false, _) => Err(unsafe_("appendfsync")),
        (true, true) => Err(unsafe_("no-appendfsync-on-rewrite")),
        (true, false) => Ok(()),
    }
}

/// Returns a line of the reply to `INFO`.
fn field<'info>(info: &'info str, name: &str) -> Option<&'info str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn unsafe_(setting: &'static str) -> Error {
    EngineError::from(EngineErrorKind::Unsafe(setting)).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::{decides, keeps};
    use crate::{EngineErrorKind, Error};

    fn kind(result: Result<(), Error>) -> Option<EngineErrorKind> {
        match result {
            Ok(()) => None,
            Err(Error::Engine(error)) => Some(error.kind()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn only_a_loaded_primary_is_accepted() {
        use EngineErrorKind::{Busy, ReadOnly, Unsafe};

        let cluster = Unsafe("cluster-enabled");
        for (info, expected) in [
            ("loading:0\r\nrole:master\r\ncluster_enabled:0\r\n", None),
            ("loading:1\r\nrole:master\r\ncluster_enabled:0\r\n", Some(Busy)),
            ("loading:0\r\nrole:slave\r\ncluster_enabled:0\r\n", Some(ReadOnly)),
            ("loading:0\r\nrole:master\r\ncluster_enabled:1\r\n", Some(cluster)),
            ("loading:0\r\nrole:master\r\n", Some(cluster)),
            ("loading:0\r\ncluster_enabled:0\r\n", Some(ReadOnly)),
        ] {
            assert_eq!(kind(decides(info)), expected, "{info}");
        }
    }

    #[test]
    fn server_that_evicts_is_refused() {
        for (info, safe) in [
            ("maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", true),
            ("maxmemory:9\r\nmaxmemory_policy:noeviction\r\n", true),
            ("maxmemory:9\r\nmaxmemory_policy:volatile-ttl\r\n", true),
            ("maxmemory:9\r\nmaxmemory_policy:allkeys-lru\r\n", false),
            ("maxmemory:9\r\n", false),
            ("maxmemory_policy:allkeys-random\r\n", false),
        ] {
            let expected = (!safe).then_some(EngineErrorKind::Unsafe("maxmemory-policy"));
            assert_eq!(kind(keeps(info)), expected, "{info}");
        }
    }
}
