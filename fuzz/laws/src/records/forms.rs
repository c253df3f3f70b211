//! Every form of otp-serde, and the laws of each: a document that is read is written and read back as the
//! same, and so is a value that is made.

use arbitrary::Unstructured;
use otp_context::replay::{Drift, Throttle, Tracker};
use otp_context::wallet::{ApplicationSecret, ApplicationSecrets, SealedKey, Tag};
use otp_context::{Record, StoredKey};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime, Window};
use otp_uri::{KeyUri, Label, OtpKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::format::Format;
use super::passlib;

/// What becomes of a document between writing and reading.
pub type Store = fn(Vec<u8>) -> Vec<u8>;

/// What reading gives, or the error of the reader.
pub type Reading<T> = Result<T, String>;

/// A form, and what can be done with it.
#[derive(Clone, Copy)]
pub struct Form {
    /// The name of its module, or nearly so.
    pub name: &'static str,
    /// Reads a document and keeps its law.
    pub document: fn(Format, &[u8], Store) -> Reading<()>,
    /// Makes a value of arbitrary bytes and keeps its law.
    pub value: fn(Format, &[u8], Store),
    /// Reads a document of one format, and writes the value in another.
    pub convert: fn(Format, &[u8], Format) -> Reading<Vec<u8>>,
    /// Reads a document, and shows the value.
    pub shown: fn(Format, &[u8]) -> Reading<String>,
}

trait Stored: Serialize + DeserializeOwned {
    /// A structure with the value in one option, and nothing in another.
    type Twin: Serialize + DeserializeOwned;
    const NAME: &'static str;

    fn of(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Self>;
    fn is(&self, other: &Self) -> bool;
    fn shown(&self) -> String;
    fn twin(self) -> Self::Twin;
    fn untwin(twin: Self::Twin) -> Option<Self>;
}

macro_rules! forms {
    ($($name:ident: $value:ty, $module:literal, $option:literal, $of:expr, $same:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Serialize, Deserialize)]
                #[serde(transparent)]
                pub(super) struct One(#[serde(with = $module)] $value);

                #[derive(Serialize, Deserialize)]
                pub(super) struct Twin {
                    #[serde(with = $option)]
                    some: Option<$value>,
                    #[serde(default, with = $option)]
                    none: Option<$value>,
                }

                impl Stored for One {
                    type Twin = Twin;
                    const NAME: &'static str = stringify!($name);

                    fn of(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
                        $of(bytes).map(Self)
                    }

                    fn is(&self, other: &Self) -> bool {
                        $same(&self.0, &other.0)
                    }

                    fn shown(&self) -> String {
                        format!("{:?}", self.0)
                    }

                    fn twin(self) -> Twin {
                        Twin { some: Some(self.0), none: None }
                    }

                    fn untwin(Twin { some, none }: Twin) -> Option<Self> {
                        assert!(none.is_none(), "an option without a value is read as one");
                        some.map(Self)
                    }
                }
            }
        )*

        /// Seeds name a form by its place.
        pub const FORMS: &[Form] = &[$(form_of::<$name::One>(),)* passlib::FORM];
    };
}

forms! {
    algorithm: Algorithm, "otp_serde::algorithm", "otp_serde::algorithm::option", otp_arbitrary::algorithm, PartialEq::eq;
    counter: u64, "otp_serde::counter", "otp_serde::counter::option", otp_arbitrary::number, PartialEq::eq;
    digits: Digits, "otp_serde::digits", "otp_serde::digits::option", otp_arbitrary::digits, PartialEq::eq;
    drift: Drift, "otp_serde::drift", "otp_serde::drift::option", otp_arbitrary::drift, PartialEq::eq;
    key_uri_fields: KeyUri, "otp_serde::key_uri_fields", "otp_serde::key_uri_fields::option", otp_arbitrary::key_uri, PartialEq::eq;
    kind: OtpKind, "otp_serde::otp_kind", "otp_serde::otp_kind::option", otp_arbitrary::kind, PartialEq::eq;
    label: Label, "otp_serde::label", "otp_serde::label::option", otp_arbitrary::label, PartialEq::eq;
    period: Period, "otp_serde::period", "otp_serde::period::option", otp_arbitrary::period, PartialEq::eq;
    revealed_record: Record, "otp_serde::revealed_record", "otp_serde::revealed_record::option", otp_arbitrary::record, same_record;
    sealed_key: SealedKey, "otp_serde::sealed_key", "otp_serde::sealed_key::option", otp_arbitrary::sealed_key, PartialEq::eq;
    secret: Secret, "otp_serde::secret", "otp_serde::secret::option", otp_arbitrary::secret, PartialEq::eq;
    secrets: ApplicationSecrets, "otp_serde::secrets", "otp_serde::secrets::option", secrets_of_text, same_secrets;
    tag: Tag, "otp_serde::tag", "otp_serde::tag::option", otp_arbitrary::tag, PartialEq::eq;
    key_uri_text: KeyUri, "otp_serde::key_uri_text", "otp_serde::key_uri_text::option", otp_arbitrary::key_uri, PartialEq::eq;
    throttle: Throttle, "otp_serde::throttle", "otp_serde::throttle::option", otp_arbitrary::throttle, PartialEq::eq;
    time: UnixTime, "otp_serde::time", "otp_serde::time::option", otp_arbitrary::unix_time, PartialEq::eq;
    tracker: Tracker, "otp_serde::tracker", "otp_serde::tracker::option", otp_arbitrary::tracker, PartialEq::eq;
    window: Window, "otp_serde::window", "otp_serde::window::option", otp_arbitrary::window, PartialEq::eq;
    record: Record, "otp_serde::record", "otp_serde::record::option", sealed_record, same_record;
}

const fn form_of<T: Stored>() -> Form {
    Form {
        name: T::NAME,
        document: document::<T>,
        value: value::<T>,
        convert: |from, bytes, to| to.write(&from.read::<T>(bytes)?),
        shown: |from, bytes| Ok(from.read::<T>(bytes)?.shown()),
    }
}

fn document<T: Stored>(format: Format, document: &[u8], store: Store) -> Reading<()> {
    let value: T = format.read(document)?;
    let written = match format.write(&value) {
        Ok(written) => store(written),
        // It reads plain-text keys, too.
        Err(_) if T::NAME == "record" => return Ok(()),
        Err(error) => panic!("a value that was read is not written: {error}"),
    };
    let again: T = format.read(&written).expect("what was written is read");
    assert!(again.is(&value), "what was written is read otherwise");
    let rewritten = format.write(&again).expect("what was read is written");
    assert_eq!(store(rewritten), written, "what was written changes");
    Ok(())
}

fn value<T: Stored>(format: Format, bytes: &[u8], store: Store) {
    // Equal bytes make an equal value: keys and trackers have no `Clone`.
    let made = || T::of(&mut Unstructured::new(bytes)).expect("a value of any input");
    let written = store(format.write(&made()).expect("a value is written"));
    let read = |bytes: &[u8]| format.read::<T>(bytes);
    assert!(read(&written).is_ok_and(|read| read.is(&made())), "a value is read otherwise");

    let twin = store(format.write(&made().twin()).expect("an option is written"));
    let read = |bytes: &[u8]| format.read::<T::Twin>(bytes).map(T::untwin);
    let some = read(&twin).expect("what was written is read");
    assert!(some.is_some_and(|read| read.is(&made())), "an option is read otherwise");
    for length in 0..twin.len() {
        assert!(read(&twin[..length]).is_err(), "a document that breaks off is read");
    }
}

/// In JSON an application secret is text.
fn secrets_of_text(bytes: &mut Unstructured<'_>) -> arbitrary::Result<ApplicationSecrets> {
    let secrets = otp_arbitrary::secrets(bytes)?;
    Ok(secrets.iter().fold(ApplicationSecrets::new(), |made, (tag, secret)| {
        let text = String::from_utf8_lossy(secret.reveal()).into_owned();
        let secret = ApplicationSecret::new(text).expect("it is not empty");
        made.with(tag.clone(), secret).expect("another tag")
    }))
}

fn sealed_record(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Record> {
    let key = StoredKey::Sealed(otp_arbitrary::sealed_key(bytes)?);
    let other = otp_arbitrary::record(bytes)?;
    Ok(Record::new(other.kind(), key)
        .with_account(other.account().unwrap_or_default())
        .with_issuer(other.issuer().unwrap_or_default())
        .with_next(other.next()))
}

/// Whether two records hold the same.
pub fn same_record(one: &Record, other: &Record) -> bool {
    let key = match (one.key(), other.key()) {
        (StoredKey::Plain(one), StoredKey::Plain(other)) => one == other,
        (StoredKey::Sealed(one), StoredKey::Sealed(other)) => one == other,
        (StoredKey::Passlib(one), StoredKey::Passlib(other)) => one == other,
        _ => false,
    };
    key && (one.account(), one.issuer()) == (other.account(), other.issuer())
        && (one.kind(), one.next()) == (other.kind(), other.next())
}

fn same_secrets(one: &ApplicationSecrets, other: &ApplicationSecrets) -> bool {
    one.iter().eq(other.iter())
}
