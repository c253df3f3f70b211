//! The file of settings, which says where the database and the wallet are.

use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::accounts::database_url::DatabaseUrl;
use crate::failure::{Failure, FailureKind};

/// The settings of the file. A file that does not exist has none.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    pub(crate) db: Option<DatabaseUrl>,
    pub(crate) wallet: Option<PathBuf>,
}

/// Where a setting comes from. An earlier one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    Option,
    Environment,
    File,
    Default,
    /// The setting has no value, or the file does not exist.
    Missing,
}

impl Origin {
    /// Returns the origin for people.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Option => "from the option",
            Self::Environment => "from the environment",
            Self::File => "from the file",
            Self::Default => "the default",
            Self::Missing => "missing",
        }
    }
}

/// Returns the path of the file, if the user has a configuration directory (on Linux, by the XDG Base
/// Directory Specification).
pub(crate) fn path() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = if cfg!(windows) {
        absolute("APPDATA")
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| env::home_dir().map(|home| home.join(".config")))
    };
    directory.map(|directory| directory.join("otp").join("config.toml"))
}

/// Returns the path of the file, unless nothing has this path. A link that leads nowhere counts as a
/// file, and a folder that cannot be searched is a failure.
pub(crate) fn existing() -> Result<Option<PathBuf>, Failure> {
    let Some(path) = path() else { return Ok(None) };
    match path.symlink_metadata() {
        Ok(_) => Ok(Some(path)),
        // A user of a service may have /dev/null as the home directory.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Failure::file("config", &path, &error)),
    }
}

impl ConfigFile {
    /// Reads the file. If it exists and cannot be read, or says anything that is not a setting, that is
    /// a failure: the default would be another database.
    pub(crate) fn read() -> Result<Self, Failure> {
        let Some(path) = existing()? else { return Ok(Self::default()) };
        let settings = text(&path).and_then(|text| Self::parse(&text));
        settings.map_err(|failure| match failure.kind() {
            FailureKind::Invalid => failure.at(&path),
            _ => failure,
        })
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let line = |place: usize| text.bytes().take(place).filter(|byte| *byte == b'\n').count();
        let at = |place: usize, bound: &dyn std::fmt::Display| {
            refused(&format!("line {} {bound}", line(place).saturating_add(1)))
        };
        let table = DeTable::parse(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), &"is not valid TOML"))?;
        let mut settings = Self::default();
        for (key, value) in table.get_ref() {
            let place = key.span().start;
            let DeValue::String(value) = value.get_ref() else {
                return Err(at(place, &"must have a text in quotation marks as its value"));
            };
            match key.get_ref().as_ref() {
                "db" => {
                    let url = DatabaseUrl::setting(value);
                    settings.db = Some(url.map_err(|bound| at(place, &format!("db {bound}")))?);
                }
                "wallet" if Path::new(value.as_ref()).is_absolute() => {
                    settings.wallet = Some(PathBuf::from(value.as_ref()));
                }
                "wallet" => return Err(at(place, &"wallet must be an absolute path")),
                _ => return Err(at(place, &"has an unknown key; the keys are db and wallet")),
            }
        }
        Ok(settings)
    }
}

/// Returns the text of the file, unless other users can change it.
fn text(path: &Path) -> Result<String, Failure> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::InvalidData => refused("must be UTF-8"),
        _ => Failure::file("config", path, &error),
    };
    let mut file = File::open(path).map_err(failed)?;
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&file.metadata().map_err(failed)?) & 0o022 != 0 {
        return Err(refused(
            "can be changed by other users, who could name a database of theirs; chmod go-w",
        ));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn refused(bound: &str) -> Failure {
    Failure::new(FailureKind::Invalid, "config", format!("config {bound}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let settings = ConfigFile::parse("# mine\nwallet = '/w'\ndb = \"sqlite:/a b\"\n").unwrap();
        assert_eq!(settings.db, Some(DatabaseUrl::File("/a b".into())));
        assert_eq!(settings.wallet, Some("/w".into()));
        for text in ["", "\n", "# db = 1\n"] {
            let ConfigFile { db, wallet } = ConfigFile::parse(text).unwrap();
            assert_eq!((db, wallet), (None, None));
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_line() {
        for (text, message) in [
            ("\ndatabase = 'sqlite:/a'", "line 2 has an unknown key"),
            ("db = 'sqlite:/a'\ndb = 'sqlite:/b'", "line 2 is not valid TOML"),
            ("db = sqlite:/a", "line 1 is not valid TOML"),
            ("db = 1", "line 1 must have a text"),
            ("[db]\nurl = 'sqlite:/a'", "line 1 must have a text"),
            ("wallet = ['/w']", "line 1 must have a text"),
            ("wallet = 'w'", "line 1 wallet must be an absolute path"),
            ("wallet = ''", "line 1 wallet must be an absolute path"),
            ("db = 'sqlite:a'", "line 1 db must have an absolute path"),
            ("db = 'a'", "line 1 db must be sqlite:PATH"),
            ("db = 'postgres://u:hunter2@h/d'", "line 1 db must not hold a password"),
        ] {
            let failure = ConfigFile::parse(text).unwrap_err().to_string();
            assert!(failure.starts_with(&format!("config {message}")), "{text}: {failure}");
            assert!(!failure.contains("hunter2"));
        }
    }
}
