//! No counter is accepted twice, and none below one that was, however the clock moves and whenever
//! the state is stored and read again.
//!
//! Input: the first unspent counter and the time, eight bytes each, big endian; then operations,
//! four bytes each: what to do, the window and the bound of a drift, and how far two codes are from the
//! expected counter.

use otp_context::replay::{Drift, Tracker};
use otp_core::{Algorithm, Code, Hotp, HotpMatch, Rejected, Totp, TotpMatch, UnixTime, Window};

use crate::bytes::Bytes;
use crate::verdict::{Verdict, verdict};

type OfTotp = Result<TotpMatch, Rejected>;
type OfHotp = Result<HotpMatch, Rejected>;

/// What the law is about; a control is another in one thing.
#[derive(Clone, Copy)]
struct Subject {
    verify_totp: fn(&mut Tracker, &Totp, Code, UnixTime, Window) -> OfTotp,
    follow: fn(&mut Tracker, &Totp, Code, UnixTime, Window, &mut Drift) -> OfTotp,
    verify_hotp: fn(&mut Tracker, &Hotp, Code, Window) -> OfHotp,
    resync_totp: fn(&mut Tracker, &Totp, &[Code; 2], UnixTime, u16) -> OfTotp,
    resync_hotp: fn(&mut Tracker, &Hotp, &[Code; 2], u16) -> OfHotp,
    /// How it comes back from where it was stored.
    restart: fn(&Tracker) -> Tracker,
    /// How the drift of a clock does, with its bound.
    drift: fn(i16, u8) -> Drift,
}

const TRACKER: Subject = Subject {
    verify_totp: Tracker::verify_totp,
    follow: Tracker::verify_following,
    verify_hotp: Tracker::verify_hotp,
    resync_totp: Tracker::resync_totp,
    resync_hotp: Tracker::resync_hotp,
    restart: |tracker| Tracker::resume(tracker.next()),
    drift: Drift::resume,
};

/// The law.
pub fn check(data: &[u8]) {
    against(data, &TRACKER);
}

/// What the naive server knows.
struct Model {
    /// Every counter below is spent.
    floor: u64,
}

fn against(data: &[u8], subject: &Subject) {
    let mut bytes = Bytes(data);
    let (floor, time) = (bytes.number(), bytes.number());
    let totp = Totp::new(Algorithm::Sha1, b"12345678901234567890").expect("a key");
    let mut now = UnixTime::from_secs(time);
    let mut tracker = Tracker::resume(floor);
    let mut model = Model { floor };
    let mut drifted = 0;
    for operation in bytes.rest().as_chunks::<4>().0.iter().take(64) {
        let [what, window, one, other] = *operation;
        let bound = window / 64;
        let window = Window::new(window % 8, window / 8 % 8);
        let signed = [one, other].map(|byte| i64::from(byte.cast_signed() >> 2));
        let counter = |expected: u64| expected.saturating_add_signed(signed[0]);
        let reach = u16::from(window.ahead) * 4;
        match what % 6 {
            0 => {
                let mut drift = (subject.drift)(drifted, bound);
                let most = i16::from(bound);
                let expected = totp.counter_at(now);
                let known = drifted.clamp(-most, most);
                let followed = expected.saturating_add_signed(known.into());
                let code = totp.hotp().generate(counter(expected));
                let verdict = model.one(&totp, code, [expected, followed], window);
                if bound == 0 {
                    let hit = (subject.verify_totp)(&mut tracker, &totp, code, now, window);
                    model.agree("a code of TOTP", hit.map(|hit| hit.counter()), verdict);
                } else {
                    let hit = (subject.follow)(&mut tracker, &totp, code, now, window, &mut drift);
                    model.agree("a drift", hit.map(|hit| hit.counter()), verdict);
                    if let Ok((_, drift)) = verdict {
                        drifted = i16::try_from(drift).expect("a near match");
                    }
                    let learnt = drifted.clamp(-most, most);
                    assert_eq!(drift.steps(), learnt, "another drift is learnt");
                }
            }
            1 => {
                let code = totp.hotp().generate(counter(tracker.next()));
                let verdict = model.one(&totp, code, [tracker.next(); 2], window);
                let hit = (subject.verify_hotp)(&mut tracker, totp.hotp(), code, window);
                model.agree("a code of HOTP", hit.map(|hit| hit.counter()), verdict);
            }
            2 => {
                let expected = totp.counter_at(now);
                let codes = run(&totp, counter(expected), signed[1]);
                let verdict = model.run(&totp, &codes, expected, [reach + 1, reach]);
                let hit = (subject.resync_totp)(&mut tracker, &totp, &codes, now, reach);
                model.agree("a run of TOTP", hit.map(|hit| hit.counter()), verdict);
            }
            3 => {
                let next = tracker.next();
                let codes = run(&totp, counter(next), signed[1]);
                let verdict = model.run(&totp, &codes, next, [0, reach]);
                let hit = (subject.resync_hotp)(&mut tracker, totp.hotp(), &codes, reach);
                model.agree("a run of HOTP", hit.map(|hit| hit.counter()), verdict);
            }
            4 => now = UnixTime::from_secs(now.as_secs().saturating_add_signed(signed[0] * 30)),
            _ => tracker = (subject.restart)(&tracker),
        }
        assert_eq!(tracker.next(), model.floor, "another counter is the first unspent");
    }
}

/// Two codes, one after the other unless told otherwise.
fn run(totp: &Totp, last: u64, other: i64) -> [Code; 2] {
    let first = last.saturating_sub(1);
    let first = if other < 0 { first.saturating_add_signed(other) } else { first };
    [first, last].map(|counter| totp.hotp().generate(counter))
}

impl Model {
    /// What becomes of one code, in the windows around two counters.
    fn one(&self, totp: &Totp, code: Code, middles: [u64; 2], window: Window) -> Verdict {
        let around = |middle: u64| {
            let first = i128::from(middle) - i128::from(window.behind);
            first..=i128::from(middle) + i128::from(window.ahead)
        };
        let has_code = |counter| totp.hotp().generate(counter) == code;
        verdict(middles.into_iter().flat_map(around), middles[0], self.floor, has_code)
    }

    /// What becomes of two codes, so far behind and ahead, neither of which may be spent.
    fn run(&self, totp: &Totp, codes: &[Code; 2], expected: u64, reach: [u16; 2]) -> Verdict {
        let [behind, ahead] = reach.map(i128::from);
        let first = (i128::from(expected) - behind).max(self.floor.into());
        verdict(first..=i128::from(expected) + ahead, expected, self.floor, |counter| {
            counter.checked_sub(1).is_some_and(|before| {
                i128::from(before) >= first
                    && totp.hotp().generate(before) == codes[0]
                    && totp.hotp().generate(counter) == codes[1]
            })
        })
    }

    fn agree(&mut self, what: &str, found: Result<u64, Rejected>, verdict: Verdict) {
        assert_eq!(found, verdict.map(|(counter, _)| counter), "{what} differs");
        if let Ok(counter) = found {
            self.floor = counter + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Subject, TRACKER, against};
    use crate::control::notices;
    use otp_context::replay::{Drift, Tracker};
    use otp_core::Window;

    /// A code, stored and read again, the same code; a resynchronisation of each sort.
    const INPUT: &[u8] = b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\x00\
        \x00\x09\0\0\x05\0\0\0\x00\x09\0\0\x01\x3f\x0c\0\x04\0\x40\0\x02\x3f\x10\0\x03\x3f\x20\0";
    /// A clock that is ahead by one step, by two, and by three.
    const DRIFT: &[u8] = b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\
        \x00\x49\x04\0\x00\x49\x08\0\x00\x49\x0c\0";

    #[test]
    fn tracker_with_one_flaw_does_not() {
        let is_noticed = |words, input, flaw: fn(&mut Subject)| {
            let mut tracker = TRACKER;
            flaw(&mut tracker);
            notices(words, || against(input, &tracker));
        };
        is_noticed("another counter is the first unspent", INPUT, |stored_one_too_low| {
            stored_one_too_low.restart =
                |tracker| Tracker::resume(tracker.next().saturating_sub(1));
        });
        is_noticed("a code of TOTP differs", INPUT, |takes_a_code_again| {
            takes_a_code_again.verify_totp = |tracker, totp, code, now, window| {
                *tracker = Tracker::resume(0);
                tracker.verify_totp(totp, code, now, window)
            };
        });
        is_noticed("another drift is learnt", DRIFT, |has_no_bound| {
            has_no_bound.drift = |steps, _| Drift::resume(steps, u8::MAX);
        });
        is_noticed("a code of HOTP differs", INPUT, |does_not_look_ahead| {
            does_not_look_ahead.verify_hotp =
                |tracker, hotp, code, _| tracker.verify_hotp(hotp, code, Window::ZERO);
        });
        is_noticed("a run of TOTP differs", INPUT, |does_not_reach| {
            does_not_reach.resync_totp =
                |tracker, totp, codes, now, _| tracker.resync_totp(totp, codes, now, 0);
        });
        is_noticed("a run of HOTP differs", INPUT, |does_not_reach| {
            does_not_reach.resync_hotp =
                |tracker, hotp, codes, _| tracker.resync_hotp(hotp, codes, 0);
        });
    }
}
