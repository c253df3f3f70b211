//! The laws of fuzzing that are about this crate, and their controls: on kept seeds, on seeds with a byte
//! changed, and on random bytes.
#![cfg(test)]
#![allow(unreachable_pub, clippy::std_instead_of_core, clippy::std_instead_of_alloc)]
#![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

#[path = "../../../fuzz/laws/src/bytes.rs"]
mod bytes;
#[path = "../../../fuzz/laws/src/control.rs"]
mod control;
#[path = "../../../fuzz/laws/src/errors.rs"]
mod errors;
#[path = "../../../fuzz/laws/src/limits.rs"]
mod limits;
#[cfg(feature = "passlib")]
#[path = "../../../fuzz/laws/src/passlib_keys.rs"]
mod passlib_keys;
#[path = "../../../fuzz/laws/src/recovery.rs"]
mod recovery;
#[path = "../../../fuzz/laws/src/sealed.rs"]
mod sealed;
#[path = "../../../fuzz/laws/src/throttle.rs"]
mod throttle;
#[path = "../../../fuzz/laws/src/tracker.rs"]
mod tracker;
#[path = "../../../fuzz/laws/src/verdict.rs"]
mod verdict;

use std::fs;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

fn keeps(name: &str, law: fn(&[u8])) {
    let files = fs::read_dir(limits::seeds(name)).unwrap();
    let seeds: Vec<_> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    seeds.iter().for_each(|seed| law(seed));

    let damaged = (select(seeds), any::<(Index, u8)>()).prop_map(|(mut seed, (place, byte))| {
        if !seed.is_empty() {
            let place = place.index(seed.len());
            seed[place] = byte;
        }
        seed
    });
    let inputs = prop_oneof![damaged, prop::collection::vec(any::<u8>(), 0..300)];
    let config = Config { cases: 1000, failure_persistence: None, ..Config::default() };
    let kept = TestRunner::new(config).run(&inputs, |input| {
        law(&input);
        Ok(())
    });
    kept.unwrap();
}

#[cfg(feature = "passlib")]
#[test]
fn keys_that_passlib_encrypted() {
    keeps("passlib_keys", passlib_keys::check);
}

#[test]
fn recovery_codes() {
    keeps("recovery", recovery::check);
}

#[test]
fn recovery_codes_of_each_character_and_length() {
    let is_read = |text: String| recovery::check(format!("\0{text}").as_bytes());
    // Full-width and Arabic-Indic digits, and letters that only Unicode makes upper case, too.
    let characters = (0..=0x24f).filter_map(char::from_u32);
    for character in
        characters.chain("\u{2009}７٣ſı\u{212a}".chars()).chain('\u{2010}'..='\u{2016}')
    {
        is_read(character.to_string().repeat(16));
        is_read(format!("7K3M{character}9QXA{character}0T5V{character}WHZ1"));
    }
    for length in 0..=130 {
        is_read("7".repeat(length));
        is_read("!".repeat(length));
        is_read(format!("{}{}", " ".repeat(length), "7".repeat(16)));
    }
}

#[test]
fn sealed_keys() {
    keeps("sealed", sealed::check);
}

/// A sealed key with its tag, nonce, check value, ciphertext and authentication tag.
#[test]
fn every_bit_and_every_length_of_a_sealed_key() {
    for place in 0..160 {
        for what in 0..5 {
            let bits = if what == 0 { 7 } else { 2 };
            for by in (0..bits).map(|bit| 1 << bit) {
                sealed::check(&[&[1, what, place, by], &[7; 24][..], &[7; 20]].concat());
            }
        }
    }
}

#[test]
fn throttles() {
    keeps("throttle", throttle::check);
}

#[test]
fn trackers() {
    keeps("tracker", tracker::check);
}
