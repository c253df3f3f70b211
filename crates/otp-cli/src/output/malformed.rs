use otp_core::Malformed;
use serde::Serialize;

use crate::failure::{Failure, FailureKind};
use crate::output::answer::Answer;
use crate::output::{Output, complain};

/// An answer that is a failure too: its own fields, and those that every failure has.
#[derive(Serialize)]
struct Unjudged<'a, T: Serialize> {
    #[serde(flatten)]
    answer: T,
    #[serde(flatten)]
    failure: crate::failure::Fields<'a>,
}

/// Says that a code cannot be a code, next to what a command's answer is then.
pub(crate) fn malformed(
    output: &mut Output,
    malformed: Malformed,
    answer: impl Serialize,
) -> Result<Answer, Failure> {
    let failure = Failure::new(FailureKind::Malformed, "code", malformed.to_string());
    if output.is_json() {
        output.object(&Unjudged { answer, failure: failure.fields() })?;
    } else {
        complain(&format!("otp: {failure}"));
    }
    Ok(Answer::Malformed)
}
