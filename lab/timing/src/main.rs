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
mod measure;
mod window;

use std::process::ExitCode;

use crate::account::{verify, verify_if_there};
use crate::code::{compare, equal_or_not, first_or_last, until_one_differs};
use crate::difference::Law::{self, Below, Hide};
use crate::measure::{Random, measure};
use crate::window::{login, missed, spent, until_found, whole};

/// Nanoseconds that writing down a match may take, or whether an account is there: a hundredth of what
/// refusing at once shows.
const MOST: f64 = 40.0;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        [] => Some(run(1_000_000)),
        [samples] => samples.parse().ok().map(run),
        [class, times] => {
            times.parse().ok().and_then(|times| account::repeat(class, times)).map(|()| true)
        }
        _ => None,
    };
    match done {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => {
            eprintln!("timing: [SAMPLES], or a class and TIMES");
            ExitCode::from(2)
        }
    }
}

/// Whether every case does what it must.
fn run(samples: u32) -> bool {
    let hit = |at: i64| move |hit: bool, random: &mut Random| login(hit.then_some(at), random);
    let either = |first, random: &mut Random| login(Some(if first { -4 } else { 4 }), random);
    let control = (samples / 10).max(10_000);
    [
        judge("codes: equal or not", Hide, || measure(samples, equal_or_not, compare)),
        judge("codes: first or last digit differs", Hide, || {
            measure(samples, first_or_last, compare)
        }),
        judge_control("codes: digit by digit until one differs", Hide, || {
            measure(control, first_or_last, until_one_differs)
        }),
        judge("window: accepted at its first counter or at its last", Hide, || {
            measure(samples, either, whole)
        }),
        judge("window: spent at its first counter or at none", Hide, || {
            measure(samples, hit(-4), spent)
        }),
        judge("window: spent at its last counter or at none", Hide, || {
            measure(samples, hit(4), spent)
        }),
        judge("window: one digit wrong or all of them", Hide, || measure(samples, missed, whole)),
        judge("window: accepted or refused", Below(MOST), || measure(samples, hit(0), whole)),
        judge_control("window: until found, first counter or none", Below(MOST), || {
            measure(control, hit(-4), until_found)
        }),
        judge_control("window: until found, first counter or last", Hide, || {
            measure(control, either, until_found)
        }),
        judge("account: there or not", Below(MOST), || measure(samples, account::login, verify)),
        judge_control("account: refused at once if it is not there", Below(MOST), || {
            measure(control, account::login, verify_if_there)
        }),
    ]
    .iter()
    .all(|good| *good)
}

/// Whether the times of two classes keep a law.
fn judge(name: &str, law: Law, times: impl Fn() -> [Vec<f64>; 2]) -> bool {
    // A leak is there every time. What a busy machine does by chance is not.
    (0..2).any(|_| {
        let found = difference::of(&times());
        let good = law.keeps(&found);
        println!(
            "{name:<52} {found}  {}",
            if good { "as it must" } else { "TELLS, OR THE MACHINE IS BUSY" }
        );
        good
    })
}

/// Whether the times of a careless variant break a law.
fn judge_control(name: &str, law: Law, times: impl Fn() -> [Vec<f64>; 2]) -> bool {
    let found = difference::of(&times());
    let good = law.breaks(&found);
    let verdict = if good { "tells, as it must" } else { "TELLS NOTHING, SO THIS PROVES NOTHING" };
    println!("control, {name:<43} {found}  {verdict}");
    good
}
