//! The core against known codes, on the processor itself: exit code 0 if all are right, else 1.
#![no_std]
#![no_main]

mod vectors {
    include!(concat!(env!("OUT_DIR"), "/vectors.rs"));
}

use otp_context::replay::Tracker;
use otp_core::{
    Algorithm, Code, CodeFormat, Digits, Hotp, Period, Rejected, Totp, UnixTime, Window,
};

/// A group of checks: `None` if one of them went wrong.
type Checks = fn() -> Option<()>;

#[board::entry]
fn main() -> ! {
    let mut well = true;
    for (name, checks) in [
        ("RFC 4226", hotp as Checks),
        ("RFC 6238", totp),
        ("Steam", steam),
        ("other parameters", any),
        #[cfg(feature = "base32")]
        ("base32", base32_both_ways),
        ("tracker", tracker),
        ("resynchronisation", resync),
    ] {
        let passed = checks().is_some();
        board::say(&[if passed { "right: " } else { "WRONG: " }, name]);
        well &= passed;
    }
    board::exit(well)
}

/// A code is a text, and the text is the code.
fn same(code: Code, expected: &str) -> Option<()> {
    let text = code.text();
    let read = code.format().parse(expected).ok()?;
    (text.as_str() == expected && read == code).then_some(())
}

fn hotp() -> Option<()> {
    let hotp = Hotp::new(Algorithm::Sha1, vectors::HOTP_KEY).ok()?;
    for (counter, expected) in vectors::HOTP {
        let wrong = cfg!(feature = "wrong-vector") && *counter == 9;
        same(hotp.generate(*counter), if wrong { "520480" } else { expected })?;
    }
    Some(())
}

fn totp() -> Option<()> {
    for (algorithm, key, time, expected) in vectors::TOTP {
        let totp = Totp::new(algorithm.parse().ok()?, key).ok()?.with_format(Digits::EIGHT);
        same(totp.generate(UnixTime::from_secs(*time)).code(), expected)?;
    }
    Some(())
}

fn steam() -> Option<()> {
    for (key, time, expected) in vectors::STEAM {
        let totp = Totp::steam(key).ok()?;
        same(totp.generate(UnixTime::from_secs(*time)).code(), expected)?;
    }
    Some(())
}

/// Codes of every algorithm, length, period and length of key, agreed on by other programs.
fn any() -> Option<()> {
    for (algorithm, key, digits, period, moving, expected) in vectors::ANY {
        let format = CodeFormat::Decimal(Digits::new(*digits).ok()?);
        let hotp = Hotp::new(algorithm.parse().ok()?, key).ok()?.with_format(format);
        let code = if let Ok(period) = Period::from_secs(*period) {
            let totp = Totp::new(algorithm.parse().ok()?, key).ok()?;
            let totp = totp.with_format(format).with_period(period);
            totp.generate(UnixTime::from_secs(*moving)).code()
        } else {
            hotp.generate(*moving)
        };
        same(code, expected)?;
    }
    Some(())
}

#[cfg(feature = "base32")]
fn base32_both_ways() -> Option<()> {
    use otp_core::{Repairs, base32};

    let mut buffer = [0; 32];
    let typed = "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq";
    let (key, repairs) = base32::decode(typed, Repairs::TYPED, &mut buffer).ok()?;
    let mut text = [0; 32];
    let written = base32::encode(key, &mut text).ok()?;
    let well = key == vectors::HOTP_KEY
        && repairs == (Repairs::CASE | Repairs::SEPARATORS)
        && written == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        && base32::decode("GEZ!", Repairs::ALL, &mut buffer).is_err();
    well.then_some(())
}

fn tracker() -> Option<()> {
    let totp = Totp::new(Algorithm::Sha1, vectors::HOTP_KEY).ok()?;
    let now = UnixTime::from_secs(1_111_111_109);
    let code = totp.parse("081804").ok()?;

    let mut tracker = Tracker::new();
    let hit = tracker.verify_totp(&totp, code, now, Window::ONE).ok()?;
    let again = tracker.verify_totp(&totp, code, now, Window::ONE);
    let before = tracker.verify_totp(&totp, code, now.saturating_sub(30), Window::ONE);
    let wrong = tracker.verify_totp(&totp, totp.parse("081805").ok()?, now, Window::ONE);

    let mut last = Tracker::resume(u64::MAX);
    let end = last.verify_hotp(totp.hotp(), totp.hotp().generate(u64::MAX), Window::ONE);

    let well = hit.counter() == 37_037_036
        && tracker.next() == 37_037_037
        && again == Err(Rejected::Replayed)
        && before == Err(Rejected::Replayed)
        && wrong == Err(Rejected::Mismatch)
        && end == Err(Rejected::Exhausted);
    well.then_some(())
}

fn resync() -> Option<()> {
    let hotp = Hotp::new(Algorithm::Sha256, vectors::HOTP_KEY).ok()?;
    let codes = [hotp.generate(40), hotp.generate(41)];
    let hit = hotp.resync(&codes, 3, 50).ok()?;
    (hit.next() == 42).then_some(())
}
