use std::env;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use clap::Args;
use otp_store::{Sqlite, Verifier};

use crate::failure::{Failure, Kind};
use crate::number::Bound;

/// The option that names the database.
#[derive(Args, Debug)]
pub(crate) struct Database {
    /// Where credentials are kept: sqlite:PATH [default: otp/otp.db in the user's data directory]
    #[arg(long, value_name = "URL", value_parser = path)]
    db: Option<PathBuf>,
}

impl Database {
    /// Opens the database, and creates it if it is not there yet.
    pub(crate) fn create(&self) -> Result<Verifier, Failure> {
        let path = self.path()?;
        if self.db.is_none()
            && let Some(directory) = path.parent()
        {
            create_private(directory).map_err(|error| Failure::io("db", &error))?;
        }
        open(&path)
    }

    /// Opens the database that is there: asking about an account creates none.
    pub(crate) fn open(&self) -> Result<Verifier, Failure> {
        let path = self.path()?;
        if !path.exists() {
            let message = "db: there is no such file; otp enroll creates it";
            return Err(Failure::new(Kind::Io, "db", message));
        }
        open(&path)
    }

    fn path(&self) -> Result<PathBuf, Failure> {
        let path = self.db.clone().or_else(|| Some(data_directory()?.join("otp").join("otp.db")));
        path.ok_or_else(|| {
            Failure::new(Kind::Io, "db", "db: the user has no data directory; --db names a file")
        })
    }
}

/// Opens a database file, or creates it for its owner alone.
pub(crate) fn open(path: &Path) -> Result<Verifier, Failure> {
    Ok(Verifier::new(Sqlite::open(path)?))
}

/// Reads what `--db` says.
fn path(text: &str) -> Result<PathBuf, Bound> {
    match text.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(Bound("must be sqlite:PATH")),
    }
}

/// Where the operating system wants a user's data (on Linux, the XDG Base Directory
/// Specification).
fn data_directory() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |path: &str| env::home_dir().map(|home| home.join(path));
    if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        variable("XDG_DATA_HOME").or_else(|| home(".local/share"))
    }
}

fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
