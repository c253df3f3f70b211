use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::input::number::Bound;

/// The location of a database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// A file of SQLite.
    File(PathBuf),
    /// A server and its URL.
    Server(Engine, Zeroizing<String>),
}

/// The database servers that can store credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Redis,
}

impl DatabaseUrl {
    /// Reads a URL that may hold a password.
    pub(crate) fn read(text: &str) -> Result<Self, Bound> {
        let bound = Bound("must be sqlite:PATH, postgres://…, redis://… or rediss://…");
        let (scheme, rest) = text.split_once(':').ok_or(bound)?;
        let engine = match scheme {
            // After two slashes a URL has the name of a host.
            "sqlite"
                if !rest.is_empty() && (!rest.starts_with("//") || rest.starts_with("///")) =>
            {
                return Ok(Self::File(PathBuf::from(rest)));
            }
            "postgres" | "postgresql" => Engine::Postgres,
            "redis" | "rediss" => Engine::Redis,
            _ => return Err(bound),
        };
        if !rest.starts_with("//") || text.contains(char::is_control) {
            return Err(bound);
        }
        Ok(Self::Server(engine, Zeroizing::new(text.to_owned())))
    }

    /// Reads a URL of the settings file, and refuses a password in it, and a path that would depend on
    /// the folder of the caller.
    pub(crate) fn setting(text: &str) -> Result<Self, Bound> {
        match Self::read(text)? {
            Self::Server(_, url) if holds_password(&url) => Err(Bound(
                "must not hold a password; set the URL as OTP_DB in the environment, or the password \
                 as PGPASSWORD or REDISCLI_AUTH",
            )),
            Self::File(path) if !path.is_absolute() => Err(Bound("must have an absolute path")),
            url => Ok(url),
        }
    }

    /// Returns the URL for people. A URL that may hold a password is not shown.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Server(_, url) if holds_password(url) => {
                let scheme = url.split(':').next().unwrap_or_default();
                format!("{scheme}://…")
            }
            Self::Server(_, url) => url.to_string(),
        }
    }

    /// Reads an argument, and refuses a password in it: every user of the machine can see arguments.
    pub(crate) fn argument(text: &str) -> Result<Self, Bound> {
        match Self::read(text)? {
            Self::Server(_, url) if holds_password(&url) => Err(Bound(
                "must not hold a password, which other users see in the list of processes; set the \
                 URL as OTP_DB in the environment, or the password as PGPASSWORD or REDISCLI_AUTH",
            )),
            url => Ok(url),
        }
    }
}

impl Engine {
    /// Returns the environment variable that the server's own tools read a password from.
    pub(crate) const fn password(self) -> &'static str {
        match self {
            Self::Postgres => "PGPASSWORD",
            Self::Redis => "REDISCLI_AUTH",
        }
    }
}

impl Engine {
    /// Returns how to back up the server.
    pub(crate) const fn backup(self) -> &'static str {
        match self {
            Self::Postgres => "back up PostgreSQL with pg_dump",
            Self::Redis => "back up Redis with redis-cli BGSAVE and a copy of the server's folder",
        }
    }
}

/// The names of an engine that this build leaves out.
#[cfg(not(all(feature = "postgres", feature = "redis")))]
impl Engine {
    /// Returns the name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }

    /// Returns the feature of this crate that adds the engine.
    pub(crate) const fn feature(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }
}

/// Returns the URL with a password, unless it has one already.
pub(crate) fn with_password(engine: Engine, url: &str, password: &str) -> Zeroizing<String> {
    let (before, rest) = url.split_once("//").unwrap_or((url, ""));
    if holds_password(url) || password.is_empty() {
        return Zeroizing::new(url.to_owned());
    }
    // An escape has three bytes for a byte of the password. This is enough room, so nothing grows.
    let room = url.len().saturating_add(password.len().saturating_mul(3)).saturating_add(16);
    let mut whole = Zeroizing::new(String::with_capacity(room));
    match (engine, user(rest)) {
        // The user's name may come from another place, such as PGUSER.
        (Engine::Postgres, None) => {
            whole.push_str(url);
            whole.push_str(if url.contains('?') { "&password=" } else { "?password=" });
            escape(password, &mut whole);
        }
        (_, user) => {
            let host = rest.get(user.map_or(0, |user| user.len().saturating_add(1))..);
            whole.push_str(before);
            whole.push_str("//");
            whole.push_str(user.unwrap_or_default());
            whole.push(':');
            escape(password, &mut whole);
            whole.push('@');
            whole.push_str(host.unwrap_or_default());
        }
    }
    whole
}

/// Returns the text before the `@` in a URL without its scheme and slashes.
fn user(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// Returns whether any part of a URL may be a password. In doubt it is one.
fn holds_password(url: &str) -> bool {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    // A slash or a question mark without an escape may be part of a password.
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let parameter = |parameter: &str| {
        let name = parameter.split('=').next().unwrap_or_default();
        // No known parameter has an escape in its name.
        name.to_ascii_lowercase().contains("pass") || name.contains('%')
    };
    user.contains(':') || query.split(['&', '#']).any(parameter)
}

/// Writes text with escapes, so that no character has a meaning in a URL.
fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Server(engine, _) => {
                f.debug_tuple("Server").field(engine).finish_non_exhaustive()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_each_engine_are_read() {
        assert_eq!(DatabaseUrl::read("sqlite:a b"), Ok(DatabaseUrl::File("a b".into())));
        assert_eq!(DatabaseUrl::read("sqlite:/a"), Ok(DatabaseUrl::File("/a".into())));
        assert_eq!(DatabaseUrl::read("sqlite:///a"), Ok(DatabaseUrl::File("///a".into())));
        for (url, expected) in [
            ("postgres://host/otp", Engine::Postgres),
            ("postgresql://user@host:5432,other/otp?sslmode=require", Engine::Postgres),
            ("postgresql:///otp?host=/run/postgresql", Engine::Postgres),
            ("redis://host:6379/1", Engine::Redis),
            ("rediss://user@host", Engine::Redis),
        ] {
            let Ok(DatabaseUrl::Server(engine, kept)) = DatabaseUrl::argument(url) else {
                panic!("{url}")
            };
            assert_eq!((engine, kept.as_str()), (expected, url));
        }
        for text in [
            "",
            "otp.db",
            "sqlite:",
            "sqlite://otp.db",
            "sqlite//a",
            "SQLITE:a",
            "mysql://host/otp",
            "postgres:otp",
            "redis:/host",
            "redis://a\nb",
            "rediss",
            ":",
            "://",
        ] {
            assert!(DatabaseUrl::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn password_in_an_argument_is_rejected() {
        for url in [
            "postgres://user:secret@host/otp",
            "postgres://:secret@host/otp",
            "postgres://user:se/cr?et@host/otp",
            "postgres://user:s@cret@host/otp",
            "postgres://host/otp?password=secret",
            "postgres://host/otp?a=b&PASSWORD=secret",
            "postgres://host/otp?p%61ssword=secret",
            "postgres://host/otp?sslmode=require&sslpassword=secret",
            "redis://:secret@host",
            "rediss://user:secret@host/0",
        ] {
            assert!(DatabaseUrl::read(url).is_ok(), "{url}");
            let bound = DatabaseUrl::argument(url).unwrap_err();
            assert!(bound.0.contains("OTP_DB") && !bound.0.contains("secret"), "{url}");
            assert!(!format!("{:?}", DatabaseUrl::read(url)).contains("secret"));
        }
    }

    #[test]
    fn password_is_added_to_a_url_without_one() {
        let postgres = |url| with_password(Engine::Postgres, url, "p@:/ü").to_string();
        let redis = |url| with_password(Engine::Redis, url, "p%").to_string();
        assert_eq!(postgres("postgres://u@h:1/d?x=y"), "postgres://u:p%40%3A%2F%C3%BC@h:1/d?x=y");
        assert_eq!(postgres("postgres://h/d"), "postgres://h/d?password=p%40%3A%2F%C3%BC");
        assert_eq!(
            postgres("postgres:///d?host=/r"),
            "postgres:///d?host=/r&password=p%40%3A%2F%C3%BC"
        );
        assert_eq!(redis("redis://h:1/2"), "redis://:p%25@h:1/2");
        assert_eq!(redis("rediss://u@h"), "rediss://u:p%25@h");
        for url in ["postgres://u:x@h/d", "postgres://h/d?password=x"] {
            assert_eq!(postgres(url), url);
        }
        assert_eq!(with_password(Engine::Redis, "redis://h", "").as_str(), "redis://h");
    }
}
