use clap::Args;
use otp_core::{Hotp, Totp, UnixTime};
use serde::Serialize;

use crate::cli::Answer;
use crate::failure::Failure;
use crate::number::count;
use crate::output::Output;
use crate::subject::{Subject, SubjectOptions};

/// Print the code of a secret or URI on stdin
#[derive(Args, Debug)]
pub(crate) struct Code {
    #[command(flatten)]
    subject: SubjectOptions,
    /// How many codes, of consecutive counters
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_parser = count,
        allow_negative_numbers = true
    )]
    count: u64,
}

/// A code as `--json` shows it; HOTP knows no time.
#[derive(Serialize)]
struct Fields<'a> {
    code: &'a str,
    counter: u64,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    life: Option<Life>,
}

#[derive(Serialize)]
struct Life {
    start: u64,
    expires: u64,
    remaining: u64,
}

impl Code {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        match self.subject.read()? {
            Subject::Totp(totp, time) => self.of_time(&totp, time, output)?,
            Subject::Hotp(hotp, Some(counter)) => self.of_counter(&hotp, counter, output)?,
            Subject::Hotp(_, None) => {
                return Err(Failure::usage("counter", "counter is missing: hotp needs one"));
            }
        }
        Ok(Answer::Yes)
    }

    /// Codes of consecutive time steps, as long as there is a time to name their start.
    fn of_time(&self, totp: &Totp, time: UnixTime, output: &mut Output) -> Result<(), Failure> {
        let mut at = time;
        for _ in 0..self.count {
            let token = totp.generate(at);
            let life = Life {
                start: token.start().as_secs(),
                expires: token.expires().as_secs(),
                remaining: token.remaining(time),
            };
            show(output, token.code(), token.counter(), Some(life))?;
            let next = token.start().as_secs().checked_add(totp.period().as_secs());
            match next {
                Some(next) if output.is_open() => at = UnixTime::from_secs(next),
                _ => break,
            }
        }
        Ok(())
    }

    /// Codes of consecutive counters, as long as there are any.
    fn of_counter(&self, hotp: &Hotp, first: u64, output: &mut Output) -> Result<(), Failure> {
        let last = first.saturating_add(self.count.saturating_sub(1));
        for counter in first..=last {
            show(output, hotp.generate(counter), counter, None)?;
            if !output.is_open() {
                break;
            }
        }
        Ok(())
    }
}

fn show(
    output: &mut Output,
    code: otp_core::Code,
    counter: u64,
    life: Option<Life>,
) -> Result<(), Failure> {
    let text = code.text();
    if output.is_json() {
        output.object(&Fields { code: text.as_str(), counter, life })
    } else {
        output.text(text.as_str())
    }
}
