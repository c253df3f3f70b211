//! Generating, verifying and resynchronising say what the plain model says.
//!
//! Input: algorithm, format, window (behind, ahead), distance of the typed code from the expected
//! counter and of the floor from it (signed): a byte each. Counter, period and T0: eight bytes each,
//! big endian. The rest is the key.

#[cfg(test)]
mod controls;
mod subject;

use otp_core::{
    Algorithm, Code, CodeFormat, Digits, Error, Hotp, HotpMatch, Period, Rejected, Totp, UnixTime,
    Window,
};

use self::subject::{CORE, Subject};
use crate::bytes::Bytes;
use crate::model::{self, Verdict};

/// Six decimal formats and Steam's.
pub(crate) fn format(byte: u8) -> CodeFormat {
    Digits::new(6 + byte % 6).map_or(CodeFormat::Steam, CodeFormat::Decimal)
}

/// The law.
pub fn check(data: &[u8]) {
    against(data, &CORE, &model::truncated);
}

type Model = dyn Fn(Algorithm, &[u8], u64) -> u32;

struct Input<'d> {
    algorithm: Algorithm,
    format: CodeFormat,
    window: Window,
    typed: i8,
    floor: i8,
    counter: u64,
    period: u64,
    t0: u64,
    key: &'d [u8],
}

impl<'d> Input<'d> {
    fn read(data: &'d [u8]) -> Self {
        let mut bytes = Bytes(data);
        Self {
            algorithm: Algorithm::ALL[usize::from(bytes.byte() % 3)],
            format: format(bytes.byte()),
            window: Window::new(bytes.byte(), bytes.byte()),
            typed: bytes.byte().cast_signed(),
            floor: bytes.byte().cast_signed(),
            counter: bytes.number(),
            period: bytes.number(),
            t0: bytes.number(),
            key: bytes.rest(),
        }
    }

    /// A counter near another, within `u64`.
    fn near(counter: u64, distance: i8) -> u64 {
        counter.saturating_add_signed(distance.into())
    }
}

fn against(data: &[u8], subject: &Subject, model: &Model) {
    let input = Input::read(data);
    looks_like_a_toy(&input, subject);
    let Ok(hotp) = (subject.prepare)(input.algorithm, input.key) else {
        assert!(input.key.is_empty(), "a key is refused");
        assert_eq!(Hotp::new(input.algorithm, input.key).err(), Some(Error::EmptyKey));
        return;
    };
    assert!(!input.key.is_empty(), "an empty key is not refused");
    let hotp = hotp.with_format(input.format);
    generates(&input, subject, &hotp, model);
    verifies(&input, subject, &hotp, model);
    resynchronises(&input, subject, &hotp, model);
    keeps_time(&input, subject, model);
}

fn generates(input: &Input<'_>, subject: &Subject, hotp: &Hotp, model: &Model) {
    let text = model::text(input.format, model(input.algorithm, input.key, input.counter));
    let code = (subject.generate)(hotp, input.counter);
    assert_eq!(code.text().as_str(), text, "generating differs");
    assert_eq!(hotp.parse(&text), Ok(code), "parsing differs");
}

/// The model is slow, so its windows are narrow.
fn narrow(window: Window) -> Window {
    Window::new(window.behind >> 4, window.ahead >> 4)
}

fn around(expected: u64, window: Window) -> core::ops::RangeInclusive<i128> {
    let expected = i128::from(expected);
    expected - i128::from(window.behind)..=expected + i128::from(window.ahead)
}

fn verifies(input: &Input<'_>, subject: &Subject, hotp: &Hotp, model: &Model) {
    let (window, next) = (narrow(input.window), input.counter);
    let typed = model(input.algorithm, input.key, Input::near(next, input.typed >> 3));
    let typed = model::text(input.format, typed);
    let code = hotp.parse(&typed).expect("the model's codes are well formed");
    let expected = model::verdict(around(next, window), next, next, |counter| {
        model::text(input.format, model(input.algorithm, input.key, counter)) == typed
    });
    let found = (subject.verify)(hotp, code, next, window);
    agree("verifying", &found, next, &expected);
}

fn resynchronises(input: &Input<'_>, subject: &Subject, hotp: &Hotp, model: &Model) {
    let (next, reach) = (input.counter, u64::from(input.window.ahead >> 3));
    let second = Input::near(next, (input.typed >> 2).max(0));
    let Some(first) = second.checked_sub(1) else { return };
    let codes = [hotp.generate(first), hotp.generate(second)];
    let truncated = |counter| model(input.algorithm, input.key, counter);
    let texts = [first, second].map(|counter| model::text(input.format, truncated(counter)));
    let last = i128::from(next) + i128::from(reach);
    let expected = model::verdict(i128::from(next)..=last, next, next, |counter| {
        counter > next
            && model::text(input.format, truncated(counter - 1)) == texts[0]
            && model::text(input.format, truncated(counter)) == texts[1]
    });
    let reach = u16::try_from(reach).expect("it was a byte");
    let found = (subject.resync)(hotp, &codes, next, reach);
    agree("resynchronising", &found, next, &expected);
}

/// A MAC with few values: codes coincide in almost every window, with real ones in hardly any.
fn toy(counter: u64) -> [u8; 20] {
    [u8::try_from(counter % 3).expect("below 3"); 20]
}

fn looks_like_a_toy(input: &Input<'_>, subject: &Subject) {
    let texts = [0, 1, 2].map(|rest| model::text(input.format, model::truncate(&toy(rest))));
    let text = |counter: u64| texts[usize::try_from(counter % 3).expect("below 3")].as_str();
    let typed = Input::near(input.counter, input.typed);
    let code = (subject.generate_by)(typed, input.format, toy);
    assert_eq!(code.text().as_str(), text(typed), "generating by another MAC differs");
    let floor = Input::near(input.counter, input.floor);
    let found = (subject.verify_by)(code, input.format, input.counter, floor, input.window, toy);
    let counters = around(input.counter, input.window);
    let expected =
        model::verdict(counters, input.counter, floor, |counter| text(counter) == text(typed));
    agree("verifying by another MAC", &found, input.counter, &expected);
}

fn agree(what: &str, found: &Result<HotpMatch, Rejected>, expected: u64, verdict: &Verdict) {
    let told = match found {
        Ok(hit) => {
            assert_eq!(hit.expected(), expected);
            assert_eq!(hit.skipped(), hit.counter().saturating_sub(expected));
            assert_eq!(Some(hit.next()), hit.counter().checked_add(1));
            Verdict::Match { counter: hit.counter(), drift: hit.drift().into() }
        }
        Err(Rejected::Replayed) => Verdict::Replayed,
        Err(Rejected::Exhausted) => Verdict::Exhausted,
        Err(Rejected::Mismatch) => Verdict::Mismatch,
        Err(Rejected::Malformed(_)) => panic!("a code was malformed all of a sudden"),
    };
    assert_eq!(told, *verdict, "{what} differs");
}

/// The counter is the time here.
fn keeps_time(input: &Input<'_>, subject: &Subject, model: &Model) {
    let Ok(period) = Period::from_secs(input.period) else {
        assert_eq!(input.period, 0, "a period is refused");
        return;
    };
    let [time, t0, steps] = [input.counter, input.t0, input.period].map(u128::from);
    let totp = Totp::new(input.algorithm, input.key)
        .expect("the key is not empty")
        .with_format(input.format)
        .with_period(period)
        .with_t0(UnixTime::from_secs(input.t0));
    let now = UnixTime::from_secs(input.counter);
    let token = (subject.token)(&totp, now);
    let counter = time.saturating_sub(t0) / steps;
    let start = t0 + counter * steps;
    let capped = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
    assert_eq!(u128::from(token.counter()), counter, "the token differs");
    assert_eq!(token.start().as_secs(), capped(start));
    assert_eq!(token.expires().as_secs(), capped(start + steps));
    assert_eq!(token.is_valid_at(now), time >= t0);
    assert_eq!(token.remaining(now), capped(start + steps - time));
    let text = model::text(input.format, model(input.algorithm, input.key, token.counter()));
    assert_eq!(token.code().text().as_str(), text);
    verifies_in_time(input, subject, &totp, token.code(), model);
}

fn verifies_in_time(input: &Input<'_>, subject: &Subject, totp: &Totp, code: Code, model: &Model) {
    let now = UnixTime::from_secs(input.counter);
    let (window, expected) = (narrow(input.window), totp.counter_at(now));
    let floor = Input::near(expected, input.floor >> 4);
    let verdict = model::verdict(around(expected, window), expected, floor, |counter| {
        let truncated = model(input.algorithm, input.key, counter);
        model::text(input.format, truncated) == code.text().as_str()
    });
    let found = (subject.verify_at)(totp, code, now, window, floor);
    if let Ok(hit) = &found {
        assert_eq!(hit.start(), totp.start_of(hit.counter()));
        assert!(hit.remember_until() >= hit.expires() && hit.expires() >= hit.start());
    }
    let told = match found {
        Ok(hit) => Verdict::Match { counter: hit.counter(), drift: hit.drift().into() },
        Err(Rejected::Replayed) => Verdict::Replayed,
        Err(Rejected::Exhausted) => Verdict::Exhausted,
        Err(_) => Verdict::Mismatch,
    };
    assert_eq!(told, verdict, "verifying in time differs");
}
