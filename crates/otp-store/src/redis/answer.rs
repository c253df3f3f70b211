use alloc::vec;
use core::fmt::Display;
use core::str::FromStr;

use ::redis::Value;
use otp_context::{AttemptId, Lock, Throttle};
use otp_core::UnixTime;

use crate::{EngineError, EngineErrorKind, Entry, Error, RecordText};

/// No script writes a later one: it is the largest number that a double tells from the next.
const LATEST_LOCK: u64 = (1 << 53) - 1;

/// What a server answered, taken apart piece by piece; a piece that is not what it should be is
/// named, never shown.
pub(super) struct Answer(vec::IntoIter<Value>);

impl Answer {
    pub(super) fn new(value: Value) -> Self {
        let pieces = match value {
            Value::Array(pieces) => pieces,
            piece => vec![piece],
        };
        Self(pieces.into_iter())
    }

    /// The first word, which says what the rest is.
    pub(super) fn word(&mut self) -> Result<String, Error> {
        let word = self.text("answer")?;
        if word == "corrupt" { Err(Error::Corrupt(self.part())) } else { Ok(word) }
    }

    /// Whether the one word is `done`; `not` is the word of what was not.
    pub(super) fn done(&mut self, not: &str) -> Result<bool, Error> {
        match self.word()?.as_str() {
            "done" => Ok(true),
            word if word == not => Ok(false),
            _ => Err(unexpected()),
        }
    }

    pub(super) fn bytes(&mut self, part: &'static str) -> Result<Vec<u8>, Error> {
        match self.0.next() {
            Some(Value::BulkString(bytes)) => Ok(bytes),
            _ => Err(Error::Corrupt(part)),
        }
    }

    pub(super) fn text(&mut self, part: &'static str) -> Result<String, Error> {
        String::from_utf8(self.bytes(part)?).map_err(|_| Error::Corrupt(part))
    }

    pub(super) fn pair(&mut self, part: &'static str) -> Result<Option<(String, String)>, Error> {
        if self.0.len() == 0 {
            return Ok(None);
        }
        Ok(Some((self.text(part)?, self.text(part)?)))
    }

    pub(super) fn length(&mut self) -> Result<u8, Error> {
        let length = self.number("length")?;
        if (5..=10).contains(&length) { Ok(length) } else { Err(Error::Corrupt("length")) }
    }

    pub(super) fn entry(&mut self) -> Result<Entry, Error> {
        Ok(Entry {
            record: RecordText::new(self.text("record")?),
            hotp: self.flag("hotp")?,
            length: self.length()?,
            generation: self.number("generation")?,
            confirmed: self.flag("confirmed")?,
            next: self.number("counter")?,
            drift: self.number("drift")?,
            attempt: self.attempt()?,
            throttle: self.throttle()?,
        })
    }

    pub(super) fn throttle(&mut self) -> Result<Throttle, Error> {
        let failures = self.number("failures")?;
        let lock = match self.text("lock")?.as_str() {
            "open" => Lock::Open,
            "hard" => Lock::Hard,
            until => match number(until, "lock")? {
                until @ 0..=LATEST_LOCK => Lock::Until(UnixTime::from_secs(until)),
                _ => return Err(Error::Corrupt("lock")),
            },
        };
        Ok(Throttle::resume(failures, lock))
    }

    fn flag(&mut self, part: &'static str) -> Result<bool, Error> {
        match self.bytes(part)?.as_slice() {
            b"0" => Ok(false),
            b"1" => Ok(true),
            _ => Err(Error::Corrupt(part)),
        }
    }

    fn number<T: FromStr + Display>(&mut self, part: &'static str) -> Result<T, Error> {
        number(&self.text(part)?, part)
    }

    /// None before the first.
    fn attempt(&mut self) -> Result<Option<AttemptId>, Error> {
        let bytes = self.bytes("attempt")?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let bytes = bytes.try_into().map_err(|_| Error::Corrupt("attempt"))?;
        Ok(Some(AttemptId::from_bytes(bytes)))
    }

    /// What a script found to be corrupt.
    fn part(&mut self) -> &'static str {
        let parts = ["confirmed", "failures", "hotp", "lock"];
        let part = self.text("entry").unwrap_or_default();
        parts.into_iter().find(|known| *known == part).unwrap_or("entry")
    }
}

impl Iterator for Answer {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.0.len() > 0).then(|| self.bytes("index"))
    }
}

/// A number in the one form it is written in: scripts compare its text.
fn number<T: FromStr + Display>(text: &str, part: &'static str) -> Result<T, Error> {
    let number: T = text.parse().map_err(|_| Error::Corrupt(part))?;
    if number.to_string() == text { Ok(number) } else { Err(Error::Corrupt(part)) }
}

/// What no script of this version answers.
pub(super) fn unexpected() -> Error {
    EngineError::from(EngineErrorKind::Other).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::number;

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(number::<u64>("18446744073709551615", "x").unwrap(), u64::MAX);
        assert_eq!(number::<i16>("-32768", "x").unwrap(), i16::MIN);
        for text in ["", "+1", "01", "-0", " 1", "1 ", "1.0", "18446744073709551616", "nil"] {
            assert!(number::<u64>(text, "x").is_err(), "{text}");
        }
    }
}
