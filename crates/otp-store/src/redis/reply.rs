use alloc::vec;
use core::fmt::Display;
use core::str::FromStr;

use ::redis::Value;
use otp_context::replay::{Lock, Throttle};
use otp_core::UnixTime;

use crate::{
    AttemptId, ChargeRequest, EngineError, EngineErrorKind, Entry, Error, LastCharge, RecordText,
};

/// The latest lock that a script writes: the largest integer that a double distinguishes from the
/// next.
const LATEST_LOCK: u64 = (1 << 53) - 1;

/// The reply of a server, parsed value by value. An error names an invalid value and never shows
/// it.
pub(super) struct Reply(vec::IntoIter<Value>);

impl Reply {
    pub(super) fn new(value: Value) -> Self {
        let pieces = match value {
            Value::Array(pieces) => pieces,
            piece => vec![piece],
        };
        Self(pieces.into_iter())
    }

    /// Returns the first word, which names the kind of reply.
    pub(super) fn word(&mut self) -> Result<String, Error> {
        let word = self.text("reply")?;
        if word == "corrupt" { Err(Error::Corrupt(self.part())) } else { Ok(word) }
    }

    /// Returns `true` for the word `done`, and `false` for the word `not`.
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

    /// Returns the bytes, or `None` if the server has none.
    pub(super) fn maybe(&mut self, part: &'static str) -> Result<Option<Vec<u8>>, Error> {
        match self.0.next() {
            Some(Value::Nil) => Ok(None),
            Some(Value::BulkString(bytes)) => Ok(Some(bytes)),
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

    /// Returns a credential.
    pub(super) fn found(&mut self) -> Result<Entry, Error> {
        let (length, confirmed) = (self.length()?, self.flag("confirmed")?);
        let mut entry = self.entry(length, confirmed)?;
        entry.last_charge = self.last_charge()?;
        Ok(entry)
    }

    /// Returns the credential of a counted charge. The reply leaves out the values of the request.
    pub(super) fn permitted(&mut self, charge: &ChargeRequest) -> Result<Entry, Error> {
        let mut entry = self.entry(charge.length(), charge.confirmed())?;
        let found = lock(&self.text("charge")?)?;
        entry.last_charge = Some(LastCharge { attempt: charge.attempt(), found });
        Ok(entry)
    }

    fn entry(&mut self, length: u8, confirmed: bool) -> Result<Entry, Error> {
        let record = RecordText::new(self.text("record")?);
        let hotp = self.flag("hotp")?;
        let mut entry = Entry::new(record, hotp, length, self.number("generation")?);
        entry.confirmed = confirmed;
        entry.next = self.number("counter")?;
        entry.drift = self.number("drift")?;
        entry.attempt = self.attempt("attempt")?;
        entry.throttle = self.throttle()?;
        Ok(entry)
    }

    pub(super) fn throttle(&mut self) -> Result<Throttle, Error> {
        let failures = self.number("failures")?;
        let lock = lock(&self.text("lock")?)?;
        Ok(Throttle::resume(failures, lock))
    }

    fn last_charge(&mut self) -> Result<Option<LastCharge>, Error> {
        let charge = self.bytes("charge")?;
        if charge.is_empty() {
            return Ok(None);
        }
        let corrupt = || Error::Corrupt("charge");
        let (attempt, found) = charge.split_first_chunk().ok_or_else(corrupt)?;
        let found = str::from_utf8(found).ok().and_then(|found| lock(found).ok());
        let found = found.ok_or_else(corrupt)?;
        Ok(Some(LastCharge { attempt: AttemptId::from_bytes(*attempt), found }))
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

    /// Returns `None` before the first attempt.
    fn attempt(&mut self, part: &'static str) -> Result<Option<AttemptId>, Error> {
        let bytes = self.bytes(part)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let bytes = bytes.try_into().map_err(|_| Error::Corrupt(part))?;
        Ok(Some(AttemptId::from_bytes(bytes)))
    }

    /// Returns the name of the value that a script found corrupt.
    fn part(&mut self) -> &'static str {
        let parts =
            ["confirmed", "counter", "failures", "hotp", "key", "lock", "record", "throttle"];
        let part = self.text("entry").unwrap_or_default();
        parts.into_iter().find(|known| *known == part).unwrap_or("entry")
    }
}

impl Iterator for Reply {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.0.len() > 0).then(|| self.bytes("index"))
    }
}

/// Parses a lock as scripts write it.
fn lock(text: &str) -> Result<Lock, Error> {
    match text {
        "open" => Ok(Lock::Open),
        "hard" => Ok(Lock::Hard),
        until => match number(until, "lock")? {
            until @ 0..=LATEST_LOCK => Ok(Lock::Until(UnixTime::from_secs(until))),
            _ => Err(Error::Corrupt("lock")),
        },
    }
}

/// Parses a number. Only its canonical text is valid, since scripts compare numbers as text.
pub(super) fn number<T: FromStr + Display>(text: &str, part: &'static str) -> Result<T, Error> {
    let number: T = text.parse().map_err(|_| Error::Corrupt(part))?;
    if number.to_string() == text { Ok(number) } else { Err(Error::Corrupt(part)) }
}

/// Makes the error for a reply that no script of this version sends.
pub(super) fn unexpected() -> Error {
    EngineError::from(EngineErrorKind::Other).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::number;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(number::<u64>("18446744073709551615", "x").unwrap(), u64::MAX);
        assert_eq!(number::<i16>("-32768", "x").unwrap(), i16::MIN);
        for text in ["", "+1", "01", "-0", " 1", "1 ", "1.0", "18446744073709551616", "nil"] {
            assert!(number::<u64>(text, "x").is_err(), "{text}");
        }
    }
}
