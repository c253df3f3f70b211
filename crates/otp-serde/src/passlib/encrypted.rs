use alloc::string::String;

use otp_context::wallet::passlib::{PasslibError, PasslibKey, UnreleasedFormat};
use serde_core::Deserializer;
use serde_core::de::{DeserializeSeed, Error, MapAccess, Visitor};

use crate::fields::{self, Fields, Source, required};
use crate::form_error::{FormError, Problem, Report};
use crate::number::{self, any_u64};
use crate::text;

const ENCKEY: &str = "enckey must have the fields c, k, s, t and v";
const VERSION: &str = any_u64!("v of enckey");
const COST: &str = any_u64!("c of enckey");
const TAG: &str = "t of enckey must be text of at most 64 bytes";
const SALT: &str = "s of enckey must be text of at most 512 bytes";
const KEY: &str = "k of enckey must be text of at most 8192 bytes";

/// Reads an encrypted key: an object. A text is an older form, which is recognised and refused.
pub(super) struct Seed<T>(pub(super) T);

impl<'de, T: Fn(&'static str, Problem<'_>)> DeserializeSeed<'de> for Seed<T> {
    type Value = PasslibKey;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PasslibKey, D::Error> {
        if !deserializer.is_human_readable() {
            return fields::read_reporting::<D, Form>(deserializer, &self.0);
        }
        let mut entered = false;
        match deserializer.deserialize_any(Either { entered: &mut entered, report: &self.0 }) {
            // A format's own message may repeat the input.
            Err(_) if !entered => Err(Error::custom(ENCKEY)),
            result => result,
        }
    }
}

struct Either<'a> {
    entered: &'a mut bool,
    report: Report<'a>,
}

impl<'de> Visitor<'de> for Either<'_> {
    type Value = PasslibKey;

    crate::form_error::unused_expecting!();

    fn visit_str<E: Error>(self, text: &str) -> Result<PasslibKey, E> {
        *self.entered = true;
        let known = Some(text).filter(|text| text.len() <= LONGEST_KEY);
        let error = match known.and_then(UnreleasedFormat::recognise) {
            Some(predecessor) => FormError::Passlib(PasslibError::UnreleasedFormat(predecessor)),
            None => FormError::Bound("enckey", ENCKEY),
        };
        (self.report)("enckey", Problem::Form(error));
        Err(Error::custom(error))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PasslibKey, A::Error> {
        *self.entered = true;
        fields::read_map::<A, Form>(map, self.report)
    }
}

/// The most characters of an encrypted key.
const LONGEST_KEY: usize = otp_uri::MAX_LENGTH;
/// The most characters of a salt.
const LONGEST_SALT: usize = 512;
/// The most characters of a tag.
const LONGEST_TAG: usize = 64;

/// Returns whether a key is short enough to be read again.
pub(super) fn fits(key: &PasslibKey) -> bool {
    key.key_base32().len() <= LONGEST_KEY && key.salt_base32().len() <= LONGEST_SALT
}

#[derive(Default)]
struct Form {
    cost: Option<u64>,
    key: Option<String>,
    salt: Option<String>,
    tag: Option<String>,
    version: Option<u64>,
}

impl<'de> Fields<'de> for Form {
    type Value = PasslibKey;
    const NAME: &'static str = "PasslibKey";
    const NAMES: &'static [&'static str] = &["c", "k", "s", "t", "v"];
    const WANTED: &'static str = ENCKEY;
    const PART: Option<&'static str> = Some("enckey");

    fn read<S: Source<'de>>(&mut self, name: &'static str, source: S) -> Result<(), S::Error> {
        match name {
            "c" => self.cost = Some(source.take(number::Seed(COST, Some))?),
            "k" => self.key = Some(source.take(Text(KEY, LONGEST_KEY))?),
            "s" => self.salt = Some(source.take(Text(SALT, LONGEST_SALT))?),
            "t" => self.tag = Some(source.take(Text(TAG, LONGEST_TAG))?),
            _ => self.version = Some(source.take(number::Seed(VERSION, Some))?),
        }
        Ok(())
    }

    fn finish(self) -> Result<PasslibKey, FormError> {
        PasslibKey::from_fields(
            required(self.version, "v of enckey")?,
            required(self.cost, "c of enckey")?,
            &required(self.tag, "t of enckey")?,
            &required(self.salt, "s of enckey")?,
            &required(self.key, "k of enckey")?,
        )
        .map_err(FormError::Passlib)
    }
}

/// Reads a text up to a length. Has the message for any other value.
struct Text(&'static str, usize);

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        text::read(deserializer, self.0, |text| {
            if text.len() <= self.1 { Ok(String::from(text)) } else { Err(self.0) }
        })
    }
}
