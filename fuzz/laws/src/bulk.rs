//! Every engine of every width gives the codes that the core gives one by one.
//!
//! Input: algorithm, format, how many counters, and which of their codes is typed: a byte each. The
//! first counter: eight bytes, big endian. The rest is the key; its halves make two more.

use core::ops::RangeInclusive;

use otp_bulk::Engine;
use otp_core::{Algorithm, Code, Hotp};

use crate::bytes::Bytes;
use crate::codes;

type Counters = RangeInclusive<u64>;
/// A key and one of its counters.
type Request<'k> = (&'k Hotp, u64);

/// What an engine does; a control is another in one thing.
#[derive(Clone, Copy)]
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
        engine.generate(requests.iter().copied(), |place, code| codes[place] = Some(code));
        codes
    },
    compare: |engine, requests, typed| {
        let triples = requests.iter().map(|(key, counter)| (*key, *counter, typed));
        let mut right = vec![None; requests.len()];
        engine.compare(triples, |place, equal| right[place] = Some(equal));
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
    let format = codes::format(bytes.byte());
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
    use super::{Counters, ENGINE, Request, Subject, against, check};

    /// Forty counters up to the end of `u64`.
    fn input(algorithm: u8) -> Vec<u8> {
        let first = (u64::MAX - 40).to_be_bytes();
        [&[algorithm, 0, 40, 7][..], &first, b"12345678901234567890"].concat()
    }

    #[test]
    fn the_engines_agree() {
        for algorithm in 0..3 {
            check(&input(algorithm));
        }
        check(b"");
        check(&[0xff; 200]);
    }

    #[test]
    #[should_panic(expected = "other codes of a key")]
    fn an_engine_that_forgets_its_last_counter_does_not() {
        let codes = |engine, hotp: &_, counters: Counters| {
            (ENGINE.codes)(engine, hotp, *counters.start()..=*counters.end() - 1)
        };
        against(&input(0), &Subject { codes, ..ENGINE });
    }

    #[test]
    #[should_panic(expected = "found elsewhere")]
    fn an_engine_that_finds_the_counter_before_does_not() {
        let search = |engine, hotp: &_, typed, counters| {
            let found = (ENGINE.search)(engine, hotp, typed, counters);
            found.iter().map(|counter| counter - 1).collect()
        };
        against(&input(0), &Subject { search, ..ENGINE });
    }

    #[test]
    #[should_panic(expected = "other codes of keys")]
    fn an_engine_that_mixes_up_its_lanes_does_not() {
        let generate = |engine, requests: &[Request<'_>]| {
            let mut codes = (ENGINE.generate)(engine, requests);
            codes.reverse();
            codes
        };
        against(&input(0), &Subject { generate, ..ENGINE });
    }

    #[test]
    #[should_panic(expected = "compared otherwise")]
    fn an_engine_that_leaves_its_last_lane_out_does_not() {
        let compare = |engine, requests: &[Request<'_>], typed| {
            let mut right = (ENGINE.compare)(engine, requests, typed);
            right.pop();
            right.push(None);
            right
        };
        against(&input(0), &Subject { compare, ..ENGINE });
    }
}
