use core::hint::black_box;

use libreauth::oath::HOTPBuilder;
use otp_core::UnixTime;

use crate::Group;
use crate::hash::{Hash, naive, prepared};

fn time(step: u64) -> UnixTime {
    UnixTime::from_secs(step * 30)
}

/// One code after the other from an object that is kept.
pub fn kept<H: Hash>() -> Group {
    let mut group = Group::new("generate", H::name(), 1);
    let totp = H::totp();
    group.add("otp-core", move |step| totp.generate(time(step)));
    #[cfg(feature = "totp-rfc")]
    {
        let (totp, secret) = H::totp_rfc();
        group.add("totp-rfc", move |step| totp.generate(&secret, step * 30).unwrap());
    }
    let totp = H::totp_rs(H::key(), 1);
    group.peer("totp-rs", move |step| totp.generate(step * 30));
    group.peer("totp-lite", |step| H::totp_lite(step * 30));
    let mut hotp = HOTPBuilder::new();
    let hotp = hotp.key(H::key()).hash_function(H::LIBREAUTH).finalize().unwrap();
    group.peer("libreauth", move |_| hotp.generate());
    group.peer("hmac, prepared", prepared::<H>());
    group.peer("hmac, naive", |counter| naive::<H>(H::key(), counter));
    let mut bare = H::bare();
    group.peer("two bare compressions", move |_| bare());
    group
}

/// Codes in a chain: no code begins before the last one is known.
pub fn chain<H: Hash>() -> Group {
    let mut group = Group::new("chain", H::name(), 1);
    let totp = H::totp();
    let other = totp.generate(UnixTime::EPOCH).code();
    let work = move |step| u64::from(totp.generate(time(step)).code() == other);
    group.add("otp-core", chained(work));
    let totp = H::totp_rs(H::key(), 1);
    let other = totp.generate(0);
    group.peer("totp-rs", chained(move |step| u64::from(totp.generate(step * 30) == other)));
    let prepared = prepared::<H>();
    group.peer("hmac, prepared", chained(move |counter| u64::from(prepared(counter) & 1)));
    let naive = |counter| u64::from(naive::<H>(H::key(), counter) & 1);
    group.peer("hmac, naive", chained(naive));
    let mut bare = H::bare();
    group.peer("two bare compressions", chained(move |_| bare()));
    group
}

/// Work that cannot begin before the last call has ended: its number depends on it.
fn chained(mut work: impl FnMut(u64) -> u64 + 'static) -> impl FnMut(u64) + 'static {
    let mut number = 50_000_000_u64;
    move |_| number = number.wrapping_add(1).wrapping_add(work(black_box(number)))
}

/// From the key's bytes to one code.
pub fn built<H: Hash>() -> Group {
    let mut group = Group::new("build", H::name(), 1);
    group.add("otp-core", |step| H::totp().generate(time(step)));
    #[cfg(feature = "totp-rfc")]
    group.add("totp-rfc", |step| {
        let (totp, secret) = H::totp_rfc();
        totp.generate(&secret, step * 30).unwrap()
    });
    group.peer("totp-rs", |step| H::totp_rs(H::key(), 1).generate(step * 30));
    group.peer("totp-lite", |step| H::totp_lite(step * 30));
    group.peer("libreauth", |counter| {
        let mut hotp = HOTPBuilder::new();
        hotp.key(H::key()).counter(counter).hash_function(H::LIBREAUTH);
        hotp.finalize().unwrap().generate()
    });
    group.peer("hmac, naive", |counter| naive::<H>(H::key(), counter));
    group
}
