//! Every engine of every width gives the codes that the core gives one by one.
//!
//! Input: algorithm, format, how many counters, and which of their codes is typed: a byte each. The
//! first counter: eight bytes, big endian. The rest is the key; its halves make two more.

use core::ops::RangeInclusive;

use otp_bulk::Engine;
use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp};

use crate::bytes::Bytes;

type Counters = RangeInclusive<u64>;
/// A key and one of its counters.
type Request<'k> = (&'k Hotp, u64);

/// What an engine does; a control is another in one thing.
struct Subject {
    codes: fn(Engine, &Hotp, Counters) -> Vec<(u64, Code)>,
    search: fn(Engine, &Hotp, Code, Counters) -> Vec<u64>,
    generate: fn(Engine, &[Request<'_>]) -> Vec<Option<Code>>,
    compare: fn(Engine, &[Request<'_>], Code) -> Vec<Option<bool>>,
}

const ENGINE: Subject = Subject {
    codes: |engine, hotp, counters| engine.codes(hotp, counters).collect(),
    search: |engine, hotp, typed, counters| engine.search(hotp, typed, counters).collect(),
    generate: |engine, requests| {
        let mut codes = vec![None; requests.len()];
        engine.generate(requests.iter().copied(), |place, code| {
            assert!(codes[place].replace(code).is_none(), "answered twice");
        });
        codes
    },
    compare: |engine, requests, typed| {
        let triples = requests.iter().map(|(key, counter)| (*key, *counter, typed));
        let mut right = vec![None; requests.len()];
        engine.compare(triples, |place, equal| {
            assert!(right[place].replace(equal).is_none(), "answered twice");
        });
        right
    },
};

/// The law.
pub fn check(data: &[u8]) {
    against(data, &ENGINE);
}

fn against(data: &[u8], subject: &Subject) {
    let mut bytes = Bytes(data);
    let algorithm = Algorithm::ALL[usize::from(bytes.byte() % 3)];
    let format = Digits::new(6 + bytes.byte() % 6).map_or(CodeFormat::Steam, CodeFormat::Decimal);
    let (count, typed) = (bytes.byte(), bytes.byte());
    let first = bytes.number();
    let key = bytes.rest();
    let halves = key.split_at(key.len() / 2);
    let Ok(hotp) = Hotp::new(algorithm, key) else { return };
    let hotp = hotp.with_format(format);

    let counters = first..=first.saturating_add(count.into());
    let plain: Vec<_> = counters.clone().map(|counter| (counter, hotp.generate(counter))).collect();
    let typed = plain[usize::from(typed) % plain.len()].1;
    let places: Vec<_> =
        plain.iter().filter(|(_, code)| *code == typed).map(|(counter, _)| *counter).collect();

    let other = Algorithm::ALL[usize::from(count % 3)];
    let keys = [(algorithm, key), (other, halves.0), (algorithm, halves.1)];
    let keys: Vec<_> = keys.iter().filter_map(|(it, key)| Hotp::new(*it, key).ok()).collect();
    let requests = plain.iter().zip(keys.iter().cycle()).map(|((it, _), key)| (key, *it));
    let requests: Vec<_> = requests.collect();
    let single: Vec<_> = requests.iter().map(|(key, counter)| key.generate(*counter)).collect();
    let codes: Vec<_> = single.iter().copied().map(Some).collect();
    let right: Vec<_> = single.iter().map(|code| Some(*code == typed)).collect();
    for engine in Engine::all() {
        let found = (subject.codes)(engine, &hotp, counters.clone());
        assert_eq!(found, plain, "{engine:?}: other codes of a key");
        let found = (subject.search)(engine, &hotp, typed, counters.clone());
        assert_eq!(found, places, "{engine:?}: found elsewhere");
        let found = (subject.generate)(engine, &requests);
        assert_eq!(found, codes, "{engine:?}: other codes of keys");
        let found = (subject.compare)(engine, &requests, typed);
        assert_eq!(found, right, "{engine:?}: compared otherwise");
    }
}

#[cfg(test)]
mod tests {
    use super::{ENGINE, Subject, against};
    use crate::control::notices;
    use otp_core::{Algorithm, Hotp};

    /// Forty counters up to the end of `u64`.
    fn input(algorithm: u8) -> Vec<u8> {
        let first = (u64::MAX - 40).to_be_bytes();
        [&[algorithm, 0, 40, 7][..], &first, b"12345678901234567890"].concat()
    }

    #[test]
    fn engine_with_one_flaw_does_not() {
        let is_noticed = |words, flaw: fn(&mut Subject)| {
            let mut engine = ENGINE;
            flaw(&mut engine);
            notices(words, || against(&input(0), &engine));
        };
        is_noticed("other codes of a key", |has_another_key| {
            has_another_key.codes = |engine, _, counters| {
                let another = Hotp::new(Algorithm::Sha1, b"another").unwrap();
                (ENGINE.codes)(engine, &another, counters)
            };
        });
        is_noticed("found elsewhere", |finds_the_counter_before| {
            finds_the_counter_before.search = |engine, hotp, typed, counters| {
                let found = (ENGINE.search)(engine, hotp, typed, counters);
                found.iter().map(|counter| counter - 1).collect()
            };
        });
        is_noticed("other codes of keys", |mixes_up_its_lanes| {
            mixes_up_its_lanes.generate = |engine, requests| {
                let codes = (ENGINE.generate)(engine, requests);
                codes.into_iter().rev().collect()
            };
        });
        is_noticed("compared otherwise", |leaves_its_last_lane_out| {
            leaves_its_last_lane_out.compare = |engine, requests, typed| {
                let mut right = (ENGINE.compare)(engine, requests, typed);
                right.pop();
                right.into_iter().chain([None]).collect()
            };
        });
    }
}
