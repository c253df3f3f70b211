use ::redis::{ErrorKind, RedisError};

use crate::{EngineError, EngineErrorKind, Error};

/// Converts the error of a call.
pub(super) fn failure(error: &RedisError) -> Error {
    let kind = match error.kind() {
        ErrorKind::Io if error.is_timeout() => EngineErrorKind::TimedOut,
        ErrorKind::Io => EngineErrorKind::Interrupted,
        ErrorKind::AuthenticationFailed => EngineErrorKind::Denied,
        _ => match error.code() {
            // The key has another type than the store's.
            Some("WRONGTYPE") => return Error::Corrupt("key"),
            Some(SCHEMA) => EngineErrorKind::Interrupted,
            code => of_code(code.unwrap_or_default(), error.detail().unwrap_or_default()),
        },
    };
    EngineError::new(kind, words(error)).into()
}

/// The error code of begin.lua.
const SCHEMA: &str = "SCHEMA";

/// Returns whether a script refused to run, because the schema is not the one that the connection
/// has read.
pub(super) fn is_of_the_schema(error: &RedisError) -> bool {
    error.code() == Some(SCHEMA)
}

/// Returns an error if the server's message denies a command.
pub(super) fn denial(command: &str, words: &str) -> Result<(), Error> {
    let (code, detail) = words.trim_start_matches('-').split_once(' ').unwrap_or((words, ""));
    let kind = of_code(code, detail);
    if kind == EngineErrorKind::Denied {
        let words = format!("the user may not run {command}: {code} {detail}");
        return Err(EngineError::new(kind, words).into());
    }
    Ok(())
}

/// Converts the error of connecting. No call was lost then.
pub(super) fn refusal(error: &RedisError) -> Error {
    match failure(error) {
        Error::Engine(engine) if engine.kind() == EngineErrorKind::Interrupted => {
            EngineError::new(EngineErrorKind::Unreachable, words(error)).into()
        }
        error => error,
    }
}

fn of_code(code: &str, detail: &str) -> EngineErrorKind {
    match code {
        "NOAUTH" | "WRONGPASS" | "NOPERM" | "DENIED" => EngineErrorKind::Denied,
        "OOM" => EngineErrorKind::Full,
        // The server cannot write to its disk, is a replica, or has too few replicas.
        "MISCONF" | "READONLY" | "NOREPLICAS" => EngineErrorKind::ReadOnly,
        "LOADING" | "BUSY" | "MASTERDOWN" | "TRYAGAIN" => EngineErrorKind::Busy,
        "MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN" => EngineErrorKind::Unsafe("cluster-enabled"),
        "ERR" if detail.contains("max number of clients") => EngineErrorKind::Busy,
        // The command is forbidden, or forbidden in scripts.
        "ERR" if detail.contains("nknown command") => EngineErrorKind::Denied,
        "ERR" if detail.contains("nknown Redis command") => EngineErrorKind::Denied,
        "ERR" if detail.contains("user executing the script") => EngineErrorKind::Denied,
        _ => EngineErrorKind::Other,
    }
}

/// Returns the server's message without the arguments of a refused command, which include keys and
/// records. For any other error it returns only the operating system's message or the kind.
fn words(error: &RedisError) -> String {
    match (error.kind(), error.code()) {
        (_, Some(code)) => {
            let detail = error.detail().unwrap_or_default();
            let detail = detail.split(", with args").next().unwrap_or_default();
            format!("{code} {detail}").trim_end().to_owned()
        }
        (ErrorKind::Io, None) => error.to_string(),
        _ => error.category().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use core::error::Error as _;

    use super::{failure, refusal};
    use crate::{EngineErrorKind, Error};

    fn reply(line: &str) -> ::redis::RedisError {
        let value = ::redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        value.extract_error().unwrap_err()
    }

    #[test]
    fn server_errors_have_kinds() {
        use EngineErrorKind::{Busy, Denied, Full, Other, ReadOnly, Unsafe};

        for (line, kind) in [
            ("NOAUTH Authentication required.", Denied),
            ("WRONGPASS invalid username-password pair or user is disabled.", Denied),
            ("NOPERM this user has no permissions to run the 'evalsha' command", Denied),
            ("DENIED Redis is running in protected mode", Denied),
            ("OOM command not allowed when used memory > 'maxmemory'.", Full),
            ("MISCONF Errors writing to the AOF file", ReadOnly),
            ("READONLY You can't write against a read only replica.", ReadOnly),
            ("NOREPLICAS Not enough good replicas to write.", ReadOnly),
            ("LOADING Redis is loading the dataset in memory", Busy),
            ("BUSY Redis is busy running a script.", Busy),
            ("ERR max number of clients reached", Busy),
            ("CLUSTERDOWN Hash slot not served", Unsafe("cluster-enabled")),
            ("MOVED 3999 127.0.0.1:6381", Unsafe("cluster-enabled")),
            ("ERR unknown command 'EVALSHA'", Denied),
            ("ERR The user executing the script can't run this command or subcommand", Denied),
            ("ERR user_script:1: attempt to index a nil value", Other),
        ] {
            let Error::Engine(error) = failure(&reply(line)) else { panic!("{line}") };
            assert_eq!(error.kind(), kind, "{line}");
        }
        assert!(matches!(failure(&reply("WRONGTYPE wrong kind of value")), Error::Corrupt("key")));
    }

    #[test]
    fn arguments_of_a_refused_command_are_not_repeated() {
        let line = "ERR unknown command 'EVAL', with args beginning with: 'sha' '3' 'SECRET' ";
        let error = failure(&reply(line));
        let source = error.source().unwrap().to_string();
        assert_eq!(source, "ERR unknown command 'EVAL'");
        assert!(reply(line).to_string().contains("SECRET"));
    }

    #[test]
    fn lost_connection_interrupts_a_call_and_refuses_a_new_one() {
        for kind in [std::io::ErrorKind::BrokenPipe, std::io::ErrorKind::ConnectionRefused] {
            let lost = ::redis::RedisError::from(std::io::Error::from(kind));
            let (call, connect) = (failure(&lost), refusal(&lost));
            assert!(call.is_transient());
            assert!(!connect.is_transient());
            assert_eq!(connect.to_string(), "database: cannot be reached");
        }
    }
}
