use arbitrary::{Result, Unstructured};
use otp_context::{Record, StoredKey};

use crate::{kind, number, sealed_key, secret, text};

/// Returns the key of a record ([`StoredKey`]): in plain text or sealed.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn stored_key(bytes: &mut Unstructured<'_>) -> Result<StoredKey> {
    Ok(if bytes.arbitrary()? {
        StoredKey::Sealed(sealed_key(bytes)?)
    } else {
        StoredKey::Plain(secret(bytes)?)
    })
}

/// Returns a [`Record`]: a stored credential, in any state.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn record(bytes: &mut Unstructured<'_>) -> Result<Record> {
    let (kind, key, next) = (kind(bytes)?, stored_key(bytes)?, number(bytes)?);
    let (account, issuer) = (text::name(bytes)?, text::name(bytes)?);
    Ok(Record::new(kind, key).with_account(&account).with_issuer(&issuer).with_next(next))
}
