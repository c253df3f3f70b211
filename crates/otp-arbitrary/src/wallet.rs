use arbitrary::{Error, Result, Unstructured};
use otp_context::wallet::{
    ApplicationSecret, ApplicationSecrets, KeyOwner, SealedKey, Tag, Wallet,
};

use crate::key_bytes;

/// Returns a [`Tag`]: the name of an application secret.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn tag(bytes: &mut Unstructured<'_>) -> Result<Tag> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    let mut text = String::from(char::from(*bytes.choose(LETTERS.get(..62).unwrap_or(LETTERS))?));
    for _ in 1..bytes.int_in_range(1..=64)? {
        text.push(char::from(*bytes.choose(LETTERS)?));
    }
    text.parse().map_err(|_| Error::IncorrectFormat)
}

/// Returns an [`ApplicationSecret`] of at least 16 bytes, as a wallet requires.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn application_secret(bytes: &mut Unstructured<'_>) -> Result<ApplicationSecret> {
    let mut secret = key_bytes(bytes)?;
    secret.resize(secret.len().max(16), 0x5a);
    ApplicationSecret::new(secret).map_err(|_| Error::IncorrectFormat)
}

/// Returns one to four [`ApplicationSecrets`].
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn secrets(bytes: &mut Unstructured<'_>) -> Result<ApplicationSecrets> {
    let first = (tag(bytes)?, application_secret(bytes)?);
    let mut all = vec![first];
    for _ in 0..bytes.int_in_range(0..=3)? {
        let (tag, secret) = (tag(bytes)?, application_secret(bytes)?);
        if all.iter().all(|(known, other)| *known != tag && *other != secret) {
            all.push((tag, secret));
        }
    }
    let mut secrets = ApplicationSecrets::new();
    for (tag, secret) in all {
        secrets = secrets.with(tag, secret).map_err(|_| Error::IncorrectFormat)?;
    }
    Ok(secrets)
}

/// Returns a [`Wallet`]. Any of its secrets may be the current one.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn wallet(bytes: &mut Unstructured<'_>) -> Result<Wallet> {
    let secrets = secrets(bytes)?;
    let tags: Vec<_> = secrets.iter().map(|(tag, _)| tag.clone()).collect();
    let current = bytes.choose(&tags)?.clone();
    Wallet::new(current, &secrets).map_err(|_| Error::IncorrectFormat)
}

/// Returns a [`KeyOwner`]: the owner of a sealed key.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn owner<'a>(bytes: &mut Unstructured<'a>) -> Result<KeyOwner<'a>> {
    let (user, credential, namespace) =
        (bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary()?);
    Ok(KeyOwner::new(user, credential).with_namespace(namespace))
}

/// Returns a [`SealedKey`] that is well formed, and that no wallet opens.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn sealed_key(bytes: &mut Unstructured<'_>) -> Result<SealedKey> {
    let (tag, nonce) = (tag(bytes)?, bytes.arbitrary()?);
    // A check value of 16 bytes, a key of 1 to 256 bytes, and an authentication tag of 16 bytes.
    let mut body = vec![0; bytes.int_in_range(33..=288)?];
    bytes.fill_buffer(&mut body)?;
    SealedKey::from_parts(tag, nonce, body).map_err(|_| Error::IncorrectFormat)
}
