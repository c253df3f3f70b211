//! Whether the time that comparing and verifying takes tells anything about the code.
//!
//! Each case has two classes of inputs. Their times are compared by Welch's t: below 4.5 nothing
//! shows in so many samples. Each control is a careless variant, whose t must be above.
//!
//! Whether an account is there shows a little, and is bounded. That a code was accepted shows: writing
//! down a match takes time. The answer says the same. Where in the window it was found does not show,
//! nor that it was found and spent. A bound is one of the mean of all samples, and of those up to each
//! quantile; its control must be beyond it.
//!
//! `timing [SAMPLES]`; the controls take a tenth of that. `timing CLASS TIMES` verifies so many times,
//! for a counter of instructions.

#![forbid(unsafe_code)]

mod account;
mod code;
mod difference;
mod expectation;
mod interruptions;
mod measure;
mod random;
mod welch;
mod window;

use std::process::ExitCode;

use crate::difference::Difference;
use crate::measure::Case;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let samples = match words[..] {
        [] => Ok(1_000_000),
        [samples] => samples.parse(),
        [class, times] => {
            let done = times.parse().ok().and_then(|times| account::repeat(class, times));
            return done.map_or_else(usage, |()| ExitCode::SUCCESS);
        }
        _ => return usage(),
    };
    let Ok(samples) = samples else { return usage() };
    let mut good = true;
    for case in cases() {
        good &= judge(&case, samples);
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("timing: [SAMPLES], or a class and TIMES");
    ExitCode::from(2)
}

/// Every case; one more is one line more.
fn cases() -> Vec<Case> {
    [code::cases(), window::cases(), account::cases()].into_iter().flatten().collect()
}

/// Whether a case shows what it must.
fn judge(case: &Case, samples: u32) -> bool {
    let control = case.expectation.is_control();
    let samples = if control { (samples / 10).max(10_000) } else { samples };
    let mut found = (case.measure)(samples);
    // A leak is there every time. What a busy machine does by chance is not.
    if !control && !case.expectation.judge(&found).0 {
        println!("{}  once more", line(case, samples, &found));
        found = (case.measure)(samples);
    }
    let (good, verdict) = case.expectation.judge(&found);
    println!("{}  {verdict}", line(case, samples, &found));
    good
}

fn line(case: &Case, samples: u32, found: &Difference) -> String {
    let shown = case.expectation.nanoseconds(found);
    let shown = shown.map_or_else(|| "-".to_owned(), |shown| format!("{shown:.1} ns"));
    format!("{:<54} {samples:>8} samples  |t| {:>8.2}  {shown:>9}", case.name, found.t.abs())
}
