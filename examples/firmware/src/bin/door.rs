//! A door: a code is typed, and opens it once.
//!
//! What must outlive a reset is kept where the clock is: in registers that run on its battery.
//! Everything is stored before it is acted upon, so a reset in between gains a guesser nothing.
#![no_std]
#![no_main]

use core::convert::Infallible;

use otp_context::replay::{Guard, GuardError, Throttle, ThrottlePolicy};
use otp_core::{Algorithm, CodeFormat, Rejected, Totp, UnixTime, Window};

/// The key; an immutable `static` stays in flash.
static KEY: [u8; 20] = *b"12345678901234567890";

/// One step on either side: clocks drift, and people type slowly.
const WINDOW: Window = Window::ONE;

/// The registers that the battery keeps.
struct Backup {
    /// The lowest unspent time step.
    next: u64,
    throttle: Throttle,
}

impl Backup {
    fn store(&mut self, state: &Guard) -> Result<(), Infallible> {
        (self.next, self.throttle) = (state.next(), state.throttle());
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Open,
    Refused,
    /// Too many failures: not now.
    Wait,
    /// No code at all, so not counted as an attempt.
    Mistyped,
}

impl Answer {
    const fn text(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Wait => "wait",
            Self::Mistyped => "mistyped",
        }
    }
}

/// Judges what was typed at a time of the board's clock.
fn judge(
    totp: &Totp,
    policy: &ThrottlePolicy,
    backup: &mut Backup,
    typed: &str,
    now: UnixTime,
) -> Answer {
    let mut guard = Guard::resume(backup.next, backup.throttle);
    match guard.verify(policy, totp, typed, now, WINDOW, |state| backup.store(state)) {
        Ok(_) => Answer::Open,
        Err(GuardError::Rejected(Rejected::Malformed(_))) => Answer::Mistyped,
        Err(GuardError::Rejected(_)) => Answer::Refused,
        Err(GuardError::Locked(_)) => Answer::Wait,
    }
}

/// What happens at the door one day: seconds by its clock, what is typed, the answer.
const DAY: [(u64, &str, Answer); 9] = [
    (1_111_111_109, "081804", Answer::Open),
    // An onlooker types the same code.
    (1_111_111_110, "081804", Answer::Refused),
    (1_111_111_111, "08180", Answer::Mistyped),
    (1_111_111_112, "000000", Answer::Refused),
    (1_111_111_113, "000001", Answer::Refused),
    (1_111_111_114, "000002", Answer::Refused),
    // The right code, within the wait of thirty seconds.
    (1_111_111_115, "050471", Answer::Wait),
    (1_111_111_145, "266759", Answer::Open),
    (1_234_567_890, "005924", Answer::Open),
];

#[board::entry]
fn main() -> ! {
    board::exit(run() == Some(true))
}

fn run() -> Option<bool> {
    let totp = Totp::new(Algorithm::Sha1, &KEY).ok()?;
    let policy = ThrottlePolicy::new(CodeFormat::default(), WINDOW).ok()?;
    let mut backup = Backup { next: 0, throttle: Throttle::default() };
    let mut well = true;
    for (seconds, typed, expected) in DAY {
        let answer = judge(&totp, &policy, &mut backup, typed, UnixTime::from_secs(seconds));
        board::say(&[typed, ": ", answer.text()]);
        well &= answer == expected;
    }
    Some(well)
}
