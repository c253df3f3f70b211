use std::env;
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::path::{Path, PathBuf};

use clap::Args;
use otp_context::wallet::KeyOwner;
use otp_context::{Credential, OtpContext};
use otp_serde::Input;
use otp_store::{CredentialId, Entry, RecoveryCodeSize, Sqlite, Store, Verifier, VerifierOptions};

use crate::accounts::config_file::{ConfigFile, Origin};
use crate::accounts::database_url::DatabaseUrl;
use crate::accounts::server;
use crate::accounts::wallet_file::{self, Keys};
use crate::failure::{Failure, FailureKind};
use crate::output::{Output, complain};

/// A verifier over a database of any kind.
pub(crate) type AnyVerifier = Verifier<Box<dyn Store>>;

/// The most steps that a clock may be off and still be followed (RFC 6238 § 6): 20, which is ten
/// minutes of the usual period.
pub(crate) const DRIFT: u8 = 20;

/// The option that names the database.
#[derive(Args, Debug)]
pub(crate) struct Database {
    /// Database: sqlite:PATH, postgres://…, redis://… or rediss://… [default: OTP_DB, that of otp
    /// config, or otp/otp.db in the user's data directory]
    #[arg(long, value_name = "URL", value_parser = DatabaseUrl::argument)]
    db: Option<DatabaseUrl>,
}

/// The option that names the file of application secrets.
#[derive(Args, Debug)]
pub(crate) struct WalletFile {
    /// Wallet, a file of the application secrets that encrypt the keys [default: OTP_WALLET, that of
    /// otp config, or with the default database otp/wallet in the user's data directory]
    #[arg(long, value_name = "FILE")]
    wallet: Option<PathBuf>,
}

/// The options of the commands that need the keys.
#[derive(Args, Debug)]
pub(crate) struct Sealed {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    wallet: WalletFile,
    /// Namespace of the application's keys, if it has one
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl Database {
    /// Opens an existing database, and never creates one.
    pub(crate) fn open(&self) -> Result<Box<dyn Store>, Failure> {
        let (url, _) = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => Ok(Box::new(of_file(path, Sqlite::open(path))?)),
            DatabaseUrl::Server(engine, url) => server::connect(*engine, url),
        }
    }

    /// Creates the database, unless it exists.
    pub(crate) fn create(&self) -> Result<Box<dyn Store>, Failure> {
        let (url, origin) = self.url()?;
        if origin == Origin::Default {
            make_own("db")?;
        }
        create(&url)
    }

    /// Brings the schema of the database up to date.
    pub(crate) fn migrate(&self) -> Result<(), Failure> {
        let (url, _) = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => of_file(path, Sqlite::migrate(path)),
            DatabaseUrl::Server(engine, url) => server::migrate(*engine, url),
        }
    }

    /// Returns where the index of a Redis server differs from its keys.
    pub(crate) fn index(&self, repair: bool) -> Result<Vec<(CredentialId, &'static str)>, Failure> {
        match self.url()?.0 {
            DatabaseUrl::File(_) => Ok(Vec::new()),
            DatabaseUrl::Server(engine, url) => server::index(engine, &url, repair),
        }
    }

    /// Opens the database, which must be a file of SQLite.
    pub(crate) fn file(&self) -> Result<Sqlite, Failure> {
        let (url, _) = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => of_file(path, Sqlite::open(path)),
            DatabaseUrl::Server(engine, _) => {
                let message = format!("db: otp backup copies only SQLite; {}", engine.backup());
                Err(Failure::usage("db", message))
            }
        }
    }

    /// Refuses a file that does not exist, and names it, or the folder that is missing.
    fn want_file(&self, url: &DatabaseUrl) -> Result<(), Failure> {
        let DatabaseUrl::File(path) = url else { return Ok(()) };
        if is_there(path)? {
            return Ok(());
        }
        if self.given()?.is_some() {
            want_folder(path)?;
        }
        let path = path.display().to_string();
        let message =
            format!("db: there is no file {path:?}; otp enroll or otp db init creates it");
        Err(Failure::new(FailureKind::Io, "db", message))
    }

    /// Opens the database without the wallet, for commands that need no key.
    pub(crate) fn without_keys(&self) -> Result<AnyVerifier, Failure> {
        Ok(Verifier::new(self.open()?, OtpContext::new().with_plain_keys(), options())?)
    }

    /// Returns the database of the option, the environment or the settings file, or `None` if none
    /// of them names one.
    fn given(&self) -> Result<Option<(DatabaseUrl, Origin)>, Failure> {
        if let Some(url) = &self.db {
            return Ok(Some((url.clone(), Origin::Option)));
        }
        let Some(text) = variable("OTP_DB") else {
            return Ok(ConfigFile::read()?.db.map(|url| (url, Origin::File)));
        };
        let text = text.to_str().ok_or_else(|| Failure::invalid("OTP_DB", "must be UTF-8"))?;
        let url = DatabaseUrl::read(text).map_err(|bound| Failure::invalid("OTP_DB", bound))?;
        Ok(Some((url, Origin::Environment)))
    }

    /// Returns the database in force.
    pub(crate) fn url(&self) -> Result<(DatabaseUrl, Origin), Failure> {
        match self.given()? {
            Some(given) => Ok(given),
            None => Ok((DatabaseUrl::File(own("db", "otp.db")?), Origin::Default)),
        }
    }
}

impl WalletFile {
    /// Returns the path that is given, or else the path beside the default database.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match self.given()? {
            Some((path, _)) => Ok(path),
            None => own("wallet", "wallet"),
        }
    }

    /// Creates the folder of the default wallet, unless another wallet is given.
    pub(crate) fn make_room(&self) -> Result<(), Failure> {
        if self.given()?.is_some() { Ok(()) } else { make_own("wallet") }
    }

    /// Returns the path of the option, the environment or the settings file, or `None` if none of
    /// them names one.
    pub(crate) fn given(&self) -> Result<Option<(PathBuf, Origin)>, Failure> {
        if let Some(path) = &self.wallet {
            return Ok(Some((path.clone(), Origin::Option)));
        }
        match variable("OTP_WALLET") {
            Some(path) => Ok(Some((path.into(), Origin::Environment))),
            None => Ok(ConfigFile::read()?.wallet.map(|path| (path, Origin::File))),
        }
    }
}

impl Sealed {
    /// Opens an existing database with the wallet.
    pub(crate) fn open(&self) -> Result<AnyVerifier, Failure> {
        self.open_by(OtpContext::new(), options())
    }

    /// Opens an existing database with the wallet, to make recovery codes of a size.
    pub(crate) fn open_for_codes(&self, size: RecoveryCodeSize) -> Result<AnyVerifier, Failure> {
        self.open_by(OtpContext::new(), options().with_recovery_codes(size))
    }

    /// Opens an existing database with the wallet, and accepts plain-text keys, too.
    pub(crate) fn open_with_plain_keys(&self) -> Result<AnyVerifier, Failure> {
        self.open_by(OtpContext::new().with_plain_keys(), options())
    }

    fn open_by(
        &self,
        context: OtpContext,
        options: VerifierOptions,
    ) -> Result<AnyVerifier, Failure> {
        let path = self.wallet()?;
        let store = self.database.open()?;
        let context = context.with_wallet(wallet_file::open(&path, Keys::Stored)?);
        self.verifier(store, context, options)
    }

    fn verifier(
        &self,
        store: Box<dyn Store>,
        context: OtpContext,
        options: VerifierOptions,
    ) -> Result<AnyVerifier, Failure> {
        let verifier = Verifier::new(store, context, options)?;
        Ok(match &self.namespace {
            Some(namespace) => verifier.with_namespace(namespace.as_str())?,
            None => verifier,
        })
    }

    /// Opens a stored credential, without verifying a code of it.
    pub(crate) fn credential(
        &self,
        verifier: &AnyVerifier,
        id: &CredentialId,
        entry: &Entry,
    ) -> Result<Credential, otp_store::Error> {
        let Ok(Input::Record(record)) = Input::read(entry.record.as_str()) else {
            return Err(otp_store::Error::Corrupt("record"));
        };
        let owner = KeyOwner::new(id.account().as_str(), id.name());
        let owner = owner.with_namespace(self.namespace.as_deref().unwrap_or_default());
        Ok(verifier.context().open(&record, owner)?)
    }

    /// Locks the wallet against changes until the file is dropped.
    pub(crate) fn lock_wallet(&self, output: &Output) -> Result<Option<File>, Failure> {
        wallet_file::lock(&self.wallet()?, output)
    }

    /// Opens the database, and creates it if it does not exist. For the default database it also
    /// creates the wallet.
    pub(crate) fn create(&self) -> Result<AnyVerifier, Failure> {
        let (path, (url, origin)) = (self.wallet()?, self.database.url()?);
        let is_own = origin == Origin::Default;
        if is_own {
            make_own("db")?;
        }
        let keys = match &url {
            DatabaseUrl::File(path) if !is_there(path)? => {
                want_folder(path)?;
                Keys::NoneYet
            }
            _ => Keys::Stored,
        };
        // If a database has no wallet, the wallet is lost, and a new one would open no key.
        let first = is_own && keys == Keys::NoneYet && self.wallet.given()?.is_none();
        if first && wallet_file::create_once(&path)? {
            complain(&wallet_file::advice(&path));
        }
        let wallet = wallet_file::open(&path, keys)?;
        self.verifier(create(&url)?, OtpContext::new().with_wallet(wallet), options())
    }

    fn wallet(&self) -> Result<PathBuf, Failure> {
        if self.wallet.given()?.is_none() && self.database.given()?.is_some() {
            let message = "wallet is missing: it has the secrets that encrypt the keys; give it with \
                           --wallet FILE or OTP_WALLET, or make one with otp wallet init";
            return Err(Failure::usage("wallet", message));
        }
        self.wallet.path()
    }
}

/// Returns a verifier with the options of this command.
pub(crate) fn verifier(store: Box<dyn Store>, context: OtpContext) -> Result<AnyVerifier, Failure> {
    Ok(Verifier::new(store, context, options())?)
}

const fn options() -> VerifierOptions {
    VerifierOptions::new().with_drift(DRIFT)
}

/// Adds the path of the database to a failure.
fn of_file<T>(path: &Path, opened: Result<T, otp_store::Error>) -> Result<T, Failure> {
    opened.map_err(|error| match error {
        otp_store::Error::File(error) => Failure::file("db", path, &error),
        error => Failure::from(error).at(path),
    })
}

/// Returns whether a file exists. If that cannot be found out, it is a failure, and no file is
/// created.
fn is_there(path: &Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| Failure::file("db", path, &error))
}

/// Refuses a path whose folder is missing. This command does not create folders of the user.
fn want_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder else { return Ok(()) };
    if is_there(folder)? {
        return Ok(());
    }
    // A shell does not expand ~ after a colon.
    let advice = if folder.starts_with("~") { "; write $HOME instead of ~" } else { "" };
    let folder = folder.display().to_string();
    Err(Failure::new(FailureKind::Io, "db", format!("db: there is no folder {folder:?}{advice}")))
}

fn create(url: &DatabaseUrl) -> Result<Box<dyn Store>, Failure> {
    match url {
        DatabaseUrl::File(path) => {
            want_folder(path)?;
            Ok(Box::new(of_file(path, Sqlite::create(path))?))
        }
        DatabaseUrl::Server(engine, url) => server::create(*engine, url),
    }
}

/// Returns an environment variable that is set and not empty.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the path of a file in the user's data directory.
fn own(part: &'static str, name: &str) -> Result<PathBuf, Failure> {
    Ok(directory(part)?.join(name))
}

/// Creates the folder of this command in the user's data directory, with mode 0700.
fn make_own(part: &'static str) -> Result<(), Failure> {
    let folder = directory(part)?;
    create_private(&folder).map_err(|error| Failure::file(part, &folder, &error))
}

fn directory(part: &'static str) -> Result<PathBuf, Failure> {
    data_directory().map(|directory| directory.join("otp")).ok_or_else(|| {
        let message = format!("{part}: the user has no data directory; give a path with --{part}");
        Failure::new(FailureKind::Io, part, message)
    })
}

/// Returns the operating system's directory for a user's data (on Linux, by the XDG Base Directory
/// Specification).
fn data_directory() -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |path: &str| env::home_dir().map(|home| home.join(path));
    if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        absolute("XDG_DATA_HOME").or_else(|| home(".local/share"))
    }
}

fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
