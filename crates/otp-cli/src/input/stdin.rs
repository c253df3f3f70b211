use std::fs::File;
use std::io;

/// Opens standard input without the buffer of `std::io::stdin`, which is never wiped.
#[cfg(unix)]
pub(crate) fn open() -> io::Result<File> {
    use std::os::fd::AsFd;

    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

/// Opens standard input without the buffer of `std::io::stdin`, which is never wiped.
#[cfg(windows)]
pub(crate) fn open() -> io::Result<File> {
    use std::os::windows::io::AsHandle;

    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}
