use std::fs::OpenOptions;
use std::path::Path;

use crate::{EngineError, EngineErrorKind, Error};

/// Creates the file before SQLite would with the process's default mode, or checks the one there.
///
/// Its folder is checked too: who may write there could put another file in its place, or a
/// write-ahead log beside it. A sticky bit forbids the one but not the other.
pub(super) fn create_private(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    check_folder(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => check(path),
        result => result.map(drop).map_err(Error::File),
    }
}

fn check(path: &Path) -> Result<(), Error> {
    // The mode of a folder, a link or a device is not what is wrong with it.
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Err(Error::Link);
    }
    if !metadata.is_file() {
        return Err(Error::Foreign);
    }
    // SQLite takes what is shorter than its smallest page for an empty file, and overwrites it.
    if (1..512).contains(&metadata.len()) {
        return Err(Error::Foreign);
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(Error::Permissions);
    }
    // SQLite gives the files beside it the same mode, and they would keep it.
    if metadata.permissions().readonly() {
        return Err(EngineError::from(EngineErrorKind::ReadOnly).into());
    }
    Ok(())
}

#[cfg(unix)]
fn check_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let metadata = std::fs::metadata(folder.unwrap_or(Path::new(".")))?;
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0 {
        return Err(Error::Permissions);
    }
    Ok(())
}
