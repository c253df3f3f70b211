use alloc::string::String;
use core::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::wallet::application_secrets::without_mark;
use crate::wallet::{ApplicationSecrets, WalletError};

/// The most bytes of a file of application secrets.
const LONGEST_FILE: u16 = u16::MAX;

impl ApplicationSecrets {
    /// Reads a file of lines as [`ApplicationSecrets::parse`] does. Only its owner may reach the file.
    ///
    /// A pipe must have a writer already, as `<(…)` in a shell has.
    ///
    /// # Errors
    ///
    /// - [`SecretsFileError::Io`]: it cannot be read, is not UTF-8, or has more than 65,535 bytes.
    /// - On Unix [`SecretsFileError::Permissions`]: its group or others may read or write it.
    /// - On Unix [`SecretsFileError::Owner`]: another user than the process's and root owns it.
    /// - On Unix [`SecretsFileError::Folder`]: other users may write to its folder.
    /// - On Unix [`SecretsFileError::Pipe`]: it is a pipe without a writer, or nothing was written.
    /// - [`SecretsFileError::Secrets`]: those of [`ApplicationSecrets::parse`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SecretsFileError> {
        Self::from_file_with(path, |text| Self::parse(text).map_err(SecretsFileError::Secrets))
    }

    /// Reads a file of another form, such as JSON, with the same checks. A byte order mark is
    /// ignored.
    ///
    /// # Errors
    ///
    /// - Those of [`ApplicationSecrets::from_file`] before it parses.
    /// - Those of `parse`.
    pub fn from_file_with<E: From<SecretsFileError>>(
        path: impl AsRef<Path>,
        parse: impl FnOnce(&str) -> Result<Self, E>,
    ) -> Result<Self, E> {
        parse(without_mark(&private_text(path.as_ref())?))
    }
}

#[cfg(feature = "wallet")]
impl crate::wallet::Wallet {
    /// Opens a file of application secrets, as `otp wallet init` writes it. Its last line seals new
    /// keys, and every line opens the keys that were sealed under it.
    ///
    /// # Errors
    ///
    /// - Those of [`ApplicationSecrets::from_file`] and [`Wallet::new`](crate::wallet::Wallet::new).
    /// - [`SecretsFileError::Unfinished`]: its last line has no end, and may be a part of a secret.
    /// - [`SecretsFileError::Empty`]: it has no secret.
    ///
    /// ```no_run
    /// use otp_context::OtpContext;
    /// use otp_context::wallet::Wallet;
    ///
    /// let context = OtpContext::new().with_wallet(Wallet::open("otp.wallet")?);
    /// # Ok::<(), otp_context::wallet::SecretsFileError>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SecretsFileError> {
        let secrets = ApplicationSecrets::from_file(path)?;
        if secrets.is_unfinished() {
            return Err(SecretsFileError::Unfinished);
        }
        let (current, _) = secrets.iter().last().ok_or(SecretsFileError::Empty)?;
        Self::new(current.clone(), &secrets).map_err(SecretsFileError::Secrets)
    }
}

/// Why a file of application secrets was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretsFileError {
    /// It cannot be read.
    Io(io::ErrorKind),
    /// Its group or others may read or write it.
    Permissions,
    /// Another user than the process's and root owns it, and could have written it.
    Owner,
    /// Other users may write to its folder, and could put another file in its place.
    Folder,
    /// It is a pipe without a writer, or nothing was written to it.
    Pipe,
    /// Its last line has no end: the file may be cut off.
    Unfinished,
    /// It has no secret.
    Empty,
    /// A secret, a tag or a line is not valid.
    Secrets(WalletError),
}

/// The text of a file that only its owner can read and write.
fn private_text(path: &Path) -> Result<Zeroizing<String>, SecretsFileError> {
    #[cfg(unix)]
    let (file, is_pipe) = unix::open(path)?;
    #[cfg(not(unix))]
    let (file, is_pipe) = (File::open(path)?, false);
    // Room for all of it, also for a pipe of unknown length: growing would leave copies behind.
    let room = usize::from(LONGEST_FILE).saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(u64::from(LONGEST_FILE).saturating_add(1)).read_to_string(&mut text)?;
    if text.len() > LONGEST_FILE.into() {
        return Err(SecretsFileError::Io(io::ErrorKind::FileTooLarge));
    }
    if is_pipe && text.is_empty() {
        return Err(SecretsFileError::Pipe);
    }
    Ok(text)
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    use rustix::fs::{Mode, OFlags};

    use super::{File, Path, SecretsFileError, io};

    /// Opens a file, checks its owner and mode, and returns whether it is a pipe.
    pub(super) fn open(path: &Path) -> Result<(File, bool), SecretsFileError> {
        // Opening a pipe waits for a writer, unless it is told not to.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file =
            File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?);
        rustix::fs::fcntl_setfl(&file, OFlags::empty()).map_err(io::Error::from)?;
        // The open file is asked, since its name may point elsewhere by now.
        let metadata = file.metadata()?;
        if metadata.mode() & 0o077 != 0 {
            return Err(SecretsFileError::Permissions);
        }
        if !is_trusted(metadata.uid()) {
            return Err(SecretsFileError::Owner);
        }
        check_folder(path)?;
        // A link has a folder of its own. What the shell hands over (`/dev/fd/63`) may have no name.
        if let Ok(path) = path.canonicalize() {
            check_folder(&path)?;
        }
        Ok((file, metadata.file_type().is_fifo()))
    }

    /// A user who may write to the folder could replace the file.
    fn check_folder(path: &Path) -> Result<(), SecretsFileError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let metadata = folder.metadata()?;
        let writable = metadata.mode() & 0o022 != 0 && !is_read_only(folder);
        if writable || !is_trusted(metadata.uid()) {
            return Err(SecretsFileError::Folder);
        }
        Ok(())
    }

    /// Returns whether it is mounted read-only: Kubernetes mounts secrets so, with mode 1777.
    fn is_read_only(folder: &Path) -> bool {
        rustix::fs::statvfs(folder)
            .is_ok_and(|system| system.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }

    /// Returns whether the owner is root or the user of this process.
    fn is_trusted(owner: u32) -> bool {
        owner == 0 || owner == rustix::process::geteuid().as_raw()
    }
}

impl From<io::Error> for SecretsFileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl fmt::Display for SecretsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(kind) => {
                return write!(f, "file of application secrets cannot be read: {kind}");
            }
            Self::Permissions => "file of application secrets must have mode 0600 or 0400",
            Self::Owner => "file of application secrets must be owned by the user or by root",
            Self::Folder => {
                "file of application secrets must be in a folder that other users cannot write to"
            }
            Self::Pipe => "pipe of application secrets has no writer, or nothing was written to it",
            Self::Unfinished => {
                "last line of the file of application secrets has no end: it may be a copy that \
                 broke off"
            }
            Self::Empty => "file of application secrets has no secret",
            Self::Secrets(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for SecretsFileError {}

otp_core::__debug_error!(
    enum SecretsFileError {
        Io(kind),
        Permissions,
        Owner,
        Folder,
        Pipe,
        Unfinished,
        Empty,
        Secrets(error),
    }
);
