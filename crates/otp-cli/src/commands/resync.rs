use clap::Args;
use otp_store::{CredentialId, Error};
use otp_uri::Kind;

use crate::cli::Answer;
use crate::database::{AnyVerifier, DRIFT, Sealed};
use crate::failure::Failure;
use crate::identity::Identity;
use crate::output::Output;
use crate::{judgement, time};

/// Bring a counter or a clock back into step by two codes that follow one another
///
/// The codes are looked for up to 1000 counters ahead, or up to 20 time steps either side of now,
/// and both are spent. It counts as an attempt.
#[derive(Args, Debug)]
pub(crate) struct Resync {
    #[command(flatten)]
    identity: Identity,
    /// The earlier code
    #[arg(value_name = "CODE", allow_negative_numbers = true)]
    code: String,
    /// The code that came after it
    #[arg(value_name = "CODE", allow_negative_numbers = true)]
    following: String,
    #[command(flatten)]
    sealed: Sealed,
}

/// How many counters ahead to look: two codes of six digits are guessed once in 10^9 attempts then.
const AHEAD: u16 = 1000;

impl Resync {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let id = self.identity.id()?;
        let verifier = self.sealed.open()?;
        let reach = reach(&verifier, &id)?;
        let verdict = verifier.resync(&id, &[&self.code, &self.following], reach)?;
        judgement::show(output, &verdict, time::now()?)
    }
}

/// How far to look: for a clock, no further than it is followed afterwards.
fn reach(verifier: &AnyVerifier, id: &CredentialId) -> Result<u16, Failure> {
    match verifier.status(id) {
        Ok(status) if matches!(status.kind(), Kind::Hotp { .. }) => Ok(AHEAD),
        // The verdict will say that there is none.
        Ok(_) | Err(Error::Unknown) => Ok(DRIFT.into()),
        Err(error) => Err(error.into()),
    }
}
