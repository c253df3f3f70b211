//! The protocol between a verifier and a store: the verifier's requests, and the verdict that
//! follows from the replies. It uses no database.

mod account;
mod attempt;
mod attempt_id;
mod awaiting_spend;
mod charge;
mod options;
mod recovery;
mod spend;
mod trust;

use core::hint::black_box;

use otp_context::recovery::RecoverySetId;
use otp_context::replay::{Throttle, WindowTooWide};
use otp_context::wallet::{KeyOwner, Tag};
use otp_context::{Credential, OtpContext, Record, StoredKey};
use otp_core::{CodeFormat, Digits, Malformed, Rejected, UnixTime};
use otp_uri::OtpKind;

pub use self::attempt::{Attempt, UnspentMatch};
pub use self::attempt_id::AttemptId;
pub(crate) use self::awaiting_spend::AwaitingSpend;
use self::awaiting_spend::Matched;
pub use self::charge::ChargeRequest;
pub use self::options::VerifierOptions;
pub(crate) use self::recovery::AfterRecoveryCharge;
pub use self::spend::SpendRequest;
use crate::{
    ChargeReply, CredentialId, Entry, Error, Reason, RecordText, RecoveryEntry, Rejection, Status,
    Verdict,
};

/// Makes every decision of a verification. The verifiers only carry its requests to a store, and
/// the replies back.
#[derive(Debug)]
pub(crate) struct Protocol {
    context: OtpContext,
    options: VerifierOptions,
    /// The application that keys are bound to, in addition to their ids.
    namespace: String,
    /// Decoy credentials, one for each format of codes, so that unknown accounts take as long as known
    /// ones.
    decoys: Vec<Entry>,
    /// A set of recovery codes, for accounts without one.
    decoy_recovery: RecoveryEntry,
}

/// The highest counter that a credential may begin at.
const LAST_COUNTER: u64 = i64::MAX.unsigned_abs() - 1;

/// The owner of the decoys' keys.
const DECOY: KeyOwner<'_> = KeyOwner::new("decoy@example.com", "");

/// The state of an attempt after the store's reply to its charge.
pub(crate) enum AfterCharge {
    /// The verdict is final.
    Decided(Verdict),
    /// The code matched, and its counter has to be spent.
    AwaitingSpend(AwaitingSpend),
}

impl Protocol {
    pub(crate) fn new(context: OtpContext, options: VerifierOptions) -> Result<Self, Error> {
        if !context.has_wallet() && !context.allows_plain_keys() {
            return Err(otp_context::Error::NoWallet.into());
        }
        // Report it here instead of at the first log-in.
        options.totp_policy(context.totp_kind().format())?;
        options.hotp_policy(context.hotp_kind().format())?;
        let (namespace, decoys) = (String::new(), Vec::new());
        let set = RecoverySetId::generate(|bytes| context.fill(bytes))?;
        let decoy_recovery = RecoveryEntry::new(set, String::new(), 0);
        Self { context, options, namespace, decoys, decoy_recovery }.with_namespace(String::new())
    }

    /// Binds all keys to an application, those of the decoys included.
    pub(crate) fn with_namespace(self, namespace: String) -> Result<Self, Error> {
        let mut protocol = Self { namespace, ..self };
        let decimal = (6..=10).filter_map(|digits| Digits::new(digits).ok());
        let formats = [CodeFormat::Steam].into_iter().chain(decimal.map(CodeFormat::Decimal));
        protocol.decoys =
            formats.map(|format| protocol.new_decoy(format)).collect::<Result<_, _>>()?;
        protocol.decoy_recovery = protocol.new_decoy_recovery()?;
        Ok(protocol)
    }

    fn new_decoy(&self, format: CodeFormat) -> Result<Entry, Error> {
        let kind = match (format, self.context.totp_kind()) {
            (CodeFormat::Decimal(digits), OtpKind::Totp { algorithm, period, .. }) => {
                OtpKind::Totp { algorithm, digits, period }
            }
            _ => OtpKind::Steam,
        };
        let bytes = kind.algorithm().output_size();
        let credential = self.context.new_credential(DECOY.user(), kind, bytes)?;
        let record = self.record(&credential, self.owner(DECOY.user(), DECOY.credential()))?;
        Ok(Entry::new(record, false, format.length(), 0))
    }

    pub(crate) const fn context(&self) -> &OtpContext {
        &self.context
    }

    pub(crate) const fn options(&self) -> &VerifierOptions {
        &self.options
    }

    fn owner<'a>(&'a self, account: &'a str, name: &'a str) -> KeyOwner<'a> {
        KeyOwner::new(account, name).with_namespace(&self.namespace)
    }

    /// Returns the record to store of a credential.
    pub(crate) fn record(
        &self,
        credential: &Credential,
        owner: KeyOwner<'_>,
    ) -> Result<RecordText, Error> {
        let plain = credential.to_plain_record()?;
        let record = if self.context.has_wallet() {
            // Another context, with another wallet, may have made the credential.
            self.context.clone().with_plain_keys().open(&plain, owner)?.seal(owner)?
        } else {
            plain
        };
        RecordText::write(&record)
    }

    /// Returns the entry to store of a new credential. Its spent counters stay spent.
    pub(crate) fn entry(&self, credential: &Credential, id: &CredentialId) -> Result<Entry, Error> {
        // The counter after the last one must fit into every database, too.
        if credential.next() > LAST_COUNTER {
            return Err(Error::TooLarge("counter"));
        }
        let record = self.record(credential, self.owner(id.account().as_str(), id.name()))?;
        let mut generation = [0; 8];
        self.context.fill(&mut generation)?;
        // A database's integers are signed.
        let generation = u64::from_be_bytes(generation) >> 1;
        let kind = credential.kind();
        let hotp = matches!(kind, OtpKind::Hotp { .. });
        let mut entry = Entry::new(record, hotp, kind.format().length(), generation);
        entry.next = credential.next();
        Ok(entry)
    }

    /// Begins an attempt. Returns `None` if the text is not a code, or a code so short that the
    /// options permit no attempt.
    pub(crate) fn begin<const N: usize>(
        &self,
        typed: &[&str; N],
        confirmed: bool,
    ) -> Result<Option<(Attempt<N>, ChargeRequest)>, Error> {
        let attempt = Attempt::begin(&self.context, typed, self.now()?, &self.options)?;
        Ok(attempt.and_then(|attempt| {
            let attempt = if confirmed { attempt } else { attempt.confirming() };
            let charge = attempt.charge().ok()?;
            Some((attempt, charge))
        }))
    }

    fn now(&self) -> Result<UnixTime, Error> {
        Ok(self.context.now()?)
    }

    /// Returns the verdict on a text that began no attempt.
    pub(crate) fn malformed(
        &self,
        typed: &[&str],
        entry: Option<Entry>,
        confirmed: bool,
    ) -> Result<Verdict, Error> {
        // Reading takes time, so for an unknown account a decoy is read.
        let read = entry.as_ref().or(self.decoy(CodeFormat::default()));
        let format = read.ok_or(Error::Corrupt("length"))?.record.read()?.kind().format();
        let wrong = typed.iter().find_map(|typed| format.parse(typed).err());
        match entry {
            Some(entry) if entry.confirmed == confirmed => {
                // The text could be a code, so the window is too wide for codes of this length.
                let wrong = wrong.ok_or(Error::Window(WindowTooWide))?;
                Ok(rejected(Reason::Code(wrong.into()), entry.account.throttle))
            }
            Some(entry) if entry.confirmed => Err(Error::Enrolled),
            _ => Ok(rejected(Reason::Unknown, Throttle::default())),
        }
    }

    /// Takes the reply to a charge, and compares the code if the charge permits it. After
    /// [`Error::NotCompared`] take the charge back.
    pub(crate) fn charged<const N: usize>(
        &self,
        id: &CredentialId,
        attempt: Attempt<N>,
        reply: ChargeReply,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<UnspentMatch, Rejected>,
    ) -> Result<AfterCharge, Error> {
        let entry = match reply {
            ChargeReply::Permitted(entry) => entry,
            refused => {
                return self.refused(attempt, refused, evaluate).map(AfterCharge::Decided);
            }
        };
        let owner = self.owner(id.account().as_str(), id.name());
        let credential = self.open_to_compare(owner, attempt.format(), &entry)?;
        let (throttle, at) = (entry.account.throttle, attempt.now());
        Ok(match evaluate(attempt, &credential, &entry) {
            Err(wrong) => AfterCharge::Decided(rejected(Reason::Code(wrong), throttle)),
            Ok(matched) => {
                let first = Matched { id: id.clone(), matched, reseal: credential.reseal() };
                AfterCharge::AwaitingSpend(AwaitingSpend { first, others: vec![], throttle, at })
            }
        })
    }

    /// Returns the verdict on an attempt that is not permitted.
    ///
    /// Without such a credential, or if its codes have another length, the code is compared with a
    /// decoy's. Otherwise the time would reveal which credentials exist.
    fn refused<T, const N: usize>(
        &self,
        attempt: Attempt<N>,
        reply: ChargeReply<T>,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<UnspentMatch, Rejected>,
    ) -> Result<Verdict, Error> {
        let verdict = match reply {
            ChargeReply::Locked(throttle) => return Ok(Verdict::Locked(throttle)),
            ChargeReply::Enrolled => return Err(Error::Enrolled),
            ChargeReply::Malformed { length, throttle } => {
                let malformed = Malformed::Length { expected: length };
                rejected(Reason::Code(malformed.into()), throttle)
            }
            ChargeReply::Unknown | ChargeReply::Permitted(_) => {
                rejected(Reason::Unknown, Throttle::default())
            }
        };
        let decoy = self.decoy(attempt.format()).ok_or(Error::Corrupt("length"))?;
        let owner = self.owner(DECOY.user(), DECOY.credential());
        let credential = self.open_to_compare(owner, attempt.format(), decoy)?;
        // Also if the code matches the decoy's.
        let _ = black_box(evaluate(attempt, &credential, decoy));
        Ok(verdict)
    }

    fn open_to_compare(
        &self,
        owner: KeyOwner<'_>,
        format: CodeFormat,
        entry: &Entry,
    ) -> Result<Credential, Error> {
        let opened = self.open(owner, format, entry);
        opened.map_err(|why| Error::NotCompared(Box::new(why)))
    }

    fn decoy(&self, format: CodeFormat) -> Option<&Entry> {
        self.decoys.iter().find(|entry| entry.length == format.length())
    }

    fn open(
        &self,
        owner: KeyOwner<'_>,
        format: CodeFormat,
        entry: &Entry,
    ) -> Result<Credential, Error> {
        let record = entry.record.read()?;
        if record.kind().format() != format {
            return Err(Error::Corrupt("record"));
        }
        Ok(self.context.open(&record.with_next(entry.next), owner)?)
    }

    /// Returns the state of a stored credential.
    pub(crate) fn status(entry: &Entry) -> Result<Status, Error> {
        let record = entry.record.read()?;
        let tag = match record.key() {
            StoredKey::Sealed(sealed) => Some(sealed.tag().clone()),
            _ => None,
        };
        Ok(Status {
            kind: record.with_next(entry.next).kind(),
            tag,
            confirmed: entry.confirmed,
            next: entry.next,
            drift: entry.drift,
            throttle: entry.account.throttle,
            guesses: entry.account.guesses,
        })
    }

    /// Opens the key and returns its tag, or `None` for a plain-text key.
    pub(crate) fn check_key(&self, id: &CredentialId, entry: &Entry) -> Result<Option<Tag>, Error> {
        let record = entry.record.read()?;
        let kind = record.kind();
        let is_hotp = matches!(kind, OtpKind::Hotp { .. });
        if (is_hotp, kind.format().length()) != (entry.hotp, entry.length) {
            return Err(Error::Corrupt("record"));
        }
        self.context.open(&record, self.owner(id.account().as_str(), id.name()))?;
        Ok(match record.key() {
            StoredKey::Sealed(sealed) => Some(sealed.tag().clone()),
            _ => None,
        })
    }

    /// Returns the record with its key re-encrypted, if that is due.
    pub(crate) fn resealed(
        &self,
        id: &CredentialId,
        entry: &Entry,
    ) -> Result<Option<RecordText>, Error> {
        let record: Record = entry.record.read()?;
        let owner = self.owner(id.account().as_str(), id.name());
        let credential = self.context.open(&record, owner)?;
        match credential.reseal() {
            Some(_) => self.record(&credential, owner).map(Some),
            None => Ok(None),
        }
    }
}

/// Looks for one code in the window of a stored credential.
pub(crate) fn evaluate(
    attempt: Attempt,
    credential: &Credential,
    entry: &Entry,
) -> Result<UnspentMatch, Rejected> {
    attempt.evaluate(credential, entry.generation, entry.drift)
}

const fn rejected(reason: Reason, throttle: Throttle) -> Verdict {
    Verdict::Rejected(Rejection::new(reason, throttle))
}

#[cfg(test)]
mod tests {
    use otp_context::OtpContext;
    use otp_core::{CodeFormat, Digits, UnixTime};

    use super::{AfterCharge, DECOY, Protocol, evaluate};
    use crate::{ChargeReply, CredentialId, Reason, Verdict, VerifierOptions};

    fn protocol() -> Protocol {
        let context = OtpContext::new().with_plain_keys();
        let context = context.with_clock(|| Ok(UnixTime::from_secs(59)));
        Protocol::new(context, VerifierOptions::new()).expect("a protocol")
    }

    #[test]
    fn each_format_has_a_decoy() {
        let protocol = protocol();
        let decimal = (6..=10).map(|digits| CodeFormat::Decimal(Digits::new(digits).unwrap()));
        for format in decimal.chain([CodeFormat::Steam]) {
            let entry = protocol.decoy(format).expect("an entry");
            let credential = protocol.open(DECOY, format, entry).expect("a key");
            assert_eq!(credential.kind().format(), format);
        }
    }

    #[test]
    fn code_of_the_decoy_is_rejected() {
        let (protocol, format) = (protocol(), CodeFormat::default());
        let entry = protocol.decoy(format).expect("an entry");
        let credential = protocol.open(DECOY, format, entry).expect("a key");
        let code = credential.totp().expect("TOTP").generate(UnixTime::from_secs(59)).code();
        let decoy = CredentialId::new(DECOY.user()).expect("an id");
        for (charged, accepts) in [
            (ChargeReply::Permitted(entry.clone()), true),
            (ChargeReply::Unknown, false),
            (ChargeReply::Malformed { length: 8, throttle: entry.account.throttle }, false),
        ] {
            let (attempt, _) =
                protocol.begin(&[code.text().as_str()], true).expect("entropy").expect("a code");
            let judged = protocol.charged(&decoy, attempt, charged, evaluate).expect("a judgement");
            assert_eq!(matches!(judged, AfterCharge::AwaitingSpend(_)), accepts);
            if let AfterCharge::Decided(Verdict::Rejected(rejection)) = judged {
                assert_ne!(rejection.reason(), Reason::Code(otp_core::Rejected::Mismatch));
            }
        }
    }
}
