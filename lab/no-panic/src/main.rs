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
use otp_core::{
    Algorithm, Code, CodeFormat, CodeText, Digits, Error, Hotp, Malformed, Period, Rejected, Totp,
    TotpMatch, UnixTime, Window, hazmat,
};

#[no_panic]
fn prepare(algorithm: Algorithm, key: &[u8]) -> Result<Hotp, Error> {
    Hotp::new(algorithm, key)
}

#[no_panic]
fn generate(hotp: &Hotp, counter: u64) -> CodeText {
    hotp.generate(counter).text()
}

#[no_panic]
fn text(code: &CodeText) -> &str {
    code.as_str()
}

#[no_panic]
fn parse(format: CodeFormat, text: &str) -> Result<Code, Malformed> {
    format.parse(text)
}

#[no_panic]
fn equal(one: Code, other: Code) -> bool {
    one == other
}

#[no_panic]
fn verify_hotp(hotp: &Hotp, code: Code, next: u64, window: Window) -> Result<u64, Rejected> {
    hotp.verify(code, next, window).map(|hit| hit.next())
}

#[no_panic]
fn verify_totp(totp: &Totp, code: Code, time: UnixTime, window: Window, floor: u64) -> Option<u64> {
    let hit = totp.verify(code, time, window, floor).ok()?;
    Some(hit.next() ^ hit.remember_until().as_secs() ^ u64::from(hit.drift().unsigned_abs()))
}

#[no_panic]
fn resync(totp: &Totp, codes: &[Code; 3], time: UnixTime, reach: u16, floor: u64) -> Option<i32> {
    totp.resync(codes, time, reach, floor).ok().map(|hit| hit.drift())
}

#[no_panic]
fn resync_hotp(hotp: &Hotp, codes: &[Code; 3], next: u64, ahead: u16) -> Option<u64> {
    hotp.resync(codes, next, ahead).ok().map(|hit| hit.next() ^ hit.skipped())
}

#[no_panic]
fn token(totp: &Totp, time: UnixTime) -> u64 {
    let token = totp.generate(time);
    token.counter() ^ token.start().as_secs() ^ token.expires().as_secs() ^ token.remaining(time)
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
fn generate_by(mac: &[u8; 20], counter: u64, format: CodeFormat) -> Option<Code> {
    hazmat::generate(counter, format, |_| Ok::<_, Infallible>(mac)).ok()
}

#[no_panic]
fn verify_by(mac: &[u8; 20], code: Code, next: u64, window: Window) -> Option<u64> {
    let mac = |_| Ok::<_, Infallible>(mac);
    let found = hazmat::verify(code, code.format(), next, next, window, mac);
    found.ok()?.ok().map(|hit| hit.next())
}

#[cfg(feature = "panics")]
#[no_panic]
fn careless(text: &str) -> u8 {
    text.as_bytes()[6]
}

#[no_panic]
fn track(tracker: &mut Tracker, totp: &Totp, code: Code, time: UnixTime, window: Window) -> u64 {
    let _ = tracker.verify_totp(totp, code, time, window).map(|hit| hit.next());
    let mut drift = Drift::within(4);
    let _ = tracker.verify_following(totp, code, time, window, &mut drift).map(|hit| hit.next());
    let _ = tracker.verify_hotp(totp.hotp(), code, window).map(|hit| hit.next());
    tracker.next()
}

#[no_panic]
fn track_runs(tracker: &mut Tracker, totp: &Totp, codes: &[Code; 3], time: UnixTime) -> u64 {
    let _ = tracker.resync_totp(totp, codes, time, 9).map(|hit| hit.next());
    let _ = tracker.resync_hotp(totp.hotp(), codes, 9).map(|hit| hit.next());
    tracker.next()
}

#[no_panic]
fn drift(steps: i16, bound: u8, hit: &TotpMatch, time: UnixTime, period: Period) -> i16 {
    let mut drift = Drift::resume(steps, bound);
    drift.learn(hit);
    drift.steps() ^ i16::from(drift.shift(time, period) < time)
}

#[no_panic]
fn policy(
    format: CodeFormat,
    window: Window,
    odds: u32,
    limit: NonZeroU32,
) -> Option<ThrottlePolicy> {
    let policy = ThrottlePolicy::new(format, window)
        .or_else(|_| ThrottlePolicy::with_risk(format, window, odds));
    policy.ok().map(|policy| policy.with_limit(limit))
}

#[no_panic]
fn waits(policy: &ThrottlePolicy, failures: u32) -> u32 {
    policy.wait_after(failures) ^ policy.max_lock(failures) ^ policy.limit() ^ policy.linear_step()
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

#[no_panic]
fn charge(throttle: &mut Throttle, policy: &ThrottlePolicy, time: UnixTime) -> bool {
    throttle.charge(policy, time).is_ok()
}

fn main() {
    // What the compiler cannot see through, so that nothing is left out.
    let input: Vec<u8> = black_box(std::env::args().next().unwrap_or_default().into_bytes());
    let typed = black_box(String::from("123 456"));
    let number = black_box(7);
    let code = parse(black_box(CodeFormat::default()), &typed);
    if let Ok(hotp) = prepare(black_box(Algorithm::Sha1), &input) {
        let shown = generate(&hotp, number);
        black_box(text(&shown));
        if let Ok(code) = code {
            let _ = black_box(verify_hotp(&hotp, code, number, black_box(Window::ONE)));
            black_box(equal(code, hotp.generate(number)));
            black_box(resync_hotp(&hotp, &black_box([code; 3]), number, black_box(9)));
        }
    }
    if let (Ok(totp), Ok(code)) = (Totp::new(black_box(Algorithm::Sha256), &input), code) {
        let time = UnixTime::from_secs(number);
        black_box(verify_totp(&totp, code, time, black_box(Window::ONE), number));
        black_box(resync(&totp, &black_box([code; 3]), time, black_box(9), number));
        if let Ok(hit) = totp.verify(code, time, black_box(Window::ONE), number) {
            black_box(drift(black_box(-3), black_box(9), &hit, time, black_box(Period::THIRTY)));
        }
        black_box(token(&totp, time));
        let mut tracker = Tracker::resume(number);
        black_box(track(&mut tracker, &totp, code, time, black_box(Window::ONE)));
        black_box(track_runs(&mut tracker, &totp, &black_box([code; 3]), time));
        let mut throttle = Throttle::resume(3, black_box(Lock::Open));
        black_box(charge(&mut throttle, &black_box(ThrottlePolicy::nist()), time));
        let mut state = Guard::resume(number, throttle);
        black_box(guard(&mut state, &black_box(ThrottlePolicy::nist()), &totp, &typed, time));
    }
    let mac = black_box([7; 20]);
    if let Some(code) = generate_by(&mac, number, black_box(CodeFormat::default())) {
        black_box(verify_by(&mac, code, number, black_box(Window::ONE)));
    }
    let limit = black_box(NonZeroU32::MIN);
    if let Some(policy) =
        policy(black_box(CodeFormat::Steam), black_box(Window::ONE), black_box(5), limit)
    {
        black_box(waits(&policy, black_box(8)));
    }
    black_box(parameters(number, &typed));
    black_box(foreign_mac(&input, black_box(CodeFormat::Steam)));
    #[cfg(feature = "panics")]
    black_box(careless(&typed));
}
