use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Error;

/// Which files a connection has open: the database, its log and the memory shared by processes.
///
/// A service that goes on in a file that was replaced or deleted accepts codes that every other
/// process accepts, too. On Unix the paths are compared with the open files at each answer. Windows
/// itself refuses to replace or delete a file that SQLite has open.
#[derive(Debug)]
pub(super) struct Identity {
    files: [(PathBuf, FileId); 3],
}

/// The device and the number of a file.
type FileId = (u64, u64);

impl Identity {
    /// Looks at the files of a connection that has read from the database, so that all are there.
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

    /// Refuses an answer if one of the paths leads to another file by now, or to none.
    pub(super) fn check(&self) -> Result<(), Error> {
        let same = |(path, known): &(PathBuf, FileId)| id(path).is_ok_and(|id| id == *known);
        if self.files.iter().all(same) { Ok(()) } else { Err(Error::Moved) }
    }
}

/// Asks Linux for the number and nothing else. A question for the times of a file makes the next
/// write to it store a new time, and the sync after that write then syncs the inode, too (Linux 6.13
/// and later).
#[cfg(target_os = "linux")]
fn id(path: &Path) -> Result<FileId, Error> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};

    match statx(CWD, path, AtFlags::empty(), StatxFlags::INO) {
        Ok(told) => Ok((makedev(told.stx_dev_major, told.stx_dev_minor), told.stx_ino)),
        // Older kernels do not know the call, and some containers forbid it.
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
    fn both_ways_know_a_file_by_the_same_numbers() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(id(file.path()).unwrap(), id_with_times(file.path()).unwrap());
    }
}
