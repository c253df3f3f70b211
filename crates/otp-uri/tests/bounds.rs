//! The memory that the largest inputs cost: the README has these bounds.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects)]

use core::hint::black_box;

use otp_uri::{KeyUri, MAX_LENGTH};

/// The most bytes at a time, while a URI is read and afterwards.
const PEAK: u64 = 96 * 1024;
/// The most allocations for a URI.
const COUNT: u64 = 64;

/// Extends a URI to the longest length.
fn longest(head: &str, part: &str, tail: &str) -> String {
    let count = (MAX_LENGTH - head.len() - tail.len()) / part.len();
    format!("{head}{}{tail}", part.repeat(count))
}

fn largest() -> Vec<(&'static str, String)> {
    let key = "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";
    vec![
        ("account", longest("otpauth://totp/", "a", key)),
        ("raw account", longest("otpauth://totp/", "\u{7f}", key)),
        ("escaped account", longest("otpauth://totp/", "%41", key)),
        ("not UTF-8", longest("otpauth://totp/", "%FF", key)),
        ("issuer and prefix", longest("otpauth://totp/", "é", &format!(":b{key}&issuer=é"))),
        ("issuer", longest(&format!("otpauth://totp/bob{key}&issuer="), "é", "")),
        ("dots", longest("otpauth://totp/", "./", key)),
        ("secret", longest("otpauth://totp/bob?secret=", "GEZDGNBV", "")),
        ("secret with spaces", longest("otpauth://totp/bob?secret=", "G ", "")),
        ("parameters", longest(&format!("otpauth://totp/bob{key}"), "&a=", "")),
        ("escaped parameters", longest(&format!("otpauth://totp/bob{key}"), "&%41=", "")),
        ("known parameters", longest(&format!("otpauth://totp/bob{key}"), "&lock=%41", "")),
        ("image", longest(&format!("otpauth://totp/bob{key}&image="), "é", "")),
        ("number", longest(&format!("otpauth://totp/bob{key}&period="), "0", "1")),
        ("line breaks", longest("otpauth://totp/bob", "\n", key)),
        ("ampersands", longest(&format!("otpauth://totp/bob{key}"), "&", "")),
        ("fragment", longest(&format!("otpauth://totp/bob{key}#"), "é", "")),
        ("steam", longest("steam://", "GEZDGNBV", "")),
    ]
}

#[test]
fn largest_uris_are_read_in_bounded_memory() {
    for (name, text) in largest() {
        assert!(text.len() > MAX_LENGTH - 16 && text.len() <= MAX_LENGTH);
        let cost = allocation_counter::measure(|| drop(black_box(KeyUri::parse(&text))));
        println!("{name}: {} allocations, {} bytes", cost.count_total, cost.bytes_max);
        // Names with escapes are decoded one by one.
        let count = if name.starts_with("escaped parameters") || name.starts_with("known") {
            4096
        } else {
            COUNT
        };
        assert!(cost.count_total <= count, "{name}: {} allocations", cost.count_total);
        assert!(cost.bytes_max <= PEAK, "{name}: {} bytes", cost.bytes_max);
        assert_eq!(cost.bytes_current, 0);
    }
}

/// A control: the counter notices a reader that copies too much.
#[test]
fn control_costs_are_noticed() {
    let text = "a".repeat(MAX_LENGTH);
    let cost = allocation_counter::measure(|| drop(black_box(vec![text.clone(); 16])));
    assert!(cost.bytes_max > PEAK);
}

#[test]
fn too_long_text_costs_no_memory() {
    let text = "otpauth://totp/bob?secret=GEZDGNBV".repeat(100_000);
    let cost = allocation_counter::measure(|| drop(black_box(KeyUri::parse(&text))));
    assert_eq!(cost.count_total, 0);
}

#[cfg(feature = "migration")]
mod export {
    use super::*;
    use otp_uri::migration::Page;

    /// The most bytes at a time for a page and a single account of it.
    const PEAK: u64 = 256 * 1024;

    #[test]
    fn largest_pages_are_read_in_bounded_memory() {
        // The most accounts, the longest accounts, and Base64 that is damaged everywhere.
        let key = "CiYKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgVzZXZlbhoBWSABKAEwAhAB";
        let head = "otpauth-migration://offline?data=";
        for (name, text) in [
            ("empty accounts", longest(head, "CgAKAAoA", "")),
            ("accounts", longest(head, key, "")),
            ("spaces", longest(head, " ", "A")),
            ("escapes", longest(head, "%43", "")),
            ("one account", {
                let payload = [&[0x0a, 0xde, 0x2f, 0x12, 0xdb, 0x2f][..], &[0xff; 6107]].concat();
                format!("{head}{}", data_encoding::BASE64_NOPAD.encode(&payload))
            }),
            ("one account with a key", {
                let mut payload = vec![0x0a, 0xdb, 0x2f, 0x0a, 0x01, 0x6b, 0x12, 0xd5, 0x2f];
                payload.extend([0xff; 6101]);
                format!("{head}{}", data_encoding::BASE64_NOPAD.encode(&payload))
            }),
        ] {
            assert!(
                text.len() <= MAX_LENGTH && text.len() > MAX_LENGTH - 64,
                "{name} {}",
                text.len()
            );
            let cost = allocation_counter::measure(|| {
                if let Ok(page) = Page::parse(&text) {
                    page.accounts().for_each(|account| drop(black_box(account)));
                }
            });
            println!("{name}: {} allocations, {} bytes", cost.count_total, cost.bytes_max);
            assert!(cost.bytes_max <= PEAK, "{name}: {} bytes", cost.bytes_max);
            assert!(cost.count_total <= 8192, "{name}: {} allocations", cost.count_total);
            assert_eq!(cost.bytes_current, 0);
        }
    }
}
