use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use qrcode::types::{Color, QrError};
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::KeyUri;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "migration")]
use crate::migration::PageUri;
use crate::part::Part;

/// The width of the light border, in modules (ISO/IEC 18004 § 9.1).
const QUIET: usize = 4;
/// The pixels of a PNG for each module.
const SCALE: usize = 8;

/// A QR code of a URI. It is wiped on drop.
///
/// It contains the key: show it only to the owner of the account, and do not store it.
///
/// ```
/// use otp_uri::{KeyUri, Qr};
///
/// let uri =
///     KeyUri::parse("otpauth://totp/ACME:bob?secret=JBSWY3DPEHPK3PXP")?.uri;
/// assert!(Qr::new(&uri)?.svg().starts_with("<svg "));
/// # Ok::<(), otp_uri::Error>(())
/// ```
pub struct Qr {
    /// The modules, row after row, with the border; 1 is dark.
    modules: Zeroizing<Vec<u8>>,
    /// The number of modules in a row, and of rows.
    width: usize,
}

impl Qr {
    /// Draws the canonical form of a URI.
    ///
    /// The code stays readable if a seventh of it is damaged (level M), or a fourteenth (level L) for
    /// a URI over 2331 bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLong`] over 2953 bytes, the most that the largest code can have.
    pub fn new(uri: &KeyUri) -> Result<Self, Error> {
        Self::encode(uri.reveal().as_str().as_bytes())
    }

    /// Draws a page of an export.
    ///
    /// # Errors
    ///
    /// Those of [`Qr::new`]. Only an account with a very long name or key is too long.
    #[cfg(feature = "migration")]
    pub fn of_page(page: &PageUri) -> Result<Self, Error> {
        Self::encode(page.reveal().as_bytes())
    }

    fn encode(text: &[u8]) -> Result<Self, Error> {
        let code = match QrCode::with_error_correction_level(text, EcLevel::M) {
            Err(QrError::DataTooLong) => QrCode::with_error_correction_level(text, EcLevel::L),
            result => result,
        };
        let code = code.map_err(|_| Error::new(ErrorKind::TooLong, Part::Qr))?;
        let inner = code.width();
        let width = inner.saturating_add(2 * QUIET);
        let mut modules = Zeroizing::new(vec![0; width.saturating_mul(width)]);
        let rows = modules.chunks_exact_mut(width.max(1)).skip(QUIET);
        for (row, colors) in rows.zip(code.to_colors().chunks(inner.max(1))) {
            for (module, color) in row.iter_mut().skip(QUIET).zip(colors) {
                *module = u8::from(*color == Color::Dark);
            }
        }
        Ok(Self { modules, width })
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.modules.chunks(self.width.max(1))
    }

    /// Returns the code in half blocks for a terminal with light text on dark. A line has two rows.
    #[must_use]
    pub fn terminal(&self) -> String {
        // Three bytes for a block and one for the end of each line.
        let line = self.width.saturating_mul(3).saturating_add(1);
        let mut text = String::with_capacity(line.saturating_mul(self.width.div_ceil(2)));
        let mut rows = self.rows();
        while let Some(upper) = rows.next() {
            // The number of rows is odd. The missing row below the last one is light.
            let lower = rows.next().unwrap_or_default().iter().chain(core::iter::repeat(&0));
            text.extend(upper.iter().zip(lower).map(|pair| match pair {
                (0, 0) => '\u{2588}',
                (0, _) => '\u{2580}',
                (_, 0) => '\u{2584}',
                _ => ' ',
            }));
            text.push('\n');
        }
        text
    }

    /// Returns the code as an SVG picture, with one unit for each module.
    #[must_use]
    pub fn svg(&self) -> String {
        let width = self.width;
        let mut runs = Zeroizing::new(String::with_capacity(self.modules.len().saturating_mul(12)));
        for (y, row) in self.rows().enumerate() {
            let mut x = 0_usize;
            for run in row.chunk_by(|a, b| a == b) {
                if run.first() == Some(&1) {
                    // Writing to a string does not fail.
                    let _ = write!(runs, "M{x} {y}h{}v1h-{}z", run.len(), run.len());
                }
                x = x.saturating_add(run.len());
            }
        }
        let mut text = String::with_capacity(runs.len().saturating_add(512));
        let _ = writeln!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" \
             width=\"{size}\" height=\"{size}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/><path d=\"{}\"/></svg>",
            runs.as_str(),
            size = width.saturating_mul(SCALE),
        );
        text
    }

    /// Returns the code as a PNG picture in black and white, with eight pixels for each module.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        // Writing to memory does not fail.
        self.encode_png().unwrap_or_default()
    }

    fn encode_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let side = self.width.saturating_mul(SCALE);
        let size = u32::try_from(side).unwrap_or(u32::MAX);
        let mut pixels = Zeroizing::new(Vec::with_capacity(self.modules.len().saturating_mul(8)));
        for row in self.rows() {
            // Eight pixels of one bit are a byte. So a module is a byte in each of eight lines.
            for _ in 0..SCALE {
                pixels.extend(row.iter().map(|dark| if *dark == 1 { 0 } else { 0xff }));
            }
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size, size);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

/// Shows no module.
impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Qr").finish_non_exhaustive()
    }
}
