//! What a code costs, beside `hmac` used as it comes and `hmac` with a prepared key.

#![allow(clippy::arithmetic_side_effects, clippy::disallowed_types)]
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use core::hint::black_box;

use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use otp_core::{Algorithm, Hotp, Totp, UnixTime, Window};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

const KEY: [u8; 64] = *b"1234567890123456789012345678901234567890123456789012345678901234";

/// The code of a finished MAC, as a number of six digits.
fn code(mac: &[u8]) -> u32 {
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
    (word & 0x7fff_ffff) % 1_000_000
}

fn naive<M: Mac + KeyInit>(key: &[u8], counter: u64) -> u32 {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(&counter.to_be_bytes());
    code(&mac.finalize().into_bytes())
}

fn cloned<M: Mac + Clone>(prepared: &M, counter: u64) -> u32 {
    let mut mac = prepared.clone();
    mac.update(&counter.to_be_bytes());
    code(&mac.finalize().into_bytes())
}

fn generate<M: Mac + KeyInit + Clone>(criterion: &mut Criterion, algorithm: Algorithm) {
    let key = &KEY[..algorithm.output_size()];
    let prepared = <M as KeyInit>::new_from_slice(key).unwrap();
    let hotp = Hotp::new(algorithm, key).unwrap();

    let mut group = criterion.benchmark_group(format!("generate/{algorithm}"));
    each(&mut group, "naive", |counter| naive::<M>(black_box(key), counter));
    each(&mut group, "cloned", |counter| cloned(&prepared, counter));
    each(&mut group, "kept", |counter| hotp.generate(counter));
    each(&mut group, "kept, as text", |counter| hotp.generate(counter).text());
    each(&mut group, "built", |counter| {
        Hotp::new(algorithm, black_box(key)).unwrap().generate(counter)
    });
    group.finish();
}

fn verify<M: Mac + KeyInit + Clone>(criterion: &mut Criterion, algorithm: Algorithm) {
    let key = &KEY[..algorithm.output_size()];
    let prepared = <M as KeyInit>::new_from_slice(key).unwrap();
    let totp = Totp::new(algorithm, key).unwrap();
    // A code that is wrong for so many steps that it can be taken as always wrong.
    let wrong = totp.hotp().generate(1 << 60);
    let value: u32 = wrong.text().as_str().parse().unwrap();

    let mut group = criterion.benchmark_group(format!("verify a wrong code/{algorithm}"));
    each(&mut group, "naive, early exit", |counter| {
        (counter..=counter + 2).find(|counter| naive::<M>(black_box(key), *counter) == value)
    });
    each(&mut group, "cloned, early exit", |counter| {
        (counter..=counter + 2).find(|counter| cloned(&prepared, *counter) == value)
    });
    each(&mut group, "kept, one step", |counter| {
        totp.verify(wrong, UnixTime::from_secs(counter * 30), Window::ZERO, 0)
    });
    each(&mut group, "kept, three steps", |counter| {
        totp.verify(wrong, UnixTime::from_secs(counter * 30), Window::ONE, 0)
    });
    each(&mut group, "kept, 21 steps", |counter| {
        totp.verify(wrong, UnixTime::from_secs(counter * 30), Window::new(10, 10), 0)
    });
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let totp = Totp::new(Algorithm::Sha1, &KEY).unwrap();
    let mut group = criterion.benchmark_group("parse");
    group.bench_function("plain", |bencher| bencher.iter(|| totp.parse(black_box("123456"))));
    group.bench_function("spaced", |bencher| bencher.iter(|| totp.parse(black_box("123 456"))));
    group.finish();
}

/// Measures a function of a counter that is another one each time.
fn each<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut work: impl FnMut(u64) -> T) {
    let mut counter = 50_000_000;
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            counter += 1;
            work(black_box(counter))
        });
    });
}

fn all(criterion: &mut Criterion) {
    generate::<Hmac<Sha1>>(criterion, Algorithm::Sha1);
    generate::<Hmac<Sha256>>(criterion, Algorithm::Sha256);
    generate::<Hmac<Sha512>>(criterion, Algorithm::Sha512);
    verify::<Hmac<Sha1>>(criterion, Algorithm::Sha1);
    verify::<Hmac<Sha256>>(criterion, Algorithm::Sha256);
    verify::<Hmac<Sha512>>(criterion, Algorithm::Sha512);
    parse(criterion);
}

criterion_group!(code_cost, all);
criterion_main!(code_cost);
