use arbitrary::{Error, Result, Unstructured};
use otp_context::recovery::{RecoveryCode, RecoveryCodeSize};

use crate::text::damaged;

/// The separators that people type or paste between two groups.
const SEPARATORS: [&str; 12] = [
    "-", "", " ", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}",
    "\u{2212}", "\u{a0}", " - ",
];
/// Typing errors, and characters that are read as others.
const TYPED: [&str; 14] =
    ["-", " ", "0", "o", "O", "I", "l", "U", "u", "_", "\n", "٣", "６", "\u{200b}"];

/// Returns a [`RecoveryCode`] of either size.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn recovery_code(bytes: &mut Unstructured<'_>) -> Result<RecoveryCode> {
    let size = if bytes.ratio(2, 3)? { RecoveryCodeSize::Standard } else { RecoveryCodeSize::Long };
    let mut entropy = [0; 15];
    // Missing bytes are zeros.
    bytes.fill_buffer(&mut entropy)?;
    let fill = |buffer: &mut [u8]| {
        buffer.iter_mut().zip(entropy).for_each(|(slot, byte)| *slot = byte);
        Ok(())
    };
    RecoveryCode::generate(size, fill).map_err(|_| Error::IncorrectFormat)
}

/// Returns a typed recovery code. It is often this code, as people type it: in lower case, with I, L and O for
/// digits, with other hyphens. Otherwise it has a typing error.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn typed_recovery_code(bytes: &mut Unstructured<'_>, code: &RecoveryCode) -> Result<String> {
    let mut text = code.reveal().as_str().replace('-', bytes.choose(&SEPARATORS)?);
    if bytes.ratio(1, 4)? {
        text = text.replace('0', "O").replace('1', bytes.choose(&["I", "L"])?);
    }
    if bytes.arbitrary()? {
        text.make_ascii_lowercase();
    }
    if bytes.ratio(1, 2)? { damaged(bytes, text, &TYPED) } else { Ok(text) }
}
