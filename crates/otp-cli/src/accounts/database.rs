use std::env;
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::path::{Path, PathBuf};

use clap::Args;
use otp_context::OtpContext;
use otp_store::{CredentialId, Sqlite, Store, Verifier, VerifierOptions};

use crate::accounts::database_url::DatabaseUrl;
use crate::accounts::server;
use crate::accounts::wallet_file::{self, Keys};
use crate::failure::{Failure, FailureKind};
use crate::output::{Output, complain};

/// A verifier over whichever database.
pub(crate) type AnyVerifier = Verifier<Box<dyn Store>>;

/// How many steps a clock may be off and still be followed (RFC 6238 § 6): ten minutes of the
/// usual period.
pub(crate) const DRIFT: u8 = 20;

/// The option that names the database.
#[derive(Args, Debug)]
pub(crate) struct Database {
    /// Where credentials are kept: sqlite:PATH, postgres://…, redis://… or rediss://… [default:
    /// what OTP_DB says, or otp/otp.db in the user's data directory]
    #[arg(long, value_name = "URL", value_parser = DatabaseUrl::argument)]
    db: Option<DatabaseUrl>,
}

/// The option that names the file of application secrets.
#[derive(Args, Debug)]
pub(crate) struct WalletFile {
    /// The application secrets that seal the keys [default: what OTP_WALLET says, or with the
    /// default database otp/wallet in the user's data directory]
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
    /// The namespace that the application seals its keys in, if it has one
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
}

impl Database {
    /// Opens the database that is there: asking about an account creates none.
    pub(crate) fn open(&self) -> Result<Box<dyn Store>, Failure> {
        let url = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => Ok(Box::new(of_file(path, Sqlite::open(path))?)),
            DatabaseUrl::Server(engine, url) => server::connect(*engine, url),
        }
    }

    /// Creates the database, unless it is there.
    pub(crate) fn create(&self) -> Result<Box<dyn Store>, Failure> {
        if self.given()?.is_none() {
            make_own("db")?;
        }
        create(&self.url()?)
    }

    /// Brings the schema of the database up to date.
    pub(crate) fn migrate(&self) -> Result<(), Failure> {
        let url = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => of_file(path, Sqlite::migrate(path)),
            DatabaseUrl::Server(engine, url) => server::migrate(*engine, url),
        }
    }

    /// What the index of a Redis server says that is not so.
    pub(crate) fn index(&self, repair: bool) -> Result<Vec<(CredentialId, &'static str)>, Failure> {
        match self.url()? {
            DatabaseUrl::File(_) => Ok(Vec::new()),
            DatabaseUrl::Server(engine, url) => server::index(engine, &url, repair),
        }
    }

    /// Opens the database as a file of SQLite.
    pub(crate) fn file(&self) -> Result<Sqlite, Failure> {
        let url = self.url()?;
        self.want_file(&url)?;
        match &url {
            DatabaseUrl::File(path) => of_file(path, Sqlite::open(path)),
            DatabaseUrl::Server(engine, _) => {
                let message = format!("db: otp backup is for SQLite; {}", engine.backup());
                Err(Failure::usage("db", message))
            }
        }
    }

    /// Says which file is not there, or which folder.
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
            format!("db: there is no file {path:?}; otp enroll creates it, or otp db init");
        Err(Failure::new(FailureKind::Io, "db", message))
    }

    /// Opens the database without keys: for questions that need none.
    pub(crate) fn without_keys(&self) -> Result<AnyVerifier, Failure> {
        Ok(Verifier::new(self.open()?, OtpContext::new().with_plain_keys(), options())?)
    }

    /// What the option or the environment says; neither is `None`.
    fn given(&self) -> Result<Option<DatabaseUrl>, Failure> {
        if self.db.is_some() {
            return Ok(self.db.clone());
        }
        let Some(text) = variable("OTP_DB") else { return Ok(None) };
        let text = text.to_str().ok_or_else(|| Failure::invalid("OTP_DB", "must be UTF-8"))?;
        DatabaseUrl::read(text).map(Some).map_err(|bound| Failure::invalid("OTP_DB", bound))
    }

    fn url(&self) -> Result<DatabaseUrl, Failure> {
        match self.given()? {
            Some(url) => Ok(url),
            None => Ok(DatabaseUrl::File(own("db", "otp.db")?)),
        }
    }
}

impl WalletFile {
    /// Where it is, if anybody said so; else where that of the default database is.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match self.given() {
            Some(path) => Ok(path),
            None => own("wallet", "wallet"),
        }
    }

    /// Makes room for the default one.
    pub(crate) fn make_room(&self) -> Result<(), Failure> {
        if self.given().is_some() { Ok(()) } else { make_own("wallet") }
    }

    fn given(&self) -> Option<PathBuf> {
        self.wallet.clone().or_else(|| variable("OTP_WALLET").map(PathBuf::from))
    }
}

impl Sealed {
    /// Opens the database that is there, with the wallet.
    pub(crate) fn open(&self) -> Result<AnyVerifier, Failure> {
        self.open_by(OtpContext::new())
    }

    /// The same, and takes keys too that are not sealed.
    pub(crate) fn open_with_plain_keys(&self) -> Result<AnyVerifier, Failure> {
        self.open_by(OtpContext::new().with_plain_keys())
    }

    fn open_by(&self, context: OtpContext) -> Result<AnyVerifier, Failure> {
        let path = self.wallet()?;
        let store = self.database.open()?;
        self.verifier(store, context.with_wallet(wallet_file::open(&path, Keys::Stored)?))
    }

    fn verifier(&self, store: Box<dyn Store>, context: OtpContext) -> Result<AnyVerifier, Failure> {
        let verifier = verifier(store, context)?;
        Ok(match &self.namespace {
            Some(namespace) => verifier.with_namespace(namespace.as_str())?,
            None => verifier,
        })
    }

    /// Keeps others from changing the wallet until the file is dropped.
    pub(crate) fn lock_wallet(&self, output: &Output) -> Result<Option<File>, Failure> {
        wallet_file::lock(&self.wallet()?, output)
    }

    /// Opens the database, and creates it if it is not there yet; with the default database its
    /// wallet, too.
    pub(crate) fn create(&self) -> Result<AnyVerifier, Failure> {
        let (path, url) = (self.wallet()?, self.database.url()?);
        let is_own = self.database.given()?.is_none();
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
        // A wallet that is missing beside a database is lost, and another one of no use.
        let first = is_own && keys == Keys::NoneYet && self.wallet.given().is_none();
        if first && wallet_file::create_once(&path)? {
            complain(&wallet_file::advice(&path));
        }
        let wallet = wallet_file::open(&path, keys)?;
        self.verifier(create(&url)?, OtpContext::new().with_wallet(wallet))
    }

    fn wallet(&self) -> Result<PathBuf, Failure> {
        if self.wallet.given().is_none() && self.database.given()?.is_some() {
            let message = "wallet is missing: --wallet FILE, or OTP_WALLET, has the application \
                           secrets that seal the keys; otp wallet init makes a new one";
            return Err(Failure::usage("wallet", message));
        }
        self.wallet.path()
    }
}

/// A verifier with the command's rules.
pub(crate) fn verifier(store: Box<dyn Store>, context: OtpContext) -> Result<AnyVerifier, Failure> {
    Ok(Verifier::new(store, context, options())?)
}

const fn options() -> VerifierOptions {
    VerifierOptions::new().with_drift(DRIFT)
}

/// Names the file that could not be opened.
fn of_file<T>(path: &Path, opened: Result<T, otp_store::Error>) -> Result<T, Failure> {
    opened.map_err(|error| match error {
        otp_store::Error::File(error) => Failure::file("db", path, &error),
        error => Failure::from(error).at(path),
    })
}

/// Whether there is a file; one that cannot be looked for is an error, and not a new one.
fn is_there(path: &Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| Failure::file("db", path, &error))
}

/// Names the folder if it is that which is missing: nobody makes it but its owner.
fn want_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder else { return Ok(()) };
    if is_there(folder)? {
        return Ok(());
    }
    // After a colon, no shell puts the home in its place.
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

/// An environment variable that says something.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// A file of the user's own.
fn own(part: &'static str, name: &str) -> Result<PathBuf, Failure> {
    Ok(directory(part)?.join(name))
}

/// The folder of the user's own files, made for him alone.
fn make_own(part: &'static str) -> Result<(), Failure> {
    let folder = directory(part)?;
    create_private(&folder).map_err(|error| Failure::file(part, &folder, &error))
}

fn directory(part: &'static str) -> Result<PathBuf, Failure> {
    data_directory().map(|directory| directory.join("otp")).ok_or_else(|| {
        let message = format!("{part}: the user has no data directory; --{part} says where");
        Failure::new(FailureKind::Io, part, message)
    })
}

/// Where the operating system wants a user's data (on Linux, the XDG Base Directory
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
