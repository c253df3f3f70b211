use otp_context::{
    Advance, Attempt, Binding, Credential, Matched, OtpContext, Record, Reseal, Rules, StoredKey,
    Throttle,
};
use otp_core::{CodeFormat, Digits, Malformed, Rejected, UnixTime};
use otp_uri::Kind;

use crate::{
    Accepted, Advanced, Charged, CredentialId, Entry, Error, Reason, RecordText, Rejection, Status,
    Verdict,
};

/// All that is decided when a code is verified; the drivers only carry questions to a store and
/// its answers back.
#[derive(Debug)]
pub(crate) struct Judge {
    context: OtpContext,
    rules: Rules,
    plain: bool,
    /// What stands in for a credential that is not there, one for each format of codes.
    dummies: Vec<Entry>,
}

/// Whose key the dummies are: nobody's.
const NOBODY: Binding<'_> = Binding::new("nobody@example.com", "");

/// What is left to do once a charge is answered.
pub(crate) enum Judged {
    /// Nothing.
    Done(Verdict),
    /// To spend a counter.
    Spend(Pending),
}

/// A match whose counter is not spent yet.
pub(crate) struct Pending {
    matched: Matched,
    reseal: Option<Reseal>,
    throttle: Throttle,
}

impl Judge {
    pub(crate) fn new(context: OtpContext, rules: Rules, plain: bool) -> Result<Self, Error> {
        if !plain && !context.can_encrypt() {
            return Err(otp_context::Error::NoWallet.into());
        }
        let mut judge = Self { context, rules, plain, dummies: Vec::new() };
        let decimal = (6..=10).filter_map(|digits| Digits::new(digits).ok());
        let formats = [CodeFormat::Steam].into_iter().chain(decimal.map(CodeFormat::Decimal));
        judge.dummies = formats.map(|format| judge.dummy(format)).collect::<Result<_, _>>()?;
        Ok(judge)
    }

    fn dummy(&self, format: CodeFormat) -> Result<Entry, Error> {
        let kind = match (format, self.context.totp_kind()) {
            (CodeFormat::Decimal(digits), Kind::Totp { algorithm, period, .. }) => {
                Kind::Totp { algorithm, digits, period }
            }
            _ => Kind::Steam,
        };
        let bytes = kind.algorithm().output_size();
        let credential = self.context.enrol(NOBODY.user(), kind, bytes)?;
        Ok(Entry::new(self.record(&credential, NOBODY)?, kind, 0))
    }

    pub(crate) const fn context(&self) -> &OtpContext {
        &self.context
    }

    pub(crate) const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The record to store of a credential.
    pub(crate) fn record(
        &self,
        credential: &Credential,
        binding: Binding<'_>,
    ) -> Result<RecordText, Error> {
        let plain = credential.to_plain_record()?;
        let record = if self.context.can_encrypt() {
            // The wallet is this context's, whichever made the credential.
            self.context.open(&plain, binding)?.seal(binding)?
        } else if self.plain {
            plain
        } else {
            return Err(otp_context::Error::NoWallet.into());
        };
        RecordText::write(&record)
    }

    /// What to store of a credential that nobody has confirmed yet.
    pub(crate) fn entry(
        &self,
        credential: &Credential,
        binding: Binding<'_>,
    ) -> Result<Entry, Error> {
        let record = self.record(credential, binding)?;
        let mut generation = [0; 8];
        self.context.fill(&mut generation)?;
        // A database's integers are signed.
        Ok(Entry::new(record, credential.kind(), u64::from_be_bytes(generation) >> 1))
    }

    /// Begins an attempt; `None` if the text can be no code.
    pub(crate) fn begin<const N: usize>(
        &self,
        typed: &[&str; N],
    ) -> Result<Option<Attempt<N>>, Error> {
        let now = self.now()?;
        Ok(self.context.attempt(typed, now, &self.rules)?)
    }

    fn now(&self) -> Result<UnixTime, Error> {
        Ok(self.context.now()?)
    }

    /// What to say of a text that can be no code.
    pub(crate) fn malformed(
        &self,
        typed: &[&str],
        entry: Option<Entry>,
        confirmed: bool,
    ) -> Result<Verdict, Error> {
        match entry {
            Some(entry) if entry.confirmed == confirmed => {
                let format = entry.record.read()?.kind().format();
                let wrong = typed.iter().find_map(|typed| format.parse(typed).err());
                let malformed = wrong.unwrap_or(Malformed::Length { expected: format.length() });
                Ok(rejected(Reason::Code(malformed.into()), entry.throttle))
            }
            Some(entry) if entry.confirmed => Err(Error::Enrolled),
            _ => {
                // Reading a record takes time.
                let _ = core::hint::black_box(self.dummies.first().map(|it| it.record.read()));
                Ok(rejected(Reason::Unknown, Throttle::default()))
            }
        }
    }

    /// Judges the answer to a charge, and looks for the code if it is permitted.
    pub(crate) fn charged<const N: usize>(
        &self,
        id: &CredentialId,
        attempt: Attempt<N>,
        charged: Charged,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<Matched, Rejected>,
    ) -> Result<Judged, Error> {
        // Made for everybody, since making it takes time.
        let nobody = self.nobody(&attempt);
        let (binding, entry, there) = match charged {
            Charged::Permitted(entry) => (id.binding(), Some(entry), true),
            Charged::Unknown => (NOBODY, nobody, false),
            Charged::Locked(throttle) => return Ok(Judged::Done(Verdict::Locked(throttle))),
            Charged::Malformed { length, throttle } => {
                let malformed = Malformed::Length { expected: length };
                return Ok(Judged::Done(rejected(Reason::Code(malformed.into()), throttle)));
            }
            Charged::Enrolled => return Err(Error::Enrolled),
        };
        let Some(entry) = entry else {
            return Ok(Judged::Done(rejected(Reason::Unknown, Throttle::default())));
        };
        let credential = self.open(binding, &attempt, &entry)?;
        let reason = match evaluate(attempt, &credential, &entry) {
            Ok(matched) if there => {
                let (reseal, throttle) = (credential.reseal(), entry.throttle);
                return Ok(Judged::Spend(Pending { matched, reseal, throttle }));
            }
            Err(rejected) if there => Reason::Code(rejected),
            // Even if it is a code of nobody's key.
            _ => Reason::Unknown,
        };
        Ok(Judged::Done(rejected(reason, entry.throttle)))
    }

    /// What stands in for a credential that is not there.
    fn nobody<const N: usize>(&self, attempt: &Attempt<N>) -> Option<Entry> {
        self.dummies.get(usize::from(attempt.format().length()).checked_sub(5)?).cloned()
    }

    fn open<const N: usize>(
        &self,
        binding: Binding<'_>,
        attempt: &Attempt<N>,
        entry: &Entry,
    ) -> Result<Credential, Error> {
        let record = entry.record.read()?;
        // Whoever can write to the database could put in a key that he knows.
        if !self.plain && matches!(record.key(), StoredKey::Plain(_)) {
            return Err(Error::Unsealed);
        }
        if record.kind().format() != attempt.format() {
            return Err(Error::Corrupt("record"));
        }
        Ok(self.context.open(&record.with_next(entry.next), binding)?)
    }

    /// Where a stored credential stands.
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
            throttle: entry.throttle,
        })
    }

    /// The record with its key sealed anew, if that is due.
    pub(crate) fn resealed(
        &self,
        id: &CredentialId,
        entry: &Entry,
    ) -> Result<Option<RecordText>, Error> {
        let record: Record = entry.record.read()?;
        let credential = self.context.open(&record, id.binding())?;
        match credential.reseal() {
            Some(_) => self.record(&credential, id.binding()).map(Some),
            None => Ok(None),
        }
    }
}

impl Pending {
    pub(crate) const fn advance(&self) -> &Advance {
        self.matched.advance()
    }

    /// Judges the answer to an advance. This is the only place that accepts.
    pub(crate) fn advanced(self, advanced: Advanced) -> Verdict {
        let reason = match advanced {
            Advanced::Done => {
                // This attempt is one of those that the charge has counted.
                let failures = self.throttle.failures().saturating_sub(1);
                let (counter, drift) = (self.matched.counter(), self.matched.drift());
                return Verdict::Accepted(Accepted::new(counter, drift, failures, self.reseal));
            }
            Advanced::Replayed => Reason::Code(Rejected::Replayed),
            Advanced::Stale => Reason::Stale,
            Advanced::Unknown => Reason::Unknown,
        };
        rejected(reason, self.throttle)
    }
}

const fn rejected(reason: Reason, throttle: Throttle) -> Verdict {
    Verdict::Rejected(Rejection::new(reason, throttle))
}
