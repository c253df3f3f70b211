use otp_bulk::Engine;
use otp_core::{Code, Hotp};

use crate::Group;
use crate::hash::{Hash, naive};

const COUNTERS: u64 = 1_000_000;

/// Two codes in a row, not there, in a million counters.
pub fn resync<H: Hash>() -> Group {
    let mut group = Group::new("resync over 10^6", H::name(), COUNTERS);
    one_by_one(&mut group, "hmac, naive", |counter| naive::<H>(H::key(), counter));
    for engine in Engine::all() {
        let hotp = H::hotp();
        let [first, second] = [1, 3].map(|counter| hotp.generate(counter));
        group.peer(format!("otp-bulk, {}", engine.name()), move |from| {
            let range = from..=from + COUNTERS - 1;
            engine.search(&hotp, second, range).preceded_by(&[first]).next()
        });
    }
    let hotp = H::hotp();
    one_by_one(&mut group, "otp-core, one by one", move |counter| hotp.generate(counter));
    let totp = H::totp_rs(H::key(), 1);
    one_by_one(&mut group, "totp-rs, one by one", move |step| totp.generate(step * 30));
    group
}

fn one_by_one<C: PartialEq + 'static>(
    group: &mut Group,
    name: &str,
    generate: impl Fn(u64) -> C + 'static,
) {
    let [first, second] = [1, 3].map(&generate);
    group.peer(name, move |from| {
        (from..from + COUNTERS)
            .find(|counter| generate(*counter) == second && generate(counter - 1) == first)
    });
}

/// The codes of so many accounts at one time.
pub fn accounts<H: Hash>(count: u64) -> Group {
    let mut group = Group::new(format!("{count} accounts"), H::name(), count);
    let key = |account: u64| [&account.to_be_bytes(), &H::key()[8..]].concat();
    let keys: Vec<_> = (0..count).map(key).collect();
    let hotp = |key: &Vec<u8>| Hotp::new(H::ALGORITHM, key).unwrap();
    let hotps = || keys.iter().map(hotp).collect::<Vec<Hotp>>();
    let totps = keys.iter().map(|key| H::totp_rs(key, 1)).collect();
    each(&mut group, "hmac, naive", keys.clone(), |key, counter| naive::<H>(key, counter));
    for engine in Engine::all() {
        let hotps = hotps();
        let mut codes: Vec<Code> = hotps.iter().map(|hotp| hotp.generate(0)).collect();
        group.peer(format!("otp-bulk, {}", engine.name()), move |counter| {
            engine.generate(hotps.iter().map(|hotp| (hotp, counter)), |place, code| {
                codes[place] = code;
            });
        });
    }
    each(&mut group, "otp-core, one by one", hotps(), |hotp, counter| hotp.generate(counter));
    each(&mut group, "totp-rs, one by one", totps, |totp: &totp_rs::Totp, step| {
        totp.generate(step * 30)
    });
    group
}

fn each<K: 'static, C: 'static>(
    group: &mut Group,
    name: &str,
    keys: Vec<K>,
    generate: impl Fn(&K, u64) -> C + 'static,
) {
    let mut codes: Vec<C> = keys.iter().map(|key| generate(key, 0)).collect();
    group.peer(name, move |counter| {
        for (slot, key) in codes.iter_mut().zip(&keys) {
            *slot = generate(key, counter);
        }
    });
}
