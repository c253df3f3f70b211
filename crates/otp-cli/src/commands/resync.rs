mod search;

use clap::Args;
use otp_store::{CredentialId, Error};
use otp_uri::OtpKind;

use crate::accounts::account::AccountArguments;
use crate::accounts::database::{AnyVerifier, DRIFT, Sealed};
use crate::commands::resync::search::search;
use crate::failure::Failure;
use crate::input::number::counters;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::progress::Progress;
use crate::output::verdict;

/// Bring a counter or a clock back into step by two codes that follow one another
///
/// The codes are looked for up to 1000 counters ahead, or up to 20 time steps either side of now,
/// and both are spent. It counts as an attempt. A counter that is further away is found with
/// --search.
#[derive(Args, Debug)]
pub(crate) struct Resync {
    #[command(flatten)]
    account: AccountArguments,
    /// The earlier code
    #[arg(value_name = "CODE", allow_negative_numbers = true)]
    code: String,
    /// The code that came after it
    #[arg(id = "second code", value_name = "SECOND_CODE", allow_negative_numbers = true)]
    following: String,
    /// Look so many counters ahead, up to 10000000; only for accounts of type hotp
    ///
    /// The odds of a guess grow with it: a million counters and two codes of six digits make them
    /// one in a million for each attempt.
    #[arg(long, value_name = "COUNTERS", value_parser = counters, allow_negative_numbers = true)]
    search: Option<u64>,
    #[command(flatten)]
    sealed: Sealed,
}

/// How many counters ahead to look: two codes of six digits are guessed once in 10^9 attempts then.
const AHEAD: u16 = 1000;

impl Resync {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.sealed.open()?;
        let typed = [self.code.as_str(), self.following.as_str()];
        let has_counter = has_counter(&verifier, &id)?;
        let verdict = match self.search {
            // For a clock, no further than it is followed afterwards.
            None => {
                let reach = if has_counter == Some(true) { AHEAD } else { DRIFT.into() };
                verifier.resync(&id, &typed, reach)?
            }
            // Before an attempt is counted that cannot succeed.
            Some(_) if has_counter == Some(false) => {
                let message = "search is only for accounts of type hotp";
                return Err(Failure::usage("search", message));
            }
            Some(counters) => verifier.resync_found(&id, &typed, |hotp, codes, next| {
                let range = next..=next.saturating_add(counters);
                search(hotp, codes, range, &Progress::new(counters))
            })?,
        };
        verdict::show(output, &verdict, time::now()?)
    }
}

/// Whether the codes are those of a counter or of a clock; `None` if there is no such account, which
/// the verdict will say.
fn has_counter(verifier: &AnyVerifier, id: &CredentialId) -> Result<Option<bool>, Failure> {
    match verifier.status(id) {
        Ok(status) => Ok(Some(matches!(status.kind(), OtpKind::Hotp { .. }))),
        Err(Error::Unknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
