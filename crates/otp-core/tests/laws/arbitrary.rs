//! The laws over arbitrary bytes, which proptest makes here.

use std::fs;

use proptest::prelude::*;
use proptest::sample::select;

use crate::generator::{COUNTERS, KEY_LENGTHS};
use crate::{code_text, codes, keys};

/// Any number, the ends and the steps between integer sizes more often than others.
fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![
        select(&COUNTERS[..]),
        0..20_u64,
        (0..20_u64).prop_map(|less| u64::MAX - less),
        any::<u64>(),
    ]
}

/// Any key, those of a length at which keys are treated differently more often than others.
fn key_bytes() -> impl Strategy<Value = Vec<u8>> {
    let lengths = select(&KEY_LENGTHS[..]);
    prop_oneof![
        lengths.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length)),
        prop::collection::vec(any::<u8>(), 0..300),
    ]
}

/// The seeds of `fuzz`, whose names say why they are kept.
#[test]
fn seeds_keep_the_laws() {
    type Law = fn(&[u8]);
    let laws: [(&str, Law); 3] =
        [("codes", codes::check), ("code_text", code_text::check), ("keys", keys::check)];
    for (name, check) in laws {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus");
        for file in fs::read_dir(format!("{corpus}/{name}/seeds")).unwrap() {
            check(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

proptest! {
    #[test]
    fn codes_agree_with_the_plain_model(
        head: [u8; 6], counter in numbers(), key in key_bytes(),
        period in prop_oneof![Just(1), Just(30), numbers()],
        t0 in prop_oneof![Just(0), numbers()],
    ) {
        let numbers = [counter, period, t0].map(u64::to_be_bytes);
        codes::check(&[&head, numbers.as_flattened(), &key].concat());
    }

    #[test]
    fn typed_codes_are_read_as_by_a_plain_reader(
        format: u8,
        text in prop_oneof!["[0-9]{5,11}", "[0-9 -]{5,15}", "[2-9B-Yb-y -]{5,7}", "\\PC{0,12}"],
    ) {
        code_text::check(&[&[format], text.as_bytes()].concat());
    }

    #[test]
    fn keys_are_read_as_by_a_plain_reader(
        allowed: u8, size in 0..20_u8,
        text in prop_oneof![
            "[A-Z2-7]{0,9}[A-Za-z2-7]{0,9}[A-Za-z2-7018 \t\u{2009}-]{0,9}={0,7}[ =A-]{0,2}",
            "[A-Z2-7]{2,24}[A-Za-z2-708 -]{0,24}={0,9}",
            "([0-9a-fA-F]{2}[ -]?){1,16}",
            "[0-9a-fA-F =\t\u{2009}-]{0,20}[0-9a-fg:x ]{0,3}",
            "\\PC{0,20}",
        ],
    ) {
        keys::check(&[&[allowed, size], text.as_bytes()].concat());
    }

    #[test]
    fn keys_are_written_by_their_bits(key in key_bytes()) {
        keys::check(&[&[0, 0], &key[..]].concat());
    }
}
