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

/// The key of RFC 4226.
const KEY: &[u8] = b"12345678901234567890";

/// A group of checks: `None` if one of them went wrong.
type Checks = fn() -> Option<()>;

#[board::entry]
fn main() -> ! {
    let mut well = true;
    for (name, checks) in [
        ("codes", codes as Checks),
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

/// Codes of both RFCs, of Steam Guard, and of every algorithm, length, period and length of key, agreed on
/// by other programs.
fn codes() -> Option<()> {
    for (algorithm, key, period, moving, expected) in vectors::ALL {
        let algorithm: Algorithm = algorithm.parse().ok()?;
        // Codes of Steam Guard are shorter than any decimal ones.
        let digits = Digits::new(u8::try_from(expected.len()).ok()?);
        let format = digits.map_or(CodeFormat::Steam, CodeFormat::Decimal);
        let code = if let Ok(period) = Period::from_secs(*period) {
            let totp = Totp::new(algorithm, key).ok()?.with_format(format).with_period(period);
            totp.generate(UnixTime::from_secs(*moving)).code()
        } else {
            Hotp::new(algorithm, key).ok()?.with_format(format).generate(*moving)
        };
        let wrong = cfg!(feature = "wrong-vector") && *moving == 9;
        same(code, if wrong { "520480" } else { expected })?;
    }
    Some(())
}

/// A code is a text, and the text is the code.
fn same(code: Code, expected: &str) -> Option<()> {
    let text = code.text();
    let read = code.format().parse(expected).ok()?;
    (text.as_str() == expected && read == code).then_some(())
}

#[cfg(feature = "base32")]
fn base32_both_ways() -> Option<()> {
    use otp_core::{Repairs, base32};

    let mut buffer = [0; 32];
    let typed = "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq";
    let (key, repairs) = base32::decode(typed, Repairs::TYPED, &mut buffer).ok()?;
    let mut text = [0; 32];
    let written = base32::encode(key, &mut text).ok()?;
    let well = key == KEY
        && repairs == (Repairs::CASE | Repairs::SEPARATORS)
        && written == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        && base32::decode("GEZ!", Repairs::ALL, &mut buffer).is_err();
    well.then_some(())
}

fn tracker() -> Option<()> {
    let totp = Totp::new(Algorithm::Sha1, KEY).ok()?;
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
    let hotp = Hotp::new(Algorithm::Sha256, KEY).ok()?;
    let codes = [hotp.generate(40), hotp.generate(41)];
    let hit = hotp.resync(&codes, 3, 50).ok()?;
    (hit.next() == 42).then_some(())
}
