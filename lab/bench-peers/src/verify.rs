use otp_core::{UnixTime, Window};

use crate::Group;
use crate::hash::{Hash, prepared};

/// How many steps with their codes are gone through in turn.
const STEPS: u64 = 64;
const FIRST: u64 = 50_000_000;
const AHEAD: u8 = 100;

/// A typed code, right or wrong as the name says, and a step either side of the time.
pub fn window<H: Hash>(name: &'static str) -> Group {
    let mut group = Group::new(name, H::name(), 1);
    // Those of other steps: with luck, wrong ones.
    let first = if name.contains("right") { FIRST } else { 0 };
    let code = |step| H::hotp().generate(step).text().as_str().to_owned();
    let typed: &'static [String] = (first..first + STEPS).map(code).collect::<Vec<_>>().leak();
    let at = |number: u64| (FIRST + number % STEPS, typed[(number % STEPS) as usize].as_str());

    let totp = H::totp();
    group.add("otp-core", move |number| {
        let (step, text) = at(number);
        let code = totp.parse(text).unwrap();
        totp.verify(code, UnixTime::from_secs(step * 30), Window::ONE, 0)
    });
    #[cfg(feature = "totp-rfc")]
    {
        let ((totp, secret), window) = (H::totp_rfc(), totp_rfc::ValidationWindow::new(1, 1));
        group.add("totp-rfc", move |number| {
            let (step, text) = at(number);
            totp.verify_window(&secret, step * 30, window, text).unwrap()
        });
    }
    let totp = H::totp_rs(H::key(), 1);
    group.peer("totp-rs, early exit", move |number| {
        let (step, text) = at(number);
        totp.check(text, step * 30)
    });
    // It reads the clock, so the code is that of one time or none.
    let mut totp = libreauth::oath::TOTPBuilder::new();
    totp.key(H::key()).hash_function(H::LIBREAUTH).tolerance(1);
    let totp = totp.timestamp(i64::try_from(FIRST * 30).unwrap()).finalize().unwrap();
    let text = if first == FIRST { &typed[0] } else { &typed[1] };
    group.peer("libreauth, early exit", move |_| totp.is_valid(text));
    let prepared = prepared::<H>();
    group.peer("hmac, prepared, early exit", move |number| {
        let (step, text) = at(number);
        let value: u32 = text.parse().unwrap();
        (step - 1..=step + 1).find(|step| prepared(*step) == value)
    });
    group
}

/// A wrong HOTP code, 101 counters.
pub fn look_ahead<H: Hash>() -> Group {
    let mut group = Group::new("look-ahead of 100", H::name(), 1);
    let hotp = H::hotp();
    // Nothing else in reach has this code.
    let code = hotp.generate(0);
    let text: &'static str = code.text().as_str().to_owned().leak();
    group.add("otp-core", move |next| hotp.verify(code, next, Window::new(0, AHEAD)));
    #[cfg(feature = "totp-rfc")]
    if H::ALGORITHM == otp_core::Algorithm::Sha1 {
        use totp_rfc::{Digits, Hotp, Secret};
        let (hotp, secret) = (Hotp::new(Digits::new(6).unwrap()), Secret::new(H::key()).unwrap());
        group.add("totp-rfc", move |next| {
            hotp.verify_window(&secret, next, AHEAD.into(), text).unwrap()
        });
    }
    let hotp = H::hotp();
    group.peer("otp-bulk, widest engine", move |next| {
        otp_bulk::Engine::new().search(&hotp, code, next..=next + u64::from(AHEAD)).next()
    });
    let totp = H::totp_rs(H::key(), 50);
    group
        .peer("totp-rs, 50 steps either side, early exit", move |step| totp.check(text, step * 30));
    let (prepared, value) = (prepared::<H>(), text.parse::<u32>().unwrap());
    group.peer("hmac, prepared, early exit", move |next| {
        (next..=next + u64::from(AHEAD)).find(|counter| prepared(*counter) == value)
    });
    group
}
