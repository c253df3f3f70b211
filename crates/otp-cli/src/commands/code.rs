use std::ops::RangeInclusive;

use clap::Args;
use otp_bulk::Engine;
use otp_core::{Hotp, Totp, UnixTime};
use serde::Serialize;

use crate::failure::Failure;
use crate::input::found::Besides;
use crate::input::key_source::{KeySource, KeySourceOptions};
use crate::input::number::count;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::progress::Progress;
use crate::output::remarks;

/// Print the code of a secret or URI on stdin
#[derive(Args, Debug)]
pub(crate) struct Code {
    #[command(flatten)]
    key_source: KeySourceOptions,
    /// Number of codes, of consecutive counters
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        value_parser = count,
        allow_negative_numbers = true
    )]
    count: u64,
}

/// A code as `--json` shows it. A code of HOTP has no times.
#[derive(Serialize)]
struct Fields<'a> {
    code: &'a str,
    counter: u64,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    life: Option<Life>,
    #[serde(flatten)]
    besides: &'a Besides,
}

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Life {
    start: u64,
    expires: u64,
    remaining: u64,
}

impl Code {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        self.key_source.read()?.each(output, |(key_source, findings), besides, output| {
            for sentence in remarks::of_code(&findings) {
                besides.note(&sentence, output);
            }
            let besides = Besides { findings: remarks::codes(&findings), ..besides };
            show(&key_source, self.count, &besides, output)?;
            if let KeySource::Totp(totp, time) = &key_source
                && self.count == 1
                && output.is_open()
            {
                let remaining = Life::new(totp, totp.counter_at(*time), *time).remaining;
                besides.note(&format!("{remaining} s left"), output);
            }
            Ok(Answer::Yes)
        })
    }
}

/// Shows a number of codes of consecutive counters, as long as counter and time can be expressed.
pub(crate) fn show(
    key_source: &KeySource,
    count: u64,
    besides: &Besides,
    output: &mut Output,
) -> Result<(), Failure> {
    match key_source {
        KeySource::Totp(totp, time) => {
            let last = totp.counter_at(UnixTime::from_secs(u64::MAX));
            let counters = totp.counter_at(*time)..=last;
            let life = |counter| Some(Life::new(totp, counter, *time));
            each(totp.hotp(), counters, count, besides, output, life)
        }
        KeySource::Hotp(hotp, Some(counter)) => {
            each(hotp, *counter..=u64::MAX, count, besides, output, |_| None)
        }
        KeySource::Hotp(_, None) => {
            Err(Failure::usage("counter", "counter is missing: hotp needs --counter"))
        }
    }
}

/// Shows the requested number of codes from a range.
fn each(
    hotp: &Hotp,
    counters: RangeInclusive<u64>,
    count: u64,
    besides: &Besides,
    output: &mut Output,
    life: impl Fn(u64) -> Option<Life>,
) -> Result<(), Failure> {
    let (first, last) = counters.into_inner();
    let last = last.min(first.saturating_add(count.saturating_sub(1)));
    let progress = Progress::new(count, output);
    output.gather(|output| {
        for (counter, code) in Engine::new().codes(hotp, first..=last) {
            show_one(output, code, counter, life(counter), besides)?;
            if !output.is_open() {
                break;
            }
            progress.advance(1);
        }
        Ok(())
    })
}

impl Life {
    /// Returns when a time step begins and ends, and the seconds until its end. `now` is not after
    /// the end.
    pub(crate) fn new(totp: &Totp, counter: u64, now: UnixTime) -> Self {
        let (start, now) = (totp.start_of(counter).as_secs(), now.as_secs());
        let period = totp.period().as_secs();
        let (early, late) = (start.saturating_sub(now), now.saturating_sub(start));
        Self {
            start,
            expires: start.saturating_add(period),
            remaining: period.saturating_add(early).saturating_sub(late),
        }
    }
}

fn show_one(
    output: &mut Output,
    code: otp_core::Code,
    counter: u64,
    life: Option<Life>,
    besides: &Besides,
) -> Result<(), Failure> {
    let text = code.text();
    if output.is_json() {
        output.object(&Fields { code: text.as_str(), counter, life, besides })
    } else {
        output.text(text.as_str())
    }
}
