use arbitrary::{Error, Result, Unstructured};
use otp_core::Secret;

/// Usual lengths of keys, and lengths around the blocks of the hashes.
const LENGTHS: [usize; 16] = [1, 9, 10, 15, 16, 20, 32, 63, 64, 65, 127, 128, 129, 200, 256, 257];

/// Returns the bytes of a key, 1 to 257.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn key_bytes(bytes: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut key = vec![0; *bytes.choose(&LENGTHS)?];
    // Missing bytes are zeros.
    bytes.fill_buffer(&mut key)?;
    Ok(key)
}

/// Returns a key ([`Secret`]) of 1 to 257 bytes.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn secret(bytes: &mut Unstructured<'_>) -> Result<Secret> {
    Secret::try_from(key_bytes(bytes)?).map_err(|_| Error::IncorrectFormat)
}
