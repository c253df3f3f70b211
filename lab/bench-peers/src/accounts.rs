use otp_bulk::Engine;
use otp_core::Hotp;

use crate::Group;
use crate::hash::{Hash, naive, naive_inlined, prepare, prepared};

const ACCOUNTS: u64 = 1024;

/// The codes of many accounts at one time.
pub fn group<H: Hash>() -> Group {
    let mut group = Group::new("1,024 accounts", H::ALGORITHM.name());
    let keys: Vec<Vec<u8>> = (0..ACCOUNTS)
        .map(|account| {
            let mut key = H::key().to_vec();
            key[..8].copy_from_slice(&account.to_be_bytes());
            key
        })
        .collect();
    let hotps = || keys.iter().map(|key| Hotp::new(H::ALGORITHM, key).unwrap()).collect::<Vec<_>>();
    let engines: Vec<_> = Engine::all().collect();
    for engine in engines.into_iter().rev() {
        let hotps = hotps();
        let mut codes = vec![hotps[0].generate(0); hotps.len()];
        group.add_units(&format!("otp-bulk, {}", engine.name()), ACCOUNTS, move |counter| {
            engine.generate(hotps.iter().map(|hotp| (hotp, counter)), |place, code| {
                codes[place] = code;
            });
        });
    }
    let hotps = hotps();
    let mut codes = vec![hotps[0].generate(0); hotps.len()];
    group.add_units("otp-core, one by one", ACCOUNTS, move |counter| {
        for (slot, hotp) in codes.iter_mut().zip(&hotps) {
            *slot = hotp.generate(counter);
        }
    });
    let totps: Vec<_> = keys
        .iter()
        .map(|key| {
            let builder = totp_rs::Builder::new().with_algorithm(H::TOTP_RS);
            builder.with_secret(key.clone()).build().unwrap()
        })
        .collect();
    let mut tokens: Vec<_> = totps.iter().map(|totp| totp.generate(0)).collect();
    group.add_units("totp-rs, one by one", ACCOUNTS, move |step| {
        for (slot, totp) in tokens.iter_mut().zip(&totps) {
            *slot = totp.generate(step * 30);
        }
    });
    let macs: Vec<_> = keys.iter().map(|key| prepare::<H>(key)).collect();
    let mut codes = vec![0; macs.len()];
    group.add_units("hmac, prepared", ACCOUNTS, move |counter| {
        for (slot, mac) in codes.iter_mut().zip(&macs) {
            *slot = prepared(mac, counter);
        }
    });
    let (mut codes, others) = (vec![0; keys.len()], keys.clone());
    group.add_units("hmac, naive, inlined", ACCOUNTS, move |counter| {
        for (slot, key) in codes.iter_mut().zip(&others) {
            *slot = naive_inlined::<H>(key, counter);
        }
    });
    let mut codes = vec![0; keys.len()];
    group.add_units("hmac, naive", ACCOUNTS, move |counter| {
        for (slot, key) in codes.iter_mut().zip(&keys) {
            *slot = naive::<H>(key, counter);
        }
    });
    group.base = group.cases.len() - 1;
    group
}
