//! A file that is mounted into another folder has one link, and two paths. It needs the right to
//! mount, in a namespace of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{command, kill, said};
use crate::site::{NOW, Site};

/// The command that mounts one path at another and then verifies through a third.
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
    // One service holds it, with what is spent in its log.
    let (service, verdict) = said(command(&site.path, NOW + 60));
    assert!(verdict.contains("Accepted"), "{verdict}");
    let (process, refused) = said(mounted(&site.path, &target, &target));
    kill(process);
    assert!(refused.contains("mount point"), "{refused}");
    // The control: where its folder is mounted, the log is the same, and the code is spent.
    let folder = tempfile::tempdir().unwrap();
    let (process, replayed) =
        said(mounted(site.folder.path(), folder.path(), &folder.path().join("otp.db")));
    kill(process);
    kill(service);
    assert!(replayed.contains("code not accepted: replayed"), "{replayed}");
}
