use clap::Args;
use otp_core::{Code, Malformed, Rejected, Window};
use serde::Serialize;

use crate::failure::Failure;
use crate::input::found::Besides;
use crate::input::key_source::{KeySource, KeySourceOptions};
use crate::input::number::{steps, whole};
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::malformed;
use crate::output::remarks;

/// Check a code against a secret or URI, without a database
#[derive(Args, Debug)]
pub(crate) struct Match {
    #[command(flatten)]
    key_source: KeySourceOptions,
    #[command(flatten)]
    check: Check,
}

/// A code, and where to search for it.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Code; spaces and hyphens are ignored
    #[arg(allow_negative_numbers = true)]
    code: String,
    /// Steps to search before the expected one [default: 1]; for hotp they are spent, and a match
    /// there is a replay
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true,
          value_parser = steps, allow_negative_numbers = true)]
    behind: u8,
    /// Steps to search after the expected one [default: 1, for hotp 5]
    #[arg(long, value_name = "N", value_parser = steps, allow_negative_numbers = true)]
    ahead: Option<u8>,
    /// Highest spent counter; a code of it or of an earlier one is a replay
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    last: Option<u64>,
}

#[derive(Serialize)]
pub(crate) struct Matched {
    matched: bool,
    counter: u64,
    expected: u64,
    drift: i32,
}

#[derive(Serialize)]
struct Refused {
    matched: bool,
    reason: &'static str,
    #[serde(flatten)]
    elsewhere: Option<Elsewhere>,
}

/// The counter at which a wrong code would match.
#[derive(Serialize)]
pub(crate) struct Elsewhere {
    #[serde(rename = "hint_counter")]
    counter: u64,
    #[serde(rename = "hint_drift")]
    drift: i32,
    #[serde(skip)]
    sentence: String,
}

/// An answer as `--json` shows it.
#[derive(Serialize)]
struct Fields<T: Serialize> {
    #[serde(flatten)]
    answer: T,
    #[serde(flatten)]
    besides: Besides,
}

impl Match {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        self.key_source.read()?.each(output, |(key_source, findings), besides, output| {
            for sentence in remarks::of_code(&findings) {
                besides.note(&sentence, output);
            }
            let besides = Besides { findings: remarks::codes(&findings), ..besides };
            self.check.answer(key_source, besides, output)
        })
    }
}

impl Check {
    /// Returns a check in a window, without spent counters.
    pub(crate) fn new(code: &str, behind: u8, ahead: u8) -> Self {
        Self { code: code.to_owned(), behind, ahead: Some(ahead), last: None }
    }

    /// Searches for the code, and shows the answer.
    pub(crate) fn answer(
        &self,
        key_source: KeySource,
        besides: Besides,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        let matched = match self.find(&key_source)? {
            Ok(matched) => matched,
            Err(rejected) => {
                let hint =
                    if rejected == Rejected::Mismatch { self.hint(&key_source) } else { None };
                return refuse(output, rejected, besides, hint);
            }
        };
        if output.is_json() {
            output.object(&Fields { answer: matched, besides })?;
        } else {
            let Matched { counter, expected, drift, .. } = matched;
            let text = format!("yes: counter {counter}, expected {expected}, drift {drift}");
            output.text(&output.verdict(Answer::Yes, &text))?;
        }
        Ok(Answer::Yes)
    }

    /// Searches for the code. The inner result is about the code, the outer one about the options.
    pub(crate) fn find(
        &self,
        key_source: &KeySource,
    ) -> Result<Result<Matched, Rejected>, Failure> {
        let found = match key_source {
            KeySource::Totp(totp, time) => {
                let window = Window::new(self.behind, self.ahead.unwrap_or(1));
                self.judge(totp.parse(&self.code), 0, |code, floor| {
                    let hit = totp.verify(code, *time, window, floor)?;
                    Ok((hit.counter(), hit.expected(), hit.drift()))
                })
            }
            KeySource::Hotp(hotp, next) => {
                let next = match (*next, self.last) {
                    (None, None) => {
                        let message = "counter is missing: hotp needs --counter or --last";
                        return Err(Failure::usage("counter", message));
                    }
                    (next, _) => next.unwrap_or(0),
                };
                let window = Window::new(self.behind, self.ahead.unwrap_or(5));
                self.judge(hotp.parse(&self.code), next, |code, floor| {
                    let hit = hotp.verify(code, floor, window)?;
                    Ok((hit.counter(), hit.expected(), hit.drift()))
                })
            }
        };
        Ok(found)
    }

    /// Returns where a wrong code would match, in the widest window. That is only a hint: in so wide
    /// a window a guess matches too easily.
    fn hint(&self, key_source: &KeySource) -> Option<Elsewhere> {
        let found = match key_source {
            KeySource::Totp(totp, time) => self.judge(totp.parse(&self.code), 0, |code, floor| {
                let hit = totp.verify(code, *time, Window::new(u8::MAX, u8::MAX), floor)?;
                Ok((hit.counter(), hit.expected(), hit.drift()))
            }),
            KeySource::Hotp(hotp, next) => {
                self.judge(hotp.parse(&self.code), next.unwrap_or(0), |code, floor| {
                    let hit = hotp.verify(code, floor, Window::new(0, u8::MAX))?;
                    Ok((hit.counter(), hit.expected(), hit.drift()))
                })
            }
        };
        let Matched { counter, drift, .. } = found.ok()?;
        let sentence = match key_source {
            KeySource::Totp(totp, _) => {
                let seconds = totp.period().as_secs().saturating_mul(drift.unsigned_abs().into());
                let (minutes, rest) = (seconds / 60, seconds % 60);
                let way = if drift < 0 { "behind" } else { "ahead" };
                format!(
                    "the code belongs to counter {counter}: one clock is wrong; that of the code is \
                     {minutes} min {rest} s {way}"
                )
            }
            KeySource::Hotp(..) => {
                format!("the code belongs to counter {counter}: the token is {drift} codes ahead")
            }
        };
        Some(Elsewhere { counter, drift, sentence })
    }

    /// Verifies a code with the lowest unspent counter: the higher of `lowest` and the one after
    /// `--last`.
    fn judge(
        &self,
        code: Result<Code, Malformed>,
        lowest: u64,
        verify: impl FnOnce(Code, u64) -> Result<(u64, u64, i32), Rejected>,
    ) -> Result<Matched, Rejected> {
        let code = code?;
        let next = match self.last {
            Some(last) => last.checked_add(1).ok_or(Rejected::Exhausted)?,
            None => 0,
        };
        let (counter, expected, drift) = verify(code, next.max(lowest))?;
        Ok(Matched { matched: true, counter, expected, drift })
    }
}

impl Matched {
    /// Returns how many steps the match is from the expected counter.
    pub(crate) const fn distance(&self) -> u32 {
        self.drift.unsigned_abs()
    }
}

/// Shows why a code does not match.
pub(crate) fn refuse(
    output: &mut Output,
    rejected: Rejected,
    besides: Besides,
    elsewhere: Option<Elsewhere>,
) -> Result<Answer, Failure> {
    let position = besides.position;
    let refused = Refused { matched: false, reason: rejected.reason(), elsewhere };
    let refused = Fields { answer: refused, besides };
    if let Rejected::Malformed(why) = rejected {
        return malformed::malformed(output, &why, refused);
    }
    if output.is_json() {
        output.object(&refused)?;
    } else {
        let text = match rejected {
            Rejected::Replayed => "no: the code is spent (replayed)",
            Rejected::Exhausted => "no: no counter is left (exhausted)",
            _ => "no: the code is wrong (mismatch)",
        };
        output.text(&output.verdict(Answer::No, text))?;
        if let Some(elsewhere) = refused.answer.elsewhere.filter(|_| output.is_open()) {
            Besides { position, ..Besides::default() }.note(&elsewhere.sentence, output);
        }
    }
    Ok(Answer::No)
}
