//! Generating, verifying and resynchronising say what the plain model says.
//!
//! Input: algorithm, format, window (behind, ahead), distance of the typed code from the expected
//! counter and of the floor from it (signed): a byte each. Counter, period and T0: eight bytes each,
//! big endian. The rest is the key.

use core::ops::RangeInclusive;

use otp_core::{
    Algorithm, Code, CodeFormat, Digits, Error, Hotp, HotpMatch, Rejected, Window, hazmat,
};

use crate::bytes::Bytes;
use crate::clock;
use crate::model::{self, Verdict};

/// Six decimal formats and Steam's.
pub(crate) fn format(byte: u8) -> CodeFormat {
    Digits::new(6 + byte % 6).map_or(CodeFormat::Steam, CodeFormat::Decimal)
}

/// What the laws are about; a control is another in one thing.
struct Subject {
    prepare: fn(Algorithm, &[u8]) -> Result<Hotp, Error>,
    generate: fn(&Hotp, u64) -> Code,
    verify: fn(&Hotp, Code, u64, Window) -> Result<HotpMatch, Rejected>,
    resync: fn(&Hotp, &[Code; 2], u64, u16) -> Result<HotpMatch, Rejected>,
    generate_by: fn(u64, CodeFormat, Toy) -> Code,
    verify_by: fn(Code, CodeFormat, u64, u64, Window, Toy) -> Result<HotpMatch, Rejected>,
}

const CORE: Subject = Subject {
    prepare: Hotp::new,
    generate: Hotp::generate,
    verify: Hotp::verify,
    resync: Hotp::resync,
    generate_by: |counter, format, toy| {
        hazmat::generate(counter, format, |message| by(toy, message)).expect("a long MAC")
    },
    verify_by: |code, format, expected, floor, window, toy| {
        let mac = |message| by(toy, message);
        hazmat::verify(code, format, expected, floor, window, mac).expect("a long MAC")
    },
};

type Toy = fn(u64) -> [u8; 20];

fn by(toy: Toy, message: [u8; 8]) -> Result<[u8; 20], ()> {
    Ok(toy(u64::from_be_bytes(message)))
}

/// The law.
pub fn check(data: &[u8]) {
    against(data, &CORE);
}

pub(crate) struct Input<'d> {
    pub(crate) algorithm: Algorithm,
    pub(crate) format: CodeFormat,
    pub(crate) window: Window,
    pub(crate) typed: i8,
    pub(crate) floor: i8,
    pub(crate) counter: u64,
    pub(crate) period: u64,
    pub(crate) t0: u64,
    pub(crate) key: &'d [u8],
}

impl<'d> Input<'d> {
    pub(crate) fn read(data: &'d [u8]) -> Self {
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

    /// The model's code of a counter.
    pub(crate) fn code(&self, counter: u64) -> String {
        model::text(self.format, model::truncated(self.algorithm, self.key, counter))
    }

    /// The model's verdict on the codes of a run of counters, of which the last is looked for.
    pub(crate) fn verdict(
        &self,
        counters: RangeInclusive<i128>,
        expected: u64,
        floor: u64,
        run: &[u64],
    ) -> Verdict {
        let texts: Vec<String> = run.iter().map(|counter| self.code(*counter)).collect();
        model::verdict(counters, expected, floor, |counter| {
            let before = (0..).map(|steps| counter.checked_sub(steps));
            let mut pairs = texts.iter().rev().zip(before);
            pairs.all(|(text, counter)| counter.is_some_and(|it| self.code(it) == *text))
        })
    }

    /// The model is slow, so its windows are narrow.
    pub(crate) fn narrow(&self) -> Window {
        Window::new(self.window.behind >> 4, self.window.ahead >> 4)
    }
}

/// A counter near another, within `u64`.
pub(crate) fn near(counter: u64, distance: i8) -> u64 {
    counter.saturating_add_signed(distance.into())
}

/// The counters of a window, of which some may not exist.
pub(crate) fn around(expected: u64, window: Window) -> RangeInclusive<i128> {
    let expected = i128::from(expected);
    expected - i128::from(window.behind)..=expected + i128::from(window.ahead)
}

fn against(data: &[u8], subject: &Subject) {
    let input = Input::read(data);
    looks_like_a_toy(&input, subject);
    let Ok(hotp) = (subject.prepare)(input.algorithm, input.key) else {
        assert!(input.key.is_empty(), "a key is refused");
        assert_eq!(Hotp::new(input.algorithm, input.key).err(), Some(Error::EmptyKey));
        return;
    };
    assert!(!input.key.is_empty(), "an empty key is not refused");
    let hotp = hotp.with_format(input.format);
    generates(&input, subject, &hotp);
    verifies(&input, subject, &hotp);
    resynchronises(&input, subject, &hotp);
    clock::keeps_time(&input);
}

fn generates(input: &Input<'_>, subject: &Subject, hotp: &Hotp) {
    let text = input.code(input.counter);
    let code = (subject.generate)(hotp, input.counter);
    assert_eq!(code.text().as_str(), text, "generating differs");
    assert_eq!(hotp.parse(&text), Ok(code), "parsing differs");
}

fn verifies(input: &Input<'_>, subject: &Subject, hotp: &Hotp) {
    let (window, next) = (input.narrow(), input.counter);
    let typed = near(next, input.typed >> 3);
    let code = hotp.parse(&input.code(typed)).expect("the model's codes are well formed");
    let found = (subject.verify)(hotp, code, next, window);
    agree("verifying", &found, next, input.verdict(around(next, window), next, next, &[typed]));
}

fn resynchronises(input: &Input<'_>, subject: &Subject, hotp: &Hotp) {
    let (next, reach) = (input.counter, u16::from(input.window.ahead >> 3));
    let second = near(next, input.typed >> 2);
    let Some(first) = second.checked_sub(1) else { return };
    let codes = [first, second].map(|counter| hotp.generate(counter));
    let found = (subject.resync)(hotp, &codes, next, reach);
    // Both must be unspent.
    let counters = i128::from(next) + 1..=i128::from(next) + i128::from(reach);
    let verdict = input.verdict(counters, next, next, &[first, second]);
    agree("resynchronising", &found, next, verdict);
}

/// A MAC with few values: codes coincide in almost every window, with real ones in hardly any.
fn toy(counter: u64) -> [u8; 20] {
    let mixed = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    [u8::try_from(mixed % 5).expect("below 5"); 20]
}

fn looks_like_a_toy(input: &Input<'_>, subject: &Subject) {
    let text = |counter| model::text(input.format, model::truncate(&toy(counter)));
    let typed = near(input.counter, input.typed);
    let code = (subject.generate_by)(typed, input.format, toy);
    assert_eq!(code.text().as_str(), text(typed), "generating by another MAC differs");
    let floor = near(input.counter, input.floor);
    let found = (subject.verify_by)(code, input.format, input.counter, floor, input.window, toy);
    let counters = around(input.counter, input.window);
    let verdict = model::verdict(counters, input.counter, floor, |it| toy(it) == toy(typed));
    agree("verifying by another MAC", &found, input.counter, verdict);
}

fn agree(what: &str, found: &Result<HotpMatch, Rejected>, expected: u64, verdict: Verdict) {
    let told = found.as_ref().map(|hit| (hit.counter(), hit.drift().into()));
    assert_eq!(told.map_err(|reason| *reason), verdict, "{what} differs");
    if let Ok(hit) = found {
        assert_eq!(hit.expected(), expected);
        assert_eq!(hit.skipped(), hit.counter().saturating_sub(expected));
        assert_eq!(Some(hit.next()), hit.counter().checked_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::{CORE, Subject, against};
    use crate::control::notices;
    use otp_core::{Hotp, Window};

    /// Counter 1, and a code typed for counter 2.
    const INPUT: &[u8] = b"\0\0\x11\x11\x08\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x1e\0\0\0\0\0\0\0\0\
        12345678901234567890";

    #[test]
    fn core_with_one_flaw_does_not() {
        let is_noticed = |words, input: &[u8], flaw: fn(&mut Subject)| {
            let mut core = CORE;
            flaw(&mut core);
            notices(words, || against(input, &core));
        };
        is_noticed("an empty key is not refused", b"", |core| {
            core.prepare = |algorithm, _| Hotp::new(algorithm, b"0");
        });
        is_noticed("generating differs", INPUT, |core| {
            core.prepare = |it, key| Hotp::new(it, &[&[key[0] ^ 1], &key[1..]].concat());
        });
        is_noticed("generating differs", INPUT, |core| {
            core.generate = |hotp, counter| hotp.generate(counter / 2);
        });
        is_noticed("verifying differs", INPUT, |core| {
            core.verify = |hotp, code, next, _| hotp.verify(code, next, Window::ZERO);
        });
        is_noticed("resynchronising differs", INPUT, |core| {
            core.resync = |hotp, codes, next, reach| hotp.resync(codes, next, reach - 1);
        });
        is_noticed("generating by another MAC differs", INPUT, |core| {
            core.generate_by = |counter, format, mac| (CORE.generate_by)(counter + 1, format, mac);
        });
        is_noticed("verifying by another MAC differs", INPUT, |core| {
            core.verify_by = |code, format, expected, _, window, mac| {
                (CORE.verify_by)(code, format, expected, 0, window, mac)
            };
        });
    }
}
