use otp_core::{Hotp, Window};

use crate::Group;
use crate::hash::Hash;
#[cfg(not(feature = "totp-rfc"))]
use crate::hash::{naive, prepare, prepared};

const AHEAD: u8 = 100;

/// A wrong HOTP code, 101 counters.
pub fn groups<H: Hash>(groups: &mut Vec<Group>) {
    let mut group = Group::new("look-ahead of 100", H::ALGORITHM.name());
    let hotp = Hotp::new(H::ALGORITHM, H::key()).unwrap();
    // Nothing else in reach has this code.
    let code = hotp.generate(0);
    let text: &'static str = code.text().as_str().to_owned().leak();
    group.add("otp-core", move |next| hotp.verify(code, next, Window::new(0, AHEAD)));
    #[cfg(feature = "totp-rfc")]
    {
        use totp_rfc::{Digits, Hotp, Secret};
        let (hotp, secret) = (Hotp::new(Digits::new(6).unwrap()), Secret::new(H::key()).unwrap());
        group.add("totp-rfc", move |next| {
            hotp.verify_window(&secret, next, AHEAD.into(), text).unwrap()
        });
    }
    #[cfg(not(feature = "totp-rfc"))]
    {
        let hotp = Hotp::new(H::ALGORITHM, H::key()).unwrap();
        group.add("otp-bulk, widest engine", move |next| {
            otp_bulk::Engine::new().search(&hotp, code, next..=next + u64::from(AHEAD)).next()
        });
        let builder = totp_rs::Builder::new().with_algorithm(H::TOTP_RS).with_skew(50);
        let totp = builder.with_secret(H::key().to_vec()).build().unwrap();
        group.add("totp-rs, 50 steps either side, early exit", move |step| {
            totp.check(text, step * 30)
        });
        let mut hotp = libreauth::oath::HOTPBuilder::new();
        hotp.key(H::key()).hash_function(H::LIBREAUTH).counter(50_000_000);
        let hotp = hotp.look_ahead(AHEAD.into()).finalize().unwrap();
        group.add("libreauth, early exit", move |_| hotp.is_valid(text));
        let value: u32 = text.parse().unwrap();
        let mac = prepare::<H>(H::key());
        group.add("hmac, prepared, early exit", move |next| {
            (next..=next + u64::from(AHEAD)).find(|counter| prepared(&mac, *counter) == value)
        });
        group.add("hmac, naive, early exit", move |next| {
            let mut counters = next..=next + u64::from(AHEAD);
            counters.find(|counter| naive::<H>(H::key(), *counter) == value)
        });
    }
    groups.push(group);
}
