use std::fs::{Metadata, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

#[cfg(target_os = "linux")]
use super::mount;
use crate::{EngineError, EngineErrorKind, Error};

/// Creates the file before SQLite would with the process's default mode, or checks the existing
/// one.
///
/// The folder is checked too: a user who may write to it could replace the file, or put a
/// write-ahead log beside it. A sticky bit prevents only the first.
pub(super) fn create_private(path: &Path) -> Result<(), Error> {
    create_folder(path)?;
    check_folder(path)?;
    match new_private(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check(path),
        Err(error) => Err(Error::File(error)),
        // The name must survive a crash, too.
        Ok(()) => sync_folder(path),
    }
}

/// Creates the last folder of a path for its owner alone, if it is missing.
fn create_folder(path: &Path) -> Result<(), Error> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder(path)) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Error::File(error)),
        _ => Ok(()),
    }
}

fn new_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Checks that the file exists and is private, and checks its folder.
pub(super) fn check_existing(path: &Path) -> Result<(), Error> {
    match check_folder(path).and_then(|()| check(path)) {
        Err(Error::File(error)) if error.kind() == ErrorKind::NotFound => Err(missing(path)),
        checked => checked,
    }
}

/// Makes the error for a file without a database.
pub(super) fn missing(path: &Path) -> Error {
    Error::Missing(format!("database in the file {:?}", path.display().to_string()))
}

fn check(path: &Path) -> Result<(), Error> {
    // Report a folder, link or device as such, not by its mode.
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Err(Error::Link);
    }
    if !metadata.is_file() {
        return Err(Error::Foreign);
    }
    // SQLite takes a file shorter than its smallest page as empty, and overwrites it.
    if (1..512).contains(&metadata.len()) {
        return Err(Error::Foreign);
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(Error::Permissions);
    }
    // SQLite gives the log and the shared memory this mode, and they would keep it.
    if metadata.permissions().readonly() {
        return Err(EngineError::from(EngineErrorKind::ReadOnly).into());
    }
    check_paths(path, &metadata)
}

/// Refuses a file with a second path. SQLite's log lies beside the path, so two processes that use
/// two paths would have two logs, and each would accept a used code.
fn check_paths(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(metadata) != 1 {
        return Err(Error::SecondPath("it has more than one hard link; delete the others"));
    }
    #[cfg(target_os = "linux")]
    mount::check(path, folder(path), metadata)?;
    #[cfg(not(unix))]
    let _ = (path, metadata);
    Ok(())
}

/// Returns the folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix has modes"))]
pub(super) fn check_folder(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(folder(path))?;
        if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0 {
            return Err(Error::Folder(folder(path).to_owned()));
        }
    }
    Ok(())
}

/// Syncs the names in a file's folder to the disk.
#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix syncs a folder"))]
pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    std::fs::File::open(folder(path))?.sync_all()?;
    Ok(())
}
