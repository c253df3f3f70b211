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

fn id(path: &Path) -> Result<FileId, Error> {
    let metadata = std::fs::metadata(path).map_err(|_| Error::Moved)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        drop(metadata);
        Ok((0, 0))
    }
}
