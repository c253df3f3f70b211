use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Error;

/// The files that a connection has open: the database, its log and the shared memory.
///
/// A service that continues with a replaced or deleted file would accept codes that were used in
/// the new one. On Unix each reply compares the paths with the open files. Windows itself refuses
/// to replace or delete a file that SQLite has open.
#[derive(Debug)]
pub(super) struct Identity {
    files: [(PathBuf, FileId); 3],
}

/// The device and the inode number of a file.
type FileId = (u64, u64);

impl Identity {
    /// Identifies the files of a connection. It must have read from the database, so that all files
    /// exist.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let beside = |ending: &str| {
            let mut name = OsString::from(path);
            name.push(ending);
            PathBuf::from(name)
        };
        let [main, log, shared] = ["", "-wal", "-shm"].map(|ending| {
            let path = beside(ending);
            id(&path).map(|id| (path, id))
        });
        Ok(Self { files: [main?, log?, shared?] })
    }

    /// Fails if one of the paths leads to another file, or to none.
    pub(super) fn check(&self) -> Result<(), Error> {
        let same = |(path, known): &(PathBuf, FileId)| id(path).is_ok_and(|id| id == *known);
        if self.files.iter().all(same) { Ok(()) } else { Err(Error::Moved) }
    }
}

/// Asks Linux for the inode number alone. A request for the times of a file makes the next write to
/// it store a new time, and the sync after that write then syncs the inode, too (Linux 6.13 and
/// later).
#[cfg(target_os = "linux")]
fn id(path: &Path) -> Result<FileId, Error> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};

    match statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
        Ok(told) => Ok((makedev(told.stx_dev_major, told.stx_dev_minor), told.stx_ino)),
        // Older kernels lack the call, and some containers forbid it.
        Err(_) => id_with_times(path),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
use id_with_times as id;

#[cfg(unix)]
fn id_with_times(path: &Path) -> Result<FileId, Error> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = std::fs::metadata(path).map_err(|_| Error::Moved)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(path: &Path) -> Result<FileId, Error> {
    std::fs::metadata(path).map(|_| (0, 0)).map_err(|_| Error::Moved)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{id, id_with_times};

    #[test]
    fn both_ways_return_the_same_numbers() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(id(file.path()).unwrap(), id_with_times(file.path()).unwrap());
    }
}
