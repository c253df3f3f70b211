use otp_context::replay::{Throttle, WindowTooWide};
use otp_context::wallet::{Binding, Reseal, Tag};
use otp_context::{Credential, OtpContext, Record, StoredKey};
use otp_core::{CodeFormat, Digits, Malformed, Rejected, UnixTime};
use otp_uri::Kind;

use crate::{
    Accepted, Advance, Advanced, Attempt, Charge, Charged, CredentialId, Entry, Error, Matched,
    Reason, RecordText, Rejection, Rules, Status, Verdict,
};

/// All that is decided when a code is verified; the drivers only carry questions to a store and
/// its answers back.
#[derive(Debug)]
pub(crate) struct Judge {
    context: OtpContext,
    rules: Rules,
    /// What keys are bound to beside their ids.
    namespace: String,
    /// What stands in for a credential that is not there, one for each format of codes.
    dummies: Vec<Entry>,
}

/// The highest counter that a credential may begin at.
const LAST_COUNTER: u64 = i64::MAX.unsigned_abs() - 1;

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
    pub(crate) fn new(context: OtpContext, rules: Rules) -> Result<Self, Error> {
        if !context.can_encrypt() && !context.takes_plain_keys() {
            return Err(otp_context::Error::NoWallet.into());
        }
        // Else the first log-in would find out.
        rules.totp_policy(context.totp_kind().format())?;
        rules.hotp_policy(context.hotp_kind().format())?;
        let (namespace, dummies) = (String::new(), Vec::new());
        Self { context, rules, namespace, dummies }.with_namespace(String::new())
    }

    /// The same with keys bound to an application; those of nobody too, so that it takes as long.
    pub(crate) fn with_namespace(self, namespace: String) -> Result<Self, Error> {
        let mut judge = Self { namespace, ..self };
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
        let credential = self.context.new_credential(NOBODY.user(), kind, bytes)?;
        let record = self.record(&credential, self.binding(NOBODY.user(), NOBODY.credential()))?;
        Ok(Entry::new(record, false, format.length(), 0))
    }

    pub(crate) const fn context(&self) -> &OtpContext {
        &self.context
    }

    pub(crate) const fn rules(&self) -> &Rules {
        &self.rules
    }

    fn binding<'a>(&'a self, account: &'a str, name: &'a str) -> Binding<'a> {
        Binding::new(account, name).with_namespace(&self.namespace)
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
            self.context.clone().with_plain_keys().open(&plain, binding)?.seal(binding)?
        } else {
            plain
        };
        RecordText::write(&record)
    }

    /// What to store of a credential that nobody has confirmed yet. What it has spent stays spent.
    pub(crate) fn entry(&self, credential: &Credential, id: &CredentialId) -> Result<Entry, Error> {
        // The counter after the last one must fit into every database, too.
        if credential.next() > LAST_COUNTER {
            return Err(Error::TooLarge("counter"));
        }
        let record = self.record(credential, self.binding(id.account(), id.name()))?;
        let mut generation = [0; 8];
        self.context.fill(&mut generation)?;
        // A database's integers are signed.
        let generation = u64::from_be_bytes(generation) >> 1;
        let kind = credential.kind();
        let hotp = matches!(kind, Kind::Hotp { .. });
        let mut entry = Entry::new(record, hotp, kind.format().length(), generation);
        entry.next = credential.next();
        Ok(entry)
    }

    /// Begins an attempt; `None` if the text can be no code, or one so short that the rules let
    /// nobody try it.
    pub(crate) fn begin<const N: usize>(
        &self,
        typed: &[&str; N],
        confirmed: bool,
    ) -> Result<Option<(Attempt<N>, Charge)>, Error> {
        let attempt = Attempt::begin(&self.context, typed, self.now()?, &self.rules)?;
        Ok(attempt.and_then(|attempt| {
            let attempt = if confirmed { attempt } else { attempt.confirming() };
            let charge = attempt.charge().ok()?;
            Some((attempt, charge))
        }))
    }

    fn now(&self) -> Result<UnixTime, Error> {
        Ok(self.context.now()?)
    }

    /// What to say of a text that was no beginning of an attempt.
    pub(crate) fn malformed(
        &self,
        typed: &[&str],
        entry: Option<Entry>,
        confirmed: bool,
    ) -> Result<Verdict, Error> {
        // Nobody's is read too: that takes time.
        let read = entry.as_ref().or(self.nobody(CodeFormat::default()));
        let format = read.ok_or(Error::Corrupt("length"))?.record.read()?.kind().format();
        let wrong = typed.iter().find_map(|typed| format.parse(typed).err());
        match entry {
            Some(entry) if entry.confirmed == confirmed => {
                // If it could be a code, the rules' window is too wide for codes so short.
                let wrong = wrong.ok_or(Error::Window(WindowTooWide))?;
                Ok(rejected(Reason::Code(wrong.into()), entry.throttle))
            }
            Some(entry) if entry.confirmed => Err(Error::Enrolled),
            _ => Ok(rejected(Reason::Unknown, Throttle::default())),
        }
    }

    /// Judges the answer to a charge, and looks for the code if it is permitted. With
    /// [`Error::NotCompared`] the charge is to be taken back.
    ///
    /// If there is no such credential, or its codes are longer or shorter, the code is looked for
    /// too, by a key that is nobody's: else time would tell which credentials there are.
    pub(crate) fn charged<const N: usize>(
        &self,
        id: &CredentialId,
        attempt: Attempt<N>,
        charged: Charged,
        evaluate: impl FnOnce(Attempt<N>, &Credential, &Entry) -> Result<Matched, Rejected>,
    ) -> Result<Judged, Error> {
        let nobody = self.nobody(attempt.format());
        let (account, name, entry, answer) = match &charged {
            Charged::Permitted(entry) => (id.account(), id.name(), Some(entry), None),
            Charged::Unknown => {
                let unknown = rejected(Reason::Unknown, Throttle::default());
                (NOBODY.user(), NOBODY.credential(), nobody, Some(unknown))
            }
            Charged::Malformed { length, throttle } => {
                let malformed = Malformed::Length { expected: *length };
                let malformed = rejected(Reason::Code(malformed.into()), *throttle);
                (NOBODY.user(), NOBODY.credential(), nobody, Some(malformed))
            }
            Charged::Locked(throttle) => return Ok(Judged::Done(Verdict::Locked(*throttle))),
            Charged::Enrolled => return Err(Error::Enrolled),
        };
        let entry = entry.ok_or(Error::Corrupt("length"))?;
        let binding = self.binding(account, name);
        let opened = self.open(binding, attempt.format(), entry);
        let credential = opened.map_err(|why| Error::NotCompared(Box::new(why)))?;
        let outcome = evaluate(attempt, &credential, entry);
        Ok(match (answer, outcome) {
            // Even if it is a code of nobody's key.
            (Some(answer), _) => Judged::Done(answer),
            (None, Err(wrong)) => Judged::Done(rejected(Reason::Code(wrong), entry.throttle)),
            (None, Ok(matched)) => {
                let (reseal, throttle) = (credential.reseal(), entry.throttle);
                Judged::Spend(Pending { matched, reseal, throttle })
            }
        })
    }

    /// What stands in for a credential that is not there.
    fn nobody(&self, format: CodeFormat) -> Option<&Entry> {
        self.dummies.iter().find(|entry| entry.length == format.length())
    }

    fn open(
        &self,
        binding: Binding<'_>,
        format: CodeFormat,
        entry: &Entry,
    ) -> Result<Credential, Error> {
        let record = entry.record.read()?;
        if record.kind().format() != format {
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

    /// The tag of a key that opens, `None` for a plain one.
    pub(crate) fn check_key(&self, id: &CredentialId, entry: &Entry) -> Result<Option<Tag>, Error> {
        let record = entry.record.read()?;
        let kind = record.kind();
        let is_hotp = matches!(kind, Kind::Hotp { .. });
        if (is_hotp, kind.format().length()) != (entry.hotp, entry.length) {
            return Err(Error::Corrupt("record"));
        }
        self.context.open(&record, self.binding(id.account(), id.name()))?;
        Ok(match record.key() {
            StoredKey::Sealed(sealed) => Some(sealed.tag().clone()),
            _ => None,
        })
    }

    /// The record with its key sealed anew, if that is due.
    pub(crate) fn resealed(
        &self,
        id: &CredentialId,
        entry: &Entry,
    ) -> Result<Option<RecordText>, Error> {
        let record: Record = entry.record.read()?;
        let binding = self.binding(id.account(), id.name());
        let credential = self.context.open(&record, binding)?;
        match credential.reseal() {
            Some(_) => self.record(&credential, binding).map(Some),
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

#[cfg(test)]
mod tests {
    use otp_context::OtpContext;
    use otp_core::{CodeFormat, Digits, UnixTime};

    use super::{Judge, Judged, NOBODY};
    use crate::verifier::evaluate;
    use crate::{Charged, CredentialId, Reason, Rules, Verdict};

    fn judge() -> Judge {
        let context = OtpContext::new().with_plain_keys();
        let context = context.with_clock(|| Ok(UnixTime::from_secs(59)));
        Judge::new(context, Rules::new()).expect("a judge")
    }

    #[test]
    fn somebody_stands_in_whatever_the_codes_look_like() {
        let judge = judge();
        let decimal = (6..=10).map(|digits| CodeFormat::Decimal(Digits::new(digits).unwrap()));
        for format in decimal.chain([CodeFormat::Steam]) {
            let entry = judge.nobody(format).expect("an entry");
            let credential = judge.open(NOBODY, format, entry).expect("a key");
            assert_eq!(credential.kind().format(), format);
        }
    }

    /// A right code of the key that stands in.
    #[test]
    fn a_code_of_nobodys_key_accepts_nobody() {
        let (judge, format) = (judge(), CodeFormat::default());
        let entry = judge.nobody(format).expect("an entry");
        let credential = judge.open(NOBODY, format, entry).expect("a key");
        let code = credential.totp().expect("TOTP").generate(UnixTime::from_secs(59)).code();
        let nobody = CredentialId::new(NOBODY.user()).expect("an id");
        for (charged, accepts) in [
            (Charged::Permitted(entry.clone()), true),
            (Charged::Unknown, false),
            (Charged::Malformed { length: 8, throttle: entry.throttle }, false),
        ] {
            let (attempt, _) =
                judge.begin(&[code.text().as_str()], true).expect("entropy").expect("a code");
            let judged = judge.charged(&nobody, attempt, charged, evaluate).expect("a judgement");
            assert_eq!(matches!(judged, Judged::Spend(_)), accepts);
            if let Judged::Done(Verdict::Rejected(rejection)) = judged {
                assert_ne!(rejection.reason(), Reason::Code(otp_core::Rejected::Mismatch));
            }
        }
    }
}
