//! Decisions on an account with several credentials.

use otp_context::Credential;
use otp_core::{Secret, UnixTime};

use super::{AfterCharge, AwaitingSpend, Matched, Protocol, evaluate, rejected};
use crate::{Attempt, AttemptId, ChargeReply, ChargeRequest, CredentialId, Entry, Error, Reason};

/// The fewest attempts that a new credential may leave its account.
const FEWEST: u32 = 5;

impl Protocol {
    /// Takes the reply to a charge of an account, and compares the code with every credential if the
    /// charge permits it. After [`Error::NotCompared`] take the charge back.
    ///
    /// A credential whose key does not open goes to `left_out`, as long as another one opens: otherwise
    /// one damaged key would lock the user out.
    pub(crate) fn charged_account(
        &self,
        attempt: Attempt,
        reply: ChargeReply<Vec<(CredentialId, Entry)>>,
        left_out: &mut Vec<(CredentialId, Error)>,
    ) -> Result<AfterCharge, Error> {
        let entries = match reply {
            ChargeReply::Permitted(entries) => entries,
            refused => return self.refused(attempt, refused, evaluate).map(AfterCharge::Decided),
        };
        let (format, at) = (attempt.format(), attempt.now());
        let (mut opened, mut failed) = (Vec::with_capacity(entries.len()), Vec::new());
        for (id, entry) in &entries {
            let owner = self.owner(id.account().as_str(), id.name());
            match self.open_to_compare(owner, format, entry) {
                Ok(credential) => opened.push((id, credential, entry)),
                Err(error) => failed.push((id.clone(), error)),
            }
        }
        let Some((_, _, Entry { account, .. })) = opened.first() else {
            let first = failed.into_iter().next();
            return Err(first.map_or(Error::Corrupt("account"), |(_, error)| error));
        };
        left_out.append(&mut failed);
        let throttle = account.throttle;
        let credentials: Vec<_> =
            opened.iter().map(|(_, credential, entry)| (credential, *entry)).collect();
        let matches = match attempt.evaluate_all(&credentials) {
            Ok(matches) => matches,
            Err(wrong) => return Ok(AfterCharge::Decided(rejected(Reason::Code(wrong), throttle))),
        };
        let mut matches = matches.into_iter().filter_map(|(place, matched)| {
            let (id, credential, _) = opened.get(place)?;
            Some(Matched { id: (*id).clone(), matched, reseal: credential.reseal() })
        });
        let first = matches.next().ok_or(Error::Corrupt("account"))?;
        let others = matches.collect();
        Ok(AfterCharge::AwaitingSpend(AwaitingSpend { first, others, throttle, at }))
    }

    /// Refuses a new credential of an account that has its key, or so many credentials that fewer
    /// than five attempts would be left.
    ///
    /// Keys that do not open are passed over.
    pub(crate) fn admit(
        &self,
        id: &CredentialId,
        new: &Credential,
        entries: &[(CredentialId, Entry)],
    ) -> Result<(), Error> {
        let format = new.kind().format();
        let others = || entries.iter().filter(|(other, _)| other != id);
        let compared = |entry: &Entry| entry.confirmed && entry.length == format.length();
        let beside: Vec<_> = others().filter(|(_, entry)| compared(entry)).collect();
        let is_hotp = new.hotp().is_some();
        let (now, attempt) = (UnixTime::EPOCH, AttemptId::from_bytes([0; 16]));
        let charge = ChargeRequest::new(self.options(), format, now, true, attempt)?;
        let guesses = beside.iter().fold(charge.guesses(is_hotp), |guesses, (_, entry)| {
            guesses.saturating_add(charge.guesses(entry.hotp))
        });
        let any = is_hotp || beside.iter().any(|(_, entry)| entry.hotp);
        let fewest = FEWEST.min(charge.policy(any).limit());
        if guesses.saturating_mul(fewest) > charge.budget(any) {
            return Err(Error::TooManyCredentials(beside.len()));
        }
        for (other, entry) in others() {
            let owner = self.owner(other.account().as_str(), other.name());
            let Ok(record) = entry.record.read() else { continue };
            let opened = self.context().open(&record, owner);
            if opened.is_ok_and(|opened| padded(opened.secret()) == padded(new.secret())) {
                return Err(Error::DuplicateKey);
            }
        }
        Ok(())
    }
}

/// Returns a key without the zeros at its end: HMAC fills a short key up with them (RFC 2104 § 2).
fn padded(secret: &Secret) -> Option<Secret> {
    let end = secret.reveal().iter().rposition(|byte| *byte != 0)?;
    Secret::new(secret.reveal().get(..=end)?).ok()
}
