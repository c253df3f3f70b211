use std::fs::OpenOptions;
use std::path::Path;

use crate::Error;

/// Creates the file before SQLite would with the process's default mode, or checks the one there.
pub(super) fn create_private(path: &Path) -> Result<(), Error> {
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
    let metadata = std::fs::metadata(path)?;
    // The mode of a folder or a device is not what is wrong with it.
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
    Ok(())
}
