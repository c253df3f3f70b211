//! The time of a code with each engine of this machine, and one by one with otp-core.

#![allow(missing_docs, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use core::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use otp_bulk::Engine;
use otp_core::{Algorithm, Hotp};

const CODES: u64 = 1024;

fn all(criterion: &mut Criterion) {
    for algorithm in Algorithm::ALL {
        let hotps: Vec<_> = (0..CODES)
            .map(|number| Hotp::new(*algorithm, &number.to_be_bytes()).unwrap())
            .collect();
        let Some(hotp) = hotps.first() else { return };
        // The code of a counter outside of the range.
        let code = hotp.generate(u64::MAX);

        let mut group = criterion.benchmark_group(format!("{CODES} codes/{algorithm}"));
        group.throughput(Throughput::Elements(CODES));
        let mut measure = |name: &str, work: &dyn Fn()| {
            group.bench_function(name, |bencher| bencher.iter(work));
        };
        let requests = || hotps.iter().zip(black_box(CODES)..);
        for engine in Engine::all() {
            let name = engine.name();
            measure(&format!("search, {name}"), &|| {
                black_box(engine.search(hotp, code, 1..=black_box(CODES)).count());
            });
            measure(&format!("codes, {name}"), &|| {
                engine.codes(hotp, 1..=black_box(CODES)).for_each(|code| {
                    black_box(code);
                });
            });
            measure(&format!("keys, {name}"), &|| {
                engine.generate(requests(), |place, code| {
                    black_box((place, code));
                });
            });
            measure(&format!("triples, {name}"), &|| {
                let triples = requests().map(|(hotp, counter)| (hotp, counter, code));
                engine.compare(triples, |place, equal| {
                    black_box((place, equal));
                });
            });
        }
        measure("one by one", &|| {
            (1..=black_box(CODES)).for_each(|counter| {
                black_box(hotp.generate(counter));
            });
        });
        group.finish();
    }
}

criterion_group!(engines, all);
criterion_main!(engines);
