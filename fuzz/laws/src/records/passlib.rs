//! The laws of passlib's form, which is written as JSON, whatever it was read from.

use arbitrary::Unstructured;
use otp_context::wallet::passlib::PasslibKey;
use otp_context::{Record, StoredKey};
use otp_core::Secret;
use otp_serde::passlib::{self, PasslibRecord};
use otp_uri::OtpKind;
use serde_json::Value;

use super::format::Format;
use super::forms::{Form, Reading, Store, same_record};

pub(super) const FORM: Form = Form {
    name: "passlib",
    document,
    value,
    convert: |from, bytes, _| Ok(json(&from.read::<PasslibRecord>(bytes)?.0).into_bytes()),
    shown: |from, bytes| Ok(format!("{:?}", from.read::<PasslibRecord>(bytes)?.0)),
};

fn json(record: &Record) -> String {
    passlib::reveal_json(record).expect("a record is written").to_string()
}

fn document(format: Format, document: &[u8], store: Store) -> Reading<()> {
    let PasslibRecord(record) = format.read(document)?;
    let write = |record: &Record| store(json(record).into_bytes());
    let written = write(&record);
    let again: PasslibRecord = Format::Json.read(&written).expect("what was written is read");
    assert!(same_record(&again.0, &record), "what was written is read otherwise");
    assert_eq!(write(&again.0), written, "what was written changes");
    Ok(())
}

/// The text is what another writer of sorted JSON in ASCII makes of the fields, and these are read as the
/// record from another format, too.
fn value(_: Format, bytes: &[u8], store: Store) {
    let record = made(&mut Unstructured::new(bytes)).expect("a record of any input");
    let text = String::from_utf8(store(json(&record).into_bytes())).expect("it is text");
    let fields: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(ascii(&fields.to_string()), text, "another text of the fields");
    let cbor = Format::Cbor.write(&fields).expect("fields are written");
    for (format, document) in [(Format::Json, text.as_bytes()), (Format::Cbor, &cbor)] {
        let read = format.read::<PasslibRecord>(document).expect("what was written is read");
        assert!(same_record(&read.0, &record), "a record is read otherwise");
    }
}

/// Returns a record that passlib has a form for.
fn made(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Record> {
    let plain = otp_arbitrary::secret(bytes)?;
    let key = if bytes.arbitrary()? {
        let (cost, tag) = (bytes.int_in_range(0..=24)?, otp_arbitrary::tag(bytes)?);
        let (salt, key): (&[u8], _) = (bytes.arbitrary()?, plain.reveal_base32());
        let salt = Secret::new(&salt[..salt.len().min(320)]);
        let salt = salt.map_or_else(|_| String::new(), |it| it.reveal_base32().as_str().to_owned());
        let key = PasslibKey::from_fields(1, cost, tag.as_str(), &salt, key.as_str());
        StoredKey::Passlib(key.expect("fields of a key"))
    } else {
        StoredKey::Plain(plain)
    };
    let other = otp_arbitrary::record(bytes)?;
    let kind = if other.kind() == OtpKind::Steam { OtpKind::default() } else { other.kind() };
    let name = |name: Option<&str>| name.unwrap_or_default().replace(':', ";");
    // In passlib 0 means that no counter is spent, so a spent counter 0 is lost.
    let next = if other.next() == 1 { 2 } else { other.next() };
    Ok(Record::new(kind, key)
        .with_account(&name(other.account()))
        .with_issuer(&name(other.issuer()))
        .with_next(next))
}

/// Escapes all characters outside ASCII.
fn ascii(json: &str) -> String {
    let escaped = |unit: &u16| match u8::try_from(*unit) {
        Ok(byte @ 0..=b'~') => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    json.encode_utf16().collect::<Vec<_>>().iter().map(escaped).collect()
}
