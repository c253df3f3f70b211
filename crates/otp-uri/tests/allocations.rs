//! Reading allocates only the values that it returns, and what `url` needs.

#![cfg(test)]
#![cfg(feature = "sha1")]

use core::hint::black_box;

use otp_uri::KeyUri;
use url::Url;

/// URIs without escapes, and the number of values on the heap that reading returns.
const CASES: [(&str, u64); 5] = [
    // A key and an account.
    ("otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 2),
    // The issuer twice, since the parsed URI keeps the issuer in the label.
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
    // The list of findings, and two values that are kept aside.
    ("otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&image=https://a&lock=true", 5),
];

fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| drop(black_box(work()))).count_total
}

#[test]
fn only_values_and_the_parser_allocate() {
    for (text, values) in CASES {
        let parser = allocations(|| Url::parse(text).unwrap());
        assert!(parser > 0);
        assert_eq!(allocations(|| KeyUri::parse(text).unwrap()), values + parser, "{text}");
        assert_eq!(allocations(|| KeyUri::parse_strict(text).is_ok()), values + parser, "{text}");
    }
}

/// A control: the copy of a repaired text is counted.
#[test]
fn control_copy_of_a_repair_is_counted() {
    let (text, values) = CASES[0];
    let escaped = text.replace("alice", "al%69ce");
    let parser = allocations(|| Url::parse(&escaped).unwrap());
    assert_eq!(allocations(|| KeyUri::parse(&escaped).unwrap()), values + parser + 1);
}
