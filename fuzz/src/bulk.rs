//! Every engine of every width gives the codes that the core gives one by one.
//!
//! Input: algorithm, format, how many counters, and which of their codes is typed: a byte each. The
//! first counter: eight bytes, big endian. The rest is the key; its halves make two more.

use otp_bulk::Engine;
use otp_core::{Algorithm, Code, Hotp};

use crate::bytes::Bytes;
use crate::codes;

/// How the codes of counters come out of an engine.
type Run = fn(Engine, &Hotp, core::ops::RangeInclusive<u64>) -> Vec<(u64, Code)>;

/// The law.
pub fn check(data: &[u8]) {
    against(data, |engine, hotp, counters| engine.codes(hotp, counters).collect());
}

fn against(data: &[u8], run: Run) {
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
    for engine in Engine::all() {
        assert_eq!(run(engine, &hotp, counters.clone()), plain, "{engine:?}");
        let found: Vec<_> = engine.search(&hotp, typed, counters.clone()).collect();
        assert_eq!(found, places, "{engine:?}");

        let requests = plain.iter().zip(keys.iter().cycle()).map(|((it, _), key)| (key, *it));
        let requests: Vec<_> = requests.collect();
        let mut codes = vec![None; requests.len()];
        engine.generate(requests.iter().copied(), |place, code| codes[place] = Some(code));
        let triples = requests.iter().map(|(key, counter)| (*key, *counter, typed));
        let mut right = vec![None; requests.len()];
        engine.compare(triples, |place, equal| right[place] = Some(equal));
        for (place, (key, counter)) in requests.iter().enumerate() {
            let code = key.generate(*counter);
            assert_eq!(codes[place], Some(code), "{engine:?}");
            assert_eq!(right[place], Some(code == typed), "{engine:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{against, check};

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
    #[should_panic(expected = "assertion")]
    fn an_engine_that_forgets_its_last_counter_does_not() {
        against(&input(0), |engine, hotp, counters| {
            engine.codes(hotp, *counters.start()..=*counters.end() - 1).collect()
        });
    }
}
