use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::iter;
use std::path::{Path, PathBuf};

use clap::Args;
use otp_uri::migration::PageUri;
use otp_uri::{KeyUri, Qr};
use zeroize::Zeroizing;

use crate::failure::{Failure, FailureKind};
use crate::input::screen;
use crate::output::Output;
use crate::usage::refuse;

/// The options that write a QR code to files.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureFiles {
    /// Write the QR code to a new SVG file; several get numbered names
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the QR code to a new PNG file; several get numbered names
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Exchange light and dark, for a window that shows dark text on light
    #[arg(long)]
    invert: bool,
}

/// The files that were written.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<(&'static str, PathBuf)>);

impl PictureFiles {
    /// Refuses these options for a form that has no QR codes.
    pub(crate) fn refuse(&self, what: &str) -> Result<(), Failure> {
        let (svg, png) = (self.svg.is_some(), self.png.is_some());
        refuse(what, &[("svg", svg), ("png", png), ("invert", self.invert)])
    }

    /// Shows a QR code in characters. On a terminal it sets both colours: those of the window may
    /// invert the code, and then apps cannot read it.
    pub(crate) fn show(&self, code: &str, output: &mut Output) -> Result<(), Failure> {
        let characters = self.characters(code);
        if !io::stdout().is_terminal() {
            return output.text(&characters);
        }
        // The text has its full size from the start: growing would leave copies behind.
        let line = WHITE_ON_BLACK.len().saturating_add(PLAIN.len()).saturating_add(1);
        let ends = characters.lines().count().saturating_mul(line);
        let mut text = Zeroizing::new(String::with_capacity(characters.len().saturating_add(ends)));
        for line in characters.lines() {
            for part in [WHITE_ON_BLACK, line, PLAIN, "\n"] {
                text.push_str(part);
            }
        }
        output.text(&text)?;
        let width = code.lines().next().map_or(0, |line| line.chars().count());
        if let Some((_, columns)) = screen::size().filter(|(_, columns)| *columns < width) {
            output.note(&format!(
                "otp: QR code needs {width} columns, and the window has {columns}; make the window \
                 wider, or write a file with --svg FILE"
            ));
        }
        Ok(())
    }

    /// Returns a QR code in characters, light on dark, or inverted.
    pub(crate) fn characters(&self, code: &str) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(code.len().saturating_mul(3)));
        text.extend(code.chars().map(|character| match character {
            ' ' if self.invert => '\u{2588}',
            '\u{2588}' if self.invert => ' ',
            '\u{2580}' if self.invert => '\u{2584}',
            '\u{2584}' if self.invert => '\u{2580}',
            character => character,
        }));
        text
    }

    /// Returns whether an option asks for a file.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.svg.is_some() || self.png.is_some()
    }

    /// Writes the files that were asked for: all, or none.
    pub(crate) fn write(&self, uri: &KeyUri) -> Result<Written, Failure> {
        self.write_all(iter::once(uri).map(Qr::new))
    }

    /// Writes the QR codes of the pages of an export. Several pages get numbered names.
    pub(crate) fn write_pages(&self, pages: &[PageUri]) -> Result<Written, Failure> {
        self.write_all(pages.iter().map(Qr::of_page))
    }

    fn write_all(
        &self,
        codes: impl ExactSizeIterator<Item = Result<Qr, otp_uri::Error>>,
    ) -> Result<Written, Failure> {
        let mut written = Written::default();
        if !self.is_wanted() {
            return Ok(written);
        }
        let is_alone = codes.len() == 1;
        for (number, code) in (1_usize..).zip(codes) {
            let number = (!is_alone).then_some(number);
            let one = code.map_err(Failure::from);
            if let Err(failure) = one.and_then(|code| self.write_one(&code, number, &mut written)) {
                written.remove();
                return Err(failure);
            }
        }
        Ok(written)
    }

    fn write_one(
        &self,
        code: &Qr,
        number: Option<usize>,
        written: &mut Written,
    ) -> Result<(), Failure> {
        let name = |path: &Path| number.map_or(path.to_owned(), |number| numbered(path, number));
        if let Some(path) = self.svg.as_deref().map(name) {
            create("svg", &path, Zeroizing::new(code.svg()).as_bytes())?;
            written.0.push(("svg", path));
        }
        if let Some(path) = self.png.as_deref().map(name) {
            create("png", &path, &Zeroizing::new(code.png()))?;
            written.0.push(("png", path));
        }
        Ok(())
    }
}

/// Returns a path with a number before its extension.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let Some(stem) = path.file_stem() else { return path.to_owned() };
    let mut name = stem.to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

impl Written {
    /// Returns the names of the options that asked for the files.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    /// Removes the files, because the command failed. Ignores a failure to do so.
    pub(crate) fn remove(self) {
        for (_, path) in self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// White on black, in colours that no theme of a terminal changes.
const WHITE_ON_BLACK: &str = "\x1b[38;5;231;48;5;16m";
/// The colours of the window.
const PLAIN: &str = "\x1b[0m";

/// Returns the QR code of a URI in characters, for a terminal.
pub(crate) fn terminal(uri: &KeyUri) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(Qr::new(uri)?.terminal()))
}

/// Returns the QR code of a page of an export in characters, for a terminal.
pub(crate) fn terminal_page(page: &PageUri) -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(Qr::of_page(page)?.terminal()))
}

/// Writes a new file with mode 0600. A file that exists is not changed.
fn create(part: &'static str, path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut file = open_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(
            FailureKind::Exists,
            part,
            format!("{part}: the file exists, and is not replaced; give another path"),
        ),
        _ => Failure::file(part, path, &error),
    })?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = fs::remove_file(path);
        Failure::file(part, path, &error)
    })
}

fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_written_before_the_extension() {
        for (path, expected) in [
            ("export.png", "export-12.png"),
            ("a.b/export", "a.b/export-12"),
            ("/tmp/a.b.svg", "/tmp/a.b-12.svg"),
            (".hidden", ".hidden-12"),
            // This names no file. Creating it fails later.
            ("..", ".."),
        ] {
            assert_eq!(numbered(Path::new(path), 12), Path::new(expected));
        }
    }
}
