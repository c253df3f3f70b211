//! A key that is encrypted as passlib does opens as what it was, no cost above the bound is obeyed,
//! and of a changed one nothing but as many bytes comes out.
//!
//! Input: cost, the bound on it, and what is changed in the ciphertext: a byte each; the salt, 12
//! bytes; the rest is the key, and once more the fields as text, a NUL between them.

use otp_context::wallet::ApplicationSecrets;
use otp_context::wallet::passlib::{
    PasslibError, PasslibKey, PasslibWallet, UnauthenticatedKey, UnreleasedFormat,
};
use otp_core::Secret;

use crate::bytes::Bytes;
use crate::errors;

/// What stands beside the key in passlib's record.
const TAG: &str = "1";

/// What the laws are about; a control is another in one thing.
#[derive(Clone, Copy)]
struct Subject {
    open: fn(&PasslibWallet, &PasslibKey) -> Result<UnauthenticatedKey, PasslibError>,
    /// Version, cost, tag, salt and key.
    read: fn(u64, u64, &str, &str, &str) -> Result<PasslibKey, PasslibError>,
}

const PASSLIB: Subject = Subject { open: PasslibWallet::open, read: PasslibKey::from_fields };

/// The law.
pub fn check(data: &[u8]) {
    against(data, &PASSLIB);
}

fn wallet(cost: u8, most: u8) -> PasslibWallet {
    let secrets = ApplicationSecrets::parse("1: a secret of the application").expect("a secret");
    let wallet = PasslibWallet::new(secrets).expect("a wallet").with_cost(cost);
    wallet.and_then(|wallet| wallet.with_most_cost(most)).expect("costs within the bound")
}

fn against(data: &[u8], subject: &Subject) {
    let Subject { open, read } = *subject;
    let mut bytes = Bytes(data);
    let (cost, most, change) = (bytes.byte() % 8, bytes.byte() % 8, bytes.byte());
    let salt = bytes.some(12).to_vec();
    let rest = bytes.rest();
    reads(rest, subject);
    let Ok(secret) = Secret::new(rest) else { return };
    let sealed = wallet(cost, 7).seal(&secret, |buffer| {
        buffer[..salt.len()].copy_from_slice(&salt);
        Ok(())
    });
    let sealed = sealed.expect("a salt was given");
    let opened = open(&wallet(0, 7), &sealed).expect("what was encrypted opens");
    assert!(*opened.secret() == secret, "another key comes out");
    let bounded = open(&wallet(0, most), &sealed).map(|_| ());
    let expected = if cost > most { Err(PasslibError::Cost) } else { Ok(()) };
    assert_eq!(bounded, expected, "a cost of {cost} with a bound of {most}");

    let from_text = |salt: &str, key: &str| read(1, cost.into(), TAG, salt, key);
    let again = from_text(&sealed.salt_base32(), &sealed.key_base32());
    assert!(again.is_ok_and(|again| again == sealed), "its text is not read");
    let mut body = Secret::from_base32(&sealed.key_base32()).expect("ciphertext").reveal().to_vec();
    let length = body.len();
    body[usize::from(change) % length] ^= change | 1;
    let body = Secret::try_from(body).expect("no shorter");
    let body = body.reveal_base32();
    let changed = from_text(&sealed.salt_base32(), body.as_str()).expect("as long");
    let changed = open(&wallet(0, 7), &changed).expect("no check notices");
    assert_eq!(changed.secret().len(), secret.len(), "a changed one has another length");
    assert!(*changed.secret() != secret, "a changed one opens as what it was");
}

/// Fields of a record as they may stand in a database.
fn reads(rest: &[u8], subject: &Subject) {
    let Ok(text) = core::str::from_utf8(rest) else { return };
    let _ = UnreleasedFormat::recognise(text);
    let fields = |text: &str| fields(text, subject);
    match fields(text) {
        Ok(key) => {
            let mut lengths = text.split('\0').map(|field| field.len() as u64);
            let mut length = || lengths.next().unwrap_or_default();
            let (version, cost) = (length(), length());
            assert!(version == 1 && cost <= 24, "what is read is out of bounds");
            assert_eq!(u64::from(key.cost()), cost, "another cost is read");
            let (salt, body) = (key.salt_base32(), key.key_base32());
            let again = (subject.read)(1, cost, key.tag().as_str(), &salt, &body);
            assert!(again.is_ok_and(|again| again == key), "what was read changes");
        }
        Err(error) => errors::keep_quiet_on_text(text, &error, fields),
    }
}

fn fields(text: &str, subject: &Subject) -> Result<PasslibKey, PasslibError> {
    let mut fields = text.split('\0');
    let mut field = || fields.next().unwrap_or_default();
    let (version, cost) = (field().len() as u64, field().len() as u64);
    (subject.read)(version, cost, field(), field(), field())
}

#[cfg(test)]
mod tests {
    use super::{PASSLIB, Subject, against, wallet};
    use crate::control::notices;
    use otp_context::wallet::ApplicationSecrets;
    use otp_context::wallet::passlib::{PasslibKey, PasslibWallet};
    use otp_core::Secret;

    const INPUT: &[u8] = b"\x03\x02\x05saltsaltsalt12345678901234567890";
    const FIELDS: &[u8] = b"\x03\x02\x05saltsaltsaltv\0cccc\0t\0MZXW6\0MZXW6YTB";

    #[test]
    fn reader_or_wallet_with_one_flaw_does_not() {
        let is_noticed = |words, input, flaw: fn(&mut Subject)| {
            let mut passlib = PASSLIB;
            flaw(&mut passlib);
            notices(words, || against(input, &passlib));
        };
        is_noticed("with a bound of", INPUT, |obeys_any_cost| {
            obeys_any_cost.open = |_, key| wallet(0, 7).open(key);
        });
        is_noticed("another key comes out", INPUT, |has_another_secret| {
            has_another_secret.open = |_, key| {
                let secrets = ApplicationSecrets::parse("1: another one of the application");
                PasslibWallet::new(secrets.unwrap()).unwrap().open(key)
            };
        });
        is_noticed("a changed one opens as what it was", INPUT, |knows_the_key_by_heart| {
            knows_the_key_by_heart.open = |wallet, key| {
                let _ = wallet.open(key)?;
                let secret = Secret::new(&INPUT[15..]).unwrap();
                wallet.open(&wallet.seal(&secret, |_| Ok(())).unwrap())
            };
        });
        is_noticed("its text is not read", INPUT, |forgets_the_salt| {
            forgets_the_salt.read = |version, cost, tag, _, key| {
                PasslibKey::from_fields(version, cost, tag, "MZXW6YTB", key)
            };
        });
        is_noticed("another cost is read", FIELDS, |reads_a_higher_cost| {
            reads_a_higher_cost.read = |version, cost, tag, salt, key| {
                PasslibKey::from_fields(version, cost + 1, tag, salt, key)
            };
        });
    }
}
