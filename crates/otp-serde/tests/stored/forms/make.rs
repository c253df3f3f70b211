//! Makes values of seeds, and compares them.

use otp_context::replay::Tracker;
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, Tag};
use otp_context::{Record, StoredKey};
use otp_core::Secret;
use otp_uri::{KeyUri, Label, OtpKind};

use super::Stored;

pub fn equal<T: PartialEq>(one: &T, other: &T) -> bool {
    one == other
}

pub fn copy<T: Copy>(value: &T) -> T {
    *value
}

pub fn clone<T: Clone>(value: &T) -> T {
    value.clone()
}

pub fn tracker(next: &u64) -> Tracker {
    Tracker::resume(*next)
}

pub fn secret(key: &Vec<u8>) -> Secret {
    Secret::try_from(key.clone()).unwrap()
}

pub fn key_uri((label, key, kind): &(Label, Vec<u8>, OtpKind)) -> KeyUri {
    KeyUri::new(label.clone(), secret(key), *kind).unwrap()
}

pub fn secrets(entries: &Vec<(Tag, String)>) -> ApplicationSecrets {
    entries.iter().fold(ApplicationSecrets::new(), |secrets, (tag, secret)| {
        secrets.with(tag.clone(), ApplicationSecret::new(secret.clone()).unwrap()).unwrap()
    })
}

pub fn same_secrets(one: &ApplicationSecrets, other: &ApplicationSecrets) -> bool {
    one.iter().eq(other.iter())
}

pub fn sealed_record(seed: &Stored) -> Record {
    record(&Stored { is_sealed: true, ..seed.clone() })
}

pub fn record(seed: &Stored) -> Record {
    let key = match seed.is_sealed {
        true => StoredKey::Sealed(seed.sealed.clone()),
        false => StoredKey::Plain(secret(&seed.key)),
    };
    Record::new(seed.kind, key)
        .with_account(seed.account.as_deref().unwrap_or_default())
        .with_issuer(seed.issuer.as_deref().unwrap_or_default())
        .with_next(seed.next)
}

pub fn same_record(one: &Record, other: &Record) -> bool {
    let same_key = match (one.key(), other.key()) {
        (StoredKey::Plain(one), StoredKey::Plain(other)) => one == other,
        (StoredKey::Sealed(one), StoredKey::Sealed(other)) => one == other,
        (StoredKey::Passlib(one), StoredKey::Passlib(other)) => one == other,
        _ => false,
    };
    let parts = |record: &Record| {
        let names = (record.account().map(String::from), record.issuer().map(String::from));
        (names, record.kind(), record.next())
    };
    same_key && parts(one) == parts(other)
}
