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

/// Resynchronise a counter or a clock with two consecutive codes
///
/// Searches up to 1000 counters ahead, or up to 20 time steps on either side of now. Both codes are
/// spent, and it counts as an attempt. To find a counter that is further ahead, use --search.
#[derive(Args, Debug)]
pub(crate) struct Resync {
    #[command(flatten)]
    account: AccountArguments,
    /// Earlier code
    #[arg(value_name = "CODE", allow_negative_numbers = true)]
    code: String,
    /// Code that came after it
    #[arg(id = "second code", value_name = "SECOND_CODE", allow_negative_numbers = true)]
    following: String,
    /// Search this many counters ahead, 1 to 10000000; only for accounts of type hotp
    ///
    /// The odds of a guess grow with the number: with a million counters and two codes of six digits
    /// they are one in a million for each attempt.
    #[arg(long, value_name = "COUNTERS", value_parser = counters, allow_negative_numbers = true)]
    search: Option<u64>,
    #[command(flatten)]
    sealed: Sealed,
}

/// The number of counters to search ahead: a guess of two six-digit codes then succeeds once in 10^9
/// attempts.
const AHEAD: u16 = 1000;

impl Resync {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.account.id()?;
        let verifier = self.sealed.open()?;
        let typed = [self.code.as_str(), self.following.as_str()];
        let has_counter = has_counter(&verifier, &id)?;
        let verdict = match self.search {
            // A clock is searched no further than the verifier follows it later.
            None => {
                let reach = if has_counter == Some(true) { AHEAD } else { DRIFT.into() };
                verifier.resync(&id, &typed, reach)?
            }
            // This comes first, so that no attempt is counted that cannot succeed.
            Some(_) if has_counter == Some(false) => {
                let message = "search is only for accounts of type hotp; leave it out";
                return Err(Failure::usage("search", message));
            }
            Some(counters) => verifier.resync_found(&id, &typed, |hotp, codes, next| {
                let range = next..=next.saturating_add(counters);
                search(hotp, codes, range, &Progress::new(counters, output))
            })?,
        };
        verdict::show(output, &verdict, time::now()?)
    }
}

/// Returns whether the codes belong to a counter, and not to a clock. `None` if there is no such
/// account, which the verdict then says.
fn has_counter(verifier: &AnyVerifier, id: &CredentialId) -> Result<Option<bool>, Failure> {
    match verifier.status(id) {
        Ok(status) => Ok(Some(matches!(status.kind(), OtpKind::Hotp { .. }))),
        Err(Error::Unknown) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
