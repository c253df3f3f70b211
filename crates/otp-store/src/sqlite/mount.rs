use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statfs, statx};

use crate::Error;

/// File systems without working locks or shared memory between machines, or between a machine and
/// its guests: the `f_type` of `statfs(2)`. FUSE is included, because sshfs and virtiofs look like
/// any other FUSE file system.
const SHARED: [u64; 13] = [
    0x6969,      // NFS
    0x517b,      // SMB
    0xff53_4d42, // CIFS
    0xfe53_4d42, // SMB 2
    0x0102_1997, // 9P
    0x6573_5546, // FUSE
    0x5346_414f, // AFS
    0x6b41_4653, // kAFS
    0x7375_7245, // Coda
    0x00c3_6400, // Ceph
    0x0bd0_0bd0, // Lustre
    0x7461_636f, // OCFS2
    0x786f_4256, // VirtualBox shared folders
];

/// Refuses a file that is itself a mount point, since its log would lie in the folder that it is
/// mounted into. Also refuses a shared file system.
pub(super) fn check(path: &Path, folder: &Path, metadata: &Metadata) -> Result<(), Error> {
    if is_mount(path).unwrap_or(metadata.dev() != std::fs::metadata(folder)?.dev()) {
        return Err(Error::SecondPath("it is a mount point; mount its folder instead"));
    }
    let kind = statfs(path).map_err(std::io::Error::from)?.f_type;
    if u64::try_from(kind).is_ok_and(|kind| SHARED.contains(&(kind & 0xffff_ffff))) {
        return Err(Error::SharedFileSystem);
    }
    Ok(())
}

/// Returns whether a file is the root of a mount, or `None` if the kernel cannot tell.
fn is_mount(path: &Path) -> Option<bool> {
    let told = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty()).ok()?;
    let known = told.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
    known.then(|| told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}
