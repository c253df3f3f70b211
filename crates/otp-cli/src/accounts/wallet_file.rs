use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use otp_context::wallet::{
    ApplicationSecret, ApplicationSecrets, SecretsFileError, Tag, Wallet, WalletError,
};
use zeroize::Zeroizing;

use crate::failure::{Failure, FailureKind};
use crate::input::time;
use crate::output::{Output, complain};

/// The strength of a new application secret: 256 bits, as strong as the cipher.
const BITS: u32 = 256;

/// The random bits of a new tag: four characters. Two tags of the same day are equal once in a
/// million.
const TAG_BITS: u32 = 20;
const TAG_ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz234567";

/// The text after [`ApplicationSecrets::HEADING`] in a new file.
const HEADING: &str = " The last one seals new keys.
# Without this file no key can be opened: keep a copy, apart from the database and its backups.
";

/// Whether keys may need a wallet that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The database does not exist yet, so it has no key.
    NoneYet,
    /// The database may have keys that no other wallet opens.
    Stored,
}

/// Reads the application secrets of a file in this command's form. `keys` decides what to advise if
/// the file is missing.
fn read_own(path: &Path, keys: Keys) -> Result<ApplicationSecrets, Failure> {
    ApplicationSecrets::from_file(path).map_err(|error| match error {
        SecretsFileError::Io(io::ErrorKind::NotFound) => {
            let path = path.display().to_string();
            let advice = match keys {
                Keys::NoneYet => "otp wallet init makes one",
                Keys::Stored => "restore its copy: a new wallet would open no key that is stored",
            };
            let message = format!("wallet: there is no file {path:?}; {advice}");
            Failure::new(FailureKind::Io, "wallet", message)
        }
        error => Failure::from(error).at(path),
    })
}

impl From<SecretsFileError> for Failure {
    fn from(error: SecretsFileError) -> Self {
        match error {
            SecretsFileError::Io(io::ErrorKind::InvalidData) => broken("must be UTF-8"),
            SecretsFileError::Io(kind) => Self::io("wallet", &kind.into()),
            SecretsFileError::Secrets(error) => refused(&error),
            error => Self::new(FailureKind::Wallet, "wallet", format!("wallet: {error}")),
        }
    }
}

/// Opens a wallet, which encrypts with the last secret of its file.
pub(crate) fn open(path: &Path, keys: Keys) -> Result<Wallet, Failure> {
    let secrets = read_own(path, keys)?;
    let Some((current, _)) = secrets.iter().last() else {
        return Err(broken("has no application secret; otp wallet add adds one"));
    };
    let wallet = Wallet::new(current.clone(), &secrets).map_err(|error| refused(&error))?;
    tell_unfinished(&secrets);
    Ok(wallet)
}

/// Warns that a file may be an incomplete copy. The warning is shown with `--json`, too.
pub(crate) fn tell_unfinished(secrets: &ApplicationSecrets) {
    if secrets.is_unfinished() {
        complain(
            "otp: the last line of the wallet has no line end: the file may be an incomplete copy; \
             if the secret is complete, end the line",
        );
    }
}

/// Writes a new file with a single secret and mode 0600, completely or not at all.
pub(crate) fn create(path: &Path, tag: Option<&Tag>) -> Result<Tag, Failure> {
    let failed = |error: &io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            FailureKind::Exists,
            "wallet",
            "wallet: the file exists, and is not replaced; otp wallet add adds a secret to it",
        ),
        _ => Failure::file("wallet", path, error),
    };
    // This saves entropy. What counts is the check at the end.
    if path.exists() {
        return Err(failed(&io::ErrorKind::AlreadyExists.into()));
    }
    let tag = tag.cloned().map_or_else(|| new_tag(&ApplicationSecrets::new()), Ok)?;
    let line = line(&tag, &secret()?);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    let written = [ApplicationSecrets::HEADING, HEADING, line.as_str()]
        .iter()
        .try_for_each(|text| file.write_all(text.as_bytes()));
    written.and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
    // A wallet in a folder that other users can write to would be refused later.
    drop(ApplicationSecrets::from_file(file.path())?);
    #[cfg(unix)]
    let entries = File::open(folder).map_err(|error| failed(&error))?;
    file.persist_noclobber(path).map_err(|error| failed(&error.error))?;
    // The file encrypts keys from now on, so its name must survive a crash, too.
    #[cfg(unix)]
    entries.sync_all().map_err(|error| failed(&error))?;
    Ok(tag)
}

/// Writes a new file unless it exists, and returns whether it did.
pub(crate) fn create_once(path: &Path) -> Result<bool, Failure> {
    match create(path, None) {
        Ok(_) => Ok(true),
        Err(failure) if failure.kind() == FailureKind::Exists => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Returns the advice for the owner of a new file.
pub(crate) fn advice(path: &Path) -> String {
    let path = path.display().to_string();
    format!(
        "Without the wallet {path:?} no key can be opened. Keep a copy, apart from the database and \
         its backups."
    )
}

/// Adds a new secret at the end of a file. The last secret encrypts new keys.
pub(crate) fn add(path: &Path, tag: Option<&Tag>, output: &Output) -> Result<Tag, Failure> {
    // Refuses a file that other users can reach, before anything is written to it.
    drop(read_own(path, Keys::Stored)?);
    let failed = |error: io::Error| Failure::file("wallet", path, &error);
    let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(broken("must be a regular file, so that a line can be added").at(path));
    }
    // Without a lock, two commands could both find the same tag free.
    wait_for(&file, output).map_err(failed)?;
    let mut text = text(&mut file).map_err(failed)?;
    let secrets = ApplicationSecrets::parse(&text).map_err(|error| refused(&error))?;
    let tag = tag.cloned().map_or_else(|| new_tag(&secrets), Ok)?;
    let secret = secret()?;
    let mut line = line(&tag, &secret);
    let is_unfinished = secrets.is_unfinished();
    match secrets.with(tag.clone(), secret) {
        Ok(_) => {}
        Err(WalletError::DuplicateTag) => {
            return Err(Failure::invalid(
                "tag",
                "is in the wallet already; give another with --tag",
            ));
        }
        Err(error) => return Err(refused(&error)),
    }
    if is_unfinished {
        line.insert(0, '\n');
    }
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    text.clear();
    if let Err(error) = file.write_all(line.as_bytes()).and_then(|()| file.sync_all()) {
        // A secret that was cut off would still encrypt keys.
        let _ = file.set_len(length);
        return Err(failed(error));
    }
    Ok(tag)
}

/// Locks the file against other rotations and added secrets until it is dropped. A pipe or a missing
/// file cannot be locked.
pub(crate) fn lock(path: &Path, output: &Output) -> Result<Option<File>, Failure> {
    let failed = |error: io::Error| Failure::file("wallet", path, &error);
    if !path.is_file() {
        return Ok(None);
    }
    let file = File::open(path).map_err(failed)?;
    wait_for(&file, output).map_err(failed)?;
    Ok(Some(file))
}

fn wait_for(file: &File, output: &Output) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            output.note("otp: waiting for another command that changes or rotates the wallet");
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Reads the whole file into a buffer that does not grow.
fn text(file: &mut File) -> io::Result<Zeroizing<String>> {
    file.rewind()?;
    let room = usize::try_from(file.metadata()?.len()).unwrap_or_default().saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Generates an application secret.
pub(crate) fn secret() -> Result<ApplicationSecret, Failure> {
    let secret =
        ApplicationSecret::generate(BITS, ApplicationSecret::ALPHANUMERIC, otp_context::fill);
    secret.map_err(Failure::from)
}

fn line(tag: &Tag, secret: &ApplicationSecret) -> Zeroizing<String> {
    // With room for a line end before it.
    let room = tag.as_str().len().saturating_add(secret.len()).saturating_add(4);
    let mut line = Zeroizing::new(String::with_capacity(room));
    line.push_str(tag.as_str());
    line.push_str(": ");
    line.extend(secret.reveal().iter().copied().map(char::from));
    line.push('\n');
    line
}

/// Returns a new tag: the date and random characters, since tags of the same day must differ.
fn new_tag(secrets: &ApplicationSecrets) -> Result<Tag, Failure> {
    let date = time::today()?;
    loop {
        let marks = ApplicationSecret::generate(TAG_BITS, TAG_ALPHABET, otp_context::fill)?;
        let marks: String = marks.reveal().iter().copied().map(char::from).collect();
        let tag = format!("{date}-{marks}").parse().map_err(|error| refused(&error))?;
        if secrets.get(&tag).is_none() {
            return Ok(tag);
        }
    }
}

/// Returns the failure of a wallet whose content is not valid.
pub(crate) fn refused(error: &WalletError) -> Failure {
    match error {
        WalletError::Line { line, error } => {
            Failure::new(FailureKind::Wallet, "wallet", format!("wallet: line {line} {error}"))
        }
        error => Failure::new(FailureKind::Wallet, "wallet", format!("wallet: {error}")),
    }
}

pub(crate) fn broken(bound: &str) -> Failure {
    Failure::new(FailureKind::Wallet, "wallet", format!("wallet {bound}"))
}
