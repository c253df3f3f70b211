use core::fmt::Display;

use serde::Serialize;

use crate::failure::{Failure, FailureKind};
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// An answer that is a failure, too: with its own fields and those of every failure.
#[derive(Serialize)]
struct MalformedAnswer<'a, T: Serialize> {
    #[serde(flatten)]
    answer: T,
    #[serde(flatten)]
    failure: crate::failure::Fields<'a>,
}

/// Shows that a code is malformed, with the fields of the command's answer.
pub(crate) fn malformed(
    output: &mut Output,
    malformed: &dyn Display,
    answer: impl Serialize,
) -> Result<Answer, Failure> {
    let failure = Failure::new(FailureKind::Malformed, "code", malformed.to_string());
    if output.is_json() {
        output.object(&MalformedAnswer { answer, failure: failure.fields() })?;
    } else {
        complain(&format!("otp: {failure}"));
    }
    Ok(Answer::Malformed)
}
