//! Codes are computed and searched without a heap.

#![cfg(test)]

use allocation_counter::measure;
use otp_bulk::Engine;
use otp_core::{Algorithm, Hotp};

/// A control: a string is one allocation.
#[test]
fn control_allocation_of_a_string_is_counted() {
    let count = measure(|| drop(core::hint::black_box(String::from("123456")))).count_total;
    assert_eq!(count, 1);
}

#[test]
fn no_engine_needs_a_heap() {
    let hotps: Vec<_> = (0..100_u8)
        .zip(Algorithm::ALL.iter().cycle())
        .map(|(number, algorithm)| Hotp::new(*algorithm, &[number]).unwrap())
        .collect();
    for engine in Engine::all() {
        let count = measure(|| {
            let mut equal = 0;
            for hotp in hotps.iter().take(3) {
                let (_, last) = engine.codes(hotp, 0..=99).last().unwrap();
                assert_eq!(engine.search(hotp, last, 50..=99).last(), Some(99));
            }
            let triples = || hotps.iter().map(|hotp| (hotp, 7, hotp.generate(7)));
            engine.compare(triples(), |_, right| equal += usize::from(right));
            assert_eq!(equal, hotps.len());
            engine.generate(triples().map(|(hotp, counter, _)| (hotp, counter)), |_, _| ());
        });
        assert_eq!(count.count_total, 0, "{engine:?}");
    }
}
