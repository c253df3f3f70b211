use otp_core::{Totp, UnixTime};

use crate::Group;
use crate::hash::{Hash, naive, naive_inlined, prepare, prepared};

pub fn groups<H: Hash>(groups: &mut Vec<Group>) {
    groups.push(kept::<H>());
    if cfg!(not(feature = "totp-rfc")) {
        groups.push(chain::<H>());
    }
    groups.push(built::<H>());
}

fn ours<H: Hash>() -> Totp {
    Totp::new(H::ALGORITHM, H::key()).unwrap()
}

fn totp_rs<H: Hash>(key: &[u8]) -> totp_rs::Totp {
    let builder = totp_rs::Builder::new().with_algorithm(H::TOTP_RS).with_secret(key.to_vec());
    builder.build().unwrap()
}

/// One code after the other from an object that is kept.
fn kept<H: Hash>() -> Group {
    let mut group = Group::new("generate", H::ALGORITHM.name());
    let totp = ours::<H>();
    group.add("otp-core", move |step| totp.generate(UnixTime::from_secs(step * 30)));
    let totp = ours::<H>();
    group.add("otp-core, as text", move |step| {
        totp.generate(UnixTime::from_secs(step * 30)).code().text()
    });
    #[cfg(feature = "totp-rfc")]
    {
        use totp_rfc::{Digits, Secret, Totp};
        let totp = Totp::new(H::TOTP_RFC, Digits::new(6).unwrap(), 30, 0).unwrap();
        let secret = Secret::new(H::key()).unwrap();
        group.add("totp-rfc", move |step| totp.generate(&secret, step * 30).unwrap());
    }
    #[cfg(not(feature = "totp-rfc"))]
    {
        let totp = totp_rs::<H>(H::key());
        group.add("totp-rs", move |step| totp.generate(step * 30));
        let totp = totp_rs::<H>(H::key());
        group.add("totp-rs, as text", move |step| totp.generate(step * 30).to_string());
        group.add("totp-lite", |step| H::totp_lite(H::key(), step * 30));
        let mut hotp = libreauth::oath::HOTPBuilder::new();
        let hotp = hotp.key(H::key()).hash_function(H::LIBREAUTH).finalize().unwrap();
        group.add("libreauth", move |_| hotp.generate());
        let mac = prepare::<H>(H::key());
        group.add("hmac, prepared", move |counter| prepared(&mac, counter));
        group.add("hmac, naive", |counter| naive::<H>(H::key(), counter));
        group.add("hmac, naive, inlined", |counter| naive_inlined::<H>(H::key(), counter));
        let mut bare = H::bare();
        group.add("two bare compressions", move |_| bare());
    }
    group
}

/// Codes in a chain: no code begins before the last one is known.
fn chain<H: Hash>() -> Group {
    let mut group = Group::new("chain", H::ALGORITHM.name());
    let totp = ours::<H>();
    let other = totp.generate(UnixTime::EPOCH).code();
    group.add_chain("otp-core", move |step| {
        u64::from(totp.generate(UnixTime::from_secs(step * 30)).code() == other)
    });
    let totp = totp_rs::<H>(H::key());
    let other = totp.generate(0);
    group.add_chain("totp-rs", move |step| u64::from(totp.generate(step * 30) == other));
    let mac = prepare::<H>(H::key());
    group.add_chain("hmac, prepared", move |counter| u64::from(prepared(&mac, counter) & 1));
    group.add_chain("hmac, naive", |counter| u64::from(naive::<H>(H::key(), counter) & 1));
    let mut bare = H::bare();
    group.add_chain("two bare compressions", move |_| bare());
    group
}

/// From the key's bytes to one code.
fn built<H: Hash>() -> Group {
    let mut group = Group::new("build", H::ALGORITHM.name());
    group.add("otp-core", |step| ours::<H>().generate(UnixTime::from_secs(step * 30)));
    #[cfg(feature = "totp-rfc")]
    group.add("totp-rfc", |step| {
        use totp_rfc::{Digits, Secret, Totp};
        let totp = Totp::new(H::TOTP_RFC, Digits::new(6).unwrap(), 30, 0).unwrap();
        totp.generate(&Secret::new(H::key()).unwrap(), step * 30).unwrap()
    });
    #[cfg(not(feature = "totp-rfc"))]
    {
        group.add("totp-rs", |step| totp_rs::<H>(H::key()).generate(step * 30));
        group.add("totp-lite", |step| H::totp_lite(H::key(), step * 30));
        group.add("libreauth", |counter| {
            let mut hotp = libreauth::oath::HOTPBuilder::new();
            hotp.key(H::key()).counter(counter).hash_function(H::LIBREAUTH);
            hotp.finalize().unwrap().generate()
        });
        group.add("hmac, naive", |counter| naive::<H>(H::key(), counter));
    }
    group
}
