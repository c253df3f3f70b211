use alloc::vec;
use core::fmt::Display;
use core::str::FromStr;

use ::redis::Value;
use otp_context::recovery::{RecoveryDigest, RecoverySetId};
use otp_context::replay::{Lock, Throttle};
use otp_core::UnixTime;

use crate::{
    Account, AccountCopy, AccountId, AttemptId, ChargeRequest, CredentialId, EngineError,
    EngineErrorKind, Entry, Error, LastCharge, RecordText, RecoveryCopy, RecoveryEntry,
};

/// The latest lock that a script writes: the largest integer that a double distinguishes from the
/// next.
pub(super) const LATEST_LOCK: u64 = (1 << 53) - 1;

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
        let account = self.stored_account()?;
        self.stored_entry(account)
    }

    /// Returns all credentials of an account.
    pub(super) fn credentials(
        &mut self,
        account: &AccountId,
    ) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let state = self.stored_account()?;
        self.named(account, |reply| reply.stored_entry(state))
    }

    /// Returns a whole account.
    pub(super) fn copy(&mut self, id: &AccountId) -> Result<Option<AccountCopy>, Error> {
        let account = self.stored_account()?;
        let fields: usize = self.number("set")?;
        let recovery = account.recovery.map(|_| self.codes(fields)).transpose()?;
        let credentials = self.named(id, |reply| reply.stored_entry(account))?;
        AccountCopy::new(id.clone(), account, credentials, recovery)
    }

    /// Returns the fields of a set, and then as many values.
    fn codes(&mut self, fields: usize) -> Result<RecoveryCopy, Error> {
        let corrupt = || Error::Corrupt("set");
        let take = |reply: &mut Self| {
            (0..fields).map(|_| reply.bytes("set")).collect::<Result<Vec<_>, _>>()
        };
        let (names, values) = (take(self)?, take(self)?);
        let mut copy = RecoveryCopy { key: String::new(), codes: Vec::new() };
        let mut keys = 0_usize;
        for (name, value) in names.into_iter().zip(values) {
            if name == b"key" {
                copy.key = String::from_utf8(value).map_err(|_| corrupt())?;
                keys = keys.saturating_add(1);
            } else {
                let digest = RecoveryDigest::new(name.try_into().map_err(|_| corrupt())?);
                copy.codes.push((digest, attempt(value, "set")?));
            }
        }
        if keys == 1 { Ok(copy) } else { Err(corrupt()) }
    }

    /// Returns the credential of a counted charge. The reply leaves out the values of the request.
    pub(super) fn permitted(&mut self, charge: &ChargeRequest) -> Result<Entry, Error> {
        let account = self.charged_account(charge)?;
        self.entry(charge.length(), charge.confirmed(), account)
    }

    /// Returns the confirmed credentials of a counted charge on an account.
    pub(super) fn all_permitted(
        &mut self,
        account: &AccountId,
        charge: &ChargeRequest,
    ) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let state = self.charged_account(charge)?;
        self.named(account, |reply| reply.entry(charge.length(), true, state))
    }

    /// Returns recovery codes.
    pub(super) fn recovery(&mut self) -> Result<RecoveryEntry, Error> {
        let account = self.stored_account()?;
        self.recovery_entry(account)
    }

    /// Returns the recovery codes of a counted charge.
    pub(super) fn recovery_permitted(
        &mut self,
        charge: &ChargeRequest,
    ) -> Result<RecoveryEntry, Error> {
        let account = self.charged_account(charge)?;
        self.recovery_entry(account)
    }

    fn recovery_entry(&mut self, account: Account) -> Result<RecoveryEntry, Error> {
        let set = account.recovery.ok_or(Error::Corrupt("set"))?;
        let entry = RecoveryEntry::new(set, self.text("set")?, self.left()?);
        Ok(RecoveryEntry { account, ..entry })
    }

    /// Returns the number of recovery codes that are left.
    pub(super) fn left(&mut self) -> Result<u32, Error> {
        self.number("set")
    }

    /// Returns each credential after its name, up to the end of the reply.
    fn named(
        &mut self,
        account: &AccountId,
        entry: impl Fn(&mut Self) -> Result<Entry, Error>,
    ) -> Result<Vec<(CredentialId, Entry)>, Error> {
        let mut named = Vec::new();
        while self.0.len() > 0 {
            let id = CredentialId::from(account.clone()).with_name(self.text("key")?);
            named.push((id.map_err(|_| Error::Corrupt("key"))?, entry(self)?));
        }
        Ok(named)
    }

    fn stored_account(&mut self) -> Result<Account, Error> {
        let mut account = self.account()?;
        account.last_charge = self.last_charge()?;
        Ok(account)
    }

    fn charged_account(&mut self, charge: &ChargeRequest) -> Result<Account, Error> {
        let mut account = self.account()?;
        account.last_charge = Some(last_charge(charge.attempt(), &self.bytes("charge")?)?);
        Ok(account)
    }

    fn account(&mut self) -> Result<Account, Error> {
        let throttle = self.throttle()?;
        let (guesses, trust_epoch) = (self.number("guesses")?, self.number("trust")?);
        Ok(Account { throttle, guesses, last_charge: None, trust_epoch, recovery: self.set()? })
    }

    fn set(&mut self) -> Result<Option<RecoverySetId>, Error> {
        let Some(bytes) = self.maybe("set")? else { return Ok(None) };
        let text = str::from_utf8(&bytes).map_err(|_| Error::Corrupt("set"))?;
        RecoverySetId::new(number(text, "set")?).ok_or(Error::Corrupt("set")).map(Some)
    }

    fn stored_entry(&mut self, account: Account) -> Result<Entry, Error> {
        let (length, confirmed) = (self.length()?, self.flag("confirmed")?);
        self.entry(length, confirmed, account)
    }

    fn entry(&mut self, length: u8, confirmed: bool, account: Account) -> Result<Entry, Error> {
        let record = RecordText::new(self.text("record")?);
        let hotp = self.flag("hotp")?;
        let mut entry = Entry::new(record, hotp, length, self.number("generation")?);
        entry.confirmed = confirmed;
        entry.next = self.number("counter")?;
        entry.drift = self.number("drift")?;
        entry.attempt = attempt(self.bytes("attempt")?, "attempt")?;
        entry.account = account;
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
        let (attempt, found) = charge.split_first_chunk().ok_or(Error::Corrupt("charge"))?;
        last_charge(AttemptId::from_bytes(*attempt), found).map(Some)
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

    /// Returns the name of the value that a script found corrupt.
    fn part(&mut self) -> &'static str {
        let parts = [
            "charge",
            "confirmed",
            "counter",
            "failures",
            "guesses",
            "hotp",
            "key",
            "length",
            "lock",
            "record",
            "set",
            "throttle",
            "trust",
        ];
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

/// Parses an attempt. An empty value is none.
fn attempt(bytes: Vec<u8>, part: &'static str) -> Result<Option<AttemptId>, Error> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let bytes = bytes.try_into().map_err(|_| Error::Corrupt(part))?;
    Ok(Some(AttemptId::from_bytes(bytes)))
}

/// Parses the guesses and the lock that a charge found.
fn last_charge(attempt: AttemptId, found: &[u8]) -> Result<LastCharge, Error> {
    let parse = || {
        let (guesses, found) = str::from_utf8(found).ok()?.split_once(':')?;
        let (guesses, found) = (number(guesses, "charge").ok()?, lock(found).ok()?);
        Some(LastCharge { attempt, found, guesses })
    };
    parse().ok_or(Error::Corrupt("charge"))
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
