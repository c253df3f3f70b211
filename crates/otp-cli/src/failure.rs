use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

use otp_context::EntropyError;
use otp_context::wallet::WalletError;
use otp_context::wallet::passlib::PasslibError;
use otp_serde::{InputError, RecordErrorKind};
use otp_store::{EngineError, EngineErrorKind};
use otp_uri::{BareKey, ErrorKind};
use serde::Serialize;

/// The reason why a command has no answer: a kind, a part and a sentence for people.
///
/// The sentence has only names and bounds, since the input may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: FailureKind,
    part: Cow<'static, str>,
    message: String,
}

/// The kind of a failure. It decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The command line is wrong.
    Usage,
    /// A value of an option or of the input is not valid.
    Invalid,
    /// A URI, or a part of it, is not valid.
    Uri(ErrorKind),
    /// A record, or a part of it, is not valid.
    Record(RecordErrorKind),
    /// The code is malformed.
    Malformed,
    /// The account does not exist.
    NotFound,
    /// The account is enrolled already.
    Enrolled,
    /// The file exists already.
    Exists,
    /// Reading or writing failed.
    Io,
    /// The database failed.
    Database,
    /// The code was not compared. An operator must look at the reason.
    NotCompared,
    /// The wallet is not valid, or lacks a secret, or other users can reach it.
    Wallet,
    /// The operating system gave no entropy.
    Entropy,
    /// The clock cannot be used.
    Clock,
}

impl FailureKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Invalid => "invalid",
            Self::Uri(kind) => kind.name(),
            Self::Record(kind) => kind.name(),
            Self::Malformed => "malformed",
            Self::NotFound => "not_found",
            Self::Enrolled => "enrolled",
            Self::Exists => "exists",
            Self::Io => "io",
            Self::Database => "database",
            Self::NotCompared => "not_compared",
            Self::Wallet => "wallet",
            Self::Entropy => "entropy",
            Self::Clock => "clock",
        }
    }

    const fn status(self) -> u8 {
        match self {
            Self::NotFound | Self::Enrolled => 1,
            Self::Usage | Self::Invalid | Self::Uri(_) | Self::Record(_) | Self::Malformed => 2,
            Self::Exists
            | Self::Io
            | Self::Database
            | Self::NotCompared
            | Self::Wallet
            | Self::Entropy
            | Self::Clock => 3,
        }
    }
}

/// A failure as `--json` shows it.
#[derive(Serialize)]
pub(crate) struct Fields<'a> {
    error: &'static str,
    part: &'a str,
    message: &'a str,
}

impl Failure {
    pub(crate) fn new(
        kind: FailureKind,
        part: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, part: part.into(), message: message.into() }
    }

    /// Returns a failure of the command line.
    pub(crate) fn usage(part: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, part, message)
    }

    /// Returns a failure of a value. The bound completes the sentence that the part begins.
    pub(crate) fn invalid(part: &'static str, bound: impl fmt::Display) -> Self {
        Self::new(FailureKind::Invalid, part, format!("{part} {bound}"))
    }

    /// Returns the failure of a secret that cannot be read, or of a key that cannot be used.
    pub(crate) fn secret(error: otp_core::Error) -> Self {
        Self::new(FailureKind::Invalid, "secret", error.to_string())
    }

    /// Returns a failure to read or write a part.
    pub(crate) fn io(part: &'static str, error: &io::Error) -> Self {
        Self::new(FailureKind::Io, part, format!("{part}: {}", reason(error)))
    }

    /// Returns a failure to read or write a file, with its path and what to do. A path that may be a
    /// secret in the wrong place is not repeated.
    pub(crate) fn file(part: &'static str, path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "; check the path",
            io::ErrorKind::PermissionDenied => "; check its owner and mode with ls -l",
            io::ErrorKind::IsADirectory => "; give the path of a file",
            _ => "",
        };
        let path = shown(path).map(|path| format!("{path:?}: ")).unwrap_or_default();
        Self::new(FailureKind::Io, part, format!("{part}: {path}{}{remedy}", reason(error)))
    }

    /// Adds the path of the file to the message.
    pub(crate) fn at(mut self, path: &Path) -> Self {
        if let Some(path) = shown(path) {
            self.message = format!("{} ({path:?})", self.message);
        }
        self
    }

    pub(crate) const fn kind(&self) -> FailureKind {
        self.kind
    }

    pub(crate) const fn status(&self) -> u8 {
        self.kind.status()
    }

    /// Returns whether the system failed, and not the command line or the input.
    pub(crate) const fn is_of_the_system(&self) -> bool {
        self.status() == 3
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields { error: self.kind.name(), part: &self.part, message: &self.message }
    }
}

/// Returns a path that is safe to repeat in a message.
fn shown(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| !may_be_secret(text))
}

/// Returns whether a text may be a secret or a URI instead of a path.
fn may_be_secret(text: &str) -> bool {
    let is_key = |part: &str| BareKey::parse(part).is_ok_and(|key| key.secret.len() >= 10);
    let is_hex = |part: &str| part.len() >= 16 && part.bytes().all(|it| it.is_ascii_hexdigit());
    text.contains("://") || text.split('/').any(|part| is_key(part) || is_hex(part))
}

/// Returns the operating system's text for an error without its number, or else the kind of the error.
fn reason(error: &io::Error) -> String {
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) => "no such file or directory".to_owned(),
        (_, Some(code)) => {
            let text = error.to_string();
            let text = text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text);
            let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
            first.to_ascii_lowercase() + rest
        }
        (kind, None) => kind.to_string(),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<otp_uri::Error> for Failure {
    fn from(error: otp_uri::Error) -> Self {
        Self::new(FailureKind::Uri(error.kind()), error.part().name(), error.to_string())
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Uri(error) => error.into(),
            InputError::Record(error) => {
                Self::new(FailureKind::Record(error.kind()), error.part(), error.to_string())
            }
        }
    }
}

impl From<EntropyError> for Failure {
    fn from(error: EntropyError) -> Self {
        match error {
            EntropyError::Length => Self::new(FailureKind::Invalid, "bytes", error.to_string()),
            _ => Self::new(FailureKind::Entropy, "secret", error.to_string()),
        }
    }
}

impl From<otp_context::Error> for Failure {
    fn from(error: otp_context::Error) -> Self {
        use otp_context::Error;

        match error {
            Error::Uri(error) => error.into(),
            Error::Entropy(error) => error.into(),
            Error::Key(error) => Self::secret(error),
            Error::NoAccount => {
                let message = "account is missing: a URI needs one; give it with --account NAME";
                Self::new(FailureKind::Invalid, "account", message)
            }
            Error::NoWallet => {
                let message = "wallet is missing: the key is encrypted; give it with --wallet FILE";
                Self::new(FailureKind::Uri(ErrorKind::Missing), "wallet", message)
            }
            Error::Passlib(PasslibError::Entropy(error)) => error.into(),
            Error::Passlib(PasslibError::UnknownTag) => {
                let message = "wallet has no application secret for the tag of the encrypted key; \
                               add the line of that tag to the file";
                Self::new(FailureKind::Uri(ErrorKind::Missing), "wallet", message)
            }
            Error::Passlib(error) => Self::new(FailureKind::Invalid, "enckey", error.to_string()),
            Error::Wallet(error) => error.into(),
            Error::Clock(error) => Self::new(FailureKind::Clock, "time", error.to_string()),
            error => Self::new(FailureKind::Invalid, "key", error.to_string()),
        }
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        let wallet = |message: &str| Self::new(FailureKind::Wallet, "wallet", message);
        match error {
            WalletError::Entropy(error) => error.into(),
            WalletError::UnknownTag => wallet(
                "wallet has no application secret for the tag of the stored key; add the line of \
                     that tag from a copy of the wallet",
            ),
            WalletError::WrongSecret => wallet(
                "wallet has another application secret under the tag of the stored key; use the \
                 wallet that sealed it",
            ),
            // The stored bytes have changed since they were written.
            error => Self::new(FailureKind::Database, "key", format!("stored key: {error}")),
        }
    }
}

impl From<otp_store::Error> for Failure {
    fn from(error: otp_store::Error) -> Self {
        use otp_store::Error;

        if let Error::NotCompared(why) = error {
            let Self { part, message, .. } = Self::from(*why);
            let message =
                format!("code was not compared, and the attempt costs nothing: {message}");
            return Self::new(FailureKind::NotCompared, part, message);
        }
        let advised =
            |advice: &str| Self::new(FailureKind::Database, "db", format!("{error}; {advice}"));
        let (kind, part) = match &error {
            Error::Context(error) => return (*error).into(),
            Error::Window(_) => (FailureKind::Invalid, "digits"),
            Error::Missing(_) => return advised("otp db init creates it"),
            Error::Outdated { .. } => {
                return advised("stop the programs of older versions, then run otp db migrate");
            }
            Error::Corrupt("throttle") => {
                return advised(
                    "the account's row is gone: remove the credential and enrol it again",
                );
            }
            Error::SecondPath(_) => {
                return advised("use the first path, since each path would have its own log");
            }
            Error::Moved => return advised("restart the service"),
            Error::File(error) => return Self::io("db", error),
            Error::Engine(error) => return error.into(),
            Error::Id => (FailureKind::Invalid, "account"),
            Error::Url(_) => (FailureKind::Invalid, "db"),
            Error::Unknown => (FailureKind::NotFound, "account"),
            Error::Enrolled => {
                let advice = "remove it first with otp remove, or give another --name NAME";
                return Self::new(FailureKind::Enrolled, "account", format!("{error}; {advice}"));
            }
            Error::DuplicateKey => (FailureKind::Enrolled, "key"),
            Error::TooManyCredentials(_) => (FailureKind::Enrolled, "account"),
            Error::TooLarge(part) => (FailureKind::Invalid, *part),
            _ => (FailureKind::Database, "db"),
        };
        Self::new(kind, part, error.to_string())
    }
}

impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        let advice = match error.kind() {
            EngineErrorKind::Unreachable => "check that it exists, runs and accepts writes",
            EngineErrorKind::Interrupted => "no login was accepted; try again",
            EngineErrorKind::Denied => {
                "check the user and the password, which comes from OTP_DB, PGPASSWORD or REDISCLI_AUTH"
            }
            EngineErrorKind::Busy => "another process holds it; try again",
            EngineErrorKind::ReadOnly => "make it writable, since every attempt is counted",
            EngineErrorKind::Damaged => "restore a backup",
            EngineErrorKind::Unsafe(_) => {
                "change the server's settings: as they are, it could forget which codes are spent"
            }
            _ => return Self::new(FailureKind::Database, "db", error.to_string()),
        };
        Self::new(FailureKind::Database, "db", format!("{error}; {advice}"))
    }
}
