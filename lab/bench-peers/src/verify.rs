use otp_core::{Totp, UnixTime, Window};

use crate::Group;
use crate::hash::Hash;
#[cfg(not(feature = "totp-rfc"))]
use crate::hash::{naive, prepare, prepared};

/// How many steps with their codes are gone through in turn.
const STEPS: u64 = 64;
const FIRST: u64 = 50_000_000;

/// A typed code, a step either side of the time.
pub fn groups<H: Hash>(groups: &mut Vec<Group>) {
    let totp = Totp::new(H::ALGORITHM, H::key()).unwrap();
    let code = |step: u64| totp.hotp().generate(step).text().as_str().to_owned();
    let right: Vec<String> = (FIRST..FIRST + STEPS).map(code).collect();
    // Those of other steps: with luck, wrong ones.
    let wrong: Vec<String> = (0..STEPS).map(code).collect();
    groups.push(group::<H>("verify, wrong code", wrong));
    groups.push(group::<H>("verify, right code", right));
}

fn group<H: Hash>(name: &'static str, typed: Vec<String>) -> Group {
    let mut group = Group::new(name, H::ALGORITHM.name());
    let typed: &'static [String] = typed.leak();
    let at = |number: u64| (FIRST + number % STEPS, typed[(number % STEPS) as usize].as_str());

    let totp = Totp::new(H::ALGORITHM, H::key()).unwrap();
    group.add("otp-core", move |number| {
        let (step, text) = at(number);
        let code = totp.parse(text).unwrap();
        totp.verify(code, UnixTime::from_secs(step * 30), Window::ONE, 0)
    });
    #[cfg(feature = "totp-rfc")]
    {
        use totp_rfc::{Digits, Secret, Totp, ValidationWindow};
        let totp = Totp::new(H::TOTP_RFC, Digits::new(6).unwrap(), 30, 0).unwrap();
        let secret = Secret::new(H::key()).unwrap();
        group.add("totp-rfc", move |number| {
            let (step, text) = at(number);
            totp.verify_window(&secret, step * 30, ValidationWindow::new(1, 1), text).unwrap()
        });
    }
    #[cfg(not(feature = "totp-rfc"))]
    {
        let builder = totp_rs::Builder::new().with_algorithm(H::TOTP_RS).with_skew(1);
        let totp = builder.with_secret(H::key().to_vec()).build().unwrap();
        group.add("totp-rs, early exit", move |number| {
            let (step, text) = at(number);
            totp.check(text, step * 30)
        });
        // It reads the clock, so the code is that of one time or none.
        let mut totp = libreauth::oath::TOTPBuilder::new();
        totp.key(H::key()).hash_function(H::LIBREAUTH).tolerance(1);
        let right = totp.timestamp(i64::try_from(FIRST * 30).unwrap()).finalize().unwrap();
        let text = if name.contains("right") { &typed[0] } else { &typed[1] };
        group.add("libreauth, early exit", move |_| right.is_valid(text));
        let mac = prepare::<H>(H::key());
        group.add("hmac, prepared, early exit", move |number| {
            let (step, text) = at(number);
            let value: u32 = text.parse().unwrap();
            (step - 1..=step + 1).find(|step| prepared(&mac, *step) == value)
        });
        group.add("hmac, naive, early exit", move |number| {
            let (step, text) = at(number);
            let value: u32 = text.parse().unwrap();
            (step - 1..=step + 1).find(|step| naive::<H>(H::key(), *step) == value)
        });
    }
    group
}
