//! A key that is encrypted as passlib does opens as what it was, no cost above the bound is obeyed,
//! and of a changed one nothing but as many bytes comes out.
//!
//! Input: cost, the bound on it, and what is changed in the ciphertext: a byte each; the salt, 12
//! bytes; the rest is the key, and once more the fields as text, a NUL between them.

use otp_context::{PasslibError, PasslibKey, PasslibWallet, Predecessor, Secrets, Unauthenticated};
use otp_core::Secret;

use crate::bytes::Bytes;
use crate::errors;

/// What stands beside the key in passlib's record.
const TAG: &str = "1";

type Opener = fn(&PasslibWallet, &PasslibKey) -> Result<Unauthenticated, PasslibError>;

/// The law.
pub fn check(data: &[u8]) {
    against(data, PasslibWallet::open);
}

fn wallet(cost: u8, most: u8) -> PasslibWallet {
    let secrets = Secrets::parse("1: a secret of the application").expect("a secret");
    let wallet = PasslibWallet::new(secrets).expect("a wallet").with_cost(cost);
    wallet.and_then(|wallet| wallet.with_most_cost(most)).expect("costs within the bound")
}

fn against(data: &[u8], opener: Opener) {
    let mut bytes = Bytes(data);
    let (cost, most, change) = (bytes.byte() % 8, bytes.byte() % 8, bytes.byte());
    let salt = bytes.some(12).to_vec();
    let rest = bytes.rest();
    reads(rest);
    let Ok(secret) = Secret::new(rest) else { return };
    let sealed = wallet(cost, 7).seal(&secret, |buffer| {
        buffer[..salt.len()].copy_from_slice(&salt);
        Ok(())
    });
    let sealed = sealed.expect("a salt was given");
    let opened = opener(&wallet(0, 7), &sealed).expect("what was encrypted opens");
    assert!(*opened.secret() == secret, "another key comes out");
    let bounded = opener(&wallet(0, most), &sealed).map(|_| ());
    let expected = if cost > most { Err(PasslibError::Cost) } else { Ok(()) };
    assert_eq!(bounded, expected, "a cost of {cost} with a bound of {most}");

    let again = from_text(cost.into(), &sealed.salt_base32(), &sealed.key_base32());
    assert!(again.is_ok_and(|again| again == sealed), "its text is not read");
    let mut body = Secret::from_base32(&sealed.key_base32()).expect("ciphertext").reveal().to_vec();
    let length = body.len();
    body[usize::from(change) % length] ^= change | 1;
    let body = Secret::new(body).expect("no shorter");
    let body = body.reveal_base32();
    let changed = from_text(cost.into(), &sealed.salt_base32(), body.as_str()).expect("as long");
    let changed = opener(&wallet(0, 7), &changed).expect("nobody can tell");
    assert!(changed.secret().len() == secret.len() && *changed.secret() != secret);
}

fn from_text(cost: u64, salt: &str, key: &str) -> Result<PasslibKey, PasslibError> {
    PasslibKey::from_fields(1, cost, TAG, salt, key)
}

/// Fields of a record as they may stand in a database.
fn reads(rest: &[u8]) {
    let Ok(text) = core::str::from_utf8(rest) else { return };
    let _ = Predecessor::recognise(text);
    match fields(text) {
        Ok(key) => {
            let mut lengths = text.split('\0').map(|field| field.len() as u64);
            let mut length = || lengths.next().unwrap_or_default();
            let (version, cost) = (length(), length());
            assert!(version == 1 && u64::from(key.cost()) == cost && cost <= 24);
            let (salt, body) = (key.salt_base32(), key.key_base32());
            let again = PasslibKey::from_fields(1, cost, key.tag().as_str(), &salt, &body);
            assert!(again.is_ok_and(|again| again == key), "what was read changes");
        }
        Err(error) => errors::keep_quiet_on_text(text, &error, fields),
    }
}

fn fields(text: &str) -> Result<PasslibKey, PasslibError> {
    let mut fields = text.split('\0');
    let mut field = || fields.next().unwrap_or_default();
    let (version, cost) = (field().len() as u64, field().len() as u64);
    PasslibKey::from_fields(version, cost, field(), field(), field())
}

#[cfg(test)]
mod tests {
    use super::{against, check, wallet};

    const INPUT: &[u8] = b"\x03\x02\x05saltsaltsalt12345678901234567890";

    #[test]
    fn the_wallet_keeps_the_law() {
        check(INPUT);
        check(b"");
        for text in
            ["v\0\x001\0ABCDEFGH\0ABCDEFGH", "v\0cccc\0t\0MZXW6\0mzxw6===", "1-0b-x-y", "\0\0\0"]
        {
            check(&[&INPUT[..15], text.as_bytes()].concat());
        }
    }

    #[test]
    #[should_panic(expected = "with a bound of")]
    fn a_wallet_that_obeys_any_cost_does_not() {
        against(INPUT, |_, key| wallet(0, 7).open(key));
    }
}
