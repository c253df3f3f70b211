//! Opening a stored key: sealed by a wallet, beside encrypted by passlib.
#![allow(missing_docs, clippy::unwrap_used)]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use otp_context::fill;
use otp_context::wallet::passlib::PasslibWallet;
use otp_context::wallet::{ApplicationSecrets, KeyOwner, Wallet};
use otp_core::Secret;
use otp_uri::OtpKind;

fn open(criterion: &mut Criterion) {
    let secrets =
        || ApplicationSecrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq").unwrap();
    let secret = Secret::new(b"12345678901234567890").unwrap();
    let (kind, owner) = (OtpKind::default(), KeyOwner::new("user-4711", "phone"));

    let wallet = Wallet::new("1".parse().unwrap(), &secrets()).unwrap();
    let sealed = wallet.seal(&secret, kind, owner, fill).unwrap();
    let text = sealed.to_string();
    let passlib = PasslibWallet::new(secrets()).unwrap();
    let encrypted = passlib.seal(&secret, fill).unwrap();

    let mut group = criterion.benchmark_group("open");
    group.bench_function("sealed", |bencher| {
        bencher.iter(|| wallet.unseal(black_box(&sealed), kind, owner).unwrap());
    });
    group.bench_function("sealed-from-text", |bencher| {
        bencher.iter(|| {
            let sealed = black_box(&text).parse().unwrap();
            wallet.unseal(&sealed, kind, owner).unwrap()
        });
    });
    group.sample_size(20);
    group.bench_function("passlib-v1-cost-14", |bencher| {
        bencher.iter(|| passlib.open(black_box(&encrypted)).unwrap());
    });
    group.finish();

    criterion.bench_function("seal", |bencher| {
        bencher.iter(|| wallet.seal(black_box(&secret), kind, owner, fill).unwrap());
    });
    criterion.bench_function("wallet-new", |bencher| {
        let secrets = secrets();
        bencher.iter(|| Wallet::new("1".parse().unwrap(), black_box(&secrets)).unwrap());
    });
}

criterion_group!(benches, open);
criterion_main!(benches);
