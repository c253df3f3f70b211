//! Every engine of every width gives the codes that the core gives one by one.
//!
//! Input: algorithm, format, how many counters, and which of their codes is searched for: a byte each. The
//! first counter: eight bytes, big endian. The rest is the key; its halves make two more.

use core::ops::RangeInclusive;

use otp_bulk::Engine;
use otp_core::{Algorithm, Code, CodeFormat, Digits, Hotp};

use crate::bytes::Bytes;

type Counters = RangeInclusive<u64>;
/// A key, one of its counters, and a typed code.
type Triple<'k> = (&'k Hotp, u64, Code);

/// What an engine does; a control is another in one thing.
struct Subject {
    codes: fn(Engine, &Hotp, Counters) -> Vec<(u64, Code)>,
    search: fn(Engine, &Hotp, Code, Counters) -> Vec<u64>,
    generate: fn(Engine, &[Triple<'_>]) -> Vec<Option<Code>>,
    compare: fn(Engine, &[Triple<'_>]) -> Vec<Option<bool>>,
}

const ENGINE: Subject = Subject {
    codes: |engine, hotp, counters| engine.codes(hotp, counters).collect(),
    search: |engine, hotp, typed, counters| engine.search(hotp, typed, counters).collect(),
    generate: |engine, triples| {
        let mut codes = vec![None; triples.len()];
        let requests = triples.iter().map(|(key, counter, _)| (*key, *counter));
        engine.generate(requests, |place, code| {
            assert!(codes[place].replace(code).is_none(), "answered twice");
        });
        codes
    },
    compare: |engine, triples| {
        let mut right = vec![None; triples.len()];
        engine.compare(triples.iter().copied(), |place, equal| {
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
    let keys = [
        (algorithm, key, format),
        (other, halves.0, CodeFormat::default()),
        (algorithm, halves.1, CodeFormat::Steam),
    ];
    let key = |(it, key, format)| Some(Hotp::new(it, key).ok()?.with_format(format));
    let keys: Vec<Hotp> = keys.into_iter().filter_map(key).collect();
    let mut triples = Vec::new();
    for (place, (counter, key)) in counters.clone().zip(keys.iter().cycle()).enumerate() {
        // Every fourth code is that of another counter.
        let typed = key.generate(counter ^ u64::from(place % 4 == 3));
        triples.push((key, counter, typed));
    }
    let codes: Vec<_> = triples.iter().map(|(key, it, _)| Some(key.generate(*it))).collect();
    let right = codes.iter().zip(&triples).map(|(code, (.., typed))| Some(*code == Some(*typed)));
    let right: Vec<_> = right.collect();
    for engine in Engine::all() {
        let found = (subject.codes)(engine, &hotp, counters.clone());
        assert_eq!(found, plain, "{engine:?}: other codes of a key");
        let found = (subject.search)(engine, &hotp, typed, counters.clone());
        assert_eq!(found, places, "{engine:?}: found elsewhere");
        let found = (subject.generate)(engine, &triples);
        assert_eq!(found, codes, "{engine:?}: other codes of keys");
        let found = (subject.compare)(engine, &triples);
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
            mixes_up_its_lanes.generate = |engine, triples| {
                let codes = (ENGINE.generate)(engine, triples);
                codes.into_iter().rev().collect()
            };
        });
        is_noticed("compared otherwise", |leaves_its_last_lane_out| {
            leaves_its_last_lane_out.compare = |engine, triples| {
                let mut right = (ENGINE.compare)(engine, triples);
                right.pop();
                right.into_iter().chain([None]).collect()
            };
        });
        is_noticed("compared otherwise", |compares_with_one_code| {
            compares_with_one_code.compare = |engine, triples| {
                let typed = triples[0].2;
                let triples: Vec<_> = triples.iter().map(|it| (it.0, it.1, typed)).collect();
                (ENGINE.compare)(engine, &triples)
            };
        });
    }
}
