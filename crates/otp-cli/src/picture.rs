use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use otp_uri::{KeyUri, Qr};
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};

/// The options that write a QR code to files.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureFiles {
    /// Write the QR code to a new SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the QR code to a new PNG file
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

/// The files that were written.
#[derive(Debug, Default)]
pub(crate) struct Written<'a>(Vec<(&'static str, &'a Path)>);

impl PictureFiles {
    /// Writes what was asked for: all of it, or nothing.
    pub(crate) fn write(&self, uri: &KeyUri) -> Result<Written<'_>, Failure> {
        let mut written = Written::default();
        if self.svg.is_none() && self.png.is_none() {
            return Ok(written);
        }
        let qr = Qr::new(uri)?;
        if let Some(path) = &self.svg {
            create("svg", path, Zeroizing::new(qr.svg()).as_bytes())?;
            written.0.push(("svg", path));
        }
        if let Some(path) = &self.png {
            if let Err(failure) = create("png", path, &Zeroizing::new(qr.png())) {
                written.remove();
                return Err(failure);
            }
            written.0.push(("png", path));
        }
        Ok(written)
    }
}

impl Written<'_> {
    /// The options that named them.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    /// Takes them back, as far as that goes: what they were for has failed.
    pub(crate) fn remove(self) {
        for (_, path) in self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// The QR code of a URI in characters, for a terminal.
pub(crate) fn terminal(uri: &KeyUri) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(Qr::new(uri)?.terminal()))
}

/// Writes a new file for its owner alone; one that is there already is left as it is.
fn create(part: &'static str, path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut file = open_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            Kind::Exists,
            part,
            format!("{part}: the file exists, and is not replaced"),
        ),
        _ => Failure::io(part, &error),
    })?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = fs::remove_file(path);
        Failure::io(part, &error)
    })
}

fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
