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

/// Why a command ended without an answer: what kind, which part, and a sentence for people.
///
/// The sentence is made of names and bounds alone; what was typed or read may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: FailureKind,
    part: Cow<'static, str>,
    message: String,
}

/// The kinds of failure, which settle the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The command line asks for something that there is not.
    Usage,
    /// An option or the input has a value that is not valid.
    Invalid,
    /// A URI, or a part of one, is not valid.
    Uri(ErrorKind),
    /// A record, or a part of one, is not valid.
    Record(RecordErrorKind),
    /// A code that cannot be a code.
    Malformed,
    /// No such account.
    NotFound,
    /// The account is there already.
    Enrolled,
    /// The file is there already.
    Exists,
    /// Reading or writing failed.
    Io,
    /// The database failed.
    Database,
    /// The code was compared with nothing, which an operator must look at.
    NotCompared,
    /// The wallet does not fit, or others can reach it.
    Wallet,
    /// The operating system gave no entropy.
    Entropy,
    /// The clock is of no use.
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

    /// A command line that asks for something that there is not.
    pub(crate) fn usage(part: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, part, message)
    }

    /// A value that is not valid, in words that follow the name of the part.
    pub(crate) fn invalid(part: &'static str, bound: impl fmt::Display) -> Self {
        Self::new(FailureKind::Invalid, part, format!("{part} {bound}"))
    }

    /// A secret that cannot be read, or a key that cannot be used.
    pub(crate) fn secret(error: otp_core::Error) -> Self {
        Self::new(FailureKind::Invalid, "secret", error.to_string())
    }

    /// Reading or writing a part failed.
    pub(crate) fn io(part: &'static str, error: &io::Error) -> Self {
        Self::new(FailureKind::Io, part, format!("{part}: {}", reason(error)))
    }

    /// The same for a file, with its path and what to do. A path that may be a secret in the wrong
    /// place is not repeated.
    pub(crate) fn file(part: &'static str, path: &Path, error: &io::Error) -> Self {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "; is the path right?",
            io::ErrorKind::PermissionDenied => "; who may use it? ls -l shows it",
            io::ErrorKind::IsADirectory => "; a file is needed",
            _ => "",
        };
        let path = shown(path).map(|path| format!("{path:?}: ")).unwrap_or_default();
        Self::new(FailureKind::Io, part, format!("{part}: {path}{}{remedy}", reason(error)))
    }

    /// With the path of the file that it is about.
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

    /// Whether neither the command line nor the input is to blame.
    pub(crate) const fn is_of_the_system(&self) -> bool {
        self.status() == 3
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields { error: self.kind.name(), part: &self.part, message: &self.message }
    }
}

/// A path that may be repeated.
fn shown(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| !may_be_secret(text))
}

/// Whether a text may be a secret or a URI rather than a path.
fn may_be_secret(text: &str) -> bool {
    let is_key = |part: &str| BareKey::parse(part).is_ok_and(|key| key.secret.len() >= 10);
    let is_hex = |part: &str| part.len() >= 16 && part.bytes().all(|it| it.is_ascii_hexdigit());
    text.contains("://") || text.split('/').any(|part| is_key(part) || is_hex(part))
}

/// What the operating system says, without its number; of what it did not say, the kind.
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
                let message = "account is missing, which a URI needs; --account NAME gives one";
                Self::new(FailureKind::Invalid, "account", message)
            }
            Error::NoWallet => {
                let message = "wallet is missing: the key is encrypted (--wallet FILE)";
                Self::new(FailureKind::Uri(ErrorKind::Missing), "wallet", message)
            }
            Error::Passlib(PasslibError::Entropy(error)) => error.into(),
            Error::Passlib(PasslibError::UnknownTag) => {
                let message = "wallet has no application secret for the tag of the encrypted key";
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
            WalletError::UnknownTag => {
                wallet("wallet has no application secret for the tag of the stored key")
            }
            WalletError::WrongSecret => {
                wallet("wallet has another application secret under the tag of the stored key")
            }
            // What is stored is not what was stored.
            error => Self::new(FailureKind::Database, "key", format!("stored key: {error}")),
        }
    }
}

impl From<otp_store::Error> for Failure {
    fn from(error: otp_store::Error) -> Self {
        use otp_store::Error;

        if let Error::NotCompared(why) = error {
            let Self { part, message, .. } = Self::from(*why);
            let message = format!("code was not compared, which costs no attempt: {message}");
            return Self::new(FailureKind::NotCompared, part, message);
        }
        let advised =
            |advice: &str| Self::new(FailureKind::Database, "db", format!("{error}; {advice}"));
        let (kind, part) = match &error {
            Error::Context(error) => return (*error).into(),
            Error::Window(_) => (FailureKind::Invalid, "digits"),
            Error::Missing(_) => return advised("otp db init creates it"),
            Error::Outdated { .. } => {
                return advised("stop the programs of older versions, then otp db migrate");
            }
            Error::Corrupt("throttle") => {
                return advised(
                    "the account's row is gone; remove the credential and enroll again",
                );
            }
            Error::SecondPath(_) => return advised("each path would have its own log"),
            Error::Moved => return advised("a service must be started again"),
            Error::File(error) => return Self::io("db", error),
            Error::Engine(error) => return error.into(),
            Error::Id => (FailureKind::Invalid, "account"),
            Error::Url(_) => (FailureKind::Invalid, "db"),
            Error::Unknown => (FailureKind::NotFound, "account"),
            Error::Enrolled => {
                let advice = "otp remove takes it away; --name NAME is another credential of it";
                return Self::new(FailureKind::Enrolled, "account", format!("{error}; {advice}"));
            }
            Error::TooLarge(part) => (FailureKind::Invalid, *part),
            _ => (FailureKind::Database, "db"),
        };
        Self::new(kind, part, error.to_string())
    }
}

impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        let advice = match error.kind() {
            EngineErrorKind::Unreachable => "is it there, running, and not read only?",
            EngineErrorKind::Interrupted => "no login was accepted",
            EngineErrorKind::Denied => {
                "who may use it? A password comes from OTP_DB, PGPASSWORD or REDISCLI_AUTH"
            }
            EngineErrorKind::Busy => "another process holds it",
            EngineErrorKind::ReadOnly => "every attempt is counted, so it must be written to",
            EngineErrorKind::Damaged => "restore a backup",
            EngineErrorKind::Unsafe(_) => "it could forget which codes are spent",
            _ => return Self::new(FailureKind::Database, "db", error.to_string()),
        };
        Self::new(FailureKind::Database, "db", format!("{error}; {advice}"))
    }
}
