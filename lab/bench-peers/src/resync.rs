use otp_bulk::Engine;
use otp_core::{Code, Hotp};

use crate::Group;
use crate::hash::{Hash, naive, naive_inlined, prepare, prepared};

const COUNTERS: u64 = 1_000_000;

/// Two codes in a row, not there, in a million counters.
pub fn group<H: Hash>() -> Group {
    let mut group = Group::new("resync over 10^6", H::ALGORITHM.name());
    let codes = |hotp: &Hotp| -> [Code; 2] { [hotp.generate(1), hotp.generate(3)] };
    let engines: Vec<_> = Engine::all().collect();
    for engine in engines.into_iter().rev() {
        let hotp = Hotp::new(H::ALGORITHM, H::key()).unwrap();
        let [first, second] = codes(&hotp);
        let name = format!("otp-bulk, {}", engine.name());
        group.add_units(&name, COUNTERS, move |from| {
            let range = from..=from + COUNTERS - 1;
            engine.search(&hotp, second, range).preceded_by(&[first]).next()
        });
    }
    let hotp = Hotp::new(H::ALGORITHM, H::key()).unwrap();
    let [first, second] = codes(&hotp);
    group.add_units("otp-core, one by one", COUNTERS, move |from| {
        (from..from + COUNTERS).find(|counter| {
            hotp.generate(*counter) == second && hotp.generate(counter - 1) == first
        })
    });
    let builder = totp_rs::Builder::new().with_algorithm(H::TOTP_RS);
    let totp = builder.with_secret(H::key().to_vec()).build().unwrap();
    let (first, second) = (totp.generate(30), totp.generate(90));
    group.add_units("totp-rs, one by one", COUNTERS, move |from| {
        (from..from + COUNTERS).find(|step| {
            totp.generate(step * 30) == second && totp.generate((step - 1) * 30) == first
        })
    });
    let mac = prepare::<H>(H::key());
    let values = [1, 3].map(|counter| naive::<H>(H::key(), counter));
    group.add_units("hmac, prepared", COUNTERS, move |from| {
        (from..from + COUNTERS).find(|counter| {
            prepared(&mac, *counter) == values[1] && prepared(&mac, counter - 1) == values[0]
        })
    });
    group.add_units("hmac, naive, inlined", COUNTERS, move |from| {
        (from..from + COUNTERS).find(|counter| {
            naive_inlined::<H>(H::key(), *counter) == values[1]
                && naive_inlined::<H>(H::key(), counter - 1) == values[0]
        })
    });
    group.add_units("hmac, naive", COUNTERS, move |from| {
        (from..from + COUNTERS).find(|counter| {
            naive::<H>(H::key(), *counter) == values[1]
                && naive::<H>(H::key(), counter - 1) == values[0]
        })
    });
    group.base = group.cases.len() - 1;
    group
}
