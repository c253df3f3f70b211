//! Functions that link only if the optimiser removed every way in which they could panic.
//!
//! `no-panic` puts a value on each function's stack whose destructor calls a function that does not
//! exist; only unwinding runs it. So this program links, or it names the function that can panic.
//!
//! What is not here cannot be shown so: whatever asks for memory may unwind from the allocator, the
//! crate that reads Base32 asserts lengths, and the code for SHA-512 with AVX2 checks bounds.

#![allow(unsafe_code, reason = "what `no-panic` expands to")]
#![allow(missing_docs)]

use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroU32;

use no_panic::no_panic;
use otp_context::replay::{Drift, Guard, Lock, Throttle, ThrottlePolicy, Tracker};
use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp, Period, Totp, UnixTime, Window, hazmat};

#[no_panic]
fn generate(algorithm: Algorithm, key: &[u8], counter: u64) -> Option<usize> {
    let hotp = Hotp::new(algorithm, key).ok()?;
    Some(hotp.generate(counter).text().as_str().len())
}

#[no_panic]
fn parse(format: CodeFormat, text: &str, other: Code) -> Option<bool> {
    Some(format.parse(text).ok()? == other)
}

#[no_panic]
fn hotp(hotp: &Hotp, codes: &[Code; 3], next: u64, window: Window, ahead: u16) -> u64 {
    let found = hotp.verify(codes[0], next, window).map_or(0, |hit| hit.next());
    found ^ hotp.resync(codes, next, ahead).map_or(0, |hit| hit.next() ^ hit.skipped())
}

#[no_panic]
fn totp(totp: &Totp, codes: &[Code; 3], time: UnixTime, window: Window, floor: u64) -> u64 {
    let token = totp.generate(time);
    let token = token.counter()
        ^ token.start().as_secs()
        ^ token.expires().as_secs()
        ^ token.remaining(time);
    let found = totp.verify(codes[0], time, window, floor).map_or(0, |hit| {
        hit.next() ^ hit.remember_until().as_secs() ^ u64::from(hit.drift().unsigned_abs())
    });
    let run = totp.resync(codes, time, 9, floor).map_or(0, |hit| hit.drift());
    token ^ found ^ u64::from(run.unsigned_abs())
}

#[no_panic]
fn parameters(number: u64, text: &str) -> u64 {
    let digits = Digits::new(number.to_le_bytes()[0]).map_or(0, Digits::get);
    let period = Period::from_secs(number).map_or(0, Period::as_secs);
    let algorithm = text.parse::<Algorithm>().map_or(0, |algorithm| algorithm as u64);
    u64::from(digits) ^ period ^ algorithm
}

#[no_panic]
fn foreign_mac(mac: &[u8], format: CodeFormat) -> Option<Code> {
    hazmat::truncate(mac).ok().map(|truncated| hazmat::code(truncated, format))
}

#[no_panic]
fn foreign_hmac(mac: &[u8; 20], counter: u64, format: CodeFormat, window: Window) -> Option<u64> {
    let mac = |_| Ok::<_, Infallible>(mac);
    let code = hazmat::generate(counter, format, mac).ok()?;
    let found = hazmat::verify(code, format, counter, counter, window, mac);
    found.ok()?.ok().map(|hit| hit.next())
}

#[cfg(feature = "panics")]
#[no_panic]
fn careless(text: &str) -> u8 {
    text.as_bytes()[6]
}

#[no_panic]
fn track(tracker: &mut Tracker, totp: &Totp, codes: &[Code; 3], time: UnixTime) -> u64 {
    let (code, window) = (codes[0], black_box(Window::ONE));
    let _ = tracker.verify_totp(totp, code, time, window).map(|hit| hit.next());
    let mut drift = Drift::within(4);
    let _ = tracker.verify_following(totp, code, time, window, &mut drift).map(|hit| hit.next());
    let _ = tracker.verify_hotp(totp.hotp(), code, window).map(|hit| hit.next());
    let _ = tracker.resync_totp(totp, codes, time, 9).map(|hit| hit.next());
    let _ = tracker.resync_hotp(totp.hotp(), codes, 9).map(|hit| hit.next());
    tracker.next()
}

#[no_panic]
fn drift(steps: i16, bound: u8, totp: &Totp, code: Code, time: UnixTime, period: Period) -> i16 {
    let mut drift = Drift::resume(steps, bound);
    if let Ok(hit) = totp.verify(code, time, black_box(Window::ONE), 0) {
        drift.learn(&hit);
    }
    drift.steps() ^ i16::from(drift.shift(time, period) < time)
}

#[no_panic]
fn throttle(
    state: &mut Throttle,
    format: CodeFormat,
    odds: u32,
    limit: NonZeroU32,
    time: UnixTime,
) -> Option<u32> {
    let policy = ThrottlePolicy::new(format, Window::ONE)
        .or_else(|_| ThrottlePolicy::with_risk(format, Window::ONE, odds))
        .ok()?
        .with_limit(limit);
    let charged = u32::from(state.charge(&policy, time).is_ok());
    let waits = policy.wait_after(odds) ^ policy.max_lock(odds);
    Some(charged ^ waits ^ policy.limit() ^ policy.linear_step())
}

#[no_panic]
fn guard(
    guard: &mut Guard,
    policy: &ThrottlePolicy,
    totp: &Totp,
    typed: &str,
    time: UnixTime,
) -> u64 {
    let store = |state: &Guard| if state.next() == 0 { Err(()) } else { Ok(()) };
    let _ = guard.verify(policy, totp, typed, time, Window::ONE, store).map(|hit| hit.next());
    let hotp = totp.hotp();
    let _ = guard.verify_hotp(policy, hotp, typed, time, Window::ONE, store).map(|hit| hit.next());
    guard.next()
}

fn main() {
    // What the compiler cannot see through, so that nothing is left out.
    let input: Vec<u8> = black_box(std::env::args().next().unwrap_or_default().into_bytes());
    let (typed, number) = (black_box(String::from("123 456")), black_box(7));
    let (format, window, time) =
        (black_box(CodeFormat::default()), black_box(Window::ONE), UnixTime::from_secs(number));
    black_box(generate(black_box(Algorithm::Sha1), &input, number));
    let mut state = Throttle::resume(3, black_box(Lock::Open));
    if let Ok(found) = Totp::new(black_box(Algorithm::Sha256), &input) {
        let codes = black_box([found.hotp().generate(number); 3]);
        black_box(parse(format, &typed, codes[0]));
        black_box(hotp(found.hotp(), &codes, number, window, black_box(9)));
        black_box(totp(&found, &codes, time, window, number));
        black_box(track(&mut Tracker::resume(number), &found, &codes, time));
        let period = black_box(Period::THIRTY);
        black_box(drift(black_box(-3), black_box(9), &found, codes[0], time, period));
        let mut state = Guard::resume(number, state);
        black_box(guard(&mut state, &black_box(ThrottlePolicy::nist()), &found, &typed, time));
    }
    black_box(throttle(&mut state, format, black_box(5), black_box(NonZeroU32::MIN), time));
    black_box(foreign_hmac(&black_box([7; 20]), number, format, window));
    black_box(parameters(number, &typed));
    black_box(foreign_mac(&input, black_box(CodeFormat::Steam)));
    #[cfg(feature = "panics")]
    black_box(careless(&typed));
}
