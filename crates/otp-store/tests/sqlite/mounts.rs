//! A file that is mounted into another folder has one hard link and two paths. The test needs the
//! right to mount, in a namespace of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{command, kill, start};
use crate::site::{NOW, Site};

/// Returns the command that mounts one path at another and then verifies through a third.
fn mounted(from: &Path, at: &Path, path: &Path) -> Command {
    let inner = command(path, NOW + 60);
    let mut outer = Command::new("unshare");
    outer.args(["-rm", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\""]);
    outer.arg(from).arg(at).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        outer.env(name, value.unwrap());
    }
    outer
}

#[test]
fn sqlite_file_that_is_a_mount_point_is_refused() {
    let site = Site::new();
    let elsewhere = tempfile::tempdir_in(site.folder.path()).unwrap();
    let target = elsewhere.path().join("otp.db");
    fs::write(&target, "").unwrap();
    // A service holds the file, with its spent counters in the log.
    let (service, verdict) = start(command(&site.path, NOW + 60));
    assert!(verdict.contains("Accepted"), "{verdict}");
    let (process, refused) = start(mounted(&site.path, &target, &target));
    kill(process);
    assert!(refused.contains("mount point"), "{refused}");
    // The control: with the folder mounted, both paths have one log, and the code is spent.
    let folder = tempfile::tempdir().unwrap();
    let (process, replayed) =
        start(mounted(site.folder.path(), folder.path(), &folder.path().join("otp.db")));
    kill(process);
    kill(service);
    assert!(replayed.contains("code not accepted: replayed"), "{replayed}");
}
