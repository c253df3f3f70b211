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

impl PictureFiles {
    /// Writes what was asked for and names it: all of it, or nothing.
    pub(crate) fn write(&self, uri: &KeyUri) -> Result<Vec<&'static str>, Failure> {
        let mut written = Vec::new();
        if self.svg.is_none() && self.png.is_none() {
            return Ok(written);
        }
        let qr = Qr::new(uri)?;
        if let Some(path) = &self.svg {
            create("svg", path, Zeroizing::new(qr.svg()).as_bytes())?;
            written.push("svg");
        }
        if let Some(path) = &self.png {
            let result = create("png", path, &Zeroizing::new(qr.png()));
            if let (Err(_), Some(svg)) = (&result, &self.svg) {
                let _ = fs::remove_file(svg);
            }
            result?;
            written.push("png");
        }
        Ok(written)
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
