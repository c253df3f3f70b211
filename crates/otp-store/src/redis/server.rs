use super::answer::Answer;
use super::failure::failure;
use super::keys::Keys;
use super::live::Live;
use super::script::Scripts;
use crate::{EngineError, EngineErrorKind, Error};

/// Which form the keys have: a newer version of this library that changes it counts on.
const SCHEMA: u32 = 1;

/// Looks at a server before anything is asked of it: that it is the one that decides, that it
/// forgets nothing, and that what it holds under the prefix is ours.
pub(super) async fn check(
    live: &Live,
    keys: &Keys,
    scripts: &Scripts,
    weaker: bool,
) -> Result<(), Error> {
    let info = ask(live, &::redis::cmd("INFO")).await?.text("info")?;
    decides(&info)?;
    keeps(&info)?;
    if !weaker {
        writes_first(live, &info).await?;
    }
    let ours = format!("otp-store {SCHEMA}");
    let command = scripts.schema.by_text(&[keys.schema(), keys.index()], |command| {
        command.arg(&ours);
    });
    match ask(live, &command).await {
        Ok(mut answer) => schema(&answer.bytes("schema")?),
        Err(Error::Corrupt(_)) => Err(Error::Foreign),
        Err(error) => Err(error),
    }
}

async fn ask(live: &Live, command: &::redis::Cmd) -> Result<Answer, Error> {
    live.ask(command).await.map(Answer::new).map_err(|error| super::failure::refusal(&error))
}

/// One primary, and no part of a cluster, in which a fail-over is routine.
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

/// No eviction. Policies for keys with a time to live may stay: no key of ours has one.
fn keeps(info: &str) -> Result<(), Error> {
    let policy = field(info, "maxmemory_policy").unwrap_or_default();
    let bounded = field(info, "maxmemory") != Some("0");
    if bounded && policy != "noeviction" && !policy.starts_with("volatile-") {
        return Err(unsafe_("maxmemory-policy"));
    }
    Ok(())
}

/// On disk before it answers, also while it rewrites its log.
async fn writes_first(live: &Live, info: &str) -> Result<(), Error> {
    if field(info, "aof_enabled") != Some("1") {
        return Err(unsafe_("appendonly"));
    }
    let mut command = ::redis::cmd("CONFIG");
    command.arg("GET").arg("*appendfsync*");
    let mut answer = match live.ask(&command).await {
        Ok(value) => Answer::new(value),
        Err(error) => match failure(&error) {
            // A managed server that does not show its settings.
            Error::Engine(engine) if engine.kind() == EngineErrorKind::Denied => {
                return Err(unsafe_("appendfsync"));
            }
            error => return Err(error),
        },
    };
    let (mut always, mut pauses) = (false, true);
    while let Some((name, value)) = answer.pair("settings")? {
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

fn schema(found: &[u8]) -> Result<(), Error> {
    let found = str::from_utf8(found).ok().and_then(|text| text.strip_prefix("otp-store "));
    match found.and_then(|version| version.parse().ok()) {
        Some(SCHEMA) => Ok(()),
        Some(version) if version > SCHEMA => Err(Error::Newer),
        _ => Err(Error::Foreign),
    }
}

/// A line of what `INFO` answers.
fn field<'info>(info: &'info str, name: &str) -> Option<&'info str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

fn unsafe_(setting: &'static str) -> Error {
    EngineError::from(EngineErrorKind::Unsafe(setting)).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::{decides, keeps, schema};
    use crate::{EngineErrorKind, Error};

    fn kind(result: Result<(), Error>) -> Option<EngineErrorKind> {
        match result {
            Ok(()) => None,
            Err(Error::Engine(error)) => Some(error.kind()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn only_a_primary_that_has_loaded_decides() {
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
    fn a_server_that_evicts_is_refused() {
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

    #[test]
    fn schemas_are_told_apart() {
        assert!(schema(b"otp-store 1").is_ok());
        assert!(matches!(schema(b"otp-store 2"), Err(Error::Newer)));
        for foreign in [&b""[..], b"1", b"otp-store", b"otp-store 0", b"otp-store x", b"\xff"] {
            assert!(matches!(schema(foreign), Err(Error::Foreign)), "{foreign:?}");
        }
    }
}
