//! Time steps are counters: tokens, verifying, following a clock and resynchronising say in time
//! what the plain model says.

use otp_core::{Code, Period, Rejected, Totp, TotpMatch, TotpToken, UnixTime, Window, hazmat};

use crate::codes::{Input, around, near};
use crate::model::Verdict;

type Found = Result<TotpMatch, Rejected>;

/// What the laws are about; a control is another in one thing.
struct Subject {
    token: fn(&Totp, UnixTime) -> TotpToken,
    verify: fn(&Totp, Code, UnixTime, Window, u64) -> Found,
    verify_with_drift: fn(&Totp, Code, UnixTime, i16, Window, u64) -> Found,
    resync: fn(&Totp, &[Code; 3], UnixTime, u16, u64) -> Found,
}

const CORE: Subject = Subject {
    token: Totp::generate,
    verify: Totp::verify,
    verify_with_drift: Totp::verify_with_drift,
    resync: Totp::resync,
};

/// The law, where the input's counter is the time.
pub(crate) fn keeps_time(input: &Input<'_>) {
    against(input, &CORE);
}

fn against(input: &Input<'_>, subject: &Subject) {
    let Ok(period) = Period::from_secs(input.period) else {
        assert_eq!(input.period, 0, "a period is refused");
        return;
    };
    let totp = Totp::new(input.algorithm, input.key)
        .expect("the key is not empty")
        .with_format(input.format)
        .with_period(period)
        .with_t0(UnixTime::from_secs(input.t0));
    let now = UnixTime::from_secs(input.counter);
    let token = (subject.token)(&totp, now);
    let counter = input.counter.saturating_sub(input.t0) / input.period;
    assert_eq!(token.counter(), counter, "the token differs");
    assert_eq!(hazmat::counter_at(now, totp.t0(), period), counter);
    assert_eq!(token.code().text().as_str(), input.code(counter));
    assert_eq!(token.start(), capped(input.start_of(counter, 0)));
    assert_eq!(token.expires(), capped(input.start_of(counter, 1)));
    for time in [0, input.typed, input.floor].map(|seconds| near(input.counter, seconds)) {
        let (time, end) = (u128::from(time), input.start_of(counter, 1));
        let is_valid = (input.start_of(counter, 0)..end).contains(&time);
        assert_eq!(token.is_valid_at(capped(time)), is_valid);
        assert_eq!(token.remaining(capped(time)), capped(end.saturating_sub(time)).as_secs());
    }
    Clock { input, subject, totp, now, expected: counter }.verifies();
}

impl Input<'_> {
    /// When a step begins that is so many after another; there may be no such second.
    fn start_of(&self, counter: u64, steps: u64) -> u128 {
        let step = u128::from(counter) + u128::from(steps);
        u128::from(self.t0) + step * u128::from(self.period)
    }
}

fn capped(second: u128) -> UnixTime {
    UnixTime::from_secs(u64::try_from(second).unwrap_or(u64::MAX))
}

/// A verifier at an instant.
struct Clock<'d> {
    input: &'d Input<'d>,
    subject: &'d Subject,
    totp: Totp,
    now: UnixTime,
    expected: u64,
}

impl Clock<'_> {
    fn verifies(&self) {
        let (input, subject, totp, expected) =
            (self.input, self.subject, &self.totp, self.expected);
        let (window, floor) = (input.narrow(), near(expected, input.floor >> 4));
        let typed = near(expected, input.typed >> 3);
        let code = totp.parse(&input.code(typed)).expect("the model's codes are well formed");

        let own = input.verdict(around(expected, window), expected, floor, &[typed]);
        let found = (subject.verify)(totp, code, self.now, window, floor);
        self.agree("verifying in time", &found, own, window.behind.into());

        let drift = i16::from(input.window.behind.cast_signed() >> 3);
        let followed = expected.saturating_add_signed(drift.into());
        let other = input.verdict(around(followed, window), followed, floor, &[typed]);
        let steps = i128::from(followed) - i128::from(expected);
        let found = (subject.verify_with_drift)(totp, code, self.now, drift, window, floor);
        // A slow clock shows a code for longer.
        let behind = u64::from(window.behind) + u64::from(drift.min(0).unsigned_abs());
        self.agree("following a clock", &found, both(own, other, steps), behind);

        let Some(first) = typed.checked_sub(2) else { return };
        let codes = [first, first + 1, typed].map(|counter| totp.hotp().generate(counter));
        let reach = window.ahead;
        let found = (subject.resync)(totp, &codes, self.now, reach.into(), floor);
        // All must be unspent.
        let reached = around(expected, Window::new(reach, reach));
        let reached = (*reached.start()).max(i128::from(floor) + 2)..=*reached.end();
        let verdict = input.verdict(reached, expected, floor, &[first, first + 1, typed]);
        self.agree("resynchronising in time", &found, verdict, reach.into());
    }

    fn agree(&self, what: &str, found: &Found, verdict: Verdict, behind: u64) {
        let told = found.as_ref().map(|hit| (hit.counter(), hit.drift().into()));
        assert_eq!(told.map_err(|reason| *reason), verdict, "{what} differs");
        if let Ok(hit) = found {
            let start_of = |steps| capped(self.input.start_of(hit.counter(), steps));
            assert_eq!((hit.expected(), hit.time()), (self.expected, self.now));
            assert_eq!(Some(hit.next()), hit.counter().checked_add(1));
            assert_eq!((hit.period(), hit.start()), (self.totp.period(), start_of(0)));
            assert_eq!(self.totp.start_of(hit.counter()), start_of(0));
            assert_eq!(hit.expires(), start_of(1));
            // From then on the window begins above the counter.
            let until = start_of(1 + behind);
            assert_eq!(hit.remember_until(), until, "{what} is remembered otherwise");
            assert_eq!(hit.remember_for(), until.seconds_since(self.now));
        }
    }
}

/// What two windows say together, the second so many steps off: the higher match is spent, and the
/// one nearer to the middle of its window tells the drift.
fn both(own: Verdict, other: Verdict, steps: i128) -> Verdict {
    match (own, other) {
        (Ok((counter, drift)), Ok((higher, off))) => {
            Ok((counter.max(higher), if off.abs() <= drift.abs() { steps + off } else { drift }))
        }
        (Ok(_), Err(_)) => own,
        (Err(_), Ok((counter, drift))) => Ok((counter, steps + drift)),
        (Err(own), Err(other)) => {
            let reasons = [Rejected::Replayed, Rejected::Exhausted];
            let reason = reasons.into_iter().find(|it| [own, other].contains(it));
            Err(reason.unwrap_or(Rejected::Mismatch))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CORE, Subject, against};
    use crate::codes::Input;
    use crate::control::notices;
    use otp_core::Window;

    /// Second 1 of a clock that is followed two steps ahead, and a code that is typed so many steps
    /// ahead.
    fn input(steps: u8) -> Vec<u8> {
        let head = [0, 0, 0x11, 0x11, steps * 8, 0];
        let numbers = [1, 30, 0].map(u64::to_be_bytes);
        [&head[..], numbers.as_flattened(), b"12345678901234567890"].concat()
    }

    #[test]
    fn clock_with_one_flaw_does_not_agree() {
        let is_noticed = |words, steps, flaw: fn(&mut Subject)| {
            let mut core = CORE;
            flaw(&mut core);
            notices(words, || against(&Input::read(&input(steps)), &core));
        };
        is_noticed("the token differs", 1, |core| {
            core.token = |totp, now| totp.generate(now.saturating_add(30));
        });
        is_noticed("verifying in time differs", 1, |core| {
            core.verify =
                |totp, code, now, window, floor| totp.verify(code, now, window, floor + 2);
        });
        is_noticed("verifying in time is remembered otherwise", 1, |core| {
            core.verify = |totp, code, now, window, floor| {
                totp.verify(code, now, Window::new(window.behind + 1, window.ahead), floor)
            };
        });
        is_noticed("following a clock differs", 2, |core| {
            core.verify_with_drift =
                |totp, code, now, _, window, floor| totp.verify(code, now, window, floor);
        });
        is_noticed("resynchronising in time differs", 2, |core| {
            core.resync =
                |totp, codes, now, reach, floor| totp.resync(codes, now, reach + 1, floor);
        });
    }
}
