//! Reading asks for memory for the values it gives, and for nothing else but what `url` needs.
#![cfg(feature = "sha1")]
#![allow(missing_docs, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use core::hint::black_box;

use otp_uri::KeyUri;
use url::Url;

/// A URI without escapes, and how many values on the heap its reading owns.
const CASES: [(&str, u64); 5] = [
    // A key and an account.
    ("otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 2),
    // The issuer twice, since the parsed URI keeps what the label said.
    ("otpauth://totp/Example:alice@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 4),
    (
        "otpauth://totp/Example:alice@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Example&algorithm=SHA1&digits=6&period=30",
        4,
    ),
    (
        "otpauth://hotp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Example&algorithm=SHA1&digits=8&counter=7",
        3,
    ),
    // A finding, the list of them, and two values kept aside.
    ("otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&image=https://a&lock=true", 5),
];

fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| drop(black_box(work()))).count_total
}

#[test]
fn only_values_and_the_parser_ask_for_memory() {
    for (text, values) in CASES {
        let parser = allocations(|| Url::parse(text).unwrap());
        assert!(parser > 0);
        assert_eq!(allocations(|| KeyUri::parse(text).unwrap()), values + parser, "{text}");
        assert_eq!(allocations(|| KeyUri::parse_strict(text).is_ok()), values + parser, "{text}");
    }
}

/// A control: what must be copied to be put right is counted.
#[test]
fn putting_right_costs_a_copy() {
    let (text, values) = CASES[0];
    let escaped = text.replace("alice", "al%69ce");
    let parser = allocations(|| Url::parse(&escaped).unwrap());
    assert_eq!(allocations(|| KeyUri::parse(&escaped).unwrap()), values + parser + 1);
}
